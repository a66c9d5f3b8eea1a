"""A store for one process."""

from __future__ import annotations

import asyncio
import collections
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

__all__ = ["MemoryStore"]

S = TypeVar("S")


class MemoryStore(Generic[S]):
    """Keeps states as long as the process lives.

    Args:
        empty: The state of a key under which nothing is kept.
    """

    def __init__(self, empty: S) -> None:
        self._empty = empty
        self._states: dict[str, S] = {}
        self._locks: collections.defaultdict[str, asyncio.Lock] = collections.defaultdict(
            asyncio.Lock,
        )

    async def load(self, key: str) -> S:
        """Return what is kept under *key*, an empty state if nothing is."""
        return self._states.get(key, self._empty)

    async def save(self, key: str, state: S) -> None:
        """Keep *state* under *key*."""
        self._states[key] = state

    def lock(self, key: str) -> AbstractAsyncContextManager[object]:
        """Return the lock of *key*."""
        return self._locks[key]
