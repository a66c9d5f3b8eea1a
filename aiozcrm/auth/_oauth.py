"""The access token that looks after itself."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import math
import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Literal, NamedTuple

import attrs

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._protocol import (
    Sender,
    Token,
    TokenGrant,
    TokenRefusedForNowError,
)
from aiozcrm.auth._asking import TOKENS_PER_WINDOW, Asking
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.auth._hosts import check_api_domain
from aiozcrm.errors import (
    ClientClosedError,
    ClientRejectedError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    ZohoError,
)
from aiozcrm.events import (
    EventReceiver,
    TokenRefreshed,
    TokenRefreshFailed,
    TokenStoreFailed,
    logger,
    nobody,
)
from aiozcrm.token_stores import StoredToken, StoreLockedError, TokenState, TokenStore

__all__ = ["OAuth"]

#: For how many seconds a token that was made counts, and a first refusal lasts.
#: https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
_WINDOW: Final = 600.0
#: Asking while refused prolongs the refusal, so each refusal in a row doubles our silence.
_LONGEST_SILENCE: Final = 1800.0

#: The margins before a token's end, as parts of its life: 5 minutes and 1 minute of an hour.
_SOFT_MARGIN: Final = 300.0
_HARD_MARGIN: Final = 60.0
_HOUR: Final = 3600.0

#: For how many seconds a failed refresh speaks for the next ones, by what went wrong.
_CONFIGURATION_PAUSE: Final = 60.0
_OUTAGE_PAUSE: Final = 5.0

#: How many refused tokens are remembered. As many live at once; one more ends the oldest.
_REFUSED_TOKENS: Final = 15


class _LiveToken(NamedTuple):
    """A token in use, with its moments on this process's own clock."""

    token: Token
    soft_end: float
    hard_end: float
    end: float


class _Failure(NamedTuple):
    """Why there is no token, and until when nobody needs to ask again."""

    error: TokenError
    until: float


