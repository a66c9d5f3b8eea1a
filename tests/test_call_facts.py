"""How often calls were sent, and whether they may have run, whatever they came to."""

import asyncio

import pytest

from aiozcrm.errors import ConnectionLostError, NotFoundError, ServerError

LINK = "6240019000000731004"


def never_within(limit):
    """Return what never answers, and lets the time be over as soon as it is asked."""

    async def never(_request):
        limit.reschedule(0)
        await asyncio.Event().wait()

    return never


async def test_facts_of_a_success(zoho, script):
    """It was sent twice, and an answer has settled it."""
    script.add(ConnectionLostError("lost"))
    async with zoho.call_facts() as facts:
        await zoho.delete_unsubscribe_link(LINK)

    assert (2, False) == (facts.attempts, facts.maybe_done)


async def test_facts_of_a_call_that_failed_are_those_of_its_error(zoho, script):
    """Both tell the same."""
    script.add(*[script.response(500)] * 5)
    with pytest.raises(ServerError) as caught:
        async with zoho.call_facts() as facts:
            await zoho.delete_unsubscribe_link(LINK)

    assert (5, True) == (facts.attempts, facts.maybe_done)
    assert (5, True) == (caught.value.attempts, caught.value.maybe_done)


async def test_facts_of_a_call_that_was_cancelled(zoho, script):
    """A timeout of the caller's leaves no error of ours, but its facts."""
    limit = asyncio.timeout(None)
    script.add(ConnectionLostError("lost"), never_within(limit))
    with pytest.raises(TimeoutError):
        async with zoho.call_facts() as facts, limit:
            await zoho.delete_unsubscribe_link(LINK)

    assert (2, True) == (facts.attempts, facts.maybe_done)


async def test_facts_of_a_call_that_was_cancelled_before_it_was_sent(zoho, script):
    """It waited for a token, so it surely has not run."""
    limit = asyncio.timeout(None)
    script.add_token(never_within(limit))
    with pytest.raises(TimeoutError):
        async with zoho.call_facts() as facts, limit:
            await zoho.delete_unsubscribe_link(LINK)

    assert (0, False) == (facts.attempts, facts.maybe_done)


async def test_facts_of_a_call_that_a_bug_ended(zoho, script):
    """Whatever a sender raises."""
    script.add(KeyError("bug"))
    with pytest.raises(KeyError):
        async with zoho.call_facts() as facts:
            await zoho.delete_unsubscribe_link(LINK)

    assert (1, True) == (facts.attempts, facts.maybe_done)


async def test_facts_of_several_calls_add_up(zoho, script):
    """Also of those of other tasks that were created inside, and of a batch."""
    script.add(script.gone(), ConnectionLostError("lost"))
    async with zoho.call_facts() as facts:
        with pytest.raises(NotFoundError):
            await zoho.delete_unsubscribe_link(LINK)
        await asyncio.gather(*(zoho.delete_unsubscribe_link(n) for n in range(1, 4)))
        await zoho.delete_unsubscribe_links(["5", "6", "7"])
    await zoho.delete_unsubscribe_link(LINK)

    assert (8, False) == (facts.attempts, facts.maybe_done)


async def test_facts_may_be_nested(zoho):
    """The outer ones have those of the inner ones, too."""
    async with zoho.call_facts() as outer:
        await zoho.delete_unsubscribe_link(1)
        async with zoho.call_facts() as inner:
            await zoho.delete_unsubscribe_link(2)
        await zoho.delete_unsubscribe_link(3)

    assert (3, 1) == (outer.attempts, inner.attempts)


async def test_facts_are_collected_once_at_a_time(zoho, script):
    """A second time inside of the first is a mistake, told before anything is sent."""
    facts = zoho.call_facts()
    async with facts:
        with pytest.raises(RuntimeError, match="already"):
            async with facts:
                pass
        await zoho.delete_unsubscribe_link(LINK)
    async with facts:
        await zoho.delete_unsubscribe_link(LINK)

    assert 2 == facts.attempts == len(script.requests)
