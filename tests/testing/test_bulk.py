"""Bulk jobs, backup and audit log of the local Zoho, over plain HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from aiozcrm.testing import Clock, Dialect, FakeZoho, Limits
from aiozcrm.testing._bulk._table import zip_of

LEADS = {"module": {"api_name": "Leads"}}
RRULE = {"rrule": "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1TH"}


@pytest.fixture
async def fake(clock: Any) -> AsyncIterator[FakeZoho]:
    """Run a fake whose jobs take ten seconds, in files of two rows."""
    limits = Limits(polls=0, job_seconds=10, bulk_rows=2, bulk_downloads=2, bulk_written=3)
    async with FakeZoho(limits=limits, clock=Clock(wall=clock)) as fake:
        yield fake


@pytest.fixture
def bulk(fake: FakeZoho, caller: Any, token: str) -> Any:
    """Return what calls the fake, and returns status and body."""

    async def bulk(line: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        method, path = line.split(" ")
        url = f"{fake.url}{path}" if path.startswith("/") else f"{fake.url}/crm/bulk/v7/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Authorization"] = f"Zoho-oauthtoken {token}"
        options = {"json": body} if isinstance(body, (dict, list)) else {"data": body}
        async with caller.session.request(method, url, headers=named, **options) as answer:
            raw = await answer.read()
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return answer.status, raw

    return bulk


@pytest.fixture
def read(bulk: Any, clock: Any) -> Any:
    """Return what runs a bulk read, and returns its state and the rows of its file."""

    async def read(**query: Any) -> tuple[Any, list[list[str]]]:
        status, told = await bulk("POST read", {"query": query})
        assert status == 201, told
        job_id = told["data"][0]["details"]["id"]
        clock.advance(70)
        _, state = await bulk(f"GET read/{job_id}")
        status, raw = await bulk(f"GET read/{job_id}/result")
        assert status == 200
        return state["data"][0], rows_in(raw, f"{job_id}.csv")

    return read


def rows_in(raw: bytes, name: str) -> list[list[str]]:
    """Return the rows of the only file in a zip."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.namelist() == [name]
        return list(csv.reader(io.StringIO(archive.read(name).decode(), newline="")))


async def test_reads_pages_by_their_tokens(read: Any, bulk: Any, fake: FakeZoho) -> None:
    """Each job has so many rows; a token stands alone, and ends after a day."""
    ids = fake.records("Leads").add_many(5)
    state, rows = await read(**LEADS, fields=["Last_Name", "id"])
    assert rows[0] == ["Id", "Last_Name"]
    assert [row[0] for row in rows[1:]] == ids[:2]
    result = state["result"]
    assert (result["count"], result["more_records"], state["file_type"]) == (2, True, "csv")
    assert state["query"]["module"]["api_name"] == "Leads"
    fake.records("Leads").remove(ids[3])
    state, rows = await read(page_token=result["next_page_token"])
    assert [row[0] for row in rows[1:]] == [ids[2]]
    assert state["result"]["page"] == 2
    state, rows = await read(**LEADS, page=2)
    assert [row[0] for row in rows[1:]] == ids[2:3] + ids[4:]
    assert "next_page_token" not in state["result"]
    for token in (result["next_page_token"], "nobody's"):
        query = {"page_token": token, **(LEADS if token != "nobody's" else {})}
        assert (await bulk("POST read", {"query": query}))[0] == 400


async def test_a_job_takes_its_time(bulk: Any, fake: FakeZoho, clock: Any) -> None:
    """Until then it has no result and no file; after a day it has no file any more."""
    fake.records("Leads").add()
    _, told = await bulk("POST read", {"query": LEADS})
    job_id = told["data"][0]["details"]["id"]
    words = []
    for _ in range(4):
        _, state = await bulk(f"GET read/{job_id}")
        words.append(state["data"][0]["state"])
        assert "result" not in state["data"][0]
    assert words == ["ADDED", "QUEUED", "IN PROGRESS", "IN PROGRESS"]
    assert (await bulk(f"GET read/{job_id}/result"))[0] == 404
    clock.advance(10)
    _, state = await bulk(f"GET read/{job_id}")
    assert state["data"][0]["state"] == "COMPLETED"
    assert json.loads(fake.bulk_read.callback(job_id)) == state
    for expected in (200, 200, 429, 429):
        assert (await bulk(f"GET read/{job_id}/result"))[0] == expected
    clock.advance(60)
    assert (await bulk(f"GET read/{job_id}/result"))[0] == 200
    clock.advance(90_000)
    assert (await bulk(f"GET read/{job_id}/result"))[0] == 404
    assert (await bulk("GET read/12"))[0] == 404


