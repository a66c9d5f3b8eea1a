"""A report as JSON Lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from aiozcrm.cli.runs._results import Report

__all__ = ["report_lines"]


def report_lines(report: Report) -> Iterator[str]:
    """Yield a line for each outcome, and one without an id for each org that failed as a whole."""
    for target in report.targets:
        for result in target.results:
            yield _line(
                profile=result.profile,
                id=result.id,
                name=result.name,
                status=result.status,
                kind=result.kind,
                attempts=result.attempts,
                error=result.error,
            )
        if target.failure and not target.results:
            yield _line(
                profile=target.target.profile,
                id=None,
                name=None,
                status="not_attempted",
                kind="not_attempted",
                attempts=0,
                error=target.failure.message,
            )


def _line(**facts: str | int | None) -> str:
    return f"{json.dumps(facts)}\n"
