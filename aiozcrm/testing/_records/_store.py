"""The records of one module: rows by id, found by their values, in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._call import snapshot_of

__all__ = ["Change", "Gone", "Row", "Store", "folded"]

#: What changes with every change.
_STAMPS: Final = frozenset({"Modified_By", "Modified_Time"})

#: A record as it is kept: what leads to others is an object with their id, tags are ids.
Row = dict[str, Any]


@attrs.define(kw_only=True)
class Gone:
    """What is left of a deleted record.

    Attributes:
        row: The record.
        name: What it was called.
        deleted_time: When it was deleted.
        permanent: Whether it is out of the recycle bin, too.
    """

    row: Row
    name: str
    deleted_time: str
    permanent: bool = False


@attrs.frozen(kw_only=True)
class Change:
    """What a call did to a record.

    Attributes:
        time: When.
        action: What: ``added`` or ``updated``.
        values: The old and the new value of each field that changed.
    """

    time: str
    action: str
    values: Mapping[str, tuple[Any, Any]] = attrs.field(factory=dict)


def folded(value: Any) -> str:
    """Return a value as it is compared with others: without case, or blanks around it."""
    return str(value).strip().casefold()


class Store:
    """The records of a module.

    Args:
        module: The module.
        next_id: Returns the id of the next record.
        tell: Is told of each change: what it was, of which record, and the new values.
    """

    def __init__(
        self,
        module: Module,
        next_id: Callable[[], str],
        tell: Callable[[str, str, Mapping[str, Any]], None],
    ) -> None:
        self.module = module
        self.rows: dict[str, Row] = {}
        self.gone: dict[str, Gone] = {}
        self.locked: dict[str, Row] = {}
        #: With whom records are shared.
        self.shares: dict[str, list[Row]] = {}
        self.changes: dict[str, list[Change]] = {}
        self.views: dict[str, Callable[[Row], bool]] = {}
        #: Another number after each change of the rows.
        self.version = 0
        self._next_id = next_id
        self._tell = tell
        # Built when a field is first asked for, and kept up from then on.
        self._indexes: dict[str, dict[str, list[str]]] = {}
        self._orders: dict[str, list[str]] = {}

    def insert(self, row: Row) -> str:
        """Keep a new row and return its id."""
        self.version += 1
        record_id = row["id"] = self._next_id()
        self.rows[record_id] = row
        for name, index in self._indexes.items():
            _enter(index, row.get(name), record_id)
        self._orders.clear()
        self._tell("create", record_id, {})
        return record_id

    def update(self, record_id: str, values: Row) -> None:
        """Change what *values* has of a row."""
        self.version += 1
        row = self.rows[record_id]
        for name, index in self._indexes.items():
            if name in values:
                _leave(index, row.get(name), record_id)
                _enter(index, values[name], record_id)
        changed = {
            name: value
            for name, value in values.items()
            if name not in _STAMPS and row.get(name) != value
        }
        row.update(values)
        self._orders.pop("Modified_Time", None)
        if changed:
            self._tell("edit", record_id, changed)

    def delete(self, record_id: str, *, name: str, time: str) -> None:
        """Put a row into the recycle bin."""
        self.version += 1
        row = self.rows.pop(record_id)
        for field, index in self._indexes.items():
            _leave(index, row.get(field), record_id)
        self.gone[record_id] = Gone(row=row, name=name, deleted_time=time)
        self.locked.pop(record_id, None)
        self._orders.clear()
        self._tell("delete", record_id, {})

    def restore(self, record_id: str, *, time: str) -> None:
        """Bring a row back from the recycle bin."""
        self.version += 1
        row = self.gone.pop(record_id).row
        # Rows stand in the order of their ids.
        self.rows = dict(sorted({**self.rows, record_id: row}.items(), key=lambda it: int(it[0])))
        row["Modified_Time"] = time
        self._indexes.clear()
        self._orders.clear()

    def snapshot(self) -> Callable[[], None]:
        """Return what brings back the rows that there are now."""
        bring_back = snapshot_of(self, "rows", "gone", "locked", "shares", "changes")

        def restore() -> None:
            bring_back()
            self.version += 1
            self._indexes.clear()
            self._orders.clear()

        return restore

    def find(self, field: str, value: Any) -> Sequence[str]:
        """Return the ids of the rows whose *field* has *value*, oldest first."""
        if field not in self._indexes:
            index = self._indexes[field] = {}
            for record_id, row in self.rows.items():
                _enter(index, row.get(field), record_id)
        return self._indexes[field].get(folded(value), ())

    def in_order(self, field: str, *, descending: bool) -> Sequence[str]:
        """Return all ids in the order of *field*, those of equal values by id."""
        if field not in self._orders:
            # Ids grow, so rows stand in the order of their ids.
            ids = list(self.rows)
            if field != "id":
                # Offsets differ, by daylight saving.
                ids.sort(key=lambda own: dt.datetime.fromisoformat(self.rows[own][field]))
            self._orders[field] = ids
        return self._orders[field][::-1] if descending else self._orders[field]

    def all(self) -> Iterator[Row]:
        """Yield every row, oldest first."""
        yield from self.rows.values()


def _enter(index: dict[str, list[str]], value: Any, record_id: str) -> None:
    if value is not None:
        index.setdefault(folded(value), []).append(record_id)


def _leave(index: dict[str, list[str]], value: Any, record_id: str) -> None:
    if value is not None:
        index[folded(value)].remove(record_id)
