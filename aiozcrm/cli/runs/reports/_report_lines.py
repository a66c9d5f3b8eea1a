"""A report for programs: as JSON Lines, or as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

from aiozcrm.cli.runs._results import Report

__all__ = ["report_lines", "report_rows"]

_Facts = Mapping[str, str | int | None]


def report_lines(report: Report) -> Iterator[str]:
    """Yield a line for each outcome, and one without an id for each org that failed as a whole."""
    return (f"{json.dumps(facts)}\n" for facts in _facts_of(report))


def report_rows(report: Report) -> Iterator[str]:
    """Yield the same as rows of CSV below a header."""
    names: list[str] = []
    for facts in _facts_of(report):
        if not names:
            names = list(facts)
            yield _csv_row(names)
        yield _csv_row(list(facts.values()))


def _csv_row(cells: list[str | int | None] | list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _facts_of(report: Report) -> Iterator[_Facts]:
    of_rows = report.counted == "row"
    for target in report.targets:
        for index, result in enumerate(target.results):
            # A row has no id of its own: its place is what it is known by.
            own = {"index": index, "id": result.record_id} if of_rows else {"id": result.id}
            yield {
                "profile": result.profile,
                **own,
                **({} if of_rows else {"name": result.name}),
                "status": result.status,
                "kind": result.kind,
                "attempts": result.attempts,
                "error": result.error,
            }
        if target.failure and not target.results:
            yield {
                "profile": target.target.profile,
                **({"index": None, "id": None} if of_rows else {"id": None, "name": None}),
                "status": "not_attempted",
                "kind": "not_attempted",
                "attempts": 0,
                "error": target.failure.message,
            }
