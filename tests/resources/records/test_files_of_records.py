"""Attachments, photos and other files of records, and of many records at once."""

import asyncio
import datetime as dt
import io
import os

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm._protocol import Response
from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    ScopeError,
    ServerError,
    TooLargeError,
)
from aiozcrm.testing import Clock, FakeZoho, Fault

MIB = 1024 * 1024
PNG = b"\x89PNG and so on"


@pytest.fixture
async def crm(fake, quick):
    """A client of the local Zoho."""
    async with ZohoCRM(fake.credentials(), retries=quick) as client:
        yield client


@pytest.fixture
def lead(fake):
    """The id of a lead."""
    return fake.records("Leads").add(Last_Name="Halden")


@pytest.fixture
def attachments(crm, lead):
    """The attachments of that lead."""
    return crm.records("Leads").attachments(lead)


def posts(fake):
    """Return how often something was uploaded."""
    return sum(
        method == "POST" and path.endswith("Attachments") for method, path in fake.stats.requests
    )


def names_in(folder):
    """Return the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_a_file_is_attached_listed_downloaded_and_deleted(attachments, fake, tmp_path):
    """All that can be done with it."""
    (tmp_path / "offer.pdf").write_bytes(b"%PDF-offer")
    made = await attachments.upload(tmp_path / "offer.pdf")
    other = await attachments.upload(io.BytesIO(b"x"), name="x.txt")
    link = await attachments.create(attachment_url="https://example.org/a.pdf", title="Prices")

    rows = await attachments.list()
    assert [link.id, other.id, made.id] == [row["id"] for row in rows]
    assert ["Prices", "x.txt", "offer.pdf"] == [row["File_Name"] for row in rows]
    assert [None, "1", "10"] == [row["Size"] for row in rows]
    assert "https://example.org/a.pdf" == rows[0]["$link_url"]
    some = await attachments.list(fields=["File_Name"], ids=[made.id])
    assert [{"File_Name": "offer.pdf", "id": made.id}] == list(some)
    assert tmp_path / "copy" == await attachments.download(made.id, tmp_path / "copy")
    assert b"%PDF-offer" == (tmp_path / "copy").read_bytes()
    async with attachments.download(int(made.id)) as file:
        assert "offer.pdf" == file.name
    with pytest.raises(NotAllowedError):
        await attachments.download(link.id, tmp_path / "link")
    assert "deleted" == (await attachments.delete(made.id)).status
    with pytest.raises(NotFoundError):
        await attachments.download(made.id, tmp_path / "gone")
    report = await attachments.delete_many([other.id, link.id, made.id])
    assert {"deleted": 2, "not_found": 1} == report.counts
    assert [] == await attachments.list()
    assert {"offer.pdf", "copy"} == names_in(tmp_path)


async def test_a_list_of_attachments_has_pages(attachments, fake, lead):
    """However many there are, all come."""
    ids = [fake.attachments.add(lead, f"{number}.txt") for number in range(401)]

    assert ids[::-1] == [row["id"] for row in await attachments.list()]


async def test_attachments_of_what_is_not_there_are_not_found(crm, tmp_path):
    """Neither of an unknown record nor of an unknown module."""
    attachments = crm.records("Leads").attachments("4150868999999999999")
    with pytest.raises(NotFoundError):
        await attachments.upload(b"x", name="x")
    with pytest.raises(NotFoundError):
        await attachments.list()
    with pytest.raises(InvalidDataError):  # it is not the attachment that is unknown
        await attachments.download("7", tmp_path / "a")


async def test_an_attachment_that_is_too_large_is_not_sent(attachments, fake, tmp_path):
    """100 MB with all that goes with it; a sparse file takes no room."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(100 * MIB)
    with pytest.raises(InvalidInputError, match="at most 100 MB"):
        await attachments.upload(tmp_path / "large")

    assert [] == list(fake.stats.requests)


