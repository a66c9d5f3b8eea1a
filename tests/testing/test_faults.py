"""Faults on order: the plan, and what each fault does to a request."""

import asyncio
import contextlib
import errno
import re
from collections import Counter
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from aiozcrm.testing import FakeZoho, Fault, FaultPlan, UnusedFaultWarning
from aiozcrm.testing._server._replies import _halves

LINKS = "settings/unsubscribe_links"
WITH_EFFECT = {
    Fault.SERVER_ERROR_AFTER,
    Fault.RESET_AFTER,
    Fault.TRUNCATED_BODY,
    Fault.NOT_JSON,
    Fault.HANG_AFTER,
    Fault.SLOW,
    Fault.SLOW_BODY,
    Fault.SHORT_ANSWER,
    Fault.ANSWERED_TWICE,
}
SOON = aiohttp.ClientTimeout(total=0.2)


def test_follows_the_script_first() -> None:
    """Scripted entries come one by one, then nothing goes wrong."""
    plan = FaultPlan()
    plan.script(Fault.HANG, None)
    plan.script(Fault.TOO_MANY)

    assert [plan.draw() for _ in range(5)] == [Fault.HANG, None, Fault.TOO_MANY, None, None]
    assert plan.injected == {Fault.HANG: 1, Fault.TOO_MANY: 1}


def test_mixes_by_rate_and_seed() -> None:
    """A mix keeps its rates and repeats itself with the same seed."""
    rates = {Fault.TOO_MANY: 0.2, Fault.HANG: 0.0, Fault.RESET_AFTER: 0.3}
    one, two, other = FaultPlan(), FaultPlan(), FaultPlan()
    for plan, seed in ((one, 7), (two, 7), (other, 8)):
        plan.mix(rates, seed=seed)
    drawn = [one.draw() for _ in range(10_000)]

    shares = Counter(drawn)
    assert shares[Fault.TOO_MANY] == pytest.approx(2000, rel=0.1)
    assert shares[Fault.RESET_AFTER] == pytest.approx(3000, rel=0.1)
    assert shares[None] == pytest.approx(5000, rel=0.1)
    assert shares[Fault.HANG] == 0
    assert drawn == [two.draw() for _ in range(10_000)]
    assert drawn != [other.draw() for _ in range(10_000)]
    assert one.injected.total() == 10_000 - shares[None]


def test_script_precedes_the_mix() -> None:
    """The mix decides only where the script has ended."""
    plan = FaultPlan()
    plan.mix({Fault.HANG: 0.1, Fault.TOO_MANY: 0.9}, seed=1)
    plan.mix({Fault.TOO_MANY: 1.0}, seed=1)
    plan.script(None, Fault.HANG)

    assert [plan.draw() for _ in range(4)] == [None, Fault.HANG, Fault.TOO_MANY, Fault.TOO_MANY]


def test_plans_nothing_once_cleared() -> None:
    """Clearing forgets script and mix, but not what was injected."""
    plan = FaultPlan()
    plan.mix({Fault.TOO_MANY: 1.0}, seed=1)
    plan.draw()
    plan.script(Fault.HANG)
    plan.clear()

    assert plan.draw() is None
    assert plan.injected == {Fault.TOO_MANY: 1}


@pytest.mark.parametrize(
    ("rates", "complaint"),
    [
        ({Fault.HANG: -0.1}, "The rate of hang must be between 0 and 1, not -0.1"),
        ({Fault.HANG: 1.1}, "The rate of hang must be between 0 and 1, not 1.1"),
        ({Fault.HANG: float("nan")}, "The rate of hang must be between 0 and 1, not nan"),
        ({Fault.HANG: 0.75, Fault.TOO_MANY: 0.5}, "must add up to 1 at most, not to 1.25"),
    ],
)
def test_refuses_rates_that_cannot_be(rates: dict[Fault, float], complaint: str) -> None:
    """Rates are shares: none outside of 0 to 1, and no more than 1 together."""
    with pytest.raises(ValueError, match=complaint):
        FaultPlan().mix(rates, seed=1)


def test_accepts_rates_that_add_up_with_a_rounding_error() -> None:
    """Tenths that add up to one on paper are fine."""
    faults = list(Fault)[:10]
    plan = FaultPlan()
    plan.mix(dict.fromkeys(faults, 0.1), seed=1)

    assert plan.draw() in faults


