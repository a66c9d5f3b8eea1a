"""What the local Zoho tells through notification channels, for real."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from aiozcrm.notifications import verify
from aiozcrm.testing import FakeZoho, SentCallback

TOKEN = "s3cret-880001"


class Receiver:
    """A service that takes what comes."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.status = 200
        self._more = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Keep the body."""
        self.bodies.append(json.loads(await request.read()))
        self._more.set()
        return web.Response(status=self.status)

    async def wait(self, number: int) -> list[Any]:
        """Wait until there are so many, and return all."""
        async with asyncio.timeout(10):
            while len(self.bodies) < number:
                self._more.clear()
                await self._more.wait()
        return self.bodies


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running service."""
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?tenant=7"  # type: ignore[attr-defined]
    yield receiver
    await runner.cleanup()


def subscribe(fake: FakeZoho, receiver: Any, **values: Any) -> str:
    """Open a channel of deals to the service."""
    given = {"channel_id": "880001", "events": ["Deals.all"], "token": TOKEN}
    return fake.notifications.add(**{**given, "notify_url": receiver.url, **values})


async def sent(fake: FakeZoho, number: int) -> list[SentCallback]:
    """Wait until so many were sent, and return them."""
    async with asyncio.timeout(10):
        while len(fake.stats.callbacks) < number:  # noqa: ASYNC110  # it notes in its own time
            await asyncio.sleep(0.001)
    return list(fake.stats.callbacks)


async def test_what_calls_do_is_told(ask: Any, fake: FakeZoho, receiver: Receiver) -> None:
    """In Zoho's words, which are not those of the events, and in its shapes."""
    subscribe(fake, receiver, return_affected_field_values=True)
    row = {"Deal_Name": "Stairs", "Stage": "Qualification"}
    _, made = await ask("POST Deals", {"data": [row]})
    deal = made["data"][0]["details"]["id"]
    await receiver.wait(1)
    await ask(f"PUT Deals/{deal}", {"data": [{"Amount": 1200, "Stage": "Qualification"}]})
    await receiver.wait(2)
    await ask(f"DELETE Deals/{deal}")
    inserted, updated, deleted = await receiver.wait(3)

    shared = {
        "query_params": {"tenant": "7"},
        "module": "Deals",
        "resource_uri": "https://www.zohoapis.com/crm/v2/Deals",
        "ids": [deal],
        "channel_id": "880001",
        "token": TOKEN,
    }
    stamps = [body.pop("server_time") for body in (inserted, updated, deleted)]
    assert all(isinstance(stamp, int) for stamp in stamps)
    assert inserted == {**shared, "affected_fields": [], "operation": "insert"}
    assert updated == {
        **shared,
        "affected_fields": [{deal: ["Amount"]}],
        "affected_values": [{"record_id": deal, "values": {"Amount": 1200}}],
        "operation": "update",
    }
    assert deleted == {**shared, "affected_fields": [], "operation": "delete"}


async def test_what_others_do_is_told_too(fake: FakeZoho, receiver: Receiver) -> None:
    """It passes the check of the token; nothing that was not asked for is told."""
    subscribe(fake, receiver, events=["Deals.edit", "Deals.delete"])
    fake.records("Leads").add()
    deal = fake.records("Deals").add()
    fake.records("Deals").change(deal, Amount=5)
    fake.records("Deals").change(deal, Amount=5)
    await receiver.wait(1)
    fake.records("Deals").remove(deal)
    told = [verify(body, token=TOKEN) for body in await receiver.wait(2)]

    assert [each.operation for each in told] == ["update", "delete"]
    assert told[0].affected_fields == {deal: ["Amount"]}
    assert told[0].affected_values == {}


async def test_several_records_may_come_in_one_message(fake: FakeZoho, receiver: Receiver) -> None:
    """Those that were changed at once in the same way, each once."""
    subscribe(fake, receiver, token=None)
    one, two = fake.records("Deals").add_many(2)
    fake.records("Deals").change(one, Amount=5)
    fake.records("Deals").change(two, Amount=6)
    fake.records("Deals").change(two, Amount=7)
    inserted, updated, again = await receiver.wait(3)

    assert inserted["ids"] == [one, two]
    assert "token" not in inserted
    assert updated["ids"] == [one, two]
    assert updated["affected_fields"] == [{one: ["Amount"]}, {two: ["Amount"]}]
    assert again["ids"] == [two]


