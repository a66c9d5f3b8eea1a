"""The token lifecycle, on canned answers and a clock that does not wait."""

import asyncio
import contextlib
import logging
import math

import attrs
import pytest

from aiozcrm import MemoryTokenStore
from aiozcrm.auth import OAuth
from aiozcrm.errors import (
    CertificateError,
    ClientClosedError,
    ClientRejectedError,
    ConnectError,
    ConnectionLostError,
    EnvironmentMismatchError,
    ForeignHostError,
    RefreshTokenRejectedError,
    TokenEndpointError,
    TokenThrottledError,
)
from aiozcrm.events import RequestFinished, TokenRefreshed, TokenRefreshFailed, TokenStoreFailed
from aiozcrm.token_stores import StoreLockedError, TokenState

REFUSAL = {
    "error_description": "You have made too many requests continuously.",
    "error": "Access Denied",
    "status": "failure",
}


@pytest.fixture
def store():
    """Tokens kept in memory."""
    return MemoryTokenStore()


@pytest.fixture
def events():
    """What was told."""
    return []


@pytest.fixture
def make_oauth(credentials, script, clock, store, events):
    """Make a token keeper; changes go into its credentials."""

    def make(*, store=store, **changes):
        return OAuth(
            attrs.evolve(credentials, **changes),
            sender=script,
            store=store,
            clock=clock.clock,
            emit=events.append,
            jitter=lambda low, _high: low,
        )

    return make


@pytest.fixture
def oauth(make_oauth):
    """One token keeper."""
    return make_oauth()


@pytest.fixture
def reject(script):
    """Let the API reject the token of a client, and return the verdict on it."""

    async def reject(oauth, token=None):
        token = token or await oauth.token()
        oauth.note_accepted(token)
        script.add(script.error(401, "INVALID_TOKEN"))
        judgement, _ = oauth.judge(token, probe_path="/crm/v7/org")
        return await oauth.verdict(judgement)

    return reject


async def never(_request):
    """Answer nothing, for as long as anybody waits."""
    await asyncio.Event().wait()


