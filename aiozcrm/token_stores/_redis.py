"""A token store for the processes of many hosts."""

from __future__ import annotations

import attrs

from aiozcrm._stores import KEPT_FOR, RedisPlace, with_version
from aiozcrm.token_stores._base import TokenState
from aiozcrm.token_stores._entries import TOKENS, read_token

__all__ = ["RedisTokenStore"]


class RedisTokenStore(RedisPlace[TokenState]):
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

    async def _load(self, key: str) -> TokenState:
        token_name, state_name = self._names(key)
        async with self._connected() as redis:
            token, state = await self._answer(redis.mget(token_name, state_name))
        return attrs.evolve(
            self._read(state, TOKENS.read, name=state_name) or TOKENS.empty,
            token=self._read(token, read_token, name=token_name),
        )

    async def _save(self, key: str, state: TokenState) -> None:
        token_name, state_name = self._names(key)
        token, now = state.token, self._clock.wall()
        token_left = token.expires_at - now if token else 0.0
        state_left = max(TOKENS.last_moment(state) - now, 0.0) + KEPT_FOR
        async with self._connected() as redis:
            for kept in await self._answer(redis.mget(token_name, state_name)):
                self._check_version(kept)
            async with redis.pipeline(transaction=True) as both:
                # A duration, so that it does not matter what time it is for Redis.
                if token and token_left >= 0.001:
                    both.set(
                        token_name, with_version(attrs.asdict(token)), px=int(token_left * 1000)
                    )
                else:
                    both.delete(token_name)
                rest = attrs.evolve(state, token=None)
                both.set(state_name, with_version(TOKENS.entry(rest)), px=int(state_left * 1000))
                await self._answer(both.execute())

    def _names(self, key: str) -> tuple[str, str]:
        return self._name(key, "token"), self._name(key, "state")
