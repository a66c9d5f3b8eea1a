"""Every fault at once: two thousand deletes, each accounted for, none done twice."""

import collections
import random
import time

import pytest

from aiozcrm import RetryPolicy, Timeouts, ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm.testing import FakeZoho, Fault

pytestmark = pytest.mark.system

#: Each fault at 1 to 5 %.
RATES = {
    Fault.SERVER_ERROR_BEFORE: 0.03,
    Fault.SERVER_ERROR_AFTER: 0.03,
    Fault.BAD_GATEWAY: 0.02,
    Fault.UNAVAILABLE: 0.02,
    Fault.TOO_MANY: 0.01,
    Fault.TOO_MANY_RETRY_AFTER: 0.01,
    Fault.RESET_BEFORE: 0.03,
    Fault.RESET_AFTER: 0.03,
    Fault.TRUNCATED_BODY: 0.02,
    Fault.NOT_JSON: 0.02,
    Fault.HANG: 0.01,
    Fault.HANG_AFTER: 0.01,
    Fault.TOKEN_REVOKED: 0.01,
}


@pytest.mark.parametrize("kind", ["report", "stream"])
async def test_two_thousand_deletes_through_every_fault(kind):
    """Each link is deleted or already gone, none failed, none removed twice."""
    links, unknown = 2000, [str(number) for number in range(900, 920)]
    # An hour a second: tokens end on the way, and the ten minutes that bound how many may be
    # made pass quickly enough for more revocations than a real org ever sees.
    started = time.monotonic()
    fast = Clock(wall=lambda: 1.8e9 + (time.monotonic() - started) * 3600)
    async with FakeZoho(clock=Clock(monotonic=fast.wall)) as fake:
        ids = fake.unsubscribe_links.add_many(links)
        fake.faults.mix(RATES, seed=20)
        fake.faults.retry_after = "0.02"
        # The client waits far longer: a call that hangs is lost when its connection ends.
        fake.faults.hang = 0.02
        extra = [fake.unsubscribe_links.default_id, *unknown, *ids[:10]]
        inputs = random.Random(20).sample([*ids, *extra], links + len(extra))
        policy = RetryPolicy(attempts=12, first_delay=0.001, max_delay=0.02)
        async with ZohoCRM(
            fake.credentials(),
            max_in_flight=20,
            retries=policy,
            timeout=Timeouts(request=60, call=600),
            clock=fast,
        ) as zoho:
            if kind == "report":
                outcomes = (await zoho.delete_unsubscribe_links(inputs, concurrency=20)).outcomes
                assert inputs == [outcome.id for outcome in outcomes]
            else:
                stream = zoho.iter_delete_unsubscribe_links(iter(inputs), concurrency=20)
                outcomes = [outcome async for outcome in stream]

    assert sorted(inputs) == sorted(outcome.id for outcome in outcomes)
    by_id = {outcome.id: outcome for outcome in outcomes}
    assert "protected" == by_id.pop(fake.unsubscribe_links.default_id).status
    # An id that never was there looks like one that is gone if its first answer was lost.
    never_there = [by_id.pop(number) for number in unknown]
    assert {"not_found"} == {o.status for o in never_there if o.attempts == 1}
    assert {"not_found", "already_gone"} >= {o.status for o in never_there}
    assert {"deleted", "already_gone"} == {outcome.status for outcome in by_id.values()}

    assert [fake.unsubscribe_links.default_id] == list(fake.unsubscribe_links.ids)
    assert collections.Counter(ids) == fake.stats.effects
    assert set(RATES) == set(fake.faults.injected)
    assert 0 == fake.stats.secrets_in_query


async def test_with_zoho_down_a_batch_ends_in_bounded_time_and_sends():
    """An outage costs at most one send an id and the budget."""
    async with FakeZoho() as fake:
        ids = fake.unsubscribe_links.add_many(500)
        fake.faults.mix({Fault.UNAVAILABLE: 1.0}, seed=1)
        policy = RetryPolicy(first_delay=0.001, max_delay=0.002, budget=50)
        async with ZohoCRM(fake.credentials(), retries=policy) as zoho:
            report = await zoho.delete_unsubscribe_links(ids)

    assert {"in_doubt": 500} == report.counts
    assert 550 == fake.stats.api_requests