async def settle():
    """Let background tasks come to their end."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_token_serves_without_thought_until_five_minutes_before_its_end(
    oauth,
    script,
    clock,
):
    """No token request is made while the token is fresh."""
    token = await oauth.token()
    clock.advance(3600 - 301)

    assert token is oauth.usable()
    assert token is await oauth.token()
    assert 1 == len(script.token_requests)


async def test_with_five_minutes_left_one_task_refreshes_while_the_others_go_on(
    oauth,
    script,
    clock,
):
    """A refresh ahead of the end holds nobody up, and there is one for all."""
    old = await oauth.token()
    clock.advance(3600 - 300)

    assert oauth.usable() is None
    assert [old] * 20 == await asyncio.gather(*(oauth.token() for _ in range(20)))

    await settle()

    assert 2 == len(script.token_requests)
    assert oauth.usable() not in (None, old)


async def test_with_one_minute_left_everyone_waits(oauth, script, clock):
    """A token that may end on the way is not handed out any more."""
    old = await oauth.token()
    clock.advance(3600 - 60)

    tokens = await asyncio.gather(*(oauth.token() for _ in range(20)))

    assert 1 == len(set(map(id, tokens)))
    assert old is not tokens[0]
    assert 2 == len(script.token_requests)


async def test_a_short_lived_token_scales_both_margins_down(oauth, script, clock):
    """A token of 12 seconds is renewed with 1 second left, not at once."""
    script.add_token(script.token(expires_in=12))
    token = await oauth.token()

    clock.advance(10.9)
    assert token is oauth.usable()

    clock.advance(0.2)
    assert oauth.usable() is None
    assert token is await oauth.token()

    clock.advance(0.75)
    assert token is not await oauth.token()


async def test_processes_that_started_together_do_not_refresh_in_the_same_moment(
    credentials,
    script,
    clock,
):
    """The refresh ahead of the end is spread at random."""
    ends = []
    for spread in (1.0, 1.1, 1.2):
        oauth = OAuth(
            credentials,
            sender=script,
            store=MemoryTokenStore(),
            clock=clock.clock,
            jitter=lambda _low, _high, spread=spread: spread,
        )
        await oauth.token()
        ends.append(oauth._live.soft_end)

    assert [0.0, -30.0, -60.0] == pytest.approx([end - ends[0] for end in ends])


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(ConnectError("down"), id="unreachable"),
        pytest.param(None, id="throttled"),
    ],
)
async def test_a_valid_token_serves_when_a_refresh_ahead_fails(oauth, script, clock, trouble):
    """The old token is used while it lives, and the endpoint is not pestered."""
    old = await oauth.token()
    failure = trouble or script.response(200, REFUSAL)
    clock.advance(3600 - 300)
    script.add_token(*[failure] * 3)
    assert old is await oauth.token()
    await settle()
    asked = len(script.token_requests)

    assert [old] * 5 == [await oauth.token() for _ in range(5)]
    await settle()
    assert asked == len(script.token_requests)


async def test_a_token_in_its_last_minute_serves_when_the_endpoint_is_down(oauth, script, clock):
    """An endpoint in trouble says nothing against a token that still lives."""
    old = await oauth.token()
    clock.advance(3600 - 30)
    script.add_token(*[ConnectError("down")] * 6)

    assert old is await oauth.token()

    clock.advance(31)
    with pytest.raises(TokenEndpointError):
        await oauth.token()


async def test_two_hundred_tasks_on_a_cold_client_make_one_token_request(oauth, script):
    """One token request for any number of concurrent callers before the first use."""
    tokens = await asyncio.gather(*(oauth.token() for _ in range(200)))

    assert 1 == len(script.token_requests)
    assert 1 == len(set(map(id, tokens)))


async def test_cancelling_the_task_that_started_the_refresh_disturbs_nobody(oauth, script):
    """The refresh runs in a task of its own: one request, and the others get the token."""
    first = asyncio.create_task(oauth.token())
    others = [asyncio.create_task(oauth.token()) for _ in range(20)]
    await asyncio.sleep(0)
    first.cancel()

    tokens = await asyncio.gather(*others)

    assert 1 == len(script.token_requests)
    assert 1 == len(set(map(id, tokens)))
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_clients_that_share_a_store_share_a_token(make_oauth, script, events):
    """Lock, look again, then ask: the second client finds the first one's token."""
    one, two = make_oauth(), make_oauth()

    first, second = await asyncio.gather(one.token(), two.token())

    assert 1 == len(script.token_requests)
    assert first.access_token == second.access_token
    assert [False, True] == [event.from_store for event in events]


async def test_a_rejected_token_is_replaced_by_the_newer_one_of_another_client(
    make_oauth,
    script,
    reject,
):
    """A client that finds a token newer than the rejected one in the store uses that."""
    one, two = make_oauth(), make_oauth()
    await one.token()
    await two.token()
    await reject(one)
    new = await one.token()

    assert "replaced" == (await reject(two)).outcome
    assert new.access_token == (await two.token()).access_token
    assert 2 == len(script.token_requests)


async def test_a_late_rejection_of_an_older_token_changes_nothing(oauth, script, reject):
    """A rejection counts only against the token that the failed request carried."""
    old = await oauth.token()
    await reject(oauth)
    new = await oauth.token()

    assert oauth.judge(old, probe_path="/crm/v7/org") is None
    assert new is oauth.usable()
    assert 2 == len(script.token_requests)


async def test_a_stored_token_that_has_ended_is_not_used(make_oauth, script, clock):
    """What lies in the store for too long is replaced."""
    await make_oauth().token()
    clock.advance(3600 - 30)

    await make_oauth().token()

    assert 2 == len(script.token_requests)


async def test_a_wall_clock_that_jumps_back_lends_a_stored_token_no_more_life(
    make_oauth,
    clock,
):
    """A token is never believed to live longer than it was made for."""
    await make_oauth().token()
    clock.wall_offset -= 86_400
    oauth = make_oauth()
    await oauth.token()

    assert oauth._live.end <= clock.now + 3600


async def test_the_life_of_a_token_is_counted_from_before_the_request(oauth, script, clock):
    """A slow token endpoint does not make the token live longer than Zoho thinks."""

    async def slowly(_request):
        clock.advance(20)
        return script.token()

    asked_at = clock.now
    script.add_token(slowly)
    await oauth.token()

    assert asked_at + 3600 == oauth._live.end


