"""What callers give, checked before it becomes part of a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from aiozcrm.errors import InvalidInputError

__all__ = ["check_path", "check_record_id"]

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
