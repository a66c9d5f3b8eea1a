"""Carries out a clean-up: plan, question, run, report."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

import attrs
import typer

from aiozcrm.batch import OnOutcome
from aiozcrm.cli._exits import run, worst_of
from aiozcrm.cli._output import in_cell
from aiozcrm.cli.links._inventory import Planner, check_target, plan_orgs, target_of
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._display import SteadyConsole, Tally, display_for
from aiozcrm.cli.runs._journal import Journal, Order, check_journal_path
from aiozcrm.cli.runs._plan_view import confirm, show_plans
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Assignment, Report, TargetReport
from aiozcrm.cli.runs._runner import Runner
from aiozcrm.cli.runs.reports import check_report_path, show_report, write_report
from aiozcrm.events import EventReceiver

__all__ = ["Deletion"]

#: Seconds between two lines for an org where no terminal is.
_PACE: Final = 5.0

_PROTECT_USED: Final = "protect_used"


@attrs.frozen(kw_only=True)
class Deletion:
    """How links are to be deleted.

    Attributes:
        command: What was run, such as ``links clean``.
        protect_used: Whether to keep what is used when its turn comes.
        yes: Whether not to ask.
        dry_run: Whether to stop after the plan.
        journal: Where the journal is to be; None for a new file of the user's.
        report: Where a report is to be written; None for nowhere.
        concurrency: How many calls may run at once in each org.
        profiles: Knows the credentials.
        console: Where to show everything.
    """

    command: str
    protect_used: bool
    yes: bool
    dry_run: bool
    journal: Path | None
    report: Path | None
    concurrency: int
    profiles: Profiles = attrs.field(factory=Profiles.of_user)
    console: SteadyConsole = attrs.field(factory=functools.partial(SteadyConsole, highlight=False))

    def carry_out(self, named: Mapping[str, Sequence[str]], planner: Planner) -> NoReturn:
        """Plan for the org of each profile, ask, delete and report.

        Args:
            named: The profiles, with the ids that somebody has named for each.
            planner: Returns the plan for an org.

        Raises:
            typer.Exit: Always, with the exit code.
        """
        check_report_path(self.report, journal=self.journal)
        check_journal_path(self.journal)
        began = datetime.now().astimezone()
        plans = run(plan_orgs(named, self.profiles, planner))
        show_plans(plans, self.console)
        going = sum(len(plan.going) for plan in plans)
        if self.dry_run:
            unwritten = ", so there is no report" if self.report else ""
            self._print(f"Dry run: nothing was deleted{unwritten}.")
            raise typer.Exit(worst_of(plan.failure.code for plan in plans if plan.failure))
        if not going:
            self._print("There is nothing to delete.")
            self._finish(self._report_without_run(plans, began))
        if not self.yes:
            confirm(going, self.console)
        order = Order(
            command=self.command,
            options={_PROTECT_USED: self.protect_used},
            began=began,
            assignments=tuple(plan.assignment() for plan in plans if not plan.failure),
        )
        settled = [result for plan in plans for result in plan.settled()]
        with Journal.create(self._journal_path(began), order, settled) as journal:
            self._run(journal, _failures(plans))

    def resume(self, path: Path) -> NoReturn:
        """Go on with the run that wrote the journal at *path*.

        Nobody is asked: what the journal orders was confirmed when it began.

        Raises:
            typer.Exit: Always, with the exit code.
        """
        check_report_path(self.report, journal=path)
        with Journal.reopen(path) as journal:
            self._run(journal, ())

    # ---- running -------------------------------------------------------------------------------

    def _run(self, journal: Journal, failures: Sequence[TargetReport]) -> NoReturn:
        self._print(f"Journal: {journal.path}")
        order = journal.order
        tallies = {
            assignment.target.profile: Tally(
                name=assignment.target.profile,
                total=len(assignment.subjects),
                limit=self.concurrency,
            )
            for assignment in order.assignments
        }
        runner = Runner(
            journal=journal,
            work=functools.partial(self._delete, bool(order.options.get(_PROTECT_USED))),
            tallies=tallies,
            display=display_for(
                self.console,
                *(tally for tally in tallies.values() if tally.total),
                pace=_PACE,
            ),
            say=self._print,
        )
        run(runner.run())
        report = runner.report()
        whole = attrs.evolve(report, targets=(*report.targets, *failures))
        show_report(whole, self.console)
        # What the journal orders, which is not what could not even be planned.
        if report.unfinished:
            name = shlex.quote(str(journal.path))
            self._print(f"Resume with: aiozcrm {self.command} --resume {name}")
        self._finish(whole)

    async def _delete(
        self,
        protect_used: bool,
        assignment: Assignment,
        ids: Iterator[str],
        on_outcome: OnOutcome,
        on_event: EventReceiver,
    ) -> None:
        """Delete the links of one org."""
        profile = self.profiles.load(assignment.target.profile)
        target_of(profile, expected=assignment.target)
        async with client_for(
            profile,
            self.profiles,
            on_event=on_event,
            max_in_flight=self.concurrency,
        ) as zoho:
            await check_target(zoho, assignment.target)
            await zoho.delete_unsubscribe_links(
                ids,
                protect_used=protect_used,
                # Not every worker there might be is worth its start.
                concurrency=min(self.concurrency, len(assignment.subjects)),
                on_outcome=on_outcome,
            )

    # ---- reporting -----------------------------------------------------------------------------

    def _finish(self, report: Report) -> NoReturn:
        if self.report is not None:
            write_report(report, self.report)
            self._print(f"Report: {self.report}")
        raise typer.Exit(report.exit_code)

    def _report_without_run(self, plans: Sequence[OrgPlan], began: datetime) -> Report:
        done = (
            TargetReport(target=plan.target, results=plan.settled())
            for plan in plans
            if not plan.failure
        )
        return Report(command=self.command, began=began, targets=(*done, *_failures(plans)))

    def _journal_path(self, began: datetime) -> Path:
        if self.journal is not None:
            return self.journal
        folder = self.profiles.state_folder / "journals"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        words = self.command.replace(" ", "-")
        return folder / f"{began:%Y-%m-%dT%H-%M-%S.%f}-{words}.jsonl"

    def _print(self, sentence: str) -> None:
        self.console.print(in_cell(sentence), soft_wrap=True, markup=False)


def _failures(plans: Iterable[OrgPlan]) -> list[TargetReport]:
    return [plan.report_on_failure(plan.failure) for plan in plans if plan.failure]
