"""An accounts server in trouble for some time: when calls work again, and what was sent."""

import asyncio
import itertools
import json

import pytest

from aiozcrm import FileTokenStore, MemoryTokenStore
from aiozcrm._clock import Clock
from aiozcrm._protocol import Response
from aiozcrm.errors import (
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
    TokenEndpointError,
    TokenThrottledError,
)

HANG = 30.0


def answer(status, body):
    """Return an answer of the accounts server."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {}, raw)


#: What the trouble looks like, how many seconds each request takes, and whether each may have
#: made a token.
TROUBLES = {
    "reset": (ConnectionLostError("reset"), 0, True),
    "unreachable": (ConnectError("refused"), 0, False),
    "silent": (RequestTimeoutError("no answer"), HANG, True),
    "200 with an error": (answer(200, {"error": "general_error"}), 0, False),
    "200 empty": (answer(200, b""), 0, False),
    "200 page": (answer(200, b"<html>maintenance</html>"), 0, False),
    "500": (answer(500, {"error": "server"}), 0, False),
    "503 page": (answer(503, b"<html>"), 0, False),
    "400 empty": (answer(400, b""), 0, False),
}

trouble = pytest.mark.parametrize("kind", TROUBLES)


class Accounts:
    """A Zoho whose accounts server is in trouble until some moment."""

    def __init__(self, clock):
        self.clock = clock
        self.kind = "reset"
        self.until = 0.0
        self.asked_at = []
        self.made = 0
        self.alive = set()

    def break_for(self, seconds, kind):
        """Let it be in trouble from now on."""
        self.kind, self.until = kind, self.clock.now + seconds
        self.asked_at.clear()

    async def send(self, request):
        """Answer one request."""
        await asyncio.sleep(0)
        if request.path != "/oauth/v2/token":
            if request.headers["Authorization"] in self.alive:
                return answer(200, {"data": []})
            return answer(401, {"code": "INVALID_TOKEN", "status": "error"})
        self.asked_at.append(self.clock.now)
        if self.clock.now < self.until:
            outcome, seconds, _ = TROUBLES[self.kind]
            await self.clock.sleep(seconds)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        self.made += 1
        self.alive.add(f"Zoho-oauthtoken 1000.secret{self.made}.part")
        return answer(200, {"access_token": f"1000.secret{self.made}.part", "expires_in": 3600})


@pytest.fixture
def accounts(clock):
    """Give a Zoho whose accounts server can be broken."""
    return Accounts(clock)


async def seconds_until_success(clients, clock, limit=1000):
    """Call every second, and return the seconds until each client succeeds, and the errors."""
    started, errors = clock.now, []
    while clock.now - started < limit:
        results = await asyncio.gather(
            *(zoho.request("GET", "Leads") for zoho in clients),
            return_exceptions=True,
        )
        failed = [result for result in results if isinstance(result, Exception)]
        if not failed:
            return clock.now - started, errors
        errors += failed
        clock.advance(1)
    raise AssertionError(f"no success within {limit} s: {errors[-1]!r}")


@trouble
@pytest.mark.parametrize("seconds", [5, 25, 60, 300])
@pytest.mark.parametrize("start", ["cold", "dead token"])
async def test_calls_work_again_soon_after_the_trouble(
    make_zoho,
    clock,
    accounts,
    kind,
    seconds,
    start,
):
    """The time out of service is bounded by that of the trouble, and so are the requests."""
    hang = TROUBLES[kind][1]
    async with make_zoho(sender=accounts) as zoho:
        if start == "dead token":
            await zoho.request("GET", "Leads")
            accounts.alive.clear()
        accounts.break_for(seconds, kind)
        waited, errors = await seconds_until_success([zoho], clock)

    # The calls of this test come once a second.
    assert waited <= min(2 * seconds + 5, seconds + 120) + hang + 1
    # Up to three tries at first, then one after each pause.
    assert len(accounts.asked_at) <= {5: 5, 25: 6, 60: 7, 300: 10}[seconds]
    assert "tokens were made" not in " ".join(map(str, errors))
    assert TokenThrottledError not in {type(error) for error in errors}


@trouble
async def test_the_pauses_between_asks_grow_to_two_minutes(make_zoho, clock, accounts, kind):
    """5, 10, 20, 40, 80 and then 120 seconds, from the end of one ask to the next."""
    hang = TROUBLES[kind][1]
    async with make_zoho(sender=accounts) as zoho:
        accounts.break_for(400, kind)
        await seconds_until_success([zoho], clock)

    gaps = [later - sooner - hang for sooner, later in itertools.pairwise(accounts.asked_at)]
    pauses = [gap for gap in gaps if gap >= 5]
    tries = 1 if kind == "400 empty" else 2 if TROUBLES[kind][2] else 3
    assert tries == 1 + len(gaps) - len(pauses)
    assert len(pauses) >= 6
    for pause, least in zip(pauses, [5, 10, 20, 40, 80, 120, 120], strict=False):
        assert least <= pause <= least + 1


@trouble
@pytest.mark.parametrize(
    ("store", "seconds"),
    [
        ("memory", 5),
        pytest.param("memory", 60, marks=pytest.mark.system),
        pytest.param("memory", 300, marks=pytest.mark.system),
        pytest.param("file", 60, marks=pytest.mark.system),
    ],
)
async def test_four_clients_of_one_store_ask_as_one(
    make_zoho,
    clock,
    accounts,
    kind,
    store,
    seconds,
    tmp_path,
):
    """What one client learns about the endpoint the others need not learn."""
    hang, shared = TROUBLES[kind][1], MemoryTokenStore()
    clients = [
        make_zoho(
            sender=accounts,
            token_store=shared
            if store == "memory"
            # It waits for locks of files in real time.
            else FileTokenStore(tmp_path / "tokens", clock=Clock(wall=clock.clock.wall)),
        )
        for _ in range(4)
    ]
    accounts.break_for(seconds, kind)
    waited, errors = await seconds_until_success(clients, clock)
    for zoho in clients:
        await zoho.close()

    assert waited <= min(2 * seconds + 5, seconds + 120) + hang + 2
    assert len(accounts.asked_at) <= {5: 5, 60: 7, 300: 10}[seconds]
    assert TokenThrottledError not in {type(error) for error in errors}
    if kind != "silent":
        assert "is asked again in" in " ".join(map(str, errors))


@trouble
async def test_a_short_trouble_ahead_of_the_end_is_not_noticed(make_zoho, clock, accounts, kind):
    """The token that still lives serves until the endpoint is well."""
    async with make_zoho(sender=accounts) as zoho:
        await zoho.request("GET", "Leads")
        clock.advance(3600 - 310)
        accounts.break_for(150, kind)
        for _ in range(300):
            clock.advance(1)
            await zoho.request("GET", "Leads")
            await asyncio.sleep(0)
        clock.advance(60)
        await zoho.request("GET", "Leads")

    assert 2 == accounts.made


@pytest.mark.parametrize("kind", ["reset", "500"])
async def test_a_trouble_that_is_over_is_forgotten(make_zoho, clock, accounts, kind):
    """The next one begins with short pauses and three tries again."""
    async with make_zoho(sender=accounts) as zoho:
        for _ in range(2):
            accounts.alive.clear()
            accounts.break_for(25, kind)
            waited, _ = await seconds_until_success([zoho], clock)
            assert waited <= 2 * 25 + 5 + 1
            assert 3 <= len(accounts.asked_at) <= 6
            clock.advance(900)


async def test_a_wall_clock_that_jumps_back_does_not_prolong_the_silence(
    make_zoho,
    clock,
    accounts,
):
    """A client that starts meanwhile takes a moment in the far future for a jump."""
    store = MemoryTokenStore()
    accounts.break_for(5, "500")
    async with make_zoho(sender=accounts, token_store=store) as zoho:
        with pytest.raises(TokenEndpointError):
            await zoho.request("GET", "Leads")
    clock.wall_offset -= 86_400
    clock.advance(6)

    async with make_zoho(sender=accounts, token_store=store) as zoho:
        await zoho.request("GET", "Leads")
    assert 1 == accounts.made
