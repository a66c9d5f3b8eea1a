"""The token state that clients share through a store."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import AsyncIterator

import attr as attrs

from aiozcrm._protocol import redact
from aiozcrm._stores import Guarded, Step
from aiozcrm.errors import TokenEndpointError
from aiozcrm.events import EventReceiver, TokenStoreFailed, logger
from aiozcrm.token_stores import StoreLockedError, TokenState, TokenStore

__all__ = ["SharedState"]


class SharedState:
    """The token state under one key of a store, and a copy of it for when the store fails.

    A failure of the store is logged and emitted as an event, and stops no call.

    Args:
        store: Where the state is shared.
        key: The key of the credentials.
        emit: Receives events.

    Attributes:
        known: The state as far as this client knows it.
    """

    def __init__(self, store: TokenStore, key: str, *, emit: EventReceiver) -> None:
        self.known = TokenState()
        self._saved = True
        self._guarded = Guarded(store, key, failed=self._failed)
        self._emit = emit

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[bool]:
        """Hold the store's lock, and yield whether it is held.

        Raises:
            aiozcrm.errors.TokenEndpointError: If another client holds it for too long.
        """
        async with contextlib.AsyncExitStack() as stack:
            try:
                held = await stack.enter_async_context(self._guarded.lock())
            except StoreLockedError as error:
                raise TokenEndpointError(
                    f"Another client of the token store asks for a token and does not end: {error}",
                    hint="Look for a process that is stopped, or try again later.",
                ) from error
            yield held

    async def load(self) -> tuple[TokenState, bool]:
        """Return the state, and whether the store could be read.

        The state includes what the store failed to save.
        """
        known, state = self.known, await self._guarded.load()
        if state is None:
            return known, False
        if known.spare_at > state.spare_at:
            # Stores written for version 0.1 may not keep it.
            state = attrs.evolve(state, spare_at=known.spare_at, spare_pause=known.spare_pause)
        if not self._saved:
            state = attrs.evolve(
                state,
                made_at=_union(state.made_at, known.made_at),
                lost_at=_union(state.lost_at, known.lost_at),
                blocked_until=max(state.blocked_until, known.blocked_until),
                refusals=max(state.refusals, known.refusals),
                outages=max(state.outages, known.outages),
                outage_until=max(state.outage_until, known.outage_until),
            )
        self.known = state
        return state, True

    async def keep(self, state: TokenState, *, held: bool) -> None:
        """Remember *state*, and save it for the other clients if the lock is *held*."""
        self.known, self._saved = state, False
        if held:
            self._saved = await self._guarded.save(state)

    def _failed(self, step: Step, error: Exception) -> None:
        # A store of the user's may quote the token that it could not keep.
        token = self.known.token
        words = redact(str(error), [token.access_token] if token else [])
        logger.warning(
            "the token store failed (%s); tokens are not shared: %s: %s",
            step,
            type(error).__name__,
            words,
        )
        self._emit(TokenStoreFailed(step=step, error=error))


def _union(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """Return the moments of both in order. Two tokens may have been made at one moment."""
    both = collections.Counter(one) | collections.Counter(other)
    return tuple(sorted(both.elements()))