async def test_values_have_the_text_that_zoho_gives_them(read: Any, fake: FakeZoho) -> None:
    """Lookups are ids, dots lead into what they name, several values share a cell."""
    account = fake.records("Accounts").add(Account_Name="Acme")
    fake.fields.add("Contacts", api_name="Colours", type="multiselectpicklist", values=("a", "b"))
    contact = {"Last_Name": "Berg", "Account_Name": {"id": account}, "Colours": ["a", "b"]}
    contact["Tag"] = [fake.tags.add("Contacts", name=name) for name in ("x", "y")]
    ids = [fake.records("Contacts").add(**contact), fake.records("Contacts").add()]
    fields = ["Owner", "Owner.email", "Account_Name", "Account_Name.Account_Name"]
    fields += ["Account_Name.id", "Colours", "Tag", "Email_Opt_Out"]
    _, rows = await read(module={"api_name": "Contacts"}, fields=fields)
    user = fake.users.get(fake.users.current_id)
    assert rows[1] == [
        ids[0],
        user["id"],
        user["email"],
        account,
        "Acme",
        account,
        "a;b",
        "x,y",
        "",
    ]
    assert rows[2] == [ids[1], user["id"], user["email"], "", "", "", "", "", ""]
    fake.records("Accounts").remove(account)
    _, rows = await read(module={"api_name": "Contacts"}, fields=["Account_Name.Account_Name"])
    assert rows[1] == [ids[0], ""]
    _, rows = await read(**LEADS, fields=[f"F{n}" for n in range(201)])
    assert "Last_Name" in rows[0]


@pytest.mark.parametrize(
    ("name", "comparator", "value", "found"),
    [
        ("Last_Name", "equal", "berg", "a"),
        ("Last_Name", "not_equal", "Berg", "bc"),
        ("Last_Name", "in", ["Berg", "Ek"], "ab"),
        ("Last_Name", "not_in", ["Berg", "Ek"], "c"),
        ("Last_Name", "contains", "un", "c"),
        ("Last_Name", "not_contains", "un", "ab"),
        ("Last_Name", "starts_with", "l", "c"),
        ("Last_Name", "ends_with", "K", "b"),
        ("City", "equal", "${EMPTY}", "bc"),
        ("City", "starts_with", "${EMPTY}", ""),
        ("No_of_Employees", "greater_than", 5, "b"),
        ("No_of_Employees", "less_equal", 5, "a"),
        ("No_of_Employees", "between", [4, 6], "a"),
        ("No_of_Employees", "not_between", [4, 6], "bc"),
        ("Created_Time", "greater_equal", "2020-01-01T00:00:00+01:00", ""),
        ("Email_Opt_Out", "equal", True, "b"),
        ("Owner", "not_equal", "12", "abc"),
        ("id", "in", ["12"], ""),
        ("Colours", "contains", "re", "a"),
        ("Colours", "equal", "blue", "a"),
    ],
)
async def test_criteria_compare_as_zoho_does(
    read: Any, fake: FakeZoho, name: str, comparator: str, value: Any, found: str
) -> None:
    """Texts without case; what is empty has a word of its own."""
    fake.fields.add("Leads", api_name="Colours", type="multiselectpicklist", values=("red", "blue"))
    leads = fake.records("Leads")
    ids = {
        leads.add(Last_Name="Berg", City="Delft", No_of_Employees=5, Colours=["red", "blue"]): "a",
        leads.add(Last_Name="Ek", No_of_Employees=7, Email_Opt_Out=True): "b",
        leads.add(Last_Name="Lund"): "c",
    }
    criteria = {"field": {"api_name": name}, "comparator": comparator, "value": value}
    state, rows = await read(**LEADS, fields=["City"], criteria=criteria)
    more = []
    if token := state["result"].get("next_page_token"):
        _, more = await read(page_token=token)
    assert "".join(ids[row[0]] for row in rows[1:] + more[1:]) == found
    either = {"group_operator": "or", "group": [criteria, criteria]}
    assert (await read(**LEADS, fields=["City"], criteria=either))[1] == rows


