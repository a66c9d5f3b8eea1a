"""The criteria that some lists take, as JSON in their query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiozcrm.testing._wire._answer import rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import read_json, value_at

__all__ = ["read_filters"]

_COMPARATORS: Final[Mapping[str, Callable[[str, list[str]], bool]]] = {
    "equal": lambda text, wanted: text in wanted,
    "equals": lambda text, wanted: text in wanted,
    "not_equal": lambda text, wanted: text not in wanted,
    "in": lambda text, wanted: text in wanted,
    "not_in": lambda text, wanted: text not in wanted,
    "contains": lambda text, wanted: any(part in text for part in wanted),
    "starts_with": lambda text, wanted: text.startswith(tuple(wanted)),
    "ends_with": lambda text, wanted: text.endswith(tuple(wanted)),
}


def read_filters(call: Call) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells whether a thing passes the criteria in a call's query.

    Raises:
        RejectedError: If they are no criteria.
    """
    text = call.query.get("filters")
    if not text:
        return lambda _: True
    try:
        return _read(read_json(text))
    except (LookupError, TypeError, AttributeError):
        raise rejected(400, "INVALID_DATA", "invalid data", param_name="filters") from None


def _read(criteria: Any) -> Callable[[Mapping[str, Any]], bool]:
    if "group" in criteria:
        parts = [_read(part) for part in criteria["group"]]
        join = {"and": all, "or": any}[criteria["group_operator"].lower()]
        return lambda thing: join(part(thing) for part in parts)
    compare = _COMPARATORS[criteria["comparator"]]
    keys, value = criteria["field"]["api_name"].split("."), criteria["value"]
    wanted = [_text(each) for each in (value if isinstance(value, list) else [value])]
    return lambda thing: compare(_text(value_at(thing, *keys)), wanted)


def _text(value: Any) -> str:
    """Return a value as criteria compare it; of what has an id, the id."""
    found = value.get("id") if isinstance(value, dict) else value
    return str(found).lower() if isinstance(found, bool) else str(found)
