"""Counts of outcomes, and the meaning and the colour of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol, get_args

from aiozcrm.batch import OutcomeKind, OutcomeStatus
from aiozcrm.cli._words import in_words

__all__ = ["MEANINGS", "STYLES", "UNFINISHED", "Counts", "HasKind", "StatusCount", "meaning_of"]

#: What a kind of outcome means, in the order in which people want to know.
MEANINGS: Final[Mapping[OutcomeKind, str]] = {
    "done": "Zoho confirmed it",
    "kept": "left as it was",
    "failed": "it did not happen",
    "in_doubt": "it may have happened, or not",
    "not_attempted": "nothing was sent",
}

#: Words that say less than they should on their own.
_NOTES: Final[Mapping[str, str]] = {
    "already_gone": "an earlier send, whose answer was lost, had removed it",
    "not_found": "not in this org, so there was nothing to do",
    "protected": "kept by Zoho, or because it is in use or has changed",
}

STYLES: Final[Mapping[OutcomeKind, str]] = {
    "done": "green",
    "kept": "yellow",
    "failed": "red",
    "in_doubt": "magenta",
    "not_attempted": "red",
}

#: The kinds that leave something to be done.
UNFINISHED: Final[frozenset[OutcomeKind]] = frozenset({"failed", "in_doubt", "not_attempted"})

_KINDS: Final = tuple(MEANINGS)
_STATUSES: Final = get_args(OutcomeStatus)


class HasKind(Protocol):
    """Anything with a status and its kind, such as an outcome."""

    @property
    def status(self) -> str:
        """The status, in the words of the verb."""
        ...

    @property
    def kind(self) -> OutcomeKind:
        """What the status means."""
        ...


class StatusCount(NamedTuple):
    """How many outcomes have a status.

    Attributes:
        status: The status.
        kind: Its kind.
        number: How many there are.
    """

    status: str
    kind: OutcomeKind
    number: int

    def __str__(self) -> str:
        return f"{self.number} {in_words(self.status)}"


def meaning_of(status: str, kind: OutcomeKind) -> str:
    """Return what a status means, in a few words."""
    return _NOTES.get(status, MEANINGS[kind])


class Counts:
    """How many outcomes there are of each status.

    Args:
        outcomes: The first to count.
    """

    def __init__(self, outcomes: Iterable[HasKind] = ()) -> None:
        self._counter = Counter((outcome.status, outcome.kind) for outcome in outcomes)

    def __iter__(self) -> Iterator[StatusCount]:
        """Iterate over the statuses that occur, in the order of their kinds."""
        counts = (StatusCount(*key, count) for key, count in self._counter.items())
        return iter(sorted(counts, key=_rank))

    def __getitem__(self, status: str) -> int:
        return sum(found.number for found in self if found.status == status)

    def __str__(self) -> str:
        return ", ".join(map(str, self))

    def note(self, outcome: HasKind, number: int = 1) -> None:
        """Count one more, or more of the same."""
        self._counter[outcome.status, outcome.kind] += number

    @property
    def total(self) -> int:
        """How many outcomes there are."""
        return self._counter.total()

    @property
    def unfinished(self) -> int:
        """How many outcomes leave something to be done."""
        return sum(found.number for found in self if found.kind in UNFINISHED)


def _rank(found: StatusCount) -> tuple[int, int, str]:
    known = found.status in _STATUSES
    place = _STATUSES.index(found.status) if known else len(_STATUSES)
    return _KINDS.index(found.kind), place, found.status
