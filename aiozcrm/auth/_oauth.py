"""The access token that looks after itself."""

from __future__ import annotations

import asyncio
import collections
import math
import random
from collections.abc import Callable
from functools import partial
from typing import Final

import attr as attrs

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._protocol import Host, Sender, Token
from aiozcrm._receivers import null_receiver
from aiozcrm.auth._asking import TokenRequest, outage_pause, seconds_until_spare
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.auth._hosts import check_api_domain, check_file_host
from aiozcrm.auth._live_token import LiveToken
from aiozcrm.auth._shared_state import SharedState
from aiozcrm.auth._shared_tasks import SharedTasks
from aiozcrm.auth._verdicts import (
    Judgement,
    Verdict,
    accepts_token,
    is_passing,
    probe,
    proves_host,
    rejects_token,
)
from aiozcrm.datacenters import download_url_of, upload_url_of
from aiozcrm.errors import (
    ClientRejectedError,
    EnvironmentMismatchError,
    ForeignHostError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    ZohoError,
)
from aiozcrm.events import (
    EventReceiver,
    TokenRefreshed,
    TokenRefreshFailed,
    logger,
)
from aiozcrm.token_stores import StoredToken, TokenState, TokenStore

__all__ = ["OAuth"]

#: For how many seconds a failed refresh speaks for the next ones, by what went wrong.
_CONFIGURATION_PAUSE: Final = 60.0
_STORE_PAUSE: Final = 5.0

#: How many replaced tokens are remembered. As many live at once; one more ends the oldest.
_REPLACED_TOKENS: Final = 15


class _Failure:
    """Why there is no new token, and until when no caller needs to ask again.

    Attributes:
        error: Why.
        until: In seconds of the monotonic clock.
        while_serving: Whether it only holds as long as the present token serves.
    """

    __slots__ = ("error", "until", "while_serving")

    def __init__(self, error: TokenError, until: float, *, while_serving: bool) -> None:
        self.error = error
        self.until = until
        self.while_serving = while_serving


