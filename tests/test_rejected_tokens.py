"""Calls that are answered 401: dead tokens, calls at fault and wrong hosts, simulated."""

import asyncio
import collections
import json

import attrs
import pytest

from aiozcrm import FileTokenStore, MemoryTokenStore, RetryPolicy
from aiozcrm._protocol import Response
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    NotFoundError,
    ScopeError,
    TokenEndpointError,
    TokenThrottledError,
)
from aiozcrm.events import CallRetried, RequestFinished
from aiozcrm.token_stores import TokenState

ORG = "/crm/v7/org"


def answer(status, body=None):
    """Return an answer of the simulated Zoho."""
    raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Response(status, {}, raw)


def error(status, code):
    """Return an error in Zoho's form."""
    return answer(status, {"code": code, "details": {}, "message": "no", "status": "error"})


INVALID_TOKEN = error(401, "INVALID_TOKEN")


class World:
    """A Zoho that makes tokens, knows which are alive, and answers some paths as it is told."""

    def __init__(self, clock):
        self.clock = clock
        self.made_at = []
        self.alive = set()
        self.sent = []
        self.wrong_hosts = set()
        self.open_paths = set()
        self.answers = {}
        self.token_answers = collections.deque()
        self.in_flight = 0
        self.most_in_flight = 0

    def tokens_within(self, seconds):
        """Return the largest number of tokens that were made within so many seconds."""
        made = self.made_at
        return max(sum(start <= t < start + seconds for t in made) for start in made)

    def paths(self):
        """Return how many requests went to each path of the API."""
        return collections.Counter(request.path.removeprefix("/crm/v7/") for request in self.sent)

    async def send(self, request):
        """Answer one request."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            if request.path == "/oauth/v2/token":
                return await self._token()
            self.sent.append(request)
            return await self._call(request)
        finally:
            self.in_flight -= 1

    async def _token(self):
        if self.token_answers:
            entry = self.token_answers.popleft()
            if isinstance(entry, Exception):
                raise entry
            return entry if isinstance(entry, Response) else await entry()
        self.made_at.append(self.clock.now)
        token = f"1000.secret{len(self.made_at)}.part"
        self.alive.add(f"Zoho-oauthtoken {token}")
        return answer(200, {"access_token": token, "expires_in": 3600})

    async def _call(self, request):
        if request.path.removeprefix("/crm/v7/") in self.open_paths:
            return answer(200, {"data": []})
        if request.origin in self.wrong_hosts:
            return INVALID_TOKEN
        if request.headers["Authorization"] not in self.alive:
            return INVALID_TOKEN
        entry = self.answers.get(request.path.removeprefix("/crm/v7/"))
        if isinstance(entry, collections.deque):
            entry = entry.popleft() if entry else None
        if callable(entry):
            entry = await entry(request)
        if isinstance(entry, Exception):
            raise entry
        return entry or answer(200, {"data": []})


@pytest.fixture
def world(clock):
    """Give a simulated Zoho."""
    return World(clock)


@pytest.fixture
def make(make_zoho, world):
    """Make a client of that Zoho."""
    return lambda **options: make_zoho(sender=world, **options)


@pytest.fixture
async def zoho(make):
    """Yield such a client."""
    async with make() as client:
        yield client


async def get(zoho, path):
    """Make one call and return what went wrong, None for a success."""
    try:
        await zoho.request("GET", path)
    except Exception as failure:  # noqa: BLE001  # counted by the caller
        return failure
    return None


async def settle():
    """Let tasks come to their end."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "rejection",
    [
        pytest.param(INVALID_TOKEN, id="INVALID_TOKEN"),
        pytest.param(error(401, "INVALID_OAUTHTOKEN"), id="INVALID_OAUTHTOKEN"),
        pytest.param(error(401, "AUTHENTICATION_FAILURE"), id="AUTHENTICATION_FAILURE"),
        pytest.param(error(401, "AUTHENTICATION_FAILED"), id="AUTHENTICATION_FAILED"),
        pytest.param(answer(401, b"<html>Proxy login</html>"), id="page of a proxy"),
        pytest.param(answer(401, b""), id="empty"),
        pytest.param(answer(401, {"message": "no"}), id="no code"),
    ],
)
async def test_an_endpoint_that_always_answers_401_costs_no_token_and_no_other_call(
    zoho,
    world,
    clock,
    rejection,
):
    """Calls beside it go on with the one token, and its own error says whose fault it is."""
    world.answers["bad"] = rejection
    assert await get(zoho, "Leads") is None
    for _ in range(60):
        clock.advance(10)
        *good, bad = await asyncio.gather(*(get(zoho, path) for path in ("Leads", "a/b", "bad")))
        assert [None, None] == good
        assert AuthenticationError is type(bad)
        assert (2, False, False) == (bad.attempts, bad.maybe_done, bad.concerns_all_calls)
        assert "this call is at fault" in str(bad)

    assert 1 == len(world.made_at)
    assert 2 * 60 == world.paths()["bad"] == world.paths()["org"]


