"""How stores wait for a lock."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Final

from aiozcrm._clock import Clock
from aiozcrm.errors import StoreLockedError

__all__ = ["take_lock"]

#: Between two tries to get a lock, in seconds. A request takes some hundred milliseconds.
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
        StoreLockedError: If another client holds it for longer than *timeout* seconds.
    """
    give_up_at = clock.monotonic() + timeout
    while not await try_to_take():
        if clock.monotonic() >= give_up_at:
            raise StoreLockedError(f"Another process has held {name} for {timeout:.0f} s.")
        # The spread keeps waiting processes from trying in step.
        await clock.sleep(_LOCK_POLL * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
