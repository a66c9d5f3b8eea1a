"""One call over many inputs: bounded, and with an account of every single one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
)
from typing import Any, Final, Literal

import attrs

from aiozcrm.errors import (
    CallCancelledError,
    InUseError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ZohoError,
)
from aiozcrm.events import BatchProgress, EventReceiver

__all__ = ["Batch", "BatchReport", "Inputs", "OnOutcome", "Outcome", "OutcomeStatus"]

OutcomeStatus = Literal[
    "deleted",
    "already_gone",
    "not_found",
    "protected",
    "failed",
    "in_doubt",
    "not_attempted",
]

#: The statuses that leave something to be done.
_UNFINISHED: Final = frozenset({"failed", "in_doubt", "not_attempted"})

#: How many of the latest inputs a stream remembers in order to run duplicates once: enough for
#: any real list, and the same memory for a million inputs as for ten thousand.
_STREAM_MEMORY: Final = 10_000


@attrs.frozen
class Outcome:
    """What became of one input.

    Attributes:
        id: The input.
        status: ``deleted``: a success was seen. ``already_gone``: it is not there, and one of
            our own earlier sends, whose answer was lost, has probably removed it.
            ``not_found``: it was not part of the org. ``protected``: the org does not allow
            it, as for its Default link. ``failed``: refused, so it surely did not happen.
            ``in_doubt``: the last word was a lost answer, so it may have happened.
            ``not_attempted``: nothing was sent, because the batch had stopped.
        attempts: How many times the request was sent.
        error: Why it is not deleted; None if it is.
    """

    id: str
    status: OutcomeStatus
    attempts: int
    error: Exception | None = None


@attrs.frozen
class BatchReport:
    """What became of each input of a batch.

    Attributes:
        outcomes: One for each input, in the order of the inputs. A duplicate has the outcome of
            its first appearance, since it runs once.
        counts: How many inputs ended in each status; statuses without any are left out.
        ok: Whether nothing failed, is in doubt or was not attempted.
    """

    outcomes: tuple[Outcome, ...]
    counts: Mapping[str, int] = attrs.field(init=False)
    ok: bool = attrs.field(init=False)

    @counts.default
    def _count(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for outcome in self.outcomes:
            counts[outcome.status] = counts.get(outcome.status, 0) + 1
        return counts

    @ok.default
    def _nothing_unfinished(self) -> bool:
        return _UNFINISHED.isdisjoint(self.counts)

    def raise_for_failures(self) -> None:
        """Raise if anything failed, is in doubt or was not attempted.

        Raises:
            ExceptionGroup: With the error of each such outcome, an error shared by several once.
        """
        unfinished = [outcome for outcome in self.outcomes if outcome.status in _UNFINISHED]
        errors = {id(outcome.error): outcome.error for outcome in unfinished if outcome.error}
        if unfinished:
            raise ExceptionGroup(
                f"{len(unfinished)} of {len(self.outcomes)} inputs are not finished: "
                f"{dict(self.counts)}",
                list(errors.values()),
            )


Inputs = Iterable[str | int] | AsyncIterable[str | int]
OnOutcome = Callable[[Outcome], Awaitable[None] | None]


@attrs.frozen(kw_only=True)
class Batch:
    """How one call is run over many inputs.

    Attributes:
        action: Makes the call for one checked input; returns its outcome or raises.
        check: Returns an input in its one proper form, or raises.
        concurrency: How many calls may run at once.
        on_outcome: Is handed each outcome before the next call of the same worker starts.
        emit: Receives events.
    """

    action: Callable[[str], Awaitable[Outcome]]
    check: Callable[[object], str]
    concurrency: int = attrs.field(validator=attrs.validators.ge(1))
    on_outcome: OnOutcome | None = None
    emit: EventReceiver | None = None

    async def report(self, inputs: Inputs) -> BatchReport:
        """Run the call over all inputs and return what became of each."""
        self.check_inputs(inputs)
        order: list[str] = []
        run = _Run(self, memory=None, take_note=order.append)
        await run.through(inputs)
        return BatchReport(tuple(run.outcome_of(subject) for subject in order))

    def stream(self, inputs: Inputs) -> AsyncGenerator[Outcome, None]:
        """Run the call over all inputs and yield each outcome as soon as it is there."""
        self.check_inputs(inputs)
        return self._stream(inputs)

    async def _stream(self, inputs: Inputs) -> AsyncGenerator[Outcome, None]:
        # Bounded, so that a slow reader slows the calls down instead of filling the memory.
        outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue(self.concurrency)
        run = _Run(self, memory=_STREAM_MEMORY, hand_out=outcomes)

        async def produce() -> None:
            try:
                await run.through(inputs)
            finally:
                # Where nobody reads any more, nobody waits for the end.
                if not run.cancelled:
                    await outcomes.put(None)

        producer = asyncio.create_task(produce(), name="aiozcrm: batch")
        try:
            # Only an empty queue is worth the price of an await.
            while outcome := await outcomes.get() if outcomes.empty() else outcomes.get_nowait():
                yield outcome
            await producer  # raises what crashed it
        finally:
            producer.cancel()
            await asyncio.wait((producer,))

    def check_inputs(self, inputs: Inputs) -> None:
        """Refuse bad inputs before anything is sent, as far as they are known by now.

        Raises:
            aiozcrm.errors.InvalidInputError: If one cannot be right.
            TypeError: If one is of a wrong type, or they are not many.
        """
        if isinstance(inputs, (str, bytes, bytearray)):
            raise TypeError(f"inputs are many ids, not one {type(inputs).__name__}: use a list")
        if not isinstance(inputs, (Iterable, AsyncIterable)):
            raise TypeError(f"inputs must be iterable, not {type(inputs).__name__}")
        if not isinstance(inputs, Collection):
            return  # A generator is read as it goes: its bad inputs become outcomes.
        for number, raw in enumerate(inputs):
            try:
                self.check(raw)
            except InvalidInputError as error:
                raise InvalidInputError(
                    f"inputs[{number}]: {error.message}",
                    hint=error.hint,
                ) from None
            except TypeError as error:
                raise TypeError(f"inputs[{number}]: {error}") from None


class _Run:
    """One batch while it lasts.

    Args:
        batch: What to run.
        memory: How many inputs to remember; None for all.
        take_note: Is told each input as it is read.
        hand_out: Receives each outcome, once for every input that it answers.
    """

    def __init__(
        self,
        batch: Batch,
        *,
        memory: int | None,
        take_note: Callable[[str], object] | None = None,
        hand_out: asyncio.Queue[Outcome | None] | None = None,
    ) -> None:
        self.cancelled = False
        self._batch = batch
        self._memory = memory
        self._take_note = take_note
        self._hand_out = hand_out
        # An outcome, or how many more inputs wait for the one that is on its way.
        self._known: dict[str, Outcome | int] = {}
        self._somebody_listens = any(
            listener is not None for listener in (hand_out, batch.on_outcome, batch.emit)
        )
        self._finished = 0
        self._stopped_by: ZohoError | None = None
        self._crash: Exception | None = None

    def outcome_of(self, subject: str) -> Outcome:
        """Return the outcome of an input that was run."""
        outcome = self._known[subject]
        assert isinstance(outcome, Outcome)  # noqa: S101  # all workers are done
        return outcome

    async def through(self, inputs: Inputs) -> None:
        """Run the call over all inputs.

        What goes wrong with one input is its outcome. What goes wrong with the batch itself,
        such as an error of the caller's own generator or on_outcome, is raised when the calls
        on their way have ended and their outcomes have been handed on.
        """
        workers = self._batch.concurrency
        if isinstance(inputs, Collection):
            workers = min(workers, len(inputs))
        work = self._worker_for(inputs)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._guarded(work()), name="aiozcrm: batch worker")
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self._crash is not None:
            raise self._crash

    def _worker_for(self, inputs: Inputs) -> Callable[[], Coroutine[Any, Any, None]]:
        """Return what each worker does: all of them read from one iterator."""
        if isinstance(inputs, AsyncIterable):
            source, turn = aiter(inputs), asyncio.Lock()
            return lambda: self._read_async(source, turn)
        iterator = iter(inputs)
        return lambda: self._read(iterator)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  # kept, and raised when all workers are done
            self._crash = self._crash or error

    async def _read(self, source: Iterator[str | int]) -> None:
        for raw in source:
            await self._settle(raw)
            if self._crash is not None:
                return

    async def _read_async(self, source: AsyncIterator[str | int], turn: asyncio.Lock) -> None:
        while self._crash is None:
            async with turn:  # An async generator can be entered by one task at a time.
                try:
                    raw = await anext(source)
                except StopAsyncIteration:
                    return
            await self._settle(raw)

    async def _settle(self, raw: str | int) -> None:
        """Bring one input to its outcome and hand that on."""
        refused: Exception | None = None
        try:
            subject = self._batch.check(raw)
        except (TypeError, ValueError) as error:
            subject, refused = raw if isinstance(raw, str) else repr(raw), error
        if self._take_note:
            self._take_note(subject)
        known = self._known.get(subject)
        if known is not None:
            await self._settle_twin(subject, known)
            return
        self._known[subject] = 0
        if refused is None and self._stopped_by is None:
            outcome = await self._run(subject)
        elif refused is not None:
            outcome = Outcome(subject, "failed", 0, refused)
        else:
            outcome = Outcome(subject, "not_attempted", 0, self._stopped_by)
        twins = self._known[subject]
        self._known[subject] = outcome
        if self._memory is not None and len(self._known) > self._memory:
            self._forget_oldest()
        if self._somebody_listens:
            await self._hand_on(outcome)
            for _ in range(twins if isinstance(twins, int) else 0):
                await self._hand_on(outcome)

    async def _run(self, subject: str) -> Outcome:
        """Make the call for one input."""
        try:
            return await self._batch.action(subject)
        except ZohoError as error:
            if error.stops_batch and self._stopped_by is None:
                self._stopped_by = error
            # The error is kept as data: its frames would keep memory alive.
            return Outcome(subject, _status_of(error), error.attempts, error.with_traceback(None))
        except asyncio.CancelledError:
            cut = CallCancelledError(f"The batch was cancelled while {subject} was under way.")
            await self._tell(Outcome(subject, "in_doubt", 0, cut))
            raise

    async def _settle_twin(self, subject: str, known: Outcome | int) -> None:
        """Let a duplicate share the outcome of its first appearance."""
        if isinstance(known, int):
            self._known[subject] = known + 1
        elif self._somebody_listens:
            await self._hand_on(known)

    async def _hand_on(self, outcome: Outcome) -> None:
        self._finished += 1
        if self._batch.on_outcome is not None or self._batch.emit is not None:
            await self._tell(outcome)
        queue = self._hand_out
        if queue is None:
            return
        if queue.full():
            await queue.put(outcome)
        else:
            queue.put_nowait(outcome)

    async def _tell(self, outcome: Outcome) -> None:
        batch = self._batch
        if batch.on_outcome is not None:
            told = batch.on_outcome(outcome)
            if inspect.isawaitable(told):
                await told
        if batch.emit is not None:
            batch.emit(
                BatchProgress(
                    id=outcome.id,
                    status=outcome.status,
                    attempts=outcome.attempts,
                    finished=self._finished,
                ),
            )

    def _forget_oldest(self) -> None:
        oldest = next(iter(self._known))
        # One that is still on its way must be there when its outcome comes.
        if isinstance(self._known[oldest], Outcome):
            del self._known[oldest]


def _status_of(error: ZohoError) -> OutcomeStatus:
    """Return what an input's last error says about it."""
    if isinstance(error, NotFoundError):
        return "not_found"
    if isinstance(error, (NotAllowedError, InUseError)):
        return "protected"
    if error.maybe_done:
        return "in_doubt"
    return "failed" if error.attempts else "not_attempted"
