"""Notification channels, as the local Zoho keeps them."""

import datetime as dt
from typing import Any

import pytest

from aiozcrm.testing import Clock, Dialect, FakeZoho

PATH = "actions/watch"
NOW = 1_790_000_000.0
HOOK = "https://hooks.example.com/zoho?tenant=7"


@pytest.fixture
def wall(clock: Any) -> Any:
    """The time of the day, which moves without the age of tokens."""
    return type(clock)(NOW)


@pytest.fixture
async def fake(clock: Any, wall: Any) -> Any:
    """A local Zoho whose clocks are moved by the test."""
    async with FakeZoho(clock=Clock(monotonic=clock, wall=wall)) as fake:
        yield fake


def moment(seconds: float) -> str:
    """Return a moment so many seconds from the beginning of the test."""
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC).isoformat()


def seconds_until(text: str) -> float:
    """Return how many seconds after the beginning of the test a moment is."""
    return dt.datetime.fromisoformat(text).timestamp() - NOW


def channel(**values: Any) -> dict[str, Any]:
    """Return a channel as it is sent."""
    first = {"channel_id": "880001", "events": ["Deals.all", "Contacts.create"]}
    given = {**first, "notify_url": HOOK, **values}
    return {name: value for name, value in given.items() if value is not None}


async def test_a_channel_is_opened_shown_and_ended(ask: Any, fake: FakeZoho) -> None:
    """It has an entry for each module, and "all" stands for three operations."""
    wanted = channel(token="s3cret", channel_expiry=moment(86_400))
    status, answer = await ask(f"POST {PATH}", {"watch": [wanted]})
    shown = await ask(f"GET {PATH}", channel_id="880001")
    one = await ask(f"GET {PATH}", module="Contacts")
    ended = await ask(f"DELETE {PATH}", channel_ids="880001")

    assert status == 201
    entries = answer["watch"][0]["details"]["events"]
    assert [entry["resource_name"] for entry in entries] == ["Deals", "Contacts"]
    assert {entry["channel_id"] for entry in entries} == {"880001"}
    assert seconds_until(entries[0]["channel_expiry"]) == 86_400
    assert [item["events"] for item in shown[1]["watch"]] == [
        ["Deals.edit", "Deals.create", "Deals.delete"],
        ["Contacts.create"],
    ]
    assert shown[1]["watch"][0]["token"] == "s3cret"
    assert shown[1]["watch"][0]["notify_on_related_action"] is True
    assert shown[1]["info"] == {"per_page": 200, "count": 2, "page": 1, "more_records": False}
    assert len(one[1]["watch"]) == 1
    assert [item["details"]["channel_id"] for item in ended[1]["watch"]] == ["880001"] * 2
    assert fake.notifications.ids == []
    assert await ask(f"GET {PATH}") == (204, None)


@pytest.mark.parametrize(
    ("asked", "lives"), [(None, 3600), (7 * 86_400, 7 * 86_400), (7 * 86_400 + 1, 3600)]
)
async def test_more_than_a_week_is_an_hour(ask: Any, asked: Any, lives: int) -> None:
    """So is no expiry; nobody says so but the answer."""
    expiry = None if asked is None else moment(asked)
    _, answer = await ask(f"POST {PATH}", {"watch": [channel(channel_expiry=expiry)]})

    [entry, _] = answer["watch"][0]["details"]["events"]
    assert seconds_until(entry["channel_expiry"]) == lives


async def test_a_channel_that_has_expired_is_unknown(ask: Any, fake: FakeZoho, wall: Any) -> None:
    """To every call."""
    fake.notifications.add(channel_id="880001")
    wall.advance(3601)
    changed = [await ask(f"{verb} {PATH}", {"watch": [channel()]}) for verb in ("PUT", "PATCH")]
    ended = await ask(f"DELETE {PATH}", channel_ids="880001")

    assert await ask(f"GET {PATH}") == (204, None)
    assert [answer["watch"][0]["code"] for _, answer in [*changed, ended]] == ["NOT_SUBSCRIBED"] * 3
    with pytest.raises(KeyError):
        fake.notifications.get("880001")