async def test_closing_ends_a_refresh_and_whoever_waits_gets_our_error(oauth, script):
    """Closing the client leaves no task behind and lets no foreign error out."""
    script.add_token(never)
    waiting = asyncio.create_task(oauth.token())
    await settle()
    await oauth.close()

    with pytest.raises(ClientClosedError):
        await waiting
    with pytest.raises(ClientClosedError):
        await oauth.token()
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_an_error_of_ours_in_the_refresh_reaches_every_waiter(oauth, script):
    """A bug is not mistaken for an answer of Zoho's, and not remembered as one."""
    script.add_token(KeyError("bug"))
    waiting = [asyncio.create_task(oauth.token()) for _ in range(2)]

    for task in waiting:
        with pytest.raises(KeyError, match="bug"):
            await task
    assert await oauth.token()


class UnreliableStore(MemoryTokenStore):
    """Keeps tokens in memory, except while it fails."""

    def __init__(self, *failing):
        super().__init__()
        self.failing = set(failing)
        self.error = OSError("no space left")
        self.saved = []

    def fail(self, step):
        """Raise where it should."""
        if step in self.failing:
            raise self.error

    async def load(self, key):
        """Return what is kept."""
        self.fail("load")
        return await super().load(key)

    async def save(self, key, state):
        """Keep it."""
        self.fail("save")
        self.saved.append(state)
        await super().save(key, state)

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Hold the lock."""
        self.fail("lock")
        async with super().lock(key):
            yield
        self.fail("unlock")


STEPS = ["lock", "load", "save", "unlock"]


@pytest.fixture(params=[[step] for step in STEPS] + [STEPS], ids="+".join)
def store_that_fails(request):
    """Give a store that fails at one step, or at all."""
    return UnreliableStore(*request.param)


@pytest.fixture
def oauth_on(make_oauth):
    """Make a token keeper on another store."""
    return lambda store: make_oauth(store=store)


async def test_a_store_that_fails_stops_nobody(store_that_fails, oauth_on, script, caplog):
    """The token is made once for all tasks, serves them, and the log tells of the store."""
    oauth = oauth_on(store_that_fails)

    tokens = await asyncio.gather(*(oauth.token() for _ in range(20)))

    assert 1 == len(set(map(id, tokens)))
    assert tokens[0] is oauth.usable()
    assert 1 == len(script.token_requests)
    assert "the token store failed" in caplog.text
    assert "OSError: no space left" in caplog.text


async def test_the_next_refresh_tries_a_store_that_failed_again(
    store_that_fails,
    oauth_on,
    script,
    clock,
    reject,
):
    """A token made after the trouble is shared, and the ones made meanwhile are counted."""
    oauth = oauth_on(store_that_fails)
    await oauth.token()
    store_that_fails.failing.clear()
    clock.advance(10)
    await reject(oauth)
    second = await oauth.token()

    shared = await oauth_on(store_that_fails).token()
    assert second.access_token == shared.access_token
    assert 2 == len(script.token_requests)
    assert 2 == len(store_that_fails.saved[-1].made_at)


async def test_the_local_budget_holds_while_the_store_fails(
    store_that_fails,
    oauth_on,
    script,
    clock,
    reject,
):
    """An eleventh token within ten minutes is not asked for, wherever the ten are counted."""
    oauth = oauth_on(store_that_fails)
    for _ in range(9):
        assert "replaced" == (await reject(oauth)).outcome
        clock.advance(1)

    verdict = await reject(oauth)
    assert ("kept", TokenThrottledError) == (verdict.outcome, type(verdict.error))
    assert 10 == len(script.token_requests)


async def test_a_block_is_respected_while_the_store_fails(
    store_that_fails,
    oauth_on,
    script,
    clock,
):
    """The silence doubles as it would with a store."""
    oauth = oauth_on(store_that_fails)
    for silence in (600, 1200):
        script.add_token(script.response(200, REFUSAL))
        for _ in range(2):
            with pytest.raises(TokenThrottledError) as caught:
                await oauth.token()
            assert silence == pytest.approx(caught.value.retry_after)
        clock.advance(silence + 1)

    assert 2 == len(script.token_requests)


async def test_the_reason_for_no_token_outlives_the_failing_store(
    store_that_fails,
    oauth_on,
    script,
):
    """What Zoho said is what the caller hears, not what the store said."""
    script.add_token(script.response(200, {"error": "invalid_code"}))

    with pytest.raises(RefreshTokenRejectedError):
        await oauth_on(store_that_fails).token()


async def test_a_rejected_token_is_not_taken_from_a_store_that_keeps_offering_it(
    oauth_on,
    script,
    reject,
):
    """A store that loads but cannot save goes on with an old token; each is rejected once."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    first = await oauth.token()
    await reject(oauth)
    store.failing.add("save")
    second = await oauth.token()
    await reject(oauth)

    third = await oauth.token()
    assert 3 == len({token.access_token for token in (first, second, third)})
    assert 3 == len(script.token_requests)


