"""Bulk write: rows into files, jobs, and an outcome for every row."""

import asyncio
import datetime as dt
import io
import json
import random
import zipfile
from decimal import Decimal

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    CallCancelledError,
    ConnectionLostError,
    DuplicateDataError,
    ForeignHostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    JobFailedError,
    NotFoundError,
    NotReadyError,
    ServerError,
)
from aiozcrm.testing import Dialect, FakeZoho, Fault


@pytest.fixture
async def fake(clock):
    """A local Zoho in the time of the client, whose results come in another order."""
    dialect = Dialect(bulk_results="reversed")
    async with FakeZoho(clock=clock.clock, dialect=dialect) as running:
        yield running


@pytest.fixture
async def crm(fake, clock, quick):
    """A client of the local Zoho that does not wait."""
    async with ZohoCRM(fake.credentials(), retries=quick, clock=clock.clock) as client:
        yield client


def packed(text):
    """Return a zip of a CSV."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Leads-1.csv", text)
    return file.getvalue()


def told(report):
    """Return status and kind of error of each row."""
    return [(o.status, type(o.error).__name__ if o.error else None) for o in report.outcomes]


async def test_every_row_has_its_outcome(crm, fake):
    """Whatever the order of the results, with the new id, or with what is wrong."""
    fake.records("Contacts").add(Last_Name="Old", Email="old@example.com")
    rows = [
        {"Last_Name": "Berg", "Email": "ann@example.com"},
        {"Last_Name": None, "Email": "b@example.com"},
        {"Last_Name": "Ek", "Email": "no address", "Date_of_Birth": "31/31/1999"},
        {"Last_Name": "Lund"},
    ]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    assert told(report) == [
        ("created", None),
        ("failed", "MissingFieldError"),
        ("failed", "InvalidDataError"),
        ("created", None),
    ]
    first, missing, _, last = report.outcomes
    assert fake.records("Contacts").get(first.id)["Email"] == "ann@example.com"
    assert fake.records("Contacts").get(last.id)["Last_Name"] == "Lund"
    assert first.details == {"id": first.id}
    assert missing.error.api_name == "Last_Name"
    assert "MANDATORY_NOT_FOUND-Last_Name" in str(missing.error)
    assert not report.ok


async def test_values_arrive_as_they_were_given(crm, fake):
    """Of every type that a cell can hold."""
    account = fake.records("Accounts").add(Account_Name="Acme")
    fake.fields.add(
        "Contacts", api_name="Colours", type="multiselectpicklist", values=("red", "blue", "green")
    )
    fake.fields.add("Contacts", api_name="Size", type="double")
    fake.fields.add("Contacts", api_name="Count", type="integer")
    fake.fields.add("Contacts", api_name="Met", type="datetime")
    row = {
        "Last_Name": 'O"Hara, Ann\r\nx',
        "Date_of_Birth": dt.date(1990, 12, 31),
        "Met": dt.datetime(2025, 3, 4, 10, 15, tzinfo=dt.UTC),
        "Email_Opt_Out": True,
        "Size": Decimal("12.50"),
        "Count": 7,
        "Colours": ["red", "blue"],
        "Account_Name": {"id": account},
        "Email": None,
    }
    [made] = (await crm.bulk_write.run("Contacts", [row], operation="insert")).outcomes
    kept = fake.records("Contacts").get(made.id)
    assert {name: kept[name] for name in row if name != "Account_Name"} == {
        **{name: value for name, value in row.items() if name != "Account_Name"},
        "Date_of_Birth": "1990-12-31",
        "Met": "2025-03-04T10:15:00+00:00",
        "Size": 12.5,
    }
    assert kept["Account_Name"]["id"] == account


async def test_a_lookup_may_name_a_record_by_another_field(crm, fake):
    """Rows that do so by different fields travel in different files."""
    account = fake.records("Accounts").add(Account_Name="Acme")
    rows = [
        {"Last_Name": "a", "Account_Name": {"Account_Name": "Acme"}},
        {"Last_Name": "b", "Account_Name": {"id": account}},
        {"Last_Name": "c", "Account_Name": {"Account_Name": "Nobody"}},
    ]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    assert [o.status for o in report.outcomes] == ["created", "created", "failed"]
    for outcome in report.outcomes[:2]:
        assert fake.records("Contacts").get(outcome.id)["Account_Name"]["id"] == account
    assert len(fake.bulk_write.ids) == 2


async def test_updates_leave_alone_what_a_row_does_not_name(crm, fake):
    """An empty cell would overwrite it, so such rows travel in other files."""
    contacts = fake.records("Contacts")
    ids = [contacts.add(Last_Name=f"n{n}", Phone="1", Email=f"{n}@example.com") for n in range(3)]
    rows = [
        {"id": ids[0], "Phone": "2"},
        {"id": int(ids[1]), "Email": "new@example.com"},
        {"id": ids[2], "Phone": None},
        {"id": "12", "Phone": "3"},
    ]
    report = await crm.bulk_write.run("Contacts", rows, operation="update", find_by="id")
    assert told(report) == [
        ("updated", None),
        ("updated", None),
        ("updated", None),
        ("failed", "NotFoundError"),
    ]
    assert [o.id for o in report.outcomes] == [*ids, "12"]
    kept = [(contacts.get(own)["Phone"], contacts.get(own)["Email"]) for own in ids]
    assert kept == [("2", "0@example.com"), ("1", "new@example.com"), (None, "2@example.com")]
    assert len(fake.bulk_write.ids) == 2


async def test_empty_cells_can_be_ignored(crm, fake):
    """Then all rows share a file, and None leaves alone what is there."""
    ids = [fake.records("Contacts").add(Last_Name="n", Phone="1") for _ in range(2)]
    rows = [{"id": ids[0], "Phone": None, "Email": "a@example.com"}, {"id": ids[1], "Phone": "2"}]
    report = await crm.bulk_write.run(
        "Contacts", rows, operation="update", find_by="id", ignore_empty=True
    )
    assert report.ok
    assert [fake.records("Contacts").get(own)["Phone"] for own in ids] == ["1", "2"]
    assert len(fake.bulk_write.ids) == 1


async def test_an_upsert_finds_records_by_a_field(crm, fake):
    """Rows with the same value come one after the other, so the last one counts."""
    contacts = fake.records("Contacts")
    known = contacts.add(Last_Name="Old", Email="old@example.com")
    rows = [
        {"Last_Name": "A", "Email": "old@example.com"},
        {"Last_Name": "B", "Email": "new@example.com"},
        {"Last_Name": "C", "Email": "NEW@example.com"},
        {"Last_Name": "D", "Email": None},
    ]
    report = await crm.bulk_write.run("Contacts", rows, operation="upsert", find_by="Email")
    assert [o.status for o in report.outcomes] == ["updated", "created", "updated", "created"]
    assert report.outcomes[0].id == known
    assert report.outcomes[1].id == report.outcomes[2].id
    assert contacts.get(report.outcomes[1].id)["Last_Name"] == "C"
    assert len(fake.bulk_write.ids) == 2


async def test_a_row_may_have_several_errors(crm, fake):
    """The first one decides the class, and all of them are in the details."""
    for name in ("One", "Two"):
        fake.fields.add("Contacts", api_name=name, type="text", unique=True)
    fake.records("Contacts").add(One="1", Two="2")
    row = {"Last_Name": "a", "One": "1", "Two": "2"}
    [outcome] = (await crm.bulk_write.run("Contacts", [row], operation="insert")).outcomes
    assert isinstance(outcome.error, DuplicateDataError)
    names = [each["details"]["api_name"] for each in outcome.error.details["errors"]]
    assert names == ["One", "Two"]


async def test_an_insert_may_leave_out_what_exists(crm, fake):
    """With a field to find it by, the rows of records that exist fail."""
    fake.records("Contacts").add(Last_Name="Old", Email="old@example.com")
    rows = [{"Last_Name": "A", "Email": "old@example.com"}, {"Last_Name": "B"}]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert", find_by="Email")
    assert told(report) == [("failed", "DuplicateDataError"), ("created", None)]
    assert report.outcomes[0].error.api_name == "Email"


async def test_rows_beyond_a_file_have_files_of_their_own(crm, fake, monkeypatch):
    """Inputs may be read as they go, and a listener hears of every outcome and job."""
    monkeypatch.setattr("aiozcrm.resources._bulk_import.MOST_ROWS", 3)
    heard, jobs = [], []

    async def rows():
        for n in range(8):
            yield {"Last_Name": f"Berg {n}"}

    async def keep(job):
        await asyncio.sleep(0)
        jobs.append(job.id)

    report = await crm.bulk_write.run(
        "Contacts", rows(), operation="insert", on_outcome=heard.append, on_job=keep
    )
    names = [fake.records("Contacts").get(o.id)["Last_Name"] for o in report.outcomes]
    assert names == [f"Berg {n}" for n in range(8)]
    assert report.counts == {"created": 8}
    assert jobs == fake.bulk_write.ids
    assert len(jobs) == 3
    assert sorted(outcome.index for outcome in heard) == list(range(8))


async def test_a_file_that_is_too_large_is_cut(crm, fake, monkeypatch):
    """What does not fit by itself fails, and nothing of it is sent."""
    monkeypatch.setattr("aiozcrm.resources._bulk_files.MOST_BYTES", 2_000)
    noise = random.Random(1)
    rows = [{"Last_Name": f"{noise.getrandbits(4_000):x}"} for _ in range(4)]
    rows.append({"Last_Name": f"{noise.getrandbits(40_000):x}"})
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    assert [o.status for o in report.outcomes[-1:]] == ["failed"]
    assert isinstance(report.outcomes[-1].error, InvalidInputError)
    assert len(fake.bulk_write.ids) > 1


async def test_what_is_sent_is_what_zoho_documents(crm, fake):
    """The host and headers of the upload, the mappings, and a column that identifies first."""
    account = fake.records("Accounts").add(Account_Name="Acme")
    sent = []
    upload, create = crm.bulk_write.upload, crm.bulk_write.start

    async def watch_upload(file, *, name):
        [csv] = zipfile.ZipFile(file).namelist()
        sent.append(zipfile.ZipFile(file).read(csv).decode())
        file.seek(0)
        return await upload(file, name=name)

    async def watch_create(item):
        sent.append(item)
        return await create(item)

    crm.bulk_write.upload, crm.bulk_write.start = watch_upload, watch_create
    rows = [
        {
            "Lead_Source": "Web",
            "Last_Name": f"n{n}",
            "Date_of_Birth": f"199{n}-01-02",
            "Account_Name": {"id": account},
            "Phone": "",
        }
        for n in range(3)
    ]
    mappings = {"Description": {"default_value": {"value": "from a fair"}}}
    report = await crm.bulk_write.run("Contacts", rows, operation="insert", field_mappings=mappings)
    assert report.ok
    text, item = sent
    assert text.splitlines()[0].split(",")[0] in {"Last_Name", "Date_of_Birth"}
    [resource] = item["resource"]
    names = text.splitlines()[0].split(",")
    extra = {
        "Date_of_Birth": {"format": "yyyy-MM-dd"},
        "Account_Name": {"find_by": "id"},
    }
    assert resource == {
        "type": "data",
        "module": {"api_name": "Contacts"},
        "file_id": resource["file_id"],
        "field_mappings": [
            *({"api_name": n, "index": i, **extra.get(n, {})} for i, n in enumerate(names)),
            {"api_name": "Description", "default_value": {"value": "from a fair"}},
        ],
    }
    assert {**item, "resource": None} == {
        "operation": "insert",
        "ignore_empty": False,
        "character_encoding": "UTF-8",
        "resource": None,
    }
    made = fake.records("Contacts").get(report.outcomes[0].id)
    assert made["Description"] == "from a fair"


async def test_the_org_is_asked_for_once(crm, fake, tmp_path):
    """Uploads name it, and are sent again after a lost answer, since they change nothing."""
    (tmp_path / "a.zip").write_bytes(packed("Last_Name\nBerg\n"))
    fake.faults.script(None, Fault.RESET_AFTER)
    first = await crm.bulk_write.upload(tmp_path / "a.zip")
    second = await crm.bulk_write.upload(packed("Last_Name\nBerg\n"), name="b.zip")
    assert first.status == "created"
    assert first.id != second.id
    assert fake.stats.requests.count(("GET", "/crm/v7/org")) == 1
    assert fake.stats.done.of("upload", "bulk_write") == 3
    with pytest.raises(InvalidInputError, match="no name"):
        await crm.bulk_write.upload(b"PK")
    with pytest.raises(InvalidInputError, match="larger"):
        await crm.bulk_write.upload(bytes(26 << 20), name="c.zip")
    with pytest.raises(InvalidDataError, match="only zip"):
        await crm.bulk_write.upload(b"text", name="c.zip")


@pytest.mark.parametrize("operation", ["insert", "upsert"])
async def test_a_job_whose_answer_was_lost_is_not_started_again(crm, fake, operation):
    """Its rows would be written twice, and nothing tells whether it runs: they are in doubt."""
    fake.faults.script(None, None, None, Fault.RESET_AFTER)
    rows = [{"Last_Name": f"n{n}", "Email": f"{n}@example.com"} for n in range(3)]
    find_by = None if operation == "insert" else "Email"
    report = await crm.bulk_write.run("Contacts", rows, operation=operation, find_by=find_by)
    assert report.counts == {"in_doubt": 3}
    assert all(isinstance(o.error, ConnectionLostError) for o in report.outcomes)
    assert len(fake.bulk_write.ids) == 1


async def test_an_update_is_started_again(crm, fake):
    """It comes to the same."""
    own = fake.records("Contacts").add(Last_Name="Old")
    fake.faults.script(None, None, None, Fault.RESET_AFTER)
    rows = [{"id": own, "Last_Name": "New"}]
    report = await crm.bulk_write.run("Contacts", rows, operation="update", find_by="id")
    assert report.counts == {"updated": 1}
    assert len(fake.bulk_write.ids) == 2
    assert report.outcomes[0].attempts == 2


async def test_rows_are_not_in_doubt_before_a_job_has_them(crm, fake):
    """A file that was uploaded changes nothing, whatever became of the answer."""
    fake.faults.script(None, None, *[Fault.RESET_AFTER] * 5)
    report = await crm.bulk_write.run("Contacts", [{"Last_Name": "a"}], operation="insert")
    assert report.counts == {"failed": 1}
    assert isinstance(report.outcomes[0].error, ConnectionLostError)
    assert fake.bulk_write.ids == []


@pytest.mark.parametrize("place", [4, 5])
async def test_rows_are_in_doubt_once_a_job_has_them(crm, fake, place):
    """Whatever keeps the results away; the error names the job."""
    faults = [Fault.BAD_GATEWAY] * 8
    fake.faults.script(*[None] * (place + (place == 5)), *faults)
    rows = [{"Last_Name": f"n{n}"} for n in range(2)]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    fake.faults.clear()
    assert report.counts == {"in_doubt": 2}
    assert isinstance(report.outcomes[0].error, ServerError)
    assert fake.bulk_write.ids[0] in report.outcomes[0].error.hint
    assert len(fake.records("Contacts").ids) == 2


async def test_a_job_that_has_written_nothing_fails_its_rows(crm, fake):
    """With the reason, and the next job goes on."""
    fake.bulk_write.fail_next("INVALID_FILE_FORMAT")
    report = await crm.bulk_write.run("Contacts", [{"Last_Name": "a"}], operation="insert")
    [outcome] = report.outcomes
    assert (outcome.status, outcome.attempts) == ("failed", 1)
    assert isinstance(outcome.error, JobFailedError)
    assert "INVALID_FILE_FORMAT" in str(outcome.error)
    report = await crm.bulk_write.run("Contacts", [{"Last_Name": "a"}], operation="insert")
    assert report.ok


async def test_a_cancelled_run_tells_what_may_have_been_written(crm, fake, clock):
    """A job goes on at Zoho, so its rows are in doubt, and its id has been told."""
    heard, jobs = [], []

    async def stop(job):
        jobs.append(job.id)
        task.cancel()
        await asyncio.sleep(0)

    rows = [{"Last_Name": f"n{n}"} for n in range(2)]
    run = crm.bulk_write.run(
        "Contacts", rows, operation="insert", on_outcome=heard.append, on_job=stop
    )
    task = asyncio.create_task(run)
    await asyncio.wait([task])
    assert task.cancelled()
    assert [o.status for o in heard] == ["in_doubt", "in_doubt"]
    assert all(isinstance(o.error, CallCancelledError) for o in heard)
    assert jobs == fake.bulk_write.ids


async def test_a_listener_that_fails_ends_the_run_without_a_second_job(crm, fake):
    """Its error is raised; the rows are in doubt."""
    heard = []

    def fail(job):
        raise InvalidInputError(f"no room for {job.id}")

    rows = [{"Last_Name": f"n{n}"} for n in range(3)]
    run = crm.bulk_write.run(
        "Contacts", rows, operation="insert", on_outcome=heard.append, on_job=fail
    )
    with pytest.raises(RuntimeError, match="on_job"):
        await run
    assert [o.status for o in heard] == ["in_doubt"] * 3
    assert len(fake.bulk_write.ids) == 1


#: Results that are not those of two rows, n0 and n1, and the words of their errors.
ODD_RESULTS = {
    "no zip": (b"", "cannot be read"),
    "no status": (packed("Last_Name,RECORD_ID\nn0,1\nn1,2\n"), "do not tell"),
    "no columns of ours": (packed("STATUS,RECORD_ID,ERRORS\nADDED,1,\nADDED,2,\n"), "do not tell"),
    "too many": (packed("Last_Name,STATUS\nn0,ADDED\nn1,ADDED\nn1,ADDED\n"), "more than 2"),
    "other words": (packed("Last_Name,STATUS\nn0,MAYBE\nn1,MAYBE\n"), "call it 'MAYBE'"),
    "of others": (packed("Last_Name,STATUS\nn2,ADDED\nn3,ADDED\n"), "do not tell it apart"),
    "twice the same": (packed("Last_Name,STATUS\nn0,ADDED\nn0,ADDED\n"), "do not tell it apart"),
}


@pytest.mark.parametrize("odd", ODD_RESULTS)
async def test_rows_are_in_doubt_where_the_results_do_not_tell(crm, fake, odd):
    """A job that ended says nothing of its rows."""
    content, words = ODD_RESULTS[odd]
    run = crm.bulk_write.run(
        "Contacts",
        [{"Last_Name": f"n{n}"} for n in range(2)],
        operation="insert",
        on_job=lambda job: fake.bulk_write.replace(job.id, content),
    )
    report = await run
    assert report.counts == {"in_doubt": 2}
    assert all(words in str(o.error) for o in report.outcomes)


@pytest.mark.parametrize(
    "text",
    [
        "STATUS,RECORD_ID,ERRORS,id,Phone\nUPDATED,1000000000001,,1000000000001,2\n",
        "id,Phone,Status,ID,Errors\n1000000000001, 2 ,updated,1000000000001,\n",
        "Phone,id,record id,error,STATUS\n2,1000000000001,,,Updated\n",
    ],
)
async def test_results_are_read_by_the_names_of_their_columns(crm, fake, text):
    """In any order and any case; an id may be a column of ours and of theirs."""
    run = crm.bulk_write.run(
        "Contacts",
        [{"id": "1000000000001", "Phone": "2"}],
        operation="update",
        find_by="id",
        on_job=lambda job: fake.bulk_write.replace(job.id, packed(text)),
    )
    report = await run
    assert report.counts == {"updated": 1}
    assert report.outcomes[0].id == "1000000000001"


@pytest.mark.parametrize("names", ["Last_Name,Status,STATUS", "STATUS,Last_Name,Status"])
async def test_a_field_may_be_called_as_a_column_of_the_results_is(crm, fake, names):
    """As the Status of a task: what became of a row is in Zoho's own column."""
    fake.fields.add("Contacts", api_name="Status", type="text")
    row = {"Last_Name": "x", "Status": "SKIPPED", "STATUS": "ADDED"}
    text = f"{names}\n{','.join(row[name] for name in names.split(','))}\n"
    report = await crm.bulk_write.run(
        "Contacts",
        [{"Last_Name": "x", "Status": "SKIPPED"}],
        operation="insert",
        on_job=lambda job: fake.bulk_write.replace(job.id, packed(text)),
    )
    assert report.counts == {"created": 1}


