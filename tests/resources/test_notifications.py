"""Notification channels: what is checked before it is sent, and what each answer comes to."""

import datetime as dt
import json
from pathlib import Path

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    MissingFieldError,
    NotFoundError,
)
from aiozcrm.testing import Fault

EXAMPLES = Path(__file__).parents[1] / "samples" / "examples"
HOOK = "https://hooks.example.com/zoho"


def example(name):
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


def channel(number=880001, **values):
    """Return a channel of deals and contacts."""
    events = ["Deals.all", "Contacts.create"]
    return {"channel_id": str(number), "events": events, "notify_url": HOOK, **values}


async def test_an_event_of_an_unknown_module_says_where_to_look(crm):
    """Only Zoho knows the modules of an org, and it says no more than that events are wrong."""
    wrong = channel(1, events=["Nothing.all"])
    report = await crm.notifications.enable_many([wrong, channel(2)])
    assert [outcome.status for outcome in report.outcomes] == ["failed", "created"]
    assert "zoho.modules.list()" in str(report.outcomes[0].error)
    alone = await crm.notifications.enable_many([wrong])
    assert "zoho.modules.list()" in str(alone.outcomes[0].error)


async def test_channels_from_their_beginning_to_their_end(crm, fake):
    """Opened, listed, changed, and ended, with an outcome for each."""
    opened = await crm.notifications.enable_many([channel(n) for n in range(1, 13)])
    assert opened.counts == {"created": 12}
    assert [outcome.id for outcome in opened.outcomes] == [str(n) for n in range(1, 13)]
    [entry, _] = opened.outcomes[0].details["events"]
    assert entry["resource_name"] == "Deals"

    listed = await crm.notifications.list()
    assert len(listed) == 24
    assert [item["resource_name"] for item in await crm.notifications.list(channel_id=1)] == [
        "Deals",
        "Contacts",
    ]
    assert [item["channel_id"] async for item in crm.notifications.iter(module="Deals")] == [
        str(n) for n in range(1, 13)
    ]

    changes = [{"channel_id": 1, "token": "one"}, {"channel_id": 2, "token": "two"}]
    changed = await crm.notifications.update_many(changes)
    assert changed.counts == {"updated": 2}
    assert fake.notifications.get("2")[0]["token"] == "two"
    replaced = await crm.notifications.replace_many([channel(1, events=["Leads.edit"])])
    assert replaced.counts == {"updated": 1}
    [left] = fake.notifications.get("1")
    assert (left["events"], left["token"]) == (["Leads.edit"], None)

    outcome = await crm.notifications.disable_events(2, ["Deals.edit", "Contacts.create"])
    assert (outcome.status, outcome.id) == ("updated", "2")
    [left] = fake.notifications.get("2")
    assert left["events"] == ["Deals.create", "Deals.delete"]

    ended = await crm.notifications.disable_many(range(1, 13))
    assert ended.counts == {"deleted": 12}
    assert await crm.notifications.list() == []


@pytest.mark.parametrize("status", [202, 207, 400])
async def test_each_channel_has_its_own_outcome_whatever_the_status(zoho, script, status):
    """A success in the middle of errors is one."""
    script.add(script.response(status, example("watch_partial")))
    report = await zoho.notifications.enable_many([channel(), channel(880002)])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed"]
    assert type(report.outcomes[1].error) is MissingFieldError
    assert report.outcomes[0].details["events"][0]["channel_expiry"] == "2025-03-10T10:00:00+01:00"


@pytest.mark.parametrize("status", [202, 400])
@pytest.mark.parametrize("flat", [False, True])
async def test_the_error_of_one_channel_is_found_in_every_form(zoho, script, status, flat):
    """Wrapped or flat, under 202 or 400."""
    if flat and status == 202:
        return
    body = example("watch_item_error")
    script.add(script.response(status, body["watch"][0] if flat else body))
    report = await zoho.notifications.enable_many([channel()])
    [outcome] = report.outcomes
    assert outcome.status == "failed"
    assert type(outcome.error) is InvalidDataError
    assert outcome.error.details["maximum_length"] == 50
    assert len(script.requests) == 1


