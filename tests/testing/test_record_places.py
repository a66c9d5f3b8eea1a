"""Locks, shares, processes and the recycle bin, as they are answered."""

import json
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

SUCCESS = {"code": "SUCCESS", "status": "success"}
USER = "4150868000000225013"
#: A filter by a number, where there are texts; its braces are doubled for `str.format`.
NUMBER = '{{"field":{{"api_name":"module"}},"comparator":"contains","value":5}}'


@pytest.fixture
def lead(fake: FakeZoho) -> str:
    """Add a lead and return its id."""
    return fake.records("Leads").add(Last_Name="Halden", Lead_Status="Contacted")


async def test_a_lock_has_an_id_of_its_own(ask: Any, fake: FakeZoho, lead: str) -> None:
    """The record says that it is locked, and the lock by whom and why."""
    path = f"Leads/{lead}/Locking_Information__s"
    locked = await ask(f"POST {path}", {"data": [{"Locked_Reason__s": "audit"}]})
    again = await ask(f"POST {path}", {"data": [{"Locked_Reason__s": "audit"}]})
    listed = await ask(f"GET {path}", fields="Locked_By__s,Locked_For__s,Nothing")
    behind = await ask(f"GET {path}", fields="Locked_By__s", page=2)
    shown = fake.records("Leads").get(lead)["Locked__s"]
    lock = locked[1]["data"][0]["details"]["id"]
    got = await ask(f"GET {path}/{lock}")
    other = await ask(f"GET {path}/7")
    unlocked = await ask(f"DELETE {path}/{lock}")

    assert locked[0] == 201
    assert lock != lead
    assert set(locked[1]["data"][0]["details"]) == {
        *("id", "Created_Time", "Created_By", "Modified_Time", "Modified_By")
    }
    assert (again[0], again[1]["data"][0]["message"]) == (403, "record is already locked")
    [row] = listed[1]["data"]
    assert (set(row), row["Locked_For__s"]["id"]) == ({"Locked_By__s", "Locked_For__s", "id"}, lead)
    assert "next_page_token" in listed[1]["info"]
    assert behind == other == (204, None)
    assert shown is True
    assert got[1]["data"][0]["Lock_Source__s"] == "Manual"
    assert unlocked == (
        200,
        {"data": [{**SUCCESS, "details": {"id": lock}, "message": "relation removed"}]},
    )
    assert not fake.records("Leads").get(lead)["Locked__s"]
    assert [fake.stats.done.of(verb, "Leads", lead) for verb in ("lock", "unlock")] == [1, 1]


@pytest.mark.parametrize(
    ("line", "body", "status", "code"),
    [
        ("GET Leads/7/Locking_Information__s?fields=Locked_By__s", None, 400, "INVALID_DATA"),
        ("GET Leads/{lead}/Locking_Information__s", None, 400, "REQUIRED_PARAM_MISSING"),
        ("POST Leads/{lead}/Locking_Information__s", {"data": [{}]}, 400, "MANDATORY_NOT_FOUND"),
        ("POST Leads/{lead}/Locking_Information__s", {"data": [5]}, 400, "MANDATORY_NOT_FOUND"),
        ("PUT Leads/{lead}/Locking_Information__s/7", {"data": [{}]}, 400, "INVALID_DATA"),
        ("DELETE Leads/{lead}/Locking_Information__s/7", None, 400, "INVALID_DATA"),
        ("GET Leads/7/actions/share", None, 400, "INVALID_DATA"),
        ("GET Leads/{lead}/actions/share?view=all", None, 400, "PATTERN_NOT_MATCHED"),
        ("DELETE Leads/{lead}/actions/share", None, 400, "BAD_REQUEST"),
        ("GET Leads/7/actions/blueprint", None, 400, "INVALID_DATA"),
        ("GET Leads/{lead}/actions/blueprint", None, 400, "RECORD_NOT_IN_PROCESS"),
        ("GET settings/recycle_bin?sort_by=owner", None, 400, "INVALID_DATA"),
        ("GET settings/recycle_bin?filters=x", None, 403, "INVALID_DATA"),
        ("GET settings/recycle_bin?filters=5", None, 403, "INVALID_DATA"),
        (f"GET settings/recycle_bin?filters={NUMBER}", None, 403, "INVALID_DATA"),
        ("DELETE settings/recycle_bin", None, 400, "REQUIRED_PARAM_MISSING"),
        ("DELETE settings/recycle_bin/7", None, 400, "INVALID_DATA"),
    ],
)
async def test_rejects_what_a_record_does_not_have(
    ask: Any, fake: FakeZoho, lead: str, line: str, body: Any, status: int, code: str
) -> None:
    """Errors about the path stand alone, those of an item in its place."""
    fake.records("Tasks").remove(fake.records("Tasks").add(Subject="Call"))
    told = await ask(line.format(lead=lead), body)
    error = told[1]["data"][0] if "data" in told[1] else told[1]

    assert (told[0], error["code"]) == (status, code)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([5], "INVALID_DATA"),
        ([{"permission": "all"}], "INVALID_DATA"),
        ([{"permission": "read_only"}], "MANDATORY_NOT_FOUND"),
        ([{"permission": "read_only", "shared_with": {"type": "users"}}], "MANDATORY_NOT_FOUND"),
        ([{"permission": "read_only", "shared_with": {"id": "7"}}], "INVALID_DATA"),
        ([{"permission": "read_only", "shared_with": {"id": "7", "type": {}}}], "INVALID_DATA"),
        (
            [{"permission": "read_only", "shared_with": {"id": "7", "type": "teams"}}],
            "INVALID_DATA",
        ),
        (
            [{"permission": "read_only", "type": "public", "shared_with": {"id": USER}}],
            "AMBIGUITY_DURING_PROCESSING",
        ),
    ],
)
async def test_rejects_what_cannot_be_shared(ask: Any, lead: str, items: Any, code: str) -> None:
    """With somebody there is, once, or with everybody and nobody else."""
    status, told = await ask(f"POST Leads/{lead}/actions/share", {"share": items})

    assert (status, told["share"][0]["code"]) == (400, code)
    assert (await ask(f"GET Leads/{lead}/actions/share"))[0] == 204


