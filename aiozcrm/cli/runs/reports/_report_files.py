"""Writes a report to a file, in the form that the end of its name asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aiozcrm.cli._words import listed
from aiozcrm.cli.runs._results import Report
from aiozcrm.cli.runs.reports._report_lines import as_json_lines
from aiozcrm.cli.runs.reports._report_page import as_page
from aiozcrm.errors import ConfigurationError

__all__ = ["check_report_path", "write_report"]

_FORMS: Final[Mapping[str, Callable[[Report], str]]] = {
    ".html": as_page,
    ".jsonl": as_json_lines,
}


def check_report_path(path: Path | None, *, journal: Path | None = None) -> None:
    """Refuse, while nothing has been done yet, a report that must not or could not be written.

    Args:
        path: Where it is to be written; None for nowhere.
        journal: Where the journal is, whose place no report may take.

    Raises:
        aiozcrm.errors.ConfigurationError: If it could not, or must not.
    """
    if path is None:
        return
    if journal is not None and _same_file(path, journal):
        raise ConfigurationError(
            f"{path} is the journal, which a report would destroy.",
            hint="Name another file for the report.",
        )
    if path.suffix.lower() not in _FORMS:
        raise ConfigurationError(
            f"A report cannot be written as {path.name}.",
            hint=f"Let its name end with one of: {listed(_FORMS)}.",
        )
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise ConfigurationError(
            f"{path} cannot be written.",
            hint="Name a file in a folder that is there and yours.",
        )


def _same_file(one: Path, other: Path) -> bool:
    # A journal may be named by a ~ that no shell has replaced.
    return os.path.realpath(one) == os.path.realpath(os.path.expanduser(other))  # noqa: PTH111


def write_report(report: Report, path: Path) -> None:
    """Write *report* in the form that the end of the name of *path* asks for.

    Raises:
        OSError: If it cannot be written.
    """
    path.write_text(
        _FORMS[path.suffix.lower()](report),
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
    )
