"""A channel store for the processes of many hosts."""

from __future__ import annotations

from typing import ClassVar

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._stores import KEPT_FOR, RedisPlace, with_version
from aiozcrm._waiting import shield_until_done
from aiozcrm.channel_stores._base import ChannelState
from aiozcrm.channel_stores._entries import CHANNELS

__all__ = ["RedisChannelStore"]


class RedisChannelStore(RedisPlace):
    """Keeps channels in Redis, for all processes of all hosts that name the same one.

    It connects and locks as a :class:`~aiozcrm.RedisTokenStore` does, and may use the same Redis
    with the same prefix.

    Args:
        url: As for :class:`~aiozcrm.RedisTokenStore`.
        lease: After how many seconds Redis frees the lock of a holder that has died. A renewal
            takes less.
        lock_timeout: How many seconds to wait for another process that renews a channel.
        timeout: How many seconds connecting may take, and how many each answer.
        prefix: How the names of all keys begin.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If redis is not installed, if the URL cannot be
            understood, or if a number of seconds is not above zero.
    """

    _lock_word: ClassVar[str] = "channel-lock"

    @HidingFrames()
    def __init__(
        self,
        url: str,
        *,
        lease: float = 180.0,
        lock_timeout: float = 210.0,
        timeout: float = 5.0,
        prefix: str = "aiozcrm",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(
            url,
            lease=lease,
            lock_timeout=lock_timeout,
            timeout=timeout,
            prefix=prefix,
            clock=clock,
        )

    async def load(self, key: str) -> ChannelState:
        """Return what is kept under *key*, an empty state if nothing is.

        What cannot be understood counts as nothing and is reported in the log.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            return await shield_until_done(self._load(key))

    async def save(self, key: str, state: ChannelState) -> None:
        """Keep *state* under *key* until long after the channel ends.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            await shield_until_done(self._save(key, state))

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