@pytest.mark.parametrize(
    ("url", "title"), [("", None), ("x" * 3001, None), ("https://a", ""), ("https://a", "x" * 256)]
)
async def test_a_link_that_cannot_be_is_not_sent(attachments, fake, url, title):
    """Too long or empty."""
    with pytest.raises(InvalidInputError):
        await attachments.create(attachment_url=url, title=title)

    assert [] == list(fake.stats.requests)


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.SERVER_ERROR_AFTER, Fault.NOT_JSON])
async def test_an_upload_whose_answer_is_lost_is_found(attachments, fake, fault):
    """It is never sent twice; the list tells its id."""
    await attachments.upload(b"x", name="x.txt")
    fake.faults.script(fault, fault)
    second = await attachments.upload(b"x", name="x.txt")
    third = await attachments.create(attachment_url="https://example.org/a")

    assert fake.attachments.ids[1:] == [second.id, third.id]
    assert ("created", "created") == (second.status, third.status)
    assert 3 == posts(fake)


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.SERVER_ERROR_BEFORE])
async def test_an_upload_that_has_not_arrived_stays_in_doubt(attachments, fake, fault):
    """It may still arrive. One that is like it, but made before, is not taken for it."""
    await attachments.upload(b"x", name="x.txt")
    fake.faults.script(fault)
    with pytest.raises((ConnectionLostError, ServerError)) as caught:
        await attachments.upload(b"x", name="x.txt")

    assert caught.value.maybe_done
    assert "Look at the attachments" in str(caught.value)
    assert 2 == posts(fake)
    assert 1 == len(fake.attachments.ids)


async def test_an_older_attachment_is_never_taken_for_a_lost_upload(attachments, fake, lead):
    """Nor one of another size or name, nor one of two."""
    clock = Clock(wall=lambda: dt.datetime.now(dt.UTC).timestamp() - 60)
    object.__setattr__(fake._context, "wall", clock.wall)
    fake.attachments.add(lead, "x.txt", b"x")
    object.__setattr__(fake._context, "wall", Clock().wall)
    fake.attachments.add(lead, "x.txt", b"xx")
    fake.attachments.add(lead, "y.txt", b"x")
    fake.faults.script(Fault.RESET_BEFORE)
    with pytest.raises(ConnectionLostError) as caught:
        await attachments.upload(b"x", name="x.txt")
    assert caught.value.maybe_done

    fake.attachments.add(lead, "z.txt", b"x")
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await attachments.upload(b"x", name="z.txt")
    assert caught.value.maybe_done


async def test_lost_uploads_that_are_alike_stay_in_doubt(attachments, fake):
    """Which of them has arrived cannot be told."""
    fake.faults.script(Fault.RESET_AFTER, Fault.RESET_BEFORE)
    uploads = (attachments.upload(b"x", name="x.txt") for _ in range(2))
    results = await asyncio.gather(*uploads, return_exceptions=True)

    assert all(isinstance(result, ConnectionLostError) for result in results)
    assert [True, True] == [result.maybe_done for result in results]


async def test_an_upload_stays_in_doubt_if_the_list_cannot_be_read(zoho, script):
    """It raises what went wrong with the upload."""
    script.add(ConnectionLostError("lost"), script.error(403, "NO_PERMISSION"))
    with pytest.raises(ConnectionLostError) as caught:
        await zoho.records("Leads").attachments(1).upload(b"x", name="x")

    assert caught.value.maybe_done
    listed = {"data": [{"id": "5", "File_Name": "x", "Size": "1", "Created_Time": "odd"}]}
    late = {"id": "5", "File_Name": "y", "Size": "1", "Created_Time": "2099-01-01T00:00:00Z"}
    for rows in (
        listed["data"],
        [{"code": "SUCCESS", "status": "success"}],
        [{**late, "Parent_Id": {"id": "2"}}],
    ):
        script.add(ConnectionLostError("lost"))
        script.add(script.response(200, {"data": rows, "info": {}}))
        with pytest.raises(ConnectionLostError):
            await zoho.records("Leads").attachments(1).upload(b"x", name="y")


