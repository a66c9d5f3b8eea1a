"""The token stores and channel stores of a soak, by what they are called between processes."""

from __future__ import annotations

from fast_time import FastTime

from aiozcrm import FileTokenStore, MemoryTokenStore, RedisTokenStore
from aiozcrm.channel_stores import (
    ChannelStore,
    FileChannelStore,
    MemoryChannelStore,
    RedisChannelStore,
)
from aiozcrm.token_stores import TokenStore

__all__ = ["make_channel_store", "make_store"]


def make_store(place: str, time: FastTime) -> TokenStore:
    """Return the store at *place*: ``memory:``, ``file:`` and a path, or the URL of a Redis."""
    kind, _, rest = place.partition(":")
    if kind == "memory":
        return MemoryTokenStore()
    if kind == "file":
        return FileTokenStore(rest, clock=time.store_clock)
    # The lease is longer than any ask takes, and short enough to see killed holders through.
    return RedisTokenStore(place, lease=3.0, lock_timeout=20.0, clock=time.store_clock)


def make_channel_store(place: str, time: FastTime) -> ChannelStore:
    """Return the channel store at *place*, beside the tokens."""
    kind, _, rest = place.partition(":")
    if kind == "memory":
        return MemoryChannelStore()
    if kind == "file":
        return FileChannelStore(rest, clock=time.store_clock)
    return RedisChannelStore(place, lease=3.0, lock_timeout=20.0, clock=time.store_clock)
