"""Runs the same work for many profiles at once, with a journal, until it is done or stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from aiozcrm.batch import OnOutcome, Outcome
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli._signals import on_stop_signal
from aiozcrm.cli.profiles._orgs import ORGS_AT_ONCE
from aiozcrm.cli.runs._display import Display, Tally, shown_steadily
from aiozcrm.cli.runs._journal import Journal
from aiozcrm.cli.runs._results import Assignment, Failure, Report, Result, Subject, TargetReport
from aiozcrm.errors import ZohoError
from aiozcrm.events import Event, EventReceiver

__all__ = ["Runner", "Work"]

_INTERRUPTED: Final = Failure(
    message="Interrupted before it was sent.",
    code=ExitCode.INTERRUPTED,
)
_NOT_REPEATED: Final = Failure(
    message="An earlier run may have done it, and a second time could do it twice: look in Zoho.",
    code=ExitCode.FAILED,
)
_NO_OUTCOME: Final = Failure(message="It has no outcome.", code=ExitCode.FAILED)

#: Sends the ids, taking each when it is ready for it, and hands on its outcome before taking
#: another.
Work = Callable[[Assignment, Iterator[str], OnOutcome, EventReceiver], Awaitable[object]]


@attrs.define(eq=False, kw_only=True)
class Runner:
    """One run.

    Attributes:
        journal: What is to be done, and where each result goes.
        work: Does the work of one assignment.
        tallies: The counts of each profile.
        display: Shows the tallies.
        say: Shows a sentence.
        may_repeat: Returns whether what an earlier run may have done can be sent once more.
    """

    journal: Journal
    work: Work
    tallies: Mapping[str, Tally]
    display: Display
    say: Callable[[str], object]
    may_repeat: Callable[[str], bool] = lambda _: True
    _results: dict[tuple[str, str], Result] = attrs.field(init=False, factory=dict)
    _begun: set[tuple[str, str]] = attrs.field(init=False, factory=set)
    _failures: dict[str, Failure] = attrs.field(init=False, factory=dict)
    _stop_signals: int = attrs.field(init=False, default=0)
    _task: asyncio.Task[None] | None = attrs.field(init=False, default=None)

    async def run(self) -> None:
        """Do everything that has no result yet.

        After the first signal to stop, nothing new starts, and calls that are under way end. The
        second signal cancels those, too; what was cancelled is in doubt.
        """
        room = asyncio.Semaphore(ORGS_AT_ONCE)
        async with shown_steadily(self.display):
            with on_stop_signal(self.stop):
                self._task = asyncio.create_task(self._run_all(room), name="aiozcrm: run")
                try:
                    await self._task
                except asyncio.CancelledError:
                    # Without a second signal, it is this task that is being cancelled.
                    if self._stop_signals < 2:
                        raise

    def stop(self) -> None:
        """Start nothing new; when called again, end at once."""
        self._stop_signals += 1
        if self._stop_signals == 1:
            self.say("Stopping: calls under way are finished. Ctrl-C again stops at once.")
        elif self._task is not None:
            self._task.cancel()

    def report(self) -> Report:
        """Return the results of this run and of those before it."""
        order = self.journal.order
        return Report(
            command=order.command,
            began=order.began,
            targets=tuple(map(self._report_on, order.assignments)),
            interrupted=self._stop_signals > 0,
        )

    async def _run_all(self, room: asyncio.Semaphore) -> None:
        async with asyncio.TaskGroup() as group:
            for assignment in self.journal.order.assignments:
                if left := self._left(assignment):
                    group.create_task(self._run_one(assignment, left, room))

    def _left(self, assignment: Assignment) -> Sequence[Subject]:
        profile, tally = assignment.target.profile, self.tallies[assignment.target.profile]
        left = []
        for subject in assignment.subjects:
            if settled := self.journal.settled.get((profile, subject.id)):
                tally.note_earlier(settled)
            elif (profile, subject.id) in self.journal.doubtful and not self.may_repeat(subject.id):
                result = Result.not_attempted(
                    subject, _NOT_REPEATED, profile=profile, doubtful=True
                )
                self._results[profile, subject.id] = result
                tally.note_earlier(result)
            else:
                left.append(subject)
        return left

    async def _run_one(
        self,
        assignment: Assignment,
        subjects: Sequence[Subject],
        room: asyncio.Semaphore,
    ) -> None:
        profile = assignment.target.profile
        names = {subject.id: subject.name for subject in subjects}

        async def note_outcome(outcome: Outcome) -> None:
            await self._note(profile, outcome, names.get(outcome.id))

        def note_event(event: Event) -> None:
            self.tallies[profile].note_event(event)
            self.display.show()

        async with room:
            if self._stop_signals:
                return
            try:
                ids = self._feed(profile, subjects)
                await self.work(assignment, ids, note_outcome, note_event)
            except (ZohoError, OSError) as error:
                # The other orgs go on.
                self._failures[profile] = Failure.of(error)

    def _feed(self, profile: str, subjects: Sequence[Subject]) -> Iterator[str]:
        """Yield the ids to send, each once the journal says that it will be sent."""
        for subject in subjects:
            if self._stop_signals:
                return
            self.journal.begin(profile, subject.id)
            self._begun.add((profile, subject.id))
            yield subject.id

    async def _note(self, profile: str, outcome: Outcome, name: str | None) -> None:
        doubtful = (profile, outcome.id) in self.journal.doubtful
        result = Result.of(outcome, profile=profile, name=name, doubtful=doubtful)
        self._results[profile, outcome.id] = result
        # Before it is shown, so that no failure of the display can lose it.
        await self.journal.keep(result)
        self.tallies[profile].counts.note(result)
        self.display.show()

    def _report_on(self, assignment: Assignment) -> TargetReport:
        profile = assignment.target.profile
        failure = self._failures.get(profile)
        if failure is None:
            failure = _INTERRUPTED if self._stop_signals else _NO_OUTCOME
        return TargetReport(
            target=assignment.target,
            results=tuple(
                self._result_of(profile, subject, failure) for subject in assignment.subjects
            ),
            failure=self._failures.get(profile),
        )

    def _result_of(self, profile: str, subject: Subject, failure: Failure) -> Result:
        key = profile, subject.id
        found = self.journal.settled.get(key) or self._results.get(key)
        return found or Result.not_attempted(
            subject,
            failure,
            profile=profile,
            doubtful=key in self._begun or key in self.journal.doubtful,
        )