async def test_refuses_faults_that_make_no_sense(fake: FakeZoho) -> None:
    """The token endpoint has no access token to revoke."""
    with pytest.raises(ValueError, match="token_revoked makes no sense here"):
        fake.token_faults.script(Fault.HANG, Fault.TOKEN_REVOKED)
    with pytest.raises(ValueError, match="token_revoked makes no sense here"):
        fake.token_faults.mix({Fault.TOKEN_REVOKED: 0.1}, seed=1)

    assert fake.token_faults.draw() is None


@pytest.mark.parametrize("fault", Fault)
def test_knows_which_faults_let_the_effect_happen(fault: Fault) -> None:
    """Each fault says whether the request still does its work."""
    assert fault.has_effect == (fault in WITH_EFFECT)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Fault.SERVER_ERROR_BEFORE, (500, "INTERNAL_ERROR")),
        (Fault.SERVER_ERROR_AFTER, (500, "INTERNAL_ERROR")),
        (Fault.UNAVAILABLE, (503, "SERVICE_UNAVAILABLE")),
        (Fault.TOO_MANY, (429, "TOO_MANY_REQUESTS")),
        (Fault.TOO_MANY_RETRY_AFTER, (429, "TOO_MANY_REQUESTS")),
        (Fault.TOKEN_REVOKED, (401, "INVALID_TOKEN")),
    ],
)
async def test_answers_with_an_error(
    fake: FakeZoho, caller: Any, token: str, fault: Fault, answer: tuple[int, str]
) -> None:
    """Faults with an answer of Zoho's shape give it, and take effect as they say."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(fault)
    reply = await caller.delete(fake, link_id, token=token)

    assert (reply.status, reply.json["code"]) == answer
    assert reply.json["status"] == "error"
    assert fake.stats.attempts == {link_id: 1}
    assert fake.stats.effects == ({link_id: 1} if fault in WITH_EFFECT else {})
    assert fake.faults.injected == {fault: 1}


@pytest.mark.parametrize(("fault", "status"), [(Fault.BAD_GATEWAY, 502), (Fault.NOT_JSON, 200)])
async def test_answers_with_a_page(
    fake: FakeZoho, caller: Any, token: str, fault: Fault, status: int
) -> None:
    """Some faults answer with a page for people."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(fault)
    reply = await caller.delete(fake, link_id, token=token)

    assert reply.status == status
    assert reply.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert reply.text.startswith("<html>")
    assert (link_id in fake.unsubscribe_links.ids) == (fault not in WITH_EFFECT)


