"""What the tests share: canned answers, a clock that does not wait, clients on both, a Redis."""

import asyncio
import collections
import contextlib
import functools
import gc
import inspect
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import hypothesis
import pytest
import redis
from aioresponses import aioresponses

from aiozcrm import Credentials, RetryPolicy, ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm._protocol import Request, Response
from aiozcrm.testing import FakeZoho

CLIENT_SECRET = "cs-0123456789abcdef"
REFRESH_TOKEN = "1000.refresh0123.refresh4567"

# A machine that is busy with other things is no fault of what is tested.
hypothesis.settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")
# All Pythons but one look for fewer new examples (see `tox.ini`).
hypothesis.settings.register_profile("brief", max_examples=20)

#: What a test needs beside Python if it uses one of these fixtures. It is marked so, and runs in
#: the tox environment of that name instead of once per Python.
NEEDS = {
    "redis_for_all": "redis",
    "make_redis": "redis",
    "browser": "browser",
    "start": "system",
    "run_in_terminal": "system",
    "commands": "system",
    "workers": "system",
    "reader": "system",
}

#: Where the tests with these marks are. Their environments look nowhere else (see `tox.ini`): to
#: collect all tests takes longer than to run these.
PLACES = {
    "redis": ("tests/channel_stores", "tests/interop", "tests/test_secrets", "tests/token_stores"),
    "browser": ("tests/cli",),
}

