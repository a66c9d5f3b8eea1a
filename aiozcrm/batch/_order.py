"""Rows that must not overtake each other, and rows that are the same."""

from __future__ import annotations

import collections
from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

import attrs

from aiozcrm.batch._outcomes import Outcome

__all__ = ["Duplicates", "Late", "Order"]

T = TypeVar("T")

#: How many rows wait for an earlier one before no more inputs are read.
_MOST_LATE: Final = 1_000


@attrs.define(eq=False)
class Late(Generic[T]):
    """A row that has to wait for earlier ones.

    Attributes:
        row: The row.
        index: Its place in the input.
        keys: What it shares with them.
        missing: How many of its keys an earlier row holds.
    """

    row: T
    index: int
    keys: tuple[Hashable, ...]
    missing: int


class Order(Generic[T]):
    """Lets a row go only when all earlier rows that share a key with it are finished."""

    def __init__(self) -> None:
        # For each key that a row holds: the later rows that wait for it.
        self._queues: dict[Hashable, collections.deque[Late[T]] | None] = {}
        self._late: dict[int, Late[T]] = {}

    def __len__(self) -> int:
        return len(self._late)

    @property
    def is_full(self) -> bool:
        """Whether so many rows wait that no more should be read."""
        return len(self._late) >= _MOST_LATE

    def admit(self, row: T, index: int, keys: tuple[Hashable, ...]) -> bool:
        """Take the keys of a row, or let it wait for them.

        Returns:
            Whether it may go now; if not, :meth:`release` returns it when it may.
        """
        queues = self._queues
        held = [key for key in keys if key in queues]
        for key in keys:
            queues.setdefault(key)
        if not held:
            return True
        late = self._late[index] = Late(row, index, keys, missing=len(held))
        for key in held:
            queue = queues[key]
            if queue is None:
                queue = queues[key] = collections.deque()
            queue.append(late)
        return False

    def release(self, keys: Iterable[Hashable]) -> list[Late[T]]:
        """Give the keys of a finished row to the next ones; return those that may go now."""
        free = []
        for key in keys:
            queue = self._queues.get(key)
            if not queue:
                self._queues.pop(key, None)
                continue
            late = queue.popleft()
            late.missing -= 1
            if not late.missing:
                free.append(self._late.pop(late.index))
        return free

    def clear(self) -> list[Late[T]]:
        """Forget everything; return the rows that waited."""
        late = list(self._late.values())
        self._late.clear()
        self._queues.clear()
        return late


class Duplicates(Generic[T]):
    """Gives equal rows one outcome.

    Args:
        memory: How many of the latest outcomes to remember; None for all.
    """

    def __init__(self, memory: int | None) -> None:
        self._memory = memory
        # Rows that are not finished, with the places of those that are equal to them.
        self._twins: dict[T, list[int] | None] = {}
        # Where it forgets, it is ordered: that gives up its oldest entry at no cost.
        self._known: dict[T, Outcome] = {} if memory is None else collections.OrderedDict()

    def admit(self, row: T, index: int) -> bool:
        """Return whether a row is the first of its kind.

        If not, and if the first one is not finished, it waits for that one.
        """
        if row in self._twins:
            twins = self._twins[row]
            if twins is None:
                twins = self._twins[row] = []
            twins.append(index)
            return False
        if row in self._known:
            return False
        self._twins[row] = None
        return True

    def known(self, row: T, index: int) -> Outcome | None:
        """Return the outcome of an equal row that is finished."""
        outcome = self._known.get(row)
        return None if outcome is None else attrs.evolve(outcome, index=index)

    def settle(self, rows: Iterable[T], outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Remember outcomes; return those of the rows that waited for them."""
        found = []
        for row, outcome in zip(rows, outcomes, strict=True):
            self._known[row] = outcome
            if self._memory is not None and len(self._known) > self._memory:
                del self._known[next(iter(self._known))]
            if twins := self._twins.pop(row):
                found += [attrs.evolve(outcome, index=index) for index in twins]
        return found
