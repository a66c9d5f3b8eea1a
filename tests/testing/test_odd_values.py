"""Values that are too deep, too long, too large, or half a character."""

import json
from functools import partial
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho
from aiozcrm.testing._wire._answer import RejectedError
from aiozcrm.testing._wire._call import Call


def nested(depth: int) -> str:
    """Return lists in one another, as JSON."""
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("value", [nested(101), nested(100_000), "1e999", "-1e999", "NaN"])
@pytest.mark.parametrize("line", ["POST Leads", "PUT Leads", "POST Leads/upsert", "POST coql"])
async def test_a_body_that_python_cannot_hold_is_none(
    fake: FakeZoho, caller: Any, token: str, line: str, value: str
) -> None:
    """The body as a whole is wrong, and nothing is kept of it."""
    method, path = line.split()
    text = f'{{"data": [{{"Last_Name": "A", "Email": {value}}}], "select_query": {value}}}'
    reply = await caller.call(fake, method, path, token=token, data=text.encode())

    assert (reply.status, reply.json["code"]) == (400, "INVALID_DATA")
    assert reply.json["details"] == {"expected_data_type": "jsonobject"}
    assert fake.records("Leads").ids == []


async def test_a_value_may_be_nested(fake: FakeZoho, ask: Any) -> None:
    """As deeply as anything of Zoho's is."""
    value = json.loads(nested(90))
    status, told = await ask("POST Tasks", {"data": [{"Subject": "A", "Remind_At": value}]})

    assert status == 201
    assert fake.records("Tasks").get(told["data"][0]["details"]["id"])["Remind_At"] == value


@pytest.mark.parametrize("page", ["9" * 5000, "0", "-1", "1.5", "", "٣", "²"])
@pytest.mark.parametrize("path", ["Leads?fields=id", "users?type=AllUsers", "settings/recycle_bin"])
async def test_a_page_has_a_number(ask: Any, path: str, page: str) -> None:
    """Of digits, and not too many of them."""
    for name in ("page", "per_page"):
        status, told = await ask(f"GET {path}", **{name: page})
        assert (status, told["code"]) == (400, "INVALID_DATA")
        assert told["details"]["param_name"] == name


async def test_drafts_have_ten_to_a_page(ask: Any, fake: FakeZoho) -> None:
    """And no page without a number."""
    lead = fake.records("Leads").add()
    status, told = await ask(f"GET Leads/{lead}/__email_drafts", page="x")

    assert (status, told["details"]["param_name"]) == (400, "page")


@pytest.mark.parametrize(
    "moment", ["Fri, 31 Dec 99999999999 23:59:59 +0000", "1 Jan 1 9" + "9" * 500]
)
async def test_a_header_without_a_readable_moment_counts_as_none(
    fake: FakeZoho, caller: Any, token: str, moment: str
) -> None:
    """Neither for what is newer, nor for what has not changed."""
    lead = fake.records("Leads").add()
    call, body = partial(caller.call, fake, token=token), {"data": [{"City": "Delft"}]}
    read = await call("GET", f"Leads/{lead}", headers={"If-Modified-Since": moment})
    written = await call("PUT", f"Leads/{lead}", headers={"If-Unmodified-Since": moment}, json=body)

    assert (read.status, written.status) == (200, 200)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_moment_beyond_the_calendar_is_none(ask: Any, fake: FakeZoho, moment: str) -> None:
    """So that queries can compare all that are kept."""
    row = {"Subject": "A", "Closed_Time": moment}
    status, told = await ask("POST Tasks", {"data": [row]})
    query = {"select_query": "select id from Tasks where Closed_Time > '2026-01-01T00:00:00Z'"}

    assert (status, told["data"][0]["details"]["api_name"]) == (400, "Closed_Time")
    assert await ask("POST coql", query) == (204, None)


async def test_half_a_character_leads_to_no_record(ask: Any, fake: FakeZoho) -> None:
    """It is compared as any other text is."""
    fake.records("Contacts").add()
    query = {"select_query": "select id from Contacts where Account_Name = '\ud800'"}

    assert await ask("POST coql", query) == (204, None)


def test_filters_with_half_a_character_are_none(fake: FakeZoho) -> None:
    """They are rejected, as all that is no JSON is."""
    call = Call(
        method="GET",
        path="/settings/recycle_bin",
        version="v7",
        params={},
        query={"filters": "\ud800"},
        headers={},
        body=b"",
    )
    with pytest.raises(RejectedError) as caught:
        fake.operations["GET /settings/recycle_bin"].run(call)

    assert caught.value.answer.data["details"] == {"param_name": "filters"}
