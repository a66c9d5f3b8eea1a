"""A channel that is kept alive: opened, renewed in time by one of many workers, and ended."""

import asyncio
import contextlib
import datetime as dt
import heapq
import itertools
import json
import logging
import traceback

import attrs
import pytest

from aiozcrm import ZohoCRM, events
from aiozcrm.channel_stores import ChannelState, FileChannelStore, MemoryChannelStore
from aiozcrm.errors import (
    InvalidDataError,
    InvalidInputError,
    NotificationRejected,
    StoreLockedError,
    ZohoError,
)
from aiozcrm.testing import Clock, FakeZoho, Fault, TokenLimits

HOOK = "https://hooks.example.com/zoho"
DAY = 86_400.0
LIFE = 604_500.0


class Tide:
    """Time that a test moves; whoever sleeps wakes when it has come."""

    def __init__(self):
        self.now = 1_790_000_000.0
        self._waiting = []
        self._order = itertools.count()
        self.clock = Clock(monotonic=lambda: self.now, wall=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds):
        """Wait until the test has let so much time pass."""
        if seconds > 0:
            woken = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (self.now + seconds, next(self._order), woken))
            await woken

    async def pass_by(self, seconds):
        """Let time pass, and wake each sleeper in its moment."""
        end = self.now + seconds
        while self._waiting and self._waiting[0][0] <= end:
            self.now, _, woken = heapq.heappop(self._waiting)
            if not woken.done():
                woken.set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self.now = end


class Told:
    """The events of clients, and a way to wait for one."""

    def __init__(self):
        self.all = []
        self._more = asyncio.Event()

    def __call__(self, event):
        """Keep an event."""
        if isinstance(
            event, (events.ChannelRenewed, events.ChannelRenewalFailed, events.ChannelStoreFailed)
        ):
            self.all.append(event)
            self._more.set()

    async def wait(self, number):
        """Wait until there were so many, and return the last."""
        async with asyncio.timeout(10):
            while len(self.all) < number:
                self._more.clear()
                await self._more.wait()
        assert len(self.all) == number
        return self.all[-1]


@pytest.fixture
def tide():
    """Time that the test moves."""
    return Tide()


@pytest.fixture
def told():
    """The events about channels."""
    return Told()


@pytest.fixture
async def fake(tide):
    """A local Zoho on that time."""
    async with FakeZoho(clock=tide.clock, tokens=TokenLimits(made=1000, live=1000)) as running:
        yield running


@pytest.fixture
async def make_client(fake, tide, told):
    """Make clients of it on that time, of which none is left open."""
    async with contextlib.AsyncExitStack() as stack:

        async def make():
            client = ZohoCRM(fake.credentials(), clock=tide.clock, on_event=told)
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def crm(make_client):
    """A client of it."""
    return await make_client()


def left(fake, tide, channel_id):
    """Return for how many seconds a channel lives at Zoho."""
    [item, *_] = fake.notifications.get(channel_id)
    return dt.datetime.fromisoformat(item["channel_expiry"]).timestamp() - tide.now


async def test_it_lives_as_long_as_it_is_used(crm, fake, tide, told):
    """Renewed at half its life, again and again, by the client's clock."""
    async with crm.channel(["Deals.all", "Contacts.create"], url=HOOK) as channel:
        opened = await told.wait(1)
        assert (opened.opened, opened.from_store) == (True, False)
        assert opened.lifetime == pytest.approx(LIFE, abs=10)
        items = fake.notifications.get(channel.id)
        assert [item["resource_name"] for item in items] == ["Deals", "Contacts"]
        assert (items[0]["notify_url"], items[0]["token"]) == (HOOK, channel.token)
        assert items[0]["notify_on_related_action"] is False
        for number in range(2, 6):
            await tide.pass_by(LIFE / 2 + 2)
            renewed = await told.wait(number)
            assert (renewed.channel_id, renewed.opened) == (channel.id, False)
            assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)
            assert channel.expires_at.timestamp() == pytest.approx(tide.now + LIFE, abs=10)
        assert fake.stats.done.of("create", "notifications") == 1
        assert fake.stats.done.of("update", "notifications") == 4
    assert fake.notifications.ids == [channel.id]
    await tide.pass_by(LIFE / 2 + 2)
    await crm.org.get()
    assert len(told.all) == 5


