"""Names and values that are members of an Enum: what they hold counts, not what they are called."""

import enum
import io
import json
from decimal import Decimal

import pytest

from aiozcrm import composite
from aiozcrm.resources._bulk_files import BulkFile, read_row


class Name(str, enum.Enum):  # noqa: UP042  # whose str() is not its value
    """Names as users keep them, in the older way."""

    LEADS = "Leads"
    EMAIL = "Email"
    BADGE = "Badge__c"
    GUESTS = "Guests"
    NUMBER = "700"
    HEADER = "X-Trace"


class Size(float, enum.Enum):
    """Numbers with names."""

    HALF = 0.5


class Money(Decimal):
    """An amount that is shown in its own way."""

    def __str__(self) -> str:
        return f"EUR {super().__str__()}"


class Level(int, enum.Enum):  # whose str() is not its value
    """Whole numbers with names, in the older way."""

    LOW = 1


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda zoho: zoho.records(Name.LEADS).get("7"), "Leads/7"),
        (lambda zoho: zoho.records("Leads").related("7", Name.GUESTS).list(fields=["a"]), ""),
        (lambda zoho: zoho.records(Name.LEADS).notes("7").list(fields=["a"]), "Leads/7/Notes"),
        (lambda zoho: zoho.modules.get(Name.LEADS), "settings/modules/Leads"),
        (lambda zoho: zoho.variables.get(Name.EMAIL), "settings/variables/Email"),
        (lambda zoho: zoho.schema(Name.LEADS), "settings/modules/Leads"),
    ],
)
async def test_a_path_has_what_a_name_holds(zoho, script, call, path):
    """Otherwise the call would be about something else."""
    script.add(script.error(400, "NOT_ALLOWED"))
    with pytest.raises(Exception, match="NOT_ALLOWED"):
        await call(zoho)
    assert script.requests[0].path == f"/crm/v7/{path or 'Leads/7/Guests'}"


async def test_an_external_id_is_what_it_holds(zoho, script):
    """For one, for many, and in the list of another record; so are the names of its field."""
    leads = zoho.records("Leads", external_id=Name.BADGE)
    done = {"code": "SUCCESS", "status": "success", "details": {"id": "7"}}
    script.add(*[script.response(200, {"data": [done]})] * 3)
    await leads.update(Name.NUMBER, {"a": 1}, trigger=[])
    await leads.delete_many([Name.NUMBER])
    updated, deleted = script.requests[0], script.requests[-1]
    assert (updated.path, deleted.query) == ("/crm/v7/Leads/700", "ids=700")
    assert deleted.headers["X-EXTERNAL"] == "Leads.Badge__c"
    related = zoho.records("Leads").related("7", Name.GUESTS, external_id=Name.BADGE)
    await related.delete_many([Name.NUMBER])
    assert script.requests[-1].query == "ids=700"
    assert script.requests[-1].headers["X-EXTERNAL"] == "Guests.Badge__c"


async def test_a_request_has_what_its_names_and_values_hold(zoho, script):
    """In its query and in its headers."""
    params = {Name.EMAIL: Name.GUESTS, Name.BADGE: [Name.EMAIL]}
    await zoho.request("GET", "Leads", params=params, headers={Name.HEADER: Name.EMAIL})
    request = script.requests[-1]
    assert request.query == "Email=Guests&Badge__c=Email"
    [(name, value)] = [pair for pair in request.headers.items() if pair[0] == "X-Trace"]
    assert (type(name), type(value), value) == (str, str, "Email")


@pytest.mark.parametrize("in_rows", [True, False])
async def test_rows_are_compared_by_fields_that_are_named_so(zoho, script, in_rows):
    """Those that share a value travel one after the other, whichever side has the name."""
    name, field = (Name.EMAIL, "Email") if in_rows else ("Email", Name.EMAIL)
    done = {"code": "SUCCESS", "status": "success", "details": {"id": "1"}, "action": "update"}
    answer = script.response(200, {"data": [done]})
    script.add(script.response(200, {"fields": []}), answer, answer)
    rows = [{name: "a@x", "a": 1}, {name: "A@X", "a": 2}]
    report = await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=[field])
    assert report.counts == {"updated": 2}
    assert len(script.requests) == 3
    sent = json.loads(script.requests[1].body)
    assert sent == {"data": [{"Email": "a@x", "a": 1}], "duplicate_check_fields": ["Email"]}


@pytest.mark.parametrize(
    ("value", "same"), [(Size.HALF, 0.5), (Money("1.50"), 1.5), (Level.LOW, 1.0)]
)
async def test_numbers_are_compared_by_what_they_hold(zoho, script, value, same):
    """However they are shown."""
    done = {"code": "SUCCESS", "status": "success", "details": {"id": "1"}, "action": "update"}
    answer = script.response(200, {"data": [done]})
    script.add(script.response(200, {"fields": []}), answer, answer)
    rows = [{"Size": value}, {"Size": same}]
    report = await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=["Size"])
    assert report.counts == {"updated": 2}
    assert len(script.requests) == 3


@pytest.mark.parametrize(("value", "written"), [(Size.HALF, "0.5"), (Money("1.50"), "1.50")])
async def test_numbers_are_searched_for_by_what_they_hold(zoho, script, value, written):
    """However they are shown."""
    script.add(script.response(204))
    await zoho.records("Leads").find(Size=value)
    assert script.requests[-1].query.startswith(f"criteria=%28Size%3Aequals%3A{written}%29")


def test_a_file_has_what_names_and_values_hold():
    """And results are matched by it."""
    row = read_row({Name.EMAIL: Name.GUESTS}, find_by="Email", needed=True)
    file = BulkFile.of([row], find_by="Email")
    packed = io.BytesIO()
    file.write(packed, "Leads.csv")
    assert file.columns == ["Email"]
    assert file.keys(["Email"]) == [("Guests",)]
    assert type(row.cells["Email"]) is str


async def test_a_reference_stays_one(zoho, script):
    """It stands for a value that is not known yet."""
    script.add(script.response(200, {"__composite_requests": []}))
    lead = composite.ref("1", "$.data[0].details.id")
    notes = zoho.records("Leads").notes(lead)
    with pytest.raises(Exception, match="account for each part"):
        await zoho.composite([zoho.records("Leads").get("7"), notes.list(fields=["a"])])
    assert b"/crm/v7/Leads/@{1:$.data[0].details.id}/Notes" in script.requests[-1].body