async def test_an_error_of_several_channels_is_traced_to_the_one_at_fault(zoho, script):
    """A flat error names none, so they are sent apart."""
    wrong = example("watch_item_error")
    script.add(
        script.response(400, wrong["watch"][0]),
        script.response(201, example("watch_created")),
        script.response(400, wrong),
    )
    report = await zoho.notifications.enable_many([channel(), channel(880002)])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed"]
    sent = [json.loads(request.body)["watch"] for request in script.requests]
    assert [len(channels) for channels in sent] == [2, 1, 1]


async def test_trouble_of_zoho_is_no_reason_to_send_channels_apart(make_zoho, script):
    """The answer would be the same."""
    script.add(*[script.response(500, b"") for _ in range(9)])
    async with make_zoho() as zoho:
        report = await zoho.notifications.enable_many([channel(), channel(880002)])
    assert report.counts == {"in_doubt": 2}
    assert {len(json.loads(request.body)["watch"]) for request in script.requests} == {2}


async def test_an_answer_about_another_channel_is_not_taken(zoho, script):
    """It may be the late answer to another call."""
    script.add(script.response(201, example("watch_created")))
    report = await zoho.notifications.enable_many([channel(880009)])
    [outcome] = report.outcomes
    assert outcome.status == "in_doubt"
    assert type(outcome.error) is InvalidResponseError


@pytest.mark.parametrize(
    "body", [{}, {"watch": []}, {"watch": [5]}, {"watch": [{"details": {"events": [5]}}]}]
)
async def test_an_answer_without_an_account_leaves_channels_in_doubt(zoho, script, body):
    """Nothing is made up."""
    script.add(*[script.response(200, body)] * 3)
    report = await zoho.notifications.replace_many([channel(), channel(880002)])
    assert report.counts == {"in_doubt": 2}
    assert (await zoho.notifications.disable_many([1, 2])).counts == {"in_doubt": 2}


@pytest.mark.parametrize("status", [202, 400])
async def test_a_channel_that_is_gone_is_not_found(zoho, script, status):
    """Whatever is done to it."""
    gone = example("watch_not_subscribed")
    script.add(*[script.response(status, gone)] * 4)
    report = await zoho.notifications.update_many([channel()])
    assert report.counts == {"failed": 1}
    assert type(report.outcomes[0].error) is NotFoundError
    assert (await zoho.notifications.replace_many([channel()])).counts == {"failed": 1}
    assert (await zoho.notifications.disable_many(["880001"])).counts == {"not_found": 1}
    with pytest.raises(NotFoundError):
        await zoho.notifications.disable_events("880001", ["Deals.edit"])


async def test_the_end_of_a_channel_is_told_once_for_each_module(zoho, script):
    """They are one outcome."""
    script.add(script.response(200, example("watch_disabled")))
    report = await zoho.notifications.disable_many(["880001"])
    assert [(outcome.id, outcome.status) for outcome in report.outcomes] == [("880001", "deleted")]
    assert script.requests[0].query == "channel_ids=880001"


async def test_channels_that_are_ended_together_are_told_apart(zoho, script):
    """The error of one does not name it, so it belongs to the one that is missing."""
    told = example("watch_disabled")["watch"]
    gone = example("watch_not_subscribed")["watch"]
    script.add(script.response(200, {"watch": [*told, *gone]}))
    report = await zoho.notifications.disable_many(["880001", "880002"])
    assert [outcome.status for outcome in report.outcomes] == ["deleted", "not_found"]


async def test_one_error_for_several_channels_is_looked_into(zoho, script):
    """Each of them is asked for alone."""
    gone = example("watch_not_subscribed")
    script.add(script.response(200, gone), script.response(200, gone))
    script.add(script.response(200, example("watch_disabled")))
    report = await zoho.notifications.disable_many(["880002", "880001"])
    assert [outcome.status for outcome in report.outcomes] == ["not_found", "deleted"]


async def test_a_lost_answer_is_made_good(crm, fake):
    """The id is the caller's, so a second send does no more than the first."""
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.notifications.enable_many([channel()])).counts == {"created": 1}
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.notifications.update_many([channel()])).counts == {"updated": 1}
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.notifications.disable_many(["880001"])).counts == {"already_gone": 1}
    assert fake.notifications.ids == []


