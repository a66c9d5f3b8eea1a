"""Bulk jobs through faults of every kind, with each row accounted for."""

import contextlib
import random

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.testing import Dialect, FakeZoho, Fault, FaultPlan, Limits

#: What ends quickly, and in time of our own: nothing here waits.
FAULTS = [
    Fault.BAD_GATEWAY,
    Fault.NOT_JSON,
    Fault.RESET_AFTER,
    Fault.RESET_BEFORE,
    Fault.SERVER_ERROR_AFTER,
    Fault.SERVER_ERROR_BEFORE,
    Fault.TOO_MANY,
    Fault.TRUNCATED_BODY,
    Fault.UNAVAILABLE,
]


def mix(plan: FaultPlan, rate: float, seed: int) -> None:
    """Let each call go wrong with some probability, in any of the ways."""
    plan.mix(dict.fromkeys(FAULTS, rate / len(FAULTS)), seed=seed)


@pytest.fixture
async def fake(clock):
    """A local Zoho in the time of the client, whose files are small."""
    limits = Limits(bulk_rows=40, job_seconds=5, bulk_downloads=1_000)
    dialect = Dialect(bulk_results="reversed", bulk_id_last=True)
    async with FakeZoho(limits=limits, dialect=dialect, clock=clock.clock) as running:
        yield running


@pytest.fixture
async def crm(fake, clock):
    """A client that gives up after three sends."""
    retries = RetryPolicy(attempts=3, budget=1_000)
    async with ZohoCRM(fake.credentials(), retries=retries, clock=clock.clock) as client:
        yield client


@pytest.mark.system
@pytest.mark.parametrize("seed", range(6))
async def test_every_row_of_a_bulk_write_is_accounted_for(crm, fake, monkeypatch, seed):
    """What is created is there once, what failed is not, and only lost answers leave doubt."""
    monkeypatch.setattr("aiozcrm.resources._bulk_import.MOST_ROWS", 10)
    await crm.fields("Contacts").list()
    mix(fake.faults, 0.25, seed)
    rows = [
        {"Last_Name": f"n{n}", "Email": f"{n}@example.com" if n % 7 else "bad"} for n in range(200)
    ]
    report = await crm.bulk_write.run("Contacts", rows, operation="insert", concurrency=3)
    fake.faults.clear()
    there = {}
    for contact in fake.records("Contacts").all():
        there.setdefault(contact["Last_Name"], []).append(contact["id"])
    assert len(report.outcomes) == len(rows)
    assert all(len(ids) == 1 for ids in there.values())
    for row, outcome in zip(rows, report.outcomes, strict=True):
        found = there.get(row["Last_Name"], [])
        if outcome.status == "created":
            assert found == [outcome.id]
        elif outcome.status == "failed":
            assert found == []
        else:
            assert outcome.status == "in_doubt"
            assert isinstance(outcome.error, ZohoError)
    assert report.counts["created"] > 50


@pytest.mark.system
@pytest.mark.parametrize("seed", range(4))
async def test_a_bulk_read_is_complete_or_raises(crm, fake, seed):
    """And is taken up where it stood, until every row has come once."""
    ids = fake.records("Contacts").add_many(300)
    await crm.fields("Contacts").list()
    mix(fake.faults, 0.4, seed)
    cursor, read = None, []
    while True:
        rows = crm.bulk_read.rows("Contacts", fields=["Email"], cursor=cursor)
        with contextlib.suppress(ZohoError):
            async for row in rows:
                read.append(row["id"])
                if random.Random(len(read)).random() < 0.01:
                    break
            else:
                break
        await rows.aclose()
        cursor = rows.cursor
    assert read == ids