async def test_an_endpoint_that_answers_401_first_of_all_costs_one_token(zoho, world, clock):
    """Before any call has worked, the token or the host may be at fault."""
    world.answers["bad"] = INVALID_TOKEN
    failure = await get(zoho, "bad")
    assert (2, True) == (failure.attempts, failure.concerns_all_calls)
    for _ in range(60):
        clock.advance(10)
        assert await get(zoho, "Leads") is None
        assert AuthenticationError is type(await get(zoho, "bad"))

    assert 2 == len(world.made_at)


async def late(_request):
    """Reject the token when others have long been answered."""
    for _ in range(30):
        await asyncio.sleep(0)
    return INVALID_TOKEN


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"org": INVALID_TOKEN}, id="org"),
        pytest.param({"org": INVALID_TOKEN, "bad": INVALID_TOKEN}, id="org and another"),
        pytest.param({"org": late, "bad": late}, id="late"),
        pytest.param({"org": answer(401, b"<html>Login</html>")}, id="a page in the place of org"),
    ],
)
async def test_a_probe_that_is_at_fault_costs_one_token_and_no_other_call(
    zoho, world, clock, answers
):
    """The call that is to tell whether a token is dead may be the one that answers 401."""
    world.answers |= answers
    assert await get(zoho, "Leads") is None
    for _ in range(90):
        clock.advance(10)
        failing = asyncio.gather(*(get(zoho, path) for path in ("org", "bad")))
        while not failing.done():
            assert await get(zoho, "Leads") is None
        failure, _ = await failing
    assert "this call is at fault" in str(failure)

    assert 2 == len(world.made_at)


async def test_a_token_that_dies_while_the_probe_is_at_fault_is_replaced(zoho, world, clock):
    """What has worked before tells, and is believed at once."""
    world.answers["org"] = INVALID_TOKEN
    assert await get(zoho, "Leads") is None
    assert AuthenticationError is type(await get(zoho, "org"))
    for _ in range(3):
        clock.advance(100)
        world.alive.clear()
        assert await get(zoho, "never/called") is None

    assert 5 == len(world.made_at)


async def test_tokens_that_die_in_a_row_are_each_replaced_at_once(zoho, world, clock):
    """A probe that rejects one after the other is right, if what has worked rejects them, too."""
    assert await get(zoho, "Leads") is None
    for _ in range(6):
        clock.advance(61)
        world.alive.clear()
        assert await get(zoho, "Leads") is None

    assert 7 == len(world.made_at)


async def test_trouble_while_the_probe_is_in_doubt_decides_nothing(zoho, world, clock):
    """The call waits, and is sent again."""
    assert await get(zoho, "Leads") is None
    world.answers["org"] = INVALID_TOKEN
    assert AuthenticationError is type(await get(zoho, "org"))
    world.answers["Leads"] = collections.deque([error(503, "INTERNAL_ERROR"), None])

    failure = await get(zoho, "org")

    assert "this call is at fault" in str(failure)
    assert 2 == len(world.made_at)


