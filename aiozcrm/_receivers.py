"""Hands events to the function that the user gave, whatever that does."""

from __future__ import annotations

import asyncio
import collections
import inspect
from collections.abc import Awaitable
from typing import Final

from aiozcrm.events import Event, EventReceiver, logger

__all__ = ["Receiver", "null_receiver"]

#: How many events wait at most for an async receiver that is slower than the calls.
_MOST_WAITING: Final = 10_000


def null_receiver(event: Event) -> None:
    """Do nothing: the receiver of a client that was given none."""


class Receiver:
    """Calls a user's ``on_event``, and awaits what it returns if that is awaitable.

    What it raises is logged. Only what is meant to end the program gets through. Of the events
    that wait because it is slow, the oldest are dropped when there are too many.

    Args:
        on_event: The function, which may be async.
    """

    def __init__(self, on_event: EventReceiver) -> None:
        self._on_event = on_event
        # Awaited one after the other, so that events keep their order.
        self._unawaited: collections.deque[tuple[Event, Awaitable[object]]] = collections.deque()
        self._awaiting: asyncio.Task[None] | None = None
        self._has_dropped = False

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
            if len(self._unawaited) >= _MOST_WAITING:
                self._drop_oldest()
            self._unawaited.append((event, result))
            if self._awaiting is None or self._awaiting.done():
                self._awaiting = asyncio.create_task(self._await_all(), name="aiozcrm: on_event")

    def _drop_oldest(self) -> None:
        if not self._has_dropped:
            self._has_dropped = True
            logger.warning("on_event is slower than the calls: some events are dropped")
        _, result = self._unawaited.popleft()
        _leave(result)

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
                _leave(result)
            self._unawaited.clear()


def _leave(result: Awaitable[object]) -> None:
    """Await nothing of it, and let Python not warn of that."""
    if inspect.iscoroutine(result):
        result.close()


def _log_failure(event: Event) -> None:
    logger.exception("on_event failed for %s", type(event).__name__)
