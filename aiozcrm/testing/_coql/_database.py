"""Tables in SQLite, in a form that can be compared."""

from __future__ import annotations

import datetime as dt
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiozcrm.testing._coql._tables import NUMBERS, REFERENCES, Column, Table

__all__ = ["Database", "comparable", "quoted"]

_LARGEST: Final = 2**63


class Database:
    """Copies of tables in memory, each made when it is first asked for or has changed."""

    def __init__(self) -> None:
        # The server may run in a thread, one call after the other.
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._loaded: dict[str, tuple[int, frozenset[str]]] = {}

    def load(self, table: Table, names: Iterable[str]) -> None:
        """Make the copy of a table, if there is none that is right and has these columns."""
        version, before = self._loaded.get(table.name, (0, frozenset[str]()))
        wanted = frozenset(names) | {"id"}
        if version == table.version and wanted <= before:
            return
        if version == table.version:
            wanted |= before
        columns = [table.columns[name] for name in sorted(wanted)]
        listed = ", ".join(
            f"{quoted(column.name)}{' integer primary key' if column.name == 'id' else ''}"
            for column in columns
        )
        name = quoted(table.name)
        self._connection.execute(f"drop table if exists {name}")
        self._connection.execute(f"create table {name} ({listed})")
        places = ", ".join("?" * len(columns))
        self._connection.executemany(
            f"insert into {name} values ({places})",  # noqa: S608  # quoted
            (
                [comparable(column, table.value(row, column.name)) for column in columns]
                for row in table.rows.values()
            ),
        )
        self._loaded[table.name] = (table.version, wanted)

    def run(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(sql, values).fetchall()


def quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def comparable(column: Column, value: Any) -> Any:
    """Return a value such that it compares with others of its column.

    Text is without case, moments are in UTC, and several choices are one text in a fixed order.
    """
    if isinstance(value, list):
        if not value or not all(isinstance(each, str) for each in value):
            return None
        value = ";".join(sorted(value))
    if value is None or isinstance(value, dict):
        return None
    if column.type == "datetime":
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC).isoformat(timespec="seconds")
    if column.type in NUMBERS or column.type in REFERENCES or isinstance(value, bool):
        return _number(value)
    return _text(str(value).casefold())


def _text(text: str) -> str:
    """Return a text as SQLite takes it, which cannot encode half of a character."""
    return text.encode(errors="replace").decode()


def _number(value: Any) -> Any:
    try:
        number = value if isinstance(value, float) else int(value)
    except ValueError:
        # No id, which equals none.
        return _text(str(value))
    # What SQLite cannot hold compares as the nearest number that it can.
    return number if abs(number) < _LARGEST else float(number)