async def test_a_wrong_host_that_does_not_look_at_the_token_once_is_no_right_one(
    make, world, clock
):
    """Some page there answers all alike, such as one that tells whether the host is up."""
    world.wrong_hosts.add("https://www.zohoapis.eu")
    world.open_paths.add("status")
    async with make() as zoho:
        for _ in range(90):
            clock.advance(10)
            assert await get(zoho, "status") is None
            assert AuthenticationError is type(await get(zoho, "Leads"))

    assert 2 == len(world.made_at)


async def test_one_call_in_ten_answered_401_is_sent_again(zoho, world, clock):
    """A call that is rejected by mistake succeeds the second time, for no token."""
    calls = 0

    async def sometimes(_request):
        nonlocal calls
        calls += 1
        return INVALID_TOKEN if calls % 10 == 0 else None

    world.answers["Leads"] = sometimes
    for _ in range(200):
        clock.advance(1)
        assert await get(zoho, "Leads") is None

    assert 1 == len(world.made_at)


@pytest.mark.parametrize("kind", ["always", "one in ten"])
async def test_a_token_that_dies_beside_such_an_endpoint_is_replaced_at_once(
    zoho,
    world,
    clock,
    kind,
):
    """No other call fails, and one that was never made before finds a live token, too."""
    calls = 0

    async def bad(_request):
        nonlocal calls
        calls += 1
        return INVALID_TOKEN if kind == "always" or calls % 10 == 0 else None

    world.answers["bad"] = bad
    for second in range(600):
        clock.advance(1)
        if second in {60, 61, 300}:
            world.alive.clear()
            assert await get(zoho, f"never/called/{second}") is None
        *good, _ = await asyncio.gather(*(get(zoho, path) for path in ("a", "b", "c", "bad")))
        assert [None, None, None] == good

    assert 4 == len(world.made_at)


async def test_a_token_that_dies_while_only_the_bad_endpoint_is_called_is_replaced(zoho, world):
    """What the call that looks why learns counts as much as what any other learns."""
    world.answers["bad"] = INVALID_TOKEN
    assert await get(zoho, "Leads") is None
    for _ in range(3):
        world.alive.clear()
        assert AuthenticationError is type(await get(zoho, "bad"))
    assert await get(zoho, "never/called") is None

    assert 4 == len(world.made_at)


async def test_one_probe_serves_all_calls_that_wait(make, world):
    """A token that dies with fifty calls in flight costs one probe and one token."""
    async with make(max_in_flight=50) as zoho:
        assert await get(zoho, "Leads") is None
        world.alive.clear()
        assert {None} == set(await asyncio.gather(*(get(zoho, "Leads") for _ in range(50))))

    assert 2 == len(world.made_at)
    assert {"Leads": 1 + 50 + 50, "org": 1} == world.paths()


async def test_answers_to_older_requests_prove_nothing(make, world):
    """A success that arrives after the 401, but was sent before, keeps no dead token alive."""
    gate = asyncio.Event()

    async def slow(_request):
        await gate.wait()

    world.answers["slow"] = slow
    async with make() as zoho:
        assert await get(zoho, "Leads") is None
        older = asyncio.create_task(get(zoho, "slow"))
        await settle()
        world.alive.clear()
        gate.set()
        assert [None, None] == await asyncio.gather(older, get(zoho, "Leads"))

    assert 2 == len(world.made_at)


async def test_a_late_success_of_an_older_token_changes_nothing_for_the_present_one(make, world):
    """A host that turns against all tokens costs no more than without it."""
    gate = asyncio.Event()

    async def slow(_request):
        await gate.wait()

    world.answers["slow"] = slow
    async with make() as zoho:
        assert await get(zoho, "Leads") is None
        older = asyncio.create_task(get(zoho, "slow"))
        await settle()
        world.alive.clear()
        world.answers["bad"] = INVALID_TOKEN
        assert AuthenticationError is type(await get(zoho, "bad"))
        world.wrong_hosts.add("https://www.zohoapis.eu")
        gate.set()
        assert await older is None
        for _ in range(3):
            assert AuthenticationError is type(await get(zoho, "Leads"))

    assert 4 == len(world.made_at)