CITY = {"field": {"api_name": "City"}, "comparator": "equal", "value": "a"}
NUMBER = {"field": {"api_name": "No_of_Employees"}, "comparator": "between"}
_NO_OPERATOR = "GROUP_OPERATOR_NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "MODULE_NOT_AVAILABLE"),
        ({"module": {"api_name": "Nothing"}}, "MODULE_NOT_AVAILABLE"),
        ({"module": {"api_name": "Notes"}}, "MODULE_NOT_SUPPORTED"),
        ({**LEADS, "page": 501}, "PAGE_RANGE_EXCEEDED"),
        ({**LEADS, "page": True}, "PAGE_RANGE_EXCEEDED"),
        ({**LEADS, "fields": "City"}, "INVALID_REQUEST"),
        ({**LEADS, "fields": [["City"]]}, "FIELD_NOT_AVAILABLE"),
        ({**LEADS, "criteria": {"group": [CITY], "group_operator": []}}, _NO_OPERATOR),
        ({**LEADS, "fields": ["Nothing"]}, "FIELD_NOT_AVAILABLE"),
        ({**LEADS, "fields": ["City.Name"]}, "FIELD_NOT_AVAILABLE"),
        ({**LEADS, "cvid": "12"}, "CVID_NOT_SUPPORTED"),
        ({**LEADS, "criteria": []}, "INVALID_CRITERIA"),
        ({**LEADS, "criteria": {"group": [CITY]}}, "GROUP_OPERATOR_NOT_SUPPORTED"),
        ({**LEADS, "criteria": {"group": [], "group_operator": "or"}}, "INVALID_CRITERIA"),
        ({**LEADS, "criteria": {**CITY, "field": 5}}, "FIELD_IN_CRITERIA_NOT_AVAILABLE"),
        (
            {**LEADS, "criteria": {**CITY, "comparator": "between"}},
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
        ),
        ({**LEADS, "criteria": {**CITY, "comparator": "in"}}, "VALUE_TYPE_NOT_SUPPORTED"),
        *(
            ({**LEADS, "criteria": {**NUMBER, "value": value}}, "VALUE_TYPE_NOT_SUPPORTED")
            for value in ([], [1], [1, 2, 3])
        ),
        (
            {
                **LEADS,
                "criteria": {**CITY, "field": {"api_name": "No_of_Employees"}},
            },
            "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
    ],
)
async def test_rejects_what_no_bulk_read_takes(bulk: Any, query: Any, code: str) -> None:
    """With the code that Zoho has for it."""
    status, answer = await bulk("POST read", {"query": query})
    assert (status, answer["code"]) == (400, code)


async def test_rejects_bodies_that_are_none(bulk: Any) -> None:
    """Callbacks that cannot be called, other files, and another type."""
    for body, code in (
        ([], "REQUEST_BODY_NOT_READABLE"),
        ({"query": LEADS, "file_type": "ics"}, "INVALID_REQUEST"),
        ({"query": LEADS, "file_type": ["csv"]}, "INVALID_REQUEST"),
        ({"query": LEADS, "callback": {"url": "ftp://x"}}, "INVALID_CALLBACK_URL"),
        ({"query": LEADS, "callback": {"url": "https://x/y"}}, "INVALID_CALLBACK_METHOD"),
    ):
        assert (await bulk("POST read", body))[1]["code"] == code
    assert (await bulk("POST read", b"{}", Content_Type="text/plain"))[0] == 415


