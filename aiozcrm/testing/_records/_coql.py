"""Answers COQL in a first form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._records._coql_parser import Comparison, Condition, Pair, Query, parse_query
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, Store, folded
from aiozcrm.testing._records._values import ID, REFERENCES, parse_value, value_in
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Coql"]

_MOST_ROWS: Final = 2000
_MOST_VALUES: Final = 100
_TEXTUAL: Final = frozenset({"=", "!=", "like", "not like", "in", "not in"})
_CHOICE: Final = frozenset({"=", "!=", "in", "not in"})
_ORDERED: Final = _CHOICE | {">", ">=", "<", "<=", "between", "not between"}
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"="}),
    "textarea": frozenset(),
    **dict.fromkeys(REFERENCES, _CHOICE),
    **dict.fromkeys(
        ("date", "datetime", "integer", "currency", "double", "bigint", "percent", "formula"),
        _ORDERED,
    ),
}
_UNREADABLE: Final = frozenset({"subform", "multiselectlookup", "imageupload", "fileupload"})

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}

Matches = Callable[[Any], bool]


class Coql:
    """Answers queries over the records of an org.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, call: Call) -> Answer:
        """Answer ``POST /coql``."""
        text = call.json_object().get("select_query")
        if not isinstance(text, str):
            details = {"api_name": "select_query"}
            raise rejected(400, "MANDATORY_NOT_FOUND", "mandatory key not found", **details)
        query = parse_query(text)
        store, view = self._from(query)
        self._check_limit(query)
        for name, _ in (*query.columns, *query.order):
            self._column(store.module, name)
        matches = self._condition(store.module, query.where)
        rows = [row for row in store.all() if matches(row) and (view is None or view(row))]
        rows = self._sorted(store.module, rows, query)
        shown = rows[query.offset : query.offset + query.limit]
        if not shown:
            return NO_CONTENT
        more = query.offset + query.limit < len(rows)
        data = [self._show(store.module, row, query) for row in shown]
        return Answer(200, {"data": data, "info": {"count": len(data), "more_records": more}})

    def _from(self, query: Query) -> tuple[Store, Matches | None]:
        name, _, view_id = query.module.partition("#")
        module = self._database.context.schema.modules.get(name)
        if module is None:
            raise rejected(400, "INVALID_MODULE", "the given module is not supported in api")
        store = self._database.store(name)
        if view_id and view_id not in store.views:
            raise _invalid()
        return store, store.views.get(view_id)

    def _check_limit(self, query: Query) -> None:
        most = self._database.context.limits.page_tokens
        if query.limit <= 0:
            raise rejected(400, "INVALID_DATA", "limit should be greater than 0")
        if query.limit > _MOST_ROWS:
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded")
        if query.offset + query.limit > most:
            message = "max records limit exceeded"
            raise rejected(400, "LIMIT_EXCEEDED", message, limit=most)

    def _column(self, module: Module, name: str) -> tuple[Field, Module, Field | None]:
        """Return the field of a column, and the lookup through which it is reached.

        Raises:
            RejectedError: If there is none, or COQL cannot read it.
        """
        first, _, rest = name.removeprefix(f"!{module.api_name}.").partition(".")
        field = ID if first == "id" else module.fields.get(first)
        if field is not None and rest:
            target = self._database.context.schema.modules.get(field.lookup)
            far = ID if rest == "id" else target.fields.get(rest) if target else None
            if target is None or far is None:
                raise _invalid("column given seems to be invalid", column_name=name)
            return far, target, field
        if field is None:
            raise _invalid("column given seems to be invalid", column_name=name)
        if field.type in _UNREADABLE:
            raise _invalid("unsupported column", column_name=name)
        return field, module, None

    def _value(self, module: Module, row: Row, name: str) -> Any:
        """Return the value of a column as it is compared."""
        field, of, through = self._column(module, name)
        if through is None:
            return value_in(self._database, of, row, field)
        target = self._followed(row, through)
        return None if target is None else value_in(self._database, of, target, field)

    def _followed(self, row: Row, through: Field) -> Row | None:
        value = row.get(through.api_name)
        return self._database.store(through.lookup).rows.get(value["id"]) if value else None

    def _show(self, module: Module, row: Row, query: Query) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, key in query.columns:
            field, of, through = self._column(module, name)
            source = row if through is None else self._followed(row, through)
            if source is None:
                shown[key] = None
            elif field is ID:
                shown[key] = source["id"]
            else:
                shown[key] = _short(self._database.value_of(source, field, of), field)
        return {**shown, "id": row["id"]}

    def _sorted(self, module: Module, rows: list[Row], query: Query) -> list[Row]:
        for name, descending in reversed(query.order):
            keyed = [(self._value(module, row, name), row) for row in rows]
            known = [(value, row) for value, row in keyed if value is not None]
            known.sort(key=lambda pair: _sortable(pair[0]), reverse=descending)
            unknown = [row for value, row in keyed if value is None]
            ordered = [row for _, row in known]
            # Nothing comes before everything.
            rows = [*ordered, *unknown] if descending else [*unknown, *ordered]
        return rows

    def _condition(self, module: Module, condition: Condition) -> Matches:
        if isinstance(condition, Pair):
            left = self._condition(module, condition.left)
            right = self._condition(module, condition.right)
            if condition.word == "and":
                return lambda row: left(row) and right(row)
            return lambda row: left(row) or right(row)
        return self._comparison(module, condition)

    def _comparison(self, module: Module, condition: Comparison) -> Matches:
        name, operator = condition.column, condition.operator
        field, *_ = self._column(module, name)
        if operator in {"is null", "is not null"}:
            return lambda row: (self._value(module, row, name) is None) == (operator == "is null")
        if operator not in _OPERATORS.get(field.type, _TEXTUAL):
            details = {"reason": "invalid operator found", "operator": operator}
            raise _invalid(**details, column_name=name)
        if len(condition.values) > _MOST_VALUES:
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=_MOST_VALUES)
        try:
            wanted = [
                value if field.type in REFERENCES else parse_value(field, value)
                for value in condition.values
            ]
        except ValueError:
            details = {"expected_data_type": field.type, "column_name": name}
            raise _invalid("value given seems to be invalid for the column", **details) from None
        test = _test_of(operator, wanted, condition)

        def matches(row: Row) -> bool:
            value = self._value(module, row, name)
            # Nothing is neither equal nor unequal.
            return value is not None and test(value)

        return matches


