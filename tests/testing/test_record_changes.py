"""What somebody else does to the records of the fake, and the time that it tells of it."""

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aiozcrm.testing import Clock, FakeZoho

DAY = 86_400.0


async def test_answers_tell_the_time_of_the_fakes_clock(caller: Any, clock: Any) -> None:
    """In the header that HTTP has for it."""
    async with FakeZoho(clock=Clock(wall=clock)) as fake:
        token = await caller.token(fake)
        clock.advance(3_600)
        reply = await caller.call(fake, "GET", "org", token=token)
    assert parsedate_to_datetime(reply.headers["Date"]).timestamp() == clock()


async def test_lists_come_in_the_order_of_moments_whatever_their_offsets(
    caller: Any, clock: Any
) -> None:
    """In the hour that daylight saving repeats, a later moment may look earlier."""
    clock.now = dt.datetime(2026, 10, 25, 0, 50, tzinfo=dt.UTC).timestamp()
    zone = ZoneInfo("Europe/Amsterdam")
    async with FakeZoho(clock=Clock(wall=clock), time_zone=zone) as fake:
        token = await caller.token(fake)
        before = fake.records("Leads").add()
        clock.advance(1_200)
        after = fake.records("Leads").add()
        path = "Leads?fields=Modified_Time&sort_by=Modified_Time&sort_order=asc"
        rows = (await caller.call(fake, "GET", path, token=token)).json["data"]
    assert rows == [
        {"Modified_Time": "2026-10-25T02:50:00+02:00", "id": before},
        {"Modified_Time": "2026-10-25T02:10:00+01:00", "id": after},
    ]


async def test_a_restored_record_is_a_record_again(ask: Any, fake: FakeZoho) -> None:
    """It takes its place among the others, and is told of as deleted no more."""
    leads = fake.records("Leads")
    ids = leads.add_many(3)
    leads.remove(ids[1])
    leads.restore(ids[1])
    assert leads.ids == ids
    assert await ask("GET Leads/deleted") == (204, None)
    status, found = await ask("GET Leads/search", word="Lead 2")
    assert (status, [row["id"] for row in found["data"]]) == (200, [ids[1]])
    with pytest.raises(KeyError):
        leads.restore(ids[1])


async def test_a_merge_leaves_one_record(ask: Any, fake: FakeZoho) -> None:
    """The others are deleted, and it has what it takes from them."""
    leads = fake.records("Leads")
    one, two, three = leads.add_many(3)
    leads.merge(one, two, three, City="Delft")
    assert leads.ids == [one]
    assert leads.get(one)["City"] == "Delft"
    _, gone = await ask("GET Leads/deleted")
    assert {(row["id"], row["type"]) for row in gone["data"]} == {
        (two, "recycle"),
        (three, "recycle"),
    }


async def test_a_converted_lead_is_out_of_plain_lists(ask: Any, fake: FakeZoho) -> None:
    """It is there for those that ask for converted ones, too."""
    leads = fake.records("Leads")
    one, two = leads.add_many(2)
    leads.convert(one)
    _, plain = await ask("GET Leads", fields="City")
    _, both = await ask("GET Leads", fields="Converted__s", converted="both", sort_order="asc")
    assert [row["id"] for row in plain["data"]] == [two]
    assert both["data"] == [
        {"Converted__s": True, "id": one},
        {"Converted__s": None, "id": two},
    ]


async def test_deletions_are_told_of_for_120_days(caller: Any, clock: Any) -> None:
    """The recycle bin keeps a record for 60 of them, unless it is purged."""
    async with FakeZoho(clock=Clock(wall=clock)) as fake:
        leads = fake.records("Leads")
        kept, purged = leads.add_many(2)

        async def types() -> dict[str, str]:
            # The token does not last as long.
            token = await caller.token(fake)
            reply = await caller.call(fake, "GET", "Leads/deleted", token=token)
            rows = reply.json["data"] if reply.text else []
            return {row["id"]: row["type"] for row in rows}

        leads.remove(kept)
        leads.remove(purged)
        leads.purge(purged)
        found = [await types()]
        for days in (60, 1, 59, 1):
            clock.advance(days * DAY)
            found.append(await types())
    early = {kept: "recycle", purged: "permanent"}
    late = {kept: "permanent", purged: "permanent"}
    assert found == [early, early, late, late, {}]
