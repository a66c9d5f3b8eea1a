"""A timeout for many tasks at once."""

from __future__ import annotations

import asyncio

__all__ = ["SharedTimeout"]


class SharedTimeout:
    """Ends what takes too long, with one timer for all tasks.

    A timer for each would cost a twentieth of a request. All have the same time, so the first one
    to begin is the first to end.

    Args:
        seconds: How long a task may take between :meth:`begin` and :meth:`end`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        # When each task has to end, and how often it was asked to stop before it began.
        self._running: dict[asyncio.Task[object], tuple[float, int]] = {}
        self._late: dict[asyncio.Task[object], int] = {}

    def begin(self) -> asyncio.Task[object]:
        """Give the running task its time, and return it.

        Raises:
            RuntimeError: If no task is running.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("requests are sent by tasks")
        if loop is not self._loop:
            # A timer of an earlier event loop never comes.
            self._loop, self._timer = loop, None
            self._running.clear()
        end = loop.time() + self._seconds
        self._running[task] = end, task.cancelling()
        if self._timer is None:
            self._timer = loop.call_at(end, self._look, loop)
        return task

    def end(self, task: asyncio.Task[object]) -> bool:
        """Take the time of a task back; return whether it was over, and nobody else stopped it.

        Args:
            task: What :meth:`begin` returned.
        """
        if self._running.pop(task, None) is not None:
            return False
        asked_before = self._late.pop(task)
        return task.uncancel() <= asked_before

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop the tasks whose time is over, and come back for the next one."""
        self._timer = None
        now = loop.time()
        while self._running:
            task, (end, asked_before) = next(iter(self._running.items()))
            if end > now:
                self._timer = loop.call_at(end, self._look, loop)
                return
            del self._running[task]
            self._late[task] = asked_before
            task.cancel()
