"""One call over many inputs: bounded, and with an account of every single one."""

from __future__ import annotations

import asyncio
import collections
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

from aiozcrm._transport import sends_before
from aiozcrm._waiting import until_ended
from aiozcrm.errors import (
    CallCancelledError,
    InUseError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ZohoError,
)
from aiozcrm.events import BatchProgress, EventReceiver, logger

__all__ = [
    "Batch",
    "BatchReport",
    "Inputs",
    "OnOutcome",
    "Outcome",
    "OutcomeKind",
    "OutcomeStatus",
]

OutcomeStatus = Literal[
    "created",
    "updated",
    "deleted",
    "linked",
    "done",
    "already_gone",
    "not_found",
    "protected",
    "failed",
    "in_doubt",
    "not_attempted",
]

OutcomeKind = Literal["done", "kept", "failed", "in_doubt", "not_attempted"]

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "created": "done",
    "updated": "done",
    "deleted": "done",
    "linked": "done",
    "done": "done",
    "already_gone": "done",
    "not_found": "kept",
    "protected": "kept",
    "failed": "failed",
    "in_doubt": "in_doubt",
    "not_attempted": "not_attempted",
}

#: The kinds that leave something to be done.
_UNFINISHED: Final = frozenset({"failed", "in_doubt", "not_attempted"})

#: How many of the latest inputs a stream remembers in order to run duplicates once: enough for
#: any real list, and the same memory for a million inputs as for ten thousand.
_STREAM_MEMORY: Final = 10_000

#: After how many inputs that need no call the event loop gets its turn: well within 10 ms.
_BREATH: Final = 500


@attrs.frozen
class Outcome:
    """What became of one input.

    Decide by :attr:`kind`, which has five values; ``status`` says it in the words of the verb.

    Attributes:
        id: The id of the record; the input itself where there is no id.
        status: ``created``, ``updated``, ``deleted``, ``linked``, ``done``: a success was seen.
            ``already_gone``: the record to delete is not there, and an earlier send of this
            call, whose answer was lost, has probably removed it. ``not_found``: the record to
            delete is not part of the org. ``protected``: it was kept, because the org does not
            allow its deletion, as for the Default link, or because it is in use. ``failed``: it
            surely did not happen: Zoho rejected it, no send has reached Zoho, or the input was
            not valid. ``in_doubt``: it may have happened: answers were lost, or told of a server
            error, or the deadline or a cancellation came first. ``not_attempted``: nothing was
            sent, because the batch had stopped, or because there was no token.
        attempts: How many times the request was sent.
        error: Why it was not done; None for ``done``.
        index: The place of the input, from 0; None outside of a batch.
    """

    id: str
    status: OutcomeStatus
    attempts: int
    error: Exception | None = None
    index: int | None = attrs.field(default=None, eq=False)
    _details: Mapping[str, Any] | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def kind(self) -> OutcomeKind:
        """What the status means, whatever the verb.

        ``done``; ``kept`` (``protected``, or ``not_found`` by a delete); ``failed``;
        ``in_doubt``; or ``not_attempted``.
        """
        return _KINDS.get(self.status, "in_doubt")

    @property
    def details(self) -> Mapping[str, Any]:
        """What Zoho sent about the record; empty where it sent nothing."""
        return {} if self._details is None else self._details


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
        return all(outcome.kind not in _UNFINISHED for outcome in self.outcomes)

    def raise_for_failures(self) -> None:
        """Raise if anything failed, is in doubt or was not attempted.

        Raises:
            ExceptionGroup: With the error of each such outcome, an error shared by several once.
        """
        unfinished = [outcome for outcome in self.outcomes if outcome.kind in _UNFINISHED]
        if not unfinished:
            return
        errors: dict[int, Exception] = {}
        for outcome in unfinished:
            error = outcome.error or ZohoError(f"Input {outcome.id!r} is {outcome.status}.")
            errors[id(outcome.error or outcome)] = error
        raise ExceptionGroup(
            f"{len(unfinished)} of {len(self.outcomes)} inputs are not finished: "
            f"{dict(self.counts)}",
            list(errors.values()),
        )


