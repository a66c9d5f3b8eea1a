"""Rows from files, as programs and spreadsheets write them."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from aiozcrm.cli._words import listed, printable
from aiozcrm.cli.records._rows import REFERENCES
from aiozcrm.cli.runs._id_files import GivenId, Rounding, given_id
from aiozcrm.cli.runs._text_files import (
    DELIMITERS,
    JSON,
    cell_text,
    csv_rows,
    documents_of,
    name_of_source,
    opened_text,
)
from aiozcrm.errors import InvalidInputError

__all__ = ["RowFile", "read_rows", "values_of"]

#: How a boolean is written in a cell.
_BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_WHOLE: Final = frozenset({"bigint", "integer"})
_NUMBERS: Final = frozenset({"currency", "decimal", "double", "percent"})


@attrs.frozen(kw_only=True)
class RowFile:
    """The rows of a file.

    Attributes:
        rows: The rows by the API names of their fields; of CSV without their empty cells.
        from_csv: Whether all values are text of CSV.
    """

    rows: Sequence[Mapping[str, Any]]
    from_csv: bool


def read_rows(source: str | Path, *, by_id: bool = False) -> RowFile:
    """Return the rows of a file: CSV, JSON or JSON Lines.

    Args:
        source: The file, or ``-`` for standard input.
        by_id: Whether each row needs the id of its record.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot be read, holds no rows, or one with what is
            no id; the message says where.
    """
    shown = name_of_source(source)
    with opened_text(source, shown) as lines:
        text = lines.read()
    if not text.strip():
        raise InvalidInputError(f"{shown} is empty.")
    suffix = Path(source).suffix.lower()
    from_csv = suffix in {".csv", ".tsv"} or (
        suffix not in {".json", ".jsonl", ".ndjson"} and text.lstrip()[0] not in "{["
    )
    read = _from_csv if from_csv else _from_json
    rows = tuple(read(text, shown, by_id=by_id))
    if not rows:
        raise InvalidInputError(f"{shown} holds no rows.")
    return RowFile(rows=rows, from_csv=from_csv)


def values_of(
    row: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, object]:
    """Return a row of CSV with the values that Zoho expects.

    What is no value of its field's type stays text, which Zoho rejects.

    Args:
        row: The cells.
        fields: The fields of the module, by their API names.
    """
    return {
        name: _value_of(cell, str(fields.get(name, {}).get("data_type")))
        for name, cell in row.items()
    }


def _value_of(cell: str, data_type: str) -> object:
    text = cell.strip()
    if data_type == "boolean":
        return _BOOLEANS.get(text.casefold(), cell)
    if data_type in REFERENCES:
        return {"id": cell_text(cell)}
    if data_type == "multiselectpicklist":
        return [choice for part in text.split(";") if (choice := part.strip())]
    # To Python, 1_000 is a number.
    may_be_number = "_" not in text
    with contextlib.suppress(ValueError):
        if data_type in _WHOLE and may_be_number:
            return int(text)
        if data_type in _NUMBERS and may_be_number and math.isfinite(number := float(text)):
            return int(text) if text.isdigit() else number
    return cell


def _from_csv(text: str, shown: str, *, by_id: bool) -> Iterator[Mapping[str, str]]:
    rows = csv_rows(io.StringIO(text, newline=""), shown, _delimiter_of)
    _, header = next(rows, (0, []))
    names = [cell_text(name) for name in header]
    if twice := {name for name in names if name and names.count(name) > 1}:
        raise InvalidInputError(
            printable(f"{shown} has several columns {listed(sorted(twice))}."),
            hint="Leave one of each.",
        )
    rounding = Rounding()
    for number, cells in rows:
        row = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}
        # Spreadsheets write empty columns for cells that were emptied.
        if "" in row:
            raise InvalidInputError(
                f"{shown}, line {number}: a column has no name.", hint="Name a field above each."
            )
        if given := _id_of(row, shown, number, by_id=by_id):
            row["id"] = given.id
            rounding.note(given)
        yield row
    rounding.check()


def _id_of(row: Mapping[str, Any], shown: str, number: int, *, by_id: bool) -> GivenId | None:
    """Return the id of the record of a row; None if it names none, and need not.

    Raises:
        aiozcrm.errors.InvalidInputError: If that is no id, or it needs one.
    """
    given = row.get("id")
    if given is None or given == "":
        if by_id:
            raise InvalidInputError(
                f"{shown}, line {number}: the row has no id.",
                hint="Each row of an update has the id of its record.",
            )
        return None
    # In JSON, it may be a number; one with an exponent is none that can be trusted.
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    return given_id(str(given) if is_number else given, None, f"{shown}, line", number)


def _delimiter_of(header: str) -> str:
    """Return the delimiter that makes the most of a header."""
    return max(DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one))))


def _from_json(text: str, shown: str, *, by_id: bool) -> Iterator[Mapping[str, Any]]:
    for number, document in documents_of(io.StringIO(text, newline=""), shown, JSON):
        for row in _rows_in(document):
            if not isinstance(row, dict) or not row:
                raise InvalidInputError(
                    f"{shown}, line {number}: there is something else than a row.",
                    hint="Give an object of fields for each row.",
                )
            _id_of(row, shown, number, by_id=by_id)
            yield row


def _rows_in(document: object) -> Iterable[object]:
    """Return the rows of a document: one, an array, or what Zoho answers when it lists records."""
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        document = document["data"]
    return document if isinstance(document, list) else [document]
