"""Variables and their groups."""

from typing import Any

import pytest

from aiozcrm.testing import Dialect, FakeZoho

PATH = "settings/variables"
GOOD = {
    "name": "Discount",
    "api_name": "Discount",
    "type": "percent",
    "value": 5,
    "variable_group": {"name": "General"},
}


async def test_keeps_variables(ask: Any, fake: FakeZoho) -> None:
    """Values are text in answers, whatever they were in requests; a group is found by name."""
    created = await ask(f"POST {PATH}", {"variables": [GOOD]})
    by_name = await ask(f"GET {PATH}/Discount")
    [variable] = by_name[1]["variables"]

    assert created[0] == 201
    assert created[1]["variables"][0]["message"] == "variable added"
    assert variable["value"] == "5"
    assert variable["variable_group"]["api_name"] == "General"
    assert await ask(f"GET {PATH}/{variable['id']}") == by_name
    assert variable == fake.variables.get(fake.variables.ids[0])


async def test_lists_the_variables_of_a_group(ask: Any, fake: FakeZoho) -> None:
    """By the group's id or its API name."""
    fake.variables.add()
    group_id = fake.variable_groups.ids[0]
    statuses = [(await ask(f"GET {PATH}", group=group))[0] for group in (group_id, "General", "X")]

    assert statuses == [200, 200, 204]
    assert (await ask("GET settings/variable_groups/General"))[0] == 200
    assert (await ask("GET settings/variable_groups"))[1]["variable_groups"][0]["id"] == group_id


@pytest.mark.parametrize(
    ("changes", "code", "name"),
    [
        ({"value": "five"}, "PATTERN_NOT_MATCHED", "value"),
        ({"type": "colour"}, "INVALID_DATA", "type"),
        ({"variable_group": {"id": "7"}}, "INVALID_DATA", "variable_group"),
        ({"variable_group": "General"}, "INVALID_DATA", "variable_group"),
        ({"api_name": None}, "MANDATORY_NOT_FOUND", "api_name"),
        ({"name": "x" * 51}, "INVALID_DATA", "name"),
    ],
)
async def test_rejects_what_is_no_variable(
    ask: Any, changes: dict[str, Any], code: str, name: str
) -> None:
    """The error names the key."""
    status, answer = await ask(f"POST {PATH}", {"variables": [GOOD | changes]})

    [error] = answer["variables"]
    assert (status, error["code"], error["details"]["api_name"]) == (400, code, name)


async def test_names_are_unique(ask: Any, fake: FakeZoho) -> None:
    """The error tells which variable has the name; an update may keep its own."""
    await ask(f"POST {PATH}", {"variables": [GOOD]})
    status, answer = await ask(f"POST {PATH}", {"variables": [GOOD | {"name": "Other"}]})
    same = await ask(f"PUT {PATH}/Discount", {"variables": [{"name": "Discount", "value": None}]})

    [error] = answer["variables"]
    assert (status, error["code"]) == (400, "DUPLICATE_DATA")
    assert error["details"]["id"] == fake.variables.ids[0]
    assert error["details"]["api_name"] == "api_name"
    assert same[0] == 200
    assert fake.variables.get(fake.variables.ids[0])["value"] == ""


async def test_the_type_cannot_be_changed(ask: Any, fake: FakeZoho) -> None:
    """Nor can the group; saying the same again is fine."""
    await ask(f"POST {PATH}", {"variables": [GOOD]})
    changed = await ask(f"PUT {PATH}/Discount", {"variables": [{"type": "text"}]})
    same = await ask(f"PUT {PATH}/Discount", {"variables": [{"type": "percent", "value": True}]})

    assert changed[1]["variables"][0]["code"] == "NOT_ALLOWED"
    assert same[1]["variables"][0]["code"] == "PATTERN_NOT_MATCHED"


async def test_deletes_several(ask: Any, fake: FakeZoho) -> None:
    """By their ids in the query, each by itself."""
    one, two = fake.variables.add_many(2)
    mixed = await ask(f"DELETE {PATH}", ids=f"{one},7")
    words = await ask(f"DELETE {PATH}", ids="x")
    many = await ask(f"DELETE {PATH}", ids=",".join(["7"] * 101))
    none = await ask(f"DELETE {PATH}")
    last = await ask(f"DELETE {PATH}/{two}")

    assert mixed[0] == 207
    assert [item["details"] for item in mixed[1]["variables"]] == [{"id": one}, {"id": "7"}]
    assert (words[1]["code"], many[1]["code"]) == ("UNABLE_TO_PARSE_DATA_TYPE", "LIMIT_EXCEEDED")
    assert none[1]["details"] == {"param_name": "ids"}
    assert last[0] == 200
    assert fake.variables.ids == []
    assert fake.stats.attempts[one] == 1
    assert fake.stats.effects == {one: 1, two: 1}


async def test_wants_the_group_if_told_so(caller: Any) -> None:
    """One of Zoho's sources says that getting one variable needs its group."""
    async with FakeZoho(dialect=Dialect(variable_group_required=True)) as fake:
        token = await caller.token(fake)
        path = f"{PATH}/{fake.variables.add()}"
        without = await caller.call(fake, "GET", path, token=token)
        named = await caller.call(fake, "GET", f"{path}?group=General", token=token)

    assert without.json["details"] == {"param_name": "group"}
    assert named.status == 200