async def test_a_rejected_upload_is_no_lost_one(attachments, fake):
    """It surely has not been made."""
    with pytest.raises(InvalidDataError) as caught:
        await attachments.upload(b"", name="x")
    assert not caught.value.maybe_done
    with pytest.raises(Exception, match="URL is incorrect"):
        await attachments.create(attachment_url="ftp://example.org")
    assert 2 == len(fake.stats.requests) - 1
    fake.faults.script(Fault.RESET_AFTER)
    assert "created" == (await attachments.upload(b"x", name="x")).status


async def test_an_answer_about_too_large_a_file_is_an_error(zoho, script):
    """Should Zoho take less than it says."""
    script.add(script.error(413, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE"))
    with pytest.raises(TooLargeError):
        await zoho.records("Leads").attachments(1).upload(b"x", name="x")


async def test_a_record_has_one_photo(crm, fake, lead, tmp_path):
    """It is replaced by another, and gone when it is deleted."""
    photo = crm.records("Leads").photo(lead)
    with pytest.raises(NotFoundError):
        await photo.download(tmp_path / "none.png")
    first = await photo.upload(PNG, name="a.png")
    second = await photo.upload(PNG + b"2", name="b.png", restrict_triggers="workflow")
    path = await photo.download(tmp_path)
    async with photo.download() as file:
        assert [PNG + b"2"] == [piece async for piece in file]

    assert (lead, "updated") == (first.id, first.status) == (second.id, second.status)
    assert PNG + b"2" == path.read_bytes()
    fake.faults.script(Fault.RESET_AFTER)
    assert (lead, "already_gone") == ((gone := await photo.delete()).id, gone.status)
    with pytest.raises(InvalidDataError):
        await photo.delete()
    with pytest.raises(NotFoundError):
        await photo.download(tmp_path / "none.png")


@pytest.mark.parametrize("told", [{}, {"id": "6100001000000300001"}])
async def test_the_photo_of_a_record_with_an_external_id_may_be_answered_with_its_id(
    zoho, script, told
):
    """It is another name of the same record."""
    photo = zoho.records("Leads", external_id="Ext__c").photo("A/1")
    done = {"code": "SUCCESS", "status": "success", "message": "", "details": told}
    script.add(*[script.response(200, done)] * 2)
    assert (await photo.upload(PNG, name="a.png")).status == "updated"
    assert (await photo.delete()).status == "deleted"
    assert script.requests[-1].path == "/crm/v7/Leads/A%2F1/photo"


async def test_an_org_has_a_photo(crm, fake, tmp_path):
    """Of at most a megabyte."""
    photo = crm.org.photo
    assert "updated" == (await photo.upload(PNG, name="a.png")).status
    assert PNG == (await photo.download(tmp_path / "logo.png")).read_bytes()
    with pytest.raises(InvalidInputError, match="at most 1 MB"):
        await photo.upload(PNG + bytes(MIB), name="a.png")
    assert "deleted" == (await photo.delete()).status
    with pytest.raises(InvalidDataError):
        await photo.delete()


async def test_a_photo_that_is_too_large_or_none_is_an_error(crm, fake, lead):
    """The size is known before anything is sent, the kind to Zoho alone."""
    photo = crm.records("Leads").photo(lead)
    with pytest.raises(InvalidInputError, match="at most 10 MB"):
        await photo.upload(bytes(10 * MIB + 1), name="a.png")
    assert [] == list(fake.stats.requests)
    with pytest.raises(InvalidDataError):
        await photo.upload(b"text", name="a.png")


async def test_files_in_fields_and_mails_are_downloaded(crm, fake, lead, tmp_path):
    """By the ids that records and mails tell."""
    leads = crm.records("Leads")
    in_field = fake.record_files.add(lead, "cv.pdf", b"cv")
    in_mail = fake.record_files.add(lead, "offer.pdf", b"offer", message_id="c0ffee")
    image = fake.record_files.add(lead, "logo.png", b"logo", message_id="c0ffee")
    emails = leads.emails(lead)
    ids = {"user_id": fake.users.current_id, "message_id": "c0ffee"}

    path = await leads.download_fields_attachment(lead, tmp_path, fields_attachment_id=in_field)
    assert (tmp_path / "cv.pdf", b"cv") == (path, path.read_bytes())
    path = await emails.download_attachments(in_mail, tmp_path, name="offer.pdf", **ids)
    assert (tmp_path / "offer.pdf", b"offer") == (path, path.read_bytes())
    path = await emails.download_inline_images(image, tmp_path, **ids)
    assert (tmp_path / "logo.png", b"logo") == (path, path.read_bytes())
    async with emails.download_inline_images(image, **ids) as file:
        assert 4 == file.length
    with pytest.raises(NotFoundError):
        await leads.download_fields_attachment(lead, tmp_path, fields_attachment_id="7")
    with pytest.raises(InvalidInputError, match="message_id must not be empty"):
        emails.download_attachments(in_mail, user_id="1", message_id="", name="x")


async def test_a_merged_document_is_downloaded(crm, fake, lead, tmp_path):
    """As a file, or as it comes."""
    leads = crm.records("Leads")
    item = {"mail_merge_template": {"name": "Welcome letter"}, "file_name": "welcome"}
    path = await leads.download_mail_merge(lead, item, tmp_path)

    assert (tmp_path / "welcome.pdf") == path
    assert path.read_bytes().startswith(b"Welcome letter")
    async with leads.download_mail_merge(lead, {**item, "output_format": "docx"}) as file:
        assert "welcome.docx" == file.name
    for wrong in ({}, {"mail_merge_template": {"name": "none"}}):
        with pytest.raises((InvalidDataError, MissingFieldError)):
            await leads.download_mail_merge(lead, wrong, tmp_path)


async def test_a_merge_tells_which_scopes_it_needs(tmp_path):
    """They are not those of the records."""
    async with (
        FakeZoho(scope="ZohoCRM.modules.ALL") as fake,
        ZohoCRM(fake.credentials()) as crm,
    ):
        lead = fake.records("Leads").add()
        with pytest.raises(ScopeError) as caught:
            await crm.records("Leads").download_mail_merge(lead, {}, tmp_path)

    assert "ZohoCRM.settings.mailmerge.CREATE" in caught.value.scopes


async def collect(stream):
    """Return all that a stream yields."""
    return [outcome async for outcome in stream]


async def test_the_attachments_of_many_records_are_downloaded(crm, fake, tmp_path):
    """An outcome per file; those with the same name lie side by side; links are left out."""
    leads = [fake.records("Leads").add(Last_Name=str(number)) for number in range(12)]
    wanted = {}
    for lead in leads:
        for name in ("offer.pdf", "Offer.PDF", "../offer.pdf", "offer.pdf.part"):
            content = f"{lead} {name}".encode()
            wanted[fake.attachments.add(lead, name, content)] = content
        fake.attachments.add(lead, "link", url="https://example.org")
    told = []
    outcomes = await collect(
        crm.records("Leads").iter_download_attachments(leads, tmp_path, on_outcome=told.append)
    )

    assert len(wanted) == len(outcomes) == len(told)
    assert {"done"} == {outcome.status for outcome in outcomes}
    assert wanted.keys() == {outcome.id for outcome in outcomes}
    for outcome in outcomes:
        path = tmp_path / os.path.basename(outcome.details["path"])  # noqa: PTH119  # a text
        assert wanted[outcome.id] == path.read_bytes()
        assert outcome.details["record_id"] in leads
        assert 1 == outcome.attempts
    names = names_in(tmp_path)
    assert len(wanted) == len(names) == len({name.casefold() for name in names})
    assert {"offer.pdf.part_", "offer (2).pdf"} <= {name.lower() for name in names}


async def test_a_second_run_brings_the_same_files_under_the_same_names(crm, fake, tmp_path):
    """In the order of the records, whatever order they come in."""
    leads = [fake.records("Leads").add(Last_Name=str(number)) for number in range(20)]
    for lead in leads:
        fake.attachments.add(lead, "a.txt", lead.encode())
    records = crm.records("Leads")
    runs = []
    for _ in range(2):
        await collect(records.iter_download_attachments(iter(leads), tmp_path, concurrency=5))
        runs.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})

    assert runs[0] == runs[1]
    assert 20 == len(runs[0])
    assert leads[0].encode() == runs[0]["a.txt"]
    assert leads[19].encode() == runs[0]["a (20).txt"]


