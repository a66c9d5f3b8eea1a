"""One call: token, send, read, heal; on canned answers and a clock that does not wait."""

import asyncio
import contextlib
import json
import logging
import math
import os
import subprocess
import sys
import time

import pytest
from multidict import CIMultiDict

from aiozcrm import RetryPolicy, Timeouts
from aiozcrm._protocol import Response
from aiozcrm.errors import (
    AuthenticationError,
    CertificateError,
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    CreditsExhaustedError,
    DeadlineExceededError,
    EnvironmentMismatchError,
    ForeignHostError,
    InvalidDataError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    RefreshTokenRejectedError,
    RequestTimeoutError,
    ScopeError,
    ServerError,
    TokenThrottledError,
    WrongEventLoopError,
    ZohoError,
)
from aiozcrm.events import CallRetried, ConcurrencyChanged, RequestFinished

LINK = "6240019000000731004"


async def test_a_call_goes_to_its_host_and_path_with_the_token(zoho, script):
    """The token travels in Zoho's own header form, and nowhere else."""
    await zoho.request("get", "settings/unsubscribe_links", params={"page": 2, "q": "a b&c"})
    (request,) = script.requests

    assert "GET" == request.method
    assert "https://www.zohoapis.eu/crm/v7/settings/unsubscribe_links" == request.url
    assert "page=2&q=a+b%26c" == request.query
    assert {"Authorization": "Zoho-oauthtoken 1000.secret1.part"} == request.headers
    assert request.body is None


async def test_a_body_is_sent_as_json(zoho, script):
    """A body comes with its content type."""
    await zoho.request("POST", "Leads", json={"data": [{"Last_Name": "Reyl"}]})
    (request,) = script.requests

    assert json.loads(request.body) == {"data": [{"Last_Name": "Reyl"}]}
    assert "application/json" == request.headers["Content-Type"]


async def test_the_api_version_can_be_chosen(make_zoho, script):
    """Another version is another prefix."""
    async with make_zoho(api_version="v8") as zoho:
        await zoho.request("GET", "org")

    assert "/crm/v8/org" == script.requests[0].path


async def test_an_answer_without_body_is_none(zoho, script):
    """204 says that there is nothing."""
    script.add(Response(204, {}, b""))

    assert await zoho.request("GET", "settings/unsubscribe_links") is None


FAILED = {"code": "INVALID_DATA", "details": {}, "message": "no", "status": "error"}
DONE = {"code": "SUCCESS", "details": {"id": LINK}, "message": "yes", "status": "success"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"things": [FAILED]}, id="list"),
        pytest.param({"things": FAILED}, id="object"),
        pytest.param(FAILED, id="flat"),
        pytest.param({"things": [DONE, FAILED]}, id="one of several"),
        pytest.param({"things": [FAILED], "others": [DONE]}, id="beside another list"),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202, 207])
async def test_an_error_inside_a_success_is_raised_where_the_key_is_known(
    zoho, script, body, status
):
    """Whoever names the key of the items is told what became of them."""
    script.add(*[script.response(status, body)] * 2)

    assert body == await zoho.request("POST", "things", json={})
    with pytest.raises(InvalidDataError) as caught:
        await zoho.request("POST", "things", json={}, key="things")

    error = caught.value
    assert (status, "INVALID_DATA", 1, body) == (
        error.status,
        error.code,
        error.attempts,
        error.data,
    )
    assert len(error.results) == (2 if len(body.get("things", ())) == 2 else 1)
    assert not error.maybe_done


@pytest.mark.parametrize("body", [{"things": [DONE]}, {"things": DONE}, DONE, {"things": []}, {}])
async def test_a_success_of_every_item_is_returned(zoho, script, body):
    """Nothing is raised where nothing failed."""
    script.add(script.response(200, body))

    assert body == await zoho.request("POST", "things", json={}, key="things")


async def test_an_answer_without_body_has_no_items(zoho, script):
    """204 says that there is nothing, whatever the key."""
    script.add(Response(204, {}, b""))

    assert await zoho.request("DELETE", "things/1", key="things") is None


async def test_an_error_inside_a_success_knows_of_earlier_doubts(zoho, script):
    """The item failed now; an earlier send, whose answer was lost, may have taken effect."""
    script.add(ConnectionLostError("lost"), script.response(200, {"things": [FAILED]}))

    with pytest.raises(InvalidDataError) as caught:
        await zoho.request("PUT", "things/1", json={}, key="things")

    assert (2, True) == (caught.value.attempts, caught.value.maybe_done)