async def test_a_share_adds_and_a_replacement_revokes(ask: Any, fake: FakeZoho, lead: str) -> None:
    """Groups and roles as well as users; the answer to the end of it is an object."""
    path = f"Leads/{lead}/actions/share"
    groups = [
        {"permission": "read_write", "shared_with": {"id": str(n), "type": "groups"}}
        for n in range(1, 7)
    ]
    user = {"permission": "read_only", "shared_with": {"id": USER, "type": "users"}}
    many = await ask(f"POST {path}", {"share": groups})
    one = await ask(f"POST {path}", {"share": [user]})
    twice = await ask(f"POST {path}", {"share": [user]})
    there = await ask(f"GET {path}")
    public = await ask(f"PUT {path}", {"share": [{"permission": "full_access", "type": "public"}]})
    after = await ask(f"GET {path}")
    none = await ask(f"GET {path}", sharedTo=USER)
    ended = await ask(f"DELETE {path}")

    assert [item["code"] for item in many[1]["share"]] == ["SUCCESS"] * 5 + ["LIMIT_EXCEEDED"]
    shared = {**SUCCESS, "details": {}, "message": "record will be shared successfully"}
    assert one == (201, {"share": [shared]})
    assert twice[1]["share"][0]["message"] == "record is already visible to the user"
    assert len(there[1]["share"]) == 6
    assert there[1]["share"][5]["shared_with"]["name"] == "Mira Oldenkamp"
    assert public == (200, {"share": [shared]})
    [everybody] = after[1]["share"]
    assert (everybody["type"], everybody["shared_with"]) == ("public", None)
    assert none == (204, None)
    told = {**SUCCESS, "details": {"id": lead}, "message": "Sharing Revoked"}
    assert ended == (200, {"share": told})
    assert fake.stats.done.of("unshare", "Leads", lead) == 1


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        (5, "MANDATORY_NOT_FOUND"),
        ({"transition_id": "7"}, "INVALID_DATA"),
        ({"transition_id": "{step}", "data": {"Email": "no"}}, "INVALID_DATA"),
    ],
)
async def test_rejects_what_is_no_step(
    ask: Any, fake: FakeZoho, lead: str, item: Any, code: str
) -> None:
    """The error stands alone, as the success does."""
    steps = fake.records("Leads").add_blueprint(
        "Lead_Status", [("Qualify", "Contacted", "Pre-Qualified", ["Phone"])]
    )
    item = json.loads(json.dumps(item).replace("{step}", steps["Qualify"]))
    status, told = await ask(f"PUT Leads/{lead}/actions/blueprint", {"blueprint": [item]})

    assert (status, told["code"]) == (400, code)
    assert fake.records("Leads").get(lead)["Lead_Status"] == "Contacted"