async def test_the_end_in_the_answer_counts(zoho, script, clock):
    """An hour, if Zoho makes it one; and an hour if the answer does not say."""
    for told, life in (
        (clock.clock.wall() + 3600, 3600),
        (clock.clock.wall() + 7200, 7200),
        (None, 3600),
        ("soon", 3600),
        ("2026-01-01T00:00:00", 3600),
        (clock.clock.wall() - 5, 0),
    ):
        expiry = told
        if isinstance(told, float):
            expiry = dt.datetime.fromtimestamp(told, dt.UTC).isoformat()
        item = {"channel_expiry": expiry, "channel_id": "7", "resource_name": "Deals"}
        success = {"code": "SUCCESS", "status": "success", "details": {"events": [item]}}
        script.add(script.response(201, {"watch": [success]}))
        channel = zoho.channel(["Deals.all"], url=HOOK, channel_id=7, store=MemoryChannelStore())
        await channel._renew(starts=True)
        assert channel.expires_at.timestamp() - clock.clock.wall() == pytest.approx(life, abs=1)
        wait = channel._state.renew_at - clock.clock.wall()
        assert wait == pytest.approx(max(life / 2, 30), abs=1)
    success["details"] = {"channel_id": "7"}
    script.add(script.response(201, {"watch": [success]}))
    channel = zoho.channel(["Deals.all"], url=HOOK, channel_id=7, store=MemoryChannelStore())
    await channel._renew(starts=True)
    assert channel.expires_at.timestamp() - clock.clock.wall() == pytest.approx(3600, abs=1)


async def test_what_is_asked_for_is_less_than_a_week_by_zohos_clock(crm, fake, tide):
    """However wrong the clock of this machine is."""
    await crm.org.get()
    ahead = crm._api.clock
    crm._api.clock = Clock(
        monotonic=ahead.monotonic, wall=lambda: tide.now + 3 * DAY, sleep=ahead.sleep
    )
    async with crm.channel(["Deals.all"], url=HOOK) as channel:
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)
        assert channel.expires_at.timestamp() == pytest.approx(tide.now + 3 * DAY + LIFE, abs=10)


async def test_a_renewal_that_fails_is_told_and_tried_again(crm, fake, tide, told, caplog):
    """At growing distance, until it succeeds."""
    async with crm.channel(["Deals.all"], url=HOOK) as channel:
        fake.permission_denied = True
        with caplog.at_level(logging.WARNING):
            await tide.pass_by(LIFE / 2 + 2)
            failed = await told.wait(2)
        assert type(failed) is events.ChannelRenewalFailed
        assert failed.channel_id == channel.id
        assert failed.left == pytest.approx(LIFE / 2, abs=10)
        assert failed.delay == 60
        assert "was not renewed" in caplog.text
        assert channel.token not in caplog.text
        await tide.pass_by(61)
        assert (await told.wait(3)).delay == 120
        fake.permission_denied = False
        await tide.pass_by(121)
        assert type(await told.wait(4)) is events.ChannelRenewed
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)


async def test_a_channel_that_has_ended_is_opened_again(crm, fake, tide, told):
    """Nobody gives up: Zoho may come back after the end."""
    async with crm.channel(["Deals.all"], url=HOOK, lifetime=3600) as channel:
        fake.permission_denied = True
        pause, number = 1801, 2
        while channel.expires_at.timestamp() > tide.now:
            await tide.pass_by(pause)
            pause = (await told.wait(number)).delay + 1
            number += 1
        assert fake.notifications.ids == []
        fake.permission_denied = False
        await tide.pass_by(pause)
        renewed = await told.wait(number)
        assert (renewed.opened, renewed.channel_id) == (True, channel.id)
        assert fake.notifications.ids == [channel.id]


async def test_a_channel_that_zoho_has_forgotten_is_opened_anew(crm, fake, tide, told):
    """With the same id and the same token."""
    async with crm.channel(["Deals.all"], url=HOOK) as channel:
        token = channel.token
        fake.notifications.remove(channel.id)
        await tide.pass_by(LIFE / 2 + 2)
        assert (await told.wait(2)).opened
        [item] = fake.notifications.get(channel.id)
        assert item["token"] == token


