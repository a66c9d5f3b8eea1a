"""Types of fields: which values each takes, and what holds them in Python and SQL.

https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from operator import index
from typing import Any, Final, TypeAlias

import attr as attrs

from aiozcrm._protocol import check_record_id, iso_text

__all__ = ["Allowed", "Kind", "Wrong", "choices_of", "kind_of", "objects_in", "required_by"]

#: What a field takes instead: in words, or the values to choose from.
Allowed: TypeAlias = str | tuple[str, ...]

#: Why a field does not take a value, and what it takes.
Wrong: TypeAlias = tuple[str, Allowed]

#: A field as Zoho sends it. Nothing in it is taken for granted.
_Field: TypeAlias = Mapping[str, Any]

_EMAIL: Final = re.compile(r"[^@\s,]+@(?:[^@\s,.]+\.)+[^@\s,.]+")
_WEBSITE: Final = re.compile(r"(?:https?://)?[^\s/?#.:@]+(?:\.[^\s/?#.:@]+)+(?::\d+)?(?:[/?#]\S*)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
_DIGITS: Final = re.compile(r"-?\d+", re.ASCII)

#: What Zoho says about numbers of one module alone, and not in the description of the field.
_RANGES: Final[Mapping[str, tuple[int, int]]] = {"Probability": (0, 100)}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Kind:
    """What the values of a type of fields are.

    Attributes:
        python: The type of a value that Zoho sends, as it stands in an annotation.
        sql: The type of a column that holds it.
        check: Tells what is wrong with a value that is not None, if anything is.
        read_only: Whether Zoho alone sets it.
    """

    python: str
    sql: str = "TEXT"
    check: Callable[[_Field, Any], Wrong | None] = lambda _field, _value: None
    read_only: bool = False


def kind_of(field: _Field) -> Kind:
    """Return what the values of a field are. Of an unknown type they can be anything."""
    data_type = field.get("data_type")
    if data_type in _COMPUTED:
        told = field.get(data_type)
        data_type = told.get("return_type") if isinstance(told, Mapping) else None
        return attrs.evolve(_kind(data_type, field.get("json_type")), read_only=True)
    return _kind(data_type, field.get("json_type"))


def _kind(data_type: object, json_type: object) -> Kind:
    by_json = _OF_JSON_TYPES.get(json_type) if isinstance(json_type, str) else None
    known = _KINDS.get(data_type) if isinstance(data_type, str) else None
    # Tags are called text, and are a list.
    if known is None or (known is _TEXT and by_json is not None):
        known = by_json if by_json is not None and by_json.python != "str" else known
    return known or by_json or Kind(python="Any")


def choices_of(field: _Field) -> tuple[str, ...]:
    """Return what can be chosen from for a field; nothing if anything can."""
    values = field.get("pick_list_values")
    told = (value.get("display_value") for value in objects_in(values))
    return tuple(value for value in told if isinstance(value, str))


def objects_in(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; nothing if it is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def required_by(layout: Mapping[str, Any]) -> list[str]:
    """Return the API names of the fields that a layout requires."""
    return [
        str(field.get("api_name"))
        for section in objects_in(layout.get("sections"))
        for field in objects_in(section.get("fields"))
        if field.get("required") is True
    ]


def _is(value: object) -> str:
    """Return what a value is instead of the right thing."""
    return f"is of the type {type(value).__name__}"


def _length_of(field: _Field) -> int | None:
    length = field.get("length")
    return length if isinstance(length, int) and length > 0 else None


def _check_text(field: _Field, value: Any) -> Wrong | None:
    longest = _length_of(field)
    allowed = "text" if longest is None else f"text of at most {longest} characters"
    if not isinstance(value, str):
        return _is(value), allowed
    if longest is not None and len(value) > longest:
        return f"has {len(value)} characters", allowed
    return None


def _check_pattern(pattern: re.Pattern[str], allowed: str) -> Callable[[_Field, Any], Wrong | None]:
    def check(field: _Field, value: Any) -> Wrong | None:
        wrong = _check_text(field, value)
        if wrong is None and not pattern.fullmatch(value):
            return "has another form", allowed
        return wrong

    return check


def _check_choices(field: _Field, chosen: Any) -> Wrong | None:
    if not isinstance(chosen, (list, tuple)):
        return _is(chosen), "a list of texts"
    values = objects_in(field.get("pick_list_values"))
    names = ("display_value", "actual_value", "reference_value")
    known = [value.get(name) for value in values for name in names]
    for each in chosen:
        wrong = _check_text(field, each)
        if wrong is None and values and each not in known:
            wrong = f"has {each!r}, which is none of its values", ""
        if wrong is not None:
            return wrong[0], choices_of(field) or wrong[1]
    return None


def _whole(value: Any) -> int | None:
    """Return a whole number, also one of another library; None if it is none."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    return index(value)


def _check_integer(field: _Field, value: Any) -> Wrong | None:
    most = _length_of(field)
    allowed = "a whole number" if most is None else f"a whole number of at most {most} digits"
    number = _whole(value)
    if number is None:
        return _is(value), allowed
    # Python makes no text of numbers that are too long.
    digits = Decimal(number).adjusted() + 1
    return (f"has {digits} digits", allowed) if most is not None and digits > most else None


def _check_big_integer(field: _Field, value: Any) -> Wrong | None:
    if isinstance(value, str) and _DIGITS.fullmatch(value) and len(value) < 100:
        value = int(value)
    return _check_integer(field, value)