@pytest.mark.parametrize(
    "code",
    ["INVALID_TOKEN", "INVALID_OAUTHTOKEN", "AUTHENTICATION_FAILURE", "AUTHENTICATION_FAILED"],
)
async def test_a_rejected_token_is_replaced_and_the_call_repeated(zoho, script, code):
    """One refresh and one resend heal a token that Zoho no longer knows."""
    script.add(script.error(401, code))

    outcome = await zoho.delete_unsubscribe_link(LINK)

    assert ("deleted", 2) == (outcome.status, outcome.attempts)
    sent = [request.headers["Authorization"] for request in script.requests]
    assert ["Zoho-oauthtoken 1000.secret1.part", "Zoho-oauthtoken 1000.secret2.part"] == sent


async def test_a_post_is_repeated_after_a_rejected_token(zoho, script):
    """A 401 does not mean that the request ran, so any method may be sent again."""
    script.add(script.error(401, "INVALID_TOKEN"))

    await zoho.request("POST", "Leads", json={})

    assert 2 == len(script.requests)


async def test_a_fresh_token_that_is_rejected_is_an_error_that_says_where(zoho, script):
    """No loop; the error names host, data centre and environment."""
    script.add(*[script.error(401, "INVALID_TOKEN")] * 2)

    with pytest.raises(AuthenticationError) as caught:
        await zoho.delete_unsubscribe_link(LINK)

    assert 2 == len(script.requests)
    assert 2 == len(script.token_requests)
    for word in ("https://www.zohoapis.eu", "https://accounts.zoho.eu", "'eu'", "'production'"):
        assert word in str(caught.value)


async def test_a_missing_scope_never_refreshes(zoho, script):
    """Refreshing does not add scopes; the error names what is missing."""
    script.add(script.error(401, "OAUTH_SCOPE_MISMATCH"))

    with pytest.raises(ScopeError, match="scope"):
        await zoho.delete_unsubscribe_link(LINK)
    assert (1, 1) == (len(script.requests), len(script.token_requests))


@pytest.mark.parametrize(
    ("call", "scopes"),
    [
        (lambda z: z.delete_unsubscribe_link(LINK), ("ZohoCRM.settings.unsubscribe.DELETE",)),
        (lambda z: z.unsubscribe_links.list(), ("ZohoCRM.settings.unsubscribe.READ",)),
        (lambda z: z.org.get(), ("ZohoCRM.org.READ",)),
        (lambda z: z.records("Leads").update("7", {"City": "X"}), ("ZohoCRM.modules.UPDATE",)),
        (lambda z: z.query("select id from Leads"), ("ZohoCRM.coql.READ", "ZohoCRM.modules.READ")),
    ],
)
async def test_a_missing_scope_is_named(zoho, script, call, scopes):
    """By the resource, with the operation of the call, so that you can ask for it."""
    script.add(*[script.error(401, "OAUTH_SCOPE_MISMATCH")] * 3)

    with pytest.raises(ScopeError) as caught:
        await call(zoho)

    assert scopes == caught.value.scopes[: len(scopes)]
    assert all(scope in caught.value.hint for scope in scopes)


async def test_the_scope_of_a_call_of_ones_own_is_not_known(zoho, script):
    """Then the page of that call tells it."""
    script.add(script.error(401, "OAUTH_SCOPE_MISMATCH"))

    with pytest.raises(ScopeError) as caught:
        await zoho.request("GET", "settings/anything")

    assert () == caught.value.scopes
    assert ScopeError.default_hint == caught.value.hint


async def test_without_a_token_nothing_is_sent(zoho, script):
    """A failure of the token endpoint is raised as what it is."""
    script.add_token(script.response(200, {"error": "invalid_code"}))

    with pytest.raises(RefreshTokenRejectedError) as caught:
        await zoho.delete_unsubscribe_link(LINK)
    assert [] == script.requests
    assert 0 == caught.value.attempts


PASSING = [
    pytest.param(lambda s: s.error(500, "INTERNAL_ERROR"), True, id="500"),
    pytest.param(lambda s: s.response(502, b"<html>bad gateway</html>"), True, id="502"),
    pytest.param(lambda s: s.error(503, "SERVICE_UNAVAILABLE"), True, id="503"),
    pytest.param(lambda s: s.response(504), True, id="504"),
    pytest.param(lambda s: s.response(408), True, id="408"),
    pytest.param(lambda s: s.error(429, "TOO_MANY_REQUESTS"), False, id="429"),
    pytest.param(lambda _: ConnectError("down"), False, id="connect"),
    pytest.param(lambda _: ConnectionLostError("lost"), True, id="lost"),
    pytest.param(lambda _: RequestTimeoutError("late"), True, id="timeout"),
    pytest.param(lambda s: s.response(200, b"<html>hello</html>"), True, id="not json"),
    pytest.param(lambda s: s.response(200, b'{"unsubs'), True, id="truncated"),
    pytest.param(lambda s: s.response(200, b""), True, id="empty"),
]


