"""A channel store for the processes of many hosts."""

from __future__ import annotations

from typing import ClassVar

from aiozcrm._stores import KEPT_FOR, RedisPlace, with_version
from aiozcrm.channel_stores._base import ChannelState
from aiozcrm.channel_stores._entries import CHANNELS

__all__ = ["RedisChannelStore"]


class RedisChannelStore(RedisPlace[ChannelState]):
    """Keeps channels in Redis, for all processes of all hosts that name the same one.

    It connects and locks as a :class:`~aiozcrm.RedisTokenStore` does, and may use the same Redis
    with the same prefix.

    Args:
        url: As for :class:`~aiozcrm.RedisTokenStore`.
        lease: After how many seconds Redis frees the lock of a holder that has died.
        lock_timeout: How many seconds to wait for another process that renews a channel.
        timeout: How many seconds connecting may take, and how many each answer.
        prefix: How the names of all keys begin.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If redis is not installed, if the URL cannot be
            understood, or if a number of seconds is not above zero.
    """

    _lock_word: ClassVar[str] = "channel-lock"

    async def _load(self, key: str) -> ChannelState:
        name = self._name(key, CHANNELS.name)
        async with self._connected() as redis:
            kept = await self._answer(redis.get(name))
        return self._read(kept, CHANNELS.read, name=name) or CHANNELS.empty

    async def _save(self, key: str, state: ChannelState) -> None:
        name = self._name(key, CHANNELS.name)
        left = max(CHANNELS.last_moment(state) - self._clock.wall(), 0.0) + KEPT_FOR
        async with self._connected() as redis:
            self._check_version(await self._answer(redis.get(name)))
            entry = with_version(CHANNELS.entry(state))
            await self._answer(redis.set(name, entry, px=int(left * 1000)))
