"""How to wait for a step that must not be left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

__all__ = ["to_its_end", "until_ended"]

_T = TypeVar("_T")


async def to_its_end(work: Awaitable[_T]) -> _T:
    """Await *work*; being cancelled is put off until it has ended.

    So nothing is written, and no lock taken, behind the back of who was cancelled.
    """
    running = asyncio.ensure_future(work)
    await until_ended(running)
    return running.result()


async def until_ended(running: asyncio.Future[Any]) -> None:
    """Wait until *running* has ended, in whatever way; being cancelled is put off until then."""
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            cancelled = error
    if not running.cancelled():
        running.exception()  # asking for it marks it as seen
    if cancelled is not None:
        raise cancelled