@pytest.mark.parametrize(("trouble", "_maybe_done"), PASSING)
async def test_a_delete_heals_from_passing_trouble(zoho, script, clock, trouble, _maybe_done):
    """What can heal is sent again, after a pause."""
    script.add(trouble(script), trouble(script))

    outcome = await zoho.delete_unsubscribe_link(LINK)

    assert ("deleted", 3) == (outcome.status, outcome.attempts)
    assert 2 <= len(clock.slept)


@pytest.mark.parametrize(("trouble", "maybe_done"), PASSING)
async def test_not_found_after_trouble_is_told_as_what_it_is(zoho, script, trouble, maybe_done):
    """Gone after a send that may have run is our own success; otherwise it is not found."""
    script.add(trouble(script), script.gone())

    if maybe_done:
        outcome = await zoho.delete_unsubscribe_link(LINK)
        assert ("already_gone", 2) == (outcome.status, outcome.attempts)
    else:
        with pytest.raises(NotFoundError) as caught:
            await zoho.delete_unsubscribe_link(LINK)
        assert 2 == caught.value.attempts


async def test_not_found_on_the_first_send_is_an_error(zoho, script):
    """Nobody claims to have deleted what was never there."""
    script.add(script.gone())

    with pytest.raises(NotFoundError, match="Check the id"):
        await zoho.delete_unsubscribe_link(LINK)
    assert 1 == len(script.requests)


@pytest.mark.parametrize(
    ("trouble", "sends"),
    [
        pytest.param(lambda s: s.error(500, "INTERNAL_ERROR"), 1, id="500"),
        pytest.param(lambda _: ConnectionLostError("lost"), 1, id="lost"),
        pytest.param(lambda _: RequestTimeoutError("late"), 1, id="timeout"),
        pytest.param(lambda s: s.response(200, b"<html>"), 1, id="not json"),
        pytest.param(lambda _: ConnectError("down"), 2, id="connect"),
        pytest.param(lambda s: s.error(429, "TOO_MANY_REQUESTS"), 2, id="429"),
    ],
)
async def test_a_post_is_repeated_only_if_it_surely_did_not_run(zoho, script, trouble, sends):
    """Nothing is created twice."""
    script.add(trouble(script))

    if sends == 1:
        with pytest.raises((ServerError, ConnectionLostError, TimeoutError, InvalidResponseError)):
            await zoho.request("POST", "Leads", json={})
    else:
        await zoho.request("POST", "Leads", json={})
    assert sends == len(script.requests)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda s: s.error(400, "INVALID_DATA"), id="data"),
        pytest.param(lambda s: s.error(403, "NO_PERMISSION"), id="permission"),
        pytest.param(lambda s: s.response(501), id="501"),
        pytest.param(lambda s: s.response(302, b"", Location="https://evil.example"), id="302"),
        pytest.param(lambda _: CertificateError("who"), id="certificate"),
    ],
)
async def test_what_cannot_heal_is_sent_once(zoho, script, clock, trouble):
    """An answer that will be the same again is the last word."""
    script.add(trouble(script))

    with pytest.raises(Exception, match=r"who|answered"):
        await zoho.delete_unsubscribe_link(LINK)
    assert 1 == len(script.requests)
    assert [] == clock.slept


async def test_a_bug_is_not_retried(zoho, script):
    """A foreign exception passes through as it is, also after a first failure."""
    script.add(script.response(500), KeyError("bug"))

    with pytest.raises(KeyError, match="bug"):
        await zoho.delete_unsubscribe_link(LINK)
    assert 2 == len(script.requests)


async def test_attempts_are_bounded_and_the_last_error_says_how_many(zoho, script):
    """Five sends by default, then our error, not a wrapper."""
    script.add(*[script.error(500, "INTERNAL_ERROR")] * 5)

    with pytest.raises(ServerError, match="sent 5 times") as caught:
        await zoho.delete_unsubscribe_link(LINK)
    assert 5 == caught.value.attempts
    assert caught.value.maybe_done


async def test_the_last_error_knows_of_an_earlier_doubt(zoho, script):
    """A refusal after a lost answer does not prove that nothing happened."""
    script.add(ConnectionLostError("lost"), script.error(403, "NO_PERMISSION"))

    with pytest.raises(Exception, match="NO_PERMISSION") as caught:
        await zoho.delete_unsubscribe_link(LINK)
    assert caught.value.maybe_done


async def test_pauses_grow_and_are_jittered(make_zoho, script, clock):
    """The pause doubles up to a ceiling, less a random part of up to one half."""
    policy = RetryPolicy(attempts=6, first_delay=1, max_delay=5, jitter=lambda low, _: low)
    async with make_zoho(retries=policy) as zoho:
        script.add(*[script.response(503)] * 5)
        await zoho.delete_unsubscribe_link(LINK)

    assert [0.5, 1, 2, 2.5, 2.5] == clock.slept


