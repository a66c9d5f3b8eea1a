"""Shows what a clean-up is going to do, and asks whether it may."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._exits import ExitCode, refuse, say_error
from aiozcrm.cli._output import Whole, in_cell
from aiozcrm.cli._words import plural
from aiozcrm.cli.runs._plans import Fate, OrgPlan, PlannedItem
from aiozcrm.cli.runs._results import Target

__all__ = ["confirm", "describe_target", "show_plans"]

_STYLES: Final[Mapping[Fate, str]] = {"goes": "bold red", "stays": "green", "unknown": "yellow"}


def show_plans(plans: Sequence[OrgPlan], console: Console) -> None:
    """Show what is planned for each org."""
    for plan in plans:
        console.print(Text(describe_target(plan.target), style="bold"), soft_wrap=True)
        if plan.failure:
            say_error(f"{plan.target.profile}: {plan.failure.message}")
        else:
            console.print(Whole(_table(plan.items)), crop=False)
    going = sum(len(plan.going) for plan in plans)
    orgs = sum(bool(plan.going) for plan in plans)
    verb = "goes" if going == 1 else "go"
    if going:
        console.print(Text(f"{plural(going, 'link')} in {plural(orgs, 'org')} {verb}.", "bold"))


def describe_target(target: Target) -> str:
    """Return on one line which org it is."""
    name = f"{in_cell(target.org_name)}, " if target.org_name else ""
    place = f"{target.environment}, data centre {target.data_center}"
    return f"{in_cell(target.profile)} ({name}{place})"


def confirm(count: int, console: Console, *, answers: TextIO | None = None) -> None:
    """Ask for the number of links that go; return if it is given.

    Raises:
        typer.Exit: If it is not, with the reason told.
    """
    answers = sys.stdin if answers is None else answers
    if not console.file.isatty():
        # Into a file, the question would be asked of nobody.
        console = Console(stderr=True, highlight=False)
    if not answers.isatty():
        raise refuse("nothing was deleted, since nobody can be asked here. Give --yes to agree.")
    typed = ""
    try:
        console.print("Type that number to delete them: ", end="", style="bold")
        with contextlib.suppress(UnicodeDecodeError):
            typed = answers.readline().strip()
    except KeyboardInterrupt:
        console.print()
        raise refuse("interrupted; nothing was deleted.", code=ExitCode.INTERRUPTED) from None
    if typed != str(count):
        raise refuse(f"that is not {count}, so nothing was deleted.")


def _table(items: Sequence[PlannedItem]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("Id", no_wrap=True)
    table.add_column("Name", overflow="fold")
    table.add_column("Created", no_wrap=True)
    table.add_column("What happens", overflow="fold")
    for item in items:
        created = item.created_time.isoformat(" ", "minutes") if item.created_time else ""
        what = Text(item.fate, _STYLES[item.fate])
        if item.reason:
            what.append(f": {in_cell(item.reason)}", "default")
        table.add_row(item.id, Text(in_cell(item.name)), created, what)
    return table
