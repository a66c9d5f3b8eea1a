"""What callers give, checked before it becomes part of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from operator import index
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiozcrm._protocol._bodies import iso_text
from aiozcrm.errors import InvalidInputError

__all__ = ["check_path", "check_record_id", "encode_query", "path_of"]

_LONGEST_ID: Final = 19

_TOO_LARGE: Final = 10**_LONGEST_ID

#: Escapes that would change a path's shape once a server decodes them, and broken ones.
_BAD_ESCAPES: Final = re.compile(
    r"%(?![0-9a-f]{2})|%(?:2f|5c|3f|23|25|7f|[01][0-9a-f])",
    re.IGNORECASE,
)

#: What may stand in a path as it is (RFC 3986, section 3.3), and the mark of what is encoded.
_PATH_MARKS: Final = "/:@!$&'()*+,;=~%"


def check_record_id(value: object) -> str:
    """Return *value* as the digits of an id.

    Zoho's ids have 18 or 19 digits and do not fit a float, so a float is refused even where it
    looks whole.

    Args:
        value: Digits as ``str``, or an ``int``.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is a string or number that is no id.
        TypeError: If it is of another type.
    """
    if type(value) is str:
        digits = value
    elif isinstance(value, int) and not isinstance(value, bool):
        # A number of thousands of digits cannot even be shown.
        digits = str(value) if abs(value) < _TOO_LARGE else "a number of too many digits"
    elif isinstance(value, str):
        digits = str(value)
    else:
        raise TypeError(f"an id is a str or int of digits, not {type(value).__name__}")
    # isdigit() alone would let other scripts' digits pass.
    if digits.isdigit() and digits.isascii() and len(digits) <= _LONGEST_ID:
        return digits
    shown = digits if len(digits) <= 2 * _LONGEST_ID else f"{digits[: 2 * _LONGEST_ID]}..."
    raise InvalidInputError(
        f"{shown!r} is not an id.",
        hint=f"An id is 1 to {_LONGEST_ID} of the digits 0 to 9, as Zoho's answers give it.",
    )


def check_path(path: str) -> str:
    """Return *path* as it stands behind ``/crm/v7/``, percent-encoded and unable to leave it.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is empty, tries to climb, or holds a query.
    """
    cleaned = path.removeprefix("/")
    segments = cleaned.split("/")
    hint = "Give the part behind /crm/v7/, such as 'settings/unsubscribe_links'; use params=."
    if not cleaned.isprintable() or re.search(r"[\s?#\\]", cleaned):
        raise InvalidInputError(f"{path!r} is not an API path.", hint=hint)
    if any(segment.lower().replace("%2e", ".") in {"", ".", ".."} for segment in segments):
        raise InvalidInputError(f"{path!r} has an empty or climbing segment.", hint=hint)
    if _BAD_ESCAPES.search(cleaned):
        raise InvalidInputError(f"{path!r} has an escape that no path needs.", hint=hint)
    if re.match(r"crm/v\d", cleaned, re.IGNORECASE):
        raise InvalidInputError(f"{path!r} repeats /crm/ and the version.", hint=hint)
    return quote(cleaned, safe=_PATH_MARKS)


def path_of(*segments: object) -> str:
    """Return a path of segments that may hold anything, such as the value of an external id.

    Args:
        segments: Texts or whole numbers, each of which stays one segment.

    Raises:
        aiozcrm.errors.InvalidInputError: If one is empty, or would climb.
        TypeError: If one is neither.
    """
    return "/".join(map(_segment, segments))


def _segment(value: object) -> str:
    text = value if isinstance(value, str) else str(_whole_number(value, "a segment of a path"))
    if text in {"", ".", ".."}:
        raise InvalidInputError(f"{text!r} cannot stand in a path.")
    return quote(text, safe="")


def encode_query(query: Mapping[str, Any]) -> str:
    """Return a query as it stands in a URL.

    Args:
        query: Values by name: str, int, bool, date, an aware datetime, or a list or tuple of
            those, which commas then join. What is None is left out.

    Raises:
        TypeError: If a name is no str, or a value is something else.
        ValueError: If a datetime has no offset.
    """
    if not query:
        return ""
    for name in query:
        if not isinstance(name, str):
            raise TypeError(f"the name of a parameter is a str, not {type(name).__name__}")
    return urlencode({n: _query_text(n, v) for n, v in query.items() if v is not None})


def _query_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        if not all(
            isinstance(item, (str, int, date)) or hasattr(item, "__index__") for item in value
        ):
            raise TypeError(f"{name}: a list of a query holds text, whole numbers or dates")
        return ",".join(_query_text(name, item) for item in value)
    if isinstance(value, date):
        return iso_text(value)
    return str(_whole_number(value, name))


def _whole_number(value: object, name: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} cannot be a {type(value).__name__}")
    return index(value)