async def test_one_worker_renews_for_all(make_client, fake, tide, told):
    """The others take over what it has left in the store."""
    store = MemoryChannelStore()
    clients = [await make_client() for _ in range(4)]
    async with contextlib.AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(client.channel(["Deals.all"], url=HOOK, store=store))
            for client in clients
        ]
        assert len({(channel.id, channel.token) for channel in channels}) == 1
        await told.wait(4)
        assert fake.stats.done.of("create", "notifications") == 1
        for number in range(1, 4):
            await tide.pass_by(LIFE / 2 + 2)
            await told.wait(4 + 4 * number)
            assert fake.stats.done.of("update", "notifications") == number
        assert [event.from_store for event in told.all].count(False) == 4


class Watched(MemoryChannelStore):
    """Knows which task has its lock."""

    holder = None

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Remember who takes it."""
        async with super().lock(key):
            self.holder = asyncio.current_task()
            yield


async def test_when_a_worker_dies_another_renews(make_client, fake, tide, told):
    """Even if it is killed in the middle of a renewal, with the lock in its hands."""
    store = Watched()
    one, two = await make_client(), await make_client()
    async with (
        one.channel(["Deals.all"], url=HOOK, store=store) as channel,
        two.channel(["Deals.all"], url=HOOK, store=store),
    ):
        fake.faults.hang = 60
        fake.faults.script(Fault.HANG)
        await tide.pass_by(LIFE / 2 + 2)
        async with asyncio.timeout(10):
            while not fake.faults.injected:  # noqa: ASYNC110  # it counts in its own time
                await asyncio.sleep(0.001)
        store.holder.cancel()
        renewed = await told.wait(3)
        assert (renewed.from_store, fake.stats.done.of("update", "notifications")) == (False, 1)
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)


class SetClock:
    """The clock of a machine that somebody sets."""

    def __init__(self, tide):
        self.set_by = 0.0
        self.clock = Clock(
            monotonic=tide.clock.monotonic,
            wall=lambda: tide.now + self.set_by,
            sleep=tide.clock.sleep,
        )


@pytest.mark.parametrize("set_by", [-30 * DAY, -2 * DAY, 2 * DAY, 30 * DAY])
async def test_a_clock_that_is_set_puts_no_renewal_off(fake, tide, told, set_by):
    """Forth, or back."""
    machine = SetClock(tide)
    async with (
        ZohoCRM(fake.credentials(), clock=machine.clock, on_event=told) as crm,
        crm.channel(["Deals.all"], url=HOOK) as channel,
    ):
        await asyncio.sleep(0)  # It begins to wait.
        for moved in (set_by, 0, set_by):
            machine.set_by, before = moved, len(told.all)
            await tide.pass_by(LIFE / 2 + 3_700)
            async with asyncio.timeout(60):
                while len(told.all) == before:  # noqa: ASYNC110  # it comes in its own time
                    await asyncio.sleep(0.001)
            assert left(fake, tide, channel.id) > LIFE / 3


async def test_what_a_wrong_clock_has_noted_is_not_relied_on(fake, tide, told):
    """No channel lives for so long: it is renewed by the next run."""
    machine, store = SetClock(tide), MemoryChannelStore()
    async with ZohoCRM(fake.credentials(), clock=machine.clock, on_event=told) as crm:
        await crm.org.get()
        for set_by, renewals in ((30 * DAY, 0), (0, 1), (0, 1)):
            machine.set_by = set_by
            async with crm.channel(["Deals.all"], url=HOOK, store=store) as channel:
                until = dt.datetime.fromtimestamp(tide.now + set_by + LIFE, dt.UTC)
                assert abs(channel.expires_at - until) < dt.timedelta(seconds=10)
            assert fake.stats.done.of("update", "notifications") == renewals


async def test_the_next_run_takes_it_up_again(make_client, fake, tide, told, tmp_path):
    """From a file: the same channel and token, without another call to open it."""
    seen = []
    for _ in range(3):
        client = await make_client()
        store = FileChannelStore(tmp_path / "channels.json", clock=tide.clock)
        async with client.channel(["Deals.all"], url=HOOK, store=store) as channel:
            seen.append((channel.id, channel.token))
        await tide.pass_by(DAY)
    assert len(set(seen)) == 1
    assert fake.stats.done.of("create", "notifications") == 1
    assert fake.stats.done.of("update", "notifications") == 0
    assert [event.from_store for event in told.all] == [False, True, True]


async def test_the_next_run_opens_what_is_gone(make_client, fake, tide, tmp_path):
    """Forgotten by Zoho meanwhile, or over."""
    store = FileChannelStore(tmp_path / "channels.json", clock=tide.clock)
    for pause in (0, 8 * DAY, 0):
        client = await make_client()
        async with client.channel(["Deals.all"], url=HOOK, store=store) as channel:
            assert fake.notifications.ids == [channel.id]
        if not pause:
            fake.notifications.remove(channel.id)
        await tide.pass_by(pause)
    assert fake.stats.done.of("create", "notifications") == 3


async def test_another_wish_changes_the_channel(make_client, fake, tide, told):
    """What a later run wants holds for all workers, and the id stays."""
    store = MemoryChannelStore()
    one, two = await make_client(), await make_client()
    async with one.channel(["Deals.all"], url=HOOK, store=store) as first:
        async with two.channel(
            ["Leads.edit"], url=HOOK, store=store, return_affected_field_values=True
        ) as second:
            assert (second.id, second.token) == (first.id, first.token)
            await told.wait(2)
        await tide.pass_by(LIFE / 2 + 2)
        await told.wait(3)
        [item] = fake.notifications.get(first.id)
        assert item["events"] == ["Leads.edit"]
        assert item["return_affected_field_values"] is True


async def test_channels_to_different_addresses_are_different(crm, fake):
    """And so are those with ids of their own."""
    async with (
        crm.channel(["Deals.all"], url=f"{HOOK}?tenant=1") as one,
        crm.channel(["Deals.all"], url=f"{HOOK}?tenant=2") as two,
        crm.channel(["Leads.all"], url=HOOK, channel_id=880001, token="s3cret") as three,
    ):
        assert len({one.id, two.id, three.id}) == 3
        assert (three.id, three.token) == ("880001", "s3cret")
        assert sorted(fake.notifications.ids) == sorted([one.id, two.id, "880001"])
        assert len(one.token) <= 50
        assert one.token not in repr(one) + repr(one._state)


async def test_it_can_be_ended_at_the_end(crm, fake):
    """If it is gone already, that is all right."""
    store = MemoryChannelStore()
    async with crm.channel(["Deals.all"], url=HOOK, store=store, drop=True) as channel:
        assert fake.notifications.ids == [channel.id]
    assert fake.notifications.ids == []
    assert [*store._states.values()] == [ChannelState()]
    async with crm.channel(["Deals.all"], url=HOOK, drop=True) as channel:
        fake.notifications.remove(channel.id)
    channel = crm.channel(["Deals.all"], url=HOOK, drop=True)
    with pytest.raises(ZohoError):
        async with channel:
            fake.permission_denied = True


async def test_it_ends_with_its_client(make_client, fake, tide):
    """A closed client is no failure, and leaves nothing running."""
    client = await make_client()
    channel = client.channel(["Deals.all"], url=HOOK)
    await channel.__aenter__()
    await client.close()
    await tide.pass_by(LIFE / 2 + 2)
    async with asyncio.timeout(10):
        await asyncio.wait([channel._keeping])
    assert channel._keeping.exception() is None
    await channel.__aexit__(None, None, None)


async def test_closing_it_before_it_is_open_does_nothing(crm, fake):
    """As when opening it has failed."""
    await crm.channel(["Deals.all"], url=HOOK).__aexit__(None, None, None)
    assert fake.stats.asked.of(family="notifications") == 0


async def test_without_a_lock_it_is_ended_all_the_same(crm, fake):
    """Only other workers do not learn of it."""
    store = Failing("lock")
    async with crm.channel(["Deals.all"], url=HOOK, store=store, drop=True):
        pass
    assert fake.notifications.ids == []


async def test_channels_of_one_client_to_one_address_are_one(crm, fake):
    """Also without a store, and with other options; so neither rejects what the other receives."""
    async with (
        crm.channel(["Deals.all"], url=HOOK) as one,
        crm.with_options(timeout=60).channel(["Deals.all"], url=HOOK) as two,
    ):
        assert (one.id, one.token) == (two.id, two.token)
    async with crm.channel(["Deals.all"], url=HOOK) as three:
        assert three.token == one.token
    assert fake.stats.done.of("create", "notifications") == 1


async def test_it_can_be_used_again(crm, fake, told):
    """As it is, if nothing has changed meanwhile; then there is nothing to tell."""
    channel = crm.channel(["Deals.all"], url=HOOK)
    for _ in range(2):
        async with channel:
            assert fake.notifications.ids == [channel.id]
    assert len(told.all) == 1


async def test_it_is_opened_once(crm):
    """The same object is one channel."""
    channel = crm.channel(["Deals.all"], url=HOOK)
    async with channel:
        with pytest.raises(ZohoError, match="open already"):
            await channel.__aenter__()


class Failing(MemoryChannelStore):
    """Fails at the steps that it is told."""

    def __init__(self, *steps):
        super().__init__()
        self.steps = set(steps)
        self.error = OSError("no disk")

    async def load(self, key):
        """Return what is kept."""
        return await self._or_fail("load") or await super().load(key)

    async def save(self, key, state):
        """Keep it."""
        if "quote" in self.steps:
            raise OSError(f"cannot keep {state.token}")
        await self._or_fail("save")
        await super().save(key, state)

    async def _or_fail(self, step):
        if step in self.steps:
            raise self.error

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Hold it."""
        await self._or_fail("lock")
        async with super().lock(key):
            yield
        await self._or_fail("unlock")


