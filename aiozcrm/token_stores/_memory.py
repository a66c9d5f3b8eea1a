"""A token store for one process."""

from __future__ import annotations

import asyncio
import collections
from contextlib import AbstractAsyncContextManager

from aiozcrm.token_stores._base import TokenState

__all__ = ["MemoryTokenStore"]


class MemoryTokenStore:
    """Keeps tokens as long as the process lives.

    Clients of one event loop that share a store share their tokens.
    """

    def __init__(self) -> None:
        self._states: dict[str, TokenState] = {}
        self._locks: collections.defaultdict[str, asyncio.Lock] = collections.defaultdict(
            asyncio.Lock,
        )

    async def load(self, key: str) -> TokenState:
        """Return what is kept under *key*, an empty state if nothing is."""
        return self._states.get(key, TokenState())

    async def save(self, key: str, state: TokenState) -> None:
        """Keep *state* under *key*."""
        self._states[key] = state

    def lock(self, key: str) -> AbstractAsyncContextManager[object]:
        """Return the lock of *key*."""
        return self._locks[key]
