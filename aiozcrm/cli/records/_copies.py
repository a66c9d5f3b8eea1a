"""Copies of modules on this machine: tables of SQLite, or files of JSON lines."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from aiozcrm.cli._paths import kept_from_others, replace_file
from aiozcrm.cli.records._rows import REFERENCES, Row, line_of, mended
from aiozcrm.errors import InvalidInputError

__all__ = ["Copy", "JsonLinesCopy", "SqliteCopy", "TableColumns"]

#: The table that holds the cursors.
_CURSORS: Final = "_aiozcrm"


class Copy(Protocol):
    """A copy of one module. What is changed counts from :meth:`keep` on, or not at all."""

    def begin(self, *, anew: bool) -> str | None:
        """Begin to change it; return the cursor that it was kept with, None if it begins empty.

        Args:
            anew: Whether to begin empty, whatever there is.
        """
        ...

    def put(self, rows: Iterable[Row]) -> int:
        """Add rows, in the place of those with the same ids; return how many are new or differ."""
        ...

    def drop(self, ids: Iterable[str]) -> int:
        """Take rows out; return how many were there."""
        ...

    def keep(self, cursor: str) -> int:
        """Keep all changes and the cursor together; return how many rows there are."""
        ...

    def close(self) -> None:
        """Give up what was not kept."""
        ...


class TableColumns:
    """The columns of a table for the fields of a module.

    Args:
        fields: The fields, by their API names.
    """

    def __init__(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        # SQL does not tell capitals.
        taken = {"id"}
        self._columns: dict[str, str] = {}
        self._references: set[str] = set()
        for name, field in fields.items():
            if name == "id":
                continue
            refers = str(field.get("data_type")) in REFERENCES
            own = column = f"{name}_id" if refers else name
            number = 2
            while column.casefold() in taken:
                column, number = f"{own}_{number}", number + 1
            taken.add(column.casefold())
            self._columns[name] = column
            if refers:
                self._references.add(name)

    @property
    def names(self) -> Sequence[str]:
        """All columns, the id first."""
        return ["id", *self._columns.values()]

    def values_of(self, row: Row) -> list[Any]:
        """Return what a row puts into each of them."""
        values = (self._value(name, row.get(name)) for name in self._columns)
        return [row["id"], *values]

    def _value(self, name: str, value: Any) -> Any:
        if name in self._references and isinstance(value, dict):
            return value.get("id")
        if isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return str(value)
        return value


class SqliteCopy:
    """A table of a SQLite database, named as the module.

    Args:
        path: The database.
        module: The module.
        columns: Its columns. A table with others is read anew.
    """

    def __init__(self, path: Path, module: str, columns: TableColumns) -> None:
        self._module = module
        self._columns = columns
        # A new database can be read by its owner alone. If it cannot be made, SQLite says why.
        with contextlib.suppress(OSError):
            path.touch(0o600, exist_ok=False)
        # Transactions are begun and ended here.
        self._db = sqlite3.connect(path, isolation_level=None)

    def begin(self, *, anew: bool) -> str | None:
        """Begin a transaction, and make the table if there is none with these columns.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is a table of this name that is no copy.
        """
        db, table = self._db, _quoted(self._module)
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            f"CREATE TABLE IF NOT EXISTS {_CURSORS} (module TEXT PRIMARY KEY, cursor TEXT NOT NULL)"
        )
        there = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        kept = db.execute(f"SELECT cursor FROM {_CURSORS} WHERE module = ?", [self._module])
        found = kept.fetchone()
        if there and not found:
            # A run that was killed has left none: this one is somebody else's.
            raise InvalidInputError(
                f"The database has a table {self._module!r} that is no copy.",
                hint="Name another file.",
            )
        if found and not anew and there == list(self._columns.names):
            return str(found[0])
        first, *others = map(_quoted, self._columns.names)
        db.execute(f"DROP TABLE IF EXISTS {table}")
        # Columns without a type keep what they are given.
        described = ", ".join([f"{first} TEXT PRIMARY KEY NOT NULL", *others])
        db.execute(f"CREATE TABLE {table} ({described})")
        return None

    def put(self, rows: Iterable[Row]) -> int:
        """Add rows, in the place of those with the same ids; return how many are new or differ."""
        statement, values = self._putting, [*map(self._columns.values_of, rows)]
        before = self._db.total_changes
        try:
            self._db.executemany(statement, values)
        except UnicodeEncodeError:
            self._db.executemany(statement, mended(values))
        return self._db.total_changes - before

    @property
    def _putting(self) -> str:
        """The statement that adds a row, or changes one that differs."""
        names = [*map(_quoted, self._columns.names)]
        own, places = ", ".join(names), ", ".join("?" for _ in names)
        given = ", ".join(f"excluded.{name}" for name in names)
        return (
            f"INSERT INTO {_quoted(self._module)} VALUES ({places}) ON CONFLICT (id) DO UPDATE "
            f"SET ({own}) = ({given}) WHERE ({own}) IS NOT ({given})"
        )

    def drop(self, ids: Iterable[str]) -> int:
        """Take rows out; return how many were there."""
        before = self._db.total_changes
        self._db.executemany(
            f"DELETE FROM {_quoted(self._module)} WHERE id = ?", ([own] for own in ids)
        )
        return self._db.total_changes - before

    def keep(self, cursor: str) -> int:
        """Keep rows and cursor in the same transaction."""
        db = self._db
        db.execute(f"INSERT OR REPLACE INTO {_CURSORS} VALUES (?, ?)", [self._module, cursor])
        (count,) = db.execute(f"SELECT COUNT(*) FROM {_quoted(self._module)}").fetchone()
        db.execute("COMMIT")
        return int(count)

    def forget_cursors(self) -> None:
        """Leave nothing in the database but rows."""
        self._db.execute(f"DROP TABLE {_CURSORS}")

    def close(self) -> None:
        """Roll back what was not kept."""
        self._db.close()


class JsonLinesCopy:
    """A file with a row a line, as Zoho sent it, and its cursor in a file beside it.

    The rows of a module have to fit into memory.

    Args:
        folder: The folder of the files.
        module: The module.
    """

    def __init__(self, folder: Path, module: str) -> None:
        self._rows_path = folder / f"{module}.jsonl"
        self._cursor_path = folder / f"{module}.cursor"
        self._rows: dict[str, str] = {}
        self._held = contextlib.ExitStack()
        # Rows and cursor of two runs that end at the same time would not belong together.
        self._held.enter_context(kept_from_others(self._rows_path, shown=self._rows_path))

    def begin(self, *, anew: bool) -> str | None:
        """Read what was kept.

        Raises:
            aiozcrm.errors.InvalidInputError: If a file of this name is no copy.
        """
        self._rows = {}
        if anew or not self._cursor_path.exists() or not self._rows_path.exists():
            return None
        try:
            with self._rows_path.open(encoding="utf-8") as file:
                for line in file:
                    self._rows[json.loads(line)["id"]] = line
            return self._cursor_path.read_text("utf-8").strip()
        except (KeyError, RecursionError, TypeError, ValueError):
            raise InvalidInputError(
                f"{self._rows_path} is no copy, or a damaged one.",
                hint="Remove it to have all of it read again, or name another folder.",
            ) from None

    def put(self, rows: Iterable[Row]) -> int:
        """Add rows, in the place of those with the same ids; return how many are new or differ."""
        changed = 0
        for row in rows:
            line = line_of(row)
            changed += self._rows.get(row["id"]) != line
            self._rows[row["id"]] = line
        return changed

    def drop(self, ids: Iterable[str]) -> int:
        """Take rows out; return how many were there."""
        return sum(self._rows.pop(own, None) is not None for own in ids)

    def keep(self, cursor: str) -> int:
        """Replace the rows, then the cursor: with an old cursor, changes only come once more."""
        _replace(self._rows_path, self._rows.values())
        _replace(self._cursor_path, [cursor, "\n"])
        return len(self._rows)

    def close(self) -> None:
        """Forget what was not kept."""
        self._rows = {}
        self._held.close()


def _replace(path: Path, lines: Iterable[str]) -> None:
    # Half a character, which UTF-8 cannot hold, is written as JSON has it.
    parts = (line.encode(errors="backslashreplace") for line in lines)
    replace_file(path, parts, mode=0o600)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