async def test_a_token_can_be_taken_from_a_store_whose_lock_fails(oauth_on, script):
    """Looking needs no lock, so a store that can only be read still shares."""
    store = UnreliableStore()
    await oauth_on(store).token()
    store.failing |= {"lock", "save"}

    await oauth_on(store).token()
    assert 1 == len(script.token_requests)


async def test_nothing_is_saved_without_the_lock(oauth_on):
    """Whoever holds it might lose what it saves."""
    store = UnreliableStore("lock")
    await oauth_on(store).token()

    assert [] == store.saved
    assert {} == store._states


@pytest.mark.parametrize("failing", [["lock"], ["load"], ["lock", "load"]], ids="+".join)
async def test_a_token_that_serves_is_not_replaced_while_the_store_fails(
    failing,
    oauth_on,
    script,
    clock,
    events,
):
    """All clients of the store would ask; it is tried again every few seconds instead."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    first = await oauth.token()
    store.failing.update(failing)
    clock.advance(3600 - 299)
    for pause in (0, 1, 5):
        clock.advance(pause)
        assert first is await oauth.token()
        await settle()

    assert 1 == len(script.token_requests)
    steps = [event.step for event in events if isinstance(event, TokenStoreFailed)]
    assert [*failing, *failing] == steps
    assert "present token still serves" in str(events[-1].error)

    store.failing.clear()
    clock.advance(6)
    assert first is await oauth.token()
    await settle()
    assert first is not oauth.usable()
    assert 2 == len(script.token_requests)


@pytest.mark.parametrize("failing", ["lock", "load"])
async def test_without_the_store_a_token_is_asked_for_when_the_present_one_ends(
    failing,
    oauth_on,
    script,
    clock,
):
    """From a minute before its end on, calls would have to wait."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    first = await oauth.token()
    store.failing.add(failing)
    clock.advance(3600 - 59)

    assert first is not await oauth.token()
    assert 2 == len(script.token_requests)


async def test_a_rejected_token_is_replaced_at_once_while_the_store_fails(
    oauth_on,
    script,
    clock,
    reject,
):
    """A moment before, the client had decided to wait for the store with the token it had."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    first = await oauth.token()
    store.failing.add("lock")
    clock.advance(3600 - 299)
    await oauth.token()
    await settle()

    await reject(oauth)

    assert first is not await oauth.token()
    assert 2 == len(script.token_requests)


async def test_a_rejected_token_makes_no_other_failure_forgotten(oauth_on, script, clock, reject):
    """What the endpoint said holds whatever becomes of the token, which goes on serving."""
    oauth = oauth_on(UnreliableStore())
    first = await oauth.token()
    script.add_token(script.response(200, {"error": "invalid_client"}))
    clock.advance(3600 - 299)
    await oauth.token()
    await settle()

    verdict = await reject(oauth)

    assert ("kept", ClientRejectedError) == (verdict.outcome, type(verdict.error))
    assert first is await oauth.token()
    assert 2 == len(script.token_requests)


async def test_a_better_token_is_taken_from_a_store_whose_lock_fails(oauth_on, script, clock):
    """Ahead of its end a token is replaced by what another client was able to leave there."""
    store = UnreliableStore()
    oauth, other = oauth_on(store), oauth_on(store)
    for client in (oauth, other):
        await client.token()
    clock.advance(3600 - 299)
    for client in (other, oauth):
        await client.token()
        await settle()
        store.failing.add("lock")

    assert other.usable().access_token == oauth.usable().access_token
    assert 2 == len(script.token_requests)


async def test_each_step_at_which_the_store_fails_is_an_event(oauth_on, events):
    """A receiver learns the step and the error itself."""
    for step in STEPS:
        store = UnreliableStore(step)
        await oauth_on(store).token()

        assert [TokenStoreFailed(step=step, error=store.error)] == [
            event for event in events if isinstance(event, TokenStoreFailed)
        ]
        events.clear()


async def test_a_lock_that_others_hold_for_too_long_is_no_broken_store(oauth_on, script, clock):
    """They are asking already, so nobody else asks, and a token that lives goes on serving."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    old = await oauth.token()
    store.failing.add("lock")
    store.error = StoreLockedError("Held for 120 s.")
    clock.advance(3600 - 30)

    assert old is await oauth.token()
    with pytest.raises(TokenEndpointError, match=r"Held for 120 s.*process that is stopped"):
        await oauth_on(store).token()
    assert 1 == len(script.token_requests)

    store.failing.clear()
    clock.advance(31)
    assert await oauth.token()


