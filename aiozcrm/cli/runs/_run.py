"""Carries out a run: plan, confirmation, work, report."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import attrs
import typer

from aiozcrm.batch import OnOutcome
from aiozcrm.cli._exits import run, worst_of
from aiozcrm.cli._output import in_cell, print_lines
from aiozcrm.cli._words import plural
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._backup import BACKUP, Backup, check_backup_path
from aiozcrm.cli.runs._counts import UNFINISHED
from aiozcrm.cli.runs._display import SteadyConsole, Tally, display_for
from aiozcrm.cli.runs._journal import Journal, Order, check_journal_path
from aiozcrm.cli.runs._plan_view import confirm, plan_lines, show_plans
from aiozcrm.cli.runs._plans import Verb
from aiozcrm.cli.runs._results import Assignment, Report, TargetReport
from aiozcrm.cli.runs._run_options import RunOptions
from aiozcrm.cli.runs._runner import Runner
from aiozcrm.cli.runs._targets import Planner, check_target, plan_orgs, target_of
from aiozcrm.cli.runs.reports import (
    check_report_path,
    show_report,
    write_lines,
    write_report,
)
from aiozcrm.errors import ConfigurationError
from aiozcrm.events import EventReceiver

__all__ = ["Run"]


@attrs.frozen(kw_only=True)
class Run:
    """A command that changes many things at once.

    Attributes:
        command: What was run, such as ``links clean``.
        verb: What is done to each of them.
        settings: What the verb has to know; kept in the journal.
        options: How it is to be done.
        resumes: Which commands' journals it can resume.
        source: The file that ids were read from; None for none.
        backup: The file of the backup, if the verb saves each thing; None for a new one beside the
            journal.
        after: Is called with the report of all orgs at the end, in place of what writes a line of
            JSON for each result.
        profiles: Knows the credentials.
        console: Where to show everything.
    """

    command: str
    verb: Verb
    settings: Mapping[str, Any]
    options: RunOptions
    resumes: Collection[str]
    source: Path | None = None
    backup: Path | None = None
    after: Callable[[Report], object] | None = None
    profiles: Profiles = attrs.field(factory=Profiles.of_user)
    console: SteadyConsole = attrs.field()

    @console.default
    def _its_console(self) -> SteadyConsole:
        # What programs read stands alone on stdout.
        return SteadyConsole(highlight=False, stderr=self.options.as_json)

    def chosen(self) -> Sequence[str]:
        """Return the profiles of the orgs that are meant.

        Raises:
            aiozcrm.errors.ConfigurationError: If one that was named cannot be used.
        """
        return self.profiles.choose_usable(
            self.options.profile or (), every=self.options.all_profiles
        )

    def carry_out(self, named: Mapping[str, Sequence[str]], planner: Planner) -> NoReturn:
        """Plan for the org of each profile, ask, do the work and report.

        Args:
            named: The profiles, with the ids that somebody has named for each.
            planner: Plans for an org.

        Raises:
            typer.Exit: Always, with the exit code.
        """
        began = datetime.now().astimezone()
        journal = None if self.options.dry_run else self._new_journal(began)
        backup = self._new_backup(journal) if self.verb.saves and journal else None
        check_report_path(
            self.options.report, journal=self.options.journal, source=self.source, backup=backup
        )
        plans = run(plan_orgs(named, self.profiles, planner, module=self.settings.get("module")))
        show_plans(plans, self.verb, self.console)
        going = sum(len(plan.going) for plan in plans)
        failures = [plan.report_on_failure(plan.failure) for plan in plans if plan.failure]
        if journal is None:
            if self.options.as_json:
                print_lines(plan_lines(plans, self.verb))
            unwritten = ", so there is no report" if self.options.report else ""
            # Behind an error it would sound as if all were well.
            if not failures:
                self._print(f"Dry run: nothing was {self.verb.past}{unwritten}.")
            raise typer.Exit(worst_of(plan.failure.code for plan in plans if plan.failure))
        if not going:
            if not failures:
                self._print(f"There is nothing to {self.verb.present}.")
            done = (
                TargetReport(target=plan.target, results=tuple(plan.settled()))
                for plan in plans
                if not plan.failure
            )
            targets = (*done, *failures)
            counted = self.verb.counted
            self._finish(
                Report(command=self.command, began=began, targets=targets, counted=counted)
            )
        if not self.options.yes:
            confirm(going, self.verb, self.console)
        options = dict(self.settings)
        if backup is not None:
            Backup.begin(backup)
            self._print(f"Backup: {backup}")
            options[BACKUP] = str(backup)
        order = Order(
            command=self.command,
            options=options,
            began=began,
            assignments=tuple(plan.assignment() for plan in plans if not plan.failure),
        )
        settled = (result for plan in plans for result in plan.settled())
        with Journal.create(journal, order, settled) as opened:
            self._work(opened, failures)

    def resume(self, path: Path) -> NoReturn:
        """Continue the run that wrote the journal at *path*.

        There is no confirmation: what the journal holds was confirmed when it began.

        Raises:
            typer.Exit: Always, with the exit code.
        """
        with Journal.reopen(path) as journal:
            backup = journal.order.options.get(BACKUP)
            check_report_path(
                self.options.report, journal=path, backup=Path(backup) if backup else None
            )
            other = journal.order.command
            if other not in self.resumes:
                raise ConfigurationError(
                    f"{path} is the journal of another command.",
                    hint=f"Resume it with: aiozcrm {other} --resume {shlex.quote(str(path))}",
                )
            self._work(journal, ())

    def _work(self, journal: Journal, failures: Sequence[TargetReport]) -> NoReturn:
        self._print(f"Journal: {journal.path}")
        tallies = {
            assignment.target.profile: Tally(
                name=assignment.target.profile,
                total=len(assignment.subjects),
                limit=self.options.concurrency,
            )
            for assignment in journal.order.assignments
        }
        runner = Runner(
            journal=journal,
            work=functools.partial(self._act, journal.order.options),
            tallies=tallies,
            display=display_for(
                self.console,
                *(tally for tally in tallies.values() if tally.total),
            ),
            say=self._print,
            may_repeat=functools.partial(self.verb.may_repeat, journal.order.options),
        )
        run(runner.run())
        report = runner.report()
        whole = attrs.evolve(
            report, targets=(*report.targets, *failures), counted=self.verb.counted
        )
        show_report(whole, self.console)
        # Orgs that could not be planned for are not in the journal.
        for sentence in self._next_steps(journal, report):
            self._print(sentence)
        self._finish(whole)

    def _next_steps(self, journal: Journal, report: Report) -> Iterator[str]:
        """Yield what to do about what is left: to resume, if that can change anything."""
        left = [one for one in report.results if one.kind in UNFINISHED]
        rejected = sum(one.rejected for one in left) if self.verb.counted == "row" else 0
        options = journal.order.options
        doubtful = sum(
            one.kind == "in_doubt" and not self.verb.may_repeat(options, one.id) for one in left
        )
        if rejected + doubtful < len(left):
            name = shlex.quote(str(journal.path))
            yield f"Resume with: aiozcrm {self.command} --resume {name}"
            return
        if rejected:
            was, them = ("was", "it") if rejected == 1 else ("were", "them")
            told = f"{plural(rejected, self.verb.noun)} {was} rejected"
            yield f"{told}: correct {them}, and give {them} in a new file."
        if doubtful:
            yield (
                f"In doubt: {plural(doubtful, self.verb.noun)}. --resume sends none of these "
                "again, since a second time could do it twice: look in Zoho."
            )

    async def _act(
        self,
        settings: Mapping[str, Any],
        assignment: Assignment,
        ids: Iterator[str],
        on_outcome: OnOutcome,
        on_event: EventReceiver,
    ) -> None:
        """Do the work in one org."""
        profile = self.profiles.load(assignment.target.profile)
        target_of(profile, expected=assignment.target)
        async with client_for(
            profile,
            self.profiles,
            on_event=on_event,
            max_in_flight=self.options.concurrency,
        ) as zoho:
            await check_target(zoho, assignment.target)
            await self.verb.act(
                zoho,
                assignment.target,
                ids,
                settings,
                # More workers than there are items would have nothing to do.
                min(self.options.concurrency, len(assignment.subjects)),
                on_outcome,
            )

    def _finish(self, report: Report) -> NoReturn:
        if self.after is not None:
            self.after(report)
        if self.options.report is not None:
            write_report(report, self.options.report)
            self._print(f"Report: {self.options.report}")
        if self.options.as_json and self.after is None:
            write_lines(report)
        raise typer.Exit(report.exit_code)

    def _new_journal(self, began: datetime) -> Path:
        """Return the path of a new journal, once it is known that it can be written."""
        path = self.options.journal
        if path is None:
            words = self.command.replace(" ", "-")
            path = self.profiles.journals / f"{began:%Y-%m-%dT%H-%M-%S.%f}-{words}.jsonl"
        check_journal_path(path, new_folder=self.options.journal is None)
        return path

    def _new_backup(self, journal: Path) -> Path:
        """Return the path of a new backup, once it is known that it can be written."""
        path = self.backup or journal.with_name(f"{journal.stem}-backup.jsonl")
        check_backup_path(path, journal=journal)
        return path.absolute()

    def _print(self, sentence: str) -> None:
        self.console.print(in_cell(sentence), soft_wrap=True, markup=False)
