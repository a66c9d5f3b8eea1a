"""What can be known to be wrong with a link's fields before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm._protocol import web_host
from aiozcrm.errors import InvalidInputError

__all__ = ["check_all_given", "check_fields", "check_none_emptied"]

#: https://www.zoho.com/crm/developer/docs/api/v7/create-unsubscribe-link.html
_LONGEST: Final[Mapping[str, int]] = {
    "name": 50,
    "custom_location_url": 250,
    "submission_redirect_url": 250,
    "standard_page_message": 2000,
    "submission_message": 2000,
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "page_type": ("standard", "custom"),
    "submission_action_type": ("display_message", "redirect"),
}
_URLS: Final = frozenset({"custom_location_url", "submission_redirect_url"})
_MANDATORY: Final = ("name", "page_type", "submission_action_type")

#: A field, one of its values, and the field which that value makes necessary.
_DEPENDENT: Final = (
    ("page_type", "custom", "custom_location_url"),
    ("submission_action_type", "redirect", "submission_redirect_url"),
    ("submission_action_type", "display_message", "submission_message"),
)


def check_fields(fields: Mapping[str, Any]) -> None:
    """Refuse what cannot be right, as far as it can be known here."""
    for key, value in fields.items():
        if value is None:
            if key in _MANDATORY:
                raise InvalidInputError(f"{key} cannot be emptied.")
            continue
        if not isinstance(value, str):
            raise TypeError(f"{key} is a str, not {type(value).__name__}")
        choices = _CHOICES.get(key)
        if choices and value not in choices:
            raise InvalidInputError(f"{key} cannot be {value!r}.", hint=f"Use one of: {choices}.")
        longest = _LONGEST.get(key)
        if longest and len(value) > longest:
            raise InvalidInputError(f"{key} has {len(value)} characters.", hint=f"Max {longest}.")
        if key in _URLS and value and ("." not in web_host(value) or re.search(r"\s", value)):
            raise InvalidInputError(f"{key} is no URL of a website: {value!r}.")
    if fields.get("name") == "":
        raise InvalidInputError("name is empty.", hint="Give 1 to 50 characters.")


def check_all_given(fields: Mapping[str, Any]) -> None:
    """Refuse a link that lacks what every link has, or what its own values make necessary."""
    for key in _MANDATORY:
        _check_is_given(fields, key)
    for key, value, needed in _DEPENDENT:
        if fields[key] == value:
            _check_is_given(fields, needed, because=f"{key} is {value!r}")


def check_none_emptied(fields: Mapping[str, Any]) -> None:
    """Refuse a change that empties what its other values make necessary."""
    for key, value, needed in _DEPENDENT:
        if fields.get(key) == value and needed in fields:
            _check_is_given(fields, needed, because=f"{key} is {value!r}")


def _check_is_given(fields: Mapping[str, Any], key: str, *, because: str = "") -> None:
    if not fields.get(key):
        reason = f", since {because}" if because else ""
        raise InvalidInputError(f"{key} is missing{reason}.")
