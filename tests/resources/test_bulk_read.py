"""Bulk read: jobs, their files and their rows."""

import asyncio
import datetime as dt
import io
import json
import zipfile

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm.errors import (
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
)
from aiozcrm.testing import Dialect, FakeZoho, Fault, Limits

FIELDS = ["Last_Name", "Owner", "Account_Name", "Account_Name.Annual_Revenue", "Email_Opt_Out"]


@pytest.fixture
async def fake(clock):
    """A local Zoho in the time of the client, with files of three rows."""
    async with FakeZoho(limits=Limits(bulk_rows=3), clock=clock.clock) as running:
        yield running


@pytest.fixture
async def crm(fake, clock, quick):
    """A client of the local Zoho that does not wait."""
    async with ZohoCRM(fake.credentials(), retries=quick, clock=clock.clock) as client:
        yield client


def add_contacts(fake, number):
    """Add contacts of one account, and return their ids."""
    account = fake.records("Accounts").add(Account_Name='Acme, "Inc"\r\nDelft', Annual_Revenue=12.5)
    return [
        fake.records("Contacts").add(
            Last_Name=f"Berg {n}", Account_Name={"id": account}, Email_Opt_Out=bool(n % 2)
        )
        for n in range(number)
    ]


def packed(text, names=("1.csv",)):
    """Return a zip of a CSV."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return file.getvalue()


def downloads(fake):
    """Return how often a file was asked for."""
    return sum(path.endswith("/result") for _, path in fake.stats.requests)


async def test_all_rows_come_from_as_many_jobs_as_it_takes(crm, fake):
    """Each row once, in order, by name, with an id."""
    ids = add_contacts(fake, 8)
    jobs = []
    rows = [row async for row in crm.bulk_read.rows("Contacts", fields=FIELDS, on_job=jobs.append)]
    assert [row["id"] for row in rows] == ids
    assert [job.id for job in jobs] == fake.bulk_read.ids
    assert len(jobs) == 3


async def test_values_are_those_of_a_list_as_far_as_the_file_tells(crm, fake):
    """Numbers, booleans, lookups, tags and multi-selects; dots lead into other modules."""
    [contact] = add_contacts(fake, 1)
    tags = [fake.tags.add("Contacts", name=name) for name in ("Agro", "Pharma")]
    fake.records("Contacts").change(contact, Tag=tags)
    fields = [*FIELDS, "Owner.last_name", "Account_Name.Account_Name", "Email", "Tag"]
    [row] = [row async for row in crm.bulk_read.rows("Contacts", fields=fields)]
    [listed] = await crm.records("Contacts").list(fields=["Owner", "Account_Name"])
    assert row == {
        "id": contact,
        "Last_Name": "Berg 0",
        "Owner": {"id": listed["Owner"]["id"]},
        "Account_Name": {"id": listed["Account_Name"]["id"]},
        "Account_Name.Annual_Revenue": 12.5,
        "Account_Name.Account_Name": 'Acme, "Inc"\r\nDelft',
        "Email_Opt_Out": False,
        "Owner.last_name": "Oldenkamp",
        "Email": None,
        "Tag": ["Agro", "Pharma"],
    }


async def test_raw_rows_stay_text_and_need_no_fields(crm, fake):
    """As the file has them, but for the name of the id."""
    [contact] = add_contacts(fake, 1)
    fields = ["Last_Name", "Email", "Email_Opt_Out"]
    rows = [row async for row in crm.bulk_read.rows("Contacts", fields=fields, raw=True)]
    assert rows == [{"id": contact, "Last_Name": "Berg 0", "Email": "", "Email_Opt_Out": "false"}]
    assert ("GET", "/crm/v7/settings/fields") not in fake.stats.requests


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(bulk_id="id"),
        Dialect(bulk_id_last=True),
        Dialect(bulk_id="id", bulk_id_last=True, bulk_line_end="crlf", bulk_bom=True),
    ],
)
async def test_the_id_is_found_under_any_name_and_in_any_place(clock, quick, dialect):
    """Zoho's page and other programs disagree on both."""
    async with (
        FakeZoho(dialect=dialect, limits=Limits(polls=0)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        ids = add_contacts(fake, 3)
        rows = [row async for row in crm.bulk_read.rows("Contacts", fields=["Last_Name"])]
    assert [list(row.values()) for row in rows] in (
        [[own, f"Berg {n}"] for n, own in enumerate(ids)],
        [[f"Berg {n}", own] for n, own in enumerate(ids)],
    )
    assert [row["id"] for row in rows] == ids


@pytest.mark.parametrize("raw", [True, False])
async def test_a_module_may_have_no_records(crm, fake, raw):
    """The file has a header, or nothing."""
    assert [row async for row in crm.bulk_read.rows("Contacts", raw=raw)] == []
    fake.bulk_read.replace(fake.bulk_read.ids[0], packed(""))
    cursor = fake.bulk_read.ids[0]
    assert [row async for row in crm.bulk_read.rows("Contacts", raw=raw, cursor=cursor)] == []


ODD_TEXTS = ["a,b", 'a"b', "a\nb", "a\r\nb", "a\rb", " a", "\ufeffa", "a\0b", "a\u2028b", "null"]


async def test_texts_arrive_as_they_are(crm, fake):
    """Whatever means something to a file of rows."""
    for text in ODD_TEXTS:
        fake.records("Contacts").add(Last_Name=text)
    rows = crm.bulk_read.rows("Contacts", fields=["Last_Name"])
    assert sorted([row["Last_Name"] async for row in rows]) == sorted(ODD_TEXTS)
    rows = [{"Last_Name": text} for text in ODD_TEXTS]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert")
    stored = [fake.records("Contacts").get(o.id)["Last_Name"] for o in report.outcomes]
    assert stored == ODD_TEXTS


async def test_criteria_and_views_narrow_it_down(crm, fake):
    """None stands for what is empty, in groups, too."""
    ids = add_contacts(fake, 3)
    fake.records("Contacts").change(ids[1], Email="a@example.com")
    view = fake.records("Contacts").add_view("(Last_Name:equals:Berg 2)")
    empty = {"field": {"api_name": "Email"}, "comparator": "equal", "value": None}
    since = {
        "field": {"api_name": "Created_Time"},
        "comparator": "greater_than",
        "value": dt.datetime(2020, 1, 1, microsecond=5, tzinfo=dt.UTC),
    }
    both = {"group_operator": "and", "group": [empty, since]}

    async def read(**query):
        reading = crm.bulk_read.rows("Contacts", fields=["Email"], **query)
        return [row["id"] async for row in reading]

    assert await read(criteria=empty) == [ids[0], ids[2]]
    assert await read(criteria=both) == [ids[0], ids[2]]
    assert await read(cvid=view) == [ids[2]]


async def test_what_is_sent_is_what_zoho_documents(zoho, script, clock):
    """The body, its type, and the token alone for the pages that follow."""
    added = {"status": "success", "code": "ADDED_SUCCESSFULLY", "details": {"id": "7"}}
    result = {"count": 1, "more_records": True, "next_page_token": "abc"}
    script.add(
        script.response(201, {"data": [added], "info": {}}),
        script.response(200, {"data": [{"id": "7", "state": "COMPLETED", "result": result}]}),
        script.response(200, packed("Id\n1\n"), Content_Type="application/x-download"),
        script.response(201, {"data": [added], "info": {}}),
        script.response(200, {"data": [{"id": "7", "state": "FAILURE"}]}),
    )
    value = {"field": {"api_name": "City"}, "comparator": "equal", "value": None}
    reading = zoho.bulk_read.rows("Leads", fields=("City",), criteria=value, cvid=5, raw=True)
    assert await anext(reading) == {"id": "1"}
    with pytest.raises(JobFailedError):
        await anext(reading)
    first, _, download, second, _ = script.requests
    assert (first.method, first.path) == ("POST", "/crm/bulk/v7/read")
    assert first.headers["Content-Type"] == "application/json"
    assert json.loads(first.body) == {
        "query": {
            "module": {"api_name": "Leads"},
            "fields": ["City"],
            "criteria": {**value, "value": "${EMPTY}"},
            "cvid": "5",
        }
    }
    assert download.path == "/crm/bulk/v7/read/7/result"
    assert json.loads(second.body) == {"query": {"page_token": "abc"}}


async def test_unknown_words_for_a_state_are_waited_out(zoho, script, clock):
    """A bulk read waits, runs, and may do what nobody knows, before it has ended."""
    words = ["ADDED", "QUEUED", "IN PROGRESS", "BRAND NEW WORD", "COMPLETED"]
    script.add(*(script.response(200, {"data": [{"id": "7", "state": w}]}) for w in words))
    state = await zoho.bulk_read.wait(7)
    assert state == {"id": "7", "state": "COMPLETED"}
    assert clock.slept == [2.0, 4.0, 8.0, 16.0]


async def test_a_job_that_has_failed_says_why(crm, fake):
    """In the error of whatever waits for it."""
    fake.bulk_read.fail_next("INTERNAL_SERVER_ERROR")
    job = await crm.bulk_read.create({"query": {"module": {"api_name": "Leads"}}})
    words = "INTERNAL_SERVER_ERROR: Internal server error occurred"
    for waiting in (job.wait(), crm.bulk_read.wait(job), crm.bulk_read.wait(job.id)):
        with pytest.raises(JobFailedError, match=words):
            await waiting
    with pytest.raises(JobFailedError, match=words):
        [row async for row in crm.bulk_read.rows("Leads", cursor=job.id)]


async def test_a_reading_goes_on_where_another_has_stopped(crm, fake):
    """At any row, by its cursor or the id of a job, each row comes once."""
    ids = add_contacts(fake, 8)
    for stop in range(1, 8):
        reading = crm.bulk_read.rows("Contacts", fields=["Last_Name"])
        assert reading.cursor is None
        before = [(await anext(reading))["id"] for _ in range(stop)]
        cursor = reading.cursor
        await reading.aclose()
        after = crm.bulk_read.rows("Contacts", cursor=cursor)
        assert after.cursor == cursor
        assert before + [row["id"] async for row in after] == ids
        assert [row async for row in crm.bulk_read.rows("Contacts", cursor=after.cursor)] == []


async def test_a_reading_goes_on_within_a_long_file(clock, quick):
    """Rows that were handed out are passed over, however they were cut into pieces."""
    async with (
        FakeZoho(clock=clock.clock) as fake,
        ZohoCRM(fake.credentials(), retries=quick, clock=clock.clock) as crm,
    ):
        ids = fake.records("Leads").add_many(250)
        job = await crm.bulk_read.create({"query": {"module": {"api_name": "Leads"}}})
        for given in (1, 99, 100, 101, 249, 250):
            rows = crm.bulk_read.rows("Leads", cursor=f"{job.id}:{given}")
            assert [row["id"] async for row in rows] == ids[given:]
            assert rows.cursor == f"{job.id}:250"
    with pytest.raises(TypeError, match="a cursor is a text"):
        crm.bulk_read.rows("Leads", cursor=int(job.id))


async def test_the_rows_come_in_pieces_too(crm, fake):
    """The cursor stands behind the piece."""
    ids = add_contacts(fake, 5)
    reading = crm.bulk_read.rows("Contacts", fields=["Last_Name"])
    sizes, cursors = [], []
    async for rows in reading.pages():
        sizes.append(len(rows))
        cursors.append(reading.cursor)
    first, second = fake.bulk_read.ids
    assert sizes == [3, 2]
    assert cursors == [f"{first}:3", f"{second}:2"]
    rest = crm.bulk_read.rows("Contacts", cursor=f"{first}:2")
    assert [row["id"] async for row in rest] == ids[2:]


async def test_a_listener_hears_of_a_job_before_its_rows_come(crm, fake):
    """It may be async; what it raises ends the reading."""
    add_contacts(fake, 4)
    heard = []

    async def keep(job):
        await asyncio.sleep(0)
        heard.append((job.id, reading.cursor))

    reading = crm.bulk_read.rows("Contacts", on_job=keep)
    await anext(reading)
    assert heard == [(fake.bulk_read.ids[0], f"{fake.bulk_read.ids[0]}:0")]
    await reading.aclose()

    def fail(job):
        raise OSError(f"disk full: {job.id}")

    with pytest.raises(OSError, match="disk full"):
        await anext(crm.bulk_read.rows("Contacts", on_job=fail))


@pytest.mark.parametrize("cursor", ["", "x", "7:", "7:x", "7:-1", ":", "7:\u0663", "7:1:2"])
async def test_what_is_no_cursor_is_rejected(crm, fake, cursor):
    """Before anything is sent."""
    with pytest.raises(InvalidInputError):
        crm.bulk_read.rows("Contacts", cursor=cursor)
    assert not fake.stats.requests


async def test_a_cursor_is_that_of_one_module_and_job(crm, fake):
    """One of another module, or behind the last row, is an error."""
    add_contacts(fake, 2)
    [row async for row in crm.bulk_read.rows("Contacts")]
    [job_id] = fake.bulk_read.ids
    with pytest.raises(InvalidInputError, match="reads Contacts, not Leads"):
        await anext(crm.bulk_read.rows("Leads", cursor=job_id))
    with pytest.raises(InvalidResponseError, match="should be 3 rows, and are 2"):
        await anext(crm.bulk_read.rows("Contacts", cursor=f"{job_id}:3"))
    with pytest.raises(NotFoundError):
        await anext(crm.bulk_read.rows("Contacts", cursor="12"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot be read"),
        (packed("Id\n1\n2\n")[:60], "cannot be read"),
        (packed("Id\n1\n"), "should be 2 rows, and are 1"),
        (packed("Id\n1\n2\n3\n"), "more than 2 rows"),
        (packed("Id,City\n1\n2,b\n"), "row 1 has 1 columns, the header 2"),
        (packed("Id\n1\n2\n", ["a.csv", "b.csv"]), "holds 2 files"),
        (packed(b"Id\n" + b"x" * (17 << 20)), "a line has more than"),
    ],
    ids=["empty", "cut", "short", "long", "wide", "two files", "long line"],
)
async def test_a_file_that_is_not_whole_is_an_error(crm, fake, content, why):
    """Damaged, too short or too long, a bomb: an error, and no rows that look complete."""
    add_contacts(fake, 2)
    await crm.bulk_read.create({"query": {"module": {"api_name": "Contacts"}}})
    [job_id] = fake.bulk_read.ids
    fake.bulk_read.replace(job_id, content)
    with pytest.raises(InvalidResponseError, match=why):
        [row async for row in crm.bulk_read.rows("Contacts", cursor=job_id)]


@pytest.mark.parametrize(
    "result",
    [
        None,
        {"count": 1, "more_records": True},
        {"count": 1, "more_records": True, "next_page_token": ""},
        {"count": 1, "more_records": True, "next_page_token": 5},
        {"count": 1, "more_records": "false"},
    ],
)
async def test_a_state_that_leads_nowhere_is_an_error(zoho, script, result):
    """The reading does not end as if it were complete."""
    state = {"id": "7", "state": "COMPLETED", "result": result}
    script.add(
        script.response(200, {"data": [state]}),
        script.response(200, packed("Id\n1\n"), Content_Type="application/x-download"),
    )
    with pytest.raises(InvalidResponseError, match="not complete"):
        [row async for row in zoho.bulk_read.rows("Leads", cursor="7", raw=True)]


async def test_a_full_file_that_does_not_tell_of_more_is_an_error(zoho, script):
    """As many rows as a job has at most are rarely all of them."""
    state = {"id": "7", "state": "COMPLETED", "result": {"count": 200_000}}
    script.add(
        script.response(200, {"data": [state]}),
        script.response(200, packed("Id\n" + "1\n" * 200_000), Content_Type="application/zip"),
    )
    rows = zoho.bulk_read.rows("Leads", cursor="7", raw=True)
    with pytest.raises(InvalidResponseError, match="does not tell whether"):
        [row async for row in rows]
    assert rows.cursor == "7:200000"


async def test_a_token_that_leads_back_is_an_error(zoho, script):
    """Otherwise the reading would never end."""
    added = {"status": "success", "code": "ADDED_SUCCESSFULLY", "details": {"id": "7"}}
    result = {"count": 1, "more_records": True, "next_page_token": "abc"}
    for _ in range(2):
        script.add(
            script.response(200, {"data": [{"id": "7", "state": "COMPLETED", "result": result}]}),
            script.response(200, packed("Id\n1\n"), Content_Type="application/x-download"),
            script.response(201, {"data": [added]}),
        )
    with pytest.raises(InvalidResponseError, match="no way to read them"):
        [row async for row in zoho.bulk_read.rows("Leads", cursor="7", raw=True)]


async def test_a_count_that_is_missing_is_not_compared(zoho, script):
    """Older versions may leave it out; a module may be a text there."""
    query = {"module": "Leads"}
    state = {"id": "7", "state": "COMPLETED", "result": {"count": None}, "query": query}
    script.add(
        script.response(200, {"data": [state]}),
        script.response(200, packed("Id\n1\n"), Content_Type="application/x-download"),
    )
    rows = zoho.bulk_read.rows("Leads", cursor="7", raw=True)
    assert [row async for row in rows] == [{"id": "1"}]


async def test_ten_files_are_downloaded_in_a_minute(crm, fake, clock):
    """An eleventh waits, however many clients of options there are, so Zoho rejects none."""
    add_contacts(fake, 1)
    job = await crm.bulk_read.create({"query": {"module": {"api_name": "Contacts"}}})
    await job.wait()
    began = clock.now
    await asyncio.gather(
        *(crm.bulk_read.download(job, io.BytesIO()) for _ in range(6)),
        *(crm.with_options(timeout=9).bulk_read.download(job, io.BytesIO()) for _ in range(6)),
    )
    async with crm.bulk_read.download(job.id) as file:
        assert b"PK" in b"".join([piece async for piece in file])
    assert downloads(fake) == 13
    assert clock.now - began >= 60


async def test_a_download_waits_for_the_minute_that_others_have_used(fake, crm, clock):
    """Other processes share the limit, and all downloads fail until the minute is over."""
    add_contacts(fake, 1)
    job = await crm.bulk_read.create({"query": {"module": {"api_name": "Contacts"}}})
    await job.wait()
    once = RetryPolicy(attempts=1)
    async with ZohoCRM(fake.credentials(), retries=once, clock=clock.clock) as other:
        for _ in range(10):
            await crm.bulk_read.download(job, io.BytesIO())
        began = clock.now
        target = io.BytesIO()
        await other.bulk_read.download(job, target)
    assert target.getvalue().startswith(b"PK")
    assert clock.now == began + 60


async def test_a_download_does_not_wait_for_ever(zoho, script, clock):
    """Nor at all where waiting does not help."""
    with_retries = zoho.with_options(retries=RetryPolicy(attempts=1))
    script.add(*(script.error(429, "TOO_MANY_REQUESTS") for _ in range(11)))
    with pytest.raises(RateLimitError):
        await with_retries.bulk_read.download("7", io.BytesIO())
    assert len(script.requests) == 11
    script.add(script.error(429, "TOO_MANY_REQUESTS", X_API_CREDITS_REMAINING="0"))
    clock.advance(1_000)
    with pytest.raises(RateLimitError):
        await with_retries.bulk_read.download("7", io.BytesIO())
    assert len(script.requests) == 12


async def test_a_file_is_kept_for_a_day(crm, fake, clock):
    """What has been read by then is read; afterwards the job has no file."""
    add_contacts(fake, 1)
    job = await crm.bulk_read.create({"query": {"module": {"api_name": "Contacts"}}})
    with pytest.raises(NotFoundError):
        await crm.bulk_read.download(job, io.BytesIO())
    await job.wait()
    clock.advance(90_000)
    with pytest.raises(NotFoundError):
        [row async for row in crm.bulk_read.rows("Contacts", cursor=job.id)]


async def test_a_lost_answer_costs_no_more_than_a_job(crm, fake):
    """A second job changes nothing, so a bulk read is started again."""
    ids = add_contacts(fake, 2)
    fake.faults.script(None, Fault.RESET_AFTER, Fault.SERVER_ERROR_AFTER)
    rows = [row["id"] async for row in crm.bulk_read.rows("Contacts", fields=["Email"])]
    assert rows == ids
    assert len(fake.bulk_read.ids) == 3


async def test_a_download_that_breaks_goes_on(crm, fake):
    """The rows are complete, and each comes once."""
    ids = add_contacts(fake, 3)
    job = await crm.bulk_read.create({"query": {"module": {"api_name": "Contacts"}}})
    await job.wait()
    fake.faults.script(None, Fault.TRUNCATED_BODY)
    rows = crm.bulk_read.rows("Contacts", cursor=job.id, raw=True)
    assert [row["id"] async for row in rows] == ids


async def test_stopping_leaves_nothing_behind(crm, fake, tmp_path, monkeypatch):
    """Wherever a reading is cancelled: no file, no task, no warning."""
    add_contacts(fake, 7)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def read(rows):
        async for row in crm.bulk_read.rows("Contacts", fields=["Email"]):
            rows.append(row["id"])

    await read(whole := [])
    for turns in range(0, 200, 4):
        task = asyncio.create_task(read(rows := []))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert rows == whole[: len(rows)]
        assert not any(tmp_path.iterdir())
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert all("web_protocol" in repr(task) or "FakeZoho" in repr(task) for task in left)


async def test_bad_input_is_rejected_before_anything_is_sent(crm, fake):
    """Too many fields would read all of them, and Zoho would not say so."""
    many = [f"Field_{n}" for n in range(201)]
    with pytest.raises(InvalidInputError, match="201 fields"):
        crm.bulk_read.rows("Leads", fields=many)
    with pytest.raises(InvalidInputError, match="201 fields"):
        await crm.bulk_read.create({"query": {"module": {"api_name": "Leads"}, "fields": many}})
    with pytest.raises(TypeError, match="use a list"):
        crm.bulk_read.rows("Leads", fields="Last_Name")
    with pytest.raises(TypeError, match="by a mapping"):
        await crm.bulk_read.create(["Leads"])
    naive = dt.datetime(2025, 1, 1)  # noqa: DTZ001  # that is what is wrong
    with pytest.raises(ValueError, match="offset"):
        await crm.bulk_read.create({"query": {"criteria": {"value": naive}}})
    with pytest.raises(InvalidInputError, match="not an id"):
        await crm.bulk_read.get("5/result")
    assert not fake.stats.requests


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"module": {"api_name": "Leads"}, "fields": ["Nothing"]}, InvalidDataError),
        ({"module": {"api_name": "Leads"}, "cvid": "5"}, InvalidDataError),
        ({"page_token": "of nobody"}, Exception),
    ],
)
async def test_what_zoho_rejects_is_raised(crm, query, error):
    """With its own words."""
    with pytest.raises(error):
        await crm.bulk_read.create({"query": query})