@pytest.mark.parametrize("retry_after", [None, "0.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_says_when_to_come_back(
    fake: FakeZoho, caller: Any, token: str, retry_after: str | None
) -> None:
    """The header is one second unless the plan says otherwise; the plain 429 has none."""
    if retry_after:
        fake.faults.retry_after = retry_after
    fake.faults.script(Fault.TOO_MANY_RETRY_AFTER, Fault.TOO_MANY)
    with_header = await caller.call(fake, "GET", LINKS, token=token)
    without = await caller.call(fake, "GET", LINKS, token=token)

    assert with_header.headers["Retry-After"] == (retry_after or "1")
    assert "Retry-After" not in without.headers


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER])
async def test_resets_the_connection(
    fake: FakeZoho, caller: Any, token: str, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    """The client sees a real reset, not an orderly end, and the server logs nothing."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(fault)
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await caller.delete(fake, link_id, token=token)

    assert caught.value.errno == errno.ECONNRESET
    assert fake.stats.effects == ({link_id: 1} if fault in WITH_EFFECT else {})
    assert (await caller.call(fake, "GET", LINKS, token=token)).status == 200
    assert caplog.records == []


async def test_truncates_the_body(
    fake: FakeZoho, caller: Any, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The status arrives, the body only in part, and the server logs nothing."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.cookies = True
    fake.faults.script(Fault.TRUNCATED_BODY)
    url = f"{fake.url}/crm/v7/{LINKS}/{link_id}"
    headers = {"Authorization": f"Zoho-oauthtoken {token}"}
    async with caller.session.delete(url, headers=headers) as response:
        assert response.status == 200
        assert response.content_length > 100
        assert len(response.headers.getall("Set-Cookie")) == 4
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()

    assert fake.stats.effects == {link_id: 1}
    assert caplog.records == []


async def test_truncates_nothing_without_a_body(
    fake: FakeZoho, caller: Any, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer without a body arrives whole."""
    fake.faults.script(Fault.TRUNCATED_BODY)
    reply = await caller.call(fake, "GET", f"{LINKS}/7", token=token)

    assert reply.status == 204
    assert caplog.records == []


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HANG_AFTER])
async def test_hangs(
    fake: FakeZoho, caller: Any, token: str, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    """The client waits in vain, and once it has left so has the request."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(fault)
    with pytest.raises(TimeoutError):
        await caller.delete(fake, link_id, token=token, timeout=SOON)

    assert fake.stats.effects == ({link_id: 1} if fault in WITH_EFFECT else {})
    assert caplog.records == []


async def test_resets_the_connection_after_a_short_hang(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """A hang that ends, ends without an answer."""
    fake.faults.hang = 0.01
    fake.faults.script(Fault.HANG)
    with pytest.raises(aiohttp.ClientOSError):
        await caller.call(fake, "GET", LINKS, token=token)


async def test_revokes_the_token_of_the_request(fake: FakeZoho, caller: Any) -> None:
    """Only the token that the request carried is revoked."""
    first, second = await caller.token(fake), await caller.token(fake)
    fake.faults.script(Fault.TOKEN_REVOKED)
    replies = [
        await caller.call(fake, "GET", LINKS, token=token) for token in (first, first, second)
    ]

    assert [reply.status for reply in replies] == [401, 401, 200]


async def test_unknown_paths_take_no_fault(fake: FakeZoho, caller: Any, token: str) -> None:
    """A path that does not exist leaves the script as it is."""
    fake.faults.script(Fault.TOO_MANY)

    assert (await caller.call(fake, "GET", "nothing", token=token)).status == 404
    assert (await caller.call(fake, "GET", LINKS, token=token)).status == 429


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR_BEFORE, Fault.SERVER_ERROR_AFTER])
async def test_token_endpoint_fails_before_or_after_the_token_is_made(
    fake: FakeZoho, caller: Any, fault: Fault
) -> None:
    """A token lost on the way was made all the same."""
    fake.token_faults.script(fault)
    reply = await caller.ask(fake)

    assert (reply.status, reply.json["code"]) == (500, "INTERNAL_ERROR")
    assert fake.stats.tokens_made == (fault in WITH_EFFECT)
    assert "access_token" in (await caller.ask(fake)).json


async def test_faults_of_api_and_token_endpoint_are_apart(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """Each plan is drawn from by its own requests only."""
    fake.token_faults.script(Fault.TOO_MANY)

    assert (await caller.call(fake, "GET", LINKS, token=token)).status == 200
    assert (await caller.ask(fake)).status == 429


async def test_counts_each_effect_once_in_a_storm(fake: FakeZoho, caller: Any, token: str) -> None:
    """With faults of every kind no link is removed twice and every attempt is seen."""
    link_ids = fake.unsubscribe_links.add_many(60)
    kinds = [fault for fault in Fault if fault is not Fault.TOKEN_REVOKED]
    fake.faults.hang = fake.faults.slow = 0.01
    fake.faults.mix(dict.fromkeys(kinds, 0.05), seed=5)

    async def delete_until_gone(link_id: str) -> None:
        while link_id in fake.unsubscribe_links.ids:
            with contextlib.suppress(aiohttp.ClientError):
                await caller.delete(fake, link_id, token=token)

    await asyncio.gather(*map(delete_until_gone, link_ids))

    assert fake.stats.effects == dict.fromkeys(link_ids, 1)
    assert fake.stats.attempts.total() == fake.stats.api_requests
    assert fake.faults.injected.total() > 10


@pytest.mark.parametrize(
    ("fault", "body", "removed"),
    [
        (Fault.SHORT_ANSWER, {"unsubscribe_links": []}, True),
        (
            Fault.HIDDEN_ERROR,
            {
                "unsubscribe_links": [
                    {
                        "code": "INTERNAL_ERROR",
                        "details": {},
                        "message": "Internal Server Error",
                        "status": "error",
                    }
                ]
            },
            False,
        ),
    ],
)
async def test_answers_200_and_says_something_wrong(
    fake: FakeZoho, caller: Any, token: str, fault: Fault, body: Any, removed: bool
) -> None:
    """An answer may lack an item, or hold an error in its place."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(fault)
    reply = await caller.delete(fake, link_id, token=token)

    assert (reply.status, reply.json) == (200, body)
    assert (link_id not in fake.unsubscribe_links.ids) == removed


async def test_what_only_reads_is_never_short(fake: FakeZoho, caller: Any, token: str) -> None:
    """A list is whole, or it is an error."""
    fake.faults.script(Fault.SHORT_ANSWER, Fault.HIDDEN_ERROR)
    whole = await caller.call(fake, "GET", LINKS, token=token)
    error = await caller.call(fake, "GET", LINKS, token=token)

    assert len(whole.json["unsubscribe_links"]) == 4
    assert (error.status, error.json["code"]) == (200, "INTERNAL_ERROR")


async def test_hides_errors_from_the_token_endpoint(fake: FakeZoho, caller: Any) -> None:
    """There an answer can be readable and hold no token; being short changes nothing."""
    fake.token_faults.script(Fault.HIDDEN_ERROR, Fault.SHORT_ANSWER)
    hidden = await caller.ask(fake)
    short = await caller.ask(fake)

    assert (hidden.status, hidden.json["code"]) == (200, "INTERNAL_ERROR")
    assert "access_token" in short.json
    assert fake.stats.tokens_made == 1


async def test_answers_late(fake: FakeZoho, caller: Any, token: str) -> None:
    """The effect comes at once, and the right answer when its time has passed."""
    fake.faults.script(Fault.SLOW)
    fake.faults.slow = 0.05
    began = asyncio.get_running_loop().time()
    reply = await caller.delete(fake, fake.unsubscribe_links.ids[-1], token=token)

    assert reply.status == 200
    assert asyncio.get_running_loop().time() - began >= 0.05


async def test_answers_twice(fake: FakeZoho, token: str) -> None:
    """The same answer comes once more on the connection that was kept alive."""
    fake.faults.script(Fault.ANSWERED_TWICE)
    host, _, port = fake.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [f"DELETE /crm/v7/{LINKS}/{fake.unsubscribe_links.ids[-1]} HTTP/1.1", "Host: x"]
    head += [f"Authorization: Zoho-oauthtoken {token}", "", ""]
    writer.write("\r\n".join(head).encode())
    answers = []
    for _ in range(2):
        lines = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        length = int(re.search(rb"Content-Length: (\d+)", lines)[1])
        answers.append((lines, await reader.readexactly(length)))
    writer.close()

    assert answers[0] == answers[1]
    assert answers[0][0].startswith(b"HTTP/1.1 200 OK")
    assert fake.stats.effects.total() == 1


async def test_a_client_that_has_gone_gets_no_second_answer(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """Nothing happens, and nothing is logged."""
    fake.faults.script(Fault.ANSWERED_TWICE)
    fake.faults.late = 0.01
    reply = await caller.delete(fake, fake.unsubscribe_links.ids[-1], token=token)
    await asyncio.sleep(0.03)

    assert reply.status == 200


async def test_remembers_what_a_faulty_call_was_about(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """The items of a body, or the ids in a path or a query; a call that was right is none."""
    fake.faults.script(Fault.RESET_AFTER, None, Fault.UNAVAILABLE)
    link_id = fake.unsubscribe_links.ids[-1]
    item = {"name": "Spring"}
    with contextlib.suppress(aiohttp.ClientError):
        await caller.delete(fake, link_id, token=token)
    await caller.call(fake, "GET", LINKS, token=token)
    await caller.call(fake, "POST", LINKS, token=token, json={"unsubscribe_links": [item]})

    assert [(call.fault, call.method, call.rows) for call in fake.stats.faulty] == [
        (Fault.RESET_AFTER, "DELETE", (link_id,)),
        (Fault.UNAVAILABLE, "POST", (item,)),
    ]


async def script_too_much(fake: FakeZoho, error: Exception | None = None) -> None:
    """Script two faults for nobody, and fail if told so."""
    async with fake:
        fake.faults.script(None, Fault.HANG)
        fake.token_faults.script(Fault.TOO_MANY)
        if error:
            raise error


async def test_tells_of_faults_that_were_never_drawn() -> None:
    """A test that scripted more than it sent is told so, unless it fails anyway."""
    with pytest.warns(UnusedFaultWarning, match="no request came for them: hang, too_many"):
        await script_too_much(FakeZoho())
    fake = FakeZoho()
    with pytest.raises(LookupError):
        await script_too_much(fake, LookupError())

    assert fake.faults.unused == (Fault.HANG,)


def test_tells_of_them_without_a_loop() -> None:
    """In a thread it is the same."""
    with pytest.warns(UnusedFaultWarning, match="hang"), FakeZoho() as fake:
        fake.faults.script(Fault.HANG)


@pytest.mark.parametrize(("transport", "passed"), [(object(), b"abcd"), (None, b"ab")])
async def test_an_answer_goes_on_halfway_if_its_connection_does(
    transport: object, passed: bytes
) -> None:
    """What happens in the middle may end the connection."""
    happened = []

    async def halfway() -> None:
        happened.append(True)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"abcd"

    request: Any = SimpleNamespace(transport=transport)
    answer: Any = SimpleNamespace(headers={}, body=b"abcd", pieces=pieces)

    assert passed == b"".join([piece async for piece in _halves(request, answer, halfway)])
    assert [True] == happened
