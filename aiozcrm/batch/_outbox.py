"""Outcomes on their way from the calls to a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiozcrm.batch._outcomes import Outcome

__all__ = ["Outbox"]


class Outbox:
    """Holds the outcomes of finished calls until they are read, for one reader.

    Args:
        most: How many calls' outcomes wait before the calls have to wait for the reader.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[Sequence[Outcome]] = []
        self._is_closed = False
        self._reader: asyncio.Future[None] | None = None
        self._writers: list[asyncio.Future[None]] = []

    def put(self, outcomes: Sequence[Outcome]) -> bool:
        """Add the outcomes of a call; return whether the next call should wait for the reader."""
        self._waiting.append(outcomes)
        if self._reader is not None:
            self._wake_reader()
        return len(self._waiting) >= self._most

    async def room(self) -> None:
        """Wait until the reader has read what is there."""
        writer = asyncio.get_running_loop().create_future()
        self._writers.append(writer)
        await writer

    def close(self) -> None:
        """Let the reader end when it has read what is there."""
        self._is_closed = True
        self._wake_reader()

    async def take(self) -> list[Sequence[Outcome]]:
        """Return what is there, or wait for it; nothing at the end."""
        while not self._waiting and not self._is_closed:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        taken, self._waiting = self._waiting, []
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)
        return taken

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        self._reader = None
