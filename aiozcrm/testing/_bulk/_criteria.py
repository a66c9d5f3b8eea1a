"""Criteria of bulk reads: ``{"field": {"api_name": "City"}, "comparator": "equal", ...}``.

Source: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, folded
from aiozcrm.testing._records._values import ID, parse_value, value_in
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._schema._types import REFERENCES
from aiozcrm.testing._wire._answer import RejectedError, rejected
from aiozcrm.testing._wire._json import value_at

__all__ = ["matcher_of"]

_Matches = Callable[[Row], bool]

_EMPTY: Final = "${EMPTY}"
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "greater_equal": lambda a, b: a >= b,
    "greater_than": lambda a, b: a > b,
    "less_equal": lambda a, b: a <= b,
    "less_than": lambda a, b: a < b,
}
_TEXT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda a, b: b in a,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_MANY: Final = frozenset({"in", "not_in", "between", "not_between"})
_ORDERED: Final = frozenset({"integer", "bigint", "double", "currency", "percent", "formula"})
_TIMES: Final = frozenset({"date", "datetime"})


def matcher_of(database: Database, module: Module, criteria: Any) -> _Matches:
    """Return whether a record fits.

    Raises:
        RejectedError: If Zoho would not understand the criteria.
    """
    if not isinstance(criteria, dict):
        raise _invalid("INVALID_CRITERIA")
    if "group" not in criteria:
        return _single(database, module, criteria)
    group, word = criteria["group"], criteria.get("group_operator")
    if word not in ("and", "or"):
        raise _invalid("GROUP_OPERATOR_NOT_SUPPORTED")
    if not isinstance(group, list) or not group:
        raise _invalid("INVALID_CRITERIA")
    parts = [matcher_of(database, module, each) for each in group]
    join = all if word == "and" else any
    return lambda row: join(part(row) for part in parts)


def _single(database: Database, module: Module, criteria: Mapping[str, Any]) -> _Matches:
    name = value_at(criteria, "field", "api_name")
    field = ID if name == "id" else module.fields.get(str(name))
    if field is None:
        raise _invalid("FIELD_IN_CRITERIA_NOT_AVAILABLE", api_name=name)
    word = str(criteria.get("comparator"))
    plain = word.removeprefix("not_")
    value = criteria.get("value")
    if not _takes(field, plain) or "value" not in criteria:
        raise _invalid("FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", api_name=name)
    is_pair = isinstance(value, list) and len(value) == 2
    if (word in _MANY) != isinstance(value, list) or (plain == "between" and not is_pair):
        raise _invalid("VALUE_TYPE_NOT_SUPPORTED", api_name=name)
    try:
        wanted = [_parsed(field, each) for each in (value if isinstance(value, list) else [value])]
    except ValueError:
        raise _invalid("FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", api_name=name) from None

    def matches(row: Row) -> bool:
        found = _value_of(database, module, row, field)
        return _compare(plain, found, wanted) != (plain != word)

    return matches


def _takes(field: Field, word: str) -> bool:
    if word in _TEXT:
        return field.type not in {*_ORDERED, *_TIMES, *REFERENCES, "boolean"}
    if word in _ORDER or word == "between":
        return field.type in _ORDERED | _TIMES
    return word == "equal" or (word == "in" and field.type != "boolean")


def _parsed(field: Field, value: Any) -> Any:
    if value == _EMPTY:
        return None
    return str(value) if field.type in REFERENCES else parse_value(field, _text_of(value))


def _text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value_of(database: Database, module: Module, row: Row, field: Field) -> Any:
    if field.type in REFERENCES:
        return (row.get(field.api_name) or {}).get("id")
    return value_in(database, module, row, field)


def _compare(word: str, found: Any, wanted: list[Any]) -> bool:
    if word in {"equal", "in"}:
        values = found if isinstance(found, list) else [found]
        return any(_same(each, want) for each in values or [None] for want in wanted)
    if found is None or None in wanted:
        return False
    if word == "between":
        return bool(wanted[0] <= found <= wanted[-1])
    if word in _ORDER:
        return _ORDER[word](found, wanted[0])
    texts = found if isinstance(found, list) else [found]
    return any(_TEXT[word](folded(text), folded(wanted[0])) for text in texts)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return folded(found) == folded(wanted)
    return bool(found == wanted)


def _invalid(code: str, **details: Any) -> RejectedError:
    return rejected(400, code, "The criteria are not valid", **details)
