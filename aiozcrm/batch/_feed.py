"""From inputs, one after the other, to the rows of the next call."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Sequence,
)
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import attrs

from aiozcrm.batch._order import Duplicates, Order
from aiozcrm.batch._outcomes import Outcome, without_frames
from aiozcrm.errors import ZohoError

__all__ = ["TURN", "Chunk", "Feed", "Rows"]

T = TypeVar("T")

#: After how many inputs without a call other tasks get their turn: well within 10 ms.
TURN: Final = 500

_END: Final = object()

_NO_KEYS: Final[list[tuple[Hashable, ...]]] = []


@attrs.frozen(kw_only=True)
class Rows(Generic[T]):
    """How inputs become rows, and rows become calls.

    Attributes:
        read: Returns the row of an input in the form that is sent; raises ``TypeError`` or
            ``ValueError`` if the input is not valid.
        name: Returns the ``id`` of a row's outcome, as long as Zoho has not named another.
        per_call: How many rows a call takes at most.
        once: Whether equal rows are sent once and share the outcome. Rows must be hashable then.
        keys: Returns what a row shares with others, such as its id. Rows that share a key are
            never under way together, and keep their order. None if that does not matter.
        lane: Rows of different lanes never share a call; a row whose lane is None has a call of
            its own. None if all rows may share calls.
    """

    read: Callable[[Any], T]
    name: Callable[[T], str] = str
    per_call: int = 1
    once: bool = False
    keys: Callable[[T], Iterable[Hashable]] | None = None
    lane: Callable[[T], Hashable] | None = None


class Chunk(Generic[T]):
    """The rows of one call.

    Attributes:
        rows: In the form that is sent.
        indexes: Their places in the input.
        keys: What each of them shares with others; empty where that does not matter.
    """

    __slots__ = ("indexes", "keys", "rows")

    def __init__(
        self,
        rows: list[T],
        indexes: list[int],
        keys: list[tuple[Hashable, ...]],
    ) -> None:
        self.rows = rows
        self.indexes = indexes
        self.keys = keys


class Feed(Generic[T]):
    """Reads inputs and arranges them for calls. Inputs are numbered from 0.

    An input leads either to a row of a chunk, or at once to an outcome: because it is not valid,
    because an equal one is finished, or because the batch has stopped.

    Args:
        inputs: What to read.
        how: How to arrange it.
        memory: How many of the latest outcomes to keep for duplicates; None for all.
    """

    def __init__(
        self,
        inputs: Iterable[Any] | AsyncIterable[Any],
        how: Rows[T],
        *,
        memory: int | None,
    ) -> None:
        self._how = how
        self._iterator: Iterator[Any] = iter(())
        self._source: AsyncIterator[Any] | None = None
        if isinstance(inputs, AsyncIterable):
            self._source = aiter(inputs)
        else:
            self._iterator = iter(inputs)
        self._order = Order[T]()
        self._duplicates = Duplicates[T](memory) if how.once else None
        self._count = 0
        self._exhausted = False
        self._stopped_by: ZohoError | None = None
        # Chunks with and without room for more rows, and outcomes of rows that are not sent.
        self._open: dict[Hashable, Chunk[T]] = {}
        self._full: collections.deque[Chunk[T]] = collections.deque()
        self._unsent: list[Outcome] = []
        # An async generator can be entered by one task at a time.
        self._turn = asyncio.Lock()
        self._changes: list[asyncio.Future[None]] = []
        # Tasks that wait for an input or for a row, and so may be cut off at any time.
        self._idle: set[asyncio.Task[Any] | None] = set()

    def at_once(self) -> Chunk[T] | list[Outcome] | None:
        """Return the rows of the next call, or outcomes that need none; None to wait for them.

        Raises:
            BaseException: What the inputs raise.
        """
        work = self._ready()
        if work is None and not self._exhausted and self._source is None:
            return self._read_on()
        return work

    async def next(self) -> Chunk[T] | list[Outcome] | None:
        """Do the same, but wait where :meth:`at_once` cannot; return None at the end."""
        while True:
            work = self.at_once()
            if work is None and not self._exhausted and self._source is not None:
                work = await self._read_on_async(self._source)
            if work is None and self._open:
                # There is nothing to fill it up with for now.
                work = self._open.pop(next(iter(self._open)))
            if work is not None:
                return work
            if self._exhausted and not self._order:
                return None
            await self._change()

    def settle(self, chunk: Chunk[T], outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Take the outcomes of a call; return them with those of duplicates."""
        if self._duplicates is None:
            return outcomes
        twins = self._duplicates.settle(chunk.rows, outcomes)
        return [*outcomes, *twins] if twins else outcomes

    def split(self, chunk: Chunk[T]) -> None:
        """Let the rows of a chunk have two calls instead of one."""
        middle = len(chunk.rows) // 2
        for part in (slice(middle, None), slice(middle)):
            half = Chunk(chunk.rows[part], chunk.indexes[part], chunk.keys[part])
            self._full.appendleft(half)

    def release(self, chunk: Chunk[T]) -> None:
        """Let the rows go that waited for these."""
        if not chunk.keys:
            return
        free = [late for keys in chunk.keys for late in self._order.release(keys)]
        for late in sorted(free, key=attrgetter("index")):
            if full := self._add(late.row, late.index, late.keys):
                self._full.append(full)
        self._wake()

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
        self._wake()

    def interrupt(self) -> None:
        """Cancel the tasks that wait for an input or for a row."""
        for task in filter(None, self._idle):
            task.cancel()

    def _ready(self) -> Chunk[T] | list[Outcome] | None:
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            return unsent
        return self._full.popleft() if self._full else None

    def _read_on(self) -> Chunk[T] | list[Outcome] | None:
        """Read inputs until there is work; None if there are no more for now."""
        for _ in range(TURN):
            if self._order.is_full:
                return None
            try:
                raw = next(self._iterator, _END)
            except BaseException:
                self._exhausted = True
                raise
            if raw is _END:
                self._exhausted = True
                return None
            work = self._accept(raw)
            if work is not None:
                return work
        return []  # So many rows without a call that others should get a turn.

    async def _read_on_async(
        self,
        source: AsyncIterator[Any],
    ) -> Chunk[T] | list[Outcome] | None:
        """Do the same with a source that only one task can read at a time."""
        task = asyncio.current_task()
        self._idle.add(task)
        try:
            # With "async with" each input would cost a hundredth of its request more.
            await self._turn.acquire()
            try:
                work = self._ready()
                while work is None and not self._exhausted and not self._order.is_full:
                    try:
                        raw = await anext(source)
                    except BaseException as error:
                        self._exhausted = True
                        if not isinstance(error, StopAsyncIteration):
                            raise
                    else:
                        work = self._accept(raw)
                return work
            finally:
                self._turn.release()
        finally:
            self._idle.discard(task)

    def _accept(self, raw: Any) -> Chunk[T] | list[Outcome] | None:
        """Take an input; return its outcome if it needs no call, or the chunk that it fills."""
        index = self._count
        self._count = index + 1
        how = self._how
        try:
            row = how.read(raw)
        except (TypeError, ValueError) as error:
            return [Outcome(_shown(raw), "failed", 0, without_frames(error), index)]
        duplicates = self._duplicates
        if duplicates is not None and not duplicates.admit(row, index):
            known = duplicates.known(row, index)
            return None if known is None else [known]
        if self._stopped_by is not None:
            return self._not_attempted(row, index, self._stopped_by)
        if how.keys is not None:
            keys = tuple(dict.fromkeys(how.keys(row)))
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
        outcomes = [Outcome(self._how.name(row), "not_attempted", 0, error, index)]
        if self._duplicates is not None:
            outcomes += self._duplicates.settle([row], outcomes)
        return outcomes

    async def _change(self) -> None:
        """Wait until a row is finished, or the batch has stopped."""
        change = asyncio.get_running_loop().create_future()
        self._changes.append(change)
        task = asyncio.current_task()
        self._idle.add(task)
        try:
            await change
        finally:
            self._idle.discard(task)

    def _wake(self) -> None:
        changes, self._changes = self._changes, []
        for change in changes:
            if not change.done():
                change.set_result(None)


def _shown(raw: object) -> str:
    """Return what to call an input that is not valid."""
    try:
        return raw if isinstance(raw, str) else repr(raw)
    except Exception:  # noqa: BLE001  # an object of the caller's, or a number of many digits
        return f"<{type(raw).__name__}>"
