"""JSON as clients send it, whatever stands in it."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Final

__all__ = ["read_json", "text_at", "value_at"]

# How many lists and objects may stand in one another. What is read is copied and compared, too.
_DEEPEST: Final = 100


def read_json(text: bytes | str) -> Any:
    """Return a text as data, None for what is no JSON, however wrong it is.

    What is nested too deeply, and numbers that no float can hold, count as no JSON.
    """
    try:
        data = json.loads(text, parse_constant=_reject_constant, parse_float=_read_float)
    except (ValueError, RecursionError):
        return None
    return None if _is_too_deep(data) else data


def value_at(data: Any, *keys: str) -> Any:
    """Return what stands in objects in one another; None if one of them is none, or lacks the key.

    >>> value_at({"module": {"api_name": "Leads"}}, "module", "api_name")
    'Leads'
    """
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text_at(data: Any, *keys: str) -> str:
    """Return what `value_at` does as a text, which is empty in the place of None."""
    found = value_at(data, *keys)
    return "" if found is None else str(found)


def _reject_constant(name: str) -> None:
    """Python would read NaN and infinity, which JSON does not have."""
    raise ValueError(name)


def _read_float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _is_too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(_DEEPEST + 1):
        if not level:
            break
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)