async def test_no_more_files_come_at_once_than_asked_for(crm, fake, tmp_path):
    """Bounded, and so are the lists that are read ahead."""
    leads = [fake.records("Leads").add(Last_Name=str(number)) for number in range(30)]
    for lead in leads:
        fake.attachments.add(lead, "a.txt")
    fake.latency = 0.005
    outcomes = crm.records("Leads").iter_download_attachments(leads, tmp_path, concurrency=2)
    assert 30 == len(await collect(outcomes))
    assert fake.stats.highest_concurrency <= 4


async def test_what_goes_wrong_with_one_file_stops_no_other(crm, fake, tmp_path):
    """An unknown record, what is no id, a folder in the place of a file, a lost connection."""
    leads = [fake.records("Leads").add(Last_Name=str(number)) for number in range(3)]
    ids = [fake.attachments.add(lead, f"{lead}.txt", b"x") for lead in leads]
    (tmp_path / f"{leads[1]}.txt").mkdir()

    async def given():
        for own in (leads[0], "4150868999999999999", "no id", 1.5, leads[1], leads[2]):
            yield own

    fake.faults.script(None, None, Fault.TRUNCATED_BODY)
    outcomes = await collect(crm.records("Leads").iter_download_attachments(given(), tmp_path))

    by_id = {outcome.id: outcome for outcome in outcomes}
    assert by_id.keys() == {*ids, "4150868999999999999", "no id", "1.5"}
    assert {ids[0]: "done", ids[1]: "failed", ids[2]: "done"} == {
        own: by_id[own].status for own in ids
    }
    for own in ("4150868999999999999", "no id", "1.5"):
        assert "failed" == by_id[own].status
    assert {0, 1, 2, 3, 4, 5} == {outcome.index for outcome in outcomes}


