"""Answers to queries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._coql._columns import Columns, Found, invalid
from aiozcrm.testing._coql._conditions import Conditions, limit_exceeded
from aiozcrm.testing._coql._database import Database, quoted
from aiozcrm.testing._coql._parser import parse
from aiozcrm.testing._coql._tables import DATES, NUMBERS, Org, Table
from aiozcrm.testing._coql._tree import Item, Query
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, rejected

__all__ = ["Engine"]

#: https://www.zoho.com/crm/developer/docs/api/v7/COQL-Limitations.html
_MOST_ROWS: Final = 2000
_MOST_ROWS_OF_SUBQUERY: Final = 100
_MOST_COLUMNS: Final = 500
_MOST_AGGREGATES: Final = 5
_MOST_GROUPS: Final = 4
_MOST_KEYS: Final = 10
_MOST_JOINS: Final = 5
_MOST_JOINS_IN_SELECT: Final = 15

_AGGREGATES: Final[Mapping[str, frozenset[str]]] = {
    "SUM": NUMBERS,
    "AVG": NUMBERS,
    "MIN": NUMBERS | DATES,
    "MAX": NUMBERS | DATES,
    "COUNT": NUMBERS | {"lookup", "picklist"},
}


class Engine:
    """Answers the queries of an org.

    Args:
        org: Its tables.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._database = Database()

    def answer(self, body: Mapping[str, Any]) -> Answer:
        """Return the answer to a call.

        Raises:
            RejectedError: If Zoho would reject it.
        """
        text = body.get("select_query")
        if not isinstance(text, str):
            message = "mandatory key not found"
            raise rejected(400, "MANDATORY_NOT_FOUND", message, api_name="select_query")
        with_meta = _check_meta(body)
        query = parse(text)
        prepared = _Prepared(self._org, self._database, query)
        rows, more = prepared.rows()
        if not rows:
            return NO_CONTENT
        data = {"data": rows, "info": {"count": len(rows), "more_records": more}}
        return Answer(200, {**data, **({"fields": prepared.fields()} if with_meta else {})})


