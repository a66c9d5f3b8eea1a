"""Every fault at once: five thousand records written and read, each row accounted for."""

import asyncio
import time
from collections import Counter

import pytest

from aiozcrm import RetryPolicy, Timeouts, ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm.testing import FakeZoho, Fault

pytestmark = pytest.mark.system

#: Each fault at 1 to 3 %.
RATES = {
    Fault.SERVER_ERROR_BEFORE: 0.03,
    Fault.SERVER_ERROR_AFTER: 0.03,
    Fault.BAD_GATEWAY: 0.02,
    Fault.UNAVAILABLE: 0.02,
    Fault.TOO_MANY: 0.01,
    Fault.RESET_BEFORE: 0.03,
    Fault.RESET_AFTER: 0.03,
    Fault.TRUNCATED_BODY: 0.02,
    Fault.NOT_JSON: 0.02,
    Fault.HANG: 0.01,
    Fault.HANG_AFTER: 0.01,
    Fault.TOKEN_REVOKED: 0.01,
    Fault.SHORT_ANSWER: 0.01,
    Fault.HIDDEN_ERROR: 0.01,
}
ROWS = 5_000

#: After these, an answer says that nothing was done; after all others, none says what was.
SURELY_NOT_DONE = {Fault.TOO_MANY, Fault.TOKEN_REVOKED}


def rows(company):
    """Yield records with an address each."""
    for number in range(ROWS):
        yield {
            "Last_Name": f"Guest {number}",
            "Email": f"guest{number}@example.org",
            "Company": company,
        }


@pytest.fixture
async def stage():
    """Yield a local Zoho with faults, and a client on it."""
    # An hour a second, so that the ten minutes which bound how many tokens may be made pass.
    started = time.monotonic()
    fast = Clock(wall=lambda: 1.8e9 + (time.monotonic() - started) * 3600)
    async with FakeZoho(clock=Clock(monotonic=fast.wall)) as fake:
        # The client waits far longer: a call that hangs is lost when its connection ends.
        fake.faults.hang = 0.02
        client = ZohoCRM(
            fake.credentials(),
            max_in_flight=10,
            retries=RetryPolicy(attempts=12, first_delay=0.001, max_delay=0.02),
            timeout=Timeouts(request=60, call=600),
            clock=fast,
        )
        async with client as zoho:
            yield fake, zoho


async def test_no_record_is_created_twice_and_none_is_lost(stage):
    """What is in doubt after a creation are exactly rows whose answer was lost."""
    fake, zoho = stage
    fake.faults.mix(RATES, seed=20)
    report = await zoho.records("Leads").create_many(rows("a"))
    fake.faults.mix({}, seed=0)

    there = Counter(lead["Email"] for lead in fake.records("Leads").all())
    assert set(there.values()) == {1}
    assert set(report.counts) == {"created", "in_doubt"}
    for row, outcome in zip(rows("a"), report.outcomes, strict=True):
        assert outcome.status == "in_doubt" or there[row["Email"]] == 1
    lost = {
        row["Email"]
        for call in fake.stats.faulty
        if call.fault not in SURELY_NOT_DONE
        for row in call.rows
    }
    pairs = zip(rows("a"), report.outcomes, strict=True)
    assert lost == {row["Email"] for row, outcome in pairs if outcome.status == "in_doubt"}


async def test_with_a_unique_key_nothing_is_in_doubt(stage):
    """Rows whose answer was lost are sent again, and each is told what became of it."""
    fake, zoho = stage
    fake.fields.add("Leads", "Badge", unique=True)
    given = [{**row, "Badge": f"B{number}"} for number, row in enumerate(rows("a"))]
    fake.faults.mix(RATES, seed=24)
    report = await zoho.records("Leads").create_many(iter(given), key="Badge")
    fake.faults.mix({}, seed=0)

    assert {"created": ROWS} == report.counts
    ids = {lead["Badge"]: lead["id"] for lead in fake.records("Leads").all()}
    assert [ids[row["Badge"]] for row in given] == [outcome.id for outcome in report.outcomes]


async def test_with_a_key_what_was_created_is_found(stage):
    """Of the rows whose answer was lost, those that are there are told as created."""
    fake, zoho = stage
    fake.faults.mix(RATES, seed=21)
    report = await zoho.records("Leads").create_many(rows("a"), key="Email")
    fake.faults.mix({}, seed=0)

    ids = {lead["Email"]: lead["id"] for lead in fake.records("Leads").all()}
    for row, outcome in zip(rows("a"), report.outcomes, strict=True):
        assert outcome.status in {"created", "in_doubt"}
        if outcome.status == "created":
            assert ids[row["Email"]] == outcome.id


@pytest.mark.parametrize(("expires", "records"), [(0, 8_000), (20, 8_000), (90, 25_000)])
async def test_a_long_list_is_complete(stage, expires, records):
    """Each of thousands of records once, through 500s, resets, and page tokens that expire."""
    fake, zoho = stage
    ids = fake.records("Leads").add_many(records)
    rates = {fault: rate for fault, rate in RATES.items() if not fault.name.startswith("HANG")}
    fake.faults.mix({**rates, Fault.SERVER_ERROR_BEFORE: 0.1, Fault.RESET_BEFORE: 0.1}, seed=23)

    found = []
    pages = zoho.records("Leads").iter(fields=["Last_Name"]).pages()
    async for page in pages:
        found += [lead["id"] for lead in page]
        if len(found) // 200 == expires:
            fake.records.expire_page_tokens()

    assert len(found) == records
    assert sorted(ids) == sorted(found)
    assert sum(fake.faults.injected.values()) > 10


async def test_records_are_upserted_read_changed_and_deleted(stage):
    """Through every fault: each row once, and an outcome for each."""
    fake, zoho = stage
    leads = zoho.records("Leads")
    fake.faults.mix(RATES, seed=22)
    report = await leads.upsert_many(rows("a"), duplicate_check_fields=["Email"])
    assert {"created": ROWS} == report.counts
    # Zoho tells times by the second: what was created in this one could be taken for ours.
    await asyncio.sleep(1.1)
    report = await leads.upsert_many(rows("b"), duplicate_check_fields=["Email"])
    assert {"updated": ROWS} == report.counts

    found = await leads.list(fields=["Email", "Company"])
    assert ROWS == len(found) == len({lead["id"] for lead in found})
    assert {"b"} == {lead["Company"] for lead in found}

    changes = ({"id": lead["id"], "Company": "c"} for lead in found)
    changed = [outcome async for outcome in leads.iter_update_many(changes)]
    assert {"updated": ROWS} == Counter(outcome.status for outcome in changed)

    report = await leads.delete_many([lead["id"] for lead in found])
    fake.faults.mix({}, seed=0)
    assert {"deleted", "already_gone"} >= set(report.counts)
    assert [] == fake.records("Leads").ids
