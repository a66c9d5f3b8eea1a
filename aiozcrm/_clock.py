"""Time, as a parameter: what tells it and what lets it pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

__all__ = ["SYSTEM_CLOCK", "Clock"]


class Clock(NamedTuple):
    """What tells the time and what waits.

    Attributes:
        monotonic: Seconds that only ever grow; for deadlines within this process.
        wall: Seconds since 1970; for moments that other processes must understand.
        sleep: Waits for a number of seconds.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


SYSTEM_CLOCK: Final = Clock()