class OAuth:
    """Always hands out a usable access token.

    One refresh serves any number of waiting tasks. It runs in a task of its own, so cancelling
    a waiter, even the one that started it, disturbs nobody else.

    Args:
        credentials: Who calls.
        sender: Sends one request.
        store: Where tokens are shared.
        clock: Tells the time.
        emit: Receives events.
        jitter: Returns a random number between two others.
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
        self._credentials = credentials
        self._sender = sender
        self._store = store
        self._key = credentials.store_key
        self._clock = clock
        self._now = clock.monotonic
        self._emit = emit or nobody
        self._jitter = jitter
        self._live: _LiveToken | None = None
        # More than the last one: a store that fails to save goes on offering an older one.
        self._refused_tokens: collections.deque[str] = collections.deque(maxlen=_REFUSED_TOKENS)
        # What this client knows when the store fails to tell, and whether the store has it.
        self._known = TokenState()
        self._known_to_all = True
        self._last_api_url = credentials.api_url_base
        self._refresh_task: asyncio.Task[Token] | None = None
        self._failure: _Failure | None = None
        # The failure that says to wait for the store, which only goes while a token serves.
        self._patience: TokenError | None = None
        self._closed = False

    @property
    def whereabouts(self) -> str:
        """Say which host, data centre and environment are in use, for errors."""
        return (
            f"Calls go to {self._last_api_url}, tokens come from "
            f"{self._credentials.token_url_base} (data centre {self._credentials.data_center!r}, "
            f"environment {self._credentials.environment!r}): is that where the org lives?"
        )

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
            return await self._refreshed()
        except TokenError as error:
            # An endpoint in trouble says nothing against a token that still lives.
            passing = isinstance(error, (TokenEndpointError, TokenThrottledError))
            if passing and live is not None and live is self._live and self._now() < live.end:
                return live.token
            raise

    def refused(self, token: Token) -> None:
        """Take *token* out of use because the API did not accept it.

        A late refusal of an older token changes nothing.
        """
        if self._live is not None and self._live.token is token:
            self._live = None
            self._refused_tokens.append(token.access_token)
            if self._failure is not None and self._failure.error is self._patience:
                self._failure = None

    async def close(self) -> None:
        """End a refresh that is under way; whoever waits for it gets an error."""
        self._closed = True
        if self._refresh_task is not None:
            self._refresh_task.cancel()
            await asyncio.wait((self._refresh_task,))

    # ---- one refresh for all who wait ----------------------------------------------------------

    def _remembered_failure(self) -> TokenError | None:
        """Return the last failure while it still speaks for the next refresh."""
        if self._failure is None:
            return None
        remaining = self._failure.until - self._now()
        if remaining <= 0:
            return None
        error = self._failure.error.for_another_caller()
        if isinstance(error, TokenThrottledError):
            error.retry_after = remaining
        return error

    async def _refreshed(self) -> Token:
        if error := self._remembered_failure():
            raise error
        task = self._refresh_in_background()
        # Unlike awaiting the task, this neither cancels it with us nor raises what it raised.
        await asyncio.wait((task,))
        if task.cancelled():
            raise ClientClosedError("The client was closed while the call waited for a token.")
        failure = task.exception()
        if isinstance(failure, ZohoError):
            raise failure.for_another_caller()
        return task.result()

    def _refresh_in_background(self) -> asyncio.Task[Token]:
        if self._closed:
            raise ClientClosedError("The client is closed.")
        if self._refresh_task is None:
            task = asyncio.create_task(self._refresh(), name="aiozcrm: refresh of the token")
            task.add_done_callback(self._refresh_ended)
            self._refresh_task = task
        return self._refresh_task

    def _refresh_ended(self, task: asyncio.Task[Token]) -> None:
        self._refresh_task = None
        if task.cancelled():
            return
        error = task.exception()  # asking for it marks it as seen
        if error is None:
            return
        logger.warning("no new access token: %s", error)
        if isinstance(error, TokenError):
            self._failure = _Failure(error=error, until=self._now() + _silence_after(error))
            self._emit(TokenRefreshFailed(error=error))

    async def _refresh(self) -> Token:
        """Take the token that somebody else left in the store, or ask for a new one.

        Raises:
            aiozcrm.errors.TokenEndpointError: If the store fails while the present token serves.
        """
        started = self._now()
        async with self._lock() as held:
            state, loaded = await self._load()
            shared = self._from_store(state.token)
            if shared is None and not (held and loaded) and self._serves():
                # All who share the store would ask, each for itself.
                self._patience = TokenEndpointError(
                    "The token store failed, and the present token still serves.",
                    hint="Mend the store; it is tried again.",
                )
                raise self._patience
            live = shared or await self._ask(state, held=held)
        self._live = live
        self._failure = None
        self._emit(
            TokenRefreshed(
                seconds=self._now() - started,
                lifetime=live.end - self._now(),
                from_store=shared is not None,
            ),
        )
        return live.token

    @contextlib.asynccontextmanager
    async def _lock(self) -> AsyncIterator[bool]:
        """Hold the store's lock and yield whether it is held: a broken store stops nobody.

        Raises:
            aiozcrm.errors.TokenEndpointError: If others hold it for too long. They are asking.
        """
        try:
            lock = self._store.lock(self._key)
            await lock.__aenter__()
        except StoreLockedError as error:
            raise TokenEndpointError(
                f"Somebody else who shares the token store asks for a token and does not end: "
                f"{error}",
                hint="Look for a process that is stopped, or try again later.",
            ) from error
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._store_failed("lock", error)
            yield False
            return
        try:
            yield True
        finally:
            # The lock need not know how the refresh ended, and must not change it.
            try:
                await lock.__aexit__(None, None, None)
            except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
                self._store_failed("unlock", error)

    def _serves(self) -> bool:
        """Return whether calls need not wait for another token yet."""
        return self._live is not None and self._now() < self._live.hard_end

    async def _load(self) -> tuple[TokenState, bool]:
        """Return what is known, what the store failed to keep included, and whether it loaded."""
        known = self._known
        try:
            state = await self._store.load(self._key)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._store_failed("load", error)
            return known, False
        if not self._known_to_all:
            state = attrs.evolve(
                state,
                made_at=tuple(sorted({*state.made_at, *known.made_at})),
                blocked_until=max(state.blocked_until, known.blocked_until),
                refusals=max(state.refusals, known.refusals),
            )
        self._known = state
        return state, True

    async def _keep(self, state: TokenState, *, held: bool) -> None:
        """Remember *state*, and leave it to the others if the lock is *held*."""
        self._known, self._known_to_all = state, False
        if not held:
            return
        try:
            await self._store.save(self._key, state)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._store_failed("save", error)
        else:
            self._known_to_all = True

    def _store_failed(
        self,
        step: Literal["lock", "load", "save", "unlock"],
        error: Exception,
    ) -> None:
        logger.warning(
            "the token store failed (%s); tokens are not shared: %s: %s",
            step,
            type(error).__name__,
            error,
        )
        self._emit(TokenStoreFailed(step=step, error=error))

    def _from_store(self, stored: StoredToken | None) -> _LiveToken | None:
        """Return the stored token if it is not the one that has to be replaced."""
        current = self._live.token.access_token if self._live else None
        if stored is None or stored.access_token in (current, *self._refused_tokens):
            return None
        # A wall clock that jumped must not lend a token more life than it was made with.
        remaining = min(stored.expires_at - self._clock.wall(), stored.lifetime)
        live = self._live_token(stored, end=self._now() + remaining)
        return live if self._now() < live.hard_end else None

    def _live_token(self, granted: TokenGrant | StoredToken, *, end: float) -> _LiveToken:
        """Return what was granted, with the moments at which it has to be replaced.

        Raises:
            aiozcrm.errors.TokenError: If it is for a host that calls must not go to.
        """
        self._last_api_url = self._api_url(granted.api_domain)
        scale = min(1.0, granted.lifetime / _HOUR)
        # The spread keeps many processes from refreshing in the same moment.
        soft_margin = _SOFT_MARGIN * scale * self._jitter(1.0, 1.2)
        return _LiveToken(
            token=Token(access_token=granted.access_token, api_url=self._last_api_url),
            soft_end=end - soft_margin,
            hard_end=end - _HARD_MARGIN * scale,
            end=end,
        )

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

    # ---- asking the token endpoint -------------------------------------------------------------

    async def _ask(self, state: TokenState, *, held: bool) -> _LiveToken:
        """Ask for a new token and keep it, within what Zoho allows."""
        keep = partial(self._keep, held=held)
        wall = self._clock.wall()
        made_at = tuple(moment for moment in state.made_at if wall - _WINDOW < moment <= wall)
        if state.blocked_until > wall + _LONGEST_SILENCE:
            # No block lasts so long: a wall clock was wrong. Kept, so that it comes to its end.
            state = attrs.evolve(state, blocked_until=wall + _LONGEST_SILENCE)
            await keep(state)
        self._respect_limits(state, made_at)
        asking = Asking(self._credentials, sender=self._sender, clock=self._clock, made_at=made_at)
        try:
            grant = await asking.grant()
            live = self._live_token(grant, end=asking.asked_at + grant.lifetime)
        except TokenRefusedForNowError:
            refusals = state.refusals + 1
            silence = min(_LONGEST_SILENCE, _WINDOW * 2.0 ** min(refusals - 1, 8))
            blocked_until = self._clock.wall() + silence
            await keep(
                attrs.evolve(
                    state,
                    made_at=asking.made_at,
                    blocked_until=blocked_until,
                    refusals=refusals,
                ),
            )
            raise _throttled("Zoho makes no more tokens for now", silence) from None
        except (TokenError, asyncio.CancelledError):
            await keep(attrs.evolve(state, made_at=asking.made_at))
            raise
        stored = StoredToken(
            access_token=grant.access_token,
            expires_at=self._clock.wall() + live.end - self._now(),
            lifetime=grant.lifetime,
            api_domain=grant.api_domain,
        )
        await keep(TokenState(token=stored, made_at=asking.made_at))
        return live

    def _respect_limits(self, state: TokenState, made_at: tuple[float, ...]) -> None:
        """Refuse to ask while Zoho would refuse: asking then prolongs the block.

        Raises:
            aiozcrm.errors.TokenThrottledError: Which says when to try again.
        """
        wall = self._clock.wall()
        blocked_for = state.blocked_until - wall
        if blocked_for > 0:
            raise _throttled("Zoho makes no more tokens for now", blocked_for)
        if len(made_at) >= TOKENS_PER_WINDOW:
            free_in = made_at[-TOKENS_PER_WINDOW] + _WINDOW - wall
            raise _throttled(
                f"{TOKENS_PER_WINDOW} tokens were made in {_WINDOW / 60:.0f} minutes, which is "
                f"all that Zoho allows",
                free_in,
            )


def _throttled(what: str, seconds: float) -> TokenThrottledError:
    return TokenThrottledError(f"{what}; try again in {seconds:.0f} s.", retry_after=seconds)


def _silence_after(error: TokenError) -> float:
    """Return for how many seconds *error* speaks for the next refreshes, too."""
    if isinstance(error, TokenThrottledError):
        return error.retry_after
    if isinstance(error, TokenEndpointError):
        return _OUTAGE_PAUSE
    if isinstance(error, ClientRejectedError):
        return _CONFIGURATION_PAUSE
    return math.inf
