"""Rows of one org or of many, as tables or as lines of JSON."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._output import print_lines
from aiozcrm.cli.profiles._orgs import ask_orgs, show_answers

__all__ = ["REFERENCES", "Row", "cell_of", "line_of", "mended", "names_in", "show_rows"]

Row = Mapping[str, Any]

#: The types of fields whose values are records or users.
REFERENCES: Final = frozenset({"lookup", "multi_module_lookup", "ownerlookup", "userlookup"})

#: By which keys the name of a looked-up record is told, best first.
_NAMES: Final = ("name", "email", "id")


def show_rows(
    read: Callable[[ZohoCRM], AsyncIterator[Row]],
    profiles: Sequence[str] | None,
    *,
    every: bool,
    as_json: bool,
    columns: Sequence[str] = (),
    module: str | None = None,
    empty: str = "No records.",
) -> None:
    """Write the rows of each org and end the command.

    Rows of one org are written as JSON while they come, however many they are. A table is written
    at the end, since its columns are as wide as its widest cells.

    Args:
        read: Reads the rows of an org.
        profiles: The profiles that were named.
        every: Whether to ask the orgs of all profiles.
        as_json: Whether programs are to read them.
        columns: The columns of a table; empty for those of the rows.
        module: The module that they are of, for errors; None for none.
        empty: What a terminal shows where there is no row.
    """
    at_once = as_json and not every and len(profiles or ()) < 2

    async def collect(zoho: ZohoCRM) -> Sequence[Row]:
        rows: list[Row] = []
        async for row in read(zoho):
            if at_once:
                print_lines([row])
            else:
                rows.append(row)
        return rows

    answers = ask_orgs(collect, profiles, every=every, module=module)
    rows = [*itertools.chain.from_iterable(answers.by_profile.values())]
    # Behind an error it would sound as if that were all.
    if sys.stdout.isatty() and not (rows or as_json or answers.exit_code):
        typer.echo(empty, err=True)
    shown = list(columns or dict.fromkeys(key for row in rows for key in row))
    show_answers(
        answers,
        columns=shown,
        rows_of=lambda row: [[cell_of(row.get(key)) for key in shown]],
        facts=dict,
        as_json=as_json,
    )
    raise typer.Exit(answers.exit_code)


def cell_of(value: Any) -> object:
    """Return what a table shows of a value: of a lookup its name, of a list its items."""
    if isinstance(value, dict):
        return next((value[key] for key in _NAMES if value.get(key)), json.dumps(value))
    if isinstance(value, list):
        return ", ".join(str(cell_of(item)) for item in value)
    return value


def names_in(texts: Iterable[str]) -> list[str]:
    """Return the names in texts that hold one each, or several between commas."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def line_of(row: Row) -> str:
    """Return a row as a line of JSON that nobody who splits lines takes for several."""
    text = json.dumps(row, ensure_ascii=False)
    # JSON escapes the others itself.
    for end in () if text.isascii() else ("\x85", "\u2028", "\u2029"):
        text = text.replace(end, f"\\u{ord(end):04x}")
    return f"{text}\n"


def mended(values: list[list[Any]]) -> list[list[Any]]:
    """Return the values of rows without halves of characters, as texts have that were cut off."""
    text = json.dumps(values, ensure_ascii=False)
    whole: list[list[Any]] = json.loads(text.encode("utf-8", "replace"))
    return whole
