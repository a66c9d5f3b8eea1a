"""The outcomes of a report, in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aiozcrm.batch._outcomes import Outcome, SharedDetails

__all__ = ["Kept"]


class Kept:
    """Keeps outcomes at the places of their inputs."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome | None] = []
        self._details = SharedDetails()

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes."""
        kept = self._outcomes
        for outcome in outcomes:
            index = cast("int", outcome.index)
            if index >= len(kept):
                kept += [None] * (index + 1 - len(kept))
            kept[index] = outcome
            details = outcome._details  # noqa: SLF001  # of the same room
            if details and not isinstance(details, tuple):
                object.__setattr__(outcome, "_details", self._details.of(details, outcome.id))

    def in_order(self) -> tuple[Outcome, ...]:
        """Return all of them."""
        return tuple(cast("list[Outcome]", self._outcomes))
