"""Rows that must not overtake each other, and rows that are the same."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

import attr as attrs

from aiozcrm.batch._outcomes import Outcome

__all__ = ["Duplicates", "Late", "Order"]

T = TypeVar("T")

_NEW: Final[Any] = object()

#: How many rows wait for an earlier one before no more inputs are read.
_MOST_LATE: Final = 1_000


class Late(Generic[T]):
    """A row that has to wait for earlier ones.

    Attributes:
        row: The row.
        index: Its place in the input.
        keys: What it shares with them.
        missing: How many of its keys an earlier row holds.
    """

    __slots__ = ("index", "keys", "missing", "row")

    def __init__(self, row: T, index: int, keys: tuple[Hashable, ...], *, missing: int) -> None:
        self.row: T = row
        self.index: int = index
        self.keys: tuple[Hashable, ...] = keys
        self.missing: int = missing


class Order(Generic[T]):
    """Lets a row go only when all earlier rows that share a key with it are finished."""

    def __init__(self) -> None:
        # For each key that a row holds: the later rows that wait for it.
        self._queues: dict[Hashable, collections.deque[Late[T]] | None] = {}
        self._late: dict[int, Late[T]] = {}

    def __len__(self) -> int:
        return len(self._late)

    @property
    def room(self) -> int:
        """How many more rows may wait; with none left, no more should be read."""
        return _MOST_LATE - len(self._late)

    def admit(self, row: T, index: int, keys: tuple[Hashable, ...]) -> bool:
        """Take the keys of a row, or let it wait for them.

        Returns:
            Whether it may go now; if not, :meth:`release` returns it when it may.
        """
        queues = self._queues
        if queues.keys().isdisjoint(keys):
            for key in keys:
                queues[key] = None
            return True
        held = [key for key in keys if key in queues]
        for key in keys:
            queues.setdefault(key)
        late = self._late[index] = Late(row, index, keys, missing=len(held))
        for key in held:
            queue = queues[key]
            if queue is None:
                queue = queues[key] = collections.deque()
            queue.append(late)
        return False

    def admit_all(self, rows: Iterable[tuple[Hashable, ...]]) -> bool:
        """Take the keys of many rows, if none of them has to wait.

        Args:
            rows: The keys of each row.

        Returns:
            Whether they may go now; if not, nothing has changed.
        """
        keys = [*itertools.chain.from_iterable(rows)]
        new = dict.fromkeys(keys)
        if len(new) != len(keys) or not self._queues.keys().isdisjoint(new):
            return False
        self._queues.update(new)
        return True

    def release(self, rows: Iterable[Iterable[Hashable]]) -> list[Late[T]]:
        """Give the keys of finished rows to the next ones; return those that may go now.

        Args:
            rows: The keys of each row.
        """
        queues = self._queues
        keys = [*itertools.chain.from_iterable(rows)]
        if not self._late:
            # As nearly always, and this is the quickest way to take them all out.
            collections.deque(map(queues.pop, keys, itertools.repeat(None)), maxlen=0)
            return []
        free = []
        for key in keys:
            # Most keys are those of one row alone.
            if queue := queues.pop(key, None):
                queues[key] = queue
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
        memory: How many of the latest rows to remember; None for all.
    """

    def __init__(self, memory: int | None) -> None:
        self._memory = memory
        # What became of each row: its outcome, or if it is not finished, the places of the rows
        # that are equal to it. An ordered dict gives up its oldest entry at no cost.
        self._seen: dict[T, Outcome | list[int] | None] = (
            {} if memory is None else collections.OrderedDict()
        )

    def admit(self, row: T, index: int) -> bool:
        """Return whether a row is the first of its kind.

        If not, and if the first one is not finished, it waits for that one.
        """
        seen = self._seen.get(row, _NEW)
        if seen is _NEW:
            self._seen[row] = None
            return True
        if seen is None:
            self._seen[row] = [index]
        elif isinstance(seen, list):
            seen.append(index)
        return False

    def known(self, row: T, index: int) -> Outcome | None:
        """Return the outcome of an equal row that is finished."""
        seen = self._seen[row]
        return attrs.evolve(seen, index=index) if isinstance(seen, Outcome) else None

    def settle(self, rows: Iterable[T], outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Remember outcomes; return them with those of the rows that waited for them."""
        seen = self._seen
        twins: list[Outcome] = []
        for row, outcome in zip(rows, outcomes, strict=False):
            places = seen[row]
            if isinstance(places, list):
                twins += [attrs.evolve(outcome, index=place) for place in places]
            seen[row] = outcome
            if self._memory is not None and len(seen) > self._memory:
                first = next(iter(seen))
                oldest = seen.pop(first)
                if not isinstance(oldest, Outcome):
                    seen[first] = oldest  # It is not finished.
        return [*outcomes, *twins] if twins else outcomes