async def test_retry_after_is_waited_for_in_full(zoho, script, clock):
    """The server's wish beats the formula."""
    script.add(script.response(503, b"", Retry_After="17.5"))

    await zoho.delete_unsubscribe_link(LINK)

    assert [17.5] == clock.slept


async def test_a_retry_after_beyond_the_deadline_is_an_error_that_says_when(make_zoho, script):
    """Nobody waits for what cannot be waited for."""
    async with make_zoho(timeout=10.0) as zoho:
        script.add(script.response(503, b"", Retry_After="60"))
        with pytest.raises(ServerError, match="try again in 60 s"):
            await zoho.delete_unsubscribe_link(LINK)
    assert 1 == len(script.requests)


async def test_a_retry_after_beyond_the_limit_ends_the_call_and_holds_the_others(
    zoho,
    script,
    clock,
):
    """A wish of more than two minutes is carried by the error, and nothing is sent."""
    script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="3600"))
    with pytest.raises(RateLimitError, match="3600 s") as caught:
        await zoho.delete_unsubscribe_link(LINK)
    assert 3600 == caught.value.retry_after

    clock.advance(600)
    with pytest.raises(RateLimitError) as caught:
        await zoho.delete_unsubscribe_link(LINK)
    assert (3000, 0) == (caught.value.retry_after, caught.value.attempts)
    assert 1 == len(script.requests)

    clock.advance(3000)
    assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


@pytest.mark.parametrize("source", [list, iter])
async def test_a_pause_that_outlasts_every_call_stops_a_batch(make_zoho, script, source):
    """The rest would only be told one by one to come back later."""
    async with make_zoho(timeout=20.0, max_in_flight=1) as zoho:
        script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="30"))
        ids = source([str(number) for number in range(1, 2000)])
        report = await zoho.delete_unsubscribe_links(ids)

    assert {"failed": 1, "not_attempted": 1998} == report.counts
    assert {30.0} == {outcome.error.retry_after for outcome in report.outcomes}
    assert 1 == len(script.requests)


async def test_used_up_credits_are_not_retried(zoho, script):
    """Waiting seconds does not bring the day's credits back."""
    script.add(script.error(429, "TOO_MANY_REQUESTS", X_API_CREDITS_REMAINING="0"))

    with pytest.raises(CreditsExhaustedError, match="24 hours"):
        await zoho.delete_unsubscribe_link(LINK)
    assert 1 == len(script.requests)


async def test_with_zoho_down_the_sends_are_bounded_by_the_budget(make_zoho, script):
    """N calls cost at most N sends and the budget, not N times the attempts."""
    async with make_zoho(retries=RetryPolicy(budget=30)) as zoho:
        script.add(*[script.response(500)] * 1000)
        report = await zoho.delete_unsubscribe_links([str(n) for n in range(1, 101)])

    assert {"in_doubt": 100} == report.counts
    assert 130 == len(script.requests)
    assert "used up" in str(report.outcomes[-1].error)


async def test_successes_repay_the_budget(make_zoho, script):
    """A service that mostly works is retried for ever."""
    async with make_zoho(retries=RetryPolicy(budget=1)) as zoho:
        for _ in range(20):
            script.add(script.response(500))
            assert 2 == (await zoho.delete_unsubscribe_link(LINK)).attempts


async def test_a_429_holds_back_the_whole_client(make_zoho, script, clock):
    """No call starts before the moment that Zoho named, not only the one that was told."""
    starts = []

    async def note(request):
        starts.append(clock.now)
        return script._success(request)

    async with make_zoho(max_in_flight=4) as zoho:
        began = clock.now
        script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="8"), *[note] * 20)
        await zoho.delete_unsubscribe_links([str(n) for n in range(1, 21)])

    # Three were on their way already.
    assert 17 == sum(start >= began + 8 for start in starts)