async def test_an_error_that_no_file_avoids_ends_the_run(tmp_path, quick):
    """A missing scope: nothing more is asked for."""
    scope = "ZohoCRM.modules.leads.READ"
    async with (
        FakeZoho(scope=scope) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        leads = fake.records("Leads").add_many(50)
        outcomes = await collect(
            crm.records("Leads").iter_download_attachments(leads, tmp_path, concurrency=1)
        )

    assert isinstance(outcomes[0].error, ScopeError)
    assert "not_attempted" in {outcome.status for outcome in outcomes}


@pytest.mark.parametrize(
    ("ids", "folder", "kind"),
    [
        ("123", ".", TypeError),
        (5, ".", TypeError),
        (["1", "no id"], ".", InvalidInputError),
        (["1"], "missing", InvalidInputError),
        (["1"], "file", InvalidInputError),
    ],
)
async def test_what_cannot_be_downloaded_is_not_asked_for(crm, fake, tmp_path, ids, folder, kind):
    """A folder that is not there, and what is no list of ids."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(kind):
        await collect(crm.records("Leads").iter_download_attachments(ids, tmp_path / folder))

    assert [] == list(fake.stats.requests)


async def test_a_run_may_be_left_early(crm, fake, tmp_path):
    """Nothing goes on, and nothing half-written has the name of a whole file."""
    leads = [fake.records("Leads").add(Last_Name=str(number)) for number in range(40)]
    for lead in leads:
        fake.attachments.add(lead, f"{lead}.txt", bytes(2 * MIB))
    running = crm.records("Leads").iter_download_attachments(leads, tmp_path, concurrency=4)
    async for outcome in running:
        assert "done" == outcome.status
        break
    await running.aclose()

    assert [] == [task for task in asyncio.all_tasks() if task.get_name().startswith("aiozcrm")]
    whole = [path for path in tmp_path.iterdir() if path.suffix == ".txt"]
    assert whole
    assert {2 * MIB} == {path.stat().st_size for path in whole}


async def test_a_list_without_ids_fails_for_its_record(zoho, script, tmp_path):
    """What cannot be named cannot be downloaded."""
    script.add(script.response(200, {"data": [{"File_Name": "a"}], "info": {}}))
    outcomes = await collect(zoho.records("Leads").iter_download_attachments([1], tmp_path))

    assert [("1", "failed")] == [(outcome.id, outcome.status) for outcome in outcomes]


async def test_the_late_answer_of_another_call_is_not_taken_for_a_file(zoho, script, tmp_path):
    """A file of another size than Zoho has told is asked for once more, then taken as it is."""
    rows = [{"id": "5", "File_Name": "a", "Size": "3"}, {"id": "6", "File_Name": "b", "Size": 9}]
    script.add(script.response(200, {"data": rows, "info": {}}))
    late = script.response(200, b"other", Content_Length="5")
    script.add(late, script.response(200, b"abc", Content_Length="3"), late, late)
    records = zoho.records("Leads")
    outcomes = await collect(records.iter_download_attachments([1], tmp_path, concurrency=1))

    assert [2, 2] == [outcome.attempts for outcome in outcomes]
    assert b"abc" == (tmp_path / "a").read_bytes()
    assert b"other" == (tmp_path / "b").read_bytes()


async def test_uploads_share_what_is_known_of_others(make_zoho, script):
    """Also with other options."""
    async with make_zoho() as zoho:
        other = zoho.with_options(retries=RetryPolicy(attempts=1))
        made = {"data": [{"code": "SUCCESS", "status": "success", "details": {"id": "5"}}]}
        row = {"id": "5", "File_Name": "x", "Size": "1", "Created_Time": "2099-01-01T00:00:00Z"}
        listed = {"data": [row], "info": {"more_records": False}}
        script.add(script.response(200, made), ConnectionLostError("x"), Response(204, {}, b""))
        await zoho.records("Leads").attachments(1).upload(b"x", name="x")
        with pytest.raises(ConnectionLostError):
            await other.records("Leads").attachments(1).upload(b"x", name="x")
        script.add(ConnectionLostError("x"), script.response(200, listed))
        with pytest.raises(ConnectionLostError):
            await other.records("Leads").attachments(1).upload(b"x", name="x")


async def test_an_answer_that_came_once_before_is_not_taken_for_that_of_an_upload(zoho, script):
    """It names the attachment of another upload: the attachments tell what has become of it."""
    made = {"data": [{"code": "SUCCESS", "status": "success", "details": {"id": "5"}}]}
    rows = [
        {"id": own, "File_Name": name, "Size": "1", "Created_Time": "2099-01-01T00:00:00Z"}
        for own, name in (("5", "x"), ("6", "y"))
    ]
    listed = {"data": rows, "info": {"more_records": False}}
    script.add(script.response(200, made), script.response(200, made), script.response(200, listed))
    attachments = zoho.records("Leads").attachments(1)
    first = await attachments.upload(b"x", name="x")
    second = await attachments.upload(b"y", name="y")

    assert ("5", "6") == (first.id, second.id)


@pytest.mark.parametrize("listed", [[5], [5, 6]])
async def test_ids_that_come_as_numbers_are_those_of_attachments(zoho, script, listed):
    """After a lost answer, what an earlier upload has made is not taken for that of this one."""
    item = {"code": "SUCCESS", "status": "success", "details": {"id": 5}}
    row = {"File_Name": "x", "Size": 1, "Created_Time": "2099-01-01T00:00:00Z"}
    body = {"data": [{"id": own, **row} for own in listed], "info": {"more_records": False}}
    script.add(script.response(200, {"data": [item]}))
    script.add(ConnectionLostError("lost"), script.response(200, body))
    attachments = zoho.records("Leads").attachments(1)
    assert "5" == (await attachments.upload(b"x", name="x")).id
    if listed == [5]:
        with pytest.raises(ConnectionLostError):
            await attachments.upload(b"y", name="x")
    else:
        assert "6" == (await attachments.upload(b"y", name="x")).id


async def test_a_size_that_no_file_has_does_not_count(zoho, script, tmp_path):
    """The file is downloaded all the same."""
    row = {"id": "5", "File_Name": "a", "Size": "9" * 5_000}
    script.add(script.response(200, {"data": [row], "info": {"more_records": False}}))
    script.add(script.response(200, b"abc"))
    outcomes = await collect(zoho.records("Leads").iter_download_attachments([1], tmp_path))

    assert ["done"] == [outcome.status for outcome in outcomes]
    assert b"abc" == (tmp_path / "a").read_bytes()


async def test_an_upload_under_way_is_not_forgotten_however_many_others_end(zoho, script):
    """One like it, whose answer is lost, stays in doubt, and its own error is the one raised."""
    arrived, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_):
        arrived.set()
        await may_end.wait()
        return script.error(403, "NO_PERMISSION")

    leads = zoho.records("Leads")
    script.add(slow)
    first = asyncio.create_task(leads.attachments(1).upload(b"x", name="x"))
    await arrived.wait()
    for number in range(1001):
        details = {"id": str(100 + number)}
        made = {"data": [{"code": "SUCCESS", "status": "success", "details": details}]}
        script.add(script.response(200, made))
        await leads.attachments(2).create(attachment_url=f"https://example.org/{number}")
    row = {"id": "5", "File_Name": "x", "Size": "1", "Created_Time": "2099-01-01T00:00:00Z"}
    listed = {"data": [row], "info": {"more_records": False}}
    script.add(ConnectionLostError("lost"), script.response(200, listed))
    with pytest.raises(ConnectionLostError):
        await leads.attachments(1).upload(b"x", name="x")
    may_end.set()
    with pytest.raises(PermissionDeniedError):
        await first


async def test_an_upload_that_was_cancelled_has_attached_something_only_if_it_was_sent(
    make_zoho, script
):
    """Until then a later one that is like it is looked up; afterwards it may be that one."""
    arrived, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_):
        arrived.set()
        await may_end.wait()
        return Response(204, {}, b"")

    row = {"id": "5", "File_Name": "x", "Size": "1", "Created_Time": "2099-01-01T00:00:00Z"}
    listed = script.response(200, {"data": [row], "info": {"more_records": False}})
    async with make_zoho(max_in_flight=1) as zoho:
        attachments = zoho.records("Leads").attachments(1)
        script.add(slow)
        listing = asyncio.create_task(attachments.list())
        await arrived.wait()
        waiting = asyncio.create_task(attachments.upload(b"x", name="x"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        may_end.set()
        await listing
        script.add(ConnectionLostError("lost"), listed)
        assert "5" == (await attachments.upload(b"x", name="x")).id

        arrived.clear()
        may_end.clear()
        script.add(slow)
        sent = asyncio.create_task(zoho.records("Leads").attachments(2).upload(b"x", name="x"))
        await arrived.wait()
        sent.cancel()
        await asyncio.wait([sent])
        script.add(ConnectionLostError("lost"), listed)
        with pytest.raises(ConnectionLostError):
            await zoho.records("Leads").attachments(2).upload(b"x", name="x")


@pytest.mark.parametrize("kind", [list, iter])
async def test_a_record_that_is_named_twice_is_asked_once(
    crm, fake, lead, attachments, tmp_path, kind
):
    """Of a list and of a generator alike; however its id is written."""
    await attachments.upload(b"a", name="a.txt")
    given = kind([lead, int(lead)])

    [outcome] = await collect(crm.records("Leads").iter_download_attachments(given, tmp_path))

    assert outcome.status == "done"
    assert names_in(tmp_path) == {"a.txt"}
