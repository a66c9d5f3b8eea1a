"""Runs a call over many rows, several at a time."""

from __future__ import annotations

import asyncio
import inspect
import operator
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from typing import Any, Final, Generic, TypeVar

import attr as attrs

from aiozcrm._call_facts import CallFacts, collect_facts
from aiozcrm._protocol import known_id
from aiozcrm._waiting import until_ended
from aiozcrm.batch._feed import Feed
from aiozcrm.batch._inputs import TURN, Chunk, Listing, Rows, read_all
from aiozcrm.batch._kept import Kept
from aiozcrm.batch._outbox import Outbox
from aiozcrm.batch._outcomes import (
    BatchReport,
    Outcome,
    OutcomeStatus,
    kept_status,
    report_of,
    without_frames,
)
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    CallCancelledError,
    ClientClosedError,
    FeatureUnavailableError,
    InvalidInputError,
    RateLimitError,
    ScopeError,
    TokenError,
    WrongEventLoopError,
    ZohoError,
)
from aiozcrm.events import BatchProgress, EventReceiver, logger

__all__ = ["Batch", "Inputs", "OnOutcome", "many", "no_input_avoids"]

T = TypeVar("T")
_I = TypeVar("_I")

#: How many of the latest inputs a stream remembers in order to run duplicates once: enough for
#: any real list, and the same memory for a million inputs as for ten thousand.
_STREAM_MEMORY: Final = 10_000

#: Errors that no input avoids.
_FOR_ALL_CALLS: Final = (
    ClientClosedError,
    FeatureUnavailableError,
    ScopeError,
    TokenError,
    WrongEventLoopError,
)

Inputs = Iterable[str | int] | AsyncIterable[str | int]
OnOutcome = Callable[[Outcome], Awaitable[None] | None]


def no_input_avoids(error: ZohoError) -> bool:
    """Return whether a call would end in the same way whatever its rows are."""
    if isinstance(error, (AuthenticationError, RateLimitError)):
        return error.concerns_all_calls
    return isinstance(error, _FOR_ALL_CALLS)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InvalidInputError(f"concurrency must be an int, not {type(value).__name__}.")
    number = operator.index(value)
    if number < 1:
        raise InvalidInputError(f"concurrency must be at least 1, not {number}.")
    return number


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Batch(Generic[T]):
    """How a call is run over many rows.

    Attributes:
        send: Makes one call and returns a new outcome for each row of the chunk, in their order;
            the batch adds the index. A :class:`~aiozcrm.errors.ZohoError` that it raises is the
            outcome of all of them. ``TypeError`` and ``ValueError`` mean that nothing was sent,
            because a row cannot be: that row fails, and the others are sent without it.
        rows: How inputs become rows, and rows become calls.
        concurrency: How many calls may run at once.
        highest: The most of them that make sense, whatever *concurrency* says; None for no limit.
        deletes: Whether the call deletes: then an id that is unknown, or deleted already, is
            ``not_found``, and what the org does not allow to delete is ``protected``,
            instead of ``failed``.
        ends: Returns whether an error of a call ends the batch.
        splits: Returns whether the rows of a call that ended with an error are sent once more, in
            halves, to find out which of them is at fault.
        prepare: Is awaited when the inputs are known to be valid, before the first call; what it
            raises is raised, and no call is made.
        on_outcome: Is called with each outcome before the next call of the same worker starts.
        emit: Receives events.
        about: What the batch does, for its events, such as ``DELETE settings/holidays``.
    """

    send: Callable[[Chunk[T]], Awaitable[Sequence[Outcome]]]
    rows: Rows[T]
    concurrency: int = attrs.field(converter=_whole)
    highest: int | None = None
    deletes: bool = False
    ends: Callable[[ZohoError], bool] = no_input_avoids
    splits: Callable[[ZohoError], bool] = lambda _: False
    prepare: Callable[[], Awaitable[None]] | None = None
    on_outcome: OnOutcome | None = None
    emit: EventReceiver | None = None
    about: str = ""

    @property
    def workers(self) -> int:
        """How many calls run at once."""
        return min(self.concurrency, self.highest or self.concurrency)

    async def report(self, inputs: Iterable[Any] | AsyncIterable[Any]) -> BatchReport:
        """Run the call over all inputs and return what became of each."""
        kept = Kept()
        run = _Run(self, await self._feed(inputs, memory=None), kept=kept)
        await run.through()
        return report_of(kept)

    async def stream(
        self,
        inputs: Iterable[Any] | AsyncIterable[Any],
    ) -> AsyncGenerator[Outcome, None]:
        """Run the call over all inputs and yield each outcome as soon as it is there."""
        feed = await self._feed(inputs, memory=_STREAM_MEMORY)
        outbox = Outbox(self.workers)
        run = _Run(self, feed, outbox=outbox)

        async def produce() -> None:
            try:
                await run.through()
            finally:
                outbox.close()

        producer = asyncio.create_task(produce(), name="aiozcrm: batch")
        try:
            while calls := await outbox.take():
                for outcomes in calls:
                    for outcome in outcomes:
                        yield outcome
            await until_ended(producer)
            if producer.cancelled():
                raise _cancelled_elsewhere("the batch")
            producer.result()  # raises what crashed it
        finally:
            producer.cancel()
            await until_ended(producer)

    async def _feed(
        self,
        inputs: Iterable[Any] | AsyncIterable[Any],
        *,
        memory: int | None,
    ) -> Feed[T]:
        """Return the inputs, when all is done that comes before the first call.

        Of a list or set all inputs are read first. Those of a generator are read as it goes, so
        an invalid one becomes an outcome.

        Raises:
            aiozcrm.errors.InvalidInputError: If one is not valid.
            TypeError: If one is of a wrong type, or they are not many.
        """
        found: Iterable[Any] | AsyncIterable[Any] | Listing[T] = many(inputs)
        if isinstance(inputs, Collection):
            # As they are now, since their owner may change them meanwhile.
            found = await read_all(tuple(inputs), self.rows)
        if self.prepare is not None:
            await self.prepare()
        return Feed(found, self.rows, memory=memory)