def _test_of(operator: str, wanted: Sequence[Any], condition: Comparison) -> Matches:
    """Return whether a value, which is not nothing, passes a comparison."""
    negated = operator.startswith(("not ", "!"))
    base = operator.removeprefix("not ").replace("!", "")
    if base == "like":
        test = _like(str(wanted[0]), condition, negated=negated)
    elif base == "between":
        low, high = wanted
        test = lambda value: low <= value <= high  # noqa: E731 (one of several)
    elif base in _COMPARE:
        compare = _COMPARE[base]
        test = lambda value: compare(value, wanted[0])  # noqa: E731 (one of several)
    else:
        test = lambda value: any(_is_same(value, each) for each in wanted)  # noqa: E731 (so is this)
    return lambda value: test(value) != negated


def _like(pattern: str, condition: Comparison, *, negated: bool) -> Callable[[Any], bool]:
    begins, ends = pattern.endswith("%"), pattern.startswith("%")
    if negated and not (begins and ends):
        details = {"column_name": condition.column, "operator": condition.operator}
        raise _invalid(reason="invalid operator found", **details)
    text = re.escape(folded(pattern.removeprefix("%").removesuffix("%")))
    regex = re.compile(f"{'.*' if ends else ''}{text}{'.*' if begins else ''}", re.DOTALL)
    return lambda value: regex.fullmatch(folded(value)) is not None


def _is_same(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return sorted(map(folded, value)) == sorted(map(folded, str(wanted).split(";")))
    return folded(value) == folded(wanted) if isinstance(value, str) else bool(value == wanted)


def _sortable(value: Any) -> Any:
    return (
        folded(value)
        if isinstance(value, str)
        else str(value)
        if isinstance(value, list)
        else value
    )


def _short(value: Any, field: Field) -> Any:
    """Return a value as COQL shows it: of users the last name alone."""
    if field.type in {"ownerlookup", "userlookup"} and value:
        return {"name": value["name"].split(" ")[-1], "id": value["id"]}
    return value


def _invalid(message: str = "Invalid query formed", **details: Any) -> RejectedError:
    return rejected(400, "INVALID_QUERY", message, **details)