@pytest.mark.parametrize("cell", ["", "null", "-", "2.309216E18"])
async def test_what_is_no_id_in_the_results_is_none(crm, fake, cell):
    """A row is written all the same."""
    text = f"Last_Name,STATUS,RECORD_ID,ERRORS\nx,ADDED,{cell},\n"
    report = await crm.bulk_write.run(
        "Contacts",
        [{"Last_Name": "x"}],
        operation="insert",
        on_job=lambda job: fake.bulk_write.replace(job.id, packed(text)),
    )
    assert [(o.status, o.id) for o in report.outcomes] == [("created", "")]


async def test_rows_that_nothing_tells_apart_share_what_became_of_them(crm, fake):
    """Whole twins get an id each; others the same status without an id, or are in doubt."""
    names = ["A1", "A2", "A3", "Last_Name", "B"]
    for name in {*names} - {"Last_Name"}:
        fake.fields.add("Contacts", api_name=name, type="text")
    same = {"A1": "x", "A2": "x", "A3": "x", "Last_Name": "x"}
    twins = [{**same, "B": "1"}, {**same, "B": "1"}]
    report = await crm.bulk_write.run("Contacts", twins, operation="insert")
    assert report.counts == {"created": 2}
    assert len({o.id for o in report.outcomes}) == 2

    def answer(*statuses):
        lines = "".join(f"x,x,x,{word},{n},\n" for n, word in enumerate(statuses, 1))
        text = f"Last_Name,A1,A2,STATUS,RECORD_ID,ERRORS\n{lines}"
        return lambda job: fake.bulk_write.replace(job.id, packed(text))

    cousins = [{"Last_Name": "x", "A1": "x", "A2": "x", "A3": "x", "B": n} for n in "1122"]
    report = await crm.bulk_write.run(
        "Contacts", cousins, operation="insert", on_job=answer(*["ADDED"] * 4)
    )
    assert report.ok
    report = await crm.bulk_write.run(
        "Contacts", cousins, operation="insert", on_job=answer("ADDED", "SKIPPED", *["ADDED"] * 2)
    )
    assert "in_doubt" in report.counts