class _Prepared:
    """One query, checked and in SQL.

    Args:
        org: All tables.
        database: Where they are.
        query: The query.

    Raises:
        RejectedError: If Zoho would not take it.
    """

    def __init__(self, org: Org, database: Database, query: Query) -> None:
        self._org = org
        self._database = database
        self._query = query
        self._table, view = _table_of(org, query)
        self._columns = Columns(org, self._table, database)
        where = Conditions(self._columns, self._ask).sql(query.where)
        if self._columns.joined > _MOST_JOINS:
            raise limit_exceeded()
        self._items = self._check_items()
        self._is_grouped = bool(query.group) or any(item.function for item in query.items)
        self._groups = self._check_groups()
        self._order = self._check_order()
        if self._columns.joined > _MOST_JOINS + _MOST_JOINS_IN_SELECT:
            raise limit_exceeded()
        self._where = where if view is None else self._viewed(where, view)

    def rows(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the rows as the answer shows them, and whether there are more."""
        limit, offset = self._check_limit()
        selected = ["min(t0.id)" if self._is_grouped else "t0.id"]
        selected += [_sql(item, found) for item, found in self._items if item.function]
        found_rows = self._select(selected, limit + 1, offset)
        return [self._show(row) for row in found_rows[:limit]], len(found_rows) > limit

    def fields(self) -> dict[str, Any]:
        """Return what the answer tells of its columns."""
        return {
            item.written: {"api_name": found.column.name, "data_type": found.column.type}
            for item, found in self._items
        }

    def values(self) -> list[Any]:
        """Return the values of the only column, as those of a subquery."""
        item, _ = self._items[0]
        found = self._columns.find(item.name)
        limit, offset = self._check_limit()
        rows = self._select([_sql(item, found)], min(limit, _MOST_ROWS_OF_SUBQUERY), offset)
        return [value for (value,) in rows if value is not None]

    def _select(self, selected: Sequence[str], limit: int, offset: int) -> list[tuple[Any, ...]]:
        where, values = self._where
        groups = ", ".join(found.sql for found in self._groups)
        # Names are quoted and come from the org; values stand in their places.
        clauses = [
            f"select {', '.join(selected)} from {quoted(self._table.name)} t0",  # noqa: S608
            f"{self._columns.load()} where {where}",
            f" group by {groups}" if groups else "",
            f" order by {', '.join(self._order)}" if self._order else "",
            " limit ? offset ?",
        ]
        sql = "".join(clauses)
        return self._database.run(sql, [*values, limit, offset])

    def _show(self, row: tuple[Any, ...]) -> dict[str, Any]:
        record = self._table.rows.get(str(row[0]))
        aggregates = iter(row[1:])
        with_module = any(found.is_module for _, found in self._items)
        shown = {
            item.key: next(aggregates)
            if item.function
            else self._columns.show(record, found, with_module=with_module)
            for item, found in self._items
        }
        return shown if self._is_grouped else {**shown, "id": str(row[0])}

    def _ask(self, query: Query, number: int) -> Sequence[Any]:
        """Return the values of a subquery."""
        if len(query.items) != 1:
            names = [item.written for item in query.items]
            message = "subquery should contains only one column"
            raise invalid(message, sub_query_sequence=number, column_name=names)
        return _Prepared(self._org, self._database, query).values()

    def _viewed(
        self, where: tuple[str, Sequence[Any]], view: Callable[[Any], bool]
    ) -> tuple[str, Sequence[Any]]:
        """Return a condition together with that of a custom view."""
        ids = [int(record_id) for record_id, row in self._table.rows.items() if view(row)]
        sql, values = where
        shown = "t0.id in (select value from json_each(?))"
        return f"({sql}) and {shown}", [*values, json.dumps(ids)]

    def _check_items(self) -> list[tuple[Item, Found]]:
        items = self._query.items
        if len(items) > _MOST_COLUMNS or sum(bool(item.function) for item in items) > (
            _MOST_AGGREGATES
        ):
            raise limit_exceeded()
        found = [(item, self._find(item)) for item in items]
        written: set[str] = set()
        for item in items:
            if item.written in written:
                raise _duplicate("duplicate select column", item)
            written.add(item.written)
        _check_aliases(items)
        return found

    def _find(self, item: Item) -> Found:
        """Return what a column or an aggregate is about."""
        types = _AGGREGATES.get(item.function) if item.function else None
        if item.function and types is None:
            raise _no_aggregate(item)
        found = self._columns.find(item.name, shown=not item.function)
        if types is not None and found.column.type not in types:
            raise _no_aggregate(item)
        return found

    def _check_groups(self) -> list[Found]:
        groups = self._query.group
        if len(groups) > _MOST_GROUPS:
            raise limit_exceeded()
        plain = {item.name for item in self._query.items if not item.function}
        if self._is_grouped and not plain <= set(groups):
            raise invalid()
        for number, name in enumerate(groups):
            if name in groups[:number]:
                raise _duplicate("duplicate group by column", Item(name))
        return [self._columns.find(name) for name in groups]

    def _check_order(self) -> list[str]:
        """Return by what rows are ordered, in SQL; those that are equal by id."""
        keys = self._query.order
        if len(keys) > _MOST_KEYS:
            raise limit_exceeded()
        aliased = {item.alias: item for item in self._query.items if item.alias}
        functions = {item.written for item in self._query.items if item.function}
        order: list[str] = []
        seen: set[str] = set()
        for key in keys:
            item = aliased.get(key.item.name, key.item)
            if item.written in seen:
                raise _duplicate("duplicate order by column", item)
            if key.item.function and item.written in functions:
                raise _duplicate("duplicate aggregate", item)
            if self._is_grouped and not item.function and item.name not in self._query.group:
                raise invalid()
            seen.add(item.written)
            self._find(item)
            found = self._columns.find(item.name)
            order.append(f"{_sql(item, found)}{' desc' if key.descending else ''}")
        if self._is_grouped:
            return order or [found.sql for found in self._groups]
        return [*order, "t0.id"]

    def _check_limit(self) -> tuple[int, int]:
        """Return how many rows are asked for, and how many are left out."""
        query, reach = self._query, self._org.reach
        for written in (query.limit, query.offset):
            if not re.fullmatch(r"-?\d+", written):
                raise invalid("limit given seems to be invalid", limit=written)
        limit, offset = int(query.limit[:20]), int(query.offset[:20])
        if limit <= 0 or offset < 0:
            raise rejected(400, "INVALID_DATA", "limit should be greater than 0")
        if limit > _MOST_ROWS:
            raise limit_exceeded()
        if limit + offset > reach:
            raise limit_exceeded("max records limit exceeded", limit=reach)
        return limit, offset


def _check_meta(body: Mapping[str, Any]) -> bool:
    """Return whether the fields are to be told, too."""
    meta = body.get("include_meta")
    if meta is None:
        return False
    place = {"api_name": "include_meta", "json_path": "$.include_meta"}
    if not isinstance(meta, list):
        expected = {"expected_data_type": "jsonarray", **place}
        raise rejected(400, "INVALID_DATA", "invalid data", **expected)
    for number, name in enumerate(meta):
        if name != "fields":
            place["json_path"] += f"[{number}]"
            supported = {"supported_values": ["fields"], **place}
            raise rejected(400, "INVALID_DATA", "invalid data", **supported)
    return bool(meta)


def _table_of(org: Org, query: Query) -> tuple[Table, Callable[[Any], bool] | None]:
    """Return the table of FROM, and which of its records the custom view shows."""
    table = org.table(query.module)
    if table is None or table.hidden:
        raise rejected(400, "INVALID_MODULE", "the given module is not supported in api")
    if not query.view:
        return table, None
    view = org.view(table.name, query.view)
    if view is None:
        raise invalid()
    return table, view


def _check_aliases(items: Sequence[Item]) -> None:
    plain = {item.written for item in items if item.alias is None}
    by_alias: dict[str, Item] = {}
    for item in items:
        if item.alias is None:
            continue
        if not item.alias.strip():
            message = "alias name cannot be an empty string"
            raise rejected(400, "INVALID_ALIAS", message, column_name=item.written, alias="")
        if item.alias in plain:
            message = "an alias cannot be the name of another column"
            raise invalid(message, column_name=item.written, alias=item.alias)
        if item.alias in by_alias:
            columns = [by_alias[item.alias].written, item.written]
            message = "same alias cannot refer more than one column"
            told = {"referred_columns": columns, "alias": item.alias}
            raise rejected(400, "DUPLICATE_ALIAS", message, **told)
        by_alias[item.alias] = item


def _sql(item: Item, found: Found) -> str:
    return f"{item.function}({found.sql})" if item.function else found.sql


def _duplicate(message: str, item: Item) -> RejectedError:
    aggregate = {"aggregate": item.function} if item.function else {}
    return rejected(400, "DUPLICATE_DATA", message, column_name=item.name, **aggregate)


def _no_aggregate(item: Item) -> RejectedError:
    details = {"reason": "unsupported aggregate function", "column": item.written}
    return rejected(400, "INVALID_DATA", "invalid data", **details)
