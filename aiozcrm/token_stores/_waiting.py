"""How stores wait: for a lock, and for a step that must not be left half done."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiozcrm._clock import Clock
from aiozcrm.token_stores._base import StoreLockedError

__all__ = ["take_lock", "to_its_end"]

_T = TypeVar("_T")

#: Between two tries to get a lock, in seconds. A token request takes some hundred milliseconds.
_LOCK_POLL: Final = 0.025


async def take_lock(
    try_to_take: Callable[[], Awaitable[bool]],
    *,
    name: str,
    timeout: float,  # noqa: ASYNC109  # it ends in an error of our own
    clock: Clock,
) -> None:
    """Try again and again until the lock *name* is taken.

    Raises:
        StoreLockedError: If somebody else holds it for longer than *timeout* seconds.
    """
    give_up_at = clock.monotonic() + timeout
    while not await try_to_take():
        if clock.monotonic() >= give_up_at:
            raise StoreLockedError(f"Another process has held {name} for {timeout:.0f} s.")
        # The spread keeps waiting processes from trying in step.
        await clock.sleep(_LOCK_POLL * random.uniform(0.5, 1.5))  # noqa: S311  # no secret


async def to_its_end(work: Awaitable[_T]) -> _T:
    """Await *work*; being cancelled is put off until it has ended.

    So nothing is written, and no lock taken, behind the back of who was cancelled.
    """
    running = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        running.exception()  # asking for it marks it as seen
        raise cancelled
    return running.result()
