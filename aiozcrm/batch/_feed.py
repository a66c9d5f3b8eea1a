"""From inputs, one after the other, to the rows of the next call."""

from __future__ import annotations

import asyncio
import collections
import itertools
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import attr as attrs

from aiozcrm.batch._inputs import TURN, Chunk, Listing, Rows
from aiozcrm.batch._order import Duplicates, Order
from aiozcrm.batch._outcomes import Outcome, without_frames
from aiozcrm.errors import ZohoError

__all__ = ["Feed"]

T = TypeVar("T")

_END: Final = object()

_NO_KEYS: Final[list[tuple[Hashable, ...]]] = []


class _Unreadable(NamedTuple):
    """An input that is not valid."""

    raw: Any
    error: Exception


class Feed(Generic[T]):
    """Arranges inputs for calls.

    An input leads either to a row of a chunk, or at once to an outcome: because it is not valid,
    because an equal one is finished, or because the batch has stopped.

    Args:
        inputs: What to arrange.
        how: How to arrange it.
        memory: How many of the latest outcomes to keep for duplicates; None for all.
    """

    def __init__(
        self,
        inputs: Iterable[Any] | AsyncIterable[Any] | Listing[T],
        how: Rows[T],
        *,
        memory: int | None,
    ) -> None:
        self._how = how
        self._is_read = isinstance(inputs, Listing)
        self._order = Order[T]()
        self._twins: Mapping[int, list[int]] = {}
        self._duplicates = Duplicates[T](memory) if how.once else None
        self._iterator: Iterator[Any] = iter(())
        self._source: AsyncIterator[Any] | None = None
        self._places: Iterator[int] = itertools.count()
        if isinstance(inputs, Listing):
            self._duplicates = None
            self._twins = inputs.twins
            self._iterator = iter(inputs.rows)
            self._places = iter(inputs.places)
        elif isinstance(inputs, AsyncIterable):
            self._source = aiter(inputs)
        else:
            self._iterator = iter(inputs)
        #: Takes the outcomes of rows, and returns them with those of duplicates.
        self.settle = self._settle if self._duplicates is None else self._duplicates.settle
        # Where rows share calls, and equal ones are no matter, they are read by the slice.
        self._slices: Iterator[T | _Unreadable] | None = None
        if how.per_call > 1 and self._duplicates is None and self._source is None:
            read = map(self._read_one, self._iterator)
            self._slices = self._iterator if self._is_read else read
        self._failure: BaseException | None = None
        self._exhausted = False
        self._stopped_by: ZohoError | None = None
        # Chunks with and without room for more rows, and outcomes of rows that are not sent.
        self._open: dict[Hashable, Chunk[T]] = {}
        self._full: collections.deque[Chunk[T]] = collections.deque()
        self._unsent: list[Outcome] = []
        # The task that reads an asynchronous source, and those that wait for it, or for a row.
        self._reader: asyncio.Task[Any] | None = None
        self._waiting_to_read: collections.deque[asyncio.Future[None]] = collections.deque()
        self._waiting_for_rows: collections.deque[asyncio.Future[None]] = collections.deque()

    def at_once(self) -> Chunk[T] | list[Outcome] | None:
        """Return the rows of the next call, or outcomes that need none; None to wait for them.

        Raises:
            BaseException: What the inputs raise.
        """
        if self._full or self._unsent or self._failure is not None or self._exhausted:
            return self._ready()
        if self._source is not None:
            return None
        return self._one_by_one() if self._slices is None else self._slice(self._slices)

    def _one_by_one(self) -> Chunk[T] | list[Outcome] | None:
        for _ in range(TURN):
            if self._order.room <= 0:
                return None
            try:
                raw = next(self._iterator, _END)
            except BaseException:
                self._exhausted = True
                raise
            if raw is _END:
                self._exhausted = True
                return None
            if (work := self._accept(raw)) is not None:
                return work
        return []

    def _slice(self, source: Iterator[T | _Unreadable]) -> Chunk[T] | list[Outcome] | None:
        """Do the same for as many inputs at once as a chunk has room for, which is faster."""
        for _ in range(0, TURN, self._how.per_call):
            filled = max((len(chunk.rows) for chunk in self._open.values()), default=0)
            room = min(self._how.per_call - filled, self._order.room)
            if room <= 0:
                return None
            rows: list[T | _Unreadable] = []
            try:
                # What comes before an error stays.
                rows.extend(itertools.islice(source, room))
            except BaseException as error:  # noqa: BLE001  # raised when these are arranged
                self._failure = error
            self._exhausted = len(rows) < room
            if rows:
                self._arrange(rows)
            if self._full or self._unsent or self._exhausted:
                return self._ready()
        return []

    def _read_one(self, raw: Any) -> T | _Unreadable:
        try:
            return self._how.read(raw)
        except (TypeError, ValueError) as error:
            return _Unreadable(raw, error)
        except StopIteration as error:
            # It would end the inputs here, and nobody would miss the others.
            raise RuntimeError("reading an input raised StopIteration") from error

    def _arrange(self, rows: list[T | _Unreadable]) -> None:
        """Put rows into chunks, or lead them to outcomes."""
        how = self._how
        if self._stopped_by is None and _Unreadable not in set(map(type, rows)):
            good = cast("list[T]", rows)
            keys: list[Any] = [] if how.keys is None else [*map(how.keys, good)]
            if not {*map(type, keys)} <= {tuple}:
                keys = [*map(_once, keys)]
            lanes = [""] if how.lane is None else [*{*map(how.lane, good)}]
            if len(lanes) == 1 and lanes[0] is not None and self._order.admit_all(keys):
                chunk = self._open.setdefault(lanes[0], Chunk([], [], []))
                chunk.rows += good
                chunk.indexes += itertools.islice(self._places, len(good))
                chunk.keys += keys
                if len(chunk.rows) >= how.per_call:
                    self._full.append(self._open.pop(lanes[0]))
                return
        for row in rows:
            work = self._place(row, next(self._places))
            if isinstance(work, Chunk):
                self._full.append(work)
            elif work is not None:
                self._unsent += work

    async def next(self) -> Chunk[T] | list[Outcome] | None:
        """Do the same, but wait where :meth:`at_once` cannot; return None at the end."""
        while True:
            # An async generator can be entered by one task at a time.
            while self._reader is not None:
                await self._turn(self._waiting_to_read)
            work = self.at_once()
            if work is None and self._source is not None and not self._exhausted:
                work = await self._read(self._source)
            # Whether or not it was this task that read, the next one may.
            if self._waiting_to_read and self._reader is None:
                _wake(self._waiting_to_read, 1)
            if work is None and self._open:
                # There is nothing to fill it up with for now.
                work = self._open.pop(next(iter(self._open)))
            if work is not None:
                return work
            if self._exhausted and not self._order:
                return None
            await self._turn(self._waiting_for_rows)

    def _settle(self, _: Sequence[T], outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        if not self._twins:
            return outcomes
        return [
            *outcomes,
            *(
                attrs.evolve(outcome, index=place)
                for outcome in outcomes
                for place in self._twins.get(cast("int", outcome.index), ())
            ),
        ]

    def split(self, chunk: Chunk[T]) -> None:
        """Let the rows of a chunk have two calls instead of one; none if the batch has stopped."""
        if self._stopped_by is not None:
            for row, index in zip(chunk.rows, chunk.indexes, strict=True):
                self._unsent += self._not_attempted(row, index, self._stopped_by)
            return
        middle = len(chunk.rows) // 2
        for part in (slice(middle, None), slice(middle)):
            half = Chunk(chunk.rows[part], chunk.indexes[part], chunk.keys[part])
            self._full.appendleft(half)

    def release(self, chunk: Chunk[T]) -> None:
        """Let the rows go that waited for these."""
        free = self._order.release(chunk.keys)
        for late in sorted(free, key=attrgetter("index")):
            if full := self._add(late.row, late.index, late.keys):
                self._full.append(full)
        self._wake_all()

    def stop(self, error: ZohoError) -> None:
        """Send nothing more: all that is left is not attempted."""
        self._stopped_by = error
        chunks = (*self._full, *self._open.values())
        rows = [pair for chunk in chunks for pair in zip(chunk.rows, chunk.indexes, strict=True)]
        rows += [(late.row, late.index) for late in self._order.clear()]
        self._full.clear()
        self._open.clear()
        for row, index in rows:
            self._unsent += self._not_attempted(row, index, error)
        self._wake_all()

    def interrupt(self) -> None:
        """Read and send nothing more: whatever waits for an input or a row has come to its end."""
        self._exhausted = True
        for rows in (self._full, self._open, self._unsent, self._order):
            rows.clear()
        if self._reader is not None:
            self._reader.cancel()
        self._wake_all()

    def _wake_all(self) -> None:
        for waiting in (self._waiting_to_read, self._waiting_for_rows):
            _wake(waiting, len(waiting))

    def _ready(self) -> Chunk[T] | list[Outcome] | None:
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            return unsent
        if self._full:
            return self._full.popleft()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return None

    async def _read(self, source: AsyncIterator[Any]) -> Chunk[T] | list[Outcome] | None:
        """Read an asynchronous source, as :meth:`at_once` reads another one."""
        self._reader = asyncio.current_task()
        try:
            for _ in range(TURN):
                if self._exhausted or self._order.room <= 0:
                    return None
                if (work := self._accept(await anext(source))) is not None:
                    return work
                if self._full or self._unsent:
                    return self._ready()
        except BaseException as error:
            self._exhausted = True
            if not isinstance(error, StopAsyncIteration):
                raise
            return None
        finally:
            self._reader = None
        return []

    def _accept(self, raw: Any) -> Chunk[T] | list[Outcome] | None:
        """Take an input; return its outcome if it needs no call, or the chunk that it fills."""
        row = raw if self._is_read else self._read_one(raw)
        return self._place(row, next(self._places))

    def _place(self, row: T | _Unreadable, index: int) -> Chunk[T] | list[Outcome] | None:
        """Do the same for a row."""
        if isinstance(row, _Unreadable):
            return [Outcome(_shown(row.raw), "failed", 0, without_frames(row.error), index)]
        how = self._how
        duplicates = self._duplicates
        if duplicates is not None and not duplicates.admit(row, index):
            known = duplicates.known(row, index)
            return None if known is None else [known]
        if self._stopped_by is not None:
            return self._not_attempted(row, index, self._stopped_by)
        if how.keys is not None:
            keys = _once(how.keys(row))
            return self._add(row, index, keys) if self._order.admit(row, index, keys) else None
        if how.per_call == 1:
            return Chunk([row], [index], _NO_KEYS)
        return self._add(row, index)

    def _add(
        self,
        row: T,
        index: int,
        keys: tuple[Hashable, ...] | None = None,
    ) -> Chunk[T] | None:
        """Put a row into a chunk; return the chunk if it is full."""
        lane = "" if self._how.lane is None else self._how.lane(row)
        chunk = self._open.get(lane)
        if chunk is None:
            chunk = self._open[lane] = Chunk([], [], [])
        chunk.rows.append(row)
        chunk.indexes.append(index)
        if keys is not None:
            chunk.keys.append(keys)
        if lane is None or len(chunk.rows) >= self._how.per_call:
            return self._open.pop(lane)
        return None

    def _not_attempted(self, row: T, index: int, error: ZohoError) -> list[Outcome]:
        outcome = Outcome(self._how.name(row), "not_attempted", 0, error, index)
        return [*self.settle([row], [outcome])]

    @staticmethod
    async def _turn(waiting: collections.deque[asyncio.Future[None]]) -> None:
        """Wait for a turn, in the order of those who wait."""
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        await turn


def _wake(waiting: collections.deque[asyncio.Future[None]], most: int) -> None:
    """Give a turn to so many tasks that wait for one."""
    while waiting and most:
        turn = waiting.popleft()
        # One whose task is being cancelled stays among them until that runs.
        if not turn.done():
            turn.set_result(None)
            most -= 1


def _once(keys: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """Return keys, each once."""
    return keys if type(keys) is tuple else tuple(dict.fromkeys(keys))


def _shown(raw: object) -> str:
    """Return what to call an input that is not valid."""
    try:
        return raw if isinstance(raw, str) else repr(raw)
    except Exception:  # noqa: BLE001  # an object of the caller's, or a number of many digits
        return f"<{type(raw).__name__}>"