@pytest.mark.parametrize("step", ["lock", "load", "save", "unlock"])
async def test_a_store_that_fails_stops_nobody(crm, fake, tide, told, step):
    """It is told, and the channel is kept alive without it."""
    store = Failing(step)
    async with crm.channel(["Deals.all"], url=HOOK, store=store) as channel:
        assert fake.notifications.ids == [channel.id]
        first = len(told.all)
        await tide.pass_by(LIFE / 2 + 2)
        await told.wait(2 * first)
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)
        failed = next(e for e in told.all if isinstance(e, events.ChannelStoreFailed))
        assert (failed.step, type(failed.error)) == (step, OSError)
        assert fake.stats.done.of("create", "notifications") == 1


async def test_a_store_that_quotes_the_token_is_not_quoted(crm, tide, told, caplog):
    """The log shows its words without the token."""
    async with crm.channel(["Deals.all"], url=HOOK, store=Failing("quote")) as channel:
        await tide.pass_by(LIFE / 2 + 2)
        await told.wait(4)
        assert "cannot keep" in caplog.text
        assert channel.token not in caplog.text


async def test_a_state_that_makes_no_sense_is_told_as_a_failure(crm, fake, tide, told):
    """The channel goes on when the store is mended."""
    store = MemoryChannelStore()
    async with crm.channel(["Deals.all"], url=HOOK, store=store) as channel:
        [(key, good)] = store._states.items()
        store._states[key] = attrs.evolve(good, events=(5,))
        await tide.pass_by(LIFE / 2 + 2)
        failed = await told.wait(2)
        assert "TypeError" in str(failed.error)
        store._states[key] = good
        await tide.pass_by(61)
        assert type(await told.wait(3)) is events.ChannelRenewed
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)