async def test_a_429_halves_what_is_in_flight_and_successes_raise_it_again(
    make_zoho,
    script,
):
    """The client is careful after a 429 and creeps back up."""
    events = []
    async with make_zoho(max_in_flight=8, on_event=events.append) as zoho:
        script.add(script.error(429, "TOO_MANY_REQUESTS"))
        await zoho.delete_unsubscribe_link(LINK)
        assert 4 == zoho._transport.in_flight.limit
        for _ in range(4 + 5 + 6 + 7):
            await zoho.delete_unsubscribe_link(LINK)
        assert 8 == zoho._transport.in_flight.limit

    limits = [event.limit for event in events if isinstance(event, ConcurrencyChanged)]
    assert [4, 5, 6, 7, 8] == limits


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda s: s.gone(), id="not found"),
        pytest.param(lambda s: s.error(403, "NO_PERMISSION"), id="permission"),
        pytest.param(lambda s: s.error(400, "MANDATORY_NOT_FOUND"), id="data"),
        pytest.param(lambda s: s.error(401, "OAUTH_SCOPE_MISMATCH"), id="scope"),
        pytest.param(lambda s: s.error(500, "INTERNAL_ERROR"), id="500"),
        pytest.param(lambda s: s.response(200, b"<html>"), id="not json"),
        pytest.param(lambda s: s.response(204), id="nothing"),
    ],
)
async def test_every_answer_but_429_raises_the_limit_again(make_zoho, script, answer):
    """What a call comes to says nothing of how many there may be, if it is not that."""
    retries = RetryPolicy(attempts=1, budget=0)
    async with make_zoho(max_in_flight=8, retries=retries) as zoho:
        script.add(script.error(429, "TOO_MANY_REQUESTS"))
        for number in range(30):
            with contextlib.suppress(ZohoError):
                await zoho.request("POST", f"Leads/{number}")
            script.add(answer(script))

        assert 8 == zoho._transport.in_flight.limit


async def test_a_lost_answer_says_nothing_of_the_limit(make_zoho, script):
    """Only Zoho's own answers do."""
    async with make_zoho(max_in_flight=8, retries=RetryPolicy(attempts=1)) as zoho:
        script.add(script.error(429, "TOO_MANY_REQUESTS"), *[ConnectionLostError("lost")] * 30)
        for _ in range(31):
            with pytest.raises(ZohoError):
                await zoho.request("POST", "Leads")

        assert 4 == zoho._transport.in_flight.limit


@pytest.mark.parametrize("max_retry_after", [0, 0.1, 120])
async def test_a_429_that_asks_for_nothing_ends_no_batch(make_zoho, script, max_retry_after):
    """The client's own pause is not one that Zoho asked for."""
    policy = RetryPolicy(max_retry_after=max_retry_after, first_delay=10)
    async with make_zoho(retries=policy, max_in_flight=2) as zoho:
        script.add(*[script.error(429, "TOO_MANY_REQUESTS")] * 3)
        report = await zoho.delete_unsubscribe_links([str(number) for number in range(1, 201)])

    assert {"deleted": 200} == report.counts


A_DAY = 86_400


