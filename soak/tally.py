"""Counts what clients tell of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from aiozcrm.events import (
    CallRetried,
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
    TokenRefreshed: "tokens made",
    TokenRefreshFailed: "refreshes that failed",
    TokenStoreFailed: "token stores that failed",
}


class Tally:
    """Receives the events of any number of clients.

    Attributes:
        counts: How many there were of each kind that is worth a line in the summary.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def receive(self, event: Event) -> None:
        """Count one event."""
        name = _name_of(event)
        if name:
            self.counts[name] += 1


def _name_of(event: Event) -> str | None:
    if isinstance(event, TokenRefreshed) and event.from_store:
        return "tokens from a store"
    return _NAMES.get(type(event))