async def test_a_probe_that_was_sent_before_a_rejection_says_nothing_about_it(make, world):
    """The token dies between the probe and the second 401, which gets a probe of its own."""
    gate, arrived = asyncio.Event(), asyncio.Event()

    async def dies_here(_request):
        arrived.set()
        await gate.wait()
        return answer(200, {"org": []})

    world.answers |= {"bad": INVALID_TOKEN, "org": collections.deque([dies_here])}
    async with make() as zoho:
        assert await get(zoho, "Leads") is None
        bad = asyncio.create_task(get(zoho, "bad"))
        await arrived.wait()
        world.alive.clear()
        late = [asyncio.create_task(get(zoho, "Leads")) for _ in range(3)]
        await settle()
        gate.set()
        assert [None] * 3 == await asyncio.gather(*late)
        assert AuthenticationError is type(await bad)

    assert 2 == len(world.made_at)


@pytest.mark.parametrize(
    ("rejection", "kind"),
    [
        pytest.param(error(401, "OAUTH_SCOPE_MISMATCH"), ScopeError, id="scope"),
        pytest.param(error(401, "INVALID_OAUTHSCOPE"), ScopeError, id="other scope"),
        pytest.param(error(401, "DUPLICATE_DATA"), ApiError, id="duplicate"),
        pytest.param(error(401, "REQUIRED_PARAM_MISSING"), ApiError, id="parameter"),
        pytest.param(error(401, "AUTHORIZATION_FAILED"), ApiError, id="authorization"),
        pytest.param(error(401, "A_CODE_OF_TOMORROW"), ApiError, id="unknown"),
    ],
)
async def test_a_401_about_something_else_never_touches_the_token(zoho, world, rejection, kind):
    """It is the last word at once: no probe, no token, no second send."""
    world.answers["Leads"] = rejection
    for _ in range(3):
        failure = await get(zoho, "Leads")
        assert isinstance(failure, kind)
        assert 1 == failure.attempts

    assert (1, {"Leads": 3}) == (len(world.made_at), world.paths())


@pytest.mark.parametrize(
    "accepted",
    [
        pytest.param(error(401, "OAUTH_SCOPE_MISMATCH"), id="scope"),
        pytest.param(error(403, "NO_PERMISSION"), id="permission"),
        pytest.param(answer(204, b""), id="empty"),
    ],
)
async def test_a_probe_need_not_succeed_to_prove_the_token(zoho, world, accepted):
    """Zoho names a missing scope or permission only to a token that it knows."""
    world.answers |= {"bad": INVALID_TOKEN, "org": accepted}
    assert await get(zoho, "Leads") is None

    assert "this call is at fault" in str(await get(zoho, "bad"))
    assert 1 == len(world.made_at)


async def test_a_rejected_call_proves_its_token(zoho, world):
    """To learn that an id is unknown, the token must have been accepted."""
    gone = answer(400, {"code": "INVALID_DATA", "details": {"resource_path_index": 0}})
    world.answers["Leads/1"] = gone
    assert NotFoundError is not type(await get(zoho, "Leads"))
    world.answers["bad"] = INVALID_TOKEN

    assert "this call is at fault" in str(await get(zoho, "bad"))


@pytest.mark.parametrize(
    "unproven",
    [
        pytest.param(answer(404, b"<html>nginx</html>"), id="page"),
        pytest.param(error(404, "INVALID_URL_PATTERN"), id="path"),
        pytest.param(error(405, "INVALID_REQUEST_METHOD"), id="method"),
        pytest.param(error(500, "INTERNAL_ERROR"), id="trouble"),
        pytest.param(error(401, "A_CODE_OF_TOMORROW"), id="unknown"),
    ],
)
async def test_an_answer_that_needs_no_token_proves_no_host(make, world, unproven):
    """A host that rejects all tokens may still know which paths there are."""
    world.answers |= {"nothing": unproven, "Leads": INVALID_TOKEN, "org": INVALID_TOKEN}
    async with make(retries=RetryPolicy(attempts=1)) as zoho:
        for _ in range(5):
            await get(zoho, "nothing")
            assert AuthenticationError is type(await get(zoho, "Leads"))

    assert 2 == len(world.made_at)