@pytest.mark.parametrize(
    "asked",
    [
        "-5",
        "1e300",
        "-1e300",
        "1000000000000",
        "9" * 400,
        "NaN",
        "inf",
        "-Infinity",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Thu, 32 Foo 99999 99:99:99 XYZ",
        "5, 10",
        "soon",
        "",
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_no_retry_after_holds_the_client_back_for_more_than_a_day(
    make_zoho, script, clock, asked, status
):
    """Whatever it says, the client works again tomorrow."""
    async with make_zoho() as zoho:
        script.add(script.response(status, b"", Retry_After=asked))
        for _ in range(2):
            with contextlib.suppress(ZohoError):
                await zoho.delete_unsubscribe_link(LINK)
        assert 0 <= zoho._transport.in_flight.held_for <= A_DAY

        clock.advance(A_DAY)
        assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


@pytest.mark.parametrize("asked", [math.nan, math.inf, 1e300, -1.0])
async def test_no_sender_of_the_users_holds_the_client_back_for_more_than_a_day(
    make_zoho, script, clock, asked
):
    """A sender may raise our errors with anything in them."""
    async with make_zoho() as zoho:
        script.add(RateLimitError("Too many.", status=429, retry_after=asked))
        with contextlib.suppress(RateLimitError):
            await zoho.delete_unsubscribe_link(LINK)
        clock.advance(A_DAY)
        assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


async def test_several_retry_after_headers_hold_back_for_a_day_at_most(make_zoho, script, clock):
    """A gateway may add one of its own."""
    headers = CIMultiDict([("Retry-After", "1e99"), ("Retry-After", "3")])
    async with make_zoho() as zoho:
        script.add(Response(429, headers, b""))
        with contextlib.suppress(RateLimitError):
            await zoho.delete_unsubscribe_link(LINK)
        assert zoho._transport.in_flight.held_for <= A_DAY
        clock.advance(A_DAY)
        assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


async def test_never_more_in_flight_than_allowed(make_zoho, script):
    """The limit holds over tasks and retries."""
    async with make_zoho(max_in_flight=3) as zoho:
        for _ in range(10):
            script.add(script.response(500), ConnectionLostError("lost"))
        await asyncio.gather(*(zoho.delete_unsubscribe_link(n) for n in range(1, 41)))

    assert 3 == script.most_in_flight


async def test_waiting_for_a_token_ends_at_the_calls_deadline_with_our_error(make_zoho, script):
    """A slow token endpoint does not hold a caller for longer than it is willing to wait."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add_token(never)
    async with make_zoho(timeout=Timeouts(call=0.02)) as zoho:
        with pytest.raises(DeadlineExceededError, match=r"0\.02 s"):
            await zoho.delete_unsubscribe_link(LINK)
    assert [] == script.requests


async def test_a_deadline_after_a_send_leaves_the_call_in_doubt(make_zoho, script):
    """What was sent before the time was up may have happened."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add(ConnectionLostError("lost"), never)
    policy = RetryPolicy(first_delay=0)
    async with make_zoho(timeout=Timeouts(call=0.3), retries=policy) as zoho:
        with pytest.raises(DeadlineExceededError) as caught:
            await zoho.delete_unsubscribe_link(LINK)
    assert (2, True) == (caught.value.attempts, caught.value.maybe_done)


async def test_a_timeout_of_the_callers_stays_the_callers(zoho, script):
    """asyncio.timeout works at every await, and its error is not turned into ours."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add(script.response(500), never)
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.02):
            await zoho.delete_unsubscribe_link(LINK)

    assert TimeoutError is type(caught.value)
    assert 0 == zoho._transport.in_flight.in_flight


async def test_a_cancelled_wait_for_a_token_gives_its_place_back(make_zoho, script):
    """Cancelling is a normal event: the next call goes ahead."""
    gate = asyncio.Event()

    async def slowly(_request):
        await gate.wait()
        return script.token()

    script.add_token(slowly)
    async with make_zoho(max_in_flight=1) as zoho:
        waiting = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()
        assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


async def test_a_closed_client_says_so(make_zoho):
    """A call after the end is a clear error, and closing twice is fine."""
    zoho = make_zoho()
    await zoho.close()
    await zoho.close()

    with pytest.raises(ClientClosedError, match="async with"):
        await zoho.delete_unsubscribe_link(LINK)


async def test_requests_and_retries_are_told(make_zoho, script, caplog):
    """Events carry what happened; a retry is a warning in the log."""
    events = []
    async with make_zoho(on_event=events.append) as zoho:
        script.add(script.error(500, "INTERNAL_ERROR"), ConnectionLostError("cut"))
        with caplog.at_level(logging.WARNING, "aiozcrm"):
            await zoho.delete_unsubscribe_link(LINK)

    finished = [event for event in events if isinstance(event, RequestFinished)]
    retried = [event for event in events if isinstance(event, CallRetried)]
    assert [1, 2, 3] == [event.attempt for event in finished]
    assert [500, None, 200] == [event.status for event in finished]
    assert [True, None, True] == [event.size and event.size > 10 for event in finished]
    assert [ServerError, ConnectionLostError, type(None)] == [
        type(event.error) for event in finished
    ]
    assert (1, "DELETE") == (retried[0].attempt, retried[0].method)
    assert "retry of DELETE" in caplog.text


async def test_a_retry_without_a_listener_is_only_logged(zoho, script, caplog):
    """Events are free when nobody listens."""
    script.add(script.error(500, "INTERNAL_ERROR"))
    with caplog.at_level(logging.WARNING, "aiozcrm"):
        await zoho.delete_unsubscribe_link(LINK)

    assert "retry of DELETE" in caplog.text


async def test_throttled_tokens_are_told_at_once_to_every_call(zoho, script):
    """Twenty calls against a throttled token endpoint make one token request and send nothing."""
    refusal = {"error_description": "...", "error": "Access Denied", "status": "failure"}
    script.add_token(script.response(400, refusal))

    calls = (zoho.delete_unsubscribe_link(LINK) for _ in range(20))
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert {TokenThrottledError} == set(map(type, results))
    assert (1, 0) == (len(script.token_requests), len(script.requests))


async def test_cancelling_many_waiting_calls_loses_no_place(make_zoho, script):
    """A group may be cancelled as a whole, and the client works on."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add(never)
    async with make_zoho(max_in_flight=1) as zoho:
        calls = [asyncio.create_task(zoho.delete_unsubscribe_link(n)) for n in (1, 2, 3)]
        for _ in range(10):
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)

        assert {asyncio.CancelledError} == set(map(type, results))
        assert "deleted" == (await zoho.delete_unsubscribe_link(4)).status


@pytest.mark.parametrize(
    ("api_domain", "kind"),
    [
        ("https://evil.example", ForeignHostError),
        ("https://sandbox.zohoapis.eu", EnvironmentMismatchError),
    ],
)
async def test_a_token_for_another_host_or_environment_sends_nothing(
    zoho,
    script,
    api_domain,
    kind,
):
    """The call ends before the token has been anywhere."""
    script.add_token(script.token(api_domain=api_domain))

    with pytest.raises(kind):
        await zoho.delete_unsubscribe_link(LINK)
    report = await zoho.delete_unsubscribe_links(["1", "2"])
    assert {"not_attempted": 2} == report.counts
    assert ([], 1) == (script.requests, len(script.token_requests))


async def test_no_test_of_waiting_waits(zoho, script, clock):
    """Clock and sleep are replaceable, so two minutes of pauses take no time."""
    script.add(*[script.response(503, b"", Retry_After="30")] * 4)
    started = time.monotonic()

    await zoho.delete_unsubscribe_link(LINK)

    assert [30, 30, 30, 30] == clock.slept
    assert time.monotonic() - started < 30


async def never(_request):
    """Answer never."""
    await asyncio.Event().wait()


async def test_a_deadline_that_ends_a_send_leaves_the_call_in_doubt(make_zoho, script):
    """What was on the wire when the time was up may have happened."""
    script.add(never)
    async with make_zoho(timeout=Timeouts(call=0.02)) as zoho:
        report = await zoho.delete_unsubscribe_links(["1"])

    assert {"in_doubt": 1} == report.counts
    assert 1 == report.outcomes[0].attempts


async def test_doubts_of_one_call_are_not_told_of_another(zoho, script, clock):
    """A call that is refused for a pause that another one was told of was never sent."""
    script.add(ConnectionLostError("lost"))
    script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="3600"))
    first = await zoho.delete_unsubscribe_links(["1"])
    second = await zoho.delete_unsubscribe_links(["2"])

    assert ({"in_doubt": 1}, {"not_attempted": 1}) == (first.counts, second.counts)
    assert 0 == second.outcomes[0].attempts
    assert first.outcomes[0].error is not second.outcomes[0].error


