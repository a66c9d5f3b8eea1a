"""A report as JSON Lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from aiozcrm.cli.runs._results import Report

__all__ = ["as_json_lines"]


def as_json_lines(report: Report) -> str:
    """Return a line for each outcome, and one without an id for each org that failed as a whole."""
    return "".join(f"{json.dumps(line)}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[dict[str, str | int | None]]:
    for target in report.targets:
        for result in target.results:
            yield {
                "profile": result.profile,
                "id": result.id,
                "name": result.name,
                "status": result.status,
                "kind": result.kind,
                "attempts": result.attempts,
                "error": result.error,
            }
        if target.failure and not target.results:
            yield {
                "profile": target.target.profile,
                "id": None,
                "name": None,
                "status": "not_attempted",
                "kind": "not_attempted",
                "attempts": 0,
                "error": target.failure.message,
            }
