"""Something async that runs in a thread of its own, beside code that may have no event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager

__all__ = ["in_a_thread"]


@contextlib.contextmanager
def in_a_thread(resource: AbstractAsyncContextManager[object]) -> Iterator[None]:
    """Keep *resource* open in the event loop of another thread.

    Raises:
        Exception: Whatever opening or closing it raises.
    """
    opened: Future[None] = Future()
    enough: Future[None] = Future()

    async def keep_open() -> None:
        async with resource:
            opened.set_result(None)
            await asyncio.wrap_future(enough)

    with ThreadPoolExecutor(1, thread_name_prefix=type(resource).__name__) as thread:
        done = thread.submit(lambda: asyncio.run(keep_open()))
        try:
            wait((opened, done), return_when=FIRST_COMPLETED)
            if opened.done():
                yield
        finally:
            enough.set_result(None)
            done.result()
