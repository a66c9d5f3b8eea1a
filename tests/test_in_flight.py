"""How many calls may be on their way at once, and from which moment."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from aiozcrm._clock import Clock
from aiozcrm._in_flight import InFlightLimit
from aiozcrm.events import ConcurrencyChanged, Event


class SteppedClock:
    """Time that passes only when somebody waits for it, or moves it."""

    def __init__(self) -> None:
        self.now = 500.0
        self.clock = Clock(monotonic=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Let the other tasks run, then be where the waiting ends."""
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


Make = Callable[..., InFlightLimit]


@pytest.fixture
def time() -> SteppedClock:
    """Time that does not pass by itself."""
    return SteppedClock()


@pytest.fixture
def events() -> list[Event]:
    """What was told."""
    return []


@pytest.fixture
def make(time: SteppedClock, events: list[Event]) -> Make:
    """Make a limit, tasks that have all the places of it, and a list of what it tells."""

    def make(highest: int, *, taken: int = 0) -> InFlightLimit:
        limit = InFlightLimit(highest, clock=time.clock, emit=events.append)
        for _ in range(taken):
            assert limit.try_enter() is not None
        return limit

    return make


async def settle() -> None:
    """Let all tasks come as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


def all_that_get_in(limit: InFlightLimit) -> int:
    """Return how many more calls get in before one has to wait."""
    entered = 0
    while limit.try_enter() is not None:
        entered += 1
    return entered


@pytest.mark.parametrize("highest", [1, 2, 5, 25])
async def test_never_has_more_in_flight_than_the_limit(make: Make, highest: int) -> None:
    """However many tasks there are, so many calls at most are on their way, and so many are."""
    limit = make(highest)
    seen: list[int] = []
    running = 0

    async def call() -> None:
        nonlocal running
        await limit.enter()
        running += 1
        seen.append(running)
        await asyncio.sleep(0)
        running -= 1
        limit.leave()

    await asyncio.gather(*(call() for _ in range(200)))

    assert max(seen) == highest
    assert len(seen) == 200
    assert limit.in_flight == 0


async def test_serves_in_the_order_of_asking(make: Make) -> None:
    """Who asked first gets in first."""
    limit = make(1, taken=1)
    order: list[int] = []

    async def call(number: int) -> None:
        await limit.enter()
        order.append(number)
        limit.leave()

    tasks = [asyncio.create_task(call(number)) for number in range(10)]
    await settle()
    assert order == []

    limit.leave()
    await asyncio.gather(*tasks)

    assert order == list(range(10))


async def test_takes_a_free_place_at_once(make: Make) -> None:
    """With a place free and nobody waiting there is nothing to wait for."""
    limit = make(3)

    assert all_that_get_in(limit) == 3
    assert limit.in_flight == 3


async def test_gives_no_place_at_once_when_full(make: Make) -> None:
    """With no place free one has to wait, until a place is given back."""
    limit = make(2, taken=2)
    assert limit.try_enter() is None

    limit.leave()

    assert limit.try_enter() is not None


async def test_lets_nobody_overtake_who_waits(make: Make) -> None:
    """A place that is given back belongs to who waits, not to who comes along."""
    limit = make(1, taken=1)
    waiting = asyncio.create_task(limit.enter())
    await settle()

    limit.leave()

    assert limit.try_enter() is None
    newcomer = asyncio.create_task(limit.enter())
    await settle()
    assert waiting.done()
    assert not newcomer.done()
    limit.leave()
    await newcomer


async def test_forgets_who_was_cancelled_while_waiting(make: Make) -> None:
    """A cancelled waiter gets no place, and those behind it move up."""
    limit = make(1, taken=1)
    first, second = (asyncio.create_task(limit.enter()) for _ in range(2))
    await settle()
    first.cancel()
    await asyncio.wait([first])

    limit.leave()

    assert await second == 0
    assert first.cancelled()
    assert limit.in_flight == 1


async def test_loses_no_place_to_who_was_cancelled_when_admitted(make: Make) -> None:
    """A waiter that is cancelled in the very moment it gets a place hands the place on."""
    limit = make(1, taken=1)
    first, second = (asyncio.create_task(limit.enter()) for _ in range(2))
    await settle()

    limit.leave()
    first.cancel()
    await asyncio.wait([first, second])

    assert first.cancelled()
    assert second.result() == 0
    assert limit.in_flight == 1


async def test_loses_no_place_when_the_last_waiter_is_cancelled(make: Make) -> None:
    """With nobody to hand it on to, the place is free again."""
    limit = make(1, taken=1)
    waiting = asyncio.create_task(limit.enter())
    await settle()

    limit.leave()
    waiting.cancel()
    await asyncio.wait([waiting])

    assert limit.in_flight == 0
    assert limit.try_enter() is not None


async def test_loses_no_place_to_who_was_cancelled_while_held_back(make: Make) -> None:
    """A call that is cancelled while it is held back gives its place back."""
    limit = make(2, taken=1)
    limit.hold_back(0, 60.0)
    limit.leave()
    held = asyncio.create_task(limit.enter())
    await asyncio.sleep(0)
    assert limit.in_flight == 1

    held.cancel()
    await asyncio.wait([held])

    assert held.cancelled()
    assert limit.in_flight == 0


@pytest.mark.parametrize(("highest", "halved"), [(1, 1), (2, 1), (3, 1), (5, 2), (25, 12)])
async def test_halves_once_for_all_that_were_in_flight_together(
    make: Make, time: SteppedClock, highest: int, halved: int
) -> None:
    """Any number of 429 from one round says the same thing once: half as many at a time."""
    limit = make(highest)
    tickets = [await limit.enter() for _ in range(highest)]

    for ticket in tickets:
        limit.hold_back(ticket, 1.0)
        limit.leave()
    time.now += 1.0

    assert limit.limit == halved
    assert limit.held_for == 0
    assert all_that_get_in(limit) == halved


async def test_halves_again_in_the_next_round(make: Make) -> None:
    """Calls that started after a reduction say something new, down to one at a time."""
    limit = make(8)
    limits = []

    for _ in range(5):
        limit.hold_back(await limit.enter(), 1.0)
        limit.leave()
        limits.append(limit.limit)

    assert limits == [4, 2, 1, 1, 1]


async def test_ignores_late_news_of_an_older_round(make: Make) -> None:
    """A late 429 of a call that started before the reduction does not halve again."""
    limit = make(8)
    early = await limit.enter()
    limit.hold_back(await limit.enter(), 1.0)
    limit.leave()
    new = await limit.enter()
    assert new != early

    limit.hold_back(early, 1.0)

    assert limit.limit == 4


async def test_grows_back_by_one_each_full_round(make: Make) -> None:
    """As many successes as may be in flight allow one call more, up to the highest limit."""
    limit = make(5)
    limit.hold_back(0, 0.0)
    limits = []

    for _ in range(15):
        limit.admitted(1)
        limits.append(limit.limit)

    assert limits == [2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5]


async def test_never_waits_for_years(make: Make, time: SteppedClock) -> None:
    """A pause that was once too long is over when its time has come."""
    limit = make(4)
    limit.hold_back(0, 86_400.0)
    time.now += 86_400.0

    assert limit.held_for == 0.0
    assert limit.try_enter() is not None


async def test_counts_a_round_anew_after_a_reduction(make: Make) -> None:
    """Successes from before a reduction do not count towards growing back."""
    limit = make(4)
    for _ in range(3):
        limit.admitted(0)
    limit.hold_back(0, 0.0)

    limit.admitted(1)

    assert limit.limit == 2


async def test_calls_from_before_a_reduction_do_not_undo_it(make: Make) -> None:
    """They were let in under the old limit, so their success says nothing of the new one."""
    limit = make(5, taken=5)
    limit.hold_back(0, 30.0)

    for _ in range(4):
        limit.admitted(0)

    assert limit.limit == 2


async def test_lets_who_waits_in_when_it_grows(make: Make) -> None:
    """A place that growing made goes to who waits."""
    limit = make(2)
    limit.hold_back(await limit.enter(), 0.0)
    waiting = asyncio.create_task(limit.enter())
    await settle()
    assert not waiting.done()

    limit.admitted(1)
    await settle()

    assert waiting.done()
    assert limit.in_flight == 2


async def test_admits_fewer_until_the_excess_has_left(make: Make) -> None:
    """Calls on their way are not called back, but none follows until there is room."""
    limit = make(4, taken=4)
    limit.hold_back(0, 0.0)
    waiting = asyncio.create_task(limit.enter())

    for left in (1, 2):
        limit.leave()
        await settle()
        assert not waiting.done(), f"{left} left"
    limit.leave()
    await settle()

    assert waiting.done()
    assert limit.in_flight == 2


async def test_holds_every_call_until_the_moment(make: Make, time: SteppedClock) -> None:
    """After a 429 no call of the whole client starts before its moment has come."""
    limit = make(4, taken=1)
    started: list[float] = []
    limit.hold_back(0, 30.0)
    limit.leave()

    async def call() -> None:
        await limit.enter()
        started.append(time.now)
        limit.leave()

    await asyncio.gather(*(call() for _ in range(10)))

    assert len(started) == 10
    assert min(started) == 530.0


async def test_gives_no_place_at_once_while_held_back(make: Make, time: SteppedClock) -> None:
    """There are free places, but not now; and the time to wait is told."""
    limit = make(4)
    assert limit.held_for == 0
    limit.hold_back(0, 30.0)

    assert limit.try_enter() is None
    assert limit.held_for == 30.0
    time.now += 29.5
    assert limit.try_enter() is None
    assert limit.held_for == 0.5
    time.now += 0.5
    assert limit.held_for == 0
    assert limit.try_enter() is not None


async def test_waits_for_the_latest_moment(make: Make, time: SteppedClock) -> None:
    """Of several moments the latest counts, whichever was told last."""
    limit = make(4)
    limit.hold_back(0, 30.0)
    limit.hold_back(0, 10.0)

    await limit.enter()

    assert time.now == 530.0


async def test_waits_on_when_the_moment_moves(make: Make, time: SteppedClock) -> None:
    """A call that is held back already also waits for a moment that is told later."""
    limit = make(4, taken=1)
    limit.hold_back(0, 10.0)
    held = asyncio.create_task(limit.enter())
    await asyncio.sleep(0)

    limit.hold_back(0, 25.0)
    await held

    assert time.now == 525.0


async def test_tells_of_each_reduction_once(
    make: Make, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    """A reduction is an event and a warning in the log; its echoes are neither."""
    limit = make(5)

    with caplog.at_level(logging.WARNING, "aiozcrm"):
        for delay in (2.5, 3.0, 3.5):
            limit.hold_back(0, delay)

    assert events == [ConcurrencyChanged(limit=2, delay=2.5)]
    (record,) = caplog.records
    assert record.getMessage() == "too many calls: at most 2 at once, after 2.5 s"


async def test_needs_no_listener(time: SteppedClock) -> None:
    """Without a receiver the limit works all the same."""
    limit = InFlightLimit(4, clock=time.clock)

    limit.hold_back(0, 1.0)

    assert limit.limit == 2


async def test_passes_over_who_was_just_cancelled(make: Make) -> None:
    """A waiter cancelled right before a place is free neither gets it nor breaks who leaves."""
    limit = make(1, taken=1)
    first, second = (asyncio.create_task(limit.enter()) for _ in range(2))
    await settle()

    first.cancel()
    limit.leave()
    await asyncio.wait([first, second])

    assert first.cancelled()
    assert second.result() == 0
    assert limit.in_flight == 1


async def test_starts_no_more_than_a_limit_that_shrank_during_a_pause() -> None:
    """Places that were taken under the old limit are given back."""
    now, pause_is_over = [500.0], asyncio.Event()

    async def sleep(_: float) -> None:
        await pause_is_over.wait()

    limit = InFlightLimit(8, clock=Clock(monotonic=lambda: now[0], sleep=sleep))
    old, recent = limit.try_enter(), limit.try_enter()
    assert old is not None
    assert recent is not None
    limit.hold_back(recent, 0)
    newest = await limit.enter()
    limit.hold_back(old, 10)
    for _ in range(3):
        limit.leave()
    tasks = [asyncio.create_task(limit.enter()) for _ in range(5)]
    await settle()
    limit.hold_back(newest, 10)
    now[0] += 30
    pause_is_over.set()
    await settle()

    assert limit.limit == 2
    assert limit.in_flight == 2
    assert sum(task.done() for task in tasks) == 2
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
