"""The outcomes of a report, in little memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import cast

from aiozcrm.batch._outcomes import Outcome, OutcomeStatus, SharedDetails, Successes

__all__ = ["Kept"]

_status = attrgetter("status")


class Kept:
    """Keeps the outcomes of a batch; iterate over it for all of them, in the order of the inputs.

    Those of a call of which all rows succeeded are only made then.
    """

    def __init__(self) -> None:
        self._successes: list[Successes] = []
        self._others: list[Outcome] = []
        self._details = SharedDetails()
        self._counts: Counter[OutcomeStatus] = Counter()

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of a call."""
        if isinstance(outcomes, Successes):
            self._counts.update(outcomes.statuses)
            self._successes.append(outcomes)
            return
        self._counts.update(map(_status, outcomes))
        self._others += outcomes
        for outcome in outcomes:
            details = outcome._details  # noqa: SLF001  # of the same room
            if details and not isinstance(details, tuple):
                object.__setattr__(outcome, "_details", self._details.of(details, outcome.id))

    @property
    def counts(self) -> Mapping[OutcomeStatus, int]:
        """How many inputs ended in each status."""
        return self._counts

    def __iter__(self) -> Iterator[Outcome]:
        placed: list[Outcome | None] = [None] * self._counts.total()
        for some in (self._others, *self._successes):
            for outcome in some:
                placed[cast("int", outcome.index)] = outcome
        return iter(cast("list[Outcome]", placed))
