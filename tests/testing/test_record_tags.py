"""Tags on records."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho


@pytest.fixture
def leads(fake: FakeZoho) -> list[str]:
    """Add two leads and return their ids."""
    return fake.records("Leads").add_many(2)


def tags_of(fake: FakeZoho, lead: str) -> list[str]:
    """Return the names of a lead's tags."""
    return [tag["name"] for tag in fake.records("Leads").get(lead)["Tag"]]


async def test_adds_and_removes_tags(ask: Any, fake: FakeZoho, leads: list[str]) -> None:
    """The answer has all tags of each record after the call, and how many went well."""
    known = fake.tags.add("Leads", name="callback", color_code="#57B1FD")
    body = {"tags": [{"name": "fair"}, {"id": known, "name": "x"}], "ids": leads}
    added = await ask("POST Leads/actions/add_tags", body)
    again = await ask("POST Leads/actions/add_tags", body)
    removed = await ask(
        "POST Leads/actions/remove_tags", {"tags": [{"name": "fair"}], "ids": leads}
    )

    fair = fake.tags.ids[-1]
    assert added[0] == 200
    assert added[1]["data"][0]["details"] == {
        "id": leads[0],
        "tags": [
            {"name": "fair", "id": fair, "color_code": None},
            {"name": "callback", "id": known, "color_code": "#57B1FD"},
        ],
    }
    assert (added[1]["success_count"], added[1]["locked_count"]) == ("2", "0")
    assert again[1] == added[1]
    assert removed[1]["data"][1]["details"]["tags"] == [added[1]["data"][0]["details"]["tags"][1]]
    assert removed[1]["locked_count"] == "0"
    assert "success_count" not in removed[1]
    assert tags_of(fake, leads[0]) == ["callback"]
    assert fake.stats.done["tag", "Leads", leads[0]] == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ids": ["7"]}, "MANDATORY_NOT_FOUND"),
        ({"ids": ["7"], "owner": "1"}, "MANDATORY_NOT_FOUND"),
        ({"ids": ["7"], "owner": {"id": "1"}}, "INVALID_DATA"),
        ({"owner": {"id": "4150868000000225013"}}, "MANDATORY_NOT_FOUND"),
        ({"ids": ["7"] * 501, "owner": {"id": "4150868000000225013"}}, "LIMIT_EXCEEDED"),
    ],
)
async def test_rejects_what_gives_no_record_away(ask: Any, body: dict[str, Any], code: str) -> None:
    """A user of the org, and ids, of at most 500 records."""
    status, error = await ask("POST Leads/actions/change_owner", body)

    assert (status, error["code"]) == (400, code)


async def test_gives_records_to_another_user(ask: Any, fake: FakeZoho, leads: list[str]) -> None:
    """Each is answered by itself, and counted."""
    owner = {"id": fake.users.add(last_name="Reyl")}
    one = await ask(f"POST Leads/{leads[0]}/actions/change_owner", {"owner": owner})
    many = await ask("POST Leads/actions/change_owner", {"owner": owner, "ids": [*leads, "7"]})

    item = {"code": "SUCCESS", "message": "owner is successfully updated", "status": "success"}
    assert one == (200, {"data": [{**item, "details": {"id": leads[0]}}]})
    assert many[0] == 207
    assert many[1]["data"][2]["details"] == {"id": "7"}
    assert fake.records("Leads").get(leads[1])["Owner"]["id"] == owner["id"]
    assert fake.stats.done.of("change_owner", "Leads") == 3


@pytest.mark.parametrize("how", ["body", "query"])
async def test_writes_over_the_tags_of_one_record(
    ask: Any, fake: FakeZoho, leads: list[str], how: str
) -> None:
    """One record comes without counts."""
    path = f"POST Leads/{leads[0]}/actions/add_tags"
    await ask(path, {"tags": [{"name": "old"}]})
    more = {"over_write": True} if how == "body" else {}
    params = {"over_write": "true"} if how == "query" else {}
    status, answer = await ask(path, {"tags": [{"name": "new"}], **more}, **params)
    await ask(f"POST Leads/{leads[0]}/actions/remove_tags", {"tags": [{"name": "none"}]})

    assert status == 200
    assert set(answer) == {"data"}
    assert tags_of(fake, leads[0]) == ["new"]


async def test_tells_which_records_it_could_not_tag(
    ask: Any, fake: FakeZoho, leads: list[str]
) -> None:
    """Locked and unknown ones are errors of their items."""
    fake.records("Leads").lock(leads[1])
    body = {"tags": [{"name": "fair"}], "ids": [*leads, "7"]}
    status, answer = await ask("POST Leads/actions/add_tags", body)

    assert status == 207
    assert [item["code"] for item in answer["data"]] == ["SUCCESS", "RECORD_LOCKED", "INVALID_DATA"]
    assert (answer["success_count"], answer["locked_count"]) == ("1", "1")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ids": ["7"]}, "MANDATORY_NOT_FOUND"),
        ({"tags": [], "ids": ["7"]}, "MANDATORY_NOT_FOUND"),
        ({"tags": [5], "ids": ["7"]}, "INVALID_DATA"),
        ({"tags": [{}], "ids": ["7"]}, "INVALID_DATA"),
        ({"tags": [{"id": "7"}], "ids": ["7"]}, "INVALID_DATA"),
        ({"tags": [{"name": "a"}]}, "MANDATORY_NOT_FOUND"),
        ({"tags": [{"name": "a"}], "ids": ["7"] * 501}, "LIMIT_EXCEEDED"),
    ],
)
async def test_rejects_what_tags_nothing(ask: Any, body: dict[str, Any], code: str) -> None:
    """Tags that can be found or made, and ids, of at most 500 records."""
    status, error = await ask("POST Leads/actions/add_tags", body)

    assert (status, error["code"]) == (400, code)


async def test_settings_know_what_is_tagged(ask: Any, fake: FakeZoho, leads: list[str]) -> None:
    """Records are counted, follow a merge, and lose a tag that is deleted."""
    one, two = fake.tags.add("Leads", name="one"), fake.tags.add("Leads", name="two")
    await ask("POST Leads/actions/add_tags", {"tags": [{"id": two}], "ids": leads})
    before = await ask(f"GET settings/tags/{two}/actions/records_count", module="Leads")
    elsewhere = await ask(f"GET settings/tags/{two}/actions/records_count", module="Nothing")
    await ask(f"POST settings/tags/{one}/actions/merge", {"tags": [{"conflict_id": two}]})
    merged = tags_of(fake, leads[0])
    after = await ask(f"GET settings/tags/{one}/actions/records_count", module="Leads")
    await ask(f"DELETE settings/tags/{one}")

    assert (before[1], after[1], elsewhere[1]) == ({"count": "2"}, {"count": "2"}, {"count": "0"})
    assert merged == ["one"]
    assert tags_of(fake, leads[0]) == []
