"""Something async that runs in a thread of its own, beside code that may have no event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

__all__ = ["in_a_thread"]


@contextlib.contextmanager
def in_a_thread(
    start: Callable[[], Awaitable[object]], close: Callable[[], Awaitable[object]], *, name: str
) -> Iterator[None]:
    """Run *start* in the event loop of another thread, and *close* at the end.

    Raises:
        Exception: Whatever either of them raises.
    """
    opened: Future[None] = Future()
    enough: Future[None] = Future()

    async def keep_open() -> None:
        await start()
        opened.set_result(None)
        await asyncio.wrap_future(enough)
        await close()

    with ThreadPoolExecutor(1, thread_name_prefix=name) as thread:
        done = thread.submit(lambda: asyncio.run(keep_open()))
        try:
            wait((opened, done), return_when=FIRST_COMPLETED)
            if opened.done():
                yield
        finally:
            enough.set_result(None)
            done.result()
