"""The fake itself: a local HTTP server that answers like Zoho."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from aiozcrm.auth import ClientCredentials, Credentials, OAuthClient
from aiozcrm.testing._access_tokens import Limits
from aiozcrm.testing._accounts import Accounts
from aiozcrm.testing._accounts_server import AccountsServer
from aiozcrm.testing._answers import RefusalError
from aiozcrm.testing._api_server import ApiServer
from aiozcrm.testing._apis import Apis
from aiozcrm.testing._codes import Codes, split_scopes
from aiozcrm.testing._consent import Consent
from aiozcrm.testing._operations import API_ROOT, Operations
from aiozcrm.testing._org import Org
from aiozcrm.testing._replies import Replies
from aiozcrm.testing._thread import in_a_thread
from aiozcrm.testing._unsubscribe_links import UnsubscribeLinks
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import Stats

__all__ = ["FakeZoho"]

# What handlers get to end once they need not wait any more.
_SHUTDOWN_TIMEOUT: Final = 0.1


class FakeZoho:
    """Zoho's accounts server and CRM API on a local port, with faults on order.

    >>> async with FakeZoho(links=3) as fake:
    ...     fake.faults.script(Fault.SERVER_ERROR_AFTER)
    ...     credentials = fake.credentials()

    Code without an event loop uses ``with FakeZoho() as fake``, which runs it in a thread.

    Args:
        links: How many unsubscribe links there are at first, beside the Default link.
        link_limit: How many links there may be, the Default link counted, for another to be
            created by the API; None sets no limit. *links* and `add_link` know none.
        dialect: Which reading it follows where Zoho's sources disagree.
        host: The name or IPv4 address to listen on.
        port: The port to listen on; 0 takes any that is free.
        client_id: The OAuth client that may ask for tokens.
        client_secret: Its secret.
        refresh_token: Its refresh token; each exchange of a code adds another.
        redirect_uri: The one that is registered for the client; None takes any of this machine.
        scope: What access tokens may do, separated by commas or spaces.
        environment: What `credentials`, `environ` and the consent page say.
        api_domain: What token answers say about where the API lives; None says `url`.
        token_lifetime: How many seconds an access token lives.
        code_lifetime: How many seconds a grant code lives.
        token_limit: How many access tokens are made within *token_window* for each refresh
            token, and how many codes exchanged.
        token_window: How many seconds the token limit looks back, and how many quiet seconds
            after the latest refused ask end a block.
        throttle_status: The HTTP status of that refusal, 200 or 400: both have been seen.
        live_tokens: How many access tokens of a refresh token live at once; one more evicts the
            oldest.
        max_concurrency: How many API calls may be in progress at once; more are refused with
            429 at the door, before their token is looked at or a fault is drawn.
        credits: How many API calls are left today. Once half of them are used every answer tells
            what remains; at 0 every call is refused with 429.
        latency: How many seconds an API answer takes, after its effect.
        clock: Tells the time in seconds, for expiry and throttle.
        wall: Tells the time in seconds since 1970, for what answers say of it.
        cookies: Whether API answers set cookies, as Zoho's do.

    Attributes:
        faults: What goes wrong with API calls.
        token_faults: What goes wrong with requests to the token endpoint.
        stats: What has been seen and done.
        permission_denied: Whether the user lacks every permission. May be set at any time, as may
            *max_concurrency*, *credits*, *latency* and *cookies*.
    """

    def __init__(
        self,
        *,
        links: int = 0,
        link_limit: int | None = 10,
        dialect: Dialect | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        client_id: str = "1000.FAKECLIENT0000000000000000000001",
        client_secret: str = "fakesecret000000000000000000000000000000001",  # noqa: S107 (made up)
        refresh_token: str = "1000.fakerefresh0000000000000000001.fakerefresh0000000000000000002",  # noqa: S107 (made up)
        redirect_uri: str | None = None,
        scope: str = "ZohoCRM.settings.unsubscribe.ALL,ZohoCRM.org.ALL,ZohoCRM.apis.READ",
        environment: str = "production",
        api_domain: str | None = None,
        token_lifetime: float = 3600.0,
        code_lifetime: float = 180.0,
        token_limit: int = 10,
        token_window: float = 600.0,
        throttle_status: int = 200,
        live_tokens: int = 15,
        max_concurrency: int | None = None,
        credits: int | None = None,  # noqa: A002 (Zoho's word)
        latency: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        cookies: bool = False,
    ) -> None:
        self.faults: FaultPlan = FaultPlan()
        self.token_faults: FaultPlan = FaultPlan(impossible=frozenset({Fault.TOKEN_REVOKED}))
        self.stats: Stats = Stats()
        self.permission_denied = False
        self.max_concurrency = max_concurrency
        self.credits = credits
        self.latency = latency
        self.cookies = cookies
        self._host = host
        self._port = port
        self._environment = environment
        self._api_domain = api_domain
        org = Org(environment=environment)
        codes = Codes(lifetime=code_lifetime, clock=clock, stats=self.stats)
        self._accounts = Accounts(
            client_id=client_id,
            client_secret=client_secret,
            refresh_token=refresh_token,
            scopes=split_scopes(scope),
            org_id=org.id,
            limits=Limits(
                lifetime=token_lifetime,
                made=token_limit,
                window=token_window,
                live=live_tokens,
                clock=clock,
            ),
            throttle_status=throttle_status,
            codes=codes,
            stats=self.stats,
        )
        self._consent = Consent(
            client_id=client_id,
            redirect_uri=redirect_uri,
            org=org.name,
            environment=environment,
            codes=codes,
        )
        dialect = dialect or Dialect()
        self._links = UnsubscribeLinks(
            stats=self.stats, dialect=dialect, limit=link_limit, wall=wall
        )
        self.add_links(links)
        resources = (self._links, org)
        self._replies = Replies()
        self._accounts_server = AccountsServer(
            accounts=self._accounts,
            consent=self._consent,
            replies=self._replies,
            faults=self.token_faults,
            stats=self.stats,
        )
        self._api_server = ApiServer(
            circumstances=self,
            operations=Operations(*resources, Apis(*resources)),
            accounts=self._accounts,
            replies=self._replies,
            faults=self.faults,
            stats=self.stats,
            dialect=dialect,
            credits_at_first=credits or 0,
        )
        self._running: tuple[web.ServerRunner, asyncio.AbstractEventLoop] | None = None
        self._thread = contextlib.ExitStack()
        self._url = ""

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

    def __enter__(self) -> Self:
        self._thread.enter_context(in_a_thread(self))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.close()

    async def start(self) -> None:
        """Listen.

        Raises:
            RuntimeError: If the fake was started before; make another one.
            OSError: If the port is taken.
        """
        if self._url:
            raise RuntimeError("A FakeZoho starts only once.")
        server = _Server(self._handle, self.stats)
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
        self._running = runner, asyncio.get_running_loop()
        port = listener.getsockname()[1]
        self._url = f"http://{self._host}:{port}"
        self._accounts.api_domain = self._api_domain or self._url
        self._consent.accounts_url = self._url

    async def close(self) -> None:
        """Cut every connection and stop listening; closing again does nothing."""
        running, self._running = self._running, None
        if running is None:
            return
        runner, loop = running
        # It may be another loop than that of who closes.
        closing = asyncio.run_coroutine_threadsafe(self._close(runner), loop)
        await asyncio.wrap_future(closing)

    async def _close(self, runner: web.ServerRunner) -> None:
        self._replies.hurry()
        await runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens, or listened before it was closed.

        Raises:
            RuntimeError: If it was never started.
        """
        if not self._url:
            raise RuntimeError("Start the FakeZoho first: 'async with FakeZoho() as fake'.")
        return self._url

    def credentials(self) -> Credentials:
        """Return credentials with which a client speaks to this fake."""
        return Credentials(
            client_id=self._accounts.client_id,
            client_secret=self._accounts.client_secret,
            refresh_token=self._accounts.refresh_token,
            data_center="us",
            environment=self._environment,
            accounts_url=self.url,
            api_url=self.url,
        )

    def client_credentials(self) -> ClientCredentials:
        """Return credentials with which a client speaks to this fake without a refresh token."""
        return ClientCredentials(
            client_id=self._accounts.client_id,
            client_secret=self._accounts.client_secret,
            org_id=self._accounts.org_id,
            scopes=self._accounts.scopes,
            environment=self._environment,
            accounts_url=self.url,
            api_url=self.url,
        )

    def oauth_client(self) -> OAuthClient:
        """Return the client that users of this fake can authorize."""
        return OAuthClient(
            client_id=self._accounts.client_id,
            client_secret=self._accounts.client_secret,
            environment=self._environment,
            accounts_url=self.url,
            api_url=self.url,
        )

    def make_code(self, scope: str | None = None) -> str:
        """Return a code as the API console makes one for a self client.

        Args:
            scope: What its tokens may do, separated by commas or spaces; None for what those of
                the first refresh token may do.
        """
        return self._accounts.make_code(scope)

    def consent(self, url: str, *, accept: bool = True) -> str:
        """Return where a user's browser that was sent to *url* comes back to.

        Args:
            url: The page that asks: the ``url`` of an :class:`aiozcrm.AuthorizationRequest`.
            accept: Whether the user says yes.

        Raises:
            ValueError: If the page would be an error instead.
        """
        params = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        try:
            return self._consent.decide(params | {"decision": "accept" if accept else "reject"})
        except RefusalError as refused:
            raise ValueError(refused.answer.body.decode()) from None

    def environ(self) -> dict[str, str]:
        """Return the same credentials as environment variables."""
        return {
            "ZOHO_CLIENT_ID": self._accounts.client_id,
            "ZOHO_CLIENT_SECRET": self._accounts.client_secret,
            "ZOHO_REFRESH_TOKEN": self._accounts.refresh_token,
            "ZOHO_DATA_CENTER": "us",
            "ZOHO_ENVIRONMENT": self._environment,
            "ZOHO_ACCOUNTS_URL": self.url,
            "ZOHO_API_URL": self.url,
        }

    @property
    def default_link_id(self) -> str:
        """The id of the Default link, which is always there."""
        return self._links.default_id

    @property
    def link_ids(self) -> list[str]:
        """The ids of the unsubscribe links that exist now, the Default link first."""
        return self._links.ids

    def add_link(self, name: str | None = None) -> str:
        """Add an unsubscribe link and return its id; the same ids follow one another each time.

        Args:
            name: What it is called; None makes a name up.
        """
        return self._links.add(name)

    def add_links(self, count: int) -> list[str]:
        """Add *count* unsubscribe links and return their ids."""
        return [self.add_link() for _ in range(count)]

    def remove_link(self, link_id: str) -> None:
        """Remove an unsubscribe link as somebody else would; it does not count as an effect.

        Raises:
            KeyError: If there is no such link.
        """
        self._links.remove(link_id)

    def add_association(
        self,
        link_id: str,
        name: str,
        *,
        place: str = "email_templates",
        module: str | None = "Contacts",
    ) -> str:
        """Let an unsubscribe link be in use once more, and return the id of what uses it.

        Args:
            link_id: The link.
            name: What it is that uses it.
            place: What kind of thing that is, ``email_templates`` or ``email_footer``.
            module: The module that it belongs to; None shows a null.

        Raises:
            KeyError: If there is no such link.
        """
        return self._links.add_association(link_id, name, place=place, module=module)

    def link(self, link_id: str) -> dict[str, Any]:
        """Return an unsubscribe link as the API shows it.

        Raises:
            KeyError: If there is no such link.
        """
        return self._links.to_api(link_id)

    def expire_tokens(self) -> None:
        """Let every access token end now."""
        self._accounts.expire_tokens()

    def revoke_refresh_token(self) -> None:
        """Refuse the first refresh token from now on, and every access token made from it."""
        self._accounts.revoke_refresh_token(self._accounts.refresh_token)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        self.stats.requests.append((request.method, path))
        if path.startswith(API_ROOT):
            return await self._api_server.handle(request)
        return await self._accounts_server.handle(request)


class _Server(web.Server):
    """A server that counts its connections."""

    def __init__(
        self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], stats: Stats
    ) -> None:
        # Whoever hangs up ends the wait of the request as well.
        super().__init__(handler, handler_cancellation=True, access_log=None)
        self._stats = stats

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._stats.connections += 1
