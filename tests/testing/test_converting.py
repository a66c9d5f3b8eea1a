"""Conversions and merges, as they are answered."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

PLACE = {"json_path": "$.merge[0].data", "api_name": "data"}


@pytest.fixture
def leads(fake: FakeZoho) -> list[str]:
    """Add four leads and return their ids."""
    return fake.records("Leads").add_many(4)


async def test_a_conversion_names_what_it_made(ask: Any, fake: FakeZoho, leads: list[str]) -> None:
    """An object each, null for none; the second one is an error that stands alone."""
    done = await ask(f"POST Leads/{leads[0]}/actions/convert", {"data": [{}]})
    again = await ask(f"POST Leads/{leads[0]}/actions/convert", {"data": [{}]})
    options = await ask(f"GET Leads/{leads[0]}/__conversion_options")

    [contact] = fake.records("Contacts").ids
    made = {"Contacts": {"name": "Lead 1", "id": contact}, "Deals": None, "Accounts": None}
    message = "The record has been converted successfully"
    item = {"code": "SUCCESS", "details": made, "message": message, "status": "success"}
    assert done == (200, {"data": [item]})
    assert again[0] == options[0] == 400
    assert again[1] == options[1]
    assert (again[1]["code"], again[1]["details"]) == (
        "ID_ALREADY_CONVERTED",
        {"resource_path_index": 1},
    )
    assert fake.stats.done.of("convert", "Leads", leads[0]) == 1


async def test_a_conversion_joins_and_carries_tags_only_once(
    ask: Any, fake: FakeZoho, leads: list[str]
) -> None:
    """What is joined keeps its own values unless told otherwise."""
    contact = fake.records("Contacts").add(Last_Name="Kept")
    body = {"data": [{"Contacts": {"id": contact}, "carry_over_tags": {"Contacts": ["a", "a"]}}]}
    await ask(f"POST Leads/{leads[0]}/actions/convert", body)

    shown = fake.records("Contacts").get(contact)
    assert shown["Last_Name"] == "Kept"
    assert [tag["name"] for tag in shown["Tag"]] == ["a"]


async def test_a_lead_may_join_the_record_that_has_its_unique_values(
    ask: Any, fake: FakeZoho
) -> None:
    """But no other than that one."""
    fake.fields.add("Leads", "Number", unique=True)
    fake.fields.add("Contacts", "Number", unique=True)
    lead = fake.records("Leads").add(Number="N1", City="Delft")
    same, other = fake.records("Contacts").add(Number="N1"), fake.records("Contacts").add()
    line = f"POST Leads/{lead}/actions/convert"
    _, wrong = await ask(line, {"data": [{"overwrite": True, "Contacts": {"id": other}}]})
    _, right = await ask(line, {"data": [{"overwrite": True, "Contacts": {"id": same}}]})

    assert [told["data"][0]["code"] for told in (wrong, right)] == ["DUPLICATE_DATA", "SUCCESS"]
    assert fake.records("Contacts").get(same)["Mailing_City"] == "Delft"


@pytest.mark.parametrize(
    ("line", "body", "code"),
    [
        ("POST Leads/7/actions/convert", {"data": [{}]}, "INVALID_DATA"),
        ("POST Leads/{lead}/actions/convert", {"data": [5]}, "INVALID_DATA"),
        *(
            ("POST Leads/{lead}/actions/convert", {"data": [{"carry_over_tags": carried}]}, wrong)
            for carried in (5, ["a"], {"Contacts": 5}, {"Contacts": "a"}, {"Contacts": [{}]})
            for wrong in ("INVALID_DATA",)
        ),
        ("POST Tasks/7/actions/convert", {"data": [{}]}, "INVALID_MODULE"),
        ("POST Quotes/{quote}/actions/convert", {"data": [{}]}, "MANDATORY_NOT_FOUND"),
        ("POST Quotes/{quote}/actions/convert", {"data": [5]}, "MANDATORY_NOT_FOUND"),
        (
            "POST Quotes/{quote}/actions/convert",
            {"data": [{"convert_to": [{}, {}]}]},
            "INVALID_DATA",
        ),
        (
            "POST Quotes/{quote}/actions/convert",
            {"data": [{"convert_to": [{"module": {"api_name": "Leads"}}]}]},
            "INVALID_DATA",
        ),
        ("POST Quotes/{quote}/actions/convert", {"data": [{"convert_to": [5]}]}, "INVALID_DATA"),
    ],
)
async def test_rejects_what_cannot_be_converted(
    ask: Any, fake: FakeZoho, line: str, body: Any, code: str
) -> None:
    """Errors about the path stand alone, those of the item in its place."""
    quote = fake.records("Quotes").add(Subject="North stair", Quoted_Items=[])
    lead = fake.records("Leads").add()
    status, told = await ask(line.format(quote=quote, lead=lead), body)
    error = told["data"][0] if "data" in told else told

    assert (status, error["code"]) == (400, code)
    assert fake.records("Sales_Orders").ids == fake.records("Contacts").ids == []


@pytest.mark.parametrize(
    ("item", "code", "details"),
    [
        ({}, "MANDATORY_NOT_FOUND", PLACE),
        (5, "MANDATORY_NOT_FOUND", PLACE),
        ({"data": []}, "INVALID_DATA", {**PLACE, "minimum_length": 1}),
        (
            {"data": [{"id": n} for n in range(1, 4)]},
            "INVALID_DATA",
            {**PLACE, "maximum_length": 2},
        ),
        ({"data": [{"id": 0}]}, "DUPLICATE_DATA", None),
        ({"data": [{"id": 1}, {"id": 1}]}, "DUPLICATE_DATA", None),
        ({"data": [{"id": 9}]}, "INVALID_DATA", None),
        ({"data": [5]}, "INVALID_DATA", None),
        ({"data": [{"id": 1, "_fields": [{"api_name": "Shade"}]}]}, "INVALID_DATA", None),
        ({"data": [{"id": 1, "_fields": [{"api_name": {}}]}]}, "INVALID_DATA", None),
        (
            {"data": [{"id": 1, "_fields": [{"api_name": "Phone", "_data": []}]}]},
            "INVALID_DATA",
            None,
        ),
        (
            {"data": [{"id": 1, "_fields": [{"api_name": "Skills", "_data": 5}]}]},
            "INVALID_DATA",
            None,
        ),
        (
            {"data": [{"id": 1, "_fields": [{"api_name": "Skills", "_data": ["9a"]}]}]},
            "INVALID_DATA",
            None,
        ),
        (
            {"master_record_fields": [{"api_name": "Shade"}], "data": [{"id": 1}]},
            "INVALID_DATA",
            {"api_name": "api_name", "json_path": "$.merge[0].master_record_fields"},
        ),
        ({"data": [{"id": 3}]}, "NOT_ALLOWED", None),
    ],
)
async def test_rejects_what_cannot_be_merged(
    ask: Any, fake: FakeZoho, leads: list[str], item: Any, code: str, details: Any
) -> None:
    """Numbers stand for the leads; the fourth is locked."""
    fake.fields.add("Leads", "Skills", type="subform")
    fake.records("Leads").lock(leads[3])
    ids = dict(enumerate(leads))
    if isinstance(item, dict) and "data" in item:
        children = [
            {**child, "id": ids.get(child["id"], "7")} if isinstance(child, dict) else child
            for child in item["data"]
        ]
        item = {**item, "data": children}
    status, told = await ask(f"POST Leads/{leads[0]}/actions/merge", {"merge": [item]})

    [error] = told["merge"]
    assert (status, error["code"]) == (400, code)
    assert details is None or error["details"] == details
    assert fake.records("Leads").ids == leads


async def test_a_merge_needs_a_record_that_stays(ask: Any) -> None:
    """The path names it, so the error stands alone; there is no job, either."""
    status, told = await ask("POST Leads/7/actions/merge", {"merge": [{"data": [{"id": "8"}]}]})
    job = await ask("GET Leads/7/actions/merge")

    assert (status, told["details"]) == (400, {"resource_path_index": 1})
    assert job == (204, None)


async def test_a_merge_keeps_the_rows_that_are_named(ask: Any, fake: FakeZoho) -> None:
    """Of its own, and of those that go."""
    fake.fields.add("Leads", "Skills", type="subform")
    keep, child = fake.records("Leads").add(), fake.records("Leads").add()
    for own, names in ((keep, "ab"), (child, "cd")):
        subform = [{"id": f"9{name}", "Skill": name} for name in names]
        fake.records("Leads").change(own, Skills=subform)
    item = {
        "master_record_fields": [{"api_name": "Skills", "_data": [{"id": "9b"}]}],
        "data": [{"id": child, "_fields": [{"api_name": "Skills", "_data": [{"id": "9c"}]}]}],
    }
    status, told = await ask(f"POST Leads/{keep}/actions/merge", {"merge": [item]})

    assert (status, told["merge"][0]["details"]) == (201, {"id": keep})
    assert [row["Skill"] for row in fake.records("Leads").get(keep)["Skills"]] == ["b", "c"]


async def test_a_merge_moves_every_lookup_and_link(ask: Any, fake: FakeZoho) -> None:
    """Those of other modules, and of the own one."""
    contacts = fake.records("Contacts")
    keep, child = contacts.add(), contacts.add()
    below = contacts.add(Reporting_To={"id": child})
    deal = fake.records("Deals").add(Contact_Name={"id": child})
    campaign = fake.records("Campaigns").add()
    await ask(f"PUT Campaigns/{campaign}/Contacts/{child}", {"data": [{"Member_Status": "Active"}]})
    await ask(f"POST Contacts/{keep}/actions/merge", {"merge": [{"data": [{"id": child}]}]})

    assert contacts.get(below)["Reporting_To"]["id"] == keep
    assert fake.records("Deals").get(deal)["Contact_Name"]["id"] == keep
    listed = await ask(f"GET Campaigns/{campaign}/Contacts", fields="Member_Status")
    assert [row["id"] for row in listed[1]["data"]] == [keep]
