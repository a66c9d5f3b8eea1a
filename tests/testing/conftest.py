"""A fake Zoho, and a plain HTTP client that speaks to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import attrs
import pytest

from aiozcrm.testing import Clock, FakeZoho

#: It is run as a user's own tests are, by `test_pytest_plugin.py`.
collect_ignore = ["sample_project"]


@attrs.define
class ManualClock:
    """Stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@attrs.frozen
class Reply:
    """What came back."""

    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.text)


@attrs.frozen
class Caller:
    """Speaks to fakes, one connection a request, without hidden resends."""

    session: aiohttp.ClientSession

    async def send(self, method: str, url: str, **options: Any) -> Reply:
        """Send a request and read all of the reply."""
        async with self.session.request(method, url, **options) as response:
            return Reply(response.status, response.headers, await response.text())

    async def ask(self, fake: FakeZoho, **changes: str | None) -> Reply:
        """Ask for an access token; *changes* replace form fields, None leaves one out."""
        environ = fake.environ()
        form = {
            "grant_type": "refresh_token",
            "client_id": environ["ZOHO_CLIENT_ID"],
            "client_secret": environ["ZOHO_CLIENT_SECRET"],
            "refresh_token": environ["ZOHO_REFRESH_TOKEN"],
            **changes,
        }
        data = {name: value for name, value in form.items() if value is not None}
        return await self.send("POST", f"{fake.url}/oauth/v2/token", data=data)

    async def token(self, fake: FakeZoho) -> str:
        """Return a new access token."""
        token: str = (await self.ask(fake)).json["access_token"]
        return token

    async def call(
        self,
        fake: FakeZoho,
        method: str,
        path: str,
        *,
        token: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> Reply:
        """Call the API with *token*, and with more headers if there are any."""
        headers = {"Authorization": f"Zoho-oauthtoken {token}", **headers}
        return await self.send(method, f"{fake.url}/crm/v7/{path}", headers=headers, **options)

    async def delete(self, fake: FakeZoho, link_id: str, *, token: str, **options: Any) -> Reply:
        """Delete an unsubscribe link."""
        path = f"settings/unsubscribe_links/{link_id}"
        return await self.call(fake, "DELETE", path, token=token, **options)


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that only tests move."""
    return ManualClock()


@pytest.fixture
async def fake(clock: Callable[[], float]) -> AsyncIterator[FakeZoho]:
    """Run a fake with three links beside the Default link."""
    async with FakeZoho(links=3, clock=Clock(monotonic=clock)) as fake:
        yield fake


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """Return a client that sends each request once, on a connection of its own."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        # aiohttp would send a request again, unasked, when its connection breaks.
        session._retry_connection = False
        yield Caller(session)


@pytest.fixture
async def token(fake: FakeZoho, caller: Caller) -> str:
    """Return an access token for the fake."""
    return await caller.token(fake)


@pytest.fixture
def ask(fake: FakeZoho, caller: Caller, token: str) -> Callable[..., Any]:
    """Return what calls the API of the fake, and returns status and data."""

    async def ask(line: str, body: Any = None, **params: Any) -> tuple[int, Any]:
        method, path = line.split(" ")
        options = {} if body is None else {"json": body}
        reply = await caller.call(fake, method, path, token=token, params=params, **options)
        return reply.status, reply.json if reply.text else None

    return ask