#: Which programs tests with these marks need.
PROGRAMS = {
    "redis": ["redis-server"],
    "browser": ["chromium", "chromedriver"],
    "node": ["node", "npm"],
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, before pytest chooses by marks."""
    for item in items:
        for name in NEEDS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(NEEDS[name])
        for mark, places in PLACES.items():
            if item.get_closest_marker(mark) and not item.nodeid.startswith(places):
                message = f"tox looks for tests that need {mark} in {places}: {item.nodeid}"
                raise pytest.UsageError(message)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing, and let it fail in CI."""
    for need, programs in PROGRAMS.items():
        if not item.get_closest_marker(need):
            continue
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            give_up = pytest.fail if os.environ.get("CI") else pytest.skip
            give_up(f"{' and '.join(missing)} missing; CONTRIBUTING.md tells how to get it")


def pytest_collection() -> None:
    """Look for no garbage while tests are collected, of which each lives until the end."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, but pass over the collected tests, which are thousands."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def children_as_for_a_user() -> None:
    """Let what tests start run as it does for a user, though the tests do not.

    In development mode asyncio writes whenever this machine is slow. Measuring coverage takes
    long to start, and leaves half a file when it is killed.
    """
    for name in ("PYTHONDEVMODE", "COVERAGE_PROCESS_CONFIG"):
        os.environ.pop(name, None)


class FakeClock:
    """Time that passes only when somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.now = 10_000.0
        self.wall_offset = 1_790_000_000.0
        self.slept: list[float] = []
        self.clock = Clock(
            monotonic=lambda: self.now,
            wall=lambda: self.now + self.wall_offset,
            sleep=self.sleep,
        )

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """Let the time pass and the other tasks run."""
        self.slept.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


Entry = Response | Exception | Callable[[Request], Awaitable[Response]]


class Script:
    """A sender that plays canned answers in order and records what was sent.

    Without an entry a token request gets a new token, and any other request a success.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.token_requests: list[Request] = []
        self._answers: collections.deque[Entry] = collections.deque()
        self._token_answers: collections.deque[Entry] = collections.deque()
        self.in_flight = 0
        self.most_in_flight = 0

    @staticmethod
    def response(status: int, body: Any = b"", **headers: str) -> Response:
        """Return an answer; a body that is not bytes is sent as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status, named, raw)

    def add(self, *entries: Entry) -> None:
        """Append answers for API requests."""
        self._answers.extend(entries)

    def add_token(self, *entries: Entry) -> None:
        """Append answers for token requests."""
        self._token_answers.extend(entries)

    def error(self, status: int, code: str, *, details: Any = None, **headers: str) -> Response:
        """Return an error answer in Zoho's form."""
        body = {"code": code, "details": details or {}, "message": "no", "status": "error"}
        return self.response(status, body, **headers)

    def gone(self) -> Response:
        """Return the answer to a delete of an id that is not part of the org."""
        return self.error(400, "INVALID_DATA", details={"resource_path_index": 2})

    def token(self, **changes: Any) -> Response:
        """Return a token answer; a change to None leaves the key out."""
        number = len(self.token_requests)
        body = {"access_token": f"1000.secret{number}.part", "expires_in": 3600} | changes
        return self.response(200, {key: value for key, value in body.items() if value is not None})

    async def send(self, request: Request) -> Response:
        """Play the next entry."""
        if request.path in {"/oauth/v2/token", "/oauth/v2/auth"}:
            self.token_requests.append(request)
            entry = self._token_answers.popleft() if self._token_answers else self.token()
        else:
            self.requests.append(request)
            entry = self._answers.popleft() if self._answers else self._success(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            if isinstance(entry, Response):
                return entry
            if isinstance(entry, Exception):
                raise entry
            return await entry(request)
        finally:
            self.in_flight -= 1

    def _success(self, request: Request) -> Response:
        record_id = request.path.rpartition("/")[2]
        item = {"code": "SUCCESS", "details": {"id": record_id}, "status": "success"}
        return self.response(200, {"unsubscribe_links": [item]})


@pytest.fixture
def clock() -> FakeClock:
    """Time that passes without waiting."""
    return FakeClock()


@pytest.fixture
def local_zone() -> Iterator[Callable[[str], None]]:
    """Return what takes this machine to a time zone, as the variable TZ names it."""
    with pytest.MonkeyPatch.context() as patch:

        def move(zone: str) -> None:
            patch.setenv("TZ", zone)
            time.tzset()

        yield move
    time.tzset()


@pytest.fixture
def script() -> Script:
    """Canned answers in the network's place."""
    return Script()


@pytest.fixture
def credentials() -> Credentials:
    """Credentials of a production org in the EU."""
    return Credentials(
        client_id="1000.CLIENT",
        client_secret=CLIENT_SECRET,
        refresh_token=REFRESH_TOKEN,
        data_center="eu",
    )


@pytest.fixture
def secrets() -> list[str]:
    """All that must never be seen."""
    return [CLIENT_SECRET, REFRESH_TOKEN, "1000.secret"]


@pytest.fixture
def make_zoho(
    credentials: Credentials,
    script: Script,
    clock: FakeClock,
) -> Callable[..., ZohoCRM]:
    """Make a client on canned answers and a clock that does not wait."""

    def make(**options: Any) -> ZohoCRM:
        given = {"credentials": credentials, "sender": script, "clock": clock.clock} | options
        return ZohoCRM(given.pop("credentials"), **given)

    return make


@pytest.fixture
async def zoho(make_zoho: Callable[..., ZohoCRM]) -> AsyncIterator[ZohoCRM]:
    """Yield such a client."""
    async with make_zoho() as client:
        yield client


@pytest.fixture
async def fake() -> AsyncIterator[FakeZoho]:
    """Yield a local Zoho."""
    async with FakeZoho() as running:
        yield running


@pytest.fixture
def quick() -> RetryPolicy:
    """Retries that hardly wait, for tests on real connections."""
    return RetryPolicy(first_delay=0.001, max_delay=0.01)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[aioresponses]:
    """Answers for aiohttp requests, without a network."""
    parameters = inspect.signature(aiohttp.ClientResponse).parameters
    if "stream_writer" in parameters:
        # aioresponses 0.7.9 does not pass what aiohttp 3.14 asks for.
        writer = SimpleNamespace(output_size=0)
        response = functools.partial(aiohttp.ClientResponse, stream_writer=writer)
        monkeypatch.setattr("aioresponses.core.ClientResponse", response)
    with aioresponses() as mocked:
        yield mocked


class RedisServer:
    """A Redis of our own, on a free port of this machine, that keeps nothing on a disk."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = self._free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", "--appendonly", "no", *options]
        self._process: subprocess.Popen | None = None
        self.client = redis.Redis(port=self.port)

    @staticmethod
    def _free_port() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            return listening.getsockname()[1]

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603  # ours
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + 10
        while True:
            with contextlib.suppress(redis.ConnectionError):
                self.client.ping()
                return
            assert self._process.poll() is None, "redis-server has ended at once"
            assert time.monotonic() < give_up_at, "redis-server does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it at once; what it held is lost."""
        self.client.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def everything(self) -> bytes:
        """Return the names and values of all keys."""
        names = self.client.keys()
        return b"\n".join(names + [self.client.get(name) or b"" for name in names])


@pytest.fixture(scope="session")
def redis_for_all(tmp_path_factory):
    """Yield a Redis that all tests use; none stops it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_for_all):
    """Return that Redis, empty."""
    redis_for_all.client.flushall()
    return redis_for_all


@pytest.fixture
def redis_url(redis_server):
    """Return where an empty Redis is."""
    return redis_server.url


@pytest.fixture
def make_redis(tmp_path):
    """Start a Redis with options of its own, which may be stopped."""
    with contextlib.ExitStack() as stack:

        def make(*options):
            server = RedisServer(tmp_path, *options)
            stack.callback(server.stop)
            server.start()
            return server

        yield make
