"""A report in a terminal: a row for each org, then what is left to be done and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._output import Whole, in_cell
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.runs._results import FINISHED, Report
from aiozcrm.cli.runs._statuses import MEANINGS, STYLES

__all__ = ["show_report"]

#: How many ids make an example.
_EXAMPLES: Final = 3


def show_report(report: Report, console: Console) -> None:
    """Show *report*."""
    console.print()
    console.print(Whole(_table(report)), crop=False)
    for sentence in _problems(report):
        console.print(Text(sentence, "red"), soft_wrap=True)
    console.print(Text(_sum(report), "bold"), soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("Org", overflow="fold")
    statuses = [status for status in MEANINGS if report.counts[status]]
    for status in statuses:
        table.add_column(Text(in_words(status), STYLES[status]), justify="right")
    for target in report.targets:
        cells = (str(target.counts[status] or "") for status in statuses)
        table.add_row(Text(in_cell(target.target.profile)), *cells)
    return table


def _problems(report: Report) -> Iterator[str]:
    """Yield a sentence for each reason that left something undone, with examples."""
    reasons: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for result in report.results:
        if result.status not in FINISHED:
            reasons[result.profile, result.status, result.error or ""].append(result.id)
    for (profile, status, error), ids in reasons.items():
        more = ", ..." if len(ids) > _EXAMPLES else ""
        shown = ", ".join(ids[:_EXAMPLES]) + more
        yield in_cell(f"{profile}: {len(ids)} {in_words(status)} ({shown}): {error}")
    for target in report.targets:
        if target.failure and not target.results:
            yield in_cell(f"{target.target.profile}: {target.failure.message}")


def _sum(report: Report) -> str:
    counts = report.counts
    terms = [f"{counts[status]} {in_words(status)}" for status in MEANINGS if counts[status]]
    return f"{plural(counts.total(), 'id')}: {' + '.join(terms) or 'nothing'}."
