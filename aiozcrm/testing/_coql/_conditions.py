"""Conditions in SQL, and which of them Zoho takes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from aiozcrm.testing._coql._columns import Columns, Found, invalid
from aiozcrm.testing._coql._database import comparable
from aiozcrm.testing._coql._tables import DATES, NUMBERS, REFERENCES, Column
from aiozcrm.testing._coql._tree import Comparison, Condition, Pair, Query, Value, comparisons_of
from aiozcrm.testing._wire._answer import RejectedError, rejected

__all__ = ["Conditions", "limit_exceeded"]

_MOST_CONDITIONS: Final = 25
_MOST_VALUES: Final = 100
_MOST_QUERIES: Final = 5
#: What SQLite takes of a pattern.
_LONGEST_PATTERN: Final = 25_000

_NULL: Final = frozenset({"is null", "is not null"})
_CHOICE: Final = _NULL | {"=", "!=", "in", "not in"}
_ORDERED: Final = _CHOICE | {">", ">=", "<", "<=", "between", "not between"}
_TEXTUAL: Final = _CHOICE | {"like", "not like"}
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"="}),
    "textarea": frozenset(),
    "profileimage": _NULL | {"in"},
    **dict.fromkeys(REFERENCES, _CHOICE),
    **dict.fromkeys(NUMBERS | DATES, _ORDERED),
}
_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
#: Whole numbers of more digits compare as the nearest ones that a float holds.
_DIGITS: Final = 19
_SPECIAL: Final = re.compile(r"[%_\\]")

#: A part of SQL, and the values of its places.
Sql = tuple[str, Sequence[Any]]


class Conditions:
    """The conditions of one query.

    Args:
        columns: Its columns.
        ask: Returns the values of a subquery, which is the one with this number.
    """

    def __init__(self, columns: Columns, ask: Callable[[Query, int], Sequence[Any]]) -> None:
        self._columns = columns
        self._ask = ask
        self._asked = 0

    def sql(self, condition: Condition) -> Sql:
        """Return a condition in SQL.

        Raises:
            RejectedError: If Zoho would not take it.
        """
        comparisons = list(comparisons_of(condition))
        queries = sum(each.query is not None for each in comparisons)
        if len(comparisons) > _MOST_CONDITIONS or queries > _MOST_QUERIES:
            raise limit_exceeded()
        return self._sql(condition)

    def _sql(self, condition: Condition) -> Sql:
        if isinstance(condition, Pair):
            left, first = self._sql(condition.left)
            right, second = self._sql(condition.right)
            return f"({left} {condition.word} {right})", [*first, *second]
        found = self._columns.find(condition.name)
        column, operator = found.column, condition.operator
        if column.type == "territory" or found.is_module:
            raise invalid()
        if operator not in _OPERATORS.get(column.type, _TEXTUAL):
            raise _wrong_operator(condition)
        if condition.query is not None:
            return self._in_query(found, condition, condition.query)
        if len(condition.values) > _MOST_VALUES:
            raise limit_exceeded()
        if operator in {"like", "not like"}:
            return _like(found, condition)
        values = [_value(column, value, condition.name) for value in condition.values]
        return _compared(found.sql, operator, values)

    def _in_query(self, found: Found, condition: Comparison, query: Query) -> Sql:
        number, self._asked = self._asked, self._asked + 1
        values = self._ask(query, number)
        operator = condition.operator
        if operator not in {"in", "not in"}:
            if len(values) > 1:
                message = "subquery return more than one values which is incompatible for the "
                details = {"sub_query_sequence": number, "operator": operator}
                raise invalid(f"{message}operator", **details)
            values = values or [None]
        return _compared(found.sql, operator, values)


def limit_exceeded(message: str = "limit exceeded", **details: Any) -> RejectedError:
    """Return what rejects more than there may be."""
    return rejected(400, "LIMIT_EXCEEDED", message, **details)


def _compared(sql: str, operator: str, values: Sequence[Any]) -> Sql:
    if operator in {"in", "not in"}:
        return f"{sql} {operator} ({', '.join('?' * len(values))})", values
    places = {"between": " ? and ?", "not between": " ? and ?"}
    return f"{sql} {operator}{places.get(operator, ' ?' * len(values))}", values


def _like(found: Found, condition: Comparison) -> Sql:
    text = condition.values[0].text
    before = "%" if text.startswith("%") else ""
    after = "%" if text.endswith("%") and len(text) > len(before) else ""
    if condition.operator == "not like" and not (before and after):
        raise _wrong_operator(condition)
    inner = text[len(before) : len(text) - len(after)].casefold()
    if len(inner) > _LONGEST_PATTERN:
        return ("0" if condition.operator == "like" else f"{found.sql} is not null"), ()
    pattern = before + _SPECIAL.sub(r"\\\g<0>", inner) + after
    return f"{found.sql} {condition.operator} ? escape '\\'", [comparable(found.column, pattern)]


def _value(column: Column, value: Value, name: str) -> Any:
    """Return a value as it is compared.

    Raises:
        RejectedError: If the column can have no such value.
    """
    try:
        return comparable(column, _read(column, value))
    except (ValueError, InvalidOperation, OverflowError):
        details = {"expected_data_type": column.type, "column_name": name}
        message = "value given seems to be invalid for the column"
        raise invalid(message, **details) from None


def _read(column: Column, value: Value) -> Any:
    text = value.text
    if value.is_null:
        raise ValueError
    if column.type in NUMBERS:
        number = Decimal(text)
        if not number.is_finite():
            raise ValueError
        is_short = number.adjusted() < _DIGITS and number == number.to_integral_value()
        return int(number) if is_short else float(number)
    if column.type == "boolean":
        return {"true": True, "false": False}.get(text.lower()) is True or _no(text)
    if column.type == "date":
        if not _DATE.fullmatch(text):
            raise ValueError
        return dt.date.fromisoformat(text).isoformat()
    if column.type == "datetime" and not _DATETIME.fullmatch(text):
        raise ValueError
    return text.split(";") if column.type == "multiselectpicklist" else text


def _no(text: str) -> bool:
    if text.lower() != "false":
        raise ValueError
    return False


def _wrong_operator(condition: Comparison) -> RejectedError:
    details = {"column_name": condition.name, "operator": condition.operator}
    return invalid(reason="invalid operator found", **details)
