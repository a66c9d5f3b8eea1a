"""Time that runs faster than the wall's, the same in all processes of a soak."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from aiozcrm._clock import Clock

__all__ = ["SPEED", "FastTime"]

#: How many seconds pass in one: tokens live for six, and the ten minutes in which only ten of
#: them may be made are over after one.
SPEED: Final = 600.0

#: The seconds since 1970 at which every soak begins.
_BEGINNING: Final = 1.8e9


class FastTime:
    """Tells the time of one soak.

    Args:
        origin: When the soak began, as `time.monotonic` of this machine told it.

    Attributes:
        origin: The same.
        jump: By how many seconds the wall clock is wrong. May be set at any time.
    """

    def __init__(self, origin: float) -> None:
        self.origin = origin
        self.jump = 0.0

    def now(self) -> float:
        """Return the seconds since 1970, as somebody with a right clock tells them."""
        return _BEGINNING + (time.monotonic() - self.origin) * SPEED

    def wall(self) -> float:
        """Return what the wall clock shows."""
        return self.now() + self.jump

    async def sleep(self, seconds: float) -> None:
        """Wait for so many fast seconds."""
        await asyncio.sleep(seconds / SPEED)

    @property
    def clock(self) -> Clock:
        """The clock of a client."""
        return Clock(monotonic=self.now, wall=self.wall, sleep=self.sleep)

    @property
    def store_clock(self) -> Clock:
        """The clock of a token store: it waits for other processes in seconds that last."""
        return Clock(wall=self.wall)
