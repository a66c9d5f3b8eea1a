"""Writes a report to a file, in the form that the end of its name asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aiozcrm.cli._reports._html import as_page
from aiozcrm.cli._reports._jsonl import as_json_lines
from aiozcrm.cli._results import Report
from aiozcrm.cli._words import listed
from aiozcrm.errors import ConfigurationError

__all__ = ["check_report_path", "write_report"]

_FORMS: Final[Mapping[str, Callable[[Report], str]]] = {
    ".html": as_page,
    ".jsonl": as_json_lines,
}


def check_report_path(path: Path | None) -> None:
    """Refuse, while nothing has been done yet, a report that could not be written.

    Raises:
        aiozcrm.errors.ConfigurationError: If it could not.
    """
    if path is None:
        return
    if path.suffix.lower() not in _FORMS:
        raise ConfigurationError(
            f"A report cannot be written as {path.name}.",
            hint=f"Let its name end with one of: {listed(_FORMS)}.",
        )
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise ConfigurationError(
            f"{path} cannot be written.",
            hint="Name a file in a folder that is there and yours.",
        )


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