async def test_closing_ends_waiting_calls_at_once_however_slow_the_store_is(oauth_on, script):
    """The end of the refresh is waited for by close() alone."""
    gate = asyncio.Event()

    class SlowStore(MemoryTokenStore):
        async def save(self, key, state):
            await gate.wait()
            await super().save(key, state)

    oauth = oauth_on(SlowStore())
    script.add_token(never)
    waiting = asyncio.create_task(oauth.token())
    await settle()
    closing = asyncio.create_task(oauth.close())
    await settle()

    assert waiting.done()
    assert not closing.done()
    with pytest.raises(ClientClosedError):
        await waiting
    gate.set()
    await closing
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_closing_while_waiting_for_the_lock_leaves_it_to_the_others(oauth_on, credentials):
    """A cancelled refresh is no failure of the store."""
    store = UnreliableStore()
    oauth = oauth_on(store)
    async with store.lock(credentials.store_key):
        waiting = asyncio.create_task(oauth.token())
        await settle()
        await oauth.close()
        with pytest.raises(ClientClosedError):
            await waiting

    assert TokenState() == await store.load(credentials.store_key)
    assert await oauth_on(store).token()


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(REFUSAL, id="english"),
        pytest.param(
            {"error_description": "请稍后再试", "error": "访问被拒绝", "status": "failure"},
            id="chinese",
        ),
        pytest.param({"error": "access_denied"}, id="short"),
    ],
)
async def test_a_throttled_endpoint_is_asked_once_by_twenty_callers(
    oauth,
    script,
    clock,
    status,
    body,
):
    """All callers get the error at once, and nobody asks until the time has passed."""
    script.add_token(script.response(status, body))
    results = await asyncio.gather(*(oauth.token() for _ in range(20)), return_exceptions=True)

    assert {TokenThrottledError} == set(map(type, results))
    assert {600.0} == {error.retry_after for error in results}
    assert 20 == len(set(map(id, results)))

    clock.advance(599)
    with pytest.raises(TokenThrottledError) as caught:
        await oauth.token()
    assert 1.0 == pytest.approx(caught.value.retry_after)
    assert 1 == len(script.token_requests)

    clock.advance(1.5)
    assert await oauth.token()


async def test_each_refusal_in_a_row_doubles_the_silence_up_to_half_an_hour(oauth, script, clock):
    """Asking too early prolongs the block, so the client asks ever more rarely."""
    waits = []
    for _ in range(4):
        script.add_token(script.response(200, REFUSAL))
        with pytest.raises(TokenThrottledError) as caught:
            await oauth.token()
        waits.append(caught.value.retry_after)
        clock.advance(caught.value.retry_after + 1)

    assert [600, 1200, 1800, 1800] == waits


async def test_a_block_is_respected_by_every_client_of_the_store(make_oauth, script):
    """What one client was told, the others need not be told."""
    script.add_token(script.response(200, REFUSAL))
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()

    assert 1 == len(script.token_requests)


async def test_a_wall_clock_that_jumps_back_does_not_prolong_a_block(make_oauth, script, clock):
    """A block in the far future is a jump of the clock, not Zoho's word."""
    script.add_token(script.response(200, REFUSAL))
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()
    clock.wall_offset -= 86_400

    with pytest.raises(TokenThrottledError) as caught:
        await make_oauth().token()
    assert 1800 == caught.value.retry_after