async def test_calendars_can_be_downloaded(crm, fake, tmp_path):
    """A job may make a file for calendars instead of a CSV."""
    fake.modules.add("Events")
    item = {"query": {"module": {"api_name": "Events"}}, "file_type": "ics"}
    job = await crm.bulk_read.create(item)
    await job.wait()
    path = await crm.bulk_read.download(job, tmp_path)
    assert path == tmp_path / f"{job.id}.zip"
    assert zipfile.ZipFile(path).namelist() == [f"{job.id}.ics"]


async def test_an_answer_without_an_id_is_no_job(zoho, script):
    """It has started one, but nobody can find it."""
    script.add(script.response(201, {"data": [{"status": "success", "details": {}}]}))
    with pytest.raises(InvalidResponseError, match="without the id") as caught:
        await zoho.bulk_read.create({"query": {}})
    assert caught.value.maybe_done


async def test_fields_of_other_modules_may_be_out_of_reach(zoho, script):
    """Their values are text then, as are those of fields that nobody knows."""
    lookup = {
        "api_name": "Account_Name",
        "data_type": "lookup",
        "lookup": {"module": {"api_name": "Accounts"}},
    }
    odd = {"api_name": "Odd", "data_type": "lookup", "lookup": {"module": "Accounts"}}
    state = {"id": "7", "state": "COMPLETED", "result": {"count": 1}}
    text = "Id,Account_Name.Size,Odd.Size,New,New.Size\n1,5,6,7,8\n"
    script.add(
        script.response(200, {"fields": [lookup, odd]}),
        script.response(200, {"data": [state]}),
        script.response(200, packed(text), Content_Type="application/x-download"),
        script.error(401, "OAUTH_SCOPE_MISMATCH"),
    )
    [row] = [row async for row in zoho.bulk_read.rows("Contacts", cursor="7")]
    assert list(row.values()) == ["1", "5", "6", "7", "8"]