async def test_a_client_on_a_wrong_host_makes_three_tokens_in_ten_minutes(make, world, clock):
    """It tries another one after 5 minutes, then after 10, 20, 40 and each 60."""
    world.wrong_hosts.add("https://www.zohoapis.eu")
    started = clock.now
    async with make() as zoho:
        for _ in range(4 * 60):
            failure = await get(zoho, "Leads")
            assert AuthenticationError is type(failure)
            assert failure.concerns_all_calls
            clock.advance(60)

    # From then on tokens are made when those before end, too.
    minutes = [round((moment - started) / 60) for moment in world.made_at]
    assert [0, 0, 5, 15, 35, 75] == [minute for minute in minutes if minute < 120]
    assert 3 == world.tokens_within(600)
    for word in ("https://www.zohoapis.eu", "https://accounts.zoho.eu", "'eu'", "'production'"):
        assert word in str(failure)
    assert "another token is not made for" in str(failure)


async def test_a_client_beside_one_on_a_wrong_host_is_never_throttled(
    make,
    world,
    clock,
    credentials,
):
    """They share the ten tokens of one refresh token, and nothing else."""
    world.wrong_hosts.add("https://wrong.example")
    wrong_credentials = attrs.evolve(credentials, api_url="https://wrong.example")
    async with make() as healthy, make(credentials=wrong_credentials) as wrong:
        for second in range(0, 3600, 5):
            clock.advance(5)
            if second in {600, 605, 1200}:
                world.alive.clear()
            assert AuthenticationError is type(await get(wrong, "Leads"))
            assert await get(healthy, "Leads") is None

    assert world.tokens_within(600) <= 3 + 3


@pytest.mark.system
@pytest.mark.parametrize("kind", ["memory", "file"])
@pytest.mark.parametrize("first", ["good", "bad"])
async def test_four_clients_of_one_store_behave_as_one(make, world, clock, tmp_path, kind, first):
    """One endpoint that always answers 401 and three dead tokens cost three tokens more."""
    shared = MemoryTokenStore()
    world.answers["bad"] = INVALID_TOKEN

    def store():
        return shared if kind == "memory" else FileTokenStore(tmp_path / "tokens")

    clients = [make(token_store=store()) for _ in range(4)]
    if first == "bad":
        await asyncio.gather(*(get(zoho, "bad") for zoho in clients))
    for step in range(60):
        clock.advance(10)
        if step in {6, 7, 30}:
            world.alive.clear()
        good = await asyncio.gather(*(get(zoho, "Leads") for zoho in clients))
        assert [None] * 4 == good
        bad = await asyncio.gather(*(get(zoho, "bad") for zoho in clients))
        assert {AuthenticationError} == set(map(type, bad))
    for zoho in clients:
        await zoho.close()

    assert (4 if first == "good" else 5) == len(world.made_at)


async def test_a_new_client_takes_a_newer_token_before_it_makes_one(make, world, credentials):
    """The token that another client has left in the store costs nothing."""
    store = MemoryTokenStore()
    async with make(token_store=store) as one, make(token_store=store) as two:
        assert await get(one, "Leads") is None
        await two._oauth.token()
        world.alive.clear()
        assert await get(one, "Leads") is None
        assert await get(two, "Leads") is None

    assert 2 == len(world.made_at)
    assert 0.0 == (await store.load(credentials.store_key)).spare_at


async def test_the_moment_of_a_spare_token_is_kept_in_the_store(make, world, clock, credentials):
    """A client that starts anew on a wrong host does not begin at nothing."""
    store = MemoryTokenStore()
    world.wrong_hosts.add("https://www.zohoapis.eu")
    for _ in range(3):
        async with make(token_store=store) as zoho:
            assert AuthenticationError is type(await get(zoho, "Leads"))
    assert 2 == len(world.made_at)

    clock.advance(301)
    for _ in range(3):
        async with make(token_store=store) as zoho:
            assert AuthenticationError is type(await get(zoho, "Leads"))
    assert 3 == len(world.made_at)
    state = await store.load(credentials.store_key)
    assert (clock.clock.wall(), 600.0) == (state.spare_at, state.spare_pause)