async def test_a_lock_that_another_worker_holds_is_waited_for(crm, fake, tide, told):
    """It is renewing, so nothing has failed."""
    store = Failing()
    async with crm.channel(["Deals.all"], url=HOOK, store=store) as channel:
        store.steps, store.error = {"lock"}, StoreLockedError("held")
        await tide.pass_by(LIFE / 2 + 2)
        await asyncio.sleep(0)
        store.steps = set()
        await tide.pass_by(61)
        assert not (await told.wait(2)).opened
        assert left(fake, tide, channel.id) == pytest.approx(LIFE, abs=10)
    store.steps = {"lock"}
    with pytest.raises(StoreLockedError):
        await crm.channel(["Deals.all"], url=HOOK, store=store).__aenter__()


async def test_what_zoho_rejects_is_raised_at_once(crm, fake):
    """Such as an unknown module; no task is left."""
    with pytest.raises(InvalidDataError) as caught:
        async with crm.channel(["Nothing.all"], url=HOOK):
            pass
    assert caught.value.details["api_name"] == "events"
    assert fake.notifications.ids == []


async def test_who_may_not_list_channels_may_keep_one(fake, tide, told):
    """That it is there is believed then."""
    scope = "ZohoCRM.notifications.CREATE,ZohoCRM.notifications.UPDATE"
    store = MemoryChannelStore()
    org = fake.add_org(scope=scope)
    async with ZohoCRM(org.credentials(), clock=tide.clock, on_event=told) as client:
        for _ in range(2):
            async with client.channel(["Deals.all"], url=HOOK, store=store):
                pass
    assert [event.from_store for event in told.all] == [False, True]