async def test_a_shared_failure_of_the_refresh_is_told_to_each_caller_apart(zoho, script):
    """The doubts of one waiter do not become those of the next."""
    script.add_token(ClientClosedError("The session is closed."))
    calls = (zoho.delete_unsubscribe_link(number) for number in (1, 2))
    one, two = await asyncio.gather(*calls, return_exceptions=True)

    assert {ClientClosedError} == {type(one), type(two)}
    assert one is not two


async def test_definite_answers_repay_the_budget(make_zoho, script):
    """A Zoho that says no is up."""
    async with make_zoho(retries=RetryPolicy(budget=1)) as zoho:
        for _ in range(5):
            script.add(ConnectionLostError("lost"), script.gone())
            assert "already_gone" == (await zoho.delete_unsubscribe_link(LINK)).status


async def until(condition):
    """Let other tasks run until *condition* holds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it did not come to that")


def sleepless(clock):
    """Return a clock on which no pause ends."""

    async def sleep(_seconds):
        await asyncio.Event().wait()

    return clock.clock._replace(sleep=sleep)


async def test_closing_ends_a_pause_before_the_next_attempt(make_zoho, script, clock):
    """The error knows whether what was sent before may have run."""
    zoho = make_zoho(clock=sleepless(clock))
    script.add(ConnectionLostError("lost"), ConnectError("down"))
    calls = [asyncio.create_task(zoho.delete_unsubscribe_link(LINK)) for _ in range(2)]
    await until(lambda: len(script.requests) == 2 and not script.in_flight)

    await zoho.close()
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert [ClientClosedError] * 2 == [type(result) for result in results]
    assert [(1, True), (1, False)] == [(error.attempts, error.maybe_done) for error in results]


async def test_closing_ends_calls_that_zoho_has_told_to_wait(make_zoho, script, clock):
    """Neither the call that was told nor the others go on."""
    zoho = make_zoho(clock=sleepless(clock))
    script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="5"))
    told = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
    await until(lambda: script.requests and not script.in_flight)
    others = [asyncio.create_task(zoho.delete_unsubscribe_link(n)) for n in range(1, 10)]
    await asyncio.sleep(0)

    await zoho.close()
    results = await asyncio.gather(told, *others, return_exceptions=True)

    assert {ClientClosedError} == set(map(type, results))
    assert [1, *[0] * 9] == [error.attempts for error in results]
    assert not any(error.maybe_done for error in results)
    assert 1 == len(script.requests)


async def test_closing_ends_calls_that_wait_for_a_slot_and_lets_a_send_end(make_zoho, script):
    """A sender of the user's may have sent, so its answer is waited for."""
    gate = asyncio.Event()

    async def slowly(request):
        await gate.wait()
        return script._success(request)

    zoho = make_zoho(max_in_flight=1)
    script.add(slowly)
    sending = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
    await until(lambda: script.requests)
    waiting = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
    await asyncio.sleep(0)

    await zoho.close()
    with pytest.raises(ClientClosedError):
        await waiting
    gate.set()

    assert "deleted" == (await sending).status
    assert 1 == len(script.requests)


