"""Search criteria: values bound into them, and rows compared with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from operator import index
from typing import Any, Final

from aiozcrm._protocol import iso_text, known_id
from aiozcrm.errors import InvalidInputError

__all__ = ["bind_criteria", "criteria_for", "matches", "names_in"]

#: What stands for a value, and what ends one.
#: https://www.zoho.com/crm/developer/docs/api/v7/search-records.html
_PLACE: Final = re.compile(r"\{(\w+)\}")
_SPECIAL: Final = re.compile(r"(\\*)([(),]|\Z)")
_NAME: Final = re.compile(r"\$?\w+", re.ASCII)

_MOST_VALUES: Final = 100
_MOST_CRITERIA: Final = 10


def names_in(criteria: str) -> set[str]:
    """Return the names that stand for values in criteria."""
    return set(_PLACE.findall(criteria))


def bind_criteria(criteria: str, values: Mapping[str, Any]) -> str:
    """Return criteria with their values in the places of ``{name}``, escaped.

    Args:
        criteria: Such as ``(Last_Name:starts_with:{name})``.
        values: A value by each name: text, a number, a boolean, a date, a datetime with an
            offset, or a list of those for ``in``.

    Raises:
        KeyError: If a name has no value, or a value has no place.
        TypeError: If a value is of another type.
        ValueError: If a datetime has no offset, or a list is empty or too long.
    """
    named = names_in(criteria)
    for name in named.symmetric_difference(values):
        where = "no value" if name in named else "no place in the criteria"
        raise KeyError(f"{name!r} has {where}")
    return _PLACE.sub(lambda place: _text_of(values[place[1]]), criteria)


def criteria_for(fields: Mapping[str, Any]) -> str:
    """Return criteria that find at least the rows whose fields have these values.

    Zoho takes ten criteria: of more fields, the first ten.

    Raises:
        aiozcrm.errors.InvalidInputError: If there is no field, a name cannot be one, or a value is
            an empty text.
        TypeError: If a value cannot be searched for.
    """
    if not fields:
        raise InvalidInputError("There is nothing to find by.", hint="Give at least one field.")
    for name, value in fields.items():
        if not _NAME.fullmatch(name):
            raise InvalidInputError(f"{name!r} is not the API name of a field.")
        if value is None or isinstance(value, (list, tuple, set)):
            raise TypeError(f"{name}: find by one value that is not None; use a query for others")
        if value == "":
            raise InvalidInputError(f"{name}: an empty text cannot be searched for.")
    criteria = [f"({name}:equals:{_text_of(value)})" for name, value in fields.items()]
    return _paired(criteria[:_MOST_CRITERIA])


def matches(row: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Return whether the fields of a row have exactly these values."""
    return all(_is_same(row.get(name), value) for name, value in fields.items())


def _paired(criteria: list[str]) -> str:
    """Return criteria joined by ``and``, with a bracket around each two as Zoho wants it."""
    if len(criteria) == 1:
        return criteria[0]
    middle = len(criteria) // 2
    return f"({_paired(criteria[:middle])}and{_paired(criteria[middle:])})"


def _is_same(found: Any, value: Any) -> bool:
    """Return whether a row has a value, however either of the two is written."""
    if isinstance(found, Mapping):  # A lookup, of which the id counts.
        own = known_id(value)
        return own is not None and own == known_id(found.get("id"))
    try:
        if isinstance(value, datetime) and isinstance(found, str):
            # As it was searched for: a time that comes twice, when the clocks go back, is in
            # Python equal to none of another zone.
            return datetime.fromisoformat(found) == datetime.fromisoformat(iso_text(value))
        if isinstance(found, (str, bool)) or isinstance(value, bool):
            # Large whole numbers and ids come as text.
            return isinstance(found, (str, int)) and _plain(found) == _plain(value)
        from decimal import Decimal  # noqa: PLC0415  # not for programs that never search numbers

        return isinstance(found, (int, float)) and Decimal(str(found)) == Decimal(_plain(value))
    except (ArithmeticError, ValueError):
        return False


def _text_of(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return _joined(value)
    return _escaped(_plain(value))


def _joined(values: Iterable[Any]) -> str:
    texts = [_escaped(_plain(value)) for value in values]
    if not 0 < len(texts) <= _MOST_VALUES:
        raise ValueError(f"a list of values has 1 to {_MOST_VALUES} of them, not {len(texts)}")
    return ",".join(texts)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return str.__str__(value)  # the str() of an Enum would be its name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return iso_text(value)
    if hasattr(value, "__index__"):
        return str(index(value))
    from decimal import Decimal  # noqa: PLC0415  # not for programs that never search numbers

    if isinstance(value, (float, Decimal)):
        # The str() of an Enum would be its name.
        number = Decimal(float.__repr__(value) if isinstance(value, float) else value)
        if not number.is_finite():
            raise ValueError(f"criteria cannot hold {value}")
        return format(number, "f")
    raise TypeError(f"criteria cannot hold a {type(value).__name__}")


def _escaped(text: str) -> str:
    """Return a text in which nothing ends the value, or the brackets around it."""

    def escape(found: re.Match[str]) -> str:
        # Backslashes count only before what is special, and at the end.
        backslashes, special = found.groups()
        return backslashes * 2 + (f"\\{special}" if special else "")

    return _SPECIAL.sub(escape, text)