async def test_a_store_that_does_not_keep_that_moment_spoils_nothing(make, world, clock):
    """A client remembers it as well, for stores that were written before there was one."""

    class OldStore(MemoryTokenStore):
        async def load(self, key):
            state = await super().load(key)
            return TokenState(token=state.token, made_at=state.made_at)

    world.wrong_hosts.add("https://www.zohoapis.eu")
    async with make(token_store=OldStore()) as zoho:
        for _ in range(12):
            assert AuthenticationError is type(await get(zoho, "Leads"))
            clock.advance(60)

    assert 3 == world.tokens_within(600)


async def test_a_spare_token_long_ago_does_not_count(make, world, clock):
    """Hours later the pause begins at five minutes again."""
    store = MemoryTokenStore()
    world.wrong_hosts.add("https://www.zohoapis.eu")
    async with make(token_store=store) as zoho:
        for _ in range(20):
            await get(zoho, "Leads")
            clock.advance(60)
        clock.advance(4 * 3600)
        before = len(world.made_at)
        for _ in range(7):
            await get(zoho, "Leads")
            clock.advance(60)

    assert 3 == len(world.made_at) - before


async def test_a_wall_clock_that_jumps_back_does_not_prolong_the_pause(make, world, clock):
    """A moment in the far future is a jump of the clock."""
    world.wrong_hosts.add("https://www.zohoapis.eu")
    async with make() as zoho:
        await get(zoho, "Leads")
        clock.wall_offset -= 86_400
        await get(zoho, "Leads")

    assert 3 == len(world.made_at)


async def test_a_host_that_turns_against_all_tokens_costs_two_more(make, world, clock):
    """One replacement for the token that had worked, and one for its replacement."""
    async with make() as zoho:
        assert await get(zoho, "Leads") is None
        world.wrong_hosts.add("https://www.zohoapis.eu")
        for _ in range(50):
            clock.advance(5)
            assert AuthenticationError is type(await get(zoho, "Leads"))
        assert 3 == len(world.made_at)

        world.wrong_hosts.clear()
        assert await get(zoho, "Leads") is None
    assert 3 == len(world.made_at)