async def test_a_condition_is_about_the_fields_of_an_edit(
    fake: FakeZoho, receiver: Receiver
) -> None:
    """Other changes are not told; what is created and deleted is."""
    group = [{"field": {"api_name": "Stage"}}]
    condition = {
        "type": "field_selection",
        "module": {"api_name": "Deals"},
        "field_selection": {"group_operator": "or", "group": group},
    }
    subscribe(fake, receiver, notification_condition=[condition])
    deal = fake.records("Deals").add(Stage="Qualification")
    await receiver.wait(1)
    fake.records("Deals").change(deal, Amount=5)
    fake.records("Deals").change(deal, Stage="Closed Won")
    _, updated = await receiver.wait(2)

    assert updated["affected_fields"] == [{deal: ["Stage"]}]


async def test_what_is_rolled_back_is_not_told(
    ask: Any, fake: FakeZoho, receiver: Receiver
) -> None:
    """Nobody has to undo anything."""
    subscribe(fake, receiver)
    uri = "/crm/v7/Deals"
    parts = [
        {"method": "POST", "uri": uri, "body": {"data": [{"Deal_Name": "A", "Stage": "B"}]}},
        {"method": "POST", "uri": uri, "body": {"data": [{"Amount": 5}]}},
    ]
    body = {"__composite_requests": parts, "rollback_on_fail": True}
    status, _ = await ask("POST __composite_requests", body)
    deal = fake.records("Deals").add()
    [told] = await receiver.wait(1)

    assert status == 400
    assert told["ids"] == [deal]


async def test_each_is_sent_once_whatever_is_answered(fake: FakeZoho, receiver: Receiver) -> None:
    """What became of it is noted."""
    subscribe(fake, receiver)
    receiver.status = 500
    fake.records("Deals").add()
    await sent(fake, 1)
    fake.notifications.remove("880001")
    fake.notifications.add(channel_id="2", events=["Deals.all"])
    fake.records("Deals").add()
    failed, lost = await sent(fake, 2)

    assert (failed.status, failed.url) == (500, receiver.url)  # type: ignore[attr-defined]
    assert failed.body["channel_id"] == "880001"
    assert lost.status is None
    assert len(receiver.bodies) == 1


async def test_a_fake_in_a_thread_sends_as_well(receiver: Receiver) -> None:
    """A change in this thread is sent from that one."""

    def change() -> SentCallback:
        with FakeZoho() as fake:
            subscribe(fake, receiver)
            fake.records("Deals").add()
            while not fake.stats.callbacks:
                pass
            return fake.stats.callbacks[0]

    told = await asyncio.to_thread(change)

    assert told.status == 200


async def test_the_control_shows_what_was_sent(
    fake: FakeZoho, receiver: Receiver, caller: Any
) -> None:
    """For programs in other languages."""
    subscribe(fake, receiver)
    fake.records("Deals").add()
    await sent(fake, 1)
    reply = await caller.send("GET", f"{fake.url}/__fake__/stats")

    [shown] = reply.json["callbacks"]
    assert (shown["status"], shown["body"]["operation"]) == (200, "insert")


async def test_many_ids_are_several_messages(fake: FakeZoho, receiver: Receiver) -> None:
    """A hundred in each."""
    subscribe(fake, receiver)
    fake.records("Deals").add_many(150)
    first, second = await receiver.wait(2)

    assert (len(first["ids"]), len(second["ids"])) == (100, 50)


async def test_what_happens_before_the_start_is_sent_after_it(receiver: Receiver) -> None:
    """A test may prepare everything first."""
    fake = FakeZoho()
    subscribe(fake, receiver)
    fake.records("Deals").add()
    async with fake:
        await receiver.wait(1)


async def test_what_cannot_be_sent_keeps_nothing_else_back(
    fake: FakeZoho, receiver: Receiver
) -> None:
    """Such as a value that is no JSON."""
    subscribe(fake, receiver, return_affected_field_values=True)
    deal = fake.records("Deals").add()
    await receiver.wait(1)
    fake.records("Deals").change(deal, Amount={1, 2})
    await sent(fake, 2)
    fake.records("Deals").remove(deal)
    _, deleted = await receiver.wait(2)

    assert deleted["operation"] == "delete"
    assert [each.status for each in await sent(fake, 3)] == [200, None, 200]
