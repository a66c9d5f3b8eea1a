"""Hands events to the function that the user gave, whatever that does."""

from __future__ import annotations

import asyncio
import collections
import inspect
from collections.abc import Awaitable

from aiozcrm.events import Event, EventReceiver, logger

__all__ = ["Receiver", "null_receiver"]


def null_receiver(event: Event) -> None:
    """Do nothing: the receiver of a client that was given none."""


class Receiver:
    """Calls a user's ``on_event``, and awaits what it returns if that is awaitable.

    What it raises is logged. Only what is meant to end the program gets through.

    Args:
        on_event: The function, which may be async.
    """

    def __init__(self, on_event: EventReceiver) -> None:
        self._on_event = on_event
        # Awaited one after the other, so that events keep their order.
        self._unawaited: collections.deque[tuple[Event, Awaitable[object]]] = collections.deque()
        self._awaiting: asyncio.Task[None] | None = None

    def __call__(self, event: Event) -> None:
        """Hand *event* over."""
        try:
            result = self._on_event(event)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001  # a CancelledError is none of this task's
            _log_failure(event)
            return
        if inspect.isawaitable(result):
            self._unawaited.append((event, result))
            if self._awaiting is None or self._awaiting.done():
                self._awaiting = asyncio.create_task(self._await_all(), name="aiozcrm: on_event")

    async def close(self) -> None:
        """Wait until every event has been received."""
        awaiting = self._awaiting
        # A receiver that closes the client must not wait for itself.
        if awaiting is None or awaiting is asyncio.current_task():
            return
        try:
            await asyncio.wait((awaiting,))
        except asyncio.CancelledError:
            awaiting.cancel()
            raise

    async def _await_all(self) -> None:
        this_task = asyncio.current_task()
        try:
            while self._unawaited:
                event, result = self._unawaited.popleft()
                try:
                    await result
                except (KeyboardInterrupt, SystemExit):
                    raise
                except BaseException:
                    if this_task is not None and this_task.cancelling():
                        raise
                    _log_failure(event)
        finally:
            for _, result in self._unawaited:
                if inspect.iscoroutine(result):
                    result.close()
            self._unawaited.clear()


def _log_failure(event: Event) -> None:
    logger.exception("on_event failed for %s", type(event).__name__)
