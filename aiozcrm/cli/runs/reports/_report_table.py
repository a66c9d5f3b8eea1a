"""A report in a terminal: a row per org, then what is not done, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._output import UncroppedTable, in_cell
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.runs._counts import STYLES, UNFINISHED
from aiozcrm.cli.runs._results import Report, Result

__all__ = ["show_report"]

#: How many ids are examples of a reason.
_EXAMPLES: Final = 3

#: How many reasons are worth reading.
_REASONS: Final = 12

#: The parts in which messages differ that say the same: times, durations, numbers of attempts.
_VARYING: Final = re.compile(
    r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d|\b\d+(?:\.\d+)? ?(?:ms|s|min|h|times|attempts)\b"
)


def show_report(report: Report, console: Console) -> None:
    """Show *report*."""
    console.print()
    console.print(UncroppedTable(_table(report)), crop=False)
    for sentence in _problems(report):
        console.print(Text(sentence, "red"), soft_wrap=True)
    terms = " + ".join(map(str, report.counts)) or "nothing"
    total = in_cell(f"{plural(report.counts.total, report.counted)}: {terms}.")
    console.print(Text(total, "bold"), soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("Org", overflow="fold")
    found = list(report.counts)
    for status, kind, _ in found:
        table.add_column(Text(in_words(in_cell(status)), STYLES[kind]), justify="right")
    for target in report.targets:
        cells = (str(target.counts[status] or "") for status, _, _ in found)
        table.add_row(Text(in_cell(target.target.profile)), *cells)
    return table


class _Reason(NamedTuple):
    """Why some ids of an org are not done.

    Attributes:
        profile: The profile of the org.
        status: Their status.
        pattern: The message, without the parts that differ from id to id.
    """

    profile: str
    status: str
    pattern: str


def _problems(report: Report) -> Iterator[str]:
    """Yield a sentence for each reason why something is not done, with examples."""
    counts: dict[_Reason, int] = {}
    examples: dict[_Reason, list[Result]] = {}
    for result in report.results:
        if result.kind in UNFINISHED:
            pattern = _VARYING.sub("#", _without_id(result))
            reason = _Reason(result.profile, result.status, pattern)
            counts[reason] = counts.get(reason, 0) + 1
            shown = examples.setdefault(reason, [])
            if len(shown) < _EXAMPLES:
                shown.append(result)
    by_number = sorted(counts, key=lambda reason: -counts[reason])
    for reason in by_number[:_REASONS]:
        results, count = examples[reason], counts[reason]
        ids = ", ".join(result.id for result in results) + (", ..." if count > _EXAMPLES else "")
        # For a single id, the whole message is worth reading.
        error = (results[0].error or "") if count == 1 else _without_id(results[0])
        yield in_cell(f"{reason.profile}: {count} {in_words(reason.status)} ({ids}): {error}")
    if rest := by_number[_REASONS:]:
        number = sum(counts[reason] for reason in rest)
        left = plural(number, report.counted)
        yield f"{plural(len(rest), 'more reason')} for {left}: --report lists them."
    for target in report.targets:
        if target.failure and not target.results:
            yield in_cell(f"{target.target.profile}: {target.failure.message}")


def _without_id(result: Result) -> str:
    """Return the message of a result without its id, so that others may have the same."""
    return re.sub(rf"(?<!\d){re.escape(result.id)}(?!\d)", "ID", result.error or "")