Inputs = Iterable[str | int] | AsyncIterable[str | int]
OnOutcome = Callable[[Outcome], Awaitable[None] | None]


def _at_least_one(_: object, field: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise InvalidInputError(f"{field.name} must be at least 1, not {value}.")


@attrs.frozen(kw_only=True)
class Batch:
    """How one call is run over many inputs.

    Attributes:
        action: Makes the call for one checked input; returns its outcome or raises.
        check: Returns an input in its one proper form, or raises.
        concurrency: How many calls may run at once.
        prepare: Is awaited when the inputs are known to be good, before the first call; what it
            raises is raised, and no call is made.
        on_outcome: Is handed each outcome before the next call of the same worker starts.
        emit: Receives events.
    """

    action: Callable[[str], Awaitable[Outcome]]
    check: Callable[[object], str]
    concurrency: int = attrs.field(validator=_at_least_one)
    prepare: Callable[[], Awaitable[None]] | None = None
    on_outcome: OnOutcome | None = None
    emit: EventReceiver | None = None

    async def report(self, inputs: Inputs) -> BatchReport:
        """Run the call over all inputs and return what became of each."""
        inputs = await self._prepared(inputs)
        order: list[str] = []
        known: dict[str, Outcome] = {}
        run = _Run(self, known=known, memory=None, take_note=order.append)
        await run.through(inputs)
        return BatchReport(tuple(map(known.__getitem__, order)))

    async def stream(self, inputs: Inputs) -> AsyncGenerator[Outcome, None]:
        """Run the call over all inputs and yield each outcome as soon as it is there."""
        inputs = await self._prepared(inputs)
        # Bounded, so that a slow reader slows the calls down instead of filling the memory.
        outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue(self.concurrency)
        # Ordered, because it gives up its oldest entry at no cost.
        known: collections.OrderedDict[str, Outcome] = collections.OrderedDict()
        run = _Run(self, known=known, memory=_STREAM_MEMORY, hand_out=outcomes)

        somebody_reads = True

        async def produce() -> None:
            try:
                await run.through(inputs)
            finally:
                if somebody_reads:
                    await outcomes.put(None)

        producer = asyncio.create_task(produce(), name="aiozcrm: batch")
        try:
            # Only an empty queue is worth the price of an await.
            while outcome := await outcomes.get() if outcomes.empty() else outcomes.get_nowait():
                yield outcome
            await until_ended(producer)
            if producer.cancelled():
                raise _cancelled_elsewhere("the batch")
            producer.result()  # raises what crashed it
        finally:
            somebody_reads = False
            producer.cancel()
            await until_ended(producer)

    async def _prepared(self, inputs: Inputs) -> Inputs:
        """Return the inputs, checked, when all is done that comes before the first call."""
        inputs = await self._checked(inputs)
        if self.prepare is not None:
            await self.prepare()
        return inputs

    async def _checked(self, inputs: Inputs) -> Inputs:
        """Refuse bad inputs before anything is sent, as far as they are known by now.

        Returns:
            The same inputs; of a list or set a list of its own, of inputs in their proper form,
            since its owner may change it meanwhile.

        Raises:
            aiozcrm.errors.InvalidInputError: If one cannot be right.
            TypeError: If one is of a wrong type, or they are not many.
        """
        if isinstance(inputs, (str, bytes, bytearray)):
            raise TypeError(f"inputs are many ids, not one {type(inputs).__name__}: use a list")
        if not isinstance(inputs, (Iterable, AsyncIterable)):
            raise TypeError(f"inputs must be iterable, not {type(inputs).__name__}")
        if not isinstance(inputs, Collection):
            return inputs  # A generator is read as it goes: its bad inputs become outcomes.
        subjects: list[str] = []
        for number, raw in enumerate(tuple(inputs)):
            if number % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            try:
                subjects.append(self.check(raw))
            except InvalidInputError as error:
                raise InvalidInputError(
                    f"inputs[{number}]: {error.message}",
                    hint=error.hint,
                ) from None
            except TypeError as error:
                raise TypeError(f"inputs[{number}]: {error}") from None
        return subjects


class _Run:
    """One batch while it lasts.

    Args:
        batch: What to run.
        known: Where the outcomes of finished inputs are kept, to run duplicates once.
        memory: How many of them to keep; None for all.
        take_note: Is told each input as it is read.
        hand_out: Receives each outcome, once for every input that it answers.
    """

    def __init__(
        self,
        batch: Batch,
        *,
        known: dict[str, Outcome],
        memory: int | None,
        take_note: Callable[[str], object] | None = None,
        hand_out: asyncio.Queue[Outcome | None] | None = None,
    ) -> None:
        self._batch = batch
        self._check = batch.check
        self._known = known
        self._memory = memory
        self._take_note = take_note
        self._hand_out = hand_out
        self._somebody_listens = any(
            listener is not None for listener in (hand_out, batch.on_outcome, batch.emit)
        )
        # How many more inputs wait for the one that is on its way.
        self._pending: dict[str, int] = {}
        self._finished = 0
        self._without_pause = 0
        self._stopped_by: ZohoError | None = None
        self._crash: Exception | None = None
        self._readers: set[asyncio.Task[Any] | None] = set()

    async def through(self, inputs: Inputs) -> None:
        """Run the call over all inputs.

        What goes wrong with one input is its outcome. What goes wrong with the batch itself,
        such as an error of the caller's own generator or on_outcome, is raised when the calls
        on their way have ended and their outcomes have been handed on.
        """
        workers = self._batch.concurrency
        if isinstance(inputs, Collection):
            workers = min(workers, len(inputs))
            self._check = str  # They are in their proper form.
        work = self._worker_for(inputs)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._guarded(work), name="aiozcrm: batch worker")
                    for _ in range(workers)
                ]
        except asyncio.CancelledError:
            if self._crash is not None:
                logger.error("a batch failed and was cancelled: %r", self._crash)
            raise
        if self._crash is not None:
            raise self._crash
        if any(task.cancelled() for task in tasks):
            raise _cancelled_elsewhere("a worker of the batch")

    def _worker_for(self, inputs: Inputs) -> Callable[[], Coroutine[Any, Any, None]]:
        """Return what each worker does: all of them read from one iterator."""
        if isinstance(inputs, AsyncIterable):
            source, turn = aiter(inputs), asyncio.Lock()
            return lambda: self._read_async(source, turn)
        iterator = iter(inputs)
        return lambda: self._read(iterator)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            if self._crash is None:  # Another worker may have ended the batch by now.
                await work()
        except Exception as error:  # noqa: BLE001  # kept, and raised when all workers are done
            self._end_with(error)
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            # A worker that ended in silence would leave its inputs out of the account.
            crash = _cancelled_elsewhere("something that the batch waited for")
            crash.__cause__ = error
            self._end_with(crash)

    def _end_with(self, error: Exception) -> None:
        """Start nothing new, and raise *error* in the end."""
        self._crash = self._crash or error
        for reader in filter(None, self._readers):
            reader.cancel()

    async def _read(self, source: Iterator[str | int]) -> None:
        for raw in source:
            await self._settle(raw)
            if self._crash is not None:
                return

    async def _read_async(self, source: AsyncIterator[str | int], turn: asyncio.Lock) -> None:
        reader = asyncio.current_task()
        while True:
            # Who waits for an input, and not for a call, may be stopped at any time.
            self._readers.add(reader)
            try:
                # An async generator can be entered by one task at a time. With "async with" each
                # input would cost a hundredth of its request more.
                await turn.acquire()
                try:
                    if self._crash is not None:
                        return
                    raw = await anext(source)
                finally:
                    turn.release()
            except StopAsyncIteration:
                return
            finally:
                self._readers.discard(reader)
            await self._settle(raw)

    async def _settle(self, raw: str | int) -> None:
        """Bring one input to its outcome and hand that on."""
        refused: Exception | None = None
        try:
            subject = self._check(raw)
        except (TypeError, ValueError) as error:
            subject, refused = _shown(raw), error
        if self._take_note:
            self._take_note(subject)
        if subject in self._pending:
            self._pending[subject] += 1
            await self._breathe()
            return
        outcome = self._known.get(subject)
        if outcome is not None:
            await self._breathe()
            if self._somebody_listens:
                await self._hand_on(outcome)
            return
        self._pending[subject] = 0
        if refused is None and self._stopped_by is None:
            outcome = await self._run(subject)
        else:
            outcome = await self._pass_over(subject, refused)
        self._known[subject] = outcome
        twins = self._pending.pop(subject)
        if self._memory is not None and len(self._known) > self._memory:
            del self._known[next(iter(self._known))]
        if self._somebody_listens:
            for _ in range(1 + twins):
                await self._hand_on(outcome)

    async def _run(self, subject: str) -> Outcome:
        """Make the call for one input."""
        try:
            return await self._batch.action(subject)
        except ZohoError as error:
            if error.stops_batch and self._stopped_by is None:
                self._stopped_by = error
            if not error.attempts:
                await self._breathe()
            # The error is kept as data: its frames would keep memory alive.
            error.__context__ = None
            return Outcome(subject, _status_of(error), error.attempts, error.with_traceback(None))
        except asyncio.CancelledError as cut:
            told = CallCancelledError(f"The batch was cancelled while {subject} was under way.")
            told.attempts, told.maybe_done = sends_before(cut)
            await self._tell(Outcome(subject, _status_of(told), told.attempts, told))
            raise

    async def _pass_over(self, subject: str, refused: Exception | None) -> Outcome:
        """Return the outcome of an input for which no call is made."""
        await self._breathe()
        if refused is not None:
            return Outcome(subject, "failed", 0, refused)
        return Outcome(subject, "not_attempted", 0, self._stopped_by)

    async def _breathe(self) -> None:
        """Let others run now and then, where no call does so."""
        self._without_pause += 1
        if self._without_pause >= _BREATH:
            self._without_pause = 0
            await asyncio.sleep(0)

    async def _hand_on(self, outcome: Outcome) -> None:
        self._finished += 1
        if self._batch.on_outcome is not None or self._batch.emit is not None:
            await self._tell(outcome)
        queue = self._hand_out
        if queue is None:
            return
        try:
            queue.put_nowait(outcome)
        except asyncio.QueueFull:
            await queue.put(outcome)

    async def _tell(self, outcome: Outcome) -> None:
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
                ),
            )

    async def _wait_for_listener(self, told: Awaitable[None]) -> None:
        """Wait for an on_outcome, which a cancellation delays us for but does not cut off."""
        task = asyncio.ensure_future(told)
        try:
            await until_ended(task)
        except asyncio.CancelledError:
            if not task.cancelled() and isinstance(error := task.exception(), Exception):
                self._crash = self._crash or error
            raise
        task.result()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _cancelled_elsewhere(what: str) -> RuntimeError:
    """Return the error for a cancellation that was not that of the batch."""
    return RuntimeError(f"{what} was cancelled by somebody else")


def _shown(raw: object) -> str:
    """Return what an input that is none is called."""
    try:
        return raw if isinstance(raw, str) else repr(raw)
    except Exception:  # noqa: BLE001  # an object of the caller's, or a number of many digits
        return f"<{type(raw).__name__}>"


def _status_of(error: ZohoError) -> OutcomeStatus:
    """Return what an input's last error says about it."""
    if isinstance(error, NotFoundError):
        return "not_found"
    if isinstance(error, (NotAllowedError, InUseError)):
        return "protected"
    if error.maybe_done:
        return "in_doubt"
    return "failed" if error.attempts else "not_attempted"