@pytest.mark.parametrize("name", ["watch_request", "watch_request_condition"])
async def test_a_channel_is_sent_as_the_page_shows(zoho, script, name):
    """With all that it holds."""
    await zoho.notifications.enable_many(example(name)["watch"])
    assert json.loads(script.requests[0].body) == {"watch": example(name)["watch"]}


async def test_events_are_disabled_as_the_page_shows(zoho, script):
    """The flag makes it another call."""
    script.add(script.response(200, example("watch_events_removed")))
    outcome = await zoho.notifications.disable_events(880001, ["Contacts.create"])
    item = {"channel_id": "880001", "events": ["Contacts.create"], "_delete_events": True}
    assert json.loads(script.requests[0].body) == {"watch": [item]}
    assert outcome.details == example("watch_events_removed")["watch"][0]["details"]


async def test_moments_may_be_datetimes(zoho, script, clock):
    """They are written with their offset."""
    expiry = dt.datetime.fromtimestamp(clock.clock.wall() + 600, dt.UTC)
    await zoho.notifications.enable_many([channel(channel_expiry=expiry)])
    [item] = json.loads(script.requests[0].body)["watch"]
    assert item["channel_expiry"] == expiry.isoformat(timespec="seconds")


def a_week_and(seconds):
    """Return the moment a week and some seconds after the beginning of the test."""
    return dt.datetime.fromtimestamp(1_790_010_000.0 + 604_800 + seconds, dt.UTC)


@pytest.mark.parametrize(
    ("item", "error"),
    [
        (5, TypeError),
        ({"events": ["Leads.all"]}, InvalidInputError),
        (channel(channel_id=True), TypeError),
        (channel(channel_id="x"), InvalidInputError),
        (channel(events=[]), InvalidInputError),
        (channel(events="Leads.all"), TypeError),
        (channel(events=[5]), TypeError),
        (channel(events=["Leads"]), InvalidInputError),
        (channel(events=["Leads.read"]), InvalidInputError),
        (channel(events=["Sales Orders.all"]), InvalidInputError),
        (channel(token="x" * 51), InvalidInputError),
        (channel(token=""), InvalidInputError),
        (channel(token=5), TypeError),
        (channel(notify_url="hooks.example.com"), InvalidInputError),
        (channel(notify_url="https://[::1"), InvalidInputError),
        (channel(notify_url=5), TypeError),
        (channel(channel_expiry=a_week_and(1)), InvalidInputError),
        (channel(channel_expiry=a_week_and(1).isoformat()), InvalidInputError),
        (channel(channel_expiry="2026-01-01T00:00:00"), InvalidInputError),
        (channel(channel_expiry="soon"), InvalidInputError),
        (channel(channel_expiry=5), TypeError),
        (channel(notification_condition={1, 2}), TypeError),
    ],
)
async def test_what_cannot_be_is_found_before_anything_is_sent(zoho, script, item, error):
    """The others are not sent either; the place of the wrong one is named, and no token."""
    with pytest.raises(error, match=r"inputs\[1\]") as caught:
        await zoho.notifications.enable_many([channel(1), item])
    assert "xxxxx" not in str(caught.value)
    assert not script.requests


async def test_a_week_to_the_second_is_not_too_long(zoho, script):
    """Only more than that would become an hour."""
    await zoho.notifications.enable_many([channel(channel_expiry=a_week_and(0))])
    assert len(script.requests) == 1


async def test_a_change_needs_no_events(zoho, script):
    """What it names must be right all the same."""
    script.add(script.response(200, example("watch_updated")))
    changed = await zoho.notifications.update_many([{"channel_id": 880001}])
    assert changed.counts == {"updated": 1}
    with pytest.raises(InvalidInputError):
        await zoho.notifications.update_many([{"channel_id": 1, "events": []}])
    with pytest.raises(InvalidInputError):
        await zoho.notifications.list(channel_id="x")


async def test_what_may_be_done_is_not_sent_in_parts(zoho, script):
    """Their answers would not tell what the send did whose answer was lost."""
    unknown = {"code": "NOT_SUBSCRIBED", "details": {}, "message": "no", "status": "error"}
    script.add(ConnectionLostError("reset"), script.response(400, {"watch": [unknown]}))
    report = await zoho.notifications.disable_many(["1", "2"])
    assert report.counts == {"in_doubt": 2}
    assert len(script.requests) == 2
