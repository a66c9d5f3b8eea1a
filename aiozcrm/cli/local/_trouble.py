"""What goes wrong in a demonstration, and a client that is shown at work in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from aiozcrm import Outcome, RetryPolicy, ZohoCRM
from aiozcrm.cli.runs._display import Display, Tally
from aiozcrm.events import Event
from aiozcrm.testing import FakeZoho, Fault

__all__ = ["LATENCY", "RATES", "Settings", "Show", "expiry_points", "plan_faults"]

RATES: Final[Mapping[Fault, float]] = MappingProxyType(
    {
        Fault.SERVER_ERROR_BEFORE: 0.02,
        Fault.SERVER_ERROR_AFTER: 0.02,
        Fault.BAD_GATEWAY: 0.01,
        Fault.UNAVAILABLE: 0.01,
        Fault.TOO_MANY_RETRY_AFTER: 0.02,
        Fault.RESET_BEFORE: 0.01,
        Fault.RESET_AFTER: 0.01,
        Fault.TRUNCATED_BODY: 0.01,
        Fault.NOT_JSON: 0.01,
    },
)

#: Slow enough to watch, in seconds.
LATENCY: Final = 0.04

#: Many attempts, but short pauses, since somebody is watching.
_RETRIES: Final = RetryPolicy(attempts=10, first_delay=0.05, max_delay=1.0)
_RETRY_AFTER: Final = "0.05"


@attrs.frozen(kw_only=True)
class Settings:
    """The options of a demonstration.

    Attributes:
        links: How many links to delete.
        calm: Whether to run without faults.
        concurrency: How many calls may run at once.
        seed: The seed of the faults; the same seed gives the same faults.
    """

    links: int
    calm: bool
    concurrency: int
    seed: int


def expiry_points(inputs: int) -> frozenset[int]:
    """Return after how many inputs access tokens expire: a quarter, a half, three quarters."""
    return frozenset(inputs * quarters // 4 for quarters in (1, 2, 3)) - {0}


def plan_faults(
    fake: FakeZoho, settings: Settings, rates: Mapping[Fault, float], *, spared: int
) -> None:
    """Let calls go wrong, but for the first few."""
    if not settings.calm:
        fake.faults.script(*[None] * spared)
        fake.faults.mix(rates, seed=settings.seed)
        fake.faults.retry_after = _RETRY_AFTER


class Show:
    """Shows a client at work.

    Args:
        fake: The local Zoho.
        settings: The options.
        tally: Counts what happens.
        display: Shows it.
    """

    def __init__(self, fake: FakeZoho, settings: Settings, tally: Tally, display: Display) -> None:
        self._fake = fake
        self._settings = settings
        self._tally = tally
        self._display = display
        self._done = 0
        self._points: frozenset[int] = frozenset() if settings.calm else expiry_points(tally.total)

    def client(self) -> ZohoCRM:
        """Return a client of which each event is shown."""

        def note(event: Event) -> None:
            self._tally.note_event(event)
            self._display.show()

        return ZohoCRM(
            self._fake.credentials(),
            max_in_flight=self._settings.concurrency,
            retries=_RETRIES,
            on_event=note,
        )

    def note(self, outcome: Outcome) -> None:
        """Show an outcome, and let the access tokens expire now and then."""
        self._tally.counts.note(outcome)
        self._display.show()
        if outcome.kind == "done":
            self._done += 1
            if self._done in self._points:
                self._fake.expire_tokens()