@pytest.fixture
def upload(bulk: Any, fake: FakeZoho) -> Any:
    """Return what uploads a file, and returns status and answer."""

    async def upload(content: bytes, **headers: str) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(content), filename="rows.zip")
        given = {"feature": "bulk-write", "X_CRM_ORG": fake.id, **headers}
        status, answer = await bulk("POST /crm/v7/upload", form, **given)
        return status, answer

    return upload


@pytest.fixture
def write(bulk: Any, upload: Any, clock: Any) -> Any:
    """Return what runs a bulk write, and returns its state and its results."""

    async def write(
        rows: list[list[str]], operation: str = "insert", module: str = "Leads", **given: Any
    ) -> tuple[Any, list[list[str]]]:
        _, uploaded = await upload(zip_of("rows.csv", rows))
        resource = {
            "type": "data",
            "module": {"api_name": module},
            "file_id": uploaded["details"]["file_id"],
            **given,
        }
        status, told = await bulk("POST write", {"operation": operation, "resource": [resource]})
        if status != 201:
            return told, []
        job_id = told["details"]["id"]
        clock.advance(10)
        _, state = await bulk(f"GET write/{job_id}")
        path = "/" + state["result"]["download_url"].split("/", 3)[3]
        _, raw = await bulk(f"GET {path}")
        return state, rows_in(raw, f"{module}-rows.csv")

    return write


async def test_writes_rows_and_tells_what_became_of_each(write: Any, fake: FakeZoho) -> None:
    """The first three columns come back, with status, id and errors; the state counts them."""
    rows = [
        ["Last_Name", "Company", "City", "Email", "No_of_Employees", "Email_Opt_Out"],
        ["Berg", "Acme", "Delft", "ann@example.com", "7", "true"],
        ["", "Acme", "Delft", "", "", ""],
        ["Ek", "Acme", "", "none", "many", "perhaps"],
    ]
    state, results = await write(rows)
    header, first, second, third = results
    assert header == ["Last_Name", "Company", "City", "STATUS", "RECORD_ID", "ERRORS"]
    [lead] = fake.records("Leads").ids
    assert first == ["Berg", "Acme", "Delft", "ADDED", lead, ""]
    assert second[3:] == ["SKIPPED", "", "MANDATORY_NOT_FOUND-Last_Name"]
    assert third[5] == "INVALID_DATA-No_of_Employees:INVALID_DATA-Email_Opt_Out"
    kept = fake.records("Leads").get(lead)
    assert (kept["No_of_Employees"], kept["Email_Opt_Out"]) == (7, True)
    counts = state["resource"][0]["file"]
    assert (counts["added_count"], counts["skipped_count"], counts["total_count"]) == (1, 2, 3)
    assert json.loads(fake.bulk_write.callback(state["id"])) == state


async def test_a_number_that_json_does_not_have_skips_its_row_alone(
    write: Any, fake: FakeZoho
) -> None:
    """The rows before and after it are written."""
    rows = [["Last_Name", "Company", "Annual_Revenue"]]
    rows += [["a", "A", "10.5"], ["b", "B", "1.0e999"], ["c", "C", "3"]]
    _, results = await write(rows)
    assert [row[3] for row in results[1:]] == ["ADDED", "SKIPPED", "ADDED"]
    assert results[2][5] == "INVALID_DATA-Annual_Revenue"
    kept = [lead["Annual_Revenue"] for lead in fake.records("Leads").all()]
    assert kept == [10.5, 3]


async def test_several_errors_of_a_row_come_together(write: Any, fake: FakeZoho) -> None:
    """Each with its code and its column."""
    for name in ("One", "Two"):
        fake.fields.add("Leads", api_name=name, type="text", unique=True)
    fake.records("Leads").add(One="1", Two="2")
    rows = [["Last_Name", "Company", "One", "Two"], ["a", "b", "1", "2"]]
    _, results = await write(rows)
    assert results[1][5] == "DUPLICATE_DATA-One:DUPLICATE_DATA-Two"


