"""The types of fields: which values each takes.

Source: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

import attrs

__all__ = ["REFERENCES", "TO_RECORDS", "TO_USERS", "TYPES", "FieldType"]

_WEBSITE: Final = re.compile(r"(https?://)?[^\s/?#.:@]+(\.[^\s/?#.:@]+)+(:\d+)?([/?#]\S*)?")
_EMAIL: Final = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_DIGITS: Final = re.compile(r"-?\d{1,40}", re.ASCII)

#: Types whose values lead to a user, to a record, or to either.
TO_USERS: Final = frozenset({"ownerlookup", "userlookup"})
TO_RECORDS: Final = frozenset({"lookup", "multi_module_lookup"})
REFERENCES: Final = TO_USERS | TO_RECORDS

Accepts = Callable[[Any], bool]


@attrs.frozen(kw_only=True)
class FieldType:
    """A type that fields may have.

    Attributes:
        json_type: What Zoho calls its values in JSON.
        accepts: Returns whether a value is one of the type, its length apart.
        expected: What Zoho says it expected instead of another value; empty for the type's name.
        length: How long a value may be at most, unless the field says otherwise: characters, or
            digits before the point; None for any.
        read_only: Whether Zoho alone sets it.
        decimals: How many digits a number may have behind its point, unless the field says
            otherwise; None for any.
    """

    json_type: str = "string"
    accepts: Accepts
    expected: str = ""
    length: int | None = None
    read_only: bool = False
    decimals: int | None = None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, float) and isfinite(value))


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_big_integer(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, str) and bool(_DIGITS.fullmatch(value)))


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _like(pattern: re.Pattern[str]) -> Accepts:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_date(value: Any) -> bool:
    return _like(_DATE)(value) and _is_moment(value)


def _is_datetime(value: Any) -> bool:
    return _like(_DATETIME)(value) and _is_moment(value)


def _is_moment(value: str) -> bool:
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            # Which is out of reach at both ends of the calendar.
            moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _read_only(json_type: str = "string") -> FieldType:
    return FieldType(json_type=json_type, accepts=lambda _: True, read_only=True)


_REFERENCE: Final = FieldType(
    json_type="jsonobject", accepts=_is_reference, expected="jsonobject", length=120
)
_ROWS: Final = FieldType(json_type="jsonarray", accepts=_is_rows, expected="jsonarray")

TYPES: Final[Mapping[str, FieldType]] = {
    "text": FieldType(accepts=_is_text, length=255),
    "textarea": FieldType(accepts=_is_text, length=32_000),
    "email": FieldType(accepts=_like(_EMAIL), length=100),
    "phone": FieldType(accepts=_is_text, length=30),
    "website": FieldType(accepts=_like(_WEBSITE), length=450),
    "picklist": FieldType(accepts=_is_text, expected="text", length=120),
    "multiselectpicklist": FieldType(
        json_type="jsonarray", accepts=_is_texts, expected="jsonarray", length=120
    ),
    "integer": FieldType(json_type="integer", accepts=_is_integer, length=9),
    "bigint": FieldType(accepts=_is_big_integer, length=18),
    "double": FieldType(json_type="double", accepts=_is_number, length=16, decimals=2),
    "currency": FieldType(json_type="double", accepts=_is_number, length=16, decimals=2),
    "percent": FieldType(json_type="integer", accepts=_is_number, length=5, decimals=2),
    "boolean": FieldType(json_type="boolean", accepts=lambda value: isinstance(value, bool)),
    "date": FieldType(accepts=_is_date),
    "datetime": FieldType(accepts=_is_datetime),
    "lookup": _REFERENCE,
    "ownerlookup": _REFERENCE,
    "userlookup": _REFERENCE,
    "multi_module_lookup": _REFERENCE,
    "layout": _REFERENCE,
    "subform": _ROWS,
    "multiselectlookup": _ROWS,
    "fileupload": _ROWS,
    "imageupload": _ROWS,
    "autonumber": _read_only(),
    "formula": _read_only("double"),
    "rollup_summary": _read_only("double"),
    "profileimage": _read_only(),
    # What nobody looks into.
    "any": FieldType(accepts=lambda _: True),
}
