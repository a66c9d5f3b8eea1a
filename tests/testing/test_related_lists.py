"""Related lists and notes of records, as they are answered."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

GOOD = {"Note_Content": "Measured."}


@pytest.fixture
def lead(fake: FakeZoho) -> str:
    """Add a lead and return its id."""
    return fake.records("Leads").add(Last_Name="Halden")


async def test_a_link_is_answered_with_the_id_of_what_is_linked(
    ask: Any, fake: FakeZoho, lead: str
) -> None:
    """The list then has the link beside the record, and the answer to a read has no info."""
    product = fake.records("Products").add(Product_Name="Varnish")
    linked = await ask(f"PUT Leads/{lead}/Products/{product}", {"data": [{"Rank": 1}]})
    again = await ask(f"PUT Leads/{lead}/Products", {"data": [{"id": product, "Rank": 2}]})
    listed = await ask(f"GET Leads/{lead}/Products", fields="Product_Name,Rank")
    got = await ask(f"GET Leads/{lead}/Products/{product}", fields="Rank")
    unlinked = await ask(f"DELETE Leads/{lead}/Products/{product}")
    empty = await ask(f"GET Leads/{lead}/Products", fields="Rank")

    success = {"code": "SUCCESS", "details": {"id": product}, "status": "success"}
    assert linked == again == (200, {"data": [{**success, "message": "relation added"}]})
    [row] = listed[1]["data"]
    member = row.pop("$member_info")
    assert row == {"Product_Name": "Varnish", "Rank": 2, "id": product}
    assert set(member) == {"id", "Created_Time", "Modified_Time"}
    assert listed[1]["info"] == {
        "per_page": 200,
        "next_page_token": None,
        "count": 1,
        "page": 1,
        "previous_page_token": None,
        "page_token_expiry": None,
        "more_records": False,
    }
    assert got == (200, {"data": [{"Rank": 2, "id": product, "$member_info": member}]})
    assert unlinked == (200, {"data": [{**success, "message": "relation removed"}]})
    assert empty == (204, None)
    assert fake.stats.done.of("link", "Leads", lead) == 2
    assert fake.stats.done.of("unlink", "Leads", lead) == 1


@pytest.mark.parametrize(
    ("line", "body", "status", "code"),
    [
        ("GET Leads/7/Products?fields=Rank", None, 400, "INVALID_DATA"),
        ("GET Leads/{lead}/Feelings?fields=Rank", None, 400, "INVALID_DATA"),
        ("GET Leads/{lead}/Products", None, 400, "REQUIRED_PARAM_MISSING"),
        ("GET Leads/{lead}/Products?fields=Rank&sort_by=Rank", None, 400, "INVALID_DATA"),
        ("PUT Leads/{lead}/Tasks", {"data": [{"id": "7"}]}, 400, "NOT_SUPPORTED"),
        ("PUT Leads/{lead}/Products/7", {"data": [{}]}, 400, "INVALID_DATA"),
        ("DELETE Leads/{lead}/Products", None, 400, "MANDATORY_NOT_FOUND"),
        ("DELETE Leads/{lead}/Products?ids=a", None, 400, "UNABLE_TO_PARSE_DATA_TYPE"),
        ("DELETE Leads/{lead}/Products/7", None, 400, "INVALID_DATA"),
        ("GET Leads/deleted/{lead}/Tasks?fields=Subject", None, 404, "INVALID_DATA"),
        ("GET Leads/deleted/{gone}/Notes?fields=Owner", None, 400, "INVALID_DATA"),
        ("PUT Leads/{lead}/Notes", {"data": []}, 400, "INVALID_DATA"),
        ("POST Leads/7/Notes", {"data": [GOOD]}, 400, "INVALID_DATA"),
        ("DELETE Leads/{lead}/Notes/7", None, 400, "INVALID_DATA"),
    ],
)
async def test_rejects_what_cannot_be_related(
    ask: Any, fake: FakeZoho, lead: str, line: str, body: Any, status: int, code: str
) -> None:
    """Errors about the path stand alone, not under a key."""
    gone = fake.records("Leads").add()
    fake.records("Leads").remove(gone)
    told = await ask(line.format(lead=lead, gone=gone), body)

    assert (told[0], told[1]["code"]) == (status, code)


async def test_each_item_of_a_link_is_right_or_wrong_by_itself(
    ask: Any, fake: FakeZoho, lead: str
) -> None:
    """Some right and some wrong is 207."""
    product = fake.records("Products").add()
    items = [{"id": product}, {"id": "7"}, {}, "text"]
    status, told = await ask(f"PUT Leads/{lead}/Products", {"data": items})
    delinked = await ask(f"DELETE Leads/{lead}/Products?ids={product},7")

    assert status == 207
    assert [(item["code"], item["details"]) for item in told["data"]] == [
        ("SUCCESS", {"id": product}),
        ("INVALID_DATA", {"api_name": "id", "json_path": "$.data[1].id"}),
        ("MANDATORY_NOT_FOUND", {"api_name": "id", "json_path": "$.data[2].id"}),
        ("MANDATORY_NOT_FOUND", {"api_name": "id", "json_path": "$.data[3].id"}),
    ]
    assert delinked[0] == 207
    assert delinked[1]["data"][1]["message"] == "relation not found"


async def test_a_link_whose_values_are_no_object_is_rejected(
    ask: Any, fake: FakeZoho, lead: str
) -> None:
    """In its place, and nothing is linked."""
    product = fake.records("Products").add()
    status, told = await ask(f"PUT Leads/{lead}/Products/{product}", {"data": [5]})

    details = {"expected_data_type": "jsonobject", "api_name": "data", "json_path": "$.data[0]"}
    assert (status, told["data"][0]["code"]) == (400, "INVALID_DATA")
    assert told["data"][0]["details"] == details
    assert await ask(f"GET Leads/{lead}/Products?fields=Rank") == (204, None)


async def test_a_list_tells_if_nothing_is_newer(
    fake: FakeZoho, caller: Any, token: str, lead: str
) -> None:
    """As lists of modules do."""
    fake.records("Tasks").add(Subject="Call", Who_Id=None, What_Id={"id": lead, "module": "Leads"})
    path = f"Leads/{lead}/Tasks?fields=Subject"
    statuses = []
    for year in (2020, 2099):
        headers = {"If-Modified-Since": f"{year}-01-01T00:00:00+00:00"}
        reply = await caller.call(fake, "GET", path, token=token, headers=headers)
        statuses.append(reply.status)

    assert statuses == [200, 304]


async def test_notes_belong_to_the_record_of_their_path(
    ask: Any, fake: FakeZoho, lead: str
) -> None:
    """What an update answers has lower-case keys, and another record's note is unknown."""
    created = await ask(f"POST Leads/{lead}/Notes", {"data": [GOOD, {"Note_Title": "x"}, 5]})
    note = fake.records("Notes").ids[0]
    other = fake.records("Notes").add(Parent_Id={"id": fake.records("Leads").add()})
    items = [{"id": note, "Note_Title": "North"}, {"id": other, "Note_Title": "South"}]
    updated = await ask(f"PUT Leads/{lead}/Notes", {"data": items})

    assert created[0] == 207
    codes = [item["code"] for item in created[1]["data"]]
    assert codes == ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA"]
    assert "$approval_state" not in created[1]["data"][0]["details"]
    assert updated[0] == 207
    assert set(updated[1]["data"][0]["details"]) == {
        *("id", "created_time", "created_by", "modified_time", "modified_by")
    }
    assert updated[1]["data"][1]["code"] == "INVALID_DATA"