async def test_bad_input_is_rejected_before_anything_is_sent(crm, fake):
    """The error names the row and the field."""
    run = crm.bulk_write.run
    with pytest.raises(InvalidInputError, match="no operation"):
        await run("Contacts", [], operation="delete")
    with pytest.raises(InvalidInputError, match="needs find_by"):
        await run("Contacts", [], operation="update")
    bad = {
        TypeError: [
            ["Last_Name"],
            {5: 1},
            {"Last_Name": {1}},
            {"Colours": [1]},
            {"Account_Name": {"a": 1, "b": 2}},
            {"Rows": [{"id": "1"}]},
        ],
        ValueError: [
            {},
            {"Last_Name": ""},
            {"Size": float("nan")},
            {"Colours": ["a;b"]},
            {"Met": dt.datetime(2025, 1, 1)},  # noqa: DTZ001
            {"id": "x"},
        ],
    }
    for kind, rows in bad.items():
        for row in rows:
            with pytest.raises(kind, match=r"inputs\[1\]"):
                await run("Contacts", [{"Last_Name": "a"}, row], operation="insert")
    with pytest.raises(ValueError, match="needs a value for Email"):
        await run("Contacts", [{"Last_Name": "a"}], operation="update", find_by="Email")
    with pytest.raises(TypeError, match="by a mapping"):
        await crm.bulk_write.create("insert")
    assert not fake.stats.requests