@pytest.mark.parametrize(
    ("form", "text", "kept"),
    [
        (None, "12/31/1990", "1990-12-31"),
        ("dd/MM/yyyy", "31/12/1990", "1990-12-31"),
        ("yyyy-MM-dd", "1990-12-31", "1990-12-31"),
        (None, "1990-12-31", None),
        ("of its own", "1990-12-31", None),
        (["yyyy-MM-dd"], "1990-12-31", None),
    ],
)
async def test_dates_are_read_in_the_form_that_is_told(
    write: Any, fake: FakeZoho, form: Any, text: str, kept: str | None
) -> None:
    """American, unless the mapping says otherwise."""
    mappings = [
        {"api_name": "Last_Name", "index": 0},
        {"api_name": "Date_of_Birth", "index": 1, "format": form},
        {"api_name": "Phone", "default_value": {"value": "1"}},
    ]
    rows = [["a", "b"], ["Berg", text]]
    _, results = await write(rows, module="Contacts", field_mappings=mappings)
    assert results[1][2] == ("ADDED" if kept else "SKIPPED")
    if kept:
        [contact] = fake.records("Contacts").all()
        assert (contact["Date_of_Birth"], contact["Phone"]) == (kept, "1")


async def test_values_that_have_no_place_in_a_cell_are_odd_or_empty(
    read: Any, fake: FakeZoho
) -> None:
    """Half a character is told as another, and an object that leads nowhere is empty."""
    half = fake.records("Leads").add(City="\ud800")
    task = fake.records("Tasks").add(Remind_At={"unit": 1})
    assert (await read(**LEADS, fields=["City"]))[1][1] == [half, "?"]
    assert (await read(module={"api_name": "Tasks"}, fields=["Remind_At"]))[1][1] == [task, ""]


async def test_a_cell_that_leads_to_any_module_has_an_id(write: Any, fake: FakeZoho) -> None:
    """By another field there is nothing to be found."""
    mappings = [
        {"api_name": "Subject", "index": 0},
        {"api_name": "What_Id", "index": 1, "find_by": "Phone"},
    ]
    _, results = await write([["a", "b"], ["A", "1"]], module="Tasks", field_mappings=mappings)
    assert results[1][2:] == ["SKIPPED", "", "INVALID_DATA-What_Id"]


@pytest.mark.parametrize(
    ("mark", "at", "value"),
    [
        pytest.param(b"PK\x01\x02", 8, 1, id="encrypted"),
        pytest.param(b"PK\x01\x02", 10, 99, id="compressed in an unknown way"),
        pytest.param(b"PK\x01\x02", 42, 9, id="elsewhere"),
        pytest.param(b"PK\x05\x06", 19, 200, id="without a beginning"),
        pytest.param(b"rows.csv", 8, 255, id="broken"),
        pytest.param(b"PK\x01\x02", 10, 14, id="compressed in another way"),
        pytest.param(b"PK\x01\x02", 10, 12, id="compressed in a third way"),
    ],
)
async def test_a_file_of_which_bytes_are_wrong_is_no_zip(
    upload: Any, mark: bytes, at: int, value: int
) -> None:
    """Whichever of them are."""
    content = bytearray(zip_of("rows.csv", [["Last_Name"], ["A" * 99]]))
    content[content.index(mark) + at] = value
    status, told = await upload(bytes(content))

    assert (status, told["code"]) == (400, "INVALID_FILE_FORMAT")


async def test_times_without_an_offset_are_those_of_the_org(write: Any, fake: FakeZoho) -> None:
    """As Zoho's form for them has none."""
    fake.fields.add("Contacts", api_name="Met", type="datetime")
    await write([["Last_Name", "Met"], ["Berg", "03/04/2025 10:15:00"]], module="Contacts")
    [contact] = fake.records("Contacts").all()
    assert contact["Met"].startswith("2025-03-04T10:15:00+")


