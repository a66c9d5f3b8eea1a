"""What all calls of a client share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final

from aiozcrm._protocol import http_time
from aiozcrm._transport._running_call import RunningCall
from aiozcrm.errors import ClientClosedError, RateLimitError, WrongEventLoopError
from aiozcrm.retries import RetryBudget

__all__ = ["ClientState", "running_loop"]

_NO_HEADERS: Final[Mapping[str, str]] = {}


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the running event loop; None after a fork, which leaves it to the parent."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class ClientState:
    """What all calls of a client share.

    Args:
        any_loop: Whether it may be used in one event loop after the other.

    Attributes:
        closed: Whether the client is closed.
        loop: The event loop of the first use.
        budget: The retries that all calls owe.
        waiting: What ends each call early that waits, or may have to.
        told_to_wait: The last 429 that named a moment to come back.
        wait_until: The latest such moment, in seconds of the monotonic clock.
        last_headers: The headers of the last answer.
        answered_at: When it came, in seconds of the monotonic clock.
        credits_told: The credits left that the last event has told; infinite before.
    """

    def __init__(self, *, any_loop: bool) -> None:
        self.closed: bool = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.budget: Final = RetryBudget()
        self.waiting: Final[dict[RunningCall, asyncio.Timeout]] = {}
        self.told_to_wait: RateLimitError | None = None
        self.wait_until: float = 0.0
        self.last_headers: Mapping[str, str] = _NO_HEADERS
        self.answered_at: float = 0.0
        self.credits_told: float = math.inf
        self._any_loop = any_loop

    def check_usable(self) -> None:
        """Check that calls can be made, here and now.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed.
            aiozcrm.errors.WrongEventLoopError: If it belongs to another event loop.
        """
        self.check_loop()
        if self.closed:
            raise ClientClosedError("The client is closed.")

    def check_loop(self) -> None:
        """Check that this is the event loop of the first use.

        Raises:
            aiozcrm.errors.WrongEventLoopError: If it is another one.
        """
        loop = running_loop()
        if loop is not None and self._any_loop:
            return
        # Of two threads that come first, one sets it.
        if loop is None or vars(self).setdefault("_bound_to", loop) is not loop:
            raise WrongEventLoopError(
                "The client is used in another event loop, thread or process than before.",
            )
        self.loop = loop

    def close(self) -> None:
        """Let no more calls begin, and end those that wait.

        A send that is under way ends with its connection, or with its answer.
        """
        self.closed = True
        for call, limit in self.waiting.items():
            if not call.is_sending and not limit.expired():
                limit.reschedule(0.0)

    def server_time(self, moment: float) -> float | None:
        """Return what Zoho's clock showed at a moment, in seconds since 1970; None if unknown.

        Args:
            moment: In seconds of the monotonic clock.
        """
        there = http_time(self.last_headers.get("Date", ""))
        return None if there is None else there + moment - self.answered_at

    @property
    def credits_left(self) -> int | None:
        """How many credits the last answer says are left; None if it does not say."""
        told = self.last_headers.get("X-API-CREDITS-REMAINING", "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else None
