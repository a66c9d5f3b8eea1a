"""Upserts in the fake: which record a row finds."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho


@pytest.fixture
def fake(fake: FakeZoho) -> FakeZoho:
    """Return a fake whose leads have two unique fields of the org's own."""
    fake.fields.add("Leads", "Badge", unique=True)
    fake.fields.add("Leads", "Ledger_No", external="org")
    return fake


def row(**values: Any) -> dict[str, Any]:
    """Return a row for a lead."""
    return {"Last_Name": "Halden", **values}


async def upsert(ask: Any, *rows: Any, checks: Any = None) -> tuple[int, list[dict[str, Any]]]:
    """Upsert leads; return status and items."""
    more = {} if checks is None else {"duplicate_check_fields": checks}
    status, answer = await ask("POST Leads/upsert", {"data": list(rows), **more})
    return status, answer["data"]


async def test_inserts_what_is_new_and_updates_what_is_there(ask: Any, fake: FakeZoho) -> None:
    """The answer tells which of both, and by which field a record was found."""
    lead = fake.records("Leads").add(Email="a@x.example")
    status, items = await upsert(
        ask, row(Email="A@X.example", City="Delft", Badge="B9"), row(Email="b@x.example"), row()
    )

    assert status == 200
    assert [(item["action"], item["duplicate_field"]) for item in items] == [
        ("update", "Email"),
        ("insert", None),
        ("insert", None),
    ]
    assert items[0]["details"]["id"] == lead
    assert "$approval_state" not in items[1]["details"]
    assert fake.records("Leads").get(lead)["City"] == "Delft"


async def test_rows_of_one_call_find_one_another(ask: Any, fake: FakeZoho) -> None:
    """The second of two equal rows updates what the first one made."""
    _, items = await upsert(ask, row(Email="a@x.example"), row(Email="a@x.example", City="Delft"))

    assert [item["action"] for item in items] == ["insert", "update"]
    assert len(fake.records("Leads").ids) == 1


@pytest.mark.parametrize(
    ("checks", "found"),
    [
        (None, "Email"),
        (["Email"], "Email"),
        (["Badge"], "Badge"),
        (["Ledger_No"], "Ledger_No"),
        ("Badge", "Badge"),
    ],
)
async def test_looks_by_the_fields_in_their_order(
    ask: Any, fake: FakeZoho, checks: Any, found: str
) -> None:
    """Naming fields leaves out the module's own; unique ones always count."""
    leads = {
        "Email": fake.records("Leads").add(Email="a@x.example"),
        "Badge": fake.records("Leads").add(Badge="B1"),
        "Ledger_No": fake.records("Leads").add(Ledger_No="L1"),
    }
    values = {"Email": "a@x.example", "Badge": "B1", "Ledger_No": "L1"}
    status, [item] = await upsert(ask, row(**{found: values[found]}), checks=checks)

    assert status == 200
    assert (item["duplicate_field"], item["details"]["id"]) == (found, leads[found])


async def test_a_value_of_a_third_record_is_in_the_way(ask: Any, fake: FakeZoho) -> None:
    """Found by one field, the row cannot take what is unique elsewhere."""
    fake.records("Leads").add(Email="a@x.example")
    third = fake.records("Leads").add(Badge="B1")
    status, items = await upsert(
        ask, row(Email="a@x.example", Badge="B1"), row(Email="new@x.example"), 5, {}
    )

    assert status == 207
    assert [item["code"] for item in items] == [
        "DUPLICATE_DATA",
        "SUCCESS",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
    ]
    assert items[0]["details"]["id"] == third
    assert "action" not in items[0]


async def test_checks_only_fields_that_find_one_record(ask: Any, fake: FakeZoho) -> None:
    """Others are an error of the whole call, as is a module that has none."""
    body = {"data": [row()], "duplicate_check_fields": ["Email", "City"]}
    wrong = await ask("POST Leads/upsert", body)
    tasks = await ask("POST Tasks/upsert", {"data": [{"Subject": "Call"}]})

    assert (wrong[0], wrong[1]["code"]) == (400, "INVALID_DATA")
    assert wrong[1]["details"] == {
        "supported_values": ["Email", "Badge", "Ledger_No"],
        "json_path": "$.duplicate_check_fields[1]",
    }
    assert (tasks[0], tasks[1]["code"]) == (400, "INVALID_MODULE")


async def test_external_ids_stand_for_zohos_own(fake: FakeZoho, caller: Any, token: str) -> None:
    """In paths, in queries and in bodies, where the header names their field."""
    lead = fake.records("Leads").add(Ledger_No="L-42")
    other = fake.records("Leads").add(Ledger_No="L-43")
    headers = {"X-EXTERNAL": "Contacts.Ledger_No,Leads.Ledger_No"}

    async def send(line: str, *rows: Any) -> Any:
        method, path = line.split(" ")
        options = {"json": {"data": list(rows)}} if rows else {}
        return await caller.call(fake, method, path, token=token, headers=headers, **options)

    got = await send("GET Leads/L-42?fields=Ledger_No")
    listed = await send("GET Leads?fields=Ledger_No&ids=L-43")
    updated = await send("PUT Leads/L-42", {"City": "Delft"})
    many = await send("PUT Leads", {"Ledger_No": "L-43", "City": "Gouda"}, {"Ledger_No": "X"})
    deleted = await send("DELETE Leads?ids=L-43,X")
    unknown = await send("GET Leads/X")
    gone = await send("DELETE Leads/L-42")
    headers["X-EXTERNAL"] = "Leads.City"
    no_external = await send("GET Leads/Delft")

    assert got.json["data"] == [{"Ledger_No": "L-42", "id": lead}]
    assert [each["id"] for each in listed.json["data"]] == [other]
    assert updated.json["data"][0]["details"]["Ledger_No"] == "L-42"
    assert [item["code"] for item in many.json["data"]] == ["SUCCESS", "INVALID_DATA"]
    assert deleted.json["data"][0]["details"] == {"id": other, "Ledger_No": "L-43"}
    assert deleted.status == 207
    assert unknown.status == 204
    assert gone.json["data"][0]["details"] == {"id": lead, "Ledger_No": "L-42"}
    assert (no_external.status, no_external.json["code"]) == (400, "INVALID_DATA")