def test_a_made_up_id_never_is_that_of_another_channel(fake: FakeZoho) -> None:
    """Whichever channels have ended, and whatever ids others were given."""
    first, second = fake.notifications.add(), fake.notifications.add()
    fake.notifications.remove(first)
    fake.notifications.add(channel_id="880003")
    third = fake.notifications.add()

    assert third not in {first, second, "880003"}
    assert fake.notifications.ids == [second, "880003", third]


async def test_put_removes_what_is_left_out_and_patch_keeps_it(ask: Any, fake: FakeZoho) -> None:
    """The expiry, too."""
    fake.notifications.add(
        channel_id="880001", events=["Leads.edit"], token="old", channel_expiry=moment(7200)
    )
    await ask(f"PATCH {PATH}", {"watch": [channel(events=["Leads.create"], notify_url=None)]})
    [kept] = fake.notifications.get("880001")
    item = {"channel_id": 880001, "channel_expiry": moment(9000)}
    _, renewed = await ask(f"PATCH {PATH}", {"watch": [item]})
    await ask(f"PUT {PATH}", {"watch": [channel(events=["Leads.delete"])]})
    [replaced] = fake.notifications.get("880001")

    assert (kept["events"], kept["token"]) == (["Leads.edit", "Leads.create"], "old")
    assert seconds_until(kept["channel_expiry"]) == 7200
    assert seconds_until(renewed["watch"][0]["details"]["events"][0]["channel_expiry"]) == 9000
    assert (replaced["events"], replaced["token"]) == (["Leads.delete"], None)
    assert seconds_until(replaced["channel_expiry"]) == 3600


async def test_events_are_taken_away(ask: Any, fake: FakeZoho) -> None:
    """A channel without any is gone."""
    fake.notifications.add(channel_id="880001", events=["Leads.all", "Deals.edit"])
    item = {"channel_id": "880001", "_delete_events": True}
    _, answer = await ask(
        f"PATCH {PATH}", {"watch": [{**item, "events": ["Leads.edit", "Deals.all"]}]}
    )
    left = [entry["events"] for entry in fake.notifications.get("880001")]
    await ask(f"PATCH {PATH}", {"watch": [{**item, "events": ["Leads.all"]}]})

    details = answer["watch"][0]["details"]
    assert [entry["resource_name"] for entry in details["events"]] == ["Leads", "Deals"]
    assert "channel_expiry" not in details["events"][0]
    assert left == [["Leads.create", "Leads.delete"]]
    assert fake.notifications.ids == []


CONDITION = {
    "type": "field_selection",
    "module": {"api_name": "Deals"},
    "field_selection": {
        "group_operator": "or",
        "group": [{"field": {"api_name": "Stage"}}, {"group": [{"field": {"api_name": "Amount"}}]}],
    },
}


def condition(**changes: Any) -> dict[str, Any]:
    """Return a channel whose condition is changed; what is None is left out."""
    changed = {**CONDITION, **changes}
    return {
        "notification_condition": [{k: v for k, v in changed.items() if v is not None}],
    }