async def test_a_block_in_the_far_future_ends_after_half_an_hour(make_oauth, script, clock):
    """What a clock that was wrong has left in the store silences nobody for the whole jump."""
    script.add_token(script.response(200, REFUSAL))
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()
    clock.wall_offset -= 86_400
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()

    clock.advance(1799)
    with pytest.raises(TokenThrottledError):
        await make_oauth().token()
    clock.advance(2)

    assert await make_oauth().token()


async def test_the_eleventh_token_in_ten_minutes_is_not_asked_for(oauth, script, clock, reject):
    """The local budget keeps the org from being locked out."""
    started = clock.now
    for _ in range(9):
        await reject(oauth)
        clock.advance(20)

    last = await oauth.token()
    verdict = await reject(oauth)
    assert "kept" == verdict.outcome
    assert "10 tokens were made" in str(verdict.error)
    assert last is oauth.usable()
    assert 10 == len(script.token_requests)
    assert started + 600 == pytest.approx(clock.now + verdict.error.retry_after)

    clock.advance(verdict.error.retry_after + 0.1)
    assert "replaced" == (await reject(oauth)).outcome


async def test_a_lost_token_answer_counts_as_a_token(oauth, script, clock, reject):
    """A token that may have been made is counted; one that surely was not made is not."""
    for _ in range(2):
        script.add_token(ConnectionLostError("lost"))
        await reject(oauth)
    script.add_token(*[ConnectError("down")] * 3, *[script.response(200, b"<html>")] * 3)
    for pause in (0, 5, 10, 20):
        clock.advance(pause)
        assert "kept" == (await reject(oauth)).outcome
    clock.advance(40)
    for _ in range(5):
        assert "replaced" == (await reject(oauth)).outcome

    error = (await reject(oauth)).error
    assert TokenThrottledError is type(error)
    assert "10 tokens may have been made (2 answers were lost) in 10 minutes" in error.message


async def test_a_lost_answer_is_asked_for_again_only_within_the_limit(oauth, script, clock, reject):
    """Nine tokens and a lost one are ten: there is no second try at the tenth."""
    for _ in range(8):
        await reject(oauth)
    await oauth.token()
    script.add_token(*[ConnectionLostError("lost")] * 3)

    assert "lost" in str((await reject(oauth)).error)
    assert 10 == len(script.token_requests)

    clock.advance(6)
    assert "10 tokens may have been made (1 answer was lost)" in str((await reject(oauth)).error)
    assert 10 == len(script.token_requests)


async def test_asking_that_is_cut_off_counts_as_a_token(oauth, script, store, credentials):
    """Short-lived clients that share a store do not ask more than Zoho allows."""
    script.add_token(never)
    waiting = asyncio.create_task(oauth.token())
    await settle()
    await oauth.close()
    with pytest.raises(ClientClosedError):
        await waiting

    assert 1 == len((await store.load(credentials.store_key)).made_at)


async def test_asking_that_is_cut_off_before_it_left_counts_for_nothing(
    oauth,
    script,
    store,
    credentials,
):
    """A request that still waited for a connection made no token."""

    async def wait_for_connection(request):
        request.left = False
        await never(request)

    script.add_token(wait_for_connection)
    waiting = asyncio.create_task(oauth.token())
    await settle()
    await oauth.close()
    with pytest.raises(ClientClosedError):
        await waiting

    assert TokenState() == await store.load(credentials.store_key)


async def test_asking_ends_before_a_stores_lock_does(
    oauth,
    script,
    monkeypatch,
    store,
    credentials,
):
    """However patient the timeouts are: somebody else would ask meanwhile."""
    monkeypatch.setattr("aiozcrm.auth._asking._LONGEST", 0.01)

    script.add_token(never)
    with pytest.raises(TokenEndpointError, match="Could not get an access token within 0 s"):
        await oauth.token()

    assert 1 == len((await store.load(credentials.store_key)).made_at)


async def test_a_timeout_of_a_senders_own_is_no_timeout_of_ours(oauth, script):
    """An error that nobody translated is raised as it is."""
    script.add_token(TimeoutError("a bug"))
    with pytest.raises(TimeoutError, match="a bug"):
        await oauth.token()