async def test_rows_that_cannot_be_sent_fail_alone(crm, fake):
    """If that is found out when their file is made."""
    rows = [{"Last_Name": "a"}, {"Last_Name": "\ud800"}, {"Last_Name": "c"}]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    assert told(report) == [("created", None), ("failed", "InvalidInputError"), ("created", None)]
    wide = {f"F{n}": "x" for n in range(201)}
    report = await crm.bulk_write.run("Contacts", [wide], operation="insert")
    assert "201 columns" in str(report.outcomes[0].error)


async def test_jobs_can_be_made_by_hand(crm, fake, tmp_path):
    """A file, a job, its state by its id in another process, and its results."""
    file = await crm.bulk_write.upload(packed("Last_Name\nBerg\n"), name="leads.zip")
    resource = {"type": "data", "module": {"api_name": "Contacts"}, "file_id": file.id}
    job = await crm.bulk_write.create({"operation": "insert", "resource": [resource]})
    with pytest.raises(NotReadyError, match="ADDED"):
        await crm.bulk_write.download(job, tmp_path)
    state = await crm.bulk_write.wait(job.id)
    assert state["resource"][0]["file"]["added_count"] == 1
    assert await crm.bulk_write.get(job.id) == state
    for source in (job, job.id, state, state["result"]["download_url"]):
        path = await crm.bulk_write.download(source, tmp_path / "results.zip")
        assert b"ADDED" in zipfile.ZipFile(path).read("Contacts-Leads-1.csv")
    await job.wait()
    async with crm.bulk_write.download(job) as stream:
        assert stream.name == f"{job.id}.zip"
    with pytest.raises(NotFoundError):
        await crm.bulk_write.get("12")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("/v7/crm/org700123456/bulk-write/7/7.zip", "https://download-accl.zoho.eu"),
        ("https://download-accl.zoho.eu/v2/crm/7/7.zip", "https://download-accl.zoho.eu"),
        ("https://files.example.com/v2/crm/7/7.zip", None),
        ("https://download-accl.zoho.eu.example.com/7.zip", None),
        ("http://download-accl.zoho.eu/v2/crm/7/7.zip", None),
        ("//files.example.com/7.zip", None),
    ],
)
async def test_results_are_fetched_from_hosts_of_zoho_alone(zoho, script, url, host):
    """A token goes nowhere else, whatever an answer says."""
    state = {"id": "7", "status": "COMPLETED", "result": {"download_url": url}}
    script.add(script.response(200, packed("x"), Content_Type="application/octet-stream"))
    if host is None:
        with pytest.raises((ForeignHostError, InvalidInputError)):
            await zoho.bulk_write.download(state, io.BytesIO())
        assert script.requests == []
        return
    await zoho.bulk_write.download(state, io.BytesIO())
    assert script.requests[0].origin == host


