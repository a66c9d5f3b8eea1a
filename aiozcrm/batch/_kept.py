"""The outcomes of a report, in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import cast

from aiozcrm.batch._outcomes import Outcome, SharedDetails

__all__ = ["Kept"]

_place = attrgetter("index")


class Kept:
    """Keeps outcomes at the places of their inputs."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome | None] = []
        self._details = SharedDetails()

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes."""
        kept = self._outcomes
        places = cast("list[int]", [*map(_place, outcomes)])
        missing = max(places) + 1 - len(kept)
        if missing > 0:
            kept += [None] * missing
        for place, outcome in zip(places, outcomes, strict=True):
            kept[place] = outcome
        for outcome in outcomes:
            details = outcome._details  # noqa: SLF001  # of the same room
            if details and not isinstance(details, tuple):
                object.__setattr__(outcome, "_details", self._details.of(details, outcome.id))

    def in_order(self) -> tuple[Outcome, ...]:
        """Return all of them."""
        return tuple(cast("list[Outcome]", self._outcomes))
