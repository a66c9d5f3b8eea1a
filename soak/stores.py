"""The token stores of a soak, by what they are called between processes."""

from __future__ import annotations

from fast_time import FastTime

from aiozcrm import FileTokenStore, MemoryTokenStore, RedisTokenStore
from aiozcrm.token_stores import TokenStore

__all__ = ["make_store"]


def make_store(place: str, time: FastTime) -> TokenStore:
    """Return the store at *place*: ``memory:``, ``file:`` and a path, or the URL of a Redis."""
    kind, _, rest = place.partition(":")
    if kind == "memory":
        return MemoryTokenStore()
    if kind == "file":
        return FileTokenStore(rest, clock=time.store_clock)
    # The lease is longer than any ask takes, and short enough to see killed holders through.
    return RedisTokenStore(place, lease=3.0, lock_timeout=20.0, clock=time.store_clock)