async def test_a_state_that_is_none_is_an_error(zoho, script, clock):
    """Such as the late answer to another call; trouble under 200 passes."""
    trouble = {"status": "error", "code": "INTERNAL_ERROR", "message": "no", "details": {}}
    script.add(
        script.response(200, {"id": "8"}),
        script.response(204),
        script.response(200, trouble),
        script.response(200, {"id": "7", "status": "ADDED"}),
    )
    for _ in range(2):
        with pytest.raises(InvalidResponseError):
            await zoho.bulk_write.get("7")
    assert await zoho.bulk_write.get("7") == {"id": "7", "status": "ADDED"}


async def test_a_file_needs_an_id(zoho, script):
    """Otherwise no job can read it."""
    org = {"org": [{"id": "1", "zgid": "700123456"}]}
    script.add(
        script.response(200, org),
        script.response(200, {"status": "success", "code": "FILE_UPLOAD_SUCCESS", "details": {}}),
    )
    with pytest.raises(InvalidResponseError, match="without the id"):
        await zoho.bulk_write.upload(b"PK", name="a.zip")
    request = script.requests[1]
    assert request.origin == "https://content.zohoapis.eu"
    assert request.path == "/crm/v7/upload"
    assert request.headers["feature"] == "bulk-write"
    assert request.headers["X-CRM-ORG"] == "700123456"


