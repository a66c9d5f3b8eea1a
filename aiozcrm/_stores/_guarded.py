"""A store whose failures stop nobody."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeAlias, TypeVar

from aiozcrm.errors import StoreLockedError

__all__ = ["Guarded", "Step"]

S = TypeVar("S")

#: What a store was to do when it failed.
Step: TypeAlias = Literal["lock", "load", "save", "unlock"]


if TYPE_CHECKING:

    class _Store(Protocol[S]):
        async def load(self, key: str) -> S: ...

        async def save(self, key: str, state: S) -> None: ...

        def lock(self, key: str) -> AbstractAsyncContextManager[object]: ...


class Guarded(Generic[S]):
    """One key of a store, which may be of the user's and raise whatever it likes.

    Args:
        store: The store.
        key: The key.
        failed: Is told what the store was to do, and what it raised.
    """

    def __init__(
        self, store: _Store[S], key: str, *, failed: Callable[[Step, Exception], None]
    ) -> None:
        self._store = store
        self._key = key
        self._failed = failed

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[bool]:
        """Hold the lock, and yield whether it is held.

        Raises:
            aiozcrm.errors.StoreLockedError: If another client holds it for too long.
        """
        is_held = False
        try:
            lock = self._store.lock(self._key)
            await lock.__aenter__()
            is_held = True
        except StoreLockedError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("lock", error)
        # Outside of the handler: what is raised in the block must not hang on to that error,
        # whose words may quote a secret.
        try:
            yield is_held
        finally:
            if is_held:
                # The lock need not know how the block ended, and must not change it.
                try:
                    await lock.__aexit__(None, None, None)
                except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
                    self._failed("unlock", error)

    async def load(self) -> S | None:
        """Return the state; None if the store has failed."""
        try:
            return await self._store.load(self._key)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("load", error)
            return None

    async def save(self, state: S) -> bool:
        """Keep a state, and return whether the store has done so."""
        try:
            await self._store.save(self._key, state)
        except Exception as error:  # noqa: BLE001  # whatever a store of the user's raises
            self._failed("save", error)
            return False
        return True