async def test_closing_ends_calls_that_wait_for_a_token(make_zoho, script):
    """Also where the accounts server says nothing."""
    zoho = make_zoho()
    script.add_token(never)
    calls = [asyncio.create_task(zoho.delete_unsubscribe_link(LINK)) for _ in range(9)]
    await until(lambda: script.token_requests)

    await zoho.close()
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert {ClientClosedError} == set(map(type, results))
    assert not any(error.maybe_done for error in results)
    assert [] == script.requests


async def test_a_send_that_fails_after_closing_is_not_repeated(make_zoho, script):
    """The client is closed, and the first send may have run."""
    gate = asyncio.Event()

    async def lose(_request):
        await gate.wait()
        raise ConnectionLostError("lost")

    zoho = make_zoho()
    script.add(lose)
    sending = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
    await until(lambda: script.requests)
    await zoho.close()
    gate.set()

    with pytest.raises(ClientClosedError) as caught:
        await sending
    assert (1, True) == (caught.value.attempts, caught.value.maybe_done)


async def test_closing_at_the_deadline_ends_the_call_once(make_zoho, script, clock):
    """A call whose time is up in the same moment is not cancelled twice."""
    script.add(ConnectError("down"))
    options = {"timeout": Timeouts(call=0.01), "retries": RetryPolicy(first_delay=0)}
    zoho = make_zoho(clock=sleepless(clock), **options)
    call = asyncio.create_task(zoho.delete_unsubscribe_link(LINK))
    await until(lambda: script.requests and not script.in_flight)
    time.sleep(0.02)  # noqa: ASYNC251  # the loop may not notice before the test goes on
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await zoho.close()

    with pytest.raises((ClientClosedError, DeadlineExceededError)):
        await call


def test_a_client_belongs_to_the_event_loop_of_its_first_use(make_zoho, script):
    """In another one it says so at once, instead of hanging; also when it is closed there."""
    zoho = make_zoho()
    assert "deleted" == asyncio.run(zoho.delete_unsubscribe_link(LINK)).status

    for use in (zoho.delete_unsubscribe_link, zoho.org.get, zoho.close):
        with pytest.raises(WrongEventLoopError, match="another event loop") as caught:
            asyncio.run(use(LINK) if use == zoho.delete_unsubscribe_link else use())
        assert 0 == caught.value.attempts
    assert 1 == len(script.requests)


def test_a_batch_in_another_event_loop_attempts_nothing(make_zoho, script):
    """It accounts for every input all the same."""
    zoho = make_zoho()
    asyncio.run(zoho.delete_unsubscribe_link(LINK))

    report = asyncio.run(zoho.delete_unsubscribe_links(["1", "2"]))

    assert {"not_attempted": 2} == report.counts
    assert {WrongEventLoopError} == {type(outcome.error) for outcome in report.outcomes}


async def test_a_client_belongs_to_the_thread_of_its_first_use(zoho, script):
    """Threads have event loops of their own."""
    await zoho.delete_unsubscribe_link(LINK)

    def elsewhere():
        with pytest.raises(WrongEventLoopError):
            asyncio.run(zoho.delete_unsubscribe_link(LINK))

    await asyncio.to_thread(elsewhere)
    assert "deleted" == (await zoho.delete_unsubscribe_link(LINK)).status


def test_a_client_is_not_used_without_an_event_loop(make_zoho, script):
    """That is what a fork leaves to the child: a coroutine, but no loop that runs it."""
    with pytest.raises(WrongEventLoopError):
        make_zoho().delete_unsubscribe_link(LINK).send(None)


FORK = """
import asyncio, os, sys
from aiozcrm import Credentials, Timeouts, ZohoCRM
from aiozcrm.errors import WrongEventLoopError
from aiozcrm.testing import FakeZoho

async def main(fake):
    async with ZohoCRM(fake.credentials(), timeout=Timeouts(call=5)) as zoho:
        await zoho.org.get()
        if child := os.fork():
            status = os.waitpid(child, 0)[1]
            await zoho.org.get()
            return os.waitstatus_to_exitcode(status)
        try:
            await zoho.org.get()
        except WrongEventLoopError:
            os._exit(7)
        os._exit(1)

with FakeZoho() as fake:
    sys.exit(asyncio.run(main(fake)))
"""


@pytest.mark.system
@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_client_is_not_used_after_a_fork():
    """The child would share the parent's connections."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK]
    done = subprocess.run(command, check=False, timeout=30)  # noqa: S603  # ours

    assert 7 == done.returncode


async def test_a_404_without_zohos_code_is_no_missing_link(zoho, script):
    """A proxy, or a host that is not Zoho's, knows nothing of links."""
    script.add(script.response(503), *[script.response(404, b"<html>nginx</html>")] * 2)
    report = await zoho.delete_unsubscribe_links(["1", "2"], concurrency=1)

    assert ["in_doubt", "failed"] == [outcome.status for outcome in report.outcomes]
    assert not report.ok
