"""How many calls may be on their way at once, and from which moment."""

from __future__ import annotations

import asyncio
import collections
import contextlib

from aiozcrm._clock import Clock
from aiozcrm.events import ConcurrencyChanged, EventReceiver, logger, nobody

__all__ = ["InFlightLimit"]


class InFlightLimit:
    """A limit on calls in flight that shrinks when Zoho says "too many" and grows back.

    Zoho allows so many simultaneous calls for an org and a client id, 5 in its smallest edition:
    https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html

    A 429 halves the limit, once for all calls that were in flight together, and holds every
    call back until the moment that Zoho named. Each full round of successes adds one again.
    """

    def __init__(self, highest: int, *, clock: Clock, emit: EventReceiver | None = None) -> None:
        self.highest = highest
        self.limit: int = highest
        self.in_flight: int = 0
        self._clock = clock
        self._emit = emit or nobody
        self._not_before = 0.0
        self._reductions = 0
        self._successes = 0
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()

    @property
    def held_for(self) -> float:
        """Seconds until the next call may start; 0 if it may start now."""
        if not self._not_before:
            return 0.0
        remaining = self._not_before - self._clock.monotonic()
        if remaining <= 0:
            self._not_before = 0.0
            return 0.0
        return remaining

    def try_enter(self) -> int | None:
        """Take a place if one is free at once.

        Returns:
            A ticket to leave with; None if one has to wait.
        """
        if self.in_flight >= self.limit or self._waiting or self._not_before:
            return None
        self.in_flight += 1
        return self._reductions

    async def enter(self) -> int:
        """Wait for a place and return the ticket to leave with.

        Places go to who asked first; who had one taken back by a smaller limit asks anew.
        """
        while True:
            await self._take_place()
            try:
                while (delay := self.held_for) > 0:
                    await self._clock.sleep(delay)
            except BaseException:
                self.leave()
                raise
            if self.in_flight <= self.limit:
                return self._reductions
            # The limit shrank meanwhile, so this place is one too many.
            self.leave()

    async def _take_place(self) -> None:
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                with contextlib.suppress(ValueError):  # passed over already
                    self._waiting.remove(place)
            else:  # The place was given in the same moment: hand it on.
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place back, to whoever waits longest."""
        self.in_flight -= 1
        if self._waiting:
            self._admit()

    def succeeded(self, ticket: int) -> None:
        """Note a success: after a full round of them one more call may be in flight.

        Args:
            ticket: That of the call. One that started before the last reduction says nothing of
                the limit as it is now.
        """
        if ticket != self._reductions:
            return
        self._successes += 1
        if self._successes >= self.limit:
            self._successes = 0
            self.limit = min(self.highest, self.limit + 1)
            self._emit(ConcurrencyChanged(limit=self.limit, delay=self.held_for))
            self._admit()

    def hold_back(self, ticket: int, delay: float) -> None:
        """Let no call start for *delay* seconds, and fewer at once from then on.

        Args:
            ticket: That of the call which was told that there are too many. Calls that started
                before the last reduction say nothing new about the limit.
            delay: In seconds.
        """
        self._not_before = max(self._not_before, self._clock.monotonic() + delay)
        if ticket == self._reductions:
            self._reductions += 1
            self._successes = 0
            self.limit = max(1, self.limit // 2)
            logger.warning("too many calls: at most %d at once, after %.1f s", self.limit, delay)
            self._emit(ConcurrencyChanged(limit=self.limit, delay=delay))

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            place = self._waiting.popleft()
            # Who is being cancelled stays in the queue until its task runs.
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
