"""A channel store for one process."""

from __future__ import annotations

from aiozcrm._stores import MemoryStore
from aiozcrm.channel_stores._base import ChannelState

__all__ = ["MemoryChannelStore"]


class MemoryChannelStore(MemoryStore[ChannelState]):
    """Keeps channels as long as the process lives.

    Channels of one event loop that share a store, and have the same address, are one.
    """

    def __init__(self) -> None:
        super().__init__(ChannelState())