@pytest.mark.parametrize("code", ["invalid_code", "invalid_grant", "Invalid_Code"])
async def test_a_rejected_refresh_token_is_never_asked_with_again(oauth, script, clock, code):
    """Answers like invalid_grant are final."""
    script.add_token(script.response(200, {"error": code}))

    for _ in range(5):
        with pytest.raises(RefreshTokenRejectedError, match="Authorize again"):
            await oauth.token()
        clock.advance(86_400)
    assert 1 == len(script.token_requests)
    assert math.isinf(oauth._failure.until)


async def test_a_rejected_client_is_told_where_to_look_and_rarely_asked_again(
    oauth,
    script,
    clock,
):
    """A wrong data centre looks like a wrong client, and the hint says so."""
    script.add_token(script.response(200, {"error": "invalid_client"}))
    for _ in range(5):
        with pytest.raises(ClientRejectedError, match="data_center"):
            await oauth.token()
    assert 1 == len(script.token_requests)

    clock.advance(61)
    assert await oauth.token()


async def test_an_unreachable_endpoint_is_asked_three_times(oauth, script, clock):
    """The token request has its own small retry, with pauses between."""
    script.add_token(*[ConnectError("down")] * 3)

    with pytest.raises(TokenEndpointError) as caught:
        await oauth.token()

    assert 3 == len(script.token_requests)
    assert 2 == len(clock.slept)
    assert isinstance(caught.value.__cause__, ConnectError)
    with pytest.raises(TokenEndpointError):
        await oauth.token()
    assert 3 == len(script.token_requests)

    clock.advance(6)
    assert await oauth.token()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((500, b"<html>oops</html>"), id="500 with a page"),
        pytest.param((502, b""), id="502 empty"),
        pytest.param((200, {"error": "general_error"}), id="unknown error"),
        pytest.param((200, b"not json"), id="not json"),
        pytest.param((200, [1]), id="not an object"),
    ],
)
async def test_an_endpoint_in_trouble_is_asked_again(oauth, script, answer):
    """What is neither a token nor a known refusal may be a passing trouble."""
    script.add_token(script.response(*answer))

    assert await oauth.token()
    assert 2 == len(script.token_requests)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(CertificateError("who is this"), id="certificate"),
        pytest.param(None, id="400"),
    ],
)
async def test_what_asking_again_cannot_mend_is_asked_once(oauth, script, entry):
    """A server that cannot prove itself gets no second chance, nor does a plain 400."""
    script.add_token(entry or script.response(400, b""))

    with pytest.raises(TokenEndpointError):
        await oauth.token()
    assert 1 == len(script.token_requests)


async def test_what_happens_is_told(oauth, script, events, caplog, reject):
    """A refresh and its failure are events, and a failure is a warning in the log."""
    await oauth.token()
    script.add_token(script.response(200, {"error": "invalid_code"}))
    with caplog.at_level(logging.WARNING, "aiozcrm"):
        await reject(oauth)

    assert [TokenRefreshed, RequestFinished, TokenRefreshFailed] == list(map(type, events))
    assert 3600 == events[0].lifetime
    assert "no new access token" in caplog.text


@pytest.mark.parametrize(
    ("api_domain", "goes_to"),
    [
        pytest.param(None, "https://www.zohoapis.eu", id="none named"),
        pytest.param("https://www.zohoapis.eu", "https://www.zohoapis.eu", id="the same"),
        pytest.param("https://www.zohoapis.in/", "https://www.zohoapis.in", id="moved"),
        pytest.param("https://WWW.zohoapis.ca", "https://www.zohoapis.ca", id="upper case"),
    ],
)
async def test_the_token_answer_chooses_the_data_centre(oauth, script, api_domain, goes_to):
    """Calls go where the token says, as long as that is Zoho."""
    script.add_token(script.token(api_domain=api_domain))

    assert goes_to == (await oauth.token()).api_url


async def test_a_token_answer_without_a_host_keeps_the_last_one(oauth, script, reject):
    """A refresh answer may leave api_domain out."""
    script.add_token(script.token(api_domain="https://www.zohoapis.in"))
    await reject(oauth)

    assert "https://www.zohoapis.in" == (await oauth.token()).api_url


