"""A store for the processes of many hosts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar
from urllib.parse import urlsplit

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import harmless, redact
from aiozcrm._stores._documents import DamagedError, read_document
from aiozcrm._stores._locking import take_lock
from aiozcrm._waiting import shield_until_done
from aiozcrm.errors import ConfigurationError
from aiozcrm.events import logger

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.lock import Lock

__all__ = ["RedisPlace", "with_version"]

S = TypeVar("S")
_T = TypeVar("_T")

#: Grows when an older version could misread what is kept; what is merely new is ignored by it.
_VERSION: Final = 1


class RedisPlace(ABC, Generic[S]):
    """A place in Redis for all processes of all hosts that name the same one.

    A connection is opened when something is needed, and closed again at once. So there is nothing
    to close, and one store serves any event loop, also after a fork.

    Args:
        url: Where Redis is.
        lease: After how many seconds Redis frees the lock of a holder that has died.
        lock_timeout: How many seconds to wait for another process that holds a lock.
        timeout: How many seconds connecting may take, and how many each answer.
        prefix: How the names of all keys begin.
        clock: What tells the time.

    Raises:
        aiozcrm.errors.ConfigurationError: If redis is not installed, if the URL cannot be
            understood, or if a number of seconds is not above zero.
    """

    #: What the name of a lock ends with.
    _lock_word: ClassVar[str] = "lock"

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
        self._options, self._passwords = _connection_options(
            url, timeout=timeout, store=type(self).__name__
        )
        self._place = _place(self._options)
        for setting, seconds in (("lease", lease), ("timeout", timeout)):
            # Redis counts in milliseconds.
            if not seconds >= 0.001:
                raise ConfigurationError(f"{setting} must be above zero, not {seconds!r}.")
        self._lease = lease
        self._lock_timeout = lock_timeout
        self._timeout = timeout
        self._prefix = prefix
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._place!r})"

    async def load(self, key: str) -> S:
        """Return what is kept under *key*, an empty state if nothing is.

        What cannot be understood counts as nothing and is reported in the log.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            return await shield_until_done(self._load(key))

    async def save(self, key: str, state: S) -> None:
        """Keep *state* under *key*, until some time after it ends.

        Raises:
            aiozcrm.errors.ConfigurationError: If what is kept is newer than this code.
            OSError: If Redis cannot be reached, or rejects a command.
        """
        with HidingFrames():
            await shield_until_done(self._save(key, state))

    @contextlib.asynccontextmanager
    async def lock(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of *key*, for the time of the lease at most.

        Raises:
            aiozcrm.errors.StoreLockedError: If another client holds it for too long.
            OSError: If Redis cannot be reached or rejects a command; on leaving, also if the lease
                ended before. Then another client may hold the lock, and keeps it.
        """
        name, mark = self._name(key, self._lock_word), uuid.uuid4().hex
        maybe_ours = False

        async def try_to_take() -> bool:
            nonlocal maybe_ours
            # Until Redis says otherwise: its answer may be lost.
            maybe_ours = True
            taking = self._lock(redis, name).acquire(blocking=False, token=mark)
            maybe_ours = await self._answer(taking)
            return maybe_ours

        try:
            async with self._connected() as redis:
                await take_lock(
                    lambda: shield_until_done(try_to_take()),
                    name=f"{name} in Redis",
                    timeout=self._lock_timeout,
                    clock=self._clock,
                )
        except BaseException:
            if maybe_ours:
                with contextlib.suppress(OSError):
                    await shield_until_done(self._give_back(name, mark))
            raise
        try:
            yield
        finally:
            await shield_until_done(self._give_back(name, mark))

    @abstractmethod
    async def _load(self, key: str) -> S:
        """Return what is kept under a key."""

    @abstractmethod
    async def _save(self, key: str, state: S) -> None:
        """Keep a state under a key."""

    async def _give_back(self, name: str, mark: str) -> None:
        async with self._connected() as redis:
            await self._answer(self._lock(redis, name).do_release(mark.encode()))

    def _name(self, key: str, what: str) -> str:
        # A cluster keeps together what has the same part in braces.
        return f"{self._prefix}:{{{key}}}:{what}"

    def _read(self, kept: bytes | str | None, read: Callable[[Any], _T], *, name: str) -> _T | None:
        if kept is None:
            return None
        try:
            return read(read_document(kept, version=_VERSION, where="What Redis keeps"))
        except DamagedError:
            logger.warning("%s in Redis at %s is damaged and not used", name, self._place)
            return None

    def _check_version(self, kept: bytes | str | None) -> None:
        """Raise an error if *kept* was written by a newer version."""
        with contextlib.suppress(DamagedError):
            read_document(kept or b"", version=_VERSION, where="What Redis keeps")

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Redis]:
        """Open a connection and close it again."""
        from redis.asyncio import ConnectionPool, Redis  # noqa: PLC0415  # it is an extra
        from redis.exceptions import RedisError  # noqa: PLC0415  # it is an extra

        redis = Redis(
            connection_pool=ConnectionPool(**self._options), single_connection_client=True
        )
        try:
            await shield_until_done(self._answer(redis.initialize()))
            yield redis
        finally:
            # What was to be done is done, whether or not Redis says goodbye.
            with contextlib.suppress(RedisError, OSError):
                await shield_until_done(redis.aclose(close_connection_pool=True))

    def _lock(self, redis: Redis, name: str) -> Lock:
        # It is taken and given back by different objects, so that neither needs the other's loop
        # or connection; what makes it ours is the mark.
        return redis.lock(name, timeout=self._lease, thread_local=False)

    async def _answer(self, work: Awaitable[_T]) -> _T:
        """Wait for Redis, and raise errors without the values that redis-py and Redis quote.

        Raises:
            OSError: If there is no answer, or the command is rejected.
        """
        from redis.exceptions import RedisError  # noqa: PLC0415  # it is an extra

        try:
            async with asyncio.timeout(self._timeout):
                return await work
        except (RedisError, OSError) as error:
            failure = OSError(f"Redis at {self._place}: {self._reason(error)}")
            if _is_of_the_connection(error):
                failure.__cause__ = harmless(error, self._passwords)
        # Outside, because the error would be kept as the context of ours.
        raise failure

    def _reason(self, error: Exception) -> str:
        from redis import exceptions  # noqa: PLC0415  # it is an extra

        if isinstance(error, (TimeoutError, exceptions.TimeoutError)):
            return f"no answer within {self._timeout:g} s"
        if isinstance(error, exceptions.LockNotOwnedError):
            return f"the lock was given back after its lease of {self._lease:g} s had ended"
        if isinstance(error, exceptions.NoPermissionError):
            return "the user lacks a permission that is needed"
        words = str(error)
        shown = redact(words, self._passwords)
        is_shown = _is_of_the_connection(error)
        if is_shown and not any(password in shown for password in self._passwords):
            return shown
        # Answers of Redis quote values, and so may errors about answers.
        return f"rejected with {type(error).__name__}"


def _is_of_the_connection(error: Exception) -> bool:
    from redis import exceptions  # noqa: PLC0415  # it is an extra

    return isinstance(error, (OSError, exceptions.ConnectionError))


def _connection_options(
    url: str, *, timeout: float, store: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what redis-py needs for a connection, and the passwords in there.

    Raises:
        aiozcrm.errors.ConfigurationError: If redis is not installed, or does not understand *url*.
    """
    try:
        from redis.asyncio.connection import ConnectionPool, parse_url  # noqa: PLC0415  # an extra
        from redis.asyncio.retry import Retry  # noqa: PLC0415  # it is an extra
        from redis.backoff import NoBackoff  # noqa: PLC0415  # it is an extra
        from redis.credentials import (  # noqa: PLC0415  # it is an extra
            UsernamePasswordCredentialProvider,
        )
        from redis.exceptions import RedisError  # noqa: PLC0415  # it is an extra
    except ModuleNotFoundError as error:
        # An old redis-py lacks a part of it.
        if str(error.name).partition(".")[0] != "redis":
            raise
        raise ConfigurationError(
            f"{store} needs redis.",
            hint="pip install 'aiozcrm[redis]'",
        ) from None
    ours: dict[str, Any] = {
        "socket_connect_timeout": timeout,
        "socket_timeout": timeout,
        # Sent again, a lost request for a lock would find its own lock. The client tries later.
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": False,
        # It takes one answer less to connect.
        "protocol": 2,
    }
    with contextlib.suppress(ValueError, TypeError, AttributeError, RedisError):
        options: dict[str, Any] = {**parse_url(url), **ours}
        username, password = options.pop("username", None), options.pop("password", None)
        if username or password:
            # Some versions of redis-py show a password among the options in a repr.
            options["credential_provider"] = UsernamePasswordCredentialProvider(username, password)
        pool: Any = ConnectionPool(**options)  # redis-py types a part of its methods
        pool.make_connection()
        parts = urlsplit(url)
        # Otherwise something of a password that is not encoded is taken for host or database.
        if parts.scheme == "unix" or (
            re.fullmatch(r"/?\d*", parts.path) is not None
            and "@" not in parts.query
            and not parts.fragment
        ):
            return options, tuple(filter(None, (password, options.get("ssl_password"))))
    # Outside, because the cause may quote the password.
    raise ConfigurationError(
        "The URL of Redis is not understood.",
        hint="It looks like redis://user:password@host:6379/0, with rediss for TLS, or like "
        "unix:///path/of/socket?db=0. Special characters of the password are percent-encoded, "
        "and options behind ? are those of redis-py.",
    )


def _place(options: dict[str, Any]) -> str:
    """Say where Redis is, without user and password."""
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    return f"{options.get('path', f'{host}:{port}')}/{options.get('db', 0)}"


def with_version(entry: dict[str, Any]) -> str:
    """Return an entry as JSON that later versions understand."""
    return json.dumps({"version": _VERSION} | entry, allow_nan=False)