BAD = {
    "no events": (([],), {}, InvalidInputError),
    "one event": (("Deals.all",), {}, TypeError),
    "an event that is none": ((["Deals"],), {}, InvalidInputError),
    "no address": ((["Deals.all"],), {"url": "hooks"}, InvalidInputError),
    "a long token": ((["Deals.all"],), {"token": "x" * 51}, InvalidInputError),
    "an empty token": ((["Deals.all"],), {"token": ""}, InvalidInputError),
    "a token that is none": ((["Deals.all"],), {"token": 5}, TypeError),
    "more than a week": ((["Deals.all"],), {"lifetime": 604_801}, InvalidInputError),
    "no time": ((["Deals.all"],), {"lifetime": 0}, InvalidInputError),
    "an id that is none": ((["Deals.all"],), {"channel_id": "x"}, InvalidInputError),
    "a condition that is no JSON": (
        (["Deals.all"],),
        {"notification_condition": [{1, 2}]},
        TypeError,
    ),
}


@pytest.mark.parametrize(("given", "options", "error"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_found_at_once(make_zoho, given, options, error):
    """Before it is opened, so nothing is sent."""
    with pytest.raises(error):
        make_zoho().channel(*given, **{"url": HOOK, **options})


def test_its_scopes_are_those_of_notifications():
    """For all that it does."""
    assert ZohoCRM.scopes_for("channel") == ("ZohoCRM.notifications.ALL",)


async def test_it_verifies_what_it_has_sent_for(crm):
    """By its own token and id; before it is open there is nothing to verify by."""
    channel = crm.channel(["Deals.all"], url=HOOK)
    with pytest.raises(ZohoError, match="not open"):
        channel.verify(b"{}")
    async with channel:
        body = {
            "server_time": 1_741_080_353_625,
            "module": "Deals",
            "ids": ["6100001000000901001"],
            "operation": "insert",
            "channel_id": channel.id,
            "token": channel.token,
        }
        assert channel.verify(body).ids == ["6100001000000901001"]
        assert channel.verify(json.dumps(body).encode()).module == "Deals"
        for wrong in ({"token": "x"}, {"channel_id": "7"}):
            with pytest.raises(NotificationRejected):
                channel.verify({**body, **wrong})


async def missed_in(channel, **options):
    """Return what catching up yields: names of records that are there, and ids of those gone."""
    return [
        (m.module, sorted(row["Last_Name"] for row in m.upserted), [row["id"] for row in m.deleted])
        async for m in channel.catch_up(**options)
    ]


NAMES = {"Leads": ["Last_Name"], "Contacts": ["Last_Name"]}


async def test_what_was_missed_is_caught_up_with(make_client, fake, tide):
    """From the opening of the channel on, and each time from where the last one ended."""
    fake.records("Leads").add(Last_Name="Before")
    await tide.pass_by(DAY)
    store = MemoryChannelStore()
    client = await make_client()
    wanted = ["Leads.all", "Contacts.delete", "users.all"]
    async with client.channel(wanted, url=HOOK, store=store) as channel:
        await tide.pass_by(600)
        assert await missed_in(channel, fields=NAMES) == []
        await tide.pass_by(600)
        lead = fake.records("Leads").add(Last_Name="Berg")
        await tide.pass_by(600)
        assert await missed_in(channel, fields=NAMES) == [("Leads", ["Berg"], [])]
    # The service is down.
    fake.records("Leads").remove(lead)
    fake.records("Contacts").add(Last_Name="Holm")
    await tide.pass_by(8 * DAY)
    client = await make_client()
    async with client.channel(wanted, url=HOOK, store=store) as channel:
        missed = await missed_in(channel, fields=NAMES)
        assert missed == [("Leads", [], [lead]), ("Contacts", ["Holm"], [])]
        await tide.pass_by(600)
        assert await missed_in(channel, fields=NAMES) == []
        again = await missed_in(channel, fields=NAMES, restart=True)
        assert again == [("Leads", ["Before"], []), ("Contacts", ["Holm"], [])]


async def test_what_was_not_taken_to_its_end_comes_again(crm, fake, tide):
    """A program that stops in the middle misses nothing."""
    async with crm.channel(["Leads.all"], url=HOOK) as channel:
        fake.records("Leads").add(Last_Name="Berg")
        await tide.pass_by(600)
        async with contextlib.aclosing(channel.catch_up()) as missed:
            [row] = (await anext(missed)).upserted
        assert row["Last_Name"] == "Berg"
        assert await missed_in(channel) == [("Leads", ["Berg"], [])]


@pytest.mark.parametrize("step", ["lock", "load", "save"])
async def test_how_far_it_has_come_is_known_without_the_store(crm, fake, tide, step):
    """As long as this worker runs."""
    store = Failing()
    async with crm.channel(["Leads.all"], url=HOOK, store=store) as channel:
        fake.records("Leads").add(Last_Name="Berg")
        await tide.pass_by(600)
        store.steps = {step}
        assert len(await missed_in(channel, fields=NAMES)) == 1
        store.error = StoreLockedError("held")
        assert await missed_in(channel, fields=NAMES) == []


async def test_a_channel_that_is_not_open_has_nothing_to_catch_up_with(crm, fake):
    """It does not know since when."""
    with pytest.raises(ZohoError, match="not open"):
        await missed_in(crm.channel(["Leads.all"], url=HOOK))
    assert fake.stats.api_requests == 0


def values_in_frames(error):
    """Return what tools that collect errors would show of an error."""
    shown = []
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_globals["__name__"].startswith("aiozcrm"):
                shown += map(repr, frame.f_locals.values())
        error = error.__cause__ or error.__context__
    return "".join(shown)


async def test_no_frame_of_an_error_shows_the_token(crm, fake, tide, told):
    """Of opening, renewing, verifying, and of a token that cannot be."""
    fake.permission_denied = True
    with pytest.raises(ZohoError) as caught:
        await crm.channel(["Deals.all"], url=HOOK, token="s3cret").__aenter__()
    errors = [caught.value]
    fake.permission_denied = False
    async with crm.channel(["Deals.all"], url=HOOK, token="s3cret") as channel:
        fake.permission_denied = True
        await tide.pass_by(LIFE / 2 + 2)
        errors.append((await told.wait(2)).error)
        for body in ({"token": "s3cret"}, {"token": "s3cret-not"}):
            with pytest.raises(NotificationRejected) as caught:
                channel.verify(body)
            errors.append(caught.value)
    with pytest.raises(InvalidInputError) as caught:
        crm.channel(["Deals.all"], url=HOOK, token="s3cret" * 9)
    errors.append(caught.value)
    assert "s3cret" not in "".join(map(values_in_frames, errors))
    assert "s3cret" not in "".join(map(str, errors))


def test_a_state_hides_its_secrets():
    """As stores may show it."""
    state = ChannelState(channel_id="1", token="s3cret", cursors={"Deals": "c0rsor"})
    assert "s3cret" not in repr(state)
    assert "c0rsor" not in repr(state)
    assert attrs.evolve(state, token="") != state
