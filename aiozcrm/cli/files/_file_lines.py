"""What became of files: a line each, for people or for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import attrs
from rich.filesize import decimal
from rich.text import Text

from aiozcrm.batch import OutcomeKind
from aiozcrm.cli._output import in_cell
from aiozcrm.cli._words import in_words
from aiozcrm.cli.runs._counts import STYLES
from aiozcrm.cli.runs._display import SteadyConsole

__all__ = ["FileLines", "FileResult"]

#: What is left out of a line for programs where it does not apply.
_OPTIONAL: Final = ("profile", "record_id", "size")


@attrs.frozen(kw_only=True)
class FileResult:
    """What became of a file.

    Attributes:
        profile: The profile; None if there is only one.
        record_id: The record; None if that was not told.
        id: The attachment; None if it is not known.
        file: Its path here; None if it has none, or if this is about all files of an org.
        size: How many bytes it has; None if that is not known.
        status: Such as ``downloaded`` or ``failed``.
        kind: What the status means.
        attempts: How many times the request was sent.
        error: Why it is not done; None if it is.
    """

    profile: str | None = None
    record_id: str | None = None
    id: str | None
    file: str | None
    size: int | None = None
    status: str
    kind: OutcomeKind
    attempts: int = 0
    error: str | None = None

    def facts(self) -> Mapping[str, Any]:
        """Return it for programs."""
        facts = attrs.asdict(self)
        return {
            name: value
            for name, value in facts.items()
            if value is not None or name not in _OPTIONAL
        }

    def __str__(self) -> str:
        what = self.file
        if what is None:
            own = f"attachment {self.id} of " if self.id else ""
            what = f"{own}record {self.record_id}" if self.record_id else "all files"
        size = "" if self.size is None else f" ({decimal(self.size)})"
        return "".join(
            (
                f"{self.profile}: " if self.profile else "",
                f"{in_words(self.status)}: {what}{size}",
                f": {self.error}" if self.error else "",
            )
        )


class FileLines:
    """Writes a line for each file on stdout.

    Args:
        as_json: Whether programs are to read them.

    Attributes:
        console: Where all else is shown: in the same place if that is a terminal, so that a moving
            display makes room for the lines.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._on_terminal = sys.stdout.isatty()
        self.console = SteadyConsole(stderr=not self._on_terminal, highlight=False)

    def write(self, result: FileResult) -> None:
        """Write a line."""
        line = json.dumps(result.facts()) if self._as_json else in_cell(result)
        if self._on_terminal:
            style = "" if self._as_json else STYLES[result.kind]
            self.console.print(Text(line, style), soft_wrap=True)
        else:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