WRONG = {
    "no id": ({"channel_id": None}, "MANDATORY_NOT_FOUND", "channel_id"),
    "no number as id": ({"channel_id": "a"}, "INVALID_DATA", "channel_id"),
    "an empty object as id": ({"channel_id": {}}, "MANDATORY_NOT_FOUND", "channel_id"),
    "no events": ({"events": []}, "MANDATORY_NOT_FOUND", "events"),
    "events that are none": ({"events": "Leads.all"}, "INVALID_DATA", "events"),
    "an unknown module": ({"events": ["Nothing.all"]}, "INVALID_DATA", "events"),
    "an unknown operation": ({"events": ["Leads.read"]}, "INVALID_DATA", "events"),
    "no address": ({"notify_url": None}, "MANDATORY_NOT_FOUND", "notify_url"),
    "a long token": ({"token": "x" * 51}, "INVALID_DATA", "token"),
    "a moment without offset": (
        {"channel_expiry": "2026-01-01T00:00:00"},
        "INVALID_DATA",
        "channel_expiry",
    ),
    "conditions that are none": (
        {"notification_condition": {"a": 1}},
        "INVALID_DATA",
        "notification_condition",
    ),
    "a condition that is none": (
        {"notification_condition": [5]},
        "INVALID_DATA",
        "notification_condition",
    ),
    "a condition without type": (condition(type=None), "DEPENDENT_FIELD_MISSING", "type"),
    "a condition of another type": (condition(type="other"), "INVALID_DATA", "type"),
    "a condition without module": (condition(module=None), "MANDATORY_NOT_FOUND", "module"),
    "a condition without fields": (
        condition(field_selection={"group": [5]}),
        "INVALID_DATA",
        "field_selection",
    ),
    "an unknown field": (
        condition(field_selection={"group": [{"field": {"api_name": "Nothing"}}]}),
        "INVALID_DATA",
        "field_selection",
    ),
    "a field whose name is none": (
        condition(field_selection={"group": [{"field": {"api_name": {}}}]}),
        "INVALID_DATA",
        "field_selection",
    ),
    "too many fields": (
        condition(field_selection={"group": [{"field": {"api_name": "Stage"}}] * 11}),
        "INVALID_DATA",
        "field_selection",
    ),
    "a module without name": (condition(module={}), "EXPECTED_FIELD_MISSING", None),
    "an unknown module of a condition": (
        condition(module={"id": "5"}),
        "INVALID_DATA",
        "module",
    ),
    "two modules in one": (
        condition(module={"api_name": "Deals", "id": "5"}),
        "AMBIGUITY_DURING_PROCESSING",
        None,
    ),
}


@pytest.mark.parametrize(("changes", "code", "name"), WRONG.values(), ids=WRONG)
async def test_what_zoho_does_not_take(ask: Any, changes: Any, code: str, name: Any) -> None:
    """Each mistake has its code, and the name of what is wrong."""
    status, answer = await ask(f"POST {PATH}", {"watch": [channel(**changes)]})

    assert status == 202
    [item] = answer["watch"]
    assert (item["code"], item["details"].get("api_name")) == (code, name)


async def test_an_item_that_is_no_object_is_wrong(ask: Any) -> None:
    """The others are opened all the same."""
    status, answer = await ask(f"POST {PATH}", {"watch": [5, channel()]})

    assert status == 202
    assert [item["code"] for item in answer["watch"]] == ["INVALID_DATA", "SUCCESS"]


async def test_a_condition_is_kept(ask: Any, fake: FakeZoho) -> None:
    """As it was sent, and without any value of its own."""
    body = {"watch": [channel(**condition())]}
    status, _ = await ask(f"POST {PATH}", body)

    assert status == 201
    [shown, _] = fake.notifications.get("880001")
    assert shown["notification_condition"] == [CONDITION]


async def test_errors_may_have_another_status(caller: Any) -> None:
    """Sources disagree: 202 for all, or 400 and 207."""
    async with FakeZoho(dialect=Dialect(channel_error_status=400)) as fake:
        token = await caller.token(fake)
        fake.notifications.add(channel_id="1")
        wrong = {"watch": [channel(events=["Nothing.all"]), channel()]}
        partly = await caller.call(fake, "POST", PATH, token=token, json=wrong)
        wrong["watch"].pop()
        wholly = await caller.call(fake, "POST", PATH, token=token, json=wrong)
        ended = await caller.call(fake, "DELETE", f"{PATH}?channel_ids=1,2", token=token)

    assert (partly.status, wholly.status, ended.status) == (207, 400, 207)


async def test_a_channel_may_end_at_any_time(fake: FakeZoho) -> None:
    """A test takes it away without a call."""
    channel_id = fake.notifications.add()
    fake.notifications.remove(channel_id)

    assert fake.notifications.ids == []
    assert not fake.stats.done
