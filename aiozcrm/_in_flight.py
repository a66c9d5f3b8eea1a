"""How many calls may be on their way at once, and from which moment."""

from __future__ import annotations

import asyncio
import collections
import contextlib

from aiozcrm._clock import Clock
from aiozcrm._receivers import null_receiver
from aiozcrm.events import ConcurrencyChanged, EventReceiver, logger

__all__ = ["InFlightLimit"]


class InFlightLimit:
    """A limit on calls in flight that shrinks when Zoho says "too many" and grows back.

    Zoho allows so many simultaneous calls for an org and a client id, 5 in its smallest edition:
    https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html

    A 429 halves the limit, once for all calls that were in flight together, and holds every
    call back until the moment that Zoho named. Each full round of other answers adds one again.
    """

    def __init__(self, highest: int, *, clock: Clock, emit: EventReceiver | None = None) -> None:
        self.highest = highest
        self.limit: int = highest
        self.in_flight: int = 0
        self._clock = clock
        self._emit = emit or null_receiver
        self._not_before = 0.0
        self._reductions = 0
        self._answers = 0
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()

    @property
    def held_for(self) -> float:
        """Seconds until the next call may start; 0 if it may start now."""
        return max(0.0, self._not_before - self._clock.monotonic()) if self._not_before else 0.0

    def try_enter(self) -> int | None:
        """Take a slot if one is free at once.

        Returns:
            A ticket for :meth:`admitted` and :meth:`hold_back`; None if one has to wait.
        """
        if self.in_flight >= self.limit or self._waiting:
            return None
        if self._not_before:
            if self.held_for:
                return None
            self._not_before = 0.0
        self.in_flight += 1
        return self._reductions

    async def enter(self) -> int:
        """Wait for a slot and return the ticket for :meth:`admitted` and :meth:`hold_back`.

        Slots are granted in the order in which they were requested. A call that loses its slot
        to a smaller limit requests another.
        """
        while True:
            await self._take_slot()
            try:
                while (delay := self.held_for) > 0:
                    await self._clock.sleep(delay)
            except BaseException:
                self.leave()
                raise
            if self.in_flight <= self.limit:
                return self._reductions
            # The limit shrank meanwhile, so this slot is one too many.
            self.leave()

    async def _take_slot(self) -> None:
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if slot.cancelled():
                with contextlib.suppress(ValueError):  # passed over already
                    self._waiting.remove(slot)
            else:  # It was granted in the same moment: hand it on.
                self.leave()
            raise

    def leave(self) -> None:
        """Give the slot back, to the call that has waited longest."""
        self.in_flight -= 1
        if self._waiting:
            self._admit()

    def admitted(self, ticket: int) -> None:
        """Note an answer other than 429: after a full round of them the limit grows by one.

        Args:
            ticket: The call's ticket. A call that started before the last reduction says nothing
                about the limit as it is now.
        """
        if ticket != self._reductions or self.limit >= self.highest:
            return
        self._answers += 1
        if self._answers >= self.limit:
            self._answers = 0
            self.limit += 1
            self._emit(ConcurrencyChanged(limit=self.limit, delay=self.held_for))
            self._admit()

    def hold_back(self, ticket: int, delay: float) -> None:
        """Let no call start for *delay* seconds, and fewer at once from then on.

        Args:
            ticket: The ticket of the call that was answered 429. A call that started before the
                last reduction says nothing new about the limit.
            delay: In seconds.
        """
        self._not_before = max(self._not_before, self._clock.monotonic() + delay)
        if ticket == self._reductions:
            self._reductions += 1
            self._answers = 0
            self.limit = max(1, self.limit // 2)
            logger.warning("too many calls: at most %d at once, after %.1f s", self.limit, delay)
            self._emit(ConcurrencyChanged(limit=self.limit, delay=delay))

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            slot = self._waiting.popleft()
            # A waiter that is being cancelled stays in the queue until its task runs.
            if not slot.done():
                self.in_flight += 1
                slot.set_result(None)
