"""Options of the commands that change many things at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import attrs
import typer

from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli._paths import expanded
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption

__all__ = ["DryRunOption", "RunOptions", "YesOption"]

YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Begin without asking for confirmation.")
]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan, and change nothing.")]


@attrs.frozen(kw_only=True)
class RunOptions:
    """The options of such a command.

    Attributes:
        profile: The profiles of the orgs.
        all_profiles: Whether all profiles are meant.
        yes: Whether to begin without asking.
        dry_run: Whether to stop after the plan.
        journal: The file of the journal; None for a new file in the folder of all journals.
        report: Where a report is to be written; None for nowhere.
        resume: The journal of a run to go on with.
        concurrency: How many calls may run at once in each org.
        as_json: Whether programs are to read the results.
    """

    profile: ProfilesOption = None
    all_profiles: AllProfilesOption = False
    yes: YesOption = False
    dry_run: DryRunOption = False
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the journal to this new file instead of a folder of aiozcrm's own.",
            show_default=False,
            callback=expanded,
        ),
    ] = None
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a report: a web page (.html), CSV (.csv) or JSON Lines (.jsonl).",
            show_default=False,
            callback=expanded,
        ),
    ] = None
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="JOURNAL",
            help="Continue the run that wrote this journal, without asking again.",
            show_default=False,
            callback=expanded,
        ),
    ] = None
    concurrency: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="How many calls may run at once in each org."),
    ] = 5
    as_json: JsonOption = False

    def check_resume(self, *others: object) -> None:
        """Check that no option is given beside ``--resume`` that the journal makes needless.

        Args:
            others: The values of the other options of the command.

        Raises:
            typer.Exit: If something is.
        """
        if any((*others, self.profile, self.all_profiles, self.dry_run, self.journal)):
            raise exit_with(
                "--resume takes no ids, filters, profiles, --dry-run or --journal: the journal "
                "says what to do, and in which orgs."
            )
