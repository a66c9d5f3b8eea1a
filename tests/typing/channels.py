"""Channels, composite calls and functions as a user types them; checked, never run."""

from typing import Any, Literal, assert_type

from aiozcrm import BatchReport, Outcome, ZohoCRM, composite, notifications
from aiozcrm.channel_stores import (
    ChannelStore,
    FileChannelStore,
    MemoryChannelStore,
    RedisChannelStore,
)
from aiozcrm.resources.channel import Channel, Missed
from aiozcrm.testing import FakeZoho, FunctionAnswer

STORES: list[ChannelStore] = [
    MemoryChannelStore(),
    FileChannelStore("channels.json", lock_timeout=5),
    RedisChannelStore("redis://host", lease=60),
]


async def follow(zoho: ZohoCRM, body: bytes) -> None:
    """Keep a channel alive, and read what comes by it."""
    async with zoho.channel(["Deals.all"], url="https://x.example", store=STORES[0]) as channel:
        assert_type(channel, Channel)
        notification = channel.verify(body)
        assert_type(notification, notifications.Notification)
        assert_type(notification.operation, Literal["insert", "update", "delete"])
        assert_type(notification.ids, list[str])
        async for missed in channel.catch_up(fields={"Deals": ["Stage"]}):
            assert_type(missed, Missed)
    assert_type(notifications.verify({}, token="t"), notifications.Notification)
    # A token has to be given.
    notifications.verify(body)  # type: ignore[call-arg]


async def open_channels(zoho: ZohoCRM) -> None:
    """Make the calls behind it."""
    report = await zoho.notifications.enable_many(
        [{"channel_id": 1, "events": ["Leads.all"], "notify_url": "https://x.example"}]
    )
    assert_type(report, BatchReport)
    assert_type(await zoho.notifications.disable_events(1, ["Leads.edit"]), Outcome)
    # There is no such key.
    await zoho.notifications.update_many([{"channel_id": 1, "expiry": "x"}])  # type: ignore[typeddict-unknown-key]


async def together(zoho: ZohoCRM) -> None:
    """Make calls in one."""
    assert_type(await zoho.composite([zoho.org.get(), zoho.users.list()]), list[Any])
    named = await zoho.composite({"org": zoho.org.get()}, rollback_on_fail=True)
    assert_type(named, dict[str, Any])
    assert_type(composite.ref("lead", "$.data[0].details.id"), str)
    assert_type(await zoho.functions.execute("f", {"a": 1}, json=True), Any)
    with FakeZoho() as fake:
        fake.functions.register("f", lambda arguments: FunctionAnswer(body=str(arguments)))
