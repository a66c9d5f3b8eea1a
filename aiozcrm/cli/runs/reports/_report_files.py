"""Writes a report to a file, in the form that the end of its name asks for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from aiozcrm.cli._paths import replace_file, why_not_replaced
from aiozcrm.cli._words import listed
from aiozcrm.cli.runs._journal import is_journal
from aiozcrm.cli.runs._results import Report
from aiozcrm.cli.runs.reports._report_lines import report_lines, report_rows
from aiozcrm.cli.runs.reports._report_page import report_page
from aiozcrm.errors import ConfigurationError

__all__ = ["check_report_path", "write_lines", "write_report"]

_FORMS: Final[Mapping[str, Callable[[Report], Iterable[str]]]] = {
    ".csv": report_rows,
    ".html": report_page,
    ".jsonl": report_lines,
}


def check_report_path(
    path: Path | None,
    *,
    journal: Path | None = None,
    source: Path | None = None,
    backup: Path | None = None,
) -> None:
    """Check, before anything is done, that a report can be written and will destroy nothing.

    An earlier report may be replaced.

    Args:
        path: Where the report is to be written; None for nowhere.
        journal: Where the journal is.
        source: What ids are read from.
        backup: Where the backup is.

    Raises:
        aiozcrm.errors.ConfigurationError: If it cannot, or would.
    """
    if path is None:
        return
    if path.suffix.lower() not in _FORMS:
        raise ConfigurationError(
            f"A report cannot be written as {path.name}.",
            hint=f"Let its name end with one of: {listed(_FORMS)}.",
        )
    others = ((source, "the file of the ids"), (journal, "the journal"), (backup, "the backup"))
    for other, kind in others:
        if other is None:
            continue
        same = os.path.realpath(path) == os.path.realpath(other)
        # Hard links have different names.
        if same or (path.exists() and other.exists() and path.samefile(other)):
            raise _would_destroy(path, kind)
    reason = why_not_replaced(path)
    if path.is_file() and is_journal(path):
        raise _would_destroy(path, "the journal of another run")
    if reason:
        raise ConfigurationError(
            f"The report {path} cannot be written: {reason}.",
            hint="Name a file in a folder that you may write to.",
        )


def write_lines(report: Report) -> None:
    """Write *report* for programs to stdout."""
    sys.stdout.writelines(report_lines(report))
    sys.stdout.flush()


def write_report(report: Report, path: Path) -> None:
    """Write *report* in the form that the end of the name of *path* asks for.

    A file that is there is replaced in one step, once the report is complete.

    Raises:
        OSError: If it cannot be written.
    """
    parts = _FORMS[path.suffix.lower()](report)
    replace_file(path, (part.encode("utf-8", "backslashreplace") for part in parts))


def _would_destroy(path: Path, kind: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is {kind}, which the report would destroy.",
        hint="Name another file for the report.",
    )