def _check_number(field: _Field, value: Any) -> Wrong | None:
    most, places = _length_of(field), field.get("decimal_place")
    limits = [f"at most {most} digits before the point"] if most is not None else []
    if isinstance(places, int):
        limits.append(f"at most {places} decimals")
    allowed = " with ".join(filter(None, ["a number", " and ".join(limits)]))
    number = _decimal(value)
    if number is None:
        return _is(value), allowed
    if not number.is_finite():
        return "is no number that JSON knows", allowed
    if most is not None and number.adjusted() >= most:
        return f"has {number.adjusted() + 1} digits before the point", allowed
    exponent = number.normalize().as_tuple().exponent
    if isinstance(places, int) and isinstance(exponent, int) and -exponent > places:
        return f"has {-exponent} digits behind the point", allowed
    lowest, highest = _RANGES.get(str(field.get("api_name")), (number, number))
    if not lowest <= number <= highest:
        return f"{number} is out of range", f"a number from {lowest} to {highest}"
    return None


def _decimal(value: Any) -> Decimal | None:
    """Return a number as it is written in JSON; None if it is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(float(value))) if isfinite(value) else Decimal("NaN")
    number = _whole(value)
    return None if number is None else Decimal(number)


def _check_date(_field: _Field, value: Any) -> Wrong | None:
    allowed = "a date, or text such as 2026-11-30"
    if isinstance(value, dt.datetime):
        return _is(value), allowed
    if isinstance(value, str):
        return None if _is_moment(_DATE, value) else ("is no such date", allowed)
    return None if isinstance(value, dt.date) else (_is(value), allowed)


def _check_datetime(_field: _Field, value: Any) -> Wrong | None:
    allowed = "a datetime with an offset, or text such as 2026-11-30T09:15:00+01:00"
    if isinstance(value, dt.datetime):
        try:
            iso_text(value)
        except ValueError as error:
            return str(error), allowed
        return None
    if isinstance(value, str):
        return None if _is_moment(_DATETIME, value) else ("is no such time", allowed)
    return _is(value), allowed


def _is_moment(form: re.Pattern[str], text: str) -> bool:
    if not form.fullmatch(text):
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_reference(_field: _Field, value: Any) -> Wrong | None:
    allowed = 'the id of a record or user, as {"id": "5725767000000411001"}'
    if not isinstance(value, Mapping):
        return _is(value), allowed
    if "id" not in value:
        return "has no id", allowed
    try:
        check_record_id(value["id"])
    except (TypeError, ValueError):
        return f"has the id {value['id']!r}", allowed
    return None


def _check_rows(_field: _Field, value: Any) -> Wrong | None:
    if not isinstance(value, (list, tuple)):
        return _is(value), "a list of objects"
    others = [row for row in value if not isinstance(row, Mapping)]
    return (f"has a row that {_is(others[0])}", "a list of objects") if others else None


_TEXT: Final = Kind(python="str", check=_check_text)
_NUMBER: Final = Kind(python="float", sql="REAL", check=_check_number)
_REFERENCE: Final = Kind(python="Reference", check=_check_reference)
_ROWS: Final = Kind(python="list[dict[str, Any]]", check=_check_rows)

#: Types whose values Zoho computes, of the type that they return.
_COMPUTED: Final = ("formula", "rollup_summary")

_KINDS: Final[Mapping[str, Kind]] = {
    "text": _TEXT,
    "textarea": _TEXT,
    "phone": _TEXT,
    "email": Kind(python="str", check=_check_pattern(_EMAIL, "an address such as a@b.example")),
    "website": Kind(
        python="str", check=_check_pattern(_WEBSITE, "an address such as https://www.b.example")
    ),
    "picklist": Kind(python="str", check=lambda field, value: _check_choices(field, [value])),
    "multiselectpicklist": Kind(python="list[str]", check=_check_choices),
    "integer": Kind(python="int", sql="INTEGER", check=_check_integer),
    # Zoho sends text, since its numbers are longer than those of a float.
    "bigint": Kind(python="str", sql="INTEGER", check=_check_big_integer),
    "double": _NUMBER,
    "currency": _NUMBER,
    "percent": _NUMBER,
    "boolean": Kind(
        python="bool",
        sql="BOOLEAN",
        check=lambda _, value: None if isinstance(value, bool) else (_is(value), "True or False"),
    ),
    "date": Kind(python="str", sql="DATE", check=_check_date),
    "datetime": Kind(python="str", sql="TIMESTAMP", check=_check_datetime),
    "lookup": _REFERENCE,
    "ownerlookup": _REFERENCE,
    "userlookup": _REFERENCE,
    "multi_module_lookup": _REFERENCE,
    "layout": _REFERENCE,
    "subform": _ROWS,
    "multiselectlookup": _ROWS,
    "multiuserlookup": _ROWS,
    "fileupload": _ROWS,
    "imageupload": _ROWS,
    "autonumber": attrs.evolve(_TEXT, read_only=True),
    "profileimage": attrs.evolve(_TEXT, read_only=True),
}

_OF_JSON_TYPES: Final[Mapping[str, Kind]] = {
    "string": Kind(python="str"),
    "integer": Kind(python="int", sql="INTEGER"),
    "long": Kind(python="int", sql="INTEGER"),
    "double": Kind(python="float", sql="REAL"),
    "boolean": Kind(python="bool", sql="BOOLEAN"),
    "jsonobject": Kind(python="dict[str, Any]"),
    "jsonarray": Kind(python="list[Any]"),
}
