"""What a demonstration came to, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm import BatchReport
from aiozcrm.cli._words import in_words
from aiozcrm.cli.runs._counts import STYLES, Counts, meaning_of
from aiozcrm.testing import Fault, Stats

__all__ = ["outcome_table", "print_verdict", "server_table"]

#: Faults whose names do not say what happens.
_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.NOT_JSON: "a web page in place of the answer",
    Fault.TOO_MANY_RETRY_AFTER: "429, with the time to wait",
    Fault.SHORT_ANSWER: "an answer without its last row",
    Fault.HIDDEN_ERROR: "200, with an error in the place of each row",
}


def outcome_table(report: BatchReport, inputs: str) -> Table:
    """Return what the client says became of its *inputs*."""
    table = _table("What the client says", show_footer=True)
    table.add_column("Outcome", "together")
    table.add_column(inputs, str(len(report.outcomes)), justify="right")
    table.add_column("Meaning")
    for status, kind, count in Counts(report.outcomes):
        name = Text(in_words(status), STYLES[kind])
        table.add_row(name, str(count), meaning_of(status, kind))
    return table


def server_table(stats: Stats, faults: Mapping[Fault, int], *, retries: int, effect: str) -> Table:
    """Return what the server counted.

    Args:
        stats: What it counted.
        faults: How many faults of each kind it produced.
        retries: How many of its requests were retries.
        effect: What the calls do, such as ``deletion``.
    """
    table = _table("What the local Zoho counted", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row("access tokens made", str(stats.tokens_made))
    table.add_row("API requests", str(stats.api_requests))
    table.add_row("  retries among them", str(retries))
    table.add_row("  most at once", str(stats.highest_concurrency))
    table.add_row("faults produced", str(sum(faults.values())))
    for fault in sorted(faults, key=lambda fault: -faults[fault]):
        after = f"after the {effect}" if fault.has_effect else ""
        table.add_row(f"  {in_words(fault)}", str(faults[fault]), after, style="dim")
    told = (f"{in_words(fault)} = {words}" for fault, words in _FAULTS.items() if fault in faults)
    table.caption = "; ".join(told)
    table.caption_justify = "left"
    return table


def print_verdict(console: Console, problems: list[str], account: str) -> int:
    """Print the sum, or what does not add up; return the exit code that says the same."""
    # A pipe gets a sentence on one line; a terminal wraps it between words.
    one_line = not console.is_terminal
    if problems:
        sentence = f"This does not add up: {'; '.join(problems)}."
        console.print(sentence, style="bold red", soft_wrap=one_line)
        return 1
    console.print(account, style="bold green", soft_wrap=one_line)
    return 0


def _table(title: str, *, show_header: bool = True, show_footer: bool = False) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_header=show_header,
        show_footer=show_footer,
    )
