"""What is to be done in many orgs, and the results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs

from aiozcrm.batch import Outcome, OutcomeKind
from aiozcrm.cli._exits import ExitCode, describe, exit_code_for, worst_of
from aiozcrm.cli.runs._counts import UNFINISHED, Counts
from aiozcrm.errors import InvalidDataError, InvalidInputError

__all__ = ["Assignment", "Failure", "Report", "Result", "Subject", "Target", "TargetReport"]

#: What says that the values are at fault, whenever they are sent.
_REJECTIONS: Final = (InvalidDataError, InvalidInputError)


@attrs.frozen(kw_only=True)
class Target:
    """The org that a profile leads to.

    Attributes:
        profile: The name of the profile.
        data_center: Where the org lives.
        environment: Such as ``production``.
        org_id: Its id; None where that could not be read.
        org_name: Its name; None where that could not be read.
    """

    profile: str
    data_center: str
    environment: str
    org_id: str | None = None
    org_name: str | None = None

    def __str__(self) -> str:
        """Return on one line which org it is."""
        name = f"{self.org_name}, " if self.org_name else ""
        return f"{self.profile} ({name}{self.environment}, data centre {self.data_center})"


@attrs.frozen(kw_only=True)
class Subject:
    """One of the things that a command works on.

    Attributes:
        id: Its id.
        name: Its name; None where that is not known.
    """

    id: str
    name: str | None = None


@attrs.frozen(kw_only=True)
class Assignment:
    """What is to be done in one org.

    Attributes:
        target: The org.
        subjects: What to work on.
    """

    target: Target
    subjects: tuple[Subject, ...]


@attrs.frozen(kw_only=True)
class Failure:
    """Why something could not be done.

    Attributes:
        message: What happened, and what to do next.
        code: The exit code that it gives the command.
    """

    message: str
    code: ExitCode

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return the failure that *error* describes."""
        return cls(message=describe(error), code=exit_code_for(error))


@attrs.frozen(kw_only=True)
class Result:
    """The result for one subject.

    Attributes:
        profile: The name of the profile.
        id: Its id.
        name: Its name; None if that is not known.
        status: As `aiozcrm.Outcome` has it.
        kind: What the status means, likewise.
        attempts: How many times the request was sent, in the latest run.
        error: Why it is not done; None if it is.
        code: The exit code that it gives the command.
        record_id: The id of the record that a row was written to; None if that is not known.
        rejected: Whether its own values were, so that it would be once more.
    """

    profile: str
    id: str
    name: str | None
    status: str
    kind: OutcomeKind
    attempts: int = 0
    error: str | None = None
    code: ExitCode = ExitCode.DONE
    record_id: str | None = None
    rejected: bool = False

    @classmethod
    def of(cls, outcome: Outcome, *, profile: str, name: str | None, doubtful: bool) -> Result:
        """Return the result that *outcome* means.

        Args:
            outcome: What this run has seen. Of a row, its details have the id of the record.
            profile: The name of the profile.
            name: What the subject is called.
            doubtful: Whether an earlier run may have done it already.
        """
        status: str = outcome.status
        kind, error = outcome.kind, outcome.error
        if doubtful and status == "not_found":
            # It is gone, so the earlier run has removed it.
            status, kind, error = "already_gone", "done", None
        elif doubtful and kind in UNFINISHED:
            # That this run did not do it says nothing about the earlier run.
            status = kind = "in_doubt"
        failure = Failure.of(error) if error is not None else None
        record_id = outcome.details.get("id")
        return cls(
            profile=profile,
            id=outcome.id,
            name=name,
            status=status,
            kind=kind,
            attempts=outcome.attempts,
            error=failure.message if failure else None,
            code=failure.code if failure and kind in UNFINISHED else ExitCode.DONE,
            record_id=record_id if record_id != outcome.id else None,
            rejected=kind == "failed" and isinstance(error, _REJECTIONS),
        )

    @classmethod
    def not_attempted(
        cls,
        subject: Subject,
        failure: Failure,
        *,
        profile: str,
        doubtful: bool = False,
    ) -> Result:
        """Return the result of what was not sent in this run."""
        kind: OutcomeKind = "in_doubt" if doubtful else "not_attempted"
        return cls(
            profile=profile,
            id=subject.id,
            name=subject.name,
            status=kind,
            kind=kind,
            error=failure.message,
            code=failure.code,
        )


@attrs.frozen(kw_only=True)
class TargetReport:
    """The results of an assignment.

    Attributes:
        target: The org.
        results: One for each subject, in the order of the plan.
        failure: Why the org as a whole was not done; None if it was.
        counts: How many subjects ended in each status.
    """

    target: Target
    results: tuple[Result, ...] = ()
    failure: Failure | None = None
    counts: Counts = attrs.field(init=False, eq=False, repr=False)

    @counts.default
    def _count(self) -> Counts:
        return Counts(self.results)


@attrs.frozen(kw_only=True)
class Report:
    """The results of a run.

    Attributes:
        command: What was run, such as ``links clean``.
        began: When.
        targets: The results of each org.
        interrupted: Whether the run was asked to stop.
        counted: What a subject is called.
        counts: How many subjects ended in each status.
    """

    command: str
    began: datetime
    targets: tuple[TargetReport, ...]
    interrupted: bool = False
    counted: str = "id"
    counts: Counts = attrs.field(init=False, eq=False, repr=False)

    @counts.default
    def _count(self) -> Counts:
        return Counts(self.results)

    @property
    def results(self) -> Iterator[Result]:
        """The results of all orgs."""
        return (result for target in self.targets for result in target.results)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the command: the worst of all."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        failures = (target.failure.code for target in self.targets if target.failure)
        return worst_of((*failures, *{result.code for result in self.results}))
