"""How data is written: tables for people, lines of JSON for programs, both on stdout alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import attrs
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._words import printable

__all__ = [
    "JsonOption",
    "UncroppedTable",
    "facts_of",
    "in_cell",
    "print_facts",
    "print_lines",
    "print_table",
]

#: Whether programs are to read the data.
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object per line.")]

#: The columns that may wrap; an id on two lines could not be copied.
_FREE_TEXT: Final = frozenset({"Name", "Profile", "Used by"})

#: The width of a pipe, in which wrapped cells would be of no use to ``grep``.
_UNLIMITED: Final = 100_000

#: The least width of a table; narrower terminals wrap its lines, so that no column is lost.
_NARROWEST: Final = 80


@attrs.frozen
class UncroppedTable:
    """A table that is not cropped, however narrow the terminal is.

    Attributes:
        table: The table.
    """

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render it."""
        wide = options.update(max_width=max(options.max_width, _NARROWEST))
        return console.render(self.table, wide)


def print_lines(objects: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object per line, in ASCII, so that nothing acts on a terminal."""
    for item in objects:
        sys.stdout.write(f"{json.dumps(item)}\n")
    sys.stdout.flush()


def facts_of(model: Any) -> dict[str, Any]:
    """Return all fields of a model for JSON: ids as strings, times in ISO 8601."""
    return attrs.asdict(
        model,
        value_serializer=lambda _model, _field, value: (
            value.isoformat() if isinstance(value, datetime) else value
        ),
    )


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table in which nothing is cut off."""
    table = _table(columns)
    for row in rows:
        table.add_row(*(Text(in_cell(value)) for value in row))
    _print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Write the facts about one thing, one per line, without those that are None."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value is not None:
            table.add_row(Text(in_cell(name)), Text(in_cell(value)))
    _print(table)


def in_cell(value: object) -> str:
    """Return *value* as one line of text, without anything that a terminal would act on."""
    if value is None:
        return ""
    text = value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    # A display that moves stands in for it meanwhile, and tells no encoding.
    output = getattr(sys.stdout, "rich_proxied_file", sys.stdout)
    encoding = output.encoding
    return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def _table(columns: Sequence[str]) -> Table:
    if sys.stdout.isatty():
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            # The heads of rows are what a server calls its fields.
            Text(in_cell(column)),
            style="cyan" if column.lower().endswith("id") else "",
            no_wrap=column not in _FREE_TEXT,
            overflow="fold",
        )
    return table


def _print(table: Table) -> None:
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    console = Console(highlight=False, color_system=colors)
    if sys.stdout.isatty():
        console.print(UncroppedTable(table), crop=False)
        return
    console.width = _UNLIMITED
    with console.capture() as capture:
        console.print(table)
    lines = capture.get().splitlines()
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
    sys.stdout.flush()
