"""Sends what notification channels and bulk jobs tell, for real, to where they say."""

from __future__ import annotations

import asyncio
import collections
import contextlib
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import attrs

from aiozcrm.testing.stats import SentCallback, Stats

__all__ = ["Callback", "Callbacks"]

#: How long a receiver may take. Nothing is documented.
_PATIENCE: Final = aiohttp.ClientTimeout(total=10.0)
_MOST_IDS: Final = 100

#: What holds something of each record.
_LISTS: Final = ("ids", "affected_fields", "affected_values")


@attrs.frozen(eq=False)
class Callback:
    """What is to be sent.

    Attributes:
        url: Where.
        body: What.
    """

    url: str
    body: dict[str, Any]

    def joined(self, other: Callback) -> Callback | None:
        """Return both in one; None if they tell different things."""
        told, more = self.body, other.body
        both: dict[str, Any] = {
            name: [*told[name], *more.get(name, ())] for name in _LISTS if name in told
        }
        alike = {**more, **both, "server_time": told.get("server_time")} == {**told, **both}
        if self.url != other.url or not alike or len(set(both["ids"])) < len(both["ids"]):
            return None
        return Callback(self.url, {**told, **both}) if len(both["ids"]) <= _MOST_IDS else None


class Callbacks:
    """Sends callbacks one after the other, each once.

    Args:
        stats: Where they are noted.
    """

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._waiting: collections.deque[Callback] = collections.deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._more = asyncio.Event()
        self._sending: asyncio.Task[None]

    def put(self, callback: Callback) -> None:
        """Send a callback soon; any thread may ask."""
        self._waiting.append(callback)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._more.set)

    def mark(self) -> int:
        """Return how many wait, for :meth:`take_back`."""
        return len(self._waiting)

    def take_back(self, mark: int) -> None:
        """Forget what was put since *mark*, before anything could be sent."""
        while len(self._waiting) > mark:
            self._waiting.pop()

    def start(self) -> None:
        """Begin to send, in this event loop."""
        self._loop = asyncio.get_running_loop()
        self._sending = asyncio.create_task(self._send_all(), name="FakeZoho: callbacks")
        self._more.set()

    async def close(self) -> None:
        """Send no more, after a start."""
        self._loop = None
        self._sending.cancel()
        await asyncio.wait((self._sending,))

    async def _send_all(self) -> None:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            while True:
                await self._more.wait()
                self._more.clear()
                for callback in self._joined():
                    status = None
                    with contextlib.suppress(aiohttp.ClientError, OSError, TypeError, ValueError):
                        sending = session.post(
                            callback.url, json=callback.body, allow_redirects=False
                        )
                        async with sending as answer:
                            status = answer.status
                    self._stats.callbacks.append(
                        SentCallback(url=callback.url, body=callback.body, status=status)
                    )

    def _joined(self) -> Iterator[Callback]:
        """Yield what waits; those that follow each other and tell the same are one."""
        while self._waiting:
            callback = self._waiting.popleft()
            while self._waiting and (both := callback.joined(self._waiting[0])):
                self._waiting.popleft()
                callback = both
            yield callback
