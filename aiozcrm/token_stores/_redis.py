"""A token store for the processes of many hosts."""

from __future__ import annotations

import attrs

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._stores import KEPT_FOR, RedisPlace, with_version
from aiozcrm._waiting import shield_until_done
from aiozcrm.token_stores._base import TokenState
from aiozcrm.token_stores._entries import (
    last_moment,
    read_state,
    read_token,
    state_entry,
    token_entry,
)

__all__ = ["RedisTokenStore"]


class RedisTokenStore(RedisPlace):
    """Keeps tokens in Redis, for all processes of all hosts that name the same one.

    One Redis may hold the tokens of many orgs. Each has a key that Redis forgets when the access
    token ends, one for what else is known, and one that is the lock while a token is asked for.
    A connection is opened when a token is needed, about once an hour, and closed again at once.
    So there is nothing to close, and one store serves any event loop, also after a fork.

    Args:
        url: ``redis://user:password@host:6379/0``, ``rediss://`` for TLS, or
            ``unix:///path/of/socket?db=0``. Options of redis-py's connections may follow, such
            as ``?ssl_ca_certs=/path/of/ca.pem``.
        lease: After how many seconds Redis frees the lock of a holder that has died. The default
            is longer than any that is alive takes.
        lock_timeout: How many seconds to wait for another process that asks for a token.
        timeout: How many seconds connecting may take, and how many each answer.
        prefix: How the names of all keys begin.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If redis is not installed, if the URL cannot be
            understood, or if a number of seconds is not above zero.
    """

    @HidingFrames()
    def __init__(
        self,
        url: str,
        *,
        lease: float = 120.0,
        lock_timeout: float = 150.0,
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

    async def load(self, key: str) -> TokenState:
        """Return what is kept under *key*, an empty state if nothing is.

        What cannot be understood counts as nothing and is reported in the log.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            return await shield_until_done(self._load(key))

    async def save(self, key: str, state: TokenState) -> None:
        """Keep *state* under *key* until a day after it ends, and its token until that ends.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            await shield_until_done(self._save(key, state))

    async def _load(self, key: str) -> TokenState:
        token_name, state_name = self._names(key)
        async with self._connected() as redis:
            token, state = await self._answer(redis.mget(token_name, state_name))
        return attrs.evolve(
            self._read(state, read_state, name=state_name) or TokenState(),
            token=self._read(token, read_token, name=token_name),
        )

    async def _save(self, key: str, state: TokenState) -> None:
        token_name, state_name = self._names(key)
        token, now = state.token, self._clock.wall()
        token_left = token.expires_at - now if token else 0.0
        state_left = max(last_moment(state) - now, 0.0) + KEPT_FOR
        async with self._connected() as redis:
            for kept in await self._answer(redis.mget(token_name, state_name)):
                self._check_version(kept)
            async with redis.pipeline(transaction=True) as both:
                # A duration, so that it does not matter what time it is for Redis.
                if token and token_left >= 0.001:
                    both.set(
                        token_name, with_version(token_entry(token)), px=int(token_left * 1000)
                    )
                else:
                    both.delete(token_name)
                rest = attrs.evolve(state, token=None)
                both.set(state_name, with_version(state_entry(rest)), px=int(state_left * 1000))
                await self._answer(both.execute())

    def _names(self, key: str) -> tuple[str, str]:
        return self._name(key, "token"), self._name(key, "state")
