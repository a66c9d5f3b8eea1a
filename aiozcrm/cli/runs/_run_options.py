"""Options that ``delete`` and ``clean`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aiozcrm.cli._exits import refuse

__all__ = [
    "ConcurrencyOption",
    "DryRunOption",
    "JournalOption",
    "ReportOption",
    "ResumeOption",
    "refuse_beside_resume",
]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Stop after the plan.")]

JournalOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the journal there, in place of a new file of the user's.",
        show_default=False,
    ),
]

ReportOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write a report: a page (.html) or JSON Lines (.jsonl).",
        show_default=False,
    ),
]

ResumeOption = Annotated[
    Path | None,
    typer.Option(
        metavar="JOURNAL",
        help="Go on with the run that wrote this journal; nothing is asked again.",
        show_default=False,
    ),
]

ConcurrencyOption = Annotated[int, typer.Option(min=1, help="Calls at once in each org.")]


def refuse_beside_resume(*given: object) -> None:
    """Refuse what the journal says already.

    Raises:
        typer.Exit: If any is given.
    """
    if any(given):
        raise refuse(
            "--resume needs no ids, filters, profiles or --journal: the journal holds them all."
        )