@pytest.mark.parametrize("url", ["/v7/crm/my results.zip", "results.zip", ""])
async def test_a_job_whose_results_have_no_address_is_started_once(zoho, script, url):
    """Its rows may have been written, so they are in doubt, and none is sent a second time."""
    script.add(
        script.response(200, {"fields": []}),
        script.response(200, {"org": [{"id": "1", "zgid": "700123456"}]}),
        script.response(200, {"status": "success", "code": "A", "details": {"file_id": 5}}),
        script.response(201, {"status": "success", "code": "SUCCESS", "details": {"id": "7"}}),
        script.response(200, {"id": "7", "status": "COMPLETED", "result": {"download_url": url}}),
    )
    rows = [{"Last_Name": f"n{n}"} for n in range(8)]
    report = await zoho.bulk_write.run("Leads", rows, operation="insert")
    assert report.counts == {"in_doubt": 8}
    assert all(o.attempts == 1 and "bulk_write.get('7')" in str(o.error) for o in report.outcomes)
    assert len(script.requests) == 5


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (None, "in_doubt"),
        ([], "in_doubt"),
        ([None], "in_doubt"),
        ([{"code": "X"}], "in_doubt"),
        ([{"file": {"status": "FAILED"}}], "in_doubt"),
        ([{"file": {"added_count": 1, "updated_count": 0}}], "in_doubt"),
        ([{"file": {"added_count": 0, "updated_count": 0}}], "failed"),
    ],
)
async def test_a_failed_job_may_have_written_rows(zoho, script, resource, status):
    """Only its counts say that it has not."""
    script.add(
        script.response(200, {"fields": []}),
        script.response(200, {"org": [{"id": "1", "zgid": "700123456"}]}),
        script.response(200, {"status": "success", "code": "A", "details": {"file_id": 5}}),
        script.response(201, {"status": "success", "code": "SUCCESS", "details": {"id": "7"}}),
        script.response(200, {"id": "7", "status": "FAILED", "resource": resource}),
    )
    report = await zoho.bulk_write.run("Leads", [{"Last_Name": "a"}], operation="insert")
    assert report.counts == {status: 1}
    assert json.loads(script.requests[3].body)["resource"][0]["file_id"] == "5"
