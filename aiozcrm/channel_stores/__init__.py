"""Where notification channels are kept: workers that share a store share a channel."""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm.channel_stores._base import ChannelState, ChannelStore
from aiozcrm.channel_stores._memory import MemoryChannelStore

__all__ = [
    "ChannelState",
    "ChannelStore",
    "FileChannelStore",
    "MemoryChannelStore",
    "RedisChannelStore",
]

if TYPE_CHECKING:
    from aiozcrm.channel_stores._file import FileChannelStore
    from aiozcrm.channel_stores._redis import RedisChannelStore
else:
    __getattr__ = lazy(__name__, {"FileChannelStore": "_file", "RedisChannelStore": "_redis"})
