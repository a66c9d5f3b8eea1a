"""Tasks that serve several callers, and outlive any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiozcrm.errors import ClientClosedError, ZohoError

__all__ = ["SharedTasks"]

_T = TypeVar("_T")


class SharedTasks:
    """Runs work in tasks of its own, so cancelling a caller, even the first, disturbs no other."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._closing: asyncio.Future[None] | None = None

    def start(self, work: Coroutine[Any, Any, _T], *, name: str) -> asyncio.Task[_T]:
        """Run *work* in a task.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed.
        """
        if self._closed:
            work.close()
            raise ClientClosedError("The client is closed.")
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # asking for it marks it as seen

    async def result_of(self, task: asyncio.Task[_T]) -> _T:
        """Wait for *task*, and return what it returns or raise a copy of its error.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed meanwhile; at once then.
        """
        loop = asyncio.get_running_loop()
        # Some clients are used in one event loop after the other.
        if self._closing is None or self._closing.get_loop() is not loop:
            self._closing = loop.create_future()
        # Unlike awaiting the task, this neither cancels it with us nor raises what it raised.
        await asyncio.wait((task, self._closing), return_when=asyncio.FIRST_COMPLETED)
        if self._closed or task.cancelled():
            raise ClientClosedError("The client was closed while the call waited for a token.")
        failure = task.exception()
        if isinstance(failure, ZohoError):
            raise failure.for_another_caller()
        return task.result()

    async def close(self) -> None:
        """End all tasks and wait for their ends; callers that wait for one do not."""
        self._closed = True
        if self._closing is not None and not self._closing.done():
            self._closing.set_result(None)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
