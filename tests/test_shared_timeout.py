"""One timer that ends whatever takes too long."""

import asyncio

import pytest

from aiozcrm._shared_timeout import SharedTimeout


async def wait_within(limit, seconds=None):
    """Wait under a limit; return whether it was the limit that ended it."""
    task = limit.begin()
    try:
        await (asyncio.Event().wait() if seconds is None else asyncio.sleep(seconds))
    except asyncio.CancelledError:
        if limit.end(task):
            return True
        raise
    return limit.end(task)


@pytest.fixture
def limit():
    """Return a limit that is over at once."""
    return SharedTimeout(0)


async def test_ends_every_task_whose_time_is_over(limit):
    """One timer serves all that began before it came."""
    assert [True, True, True] == await asyncio.gather(*(wait_within(limit) for _ in range(3)))


async def test_comes_back_for_those_that_began_later():
    """A task has all of its time, whoever began before it."""
    limit = SharedTimeout(0.02)
    first = asyncio.create_task(wait_within(limit))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(wait_within(limit))
    assert await first
    assert not second.done()
    assert await second


async def test_leaves_alone_what_ends_in_time():
    """A task that has ended is not stopped later."""
    limit = SharedTimeout(0.01)
    assert not await wait_within(limit, seconds=0)
    await asyncio.sleep(0.02)
    assert not asyncio.current_task().cancelling()


async def test_a_cancellation_by_others_stays_one(limit):
    """Who cancels a task that is late at the same moment sees it cancelled."""
    task = asyncio.create_task(wait_within(limit))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_was_late_goes_on(limit):
    """The limit takes its cancellation back."""
    assert await wait_within(limit)
    assert not asyncio.current_task().cancelling()
    assert await wait_within(limit)


async def test_a_task_that_ignored_a_cancellation_before_has_a_limit(limit):
    """Earlier requests to stop are not counted."""

    async def stubborn():
        asyncio.current_task().cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return await wait_within(limit)

    assert await asyncio.create_task(stubborn())


def test_serves_one_event_loop_after_the_other():
    """The timer of a loop that has ended is not waited for."""
    limit = SharedTimeout(0.01)

    async def leave_early():
        limit.begin()

    asyncio.run(leave_early())
    assert asyncio.run(wait_within(limit))


def test_needs_a_task(limit):
    """A callback cannot be stopped, so it is given no time."""
    errors = []

    async def run():
        loop = asyncio.get_running_loop()

        def begin():
            try:
                limit.begin()
            except RuntimeError as error:
                errors.append(str(error))

        loop.call_soon(begin)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert ["requests are sent by tasks"] == errors