async def test_finds_records_by_a_field(write: Any, fake: FakeZoho) -> None:
    """To update them, to leave them out, or to tell that they are not there."""
    known = fake.records("Contacts").add(Last_Name="Old", Email="old@example.com", Phone="1")
    rows = [
        ["Email", "Last_Name", "Phone"],
        ["old@example.com", "New", ""],
        ["b@example.com", "B", ""],
    ]
    _, results = await write(rows, "update", "Contacts", find_by="Email")
    assert [row[3:] for row in results[1:]] == [
        ["UPDATED", known, ""],
        ["SKIPPED", "", "RESOURCE_NOT_FOUND-Email"],
    ]
    assert fake.records("Contacts").get(known)["Phone"] is None
    _, results = await write(rows, "upsert", "Contacts", find_by="Email")
    assert [row[3] for row in results[1:]] == ["UPDATED", "ADDED"]
    _, results = await write(rows, "insert", "Contacts", find_by="Email")
    assert [row[5] for row in results[1:]] == ["DUPLICATE_DATA-Email"] * 2


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("merge", {}, "INVALID_FORMAT"),
        (["insert"], {}, "INVALID_FORMAT"),
        ("insert", {"field_mappings": "City"}, "INVALID_FORMAT"),
        ("insert", {"field_mappings": ["City"]}, "INVALID_FORMAT"),
        (
            "insert",
            {"field_mappings": [{"api_name": "City", "index": 2}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        (
            "insert",
            {"field_mappings": [{"api_name": "City", "index": "0"}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        ("insert", {"file_names": "rows.csv"}, "FILE_NOT_SUPPORTED"),
        ("update", {}, "MANDATORY_NOT_FOUND"),
        ("insert", {"module": {"api_name": "Calls"}}, "MODULE_NOT_AVAILABLE"),
        ("insert", {"find_by": "Nothing"}, "INVALID_FIELD"),
        ("insert", {"file_id": "12"}, "INVALID_FILE_ID"),
        ("insert", {"file_names": ["other.csv"]}, "FILE_NOT_SUPPORTED"),
        ("insert", {"field_mappings": [{"api_name": "X", "index": 0}]}, "INVALID_FIELD_NAME"),
        (
            "insert",
            {"field_mappings": [{"api_name": "City", "index": 0}]},
            "MANDATORY_FIELDS_NOT_MAPPED",
        ),
    ],
)
async def test_rejects_what_no_bulk_write_takes(
    write: Any, operation: Any, given: Any, code: str
) -> None:
    """With the code that Zoho has for it."""
    told, _ = await write([["Last_Name", "Company"], ["a", "b"]], operation, **given)
    assert told["code"] == code


async def test_rows_are_as_wide_as_their_header(write: Any, fake: FakeZoho) -> None:
    """What they lack is empty, what is too much is passed over, and so is a blank line."""
    rows = [["Last_Name", "Company", "City"], ["a", "b"], [], ["c", "d", "e", "f"]]
    _, results = await write(rows)
    assert [row[:4] for row in results[1:]] == [["a", "b", "", "ADDED"], ["c", "d", "e", "ADDED"]]
    assert [lead["City"] for lead in fake.records("Leads").all()] == [None, "e"]


@pytest.mark.parametrize(
    ("resource", "status", "code"),
    [
        (5, 400, "INVALID_FORMAT"),
        ([], 400, "INVALID_FORMAT"),
        ([5], 400, "INVALID_FORMAT"),
        ([{}, {}], 501, "NOT_IN_THIS_FAKE"),
    ],
)
async def test_a_job_has_one_resource(bulk: Any, resource: Any, status: int, code: str) -> None:
    """Zoho takes parents with their children, too; this fake does not."""
    told = await bulk("POST write", {"operation": "insert", "resource": resource})
    assert (told[0], told[1]["code"]) == (status, code)


async def test_rejects_jobs_and_files_that_are_none(
    bulk: Any, upload: Any, write: Any, fake: FakeZoho
) -> None:
    """What is missing, too wide, no zip, or of another org."""
    for body, path in (({}, "$.operation"), ({"operation": "insert"}, "$.resource")):
        _, told = await bulk("POST write", body)
        assert (told["code"], told["details"]) == ("MISSING_REQUIRED_KEY", {"json_path": path})
    wide = [[f"C{n}" for n in range(201)]]
    assert (await write(wide))[0]["code"] == "HEADER_LIMIT_EXCEEDED"
    long = [["Last_Name", "Company"], *[["a", "b"]] * 4]
    assert (await write(long))[0]["code"] == "LIMIT_EXCEEDED"
    assert (await upload(b"text"))[1]["code"] == "INVALID_FILE_FORMAT"
    assert (await upload(bytes((25 << 20) + 1)))[0] == 413
    for headers in ({"feature": "other"}, {"X_CRM_ORG": "12"}):
        status, told = await upload(zip_of("a.csv", []), **headers)
        assert (status, told["ERROR_CODE"]) == (400, 400)
    form = aiohttp.FormData({"other": "x"})
    headers = {"feature": "bulk-write", "X_CRM_ORG": fake.id}
    assert (await bulk("POST /crm/v7/upload", form, **headers))[0] == 400
    assert (await bulk("GET /v2/crm/12/bulk-write/13/13.zip"))[0] == 403
    assert (await bulk("GET write/12"))[0] == 404
    for family in (fake.bulk_read, fake.bulk_write):
        with pytest.raises(KeyError):
            family.replace("12", b"")


async def test_backups_pass_through_their_states(bulk: Any, fake: FakeZoho, clock: Any) -> None:
    """Under way, complete, scheduled, stopped; the history has pages."""
    assert (await bulk("GET backup"))[0] == 204
    assert (await bulk("GET backup/history"))[0] == 204
    _, told = await bulk("POST backup")
    own = told["backup"]["details"]["id"]
    assert (await bulk("GET backup/urls"))[0] == 204
    _, told = await bulk(f"PUT backup/{own}/actions/cancel")
    assert told["backup"]["code"] == "INPROGRESS"
    clock.advance(10)
    _, told = await bulk("GET backup/urls")
    [link] = told["urls"]["data_links"]
    assert (await bulk(f"GET /{link.split('/', 3)[3]}"))[0] == 200
    _, told = await bulk("POST backup", {"backup": RRULE})
    own = told["backup"]["details"]["id"]
    _, told = await bulk("POST backup", {"backup": RRULE})
    assert told["backup"]["code"] == "BACKUP_ALREADY_SCHEDULED"
    assert (await bulk(f"PUT backup/{own}/actions/cancel"))[0] == 200
    _, told = await bulk(f"PUT backup/{own}/actions/cancel")
    assert told["backup"]["code"] == "ALREADY_CANCELLED"
    assert (await bulk("PUT backup/12/actions/cancel"))[1]["backup"]["code"] == "RESOURCE_NOT_FOUND"
    assert (await bulk("POST backup", {"backup": 5}))[1]["backup"]["code"] == "INVALID_DATA"
    _, told = await bulk("GET backup/history?per_page=3")
    assert [log["action"] for log in told["history"]] == ["stopped", "scheduled", None]
    assert told["info"]["more_records"]
    clock.advance(700_000)
    assert (await bulk(f"GET /{link.split('/', 3)[3]}"))[0] == 403


async def test_exports_of_the_audit_log(bulk: Any, clock: Any, fake: FakeZoho) -> None:
    """One at a time, with criteria of two in a group."""
    path = "/crm/v7/settings/audit_log_export"
    one = {"field": {"api_name": "module"}, "comparator": "in", "value": []}

    async def start(*items: Any) -> Any:
        _, told = await bulk(f"POST {path}", {"audit_log_export": list(items)})
        return told["audit_log_export"][0]

    both = {"group_operator": "and", "group": [one, one]}
    for criteria, code in (
        (5, "INVALID_DATA"),
        ({**one, "field": 5}, "NOT_SUPPORTED"),
        ({**both, "group_operator": "or"}, "INVALID_DATA"),
        ({**both, "group": [one] * 3}, "LIMIT_EXCEEDED"),
        ({**both, "group": [one, 5]}, "INVALID_DATA"),
        ({**one, "field": {"api_name": ["module"]}}, "NOT_SUPPORTED"),
    ):
        assert (await start({"criteria": criteria}))["code"] == code
    assert (await start())["code"] == "INVALID_DATA"
    assert (await start({}))["code"] == "MANDATORY_NOT_FOUND"
    assert (await start({"criteria": both}))["code"] == "SCHEDULED"
    assert (await start({"criteria": both}))["code"] == "ALREADY_SCHEDULED"
    words = [(await bulk(f"GET {path}"))[1]["audit_log_export"][0]["status"] for _ in range(3)]
    assert words == ["scheduled", "progress", "progress"]
    clock.advance(10)
    _, told = await bulk(f"GET {path}/{fake.audit_log_exports.ids[0]}")
    [link] = told["audit_log_export"][0]["download_links"]
    assert (await bulk(f"GET /{link.split('/', 3)[3]}"))[0] == 200
    assert (await bulk("GET /v2/crm/12/auditlog/13/AuditLog.csv"))[0] == 403


async def test_the_dialect_tells_what_files_look_like(caller: Any) -> None:
    """Where Zoho's sources disagree, or say nothing."""
    dialect = Dialect(bulk_id="id", bulk_id_last=True, bulk_line_end="crlf", bulk_bom=True)
    async with FakeZoho(limits=Limits(polls=0), dialect=dialect) as fake:
        token = await caller.token(fake)
        lead = fake.records("Leads").add(City="Delft")
        url, headers = f"{fake.url}/crm/bulk/v7/read", {"Authorization": f"Zoho-oauthtoken {token}"}
        body = {"query": {**LEADS, "fields": ["City"]}}
        await caller.session.post(url, json=body, headers=headers)
        [job_id] = fake.bulk_read.ids
        async with caller.session.get(f"{url}/{job_id}/result", headers=headers) as answer:
            raw = await answer.read()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        text = archive.read(f"{job_id}.csv")
    assert text == f"\ufeffCity,id\r\nDelft,{lead}\r\n".encode()


@pytest.fixture
async def receiver() -> AsyncIterator[Any]:
    """Run a server that takes callbacks; it has an address, and a queue of bodies."""
    received: asyncio.Queue[Any] = asyncio.Queue()

    async def take(request: web.BaseRequest) -> web.Response:
        received.put_nowait(await request.json())
        return web.Response()

    async with RawTestServer(take) as server:
        yield SimpleNamespace(url=str(server.make_url("/hook")), received=received)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_the_end_of_a_job_is_posted_to_its_callback(
    caller: Any, receiver: Any, kind: str
) -> None:
    """Jobs that follow each other are told of one by one; then they have ended."""
    async with FakeZoho(limits=Limits(polls=5)) as fake:
        token = await caller.token(fake)
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        callback = {"callback": {"url": receiver.url, "method": "post"}}
        body: dict[str, Any] = {"query": LEADS, **callback}
        if kind == "write":
            form = aiohttp.FormData()
            content = io.BytesIO(zip_of("a.csv", [["Last_Name", "Company"], ["a", "b"]]))
            form.add_field("file", content, filename="a.zip")
            named = {**headers, "feature": "bulk-write", "X-CRM-ORG": fake.id}
            url = f"{fake.url}/crm/v7/upload"
            async with caller.session.post(url, data=form, headers=named) as answer:
                file_id = (await answer.json())["details"]["file_id"]
            resource = {"type": "data", "file_id": file_id, **LEADS}
            body = {"operation": "insert", "resource": [resource], **callback}
        url = f"{fake.url}/crm/bulk/v7/{kind}"
        for _ in range(2):
            async with caller.session.post(url, json=body, headers=headers) as answer:
                assert answer.status == 201
        told = [await receiver.received.get() for _ in range(2)]
        family = fake.bulk_read if kind == "read" else fake.bulk_write
        assert told == [json.loads(family.callback(job_id)) for job_id in family.ids]
        async with caller.session.get(f"{url}/{family.ids[0]}", headers=headers) as answer:
            assert await answer.json() == told[0]
