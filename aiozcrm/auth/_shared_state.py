"""The token state that clients share through a store."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import AsyncIterator
from typing import Literal

import attrs

from aiozcrm._protocol import redact
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
        self._store = store
        self._key = key
        self._emit = emit

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[bool]:
        """Hold the store's lock, and yield whether it is held.

        Raises:
            aiozcrm.errors.TokenEndpointError: If another client holds it for too long.
        """
        try:
            lock = self._store.lock(self._key)
            await lock.__aenter__()
        except StoreLockedError as error:
            raise TokenEndpointError(
                f"Another client of the token store asks for a token and does not end: {error}",
                hint="Look for a process that is stopped, or try again later.",
            ) from error
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("lock", error)
            yield False
            return
        try:
            yield True
        finally:
            # The lock need not know how the block ended, and must not change it.
            try:
                await lock.__aexit__(None, None, None)
            except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
                self._failed("unlock", error)

    async def load(self) -> tuple[TokenState, bool]:
        """Return the state, and whether the store could be read.

        The state includes what the store failed to save.
        """
        known = self.known
        try:
            state = await self._store.load(self._key)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("load", error)
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
        if not held:
            return
        try:
            await self._store.save(self._key, state)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("save", error)
        else:
            self._saved = True

    def _failed(
        self,
        step: Literal["lock", "load", "save", "unlock"],
        error: Exception,
    ) -> None:
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