async def test_a_locked_record_takes_no_step(ask: Any, fake: FakeZoho, lead: str) -> None:
    """And all else of it stays as it is."""
    steps = fake.records("Leads").add_blueprint(
        "Lead_Status", [("Qualify", "Contacted", "Pre-Qualified", [])]
    )
    fake.records("Leads").lock(lead)
    item = {"transition_id": steps["Qualify"], "data": {}}
    status, told = await ask(f"PUT Leads/{lead}/actions/blueprint", {"blueprint": [item]})
    fake.records("Leads").lock(lead, locked=False)
    done = await ask(f"PUT Leads/{lead}/actions/blueprint", {"blueprint": [{**item, "data": 5}]})

    assert (status, told["code"]) == (400, "RECORD_LOCKED")
    assert done == (200, {**SUCCESS, "details": {}, "message": "transition updated successfully"})


@pytest.mark.parametrize(
    ("field", "comparator", "value", "found"),
    [
        ("module", "equal", "Leads", ["Burns", "Halden"]),
        ("module", "not_equal", {"api_name": "Leads"}, ["Call"]),
        ("display_name", "contains", "al", ["Call", "Halden"]),
        ("display_name", "not_contains", "al", ["Burns"]),
        ("display_name", "starts_with", "B", ["Burns"]),
        ("display_name", "ends_with", "l", ["Call"]),
        ("deleted_by", "equal", [{"id": USER}], ["Burns", "Call", "Halden"]),
        ("deleted_by", "not_equal", {"id": USER}, []),
        ("deleted_time", "greater_than", "2020-01-01T00:00:00+00:00", ["Burns", "Call", "Halden"]),
        ("deleted_time", "less_than", "2020-01-01T00:00:00+00:00", []),
    ],
)
async def test_the_bin_is_filtered(
    ask: Any, fake: FakeZoho, lead: str, field: str, comparator: str, value: Any, found: list[str]
) -> None:
    """By what Zoho's page names, one by one or in groups."""
    fake.records("Leads").remove(lead)
    fake.records("Leads").remove(fake.records("Leads").add(Last_Name="Burns"))
    fake.records("Tasks").remove(fake.records("Tasks").add(Subject="Call"))
    one = {"field": {"api_name": field}, "comparator": comparator, "value": value}
    group = {"group_operator": "and", "group": [one, one]}
    for filters in (one, group):
        _, told = await ask("GET settings/recycle_bin", filters=json.dumps(filters))
        names = [row["display_name"] for row in told["recycle_bin"]] if told else []
        assert sorted(names) == found


async def test_no_filter_of_the_bin_is_too_deep_to_be_rejected(ask: Any) -> None:
    """One of a thousand groups in one another is wrong as any other, and no error of the server."""
    deep = '{"group":[' * 1000 + "]}" * 1000
    status, told = await ask("GET settings/recycle_bin", filters=deep)

    assert (status, told["code"]) == (403, "INVALID_DATA")


async def test_the_bin_is_emptied(ask: Any, fake: FakeZoho, lead: str) -> None:
    """By ids, or by a filter: then the answer has no ids. The deleted records stay known."""
    other = fake.records("Leads").add(Last_Name="Burns")
    fake.records("Leads").remove(lead)
    fake.records("Leads").remove(other)
    listed = await ask("GET settings/recycle_bin", sort_by="display_name", sort_order="asc")
    mixed = await ask(f"DELETE settings/recycle_bin?ids={lead},7")
    module = {"field": {"api_name": "module"}, "comparator": "equal", "value": "Leads"}
    left = await ask("DELETE settings/recycle_bin", filters=json.dumps(module))

    assert [row["display_name"] for row in listed[1]["recycle_bin"]] == ["Burns", "Halden"]
    assert set(listed[1]["info"]) == {"per_page", "count", "page", "more_records"}
    assert mixed[0] == 207
    assert [item["code"] for item in mixed[1]["recycle_bin"]] == ["SUCCESS", "INVALID_DATA"]
    assert (left[0], left[1]["recycle_bin"][0]["code"]) == (202, "SCHEDULED")
    assert fake.recycle_bin.ids == []
    deleted = await ask("GET Leads/deleted")
    assert {row["type"] for row in deleted[1]["data"]} == {"permanent"}
