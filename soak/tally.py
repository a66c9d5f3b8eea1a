"""Counts what clients tell of themselves."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Final

from aiozcrm.errors import RequestTimeoutError
from aiozcrm.events import (
    CallRetried,
    ChannelRenewalFailed,
    ChannelRenewed,
    Event,
    RequestFinished,
    TokenRefreshed,
    TokenRefreshFailed,
    TokenStoreFailed,
)

__all__ = ["Tally"]

_NAMES: Final[Mapping[type, str]] = {
    RequestFinished: "requests",
    CallRetried: "retries",
    ChannelRenewed: "channels renewed",
    ChannelRenewalFailed: "renewals of channels that failed",
    TokenRefreshed: "tokens made",
    TokenRefreshFailed: "refreshes that failed",
    TokenStoreFailed: "token stores that failed",
}


class Tally:
    """Receives the events of any number of clients.

    Attributes:
        counts: How many there were of each kind that is worth a line in the summary.
        stall: For how many seconds at most no request of any of them ended.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.stall = 0.0
        self._latest = time.monotonic()

    def receive(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, RequestFinished):
            now = time.monotonic()
            self.stall, self._latest = max(self.stall, now - self._latest), now
            if isinstance(event.error, RequestTimeoutError):
                self.counts["requests that timed out"] += 1
        name = _name_of(event)
        if name:
            self.counts[name] += 1


def _name_of(event: Event) -> str | None:
    if isinstance(event, TokenRefreshed) and event.from_store:
        return "tokens from a store"
    if isinstance(event, ChannelRenewed) and event.opened:
        return "channels opened"
    if isinstance(event, ChannelRenewed) and event.from_store:
        return "channels from a store"
    return _NAMES.get(type(event))