@pytest.mark.parametrize(
    "api_domain",
    [
        "https://www.zohoapis.eu.evil.example",
        "https://evil.example",
        "http://www.zohoapis.eu",
        "https://www.zohoapis.eu@evil.example",
        "https://www.zohoapis.eu/path",
        "ftp://www.zohoapis.eu",
        "www.zohoapis.eu",
        "https://www.zohoapis.eu:8443",
    ],
)
async def test_a_foreign_host_gets_no_token(oauth, script, clock, api_domain):
    """A host that is neither Zoho's nor named by the user is a final error."""
    script.add_token(script.token(api_domain=api_domain))

    for _ in range(3):
        with pytest.raises(ForeignHostError):
            await oauth.token()
        clock.advance(86_400)
    assert 1 == len(script.token_requests)


@pytest.mark.parametrize(
    "api_domain",
    [
        "https://evil.example",
        "https://sandbox.zohoapis.eu",
        "http://www.zohoapis.eu",
        "no URL",
    ],
)
async def test_a_foreign_host_in_the_store_is_not_believed(
    make_oauth,
    script,
    store,
    credentials,
    caplog,
    api_domain,
):
    """The token is asked for anew, takes the place of the other one, and nothing goes there."""
    await make_oauth().token()
    state = await store.load(credentials.store_key)
    stored = attrs.evolve(state.token, api_domain=api_domain)
    await store.save(credentials.store_key, attrs.evolve(state, token=stored))

    token = await make_oauth().token()

    assert "https://www.zohoapis.eu" == token.api_url
    assert 2 == len(script.token_requests)
    assert "the token in the store is not used" in caplog.text
    assert stored.access_token not in caplog.text
    assert token.access_token == (await make_oauth().token()).access_token
    assert 2 == len(script.token_requests)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("production", "https://sandbox.zohoapis.eu"),
        ("sandbox", "https://www.zohoapis.eu"),
        ("sandbox", "https://developer.zohoapis.eu"),
        ("developer", "https://www.zohoapis.com"),
    ],
)
async def test_a_token_of_another_environment_is_refused(make_oauth, script, mine, theirs):
    """A sandbox client never calls production, nor the other way round."""
    script.add_token(script.token(api_domain=theirs))

    with pytest.raises(EnvironmentMismatchError, match=mine):
        await make_oauth(environment=mine).token()


async def test_a_token_counts_from_when_its_answer_came_or_was_given_up(
    oauth, script, clock, store, credentials
):
    """Of slow answers nobody knows when the token was made, so the latest moment counts."""
    moments = []

    async def lost(_request):
        clock.advance(30)
        moments.append(clock.clock.wall())
        raise ConnectionLostError("lost")

    async def slow(_request):
        clock.advance(20)
        moments.append(clock.clock.wall())
        return script.token()

    script.add_token(lost, slow)
    await oauth.token()

    assert tuple(moments) == (await store.load(credentials.store_key)).made_at


async def test_an_api_url_of_the_users_is_where_calls_go(make_oauth, script):
    """The user's word stands, whichever host of the right environment the answer names."""
    oauth = make_oauth(api_url="https://proxy.example")
    script.add_token(script.token(api_domain="https://www.zohoapis.eu"))

    assert "https://proxy.example" == (await oauth.token()).api_url


async def test_a_custom_accounts_host_may_name_itself(make_oauth, script):
    """A local Zoho serves tokens and calls on one host."""
    oauth = make_oauth(accounts_url="http://127.0.0.1:8080")
    script.add_token(script.token(api_domain="http://127.0.0.1:8080"))

    assert "http://127.0.0.1:8080" == (await oauth.token()).api_url
    assert "http://127.0.0.1:8080" == script.token_requests[0].origin


async def test_a_refused_host_still_counts_the_token(make_oauth, script, store, credentials):
    """A token that is thrown away was made all the same."""
    script.add_token(script.token(api_domain="https://evil.example"))
    with pytest.raises(ForeignHostError):
        await make_oauth().token()

    state = await store.load(credentials.store_key)
    assert 1 == len(state.made_at)
    assert state.token is None


async def test_tokens_of_a_host_whose_clock_is_ahead_count_too(
    make_oauth, store, credentials, clock
):
    """Clocks differ by seconds, and Zoho counts by its own."""
    ahead = clock.clock.wall() + 3
    async with store.lock(credentials.store_key):
        await store.save(credentials.store_key, TokenState(made_at=(ahead,) * 10))

    with pytest.raises(TokenThrottledError):
        await make_oauth().token()
