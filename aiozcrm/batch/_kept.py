"""The outcomes of a report, in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from aiozcrm.batch._outcomes import Outcome, SharedDetails, Successes

__all__ = ["Kept"]


class Kept:
    """Keeps the outcomes of a batch; iterate over it for all of them, in the order of the inputs.

    Those of a call of which all rows succeeded are only made then.
    """

    def __init__(self) -> None:
        self._successes: list[Successes] = []
        self._others: list[Outcome] = []
        self._details = SharedDetails()
        # Of each status: how many there are, and the first place.
        self._counts: dict[str, int] = {}
        self._firsts: dict[str, int] = {}

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of a call."""
        if isinstance(outcomes, Successes):
            statuses = outcomes.statuses
            for status in {*statuses}:
                place = outcomes.places[statuses.index(status)]
                self._count(status, statuses.count(status), cast("int", place))
            self._successes.append(outcomes)
            return
        self._others += outcomes
        for outcome in outcomes:
            self._count(outcome.status, 1, cast("int", outcome.index))
            details = outcome._details  # noqa: SLF001  # of the same room
            if details and not isinstance(details, tuple):
                object.__setattr__(outcome, "_details", self._details.of(details, outcome.id))

    def _count(self, status: str, more: int, place: int) -> None:
        self._counts[status] = self._counts.get(status, 0) + more
        self._firsts[status] = min(place, self._firsts.get(status, place))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many inputs ended in each status, in the order in which the statuses come first."""
        return {
            each: self._counts[each] for each in sorted(self._counts, key=self._firsts.__getitem__)
        }

    def __iter__(self) -> Iterator[Outcome]:
        placed: list[Outcome | None] = [None] * sum(self._counts.values())
        for some in (self._others, *self._successes):
            for outcome in some:
                placed[cast("int", outcome.index)] = outcome
        return iter(cast("list[Outcome]", placed))
