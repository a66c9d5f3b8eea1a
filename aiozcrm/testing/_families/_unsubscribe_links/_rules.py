"""What Zoho wants of an unsubscribe link, and how it says that it did not get it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._schema._field import Field, ItemError
from aiozcrm.testing._wire._answer import Answer, RejectedError, error, rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing.dialect import Dialect

__all__ = [
    "FIELDS",
    "WRAPPER",
    "WRAPPER_PLACE",
    "check_fields",
    "complaint",
    "place_of",
    "read_id",
    "read_item",
]

WRAPPER: Final = "unsubscribe_links"
WRAPPER_PLACE: Final[Mapping[str, Any]] = {"api_name": WRAPPER, "json_path": f"$.{WRAPPER}"}

_ITEM_PATH: Final = f"$.{WRAPPER}[0]"
_ID: Final = re.compile(r"[0-9]{1,19}")

_MISSING: Final = ("MANDATORY_NOT_FOUND", "required field not found")
_INVALID: Final = ("INVALID_DATA", "invalid data")


_FIELDS: Final = (
    Field(api_name="name", mandatory=True, minimum=1, length=50),
    Field(api_name="page_type", mandatory=True, length=8, values=("standard", "custom")),
    Field(
        api_name="submission_action_type",
        mandatory=True,
        length=15,
        values=("display_message", "redirect"),
    ),
    Field(api_name="custom_location_url", type="website", length=250),
    Field(api_name="submission_redirect_url", type="website", length=250),
    Field(api_name="standard_page_message", length=2000),
    Field(api_name="submission_message", length=2000),
)
_MANDATORY: Final = [field.api_name for field in _FIELDS if field.mandatory]

# A field, a value of it, and the field that is needed then.
_DEPENDENCIES: Final = (
    ("page_type", "custom", "custom_location_url"),
    ("submission_action_type", "redirect", "submission_redirect_url"),
    ("submission_action_type", "display_message", "submission_message"),
)

FIELDS: Final = tuple(field.api_name for field in _FIELDS)


def complaint(code: str, message: str, *, status: int = 400, **details: Any) -> RejectedError:
    """Return the rejection of the one item of a body, in the body's wrapper."""
    return RejectedError(Answer(status, {WRAPPER: [error(code, message, details)]}))


def place_of(field: str) -> dict[str, Any]:
    """Return where a field of that item stands, as errors tell it."""
    return {"api_name": field, "json_path": f"{_ITEM_PATH}.{field}"}


def read_item(call: Call, dialect: Dialect) -> Mapping[str, Any]:
    """Return the one item in the body of *call*.

    Raises:
        RejectedError: If there is no such thing.
    """
    items = _read_wrapper(call, dialect)
    if not isinstance(items, list):
        raise _not_one(expected_data_type="jsonarray")
    if not items:
        raise _not_one()
    if len(items) > 1:
        raise _not_one(maximum_length=1)
    [item] = items
    if not isinstance(item, dict):
        raise complaint(
            *_INVALID,
            expected_data_type="jsonobject",
            api_name=WRAPPER,
            json_path=_ITEM_PATH,
        )
    return item


def read_id(item: Mapping[str, Any]) -> str:
    """Return the id in *item*.

    Raises:
        RejectedError: If it is missing or no whole number.
    """
    given = item.get("id")
    if given is None or given == "":
        raise _missing("id")
    # A number is taken for an id too: that is how Zoho's own client sends it.
    text = str(given)
    if not _ID.fullmatch(text):
        raise _invalid("id", expected_data_type="bigint")
    return text


def check_fields(fields: Mapping[str, Any], dialect: Dialect, *, creating: bool) -> None:
    """Check what would become of a link.

    Args:
        fields: All fields, those not given as None.
        dialect: How it is said.
        creating: Whether the link is new. An empty string is then as good as no value.

    Raises:
        RejectedError: If a field is missing or wrong; it names the first.
    """
    for name in _MANDATORY:
        if fields[name] is None or (creating and fields[name] == ""):
            raise _missing(name, status=dialect.mandatory_status if creating else 400)
    for field in _FIELDS:
        _check(field, fields[field.api_name])
    for cause, value, needed in _DEPENDENCIES:
        if fields[cause] == value and not fields[needed]:
            raise _dependent_missing(cause, needed, dialect)


def _read_wrapper(call: Call, dialect: Dialect) -> Any:
    items = call.json_object().get(WRAPPER)
    if items is not None:
        return items
    if dialect.wrapper_missing == "top":
        raise rejected(400, *_MISSING, **WRAPPER_PLACE)
    raise complaint(*_MISSING, **WRAPPER_PLACE)


def _check(field: Field, value: Any) -> None:
    if value is None or (value == "" and not field.mandatory):
        return
    try:
        field.check(value, f"{_ITEM_PATH}.{field.api_name}")
    except ItemError as problem:
        # There is no module; Zoho says so all the same.
        unsupported = "the given module is not supported in create or update"
        message = unsupported if "supported_values" in problem.details else problem.message
        raise complaint(problem.code, message, **problem.details) from None


def _missing(name: str, *, status: int = 400) -> RejectedError:
    return complaint(*_MISSING, status=status, **place_of(name))


def _invalid(name: str, **details: Any) -> RejectedError:
    return complaint(*_INVALID, **(place_of(name) | details))


def _not_one(**details: Any) -> RejectedError:
    return rejected(400, *_INVALID, **{**WRAPPER_PLACE, **details})


def _dependent_missing(cause: str, needed: str, dialect: Dialect) -> RejectedError:
    code = "DEPENDENT_FIELD_MISSING"
    if dialect.dependee == "missing":
        return complaint(
            code, "required field not found", dependee=place_of(needed), **place_of(cause)
        )
    return complaint(
        code, "Dependent field is missing", dependee=place_of(cause), **place_of(needed)
    )
