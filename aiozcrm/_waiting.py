"""Waits for steps that must not be left half done."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sys
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any, TypeVar

__all__ = ["in_a_thread", "shield_until_done", "until_ended"]

_T = TypeVar("_T")


async def shield_until_done(work: Awaitable[_T]) -> _T:
    """Await *work*, and put a cancellation off until it is done.

    So nothing is written, and no lock taken, without the cancelled caller noticing.
    """
    running = asyncio.ensure_future(work)
    await until_ended(running)
    return running.result()


async def in_a_thread(work: Callable[..., _T], *values: Any, **named: Any) -> _T:
    """Run what blocks in a thread, to its end even if cancelled, since it may use an open file."""
    run = partial(contextvars.copy_context().run, work, *values, **named)
    # Not `to_thread`, which would be a task: at the end of an event loop all tasks are cancelled.
    return await shield_until_done(asyncio.get_running_loop().run_in_executor(None, run))


async def until_ended(*running: asyncio.Future[Any]) -> None:
    """Wait until all of *running* have ended, in whatever way, even if cancelled meanwhile.

    Raises:
        asyncio.CancelledError: If cancelled meanwhile, when they have ended.
    """
    try:
        await _all_ended(running)
    except asyncio.CancelledError as error:
        cancelled = error
        # anyio cancels again and again, as fast as it can, what is not shielded from it.
        anyio = sys.modules.get("anyio")
        with contextlib.nullcontext() if anyio is None else anyio.CancelScope(shield=True):
            while not all(each.done() for each in running):
                with contextlib.suppress(asyncio.CancelledError):
                    await _all_ended(running)
        raise cancelled from None
    finally:
        for each in running:
            if each.done() and not each.cancelled():
                each.exception()  # asking for it marks it as seen


async def _all_ended(running: Collection[asyncio.Future[Any]]) -> None:
    if not all(each.done() for each in running):
        await asyncio.wait(running)