class _Run(Generic[T]):
    """One batch while it lasts.

    Args:
        batch: What to run.
        feed: The inputs.
        kept: Keeps the outcomes; None to keep none.
        outbox: Receives the outcomes of each call; None if nobody reads them as they come.
    """

    def __init__(
        self,
        batch: Batch[T],
        feed: Feed[T],
        *,
        kept: Kept | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        self._batch = batch
        self._feed = feed
        self._kept = kept
        self._outbox = outbox
        self._tells = batch.on_outcome is not None or batch.emit is not None
        self._stopped = False
        self._crash: BaseException | None = None
        self._finished = 0
        self._without_pause = 0

    async def through(self) -> None:
        """Run the call over all inputs.

        What goes wrong with one input is its outcome. What goes wrong with the batch itself,
        such as an error of the caller's own generator or on_outcome, is raised when the calls
        under way have ended and their outcomes have been handed on.
        """
        workers = [
            asyncio.create_task(self._work(), name="aiozcrm: batch worker")
            for _ in range(self._batch.workers)
        ]
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            for worker in workers:
                worker.cancel()
            await until_ended(*workers)
            if self._crash is not None:
                logger.error("a batch failed and was cancelled: %r", self._crash)
            raise
        if self._crash is not None:
            raise self._crash
        if any(worker.cancelled() for worker in workers):
            raise _cancelled_elsewhere("a worker of the batch")

    async def _work(self) -> None:
        feed = self._feed
        # This task has a context of its own, so nothing is to be set back in the end.
        facts = collect_facts()
        try:
            while self._crash is None:
                # Only what is not there yet is worth the price of an await.
                work = feed.at_once() or await feed.next()
                if work is None:
                    return
                if isinstance(work, Chunk):
                    await self._call(work, facts)
                elif work:
                    if self._note(work):
                        await self._hand_on(work)
                    await self._breathe()
                else:  # Many inputs have been read, and no chunk is full.
                    await asyncio.sleep(0)
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            # A worker that ended in silence would leave its inputs out of the account.
            self._end_with(_cancelled_elsewhere("something that the batch waited for", error))
        except BaseException as error:  # noqa: BLE001  # raised when all workers are done
            self._end_with(error)

    def _end_with(self, error: BaseException) -> None:
        """Start nothing new, and raise *error* in the end."""
        self._crash = self._crash or error
        self._feed.interrupt()

    async def _call(self, chunk: Chunk[T], facts: CallFacts) -> None:
        """Make the call for a chunk, and hand on the outcomes of its rows and their duplicates."""
        feed = self._feed
        facts.clear()
        try:
            outcomes = await self._batch.send(chunk)
        except Exception as error:  # noqa: BLE001  # raised when all workers are done
            outcomes = self._after_error(chunk, error, facts)
            if not outcomes:
                return
        except asyncio.CancelledError:
            told = CallCancelledError("The batch was cancelled while this call was under way.")
            told.attempts, told.maybe_done = facts.attempts, facts.maybe_done
            await self._tell(feed.settle(chunk.rows, self._outcomes_of(chunk, told)))
            raise
        else:
            if len(outcomes) != len(chunk.rows) or outcomes[0].index is None:
                chunk.give_places(outcomes)
        outcomes = feed.settle(chunk.rows, outcomes)
        if self._note(outcomes):
            await self._hand_on(outcomes)
        if chunk.keys:
            feed.release(chunk)
        if not outcomes[0].attempts:
            await self._breathe()

    def _after_error(
        self, chunk: Chunk[T], error: Exception, facts: CallFacts
    ) -> Sequence[Outcome]:
        """Return what an error means for the rows of a call; nothing if they get other calls."""
        if not isinstance(error, (ZohoError, TypeError, ValueError)) or (
            facts.attempts and not isinstance(error, ZohoError)
        ):
            # A bug, of a sender perhaps: what was sent is told, then the batch ends with it.
            self._end_with(error)
            status: OutcomeStatus = "in_doubt" if facts.maybe_done else "failed"
            name = self._batch.rows.name
            return [
                Outcome(name(row), status, facts.attempts, error, index)
                for row, index in zip(chunk.rows, chunk.indexes, strict=True)
            ]
        if isinstance(error, InvalidInputError) or not isinstance(error, ZohoError):
            splits = True
        else:
            if not self._stopped and self._batch.ends(error):
                self._stopped = True
                self._feed.stop(error)
            # What an earlier send did to the rows, the answers to their halves would not tell.
            splits = not (self._stopped or error.maybe_done) and self._batch.splits(error)
        if splits and len(chunk.rows) > 1:
            self._feed.split(chunk)  # to find out which row it is
            return ()
        return self._outcomes_of(chunk, error)

    def _outcomes_of(self, chunk: Chunk[T], error: Exception) -> list[Outcome]:
        """Return what an error means for each row."""
        name, attempts = self._batch.rows.name, 0
        status: OutcomeStatus = "failed"
        if isinstance(error, ZohoError):
            attempts = error.attempts
            if not isinstance(error, InvalidInputError) and (error.maybe_done or not attempts):
                status = "in_doubt" if error.maybe_done else "not_attempted"
        if self._batch.deletes:
            status = _after_deletion(error, status, len(chunk.rows))
        without_frames(error)
        return [
            _outcome_of(name(row), status, attempts, error, index)
            for row, index in zip(chunk.rows, chunk.indexes, strict=True)
        ]

    async def _breathe(self) -> None:
        """Let others run now and then, where no call does so."""
        self._without_pause += 1
        if self._without_pause >= TURN:
            self._without_pause = 0
            await asyncio.sleep(0)

    def _note(self, outcomes: Sequence[Outcome]) -> bool:
        """Note outcomes before anybody is told; return whether that has to be waited for."""
        if self._kept is not None:
            self._kept.put(outcomes)
        if self._tells:
            return True
        return self._outbox is not None and self._outbox.put(outcomes)

    async def _hand_on(self, outcomes: Sequence[Outcome]) -> None:
        """Tell the listeners, then the reader; a slow one slows the calls down."""
        is_full = not self._tells
        if self._tells:
            await self._tell(outcomes)
            is_full = self._outbox is not None and self._outbox.put(outcomes)
        if self._outbox is not None and is_full:
            await self._outbox.room()

    async def _tell(self, outcomes: Sequence[Outcome]) -> None:
        """Call the listeners for each outcome; one that fails keeps no other from being told."""
        cut: asyncio.CancelledError | None = None
        for outcome in outcomes:
            self._finished += 1
            try:
                await self._tell_one(outcome)
            except asyncio.CancelledError as error:
                if _is_cancelled():
                    cut = error
                else:
                    self._end_with(_cancelled_elsewhere("an on_outcome", error))
            except BaseException as error:  # noqa: BLE001  # raised when all workers are done
                self._end_with(error)
        if cut is not None:
            raise cut

    async def _tell_one(self, outcome: Outcome) -> None:
        batch = self._batch
        if batch.on_outcome is not None:
            told = batch.on_outcome(outcome)
            if inspect.isawaitable(told):
                await self._wait_for_listener(told)
        if batch.emit is not None:
            batch.emit(
                BatchProgress(
                    id=outcome.id,
                    status=outcome.status,
                    attempts=outcome.attempts,
                    finished=self._finished,
                    about=batch.about,
                    kind=outcome.kind,
                ),
            )

    async def _wait_for_listener(self, told: Awaitable[None]) -> None:
        """Wait for an on_outcome, which a cancellation delays us for but does not cut off."""
        task = asyncio.ensure_future(_failure_of(told))
        try:
            await until_ended(task)
        except asyncio.CancelledError:
            if not task.cancelled() and (error := task.result()) is not None:
                self._end_with(error)
            raise
        if (error := task.result()) is not None:
            raise error


async def _failure_of(told: Awaitable[None]) -> BaseException | None:
    """Await a listener; return what it raises, since some errors would stop the event loop."""
    try:
        await told
    except BaseException as error:  # noqa: BLE001  # raised by the batch
        return error
    return None


def many(inputs: _I) -> _I:
    """Return *inputs* as they are.

    Raises:
        TypeError: If they are not many.
    """
    if isinstance(inputs, (str, bytes, bytearray)):
        raise TypeError(f"inputs are many, not one {type(inputs).__name__}: use a list")
    if not isinstance(inputs, (Iterable, AsyncIterable)):
        raise TypeError(f"inputs must be iterable, not {type(inputs).__name__}")
    return inputs


def _after_deletion(error: Exception, status: OutcomeStatus, count: int) -> OutcomeStatus:
    """Return what the error of a call means for the rows that it was to delete.

    Args:
        error: The error.
        status: What it would mean for any other call.
        count: How many rows the call had.
    """
    kept = kept_status(error) or status
    if status != "in_doubt":
        return kept
    if count > 1:
        # What an earlier send did to each of them, one error does not tell.
        return status
    return "already_gone" if kept == "not_found" else kept


def _outcome_of(
    name: str, status: OutcomeStatus, attempts: int, error: Exception, index: int
) -> Outcome:
    """Return the outcome of one row of a call that ended with an error."""
    if status == "already_gone":
        return Outcome(name, status, attempts, None, index)
    named = known_id(error.details.get("id")) if isinstance(error, ApiError) else None
    if status == "not_found" and named not in {None, name}:
        # Of several, only the one that the error names is not there.
        status = "failed"
    return Outcome(name, status, attempts, error, index)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _cancelled_elsewhere(
    what: str,
    cause: asyncio.CancelledError | None = None,
) -> RuntimeError:
    """Return the error for a cancellation that was not that of the batch."""
    error = RuntimeError(f"{what} was cancelled by somebody else")
    error.__cause__ = cause
    return error
