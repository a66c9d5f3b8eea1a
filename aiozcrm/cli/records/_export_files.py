"""The files of exports: CSV, JSON Lines, SQLite and Parquet, each complete or not there."""

from __future__ import annotations

import contextlib
import csv
import importlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from aiozcrm.cli._paths import why_not_replaced
from aiozcrm.cli._words import listed
from aiozcrm.cli.records._copies import SqliteCopy, TableColumns
from aiozcrm.cli.records._rows import Row, line_of, mended
from aiozcrm.errors import ConfigurationError, InvalidResponseError

__all__ = ["RowWriter", "check_place", "opened_writer"]

_Fields = Mapping[str, Mapping[str, Any]]

#: How many rows of Parquet are in memory, and become one of its groups.
_ROWS_A_GROUP: Final = 10_000

#: What stands for the cursor of a table that has none.
_NO_CURSOR: Final = "export"


class RowWriter(Protocol):
    """Writes rows to a file that is new, or that an earlier run has begun."""

    def put(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        ...

    def mark(self) -> int:
        """Hand all rows to the system; return how long the file is now."""
        ...

    def finish(self) -> None:
        """Write what belongs to the end of the file."""
        ...

    def close(self) -> None:
        """Close it, finished or not."""
        ...


class _TextWriter:
    """Writes a file of text in UTF-8.

    Args:
        path: The file.
        size: How much of it is kept.
        newline: How lines end.
    """

    def __init__(self, path: Path, size: int, *, newline: str) -> None:
        # Half a character, which UTF-8 cannot hold, is written as JSON has it.
        self._file = path.open("r+", encoding="utf-8", errors="backslashreplace", newline=newline)
        self._file.truncate(size)
        self._file.seek(size)

    def mark(self) -> int:
        """Hand all rows to the system."""
        self._file.flush()
        return os.fstat(self._file.fileno()).st_size

    def finish(self) -> None:
        """Write what is left."""
        self._file.flush()

    def close(self) -> None:
        """Close it."""
        self._file.close()


class _CsvWriter(_TextWriter):
    """Writes CSV, quoted where that is needed, with a row of names."""

    def __init__(self, path: Path, _module: str, fields: _Fields, size: int) -> None:
        super().__init__(path, size, newline="")
        self._columns = TableColumns(fields)
        self._csv = csv.writer(self._file)
        if not size:
            self._csv.writerow(self._columns.names)

    def put(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        self._csv.writerows(
            [_cell_of(value) for value in self._columns.values_of(_leveled(row))] for row in rows
        )


class _LinesWriter(_TextWriter):
    """Writes a row a line, its values as Zoho sent them."""

    def __init__(self, path: Path, _module: str, fields: _Fields, size: int) -> None:
        super().__init__(path, size, newline="\n")
        self._names = [name for name in fields if name != "id"]

    def put(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        for row in rows:
            _check(row)
            whole = {"id": row["id"], **{name: row.get(name) for name in self._names}}
            self._file.write(line_of(whole))


class _SqliteWriter:
    """Writes a table as ``aiozcrm sync`` does."""

    def __init__(self, path: Path, module: str, fields: _Fields, size: int) -> None:
        self._path = path
        self._copy = SqliteCopy(path, module, TableColumns(fields))
        self._copy.begin(anew=not size)

    def put(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        self._copy.put(map(_leveled, rows))

    def mark(self) -> int:
        """Commit all rows. Those that come again replace them, so nothing is cut off later."""
        self._copy.keep(_NO_CURSOR)
        self._copy.begin(anew=False)
        return self._path.stat().st_size

    def finish(self) -> None:
        """Commit all rows, and leave nothing but the table."""
        self._copy.keep(_NO_CURSOR)
        self._copy.forget_cursors()

    def close(self) -> None:
        """Close it."""
        self._copy.close()


class _ParquetWriter:
    """Writes Parquet with pyarrow, group by group; its end can only be written once."""

    def __init__(self, path: Path, _module: str, fields: _Fields, _size: int) -> None:
        self._arrow = importlib.import_module("pyarrow")
        self._columns = TableColumns(fields)
        types = [_type_of(field) for name, field in fields.items() if name != "id"]
        self._types = ["string", *types]
        self._schema = self._arrow.schema(
            [
                self._arrow.field(name, getattr(self._arrow, kind)())
                for name, kind in zip(self._columns.names, self._types, strict=True)
            ]
        )
        parquet = importlib.import_module("pyarrow.parquet")
        self._parquet = parquet.ParquetWriter(str(path), self._schema)
        self._rows: list[list[Any]] = []

    def put(self, rows: Sequence[Row]) -> None:
        """Keep rows, and write a group if there are enough."""
        self._rows += [self._columns.values_of(_leveled(row)) for row in rows]
        if len(self._rows) >= _ROWS_A_GROUP:
            self._write_group()

    def mark(self) -> int:
        """Return that nothing of it can be kept."""
        return 0

    def finish(self) -> None:
        """Write the last group and the end."""
        self._write_group()
        self._parquet.close()

    def close(self) -> None:
        """Close it; a file that is closed already stays as it is."""
        self._parquet.close()

    def _write_group(self) -> None:
        values = zip(*self._rows, strict=True) if self._rows else [[] for _ in self._types]
        columns = [
            [None if value is None else _TYPES[kind](value) for value in column]
            for column, kind in zip(values, self._types, strict=True)
        ]
        try:
            arrays = [
                self._arrow.array(column, type=field.type)
                for column, field in zip(columns, self._schema, strict=True)
            ]
        except UnicodeEncodeError:
            self._rows = mended(self._rows)
            self._write_group()
            return
        self._parquet.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


_WRITERS: Final[Mapping[str, Callable[[Path, str, _Fields, int], RowWriter]]] = {
    ".csv": _CsvWriter,
    ".jsonl": _LinesWriter,
    ".db": _SqliteWriter,
    ".parquet": _ParquetWriter,
}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _whole_number(value: Any) -> int:
    number = int(value)
    if str(number) != str(value):
        raise ValueError(f"{value!r} is no whole number")
    return number


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004  # as above
    return value


#: What makes a value of each type of Parquet.
_TYPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": _text,
    "int64": _whole_number,
    "float64": float,
    "bool_": _truth,
}

_TYPES_OF_FIELDS: Final[Mapping[str, str]] = {
    "integer": "int64",
    **dict.fromkeys(("currency", "double", "percent"), "float64"),
    "boolean": "bool_",
}

#: Of fields that Zoho computes.
_TYPES_OF_JSON: Final[Mapping[str, str]] = {"double": "float64", "boolean": "bool_"}


@contextlib.contextmanager
def opened_writer(
    path: Path, form: str, module: str, fields: _Fields, *, size: int = 0
) -> Iterator[RowWriter]:
    """Yield what writes rows.

    Args:
        path: The file.
        form: The end of the name that it will have, which says what it is.
        module: The module of the rows.
        fields: The fields that become columns beside the id, by their API names.
        size: How much of the file is kept; 0 to begin it.
    """
    writer = _WRITERS[form](path, module, fields, size)
    try:
        yield writer
    finally:
        writer.close()


def check_place(path: Path, module: str) -> None:
    """Check, before anything is sent, that an export can go to a file and destroys nothing else.

    An earlier export may be replaced.

    Args:
        path: The file.
        module: The module that is exported.

    Raises:
        aiozcrm.errors.ConfigurationError: If it cannot, or would.
    """
    form = path.suffix.lower()
    if form not in _WRITERS:
        raise ConfigurationError(
            f"An export cannot be written as {path.name!r}.",
            hint=f"Let its name end with one of: {listed(_WRITERS)}.",
        )
    if form == ".parquet" and find_spec("pyarrow") is None:
        raise ConfigurationError(
            "Parquet files need pyarrow, which is not installed.",
            hint="pip install pyarrow",
        )
    reason = why_not_replaced(path)
    if not reason and form == ".db" and path.exists():
        reason = _why_kept(path, module)
    if reason:
        raise ConfigurationError(f"{path} cannot be written: {reason}.", hint="Name another file.")


def _why_kept(path: Path, module: str) -> str | None:
    """Return why a database must not be replaced; None if it holds an export of the module."""
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            found = [str(name) for (name,) in tables]
    except sqlite3.Error as error:
        return str(error)
    others = [name for name in found if name != module]
    return f"it has other tables ({listed(others)})" if others else None


def _check(row: Row) -> None:
    if not row.get("id"):
        raise InvalidResponseError("A row has no id.", status=200, excerpt="")


def _leveled(row: Row) -> Row:
    """Return a row that is the same whichever way it was read."""
    _check(row)
    lists = {name: _list_of(name, value) for name, value in row.items() if isinstance(value, list)}
    return {**row, **lists} if lists else row


def _list_of(name: str, values: list[Any]) -> list[Any] | None:
    """Return a list of several choices or of the names of tags; None for an empty one."""
    if name == "Tag":
        values = [tag.get("name") if isinstance(tag, Mapping) else tag for tag in values]
    return values or None


def _cell_of(value: Any) -> Any:
    """Return a value as CSV has it: booleans as JSON and Zoho write them."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _type_of(field: Mapping[str, Any]) -> str:
    """Return the type of a column of Parquet."""
    data_type, json_type = str(field.get("data_type")), str(field.get("json_type"))
    if data_type in {"formula", "rollup_summary"}:
        return _TYPES_OF_JSON.get(json_type, "string")
    return _TYPES_OF_FIELDS.get(data_type, "string")
