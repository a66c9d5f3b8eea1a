"""A table that is kept by change feeds, while Zoho's changes in every way there is."""

import asyncio
import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from aiozcrm import Clock, RetryPolicy, ZohoCRM
from aiozcrm.errors import FeedIncompleteError, ServerError, TransportError
from aiozcrm.events import RequestFinished
from aiozcrm.testing import FakeZoho, Fault

pytestmark = pytest.mark.system

#: Three hours before clocks in Amsterdam go back.
EVENING = dt.datetime(2026, 10, 24, 22, 0, tzinfo=dt.UTC).timestamp()

FIELDS = ["Last_Name", "City"]

ONE_MORE = RetryPolicy(attempts=2, first_delay=0.001, max_delay=0.01)

#: What goes wrong with the calls.
RATES = {
    Fault.SERVER_ERROR_BEFORE: 0.04,
    Fault.RESET_AFTER: 0.04,
    Fault.TRUNCATED_BODY: 0.04,
    Fault.HIDDEN_ERROR: 0.04,
}


class World:
    """The leads of a local Zoho, and what others do to them.

    Args:
        seed: Makes the same things happen again.
    """

    def __init__(self, seed):
        self.now = EVENING
        self.random = random.Random(seed)
        self.fake = FakeZoho(
            clock=Clock(wall=lambda: self.now), time_zone=ZoneInfo("Europe/Amsterdam")
        )
        self.table = {}
        self.cursor = None
        self.incomplete = 0
        self.broken = 0
        self.pages = 0
        self.is_quiet = False

    @property
    def leads(self):
        """The leads as they are in Zoho."""
        return self.fake.records("Leads")

    def wrong_clock(self):
        """Return the clock of a machine that is an hour wrong."""

        async def sleep(seconds):
            self.now += seconds
            await asyncio.sleep(0)

        return Clock(wall=lambda: self.now + 3_600, sleep=sleep)

    def _some(self, most):
        """Return ids of some leads."""
        ids = self.leads.ids
        return self.random.sample(ids, min(len(ids), self.random.randint(1, most)))

    def act(self):
        """Let one thing happen."""
        acts = {
            self._write: 4,
            self._write_many: 1,
            self._change: 6,
            self._change_many: 1,
            self._delete: 4,
            self._restore: 1,
            self._purge: 1,
            self._merge: 2,
            self._convert: 2,
        }
        self.random.choices(list(acts), list(acts.values()))[0]()
        # Much happens within one second.
        self.now += self.random.choice([0, 0, 0, 0, 0.4, 1, 3, 40, 150])

    def _write(self):
        self.leads.add(City=self._city())

    def _write_many(self):
        if len(self.leads.ids) < 900:
            self.leads.add_many(250, City=self._city())

    def _change(self):
        for own in self._some(3):
            self.leads.change(own, City=self._city())

    def _change_many(self):
        for own in self._some(500):
            self.leads.change(own, City=self._city())

    def _delete(self):
        for own in self._some(8):
            self.leads.remove(own, permanently=self.random.random() < 0.3)

    def _restore(self):
        for own in self._binned()[:2]:
            self.leads.restore(own)

    def _purge(self):
        for own in self._binned()[:2]:
            self.leads.purge(own)

    def _merge(self):
        own, *others = self._some(3)
        self.leads.merge(own, *others, City=self._city())

    def _convert(self):
        self.leads.convert(self._some(1)[0])

    def _city(self):
        return f"City {self.random.randrange(10**9)}"

    def _binned(self):
        """Return ids of leads in the recycle bin, in any order."""
        gone = self.leads._store.gone
        ids = [own for own, left in gone.items() if not left.permanent]
        return self.random.sample(ids, len(ids))

    def heard(self, event):
        """Let things happen between any two calls."""
        if isinstance(event, RequestFinished) and not self.is_quiet and self.random.random() < 0.2:
            self.act()

    async def sync(self, records, *, quiet=False):
        """Bring the table up to date, with things happening meanwhile."""
        self.is_quiet = quiet
        if self.cursor is None:
            self.table.clear()
        feed = records.changes(self.cursor, fields=FIELDS)
        try:
            async with feed:
                async for batch in feed:
                    self.pages += 1
                    self.table.update((row["id"], row) for row in batch.upserted)
                    for row in batch.deleted:
                        self.table.pop(row["id"], None)
        except (TransportError, ServerError):
            # What was taken is in the table, and the next feed begins where this one did.
            assert not hasattr(feed, "cursor")
            self.broken += 1
        except FeedIncompleteError:
            assert not hasattr(feed, "cursor")
            self.incomplete += 1
            self.cursor = None
        else:
            self.cursor = feed.cursor

    def truth(self):
        """Return the table as it should be."""
        rows = self.leads.all()
        return {row["id"]: {name: row[name] for name in ("id", *FIELDS)} for row in rows}


async def test_a_table_is_the_same_after_a_thousand_steps():
    """Through same seconds, the end of daylight saving, a wrong clock and too many deletions."""
    world = World(seed=20)
    world.leads.add_many(450)
    async with (
        world.fake as fake,
        ZohoCRM(
            fake.credentials(),
            retries=ONE_MORE,
            clock=world.wrong_clock(),
            on_event=world.heard,
        ) as zoho,
    ):
        records = zoho.records("Leads")
        await world.sync(records)
        fake.faults.mix(RATES, seed=20)
        for step in range(1_000):
            world.act()
            if world.random.random() < 0.08:
                await world.sync(records)
            if step == 500:
                fake.faults.mix({}, seed=0)
                await world.sync(records, quiet=True)
                for own in world.leads.add_many(2_001):
                    world.leads.remove(own)
                # Nothing is restored meanwhile.
                await world.sync(records, quiet=True)
                assert world.incomplete == 1
                fake.faults.mix(RATES, seed=21)
        fake.faults.mix({}, seed=0)
        await world.sync(records, quiet=True)
    assert world.table == world.truth()
    assert world.now > EVENING + 5 * 3_600
    assert world.pages > 200
    assert world.incomplete == 1
    assert world.broken > 0
