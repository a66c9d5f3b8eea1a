"""What is to be done for many profiles, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import attrs

from aiozcrm.batch import Outcome, OutcomeStatus
from aiozcrm.cli._exits import ExitCode, describe, exit_code_for, worst_of

__all__ = [
    "FINISHED",
    "Assignment",
    "Failure",
    "Report",
    "Result",
    "Subject",
    "Target",
    "TargetReport",
]

#: The statuses that leave nothing to be done.
FINISHED: Final = frozenset({"deleted", "already_gone", "not_found", "protected"})

#: What a status means for an id that an earlier run may have deleted already.
_AFTER_A_DOUBT: Final[Mapping[OutcomeStatus, OutcomeStatus]] = {
    "not_found": "already_gone",
    "failed": "in_doubt",
    "not_attempted": "in_doubt",
}


@attrs.frozen(kw_only=True)
class Target:
    """The org that a profile leads to.

    Attributes:
        profile: The name of the profile.
        data_center: Where the org lives.
        environment: Such as ``production``.
        org_id: Its id; None where that could not be read.
        org_name: What it is called; None where that could not be read.
    """

    profile: str
    data_center: str
    environment: str
    org_id: str | None = None
    org_name: str | None = None


@attrs.frozen(kw_only=True)
class Subject:
    """One of the things that a command works on.

    Attributes:
        id: Its id.
        name: What it is called; None where that is not known.
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
        code: How the command ends because of it.
    """

    message: str
    code: ExitCode

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return what *error* says."""
        return cls(message=describe(error), code=exit_code_for(error))


@attrs.frozen(kw_only=True)
class Result:
    """What became of one subject.

    Attributes:
        profile: The name of the profile.
        id: Its id.
        name: What it is, or was, called.
        status: As `aiozcrm.Outcome` has it.
        attempts: How many times the request was sent, in the latest run.
        error: Why it is not deleted; None if it is.
        code: How the command ends because of it.
    """

    profile: str
    id: str
    name: str | None
    status: OutcomeStatus
    attempts: int = 0
    error: str | None = None
    code: ExitCode = ExitCode.DONE

    @classmethod
    def of(cls, outcome: Outcome, *, profile: str, name: str | None, doubtful: bool) -> Result:
        """Return the result that *outcome* means.

        Args:
            outcome: What this run has seen.
            profile: The name of the profile.
            name: What the subject is called.
            doubtful: Whether an earlier run may have done it already.
        """
        status = outcome.status
        if doubtful:
            status = _AFTER_A_DOUBT.get(status, status)
        failure = None
        if outcome.error is not None and status != "already_gone":
            failure = Failure.of(outcome.error)
        return cls(
            profile=profile,
            id=outcome.id,
            name=name,
            status=status,
            attempts=outcome.attempts,
            error=failure.message if failure else None,
            code=failure.code if failure and status not in FINISHED else ExitCode.DONE,
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
        return cls(
            profile=profile,
            id=subject.id,
            name=subject.name,
            status="in_doubt" if doubtful else "not_attempted",
            error=failure.message,
            code=failure.code,
        )


@attrs.frozen(kw_only=True)
class TargetReport:
    """What became of an assignment.

    Attributes:
        target: The org.
        results: One for each subject, in the order of the plan.
        failure: Why the org as a whole was not done; None if it was.
    """

    target: Target
    results: tuple[Result, ...] = ()
    failure: Failure | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many subjects ended in each status."""
        return Counter(result.status for result in self.results)


@attrs.frozen(kw_only=True)
class Report:
    """What became of everything.

    Attributes:
        command: What was run, such as ``links clean``.
        began: When.
        targets: What became of each org.
        interrupted: Whether it was asked to stop.
    """

    command: str
    began: datetime
    targets: tuple[TargetReport, ...]
    interrupted: bool = False

    @property
    def results(self) -> Iterator[Result]:
        """The results of all orgs."""
        return (result for target in self.targets for result in target.results)

    @property
    def counts(self) -> Counter[str]:
        """How many subjects ended in each status."""
        return Counter(result.status for result in self.results)

    @property
    def unfinished(self) -> int:
        """How many subjects are left to be done."""
        return sum(result.status not in FINISHED for result in self.results)

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends: the worst that was met."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        failures = (target.failure.code for target in self.targets if target.failure)
        return worst_of((*failures, *(result.code for result in self.results)))
