"""The fake itself: a local HTTP server that answers like Zoho."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import warnings
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from aiozcrm._clock import Clock
from aiozcrm.testing._callbacks import Callbacks
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._oauth._accounts import Accounts
from aiozcrm.testing._oauth._consent import Consent, OrgName
from aiozcrm.testing._server._accounts_server import AccountsServer
from aiozcrm.testing._server._api_server import ApiServer
from aiozcrm.testing._server._control import CONTROL, Control
from aiozcrm.testing._server._replies import Replies
from aiozcrm.testing._server._requests import Server
from aiozcrm.testing._thread import in_a_thread
from aiozcrm.testing._wire._scopes import EVERYTHING
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.fake_org import FakeOrg, RegisteredClient, Way
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.limits import Limits, TokenLimits
from aiozcrm.testing.stats import Stats

__all__ = ["FakeZoho", "UnusedFaultWarning"]

# What handlers get to end once they need not wait any more.
_SHUTDOWN_TIMEOUT: Final = 0.1
_WILDCARDS: Final = frozenset({"", "0.0.0.0"})  # noqa: S104 (to be told from addresses)
_REFRESH_TOKEN: Final = "1000.fakerefresh{:022}.fakerefresh0000000000000000002"  # noqa: S105


class UnusedFaultWarning(UserWarning):
    """A fault was scripted for a request that never came."""


class FakeZoho(FakeOrg):
    """Zoho's accounts server and CRM API on a local port, with faults on order.

    It is a server and the first org on it; :meth:`add_org` adds others.

    >>> async with FakeZoho(links=3) as fake:
    ...     fake.faults.script(Fault.SERVER_ERROR_AFTER)
    ...     credentials = fake.credentials()

    Code without an event loop uses ``with FakeZoho() as fake``, which runs it in a thread.
    When it ends, a fault that was scripted and never drawn is an `UnusedFaultWarning`.

    Args:
        links: How many unsubscribe links there are at first, beside the Default link.
        scope: What access tokens may do, separated by commas or spaces; None for everything.
        environment: Which environment the org is.
        client: The OAuth client that may ask for tokens.
        refresh_token: Its refresh token; None makes one up, each exchange of a code adds another.
        limits: How much the org may do.
        tokens: How many tokens there may be, and how long they live.
        dialect: Which reading it follows where Zoho's sources disagree.
        strict: Whether parameters that Zoho's reference does not name are an error.
        loose: Whether a call that Zoho has and this fake has not is answered with a plain
            success, which does nothing.
        host: The name or IPv4 address to listen on.
        port: The port to listen on; 0 takes any that is free.
        public_url: Where others reach it, such as from another container; None says where it
            listens.
        api_domain: What token answers say about where the API lives; None says `url`.
        latency: How many seconds an API answer takes, after its effect.
        clock: Tells the time, for expiry and throttle, and for what answers say of it.
        time_zone: In which answers tell the time; None for an hour east of UTC.

    Attributes:
        orgs: The orgs, itself first.
        faults: What goes wrong with API calls.
        token_faults: What goes wrong with requests to the token endpoint.
        stats: What has been seen and done.
        latency: How many seconds an API answer takes. May be set at any time, as may the next
            three.
        cookies: Whether API answers set cookies, as Zoho's do; at first they do not.
        strict: Whether parameters that Zoho's reference does not name are an error.
        loose: Whether a call that it cannot carry out is answered with a plain success.
    """

    def __init__(
        self,
        *,
        links: int = 0,
        scope: str | None = None,
        environment: str = "production",
        client: RegisteredClient | None = None,
        refresh_token: str | None = None,
        limits: Limits | None = None,
        tokens: TokenLimits | None = None,
        dialect: Dialect | None = None,
        strict: bool = True,
        loose: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
        api_domain: str | None = None,
        latency: float = 0.0,
        clock: Clock | None = None,
        time_zone: dt.tzinfo | None = None,
    ) -> None:
        self.faults: FaultPlan = FaultPlan()
        self.token_faults: FaultPlan = FaultPlan(impossible=frozenset({Fault.TOKEN_REVOKED}))
        self.stats: Stats = Stats()
        self._callbacks = Callbacks(self.stats)
        self.latency = latency
        self.cookies = False
        self.strict = strict
        self.loose = loose
        self.orgs: list[FakeOrg] = []
        self._host = host
        self._port = port
        self._public_url = public_url and public_url.rstrip("/")
        self._api_domain = api_domain
        self._dialect = dialect or Dialect()
        self._clock = clock or Clock()
        self._time_zone = time_zone or dt.timezone(dt.timedelta(hours=1))
        accounts = Accounts(
            limits=tokens or TokenLimits(),
            dialect=self._dialect,
            clock=self._clock.monotonic,
            stats=self.stats,
        )
        consent = Consent(clients=accounts.clients, codes=accounts.codes)
        self._way = Way(accounts=accounts, consent=consent, url=lambda: self.url)
        self._serve(accounts, consent)
        self._running: tuple[web.ServerRunner, asyncio.AbstractEventLoop] | None = None
        self._thread = contextlib.ExitStack()
        self._url = ""
        super().__init__(
            context=self._context_of("Oldenkamp Bindery", environment, limits or Limits()),
            way=self._way,
            client=client or RegisteredClient(),
            refresh_token=refresh_token or _REFRESH_TOKEN.format(1),
            scope=scope or EVERYTHING,
            links=links,
        )
        self._take_in(self)

    def add_org(
        self,
        name: str | None = None,
        *,
        links: int = 0,
        scope: str | None = None,
        environment: str = "production",
        client: RegisteredClient | None = None,
        refresh_token: str | None = None,
        limits: Limits | None = None,
    ) -> FakeOrg:
        """Add an org with data and credentials of its own, and return it.

        Args:
            name: What people call it; None makes a name up.
            links: How many unsubscribe links there are at first, beside the Default link.
            scope: What access tokens may do, separated by commas or spaces; None for everything.
            environment: Which environment it is.
            client: The OAuth client that may ask for tokens; None takes that of the first org.
            refresh_token: Its refresh token; None makes one up.
            limits: How much it may do.
        """
        number = len(self.orgs) + 1
        org = FakeOrg(
            context=self._context_of(name or f"Org {number}", environment, limits or Limits()),
            way=self._way,
            client=client or self._client,
            refresh_token=refresh_token or _REFRESH_TOKEN.format(number),
            scope=scope or EVERYTHING,
            links=links,
        )
        self._take_in(org)
        return org

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
        if exc_type is None:
            self._warn_of_unused_faults()

    def __enter__(self) -> Self:
        self._thread.enter_context(in_a_thread(self.start, self.close, name="FakeZoho"))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.close()
        if exc_type is None:
            self._warn_of_unused_faults()

    async def start(self) -> None:
        """Listen.

        Raises:
            RuntimeError: If the fake was started before; make another one.
            OSError: If the port is taken.
        """
        if self._url:
            raise RuntimeError("A FakeZoho starts only once.")
        server = Server(self._handle, self.stats)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_TIMEOUT)
        # The socket is ours from the beginning, so that being cancelled here leaves none open.
        listener = socket.create_server((self._host, self._port))
        try:
            await runner.setup()
            await web.SockSite(runner, listener).start()
        except BaseException:
            listener.close()
            await runner.cleanup()
            raise
        self._callbacks.start()
        self._running = runner, asyncio.get_running_loop()
        port = listener.getsockname()[1]
        host = "127.0.0.1" if self._host in _WILDCARDS else self._host
        self._url = self._public_url or f"http://{host}:{port}"
        self._way.accounts.api_domain = self._api_domain or self._url
        self._way.consent.accounts_url = self._url

    async def close(self) -> None:
        """Cut every connection and stop listening; closing again does nothing."""
        running, self._running = self._running, None
        if running is None:
            return
        runner, loop = running
        # It may be another loop than the caller's.
        closing = asyncio.run_coroutine_threadsafe(self._close(runner), loop)
        await asyncio.wrap_future(closing)

    def reset(self) -> None:
        """Bring every org back to what it held at first, and forget plans and statistics."""
        for plan in (self.faults, self.token_faults):
            plan.clear()
            plan.injected.clear()
        self.stats.clear()
        for org in self.orgs:
            org._start_again()  # noqa: SLF001 (it is one of ours)

    @property
    def url(self) -> str:
        """Where it can be reached, or could before it was closed.

        Raises:
            RuntimeError: If it was never started.
        """
        if not self._url:
            raise RuntimeError("Start the FakeZoho first: 'async with FakeZoho() as fake'.")
        return self._url

    def _serve(self, accounts: Accounts, consent: Consent) -> None:
        self._replies = Replies()
        self._by_id: dict[str, FakeOrg] = {}
        self._accounts_server = AccountsServer(
            accounts=accounts,
            consent=consent,
            user_info=lambda org_id: self._by_id[org_id].user_info(),
            replies=self._replies,
            faults=self.token_faults,
            stats=self.stats,
        )
        self._api_server = ApiServer(
            circumstances=self,
            orgs=self._by_id,
            accounts=accounts,
            replies=self._replies,
            faults=self.faults,
            stats=self.stats,
            dialect=self._dialect,
            wall=self._clock.wall,
        )
        self._control = Control(self)

    def _context_of(self, name: str, environment: str, limits: Limits) -> OrgContext:
        return OrgContext(
            number=len(self.orgs),
            name=name,
            environment=environment,
            dialect=self._dialect,
            limits=limits,
            stats=self.stats,
            wall=self._clock.wall,
            time_zone=self._time_zone,
            url=lambda: self.url,
            callbacks=self._callbacks,
        )

    def _take_in(self, org: FakeOrg) -> None:
        self.orgs.append(org)
        self._by_id[org.id] = org
        self._way.accounts.org_ids.append(org.id)
        self._way.consent.orgs.append(OrgName(org.id, f"{org.name} ({org.environment})"))

    async def _close(self, runner: web.ServerRunner) -> None:
        await self._callbacks.close()
        self._replies.hurry()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(CONTROL):
            return await self._control.handle(request)
        self.stats.requests.append((request.method, path))
        reply = await self._api_server.handle(request)
        return reply or await self._accounts_server.handle(request)

    def _warn_of_unused_faults(self) -> None:
        unused = [*self.faults.unused, *self.token_faults.unused]
        if unused:
            names = ", ".join(unused)
            message = f"These faults were scripted, but no request came for them: {names}."
            warnings.warn(message, UnusedFaultWarning, stacklevel=3)
