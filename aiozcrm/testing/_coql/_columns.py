"""What the names of columns lead to, and the joins on the way."""

from __future__ import annotations

from typing import Any, Final

import attrs

from aiozcrm.testing._coql._database import Database, quoted
from aiozcrm.testing._coql._tables import REFERENCES, Column, Org, Table
from aiozcrm.testing._wire._answer import RejectedError, rejected

__all__ = ["Columns", "Found", "invalid"]

_UNREADABLE: Final = frozenset(
    {"subform", "multiselectlookup", "imageupload", "fileupload", "any", "layout"}
)
_OF_MODULE: Final = ".module.api_name"


@attrs.frozen
class Found:
    """What a name leads to.

    Attributes:
        name: The name as it was written.
        column: The last column.
        table: The table of that column.
        path: The lookups on the way, each with the table that it leads to.
        sql: The column in SQL.
        is_module: Whether the module is meant, of what the column leads to.
    """

    name: str
    column: Column
    table: Table
    path: tuple[tuple[Column, Table], ...]
    sql: str
    is_module: bool = False


@attrs.define
class _Join:
    """A table that is joined.

    Attributes:
        table: Its name.
        sql: The lookup that leads to it, in SQL.
        compared: Whether anything behind it is compared.
    """

    table: str
    sql: str
    compared: bool = False


class Columns:
    """The columns of one query.

    Args:
        org: All tables.
        table: The table of FROM.
        database: Where they are.
    """

    def __init__(self, org: Org, table: Table, database: Database) -> None:
        self._org = org
        self._table = table
        self._database = database
        self._joins: dict[str, _Join] = {}
        self._compared: dict[str, tuple[Table, set[str]]] = {}
        self._use(table, "id")

    def find(self, name: str, *, shown: bool = False) -> Found:
        """Return what a name leads to.

        Args:
            name: The name.
            shown: Whether it is only shown, for which it need not be in SQL.

        Raises:
            RejectedError: If it leads nowhere, or COQL cannot read it.
        """
        plain = name.removeprefix(f"!{self._table.name}.")
        is_module = plain.endswith(_OF_MODULE)
        first, arrow, rest = plain.removesuffix(_OF_MODULE).partition("->")
        table, at = self._table, "t0"
        path: list[tuple[Column, Table]] = []
        steps = first.split(".")
        through = [(step, "") for step in steps[:-1]]
        if arrow:
            module, _, rest = rest.partition(".")
            through, steps = [(first, module)], rest.split(".")
            through += [(step, "") for step in steps[:-1]]
        for step, module in through:
            column = self._column(table, step, name)
            at, target = self._join(at, table, column, module or column.to, name, shown=shown)
            path.append((column, target))
            table = target
        column = self._column(table, steps[-1], name)
        if column.type in _UNREADABLE:
            raise invalid("unsupported column", column_name=name)
        if is_module and column.type != "multi_module_lookup":
            raise _unknown(name)
        if not shown:
            self._use(table, column.name)
        sql = f"{at}.{quoted(column.name)}"
        return Found(name, column, table, tuple(path), sql, is_module)

    def load(self) -> str:
        """Bring what is compared into SQL, and return the joins."""
        for table, names in self._compared.values():
            self._database.load(table, names)
        return "".join(
            f" left join {quoted(join.table)} t{number} on t{number}.id = {join.sql}"
            for number, join in enumerate(self._joins.values(), start=1)
            if join.compared
        )

    @property
    def joined(self) -> int:
        """How many tables were joined so far."""
        return len(self._joins)

    def show(self, row: Any, found: Found, *, with_module: bool) -> Any:
        """Return the value of a column as an answer shows it.

        Args:
            row: The record of the table of FROM.
            found: The column.
            with_module: Whether to tell the module of what a multi-module lookup leads to.
        """
        table = self._table
        for through, target in found.path:
            row = target.rows.get(str(table.value(row, through.name)))
            if row is None:
                return None
            table = target
        column = found.column
        value = table.value(row, column.name)
        if value is None or column.type not in REFERENCES:
            return value
        if column.type == "multi_module_lookup":
            of = self._org.holder(value) if with_module else None
            if found.is_module:
                return of.name if of else None
            return {**({"module": {"api_name": of.name, "id": of.id}} if of else {}), "id": value}
        if found.path:
            return {"id": value}
        target_row = self._target(column.to, found.name).rows.get(value)
        title = self._target(column.to, found.name).title
        return {"name": title(target_row) if target_row is not None else None, "id": value}

    def _column(self, table: Table, name: str, written: str) -> Column:
        column = table.columns.get(name)
        if column is None:
            raise _unknown(written)
        return column

    def _target(self, name: str, written: str) -> Table:
        target = self._org.table(name)
        if target is None:
            raise _unknown(written)
        return target

    def _join(
        self, at: str, table: Table, column: Column, to: str, name: str, *, shown: bool
    ) -> tuple[str, Table]:
        """Return the name in SQL of the table behind a lookup, and that table."""
        if column.type not in REFERENCES:
            raise _unknown(name)
        target = self._target(to, name)
        path = f"{at}.{column.name}->{to}"
        join = self._joins.setdefault(path, _Join(target.name, f"{at}.{quoted(column.name)}"))
        if not shown:
            join.compared = True
            self._use(table, column.name)
            self._use(target, "id")
        return f"t{[*self._joins].index(path) + 1}", target

    def _use(self, table: Table, name: str) -> None:
        """Note that a column is compared."""
        self._compared.setdefault(table.name, (table, set()))[1].add(name)


def invalid(message: str = "Invalid query formed", **details: Any) -> RejectedError:
    """Return what rejects a query that is not right."""
    return rejected(400, "INVALID_QUERY", message, **details)


def _unknown(name: str) -> RejectedError:
    return invalid("column given seems to be invalid", column_name=name)
