"""Shows the plan of a run, and asks for confirmation."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._exits import ExitCode, exit_with, say_error
from aiozcrm.cli._output import UncroppedTable, in_cell
from aiozcrm.cli._words import plural
from aiozcrm.cli.runs._plans import Deed, Fate, OrgPlan, PlannedItem, Verb

__all__ = ["confirm", "plan_lines", "show_plans"]

_STYLES: Final[Mapping[Fate, str]] = {"goes": "bold red", "stays": "green"}

#: The most rows of a table. More rows go into a second one, since a table is laid out in memory.
_ROWS: Final = 500

#: How many ids that an org does not have are worth reading.
_UNKNOWN: Final = 10

#: How many orgs the end of a plan names; more would not fit into a terminal.
_ORGS: Final = 12


def show_plans(plans: Sequence[OrgPlan], verb: Deed, console: Console) -> None:
    """Show what is planned for each org.

    Args:
        plans: The plans.
        verb: What is going to be done.
        console: Where to show them.
    """
    for plan in plans:
        console.print(Text(in_cell(plan.target), style="bold"), soft_wrap=True)
        if plan.failure:
            say_error(f"{plan.target.profile}: {plan.failure.message}")
            continue
        for sentence in plan.summary:
            console.print(Text(f"  {in_cell(sentence)}"), soft_wrap=True)
        unknown = plan.unknown
        for table in _tables(plan, unknown[:_UNKNOWN]):
            console.print(UncroppedTable(table), crop=False)
        if plan.shown and (rest := len(plan.items) - plan.shown) > 0:
            console.print(f"  and {plural(rest, f'more {verb.noun}')}.")
        if others := unknown[_UNKNOWN:]:
            told = f"  and {plural(len(others), 'more id')} unknown: not in this org."
            console.print(Text(told, "yellow"), soft_wrap=True)
    going = [(plan.target, len(plan.going)) for plan in plans if plan.going]
    # A long plan may have scrolled away the names of the orgs.
    for target, count in going[:_ORGS]:
        console.print(Text(f"{in_cell(target)}: {plural(count, verb.noun)}"), soft_wrap=True)
    if more := going[_ORGS:]:
        console.print(Text(f"and {plural(len(more), 'more org')}"))
    if total := sum(count for _, count in going):
        told = f"{plural(total, verb.noun)} in {plural(len(going), 'org')}"
        console.print(Text(f"{told} {'goes' if total == 1 else 'go'}.", "bold"))


def plan_lines(plans: Sequence[OrgPlan], verb: Verb) -> Iterator[Mapping[str, Any]]:
    """Yield what is planned for each item of each org, for programs."""
    for plan in plans:
        for index, item in enumerate(plan.items):
            own = {"index": index} if verb.counted == "row" else {"id": item.id, "name": item.name}
            yield {
                "profile": plan.target.profile,
                **own,
                "plan": item.fate,
                "reason": item.reason or None,
            }
        for one in plan.unknown:
            yield {
                "profile": plan.target.profile,
                "id": one,
                "name": None,
                "plan": "unknown",
                "reason": "not in this org",
            }


def confirm(count: int, verb: Deed, console: Console, *, answers: TextIO | None = None) -> None:
    """Ask for the number of items that go; return if it is given.

    Args:
        count: The number.
        verb: What is going to be done.
        console: Where to ask.
        answers: Where the answer is read from.

    Raises:
        typer.Exit: If it is not given, with the reason told.
    """
    answers = sys.stdin if answers is None else answers
    if not console.file.isatty():
        # In a file, nobody would see the question.
        console = Console(stderr=True, highlight=False)
    if not answers.isatty():
        raise exit_with(
            f"nothing was {verb.past}, since there is no terminal in which to ask for "
            "confirmation. Give --yes to go on without."
        )
    typed = ""
    try:
        console.print(f"Type that number to {verb.present} them: ", end="", style="bold")
        with contextlib.suppress(UnicodeDecodeError):
            typed = answers.readline().strip()
    except KeyboardInterrupt:
        console.print()
        raise exit_with(f"interrupted; nothing was {verb.past}.", ExitCode.INTERRUPTED) from None
    if typed != str(count):
        raise exit_with(f"that is not {count}, so nothing was {verb.past}.")


def _tables(plan: OrgPlan, unknown: Sequence[str]) -> Iterator[Table]:
    items = itertools.islice(plan.items, plan.shown)
    rows = itertools.chain(map(_row, items), map(_unknown_row, unknown))
    # Of records, nobody asks when they were created.
    dated = any(item.created_time for item in plan.items)
    while batch := list(itertools.islice(rows, _ROWS)):
        table = Table(box=SIMPLE_HEAD)
        table.add_column("Id", no_wrap=True)
        table.add_column("Name", overflow="fold")
        if dated:
            table.add_column("Created", no_wrap=True)
        table.add_column("What happens", overflow="fold")
        for item_id, name, created, what in batch:
            table.add_row(item_id, name, *([created] if dated else ()), what)
        yield table


def _row(item: PlannedItem) -> tuple[Text, Text, Text, Text]:
    created = item.created_time.isoformat(" ", "minutes") if item.created_time else ""
    what = Text(item.fate, _STYLES[item.fate])
    if item.reason:
        what.append(f": {in_cell(item.reason)}", "default")
    return Text(in_cell(item.id)), Text(in_cell(item.name)), Text(created), what


def _unknown_row(item_id: str) -> tuple[Text, Text, Text, Text]:
    what = Text("unknown", "yellow").append(": not in this org", "default")
    return Text(in_cell(item_id)), Text(), Text(), what