class OAuth:
    """Always hands out a usable access token.

    One refresh serves any number of waiting tasks, and so does one verdict on a token that was
    rejected. Both run in tasks of their own, so cancelling a waiter, even the one that started
    them, disturbs no other.

    Args:
        credentials: Make the tokens.
        sender: Sends one request.
        store: Where tokens are shared.
        clock: Tells the time.
        emit: Receives events.
        jitter: Returns a random number between two others.

    Attributes:
        accepted: The token that the API accepted last, where that is known.
        good_path: The path of a GET call that the API has accepted; None before the first.
        store_key: What stores keep things of these credentials under; no secret shows.
    """

    def __init__(
        self,
        credentials: OrgCredentials,
        *,
        sender: Sender,
        store: TokenStore,
        clock: Clock = SYSTEM_CLOCK,
        emit: EventReceiver | None = None,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        if not isinstance(credentials, OrgCredentials):
            raise TypeError(
                "credentials must be Credentials or ClientCredentials, "
                f"not {type(credentials).__name__}"
            )
        self.accepted: Token | None = None
        self.good_path: str | None = None
        self.store_key: str = credentials.store_key
        self._credentials = credentials
        self._sender = sender
        self._clock = clock
        self._now = clock.monotonic
        self._emit = emit or null_receiver
        self._jitter = jitter
        self._shared = SharedState(store, self.store_key, emit=self._emit)
        self._live: LiveToken | None = None
        self._live_was_accepted = False
        # More than the last one: a store that fails to save goes on offering an older one.
        self._replaced_tokens: collections.deque[str] = collections.deque(maxlen=_REPLACED_TOKENS)
        # Whether the last token that was shown to the probe was rejected there.
        self._probe_rejects = False
        self._proven_host: str | None = None
        self._last_api_url = credentials.api_url_base
        self._refresh_task: asyncio.Task[Token] | None = None
        self._judgement: Judgement | None = None
        self._failure: _Failure | None = None
        self._tasks = SharedTasks()

    @property
    def account(self) -> tuple[str, str]:
        """Where calls go unless a token says otherwise, and a digest of whose tokens these are."""
        return self._credentials.api_url_base, self._credentials.account_digest

    @property
    def whereabouts(self) -> str:
        """Say which host, data centre and environment are in use, for errors."""
        return (
            f"Calls go to {self._last_api_url}, tokens come from "
            f"{self._credentials.token_url_base} (data centre {self._credentials.data_center!r}, "
            f"environment {self._credentials.environment!r}): is that where the org lives?"
        )

    def url_of(self, host: Host, token: Token) -> str:
        """Return scheme and host for a call.

        Args:
            host: Which of the hosts for files takes it, or scheme and host as an answer names
                them.
            token: The token that it will carry.

        Raises:
            aiozcrm.errors.ForeignHostError: If the host must not see the token.
        """
        mine = self._credentials
        if host == "upload":
            return mine.upload_url or upload_url_of(token.api_url)
        if host == "download":
            return mine.download_url or download_url_of(token.api_url)
        return check_file_host(host, mine, api_url=token.api_url)

    def usable(self) -> Token | None:
        """Return the token if it needs no thought at all."""
        live = self._live
        if live is not None and self._now() < live.soft_end:
            return live.token
        return None

    async def token(self) -> Token:
        """Return a token, after waiting for a refresh if there is no other way.

        Raises:
            aiozcrm.errors.TokenError: If there is none to be had.
            aiozcrm.errors.ClientClosedError: If the client is closed meanwhile.
        """
        live, now = self._live, self._now()
        if live is not None and now < live.hard_end:
            if now >= live.soft_end and self._remembered_failure() is None:
                self._refresh_in_background()
            return live.token
        try:
            if error := self._remembered_failure():
                raise error
            return await self._tasks.result_of(self._refresh_in_background())
        except TokenError as error:
            # An endpoint in trouble says nothing against a token that still lives.
            passing = isinstance(error, (TokenEndpointError, TokenThrottledError))
            if passing and live is not None and live is self._live and self._now() < live.end:
                return live.token
            raise

    def note_accepted(self, token: Token, good_path: str | None = None) -> None:
        """Note that the API accepted *token*: its host is right, and it has worked.

        Args:
            token: The token.
            good_path: The path of the call if it was a GET.
        """
        self.accepted = token
        self.good_path = good_path or self.good_path
        self._proven_host = token.api_url
        if self._live is not None and self._live.token is token:
            self._live_was_accepted = True

    def judge(self, token: Token, *, probe_path: str) -> tuple[Judgement, bool] | None:
        """Find out whether *token* is dead, and replace it if so.

        Call it at once when an answer with status 401 arrives. Until there is a replacement the
        token goes on serving other calls.

        Args:
            token: The token that the request carried.
            probe_path: The path of a GET call that any token may make.

        Returns:
            The judgement to wait for, and whether it has just begun; None if the token has been
            replaced since the request was sent.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed.
        """
        if self._live is None or self._live.token is not token:
            return None
        current = self._judgement
        if current is not None:
            if current.task.done():
                current = None
            elif current.open and current.token is token:
                return current, False
        judgement = Judgement(token)
        judgement.task = self._tasks.start(
            self._judge(judgement, current, probe_path),
            name="aiozcrm: verdict on a token",
        )
        self._judgement = judgement
        return judgement, True

    async def verdict(self, judgement: Judgement) -> Verdict:
        """Wait for a verdict.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed meanwhile.
        """
        return await self._tasks.result_of(judgement.task)

    async def close(self) -> None:
        """End the tasks that are under way. Calls that wait for one get an error at once."""
        await self._tasks.close()

    def _remembered_failure(self, *, serving: bool = True) -> TokenError | None:
        """Return the last failure while it still speaks for the next refresh.

        Args:
            serving: Whether the present token serves, for all that is known.
        """
        if self._failure is None or (self._failure.while_serving and not serving):
            return None
        remaining = self._failure.until - self._now()
        if remaining <= 0:
            return None
        error = self._failure.error.for_another_caller()
        if isinstance(error, TokenThrottledError):
            error.retry_after = remaining
        return error

    def _refresh_in_background(
        self,
        *,
        rejected: bool = False,
        spare: bool = False,
    ) -> asyncio.Task[Token]:
        def forget(_: asyncio.Task[Token]) -> None:
            self._refresh_task = None

        if self._refresh_task is None:
            self._refresh_task = self._tasks.start(
                self._refresh(rejected=rejected, spare=spare),
                name="aiozcrm: refresh of the token",
            )
            self._refresh_task.add_done_callback(forget)
        return self._refresh_task

    async def _refresh(self, *, rejected: bool, spare: bool) -> Token:
        """Take the token that another client left in the store, or ask for a new one.

        Args:
            rejected: Whether the API rejects the present token.
            spare: Whether no token has worked yet.

        Raises:
            aiozcrm.errors.TokenError: If there is none to be had.
        """
        started = self._now()
        while_serving = False
        try:
            async with self._shared.lock() as held:
                state, loaded = await self._shared.load()
                shared = self._from_store(state.token)
                serves = self._live is not None and self._now() < self._live.hard_end
                if shared is None and not (held and loaded) and not rejected and serves:
                    # All clients that share the store would ask, each for itself.
                    while_serving = True
                    raise TokenEndpointError(
                        "The token store failed, and the present token still serves.",
                        hint="Repair the store; it is tried again.",
                    )
                live = shared or await self._ask(state, held=held, spare=spare)
        except TokenError as error:
            logger.warning("no new access token: %s", error)
            until = self._now() + self._silence_after(error)
            self._failure = _Failure(error, until, while_serving=while_serving)
            self._emit(TokenRefreshFailed(error=error))
            raise
        if self._live is not None:
            self._replaced_tokens.append(self._live.token.access_token)
        self._live, self._live_was_accepted = live, False
        self._last_api_url = live.token.api_url
        self._failure = None
        self._emit(
            TokenRefreshed(
                seconds=self._now() - started,
                lifetime=live.end - self._now(),
                from_store=shared is not None,
            ),
        )
        return live.token

    def _silence_after(self, error: TokenError) -> float:
        """Return for how many seconds *error* speaks for the next refreshes, too."""
        if isinstance(error, TokenThrottledError):
            return error.retry_after
        if isinstance(error, TokenEndpointError):
            return outage_pause(self._shared.known, self._clock.wall()) or _STORE_PAUSE
        if isinstance(error, ClientRejectedError):
            return _CONFIGURATION_PAUSE
        return math.inf

    def _from_store(self, stored: StoredToken | None) -> LiveToken | None:
        """Return the stored token if it can take the place of the present one."""
        if stored is None or stored.access_token in self._replaced_tokens:
            return None
        if self._live is not None and stored.access_token == self._live.token.access_token:
            return None
        # A wall clock that jumped must not lend a token more life than it was made with.
        remaining = min(stored.expires_at - self._clock.wall(), stored.lifetime)
        try:
            api_url = self._api_url(stored.api_domain)
        except (ForeignHostError, EnvironmentMismatchError) as error:
            logger.warning("the token in the store is not used: %s", error.message)
            return None
        live = LiveToken.until(
            self._now() + remaining,
            token=Token(access_token=stored.access_token, api_url=api_url),
            lifetime=stored.lifetime,
            jitter=self._jitter,
        )
        return live if self._now() < live.hard_end else None

    def _api_url(self, api_domain: str | None) -> str:
        """Return where a token's calls go.

        Raises:
            aiozcrm.errors.ForeignHostError: If that is neither Zoho's nor named by the user.
            aiozcrm.errors.EnvironmentMismatchError: If it is another environment.
        """
        if api_domain is None:
            return self._last_api_url
        mine = self._credentials
        named = check_api_domain(api_domain, mine, environment=mine.environment)
        return mine.api_url or named

    async def _ask(self, state: TokenState, *, held: bool, spare: bool) -> LiveToken:
        """Ask for a new token and keep it.

        Raises:
            aiozcrm.errors.TokenError: If there is none to be had.
        """
        request = TokenRequest(
            self._credentials,
            sender=self._sender,
            clock=self._clock,
            state=state,
            spare=spare,
        )
        try:
            grant = await request.grant()
            api_url = self._api_url(grant.api_domain)
        except (TokenError, asyncio.CancelledError):
            if request.state != state:
                await self._shared.keep(request.state, held=held)
            raise
        live = LiveToken.until(
            request.asked_at + grant.lifetime,
            token=Token(access_token=grant.access_token, api_url=api_url),
            lifetime=grant.lifetime,
            jitter=self._jitter,
        )
        stored = StoredToken(
            access_token=grant.access_token,
            expires_at=self._clock.wall() + live.end - self._now(),
            lifetime=grant.lifetime,
            api_domain=grant.api_domain,
        )
        await self._shared.keep(attrs.evolve(request.state, token=stored), held=held)
        return live

    async def _judge(
        self,
        judgement: Judgement,
        before: Judgement | None,
        probe_path: str,
    ) -> Verdict:
        """Find out whether the token is dead, and replace it if so."""
        token = judgement.token
        if before is not None:
            await asyncio.wait((before.task,))
        is_dead = False
        if self._is_live(token) and token.api_url == self._proven_host:
            # An answer to a request that was sent before a rejection arrived proves nothing.
            judgement.open = False
            error = await self._probe(token, probe_path)
            if error is None:
                return Verdict(
                    "accepted",
                    hint="Zoho accepts the token in other calls, so this call is at fault.",
                )
            if is_passing(error):
                return Verdict(
                    "undecided",
                    hint=f"Whether the token is dead could not be found out: {error.message}",
                    error=error,
                )
            is_dead = rejects_token(error)
            judgement.open = True
        if not self._is_live(token):
            return Verdict("replaced")
        spare = not (is_dead and self._live_was_accepted)
        if spare:
            # Either the host is wrong, or tokens die before they have worked.
            self.accepted = self._proven_host = None
            state, _ = await self._shared.load()
            pause = seconds_until_spare(state, self._clock.wall())
            if pause and self._from_store(state.token) is None:
                return Verdict(
                    "kept",
                    hint=f"It is not known yet whether the token or the host is wrong, and "
                    f"another token is not made for {pause:.0f} s. {self.whereabouts}",
                )
        try:
            await self._replace(token, spare=spare)
        except TokenError as error:
            return Verdict("kept", hint=f"There is no other token: {error}", error=error)
        return Verdict("replaced")

    async def _probe(self, token: Token, path: str) -> ZohoError | None:
        """Ask the API whether it accepts a token.

        What rejects one token after the other may itself be at fault, and each rejection would
        cost a token. Then a call that has worked has the last word.

        Args:
            token: The token.
            path: The path of a GET call that any token may make.

        Returns:
            None if it does, else the error.
        """
        ask = partial(probe, token, sender=self._sender, clock=self._clock, emit=self._emit)
        error = await ask(path)
        is_accepted = error is None or accepts_token(error)
        is_rejected = error is not None and rejects_token(error)
        if is_rejected and self._probe_rejects and self.good_path is not None:
            error = await ask(self.good_path)
            is_accepted = error is None or proves_host(error)
        elif is_accepted or is_rejected:
            self._probe_rejects = is_rejected
        if is_accepted:
            self.note_accepted(token)
            return None
        return error

    def _is_live(self, token: Token) -> bool:
        return self._live is not None and self._live.token is token

    async def _replace(self, token: Token, *, spare: bool) -> None:
        """Replace *token*, which stays in use until then.

        Raises:
            aiozcrm.errors.TokenError: If there is no other one; then it stays.
        """
        while self._refresh_task is not None:
            # It began before the token was rejected, and may be content with it.
            await asyncio.wait((self._refresh_task,))
        if self._is_live(token):
            if error := self._remembered_failure(serving=False):
                raise error
            await self._tasks.result_of(self._refresh_in_background(rejected=True, spare=spare))