async def test_a_probe_that_cannot_tell_is_no_reason_for_many_tokens(make, world, clock):
    """A gateway that lets some calls through and answers others itself knows nothing."""
    world.answers |= {"bad": INVALID_TOKEN, "org": answer(403, b"<html>forbidden</html>")}
    async with make() as zoho:
        for _ in range(60):
            clock.advance(10)
            assert await get(zoho, "Leads") is None
            assert AuthenticationError is type(await get(zoho, "bad"))

    assert 3 == len(world.made_at)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(error(500, "INTERNAL_ERROR"), id="500"),
        pytest.param(answer(503, b"<html>"), id="503"),
        pytest.param(error(429, "TOO_MANY_REQUESTS"), id="429"),
        pytest.param(ConnectionLostError("lost"), id="lost"),
        pytest.param(ConnectError("down"), id="connect"),
        pytest.param(answer(200, b"<html>hello</html>"), id="no JSON"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_probe_in_trouble_lets_the_call_wait_and_costs_no_token(
    zoho,
    world,
    clock,
    trouble,
    method,
):
    """The call is sent again after a pause, whatever its method: it surely did not run."""
    assert await get(zoho, "Leads") is None
    world.answers |= {"org": collections.deque([trouble] * 2)}
    world.answers |= {"Leads": collections.deque([INVALID_TOKEN] * 2)}
    slept = len(clock.slept)
    await zoho.request(method, "Leads")

    assert 2 == len([pause for pause in clock.slept[slept:] if pause > 0])
    assert 1 == len(world.made_at)


async def test_a_probe_in_lasting_trouble_ends_the_call_with_its_own_error(make, world):
    """The attempts of the call bound how often it is tried; a batch goes on."""
    async with make(retries=RetryPolicy(attempts=3)) as zoho:
        assert await get(zoho, "Leads") is None
        world.answers |= {"org": error(500, "INTERNAL_ERROR"), "Leads": INVALID_TOKEN}
        failure = await get(zoho, "Leads")

    assert AuthenticationError is type(failure)
    assert (3, False, False) == (failure.attempts, failure.maybe_done, failure.concerns_all_calls)
    assert "could not be found out" in failure.hint
    assert 500 == failure.__cause__.status
    assert 1 == len(world.made_at)


async def test_a_dead_token_stays_if_there_is_no_replacement(zoho, world, clock):
    """The call's own error says why, and the next call after the trouble is healed."""
    assert await get(zoho, "Leads") is None
    world.alive.clear()
    world.token_answers.extend([ConnectError("down")] * 4)
    failures = [await get(zoho, "Leads")]
    clock.advance(5)
    failures.append(await get(zoho, "Leads"))

    assert [AuthenticationError] * 2 == list(map(type, failures))
    assert [TokenEndpointError] * 2 == [type(failure.__cause__) for failure in failures]
    assert [(1, False, True)] * 2 == [
        (e.attempts, e.maybe_done, e.concerns_all_calls) for e in failures
    ]
    assert "There is no other token: Could not get an access token: down" in str(failures[0])
    assert zoho._oauth.usable() is not None

    clock.advance(10)
    assert await get(zoho, "Leads") is None
    assert 2 == len(world.made_at)


async def test_without_a_replacement_the_others_keep_the_token(make, world):
    """The first call of a client is at fault, and the endpoint makes no more tokens."""
    world.answers["bad"] = INVALID_TOKEN
    async with make() as zoho:
        await zoho._oauth.token()
        world.token_answers.append(answer(400, {"error": "access_denied"}))
        failure = await get(zoho, "bad")
        assert TokenThrottledError is type(failure.__cause__)
        assert await get(zoho, "Leads") is None

    assert 1 == len(world.made_at)


async def test_a_token_serves_others_until_its_replacement_is_there(make, world):
    """While the endpoint is slow, calls that work with the token go on."""
    gate = asyncio.Event()

    async def slow():
        await gate.wait()
        return await world._token()

    world.answers["bad"] = INVALID_TOKEN
    async with make() as zoho:
        await zoho._oauth.token()
        world.token_answers.append(slow)
        bad = [asyncio.create_task(get(zoho, "bad")) for _ in range(10)]
        await settle()
        assert [None] * 20 == [await get(zoho, "Leads") for _ in range(20)]
        gate.set()
        assert {AuthenticationError} == set(map(type, await asyncio.gather(*bad)))


async def test_a_refresh_ahead_of_the_end_replaces_a_dead_token_as_well(make, world, clock):
    """A token that is rejected while its successor is on the way costs no third one."""
    gate = asyncio.Event()

    async def slow():
        await gate.wait()
        return await world._token()

    async with make() as zoho:
        assert await get(zoho, "Leads") is None
        clock.advance(3600 - 290)
        world.token_answers.append(slow)
        assert await get(zoho, "Leads") is None
        world.alive.clear()
        waiting = asyncio.create_task(get(zoho, "Leads"))
        await settle()
        gate.set()
        assert await waiting is None

    assert 2 == len(world.made_at)


async def test_the_limit_of_calls_in_flight_holds_while_tokens_die(make, world):
    """A verdict sends its requests in the place of the call that needs it."""
    async with make(max_in_flight=3) as zoho:
        assert await get(zoho, "Leads") is None
        for _ in range(5):
            world.alive.clear()
            assert {None} == set(await asyncio.gather(*(get(zoho, "Leads") for _ in range(20))))

        assert 0 == zoho._transport.in_flight.in_flight
    assert 3 == world.most_in_flight


@pytest.mark.parametrize("moment", range(12))
async def test_cancelling_the_call_that_started_a_verdict_disturbs_nobody(make, world, moment):
    """The others get their answers for one token, and no place is lost."""
    async with make(max_in_flight=4) as zoho:
        assert await get(zoho, "Leads") is None
        world.alive.clear()
        calls = [asyncio.create_task(get(zoho, "Leads")) for _ in range(8)]
        for _ in range(moment):
            await asyncio.sleep(0)
        calls[0].cancel()
        assert {None} == set(await asyncio.gather(*calls[1:]))
        await settle()

        assert 0 == zoho._transport.in_flight.in_flight
    assert 2 == len(world.made_at)


@pytest.mark.parametrize("moment", range(12))
async def test_closing_ends_a_verdict_and_the_calls_that_wait_for_it(make, world, moment):
    """No task is left, and each call gets its answer or an error of ours."""
    zoho = make(max_in_flight=4)
    assert await get(zoho, "Leads") is None
    world.alive.clear()
    calls = [asyncio.create_task(get(zoho, "Leads")) for _ in range(8)]
    for _ in range(moment):
        await asyncio.sleep(0)
    await zoho.close()
    results = await asyncio.gather(*calls)

    assert set(map(type, results)) <= {type(None), ClientClosedError}
    assert ClientClosedError in set(map(type, results))
    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert 0 == zoho._transport.in_flight.in_flight


async def test_a_rejection_that_arrives_after_the_end_starts_nothing(make, world):
    """The client was closed while the call was on its way."""
    gate = asyncio.Event()

    async def slow(_request):
        await gate.wait()
        return INVALID_TOKEN

    world.answers["slow"] = slow
    zoho = make()
    assert await get(zoho, "Leads") is None
    call = asyncio.create_task(get(zoho, "slow"))
    await settle()
    await zoho.close()
    gate.set()

    assert ClientClosedError is type(await call)
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_a_bug_in_a_verdict_reaches_the_calls_that_wait(zoho, world):
    """A foreign exception passes through as it is, and the next call starts anew."""
    assert await get(zoho, "Leads") is None
    world.alive.clear()
    world.token_answers.append(KeyError("bug"))
    failures = await asyncio.gather(get(zoho, "Leads"), get(zoho, "Leads"))

    assert [KeyError, KeyError] == list(map(type, failures))
    assert await get(zoho, "Leads") is None


async def test_probes_and_resends_are_events(make, world):
    """Every request of the client is counted, also the one that looks what is wrong."""
    events = []
    async with make(on_event=events.append) as zoho:
        await get(zoho, "Leads")
        world.alive.clear()
        await get(zoho, "Leads")

    finished = [event for event in events if isinstance(event, RequestFinished)]
    retried = [event for event in events if isinstance(event, CallRetried)]
    assert [200, 401, 401, 200] == [event.status for event in finished]
    assert [12, 76, 76] == [event.size for event in finished[:3]]
    assert ORG == finished[2].url.removeprefix("https://www.zohoapis.eu")
    assert [1, 1, 1, 2] == [event.attempt for event in finished]
    assert [(1, 0.0)] == [(event.attempt, event.delay) for event in retried]


async def test_a_call_rejected_after_a_lost_answer_may_have_run(zoho, world):
    """The 401 itself ran nothing, but the send before may have."""
    assert await get(zoho, "Leads") is None
    world.answers["bad"] = collections.deque(
        [ConnectionLostError("lost"), INVALID_TOKEN, INVALID_TOKEN],
    )
    failure = await get(zoho, "bad")

    assert (AuthenticationError, 3, True) == (type(failure), failure.attempts, failure.maybe_done)


async def test_a_401_about_something_else_is_the_last_word_after_a_verdict(make_zoho, script):
    """The call is sent again after the verdict; what it then ends with is not about the token."""
    async with make_zoho() as zoho:
        await zoho.request("GET", "org")
        script.add(
            script.error(401, "INVALID_TOKEN"),
            script.response(200, {"org": []}),
            script.error(401, "SOMETHING_ELSE"),
        )
        with pytest.raises(AuthenticationError) as caught:
            await zoho.request("GET", "users")
    assert caught.value.code == "SOMETHING_ELSE"
