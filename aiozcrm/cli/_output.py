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
from rich.cells import cell_len
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

#: The columns whose words may be broken; an id on two lines could not be copied.
_FREE_TEXT: Final = frozenset({"Address", "Label", "Name", "Profile", "Used by", "Values"})

#: How wide a column is at least, if it has so much to show.
_READABLE: Final = 10

#: What is between two columns in a terminal.
_GAP: Final = 2

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
    """Write a table in which nothing is cut off.

    Where a terminal has too little room for it, each row is a block of its own, without what is
    empty.
    """
    # The heads of rows are what a server calls its fields.
    heads = [in_cell(column) for column in columns]
    cells = [[in_cell(value) for value in row] for row in rows]
    console = _console()
    if not sys.stdout.isatty():
        _print(console, _table(heads, cells))
        return
    widths = _fitted(heads, cells, max(console.width, _NARROWEST))
    if widths is not None:
        _print(console, _table(heads, cells, widths))
        return
    for number, row in enumerate(cells):
        if number:
            console.print()
        _print(console, _grid((name, text) for name, text in zip(heads, row, strict=True) if text))


def print_facts(facts: Mapping[str, object]) -> None:
    """Write the facts about one thing, one per line, without those that are None."""
    told = ((name, value) for name, value in facts.items() if value is not None)
    _print(_console(), _grid((in_cell(name), in_cell(value)) for name, value in told))


def in_cell(value: object) -> str:
    """Return *value* as one line of text, without anything that a terminal would act on."""
    if value is None:
        return ""
    text = value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    # A display that moves stands in for it meanwhile, and tells no encoding.
    output = getattr(sys.stdout, "rich_proxied_file", sys.stdout)
    encoding = output.encoding
    return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def _fitted(
    columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> Sequence[int] | None:
    """Return how wide columns are in so much room; None if they do not fit there.

    Lines end between words, and within those of free text. What has to become narrower is always
    the widest column that can.
    """
    texts = list(zip(columns, *rows, strict=True))
    widths = [max(map(cell_len, column)) for column in texts]
    least = [
        min(width, _READABLE if name in _FREE_TEXT else max(_READABLE, *map(_longest_word, column)))
        for name, width, column in zip(columns, widths, texts, strict=True)
    ]
    excess = sum(widths) + _GAP * (len(widths) - 1) - room
    if excess > sum(widths) - sum(least):
        return None
    for _ in range(excess):
        widest = max(
            (place for place, width in enumerate(widths) if width > least[place]),
            key=widths.__getitem__,
        )
        widths[widest] -= 1
    return widths


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int | None] | None = None,
) -> Table:
    if widths:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column, width in zip(columns, widths or [None] * len(columns), strict=True):
        table.add_column(
            Text(column),
            style="cyan" if column.lower().endswith("id") else "",
            width=width,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _grid(facts: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in facts:
        grid.add_row(Text(name), Text(text))
    return grid


def _console() -> Console:
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(highlight=False, color_system=colors)


def _print(console: Console, table: Table) -> None:
    if sys.stdout.isatty():
        console.print(UncroppedTable(table), crop=False)
        return
    console.width = _UNLIMITED
    with console.capture() as capture:
        console.print(table)
    lines = capture.get().splitlines()
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
    sys.stdout.flush()
