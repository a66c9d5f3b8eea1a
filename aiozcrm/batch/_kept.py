"""The outcomes of a report, in little memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, cast

from aiozcrm.batch._outcomes import (
    DetailColumns,
    Outcome,
    RowDetails,
    SharedDetails,
    Successes,
)

__all__ = ["Kept"]

#: The types of which no value is equal to another one that means something else.
_EXACT: Final = {str, int, bool, type(None)}


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
            outcomes.details = _compact(outcomes)
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


def _compact(successes: Successes) -> RowDetails:
    """Return the details of rows with one object for what is equal in them.

    They stay as they are if the rows do not all have the same names in the same order, or are
    compact already.
    """
    details = successes.details
    if isinstance(details, DetailColumns):
        details.columns = [*map(_once, details.columns)]
        return details
    if isinstance(details[0], tuple):
        return details
    rows = cast("Sequence[Mapping[str, Any]]", details)
    names = (*rows[0],)
    if {*map(tuple, rows)} != {names}:
        return details
    # The ids are those of the outcomes, which are kept anyway.
    columns = [
        successes.ids if name == "id" else _once([*map(itemgetter(name), rows)]) for name in names
    ]
    return DetailColumns(names, columns)


def _once(column: Sequence[Any]) -> Sequence[Any]:
    """Return values with one object for those that are the same.

    Only those of which being equal means just that: 1 and True are equal, too.
    """
    kinds = {*map(type, column)}
    keys: Iterable[Any] = column
    if kinds == {dict}:
        keys = map(tuple, map(dict.items, column))
        kinds = {*map(type, itertools.chain.from_iterable(map(dict.values, column)))}
    if len(kinds) > 1 or not kinds <= _EXACT:
        return column
    first = column[0]
    if column.count(first) == len(column):
        return [first] * len(column)
    seen: dict[Any, Any] = {}
    return [*map(seen.setdefault, keys, column)]
