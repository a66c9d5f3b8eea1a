"""What callers give, checked before it becomes part of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from operator import index
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from aiozcrm._protocol._json import iso_text
from aiozcrm.errors import InvalidInputError

__all__ = [
    "check_headers",
    "check_path",
    "check_record_id",
    "encode_query",
    "known_id",
    "path_of",
    "plain_text",
    "web_host",
]

_LONGEST_ID: Final = 19

_TOO_LARGE: Final = 10**_LONGEST_ID

#: Escapes that would change a path's shape once a server decodes them, and broken ones.
_BAD_ESCAPES: Final = r"%(?![0-9a-f]{2})|%(?:2f|5c|3b|3f|23|25|7f|[01][0-9a-f])"

#: What may stand in a path as it is (RFC 3986, section 3.3), and the mark of what is encoded.
_PATH_MARKS: Final = "/:@!$&'()*+,=~%"

_OWN_HEADERS: Final = frozenset(
    {"authorization", "connection", "content-length", "content-type", "host", "transfer-encoding"}
)


def check_record_id(value: object) -> str:
    """Return *value* as the digits of an id, without leading zeros.

    Zoho's ids have 18 or 19 digits and do not fit a float, so a float is rejected even where it
    looks whole.

    Args:
        value: Digits as ``str``, or a whole number: an ``int``, or anything with ``__index__``,
            such as ``numpy.int64``.

    Returns:
        1 to 19 digits. "7" and "007" are one id.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is a string or number that is no id.
        TypeError: If it is of another type.
    """
    if isinstance(value, str):
        # The str() of an Enum would be its name.
        digits = value if type(value) is str else str.__str__(value)
    else:
        number = _whole_number(value, "an id")
        # A number of thousands of digits cannot even be shown.
        digits = str(number) if abs(number) < _TOO_LARGE else "a number of too many digits"
    # isdigit() alone would let other scripts' digits pass.
    if digits.isdigit() and digits.isascii() and len(digits) <= _LONGEST_ID:
        return digits if digits[0] != "0" else str(int(digits))
    from aiozcrm._protocol._references import Reference  # noqa: PLC0415  # rare

    if isinstance(value, Reference):
        return value
    shown = digits if len(digits) <= 2 * _LONGEST_ID else f"{digits[: 2 * _LONGEST_ID]}..."
    raise InvalidInputError(
        f"{shown!r} is not an id.",
        hint=f"An id is 1 to {_LONGEST_ID} of the digits 0 to 9, as Zoho's answers give it.",
    )


def known_id(value: object) -> str | None:
    """Return an id as an answer tells it, by the rule of :func:`check_record_id`.

    Args:
        value: What stands in the answer.

    Returns:
        Digits of a record's id, or another text, such as the id of a file; None where there is
        none, or a number that may have lost digits.
    """
    try:
        return check_record_id(value)
    except InvalidInputError:
        return value if isinstance(value, str) and value else None
    except TypeError:
        return None


def plain_text(text: Any) -> Any:
    """Return what a text holds, whatever ``str()`` makes of it.

    Of an Enum that is a str, that would be the name of the member.

    Args:
        text: A text. One that stands for a value of another part of a call stays as it is, and so
            does what is no text.
    """
    if type(text) is str or not isinstance(text, str):
        return text
    from aiozcrm._protocol._references import Reference  # noqa: PLC0415  # rare

    return text if isinstance(text, Reference) else str.__str__(text)


def check_path(path: str, *, is_whole: bool = False) -> str:
    """Return *path* as it stands behind ``/crm/v7/``, percent-encoded and unable to leave it.

    Args:
        path: The path.
        is_whole: Whether nothing is put before it, so that it may begin with ``crm``.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is empty, tries to climb, holds a query, or begins
            with what stands before it anyway.
        TypeError: If it is no str.
    """
    if not isinstance(path, str):
        raise TypeError(f"a path is a str, not of type {type(path).__name__}")
    cleaned = path.removeprefix("/")
    segments = cleaned.split("/")
    hint = "Give the part behind /crm/v7/, such as 'settings/unsubscribe_links'; use params=."
    if not cleaned.isprintable() or re.search(r"[\s?#\\;]", cleaned):
        raise InvalidInputError(f"{path!r} is not an API path.", hint=hint)
    if any(segment.lower().replace("%2e", ".") in {"", ".", ".."} for segment in segments):
        raise InvalidInputError(f"{path!r} has an empty or climbing segment.", hint=hint)
    if re.search(_BAD_ESCAPES, cleaned, re.IGNORECASE):
        raise InvalidInputError(f"{path!r} has an escape that no path needs.", hint=hint)
    # A module may be called CRM, but what stands before the path is written in small letters.
    doubled = segments[0] == "crm" or re.match(r"crm/(v\d|bulk/)", cleaned, re.IGNORECASE)
    if doubled and not is_whole:
        raise InvalidInputError(
            f"{path!r} begins with /crm/, which is put before it anyway.",
            hint="Give the part behind /crm/v7/; for what stands behind /crm/bulk/v7/, say so "
            "with base='bulk'.",
        )
    return quote(cleaned, safe=_PATH_MARKS)


def check_headers(headers: Mapping[Any, Any]) -> dict[str, str]:
    """Check headers that a caller adds to a request, and return them.

    Raises:
        aiozcrm.errors.InvalidInputError: If a name is no name of a header, a value holds control
            characters, or the header is one that the client sets itself.
        TypeError: If a name or value is no str.
    """
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("headers are pairs of str")
        # https://www.rfc-editor.org/rfc/rfc9110.html#section-5
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise InvalidInputError(f"{name!r} is not the name of a header.")
        if name.lower() in _OWN_HEADERS:
            raise InvalidInputError(f"The client sets {name} itself.")
        if not re.fullmatch(r"[\t\x20-\x7e\xa0-\xff]*", value):
            # The value may be a secret.
            raise InvalidInputError(f"The value of the header {name} has control characters.")
    return {str.__str__(name): str.__str__(value) for name, value in headers.items()}


def path_of(*segments: object) -> str:
    """Return a path of segments that may hold anything, such as the value of an external id.

    Args:
        segments: Texts or whole numbers, each of which stays one segment.

    Raises:
        aiozcrm.errors.InvalidInputError: If one is empty, or would climb.
        TypeError: If one is neither.
    """
    path = []
    for segment in segments:
        text = segment
        if not isinstance(text, str):
            text = str(_whole_number(segment, "a segment of a path"))
        try:
            quoted = quote(text, safe="")
        except UnicodeEncodeError:
            quoted = ""
        if quoted in {"", ".", ".."}:
            raise InvalidInputError(f"{text!r} cannot stand in a path.")
        path.append(quoted)
    return "/".join(path)


def encode_query(query: Mapping[str, Any]) -> str:
    """Return a query as it stands in a URL.

    Args:
        query: Values by name: str, int, bool, date, an aware datetime, or a list or tuple of
            those, which commas then join. What is None is left out.

    Raises:
        TypeError: If a name is no str, or a value is something else.
        ValueError: If a datetime has no offset.
    """
    if not isinstance(query, Mapping):
        raise TypeError(f"a query is a mapping, not of type {type(query).__name__}")
    pairs = []
    for name, value in query.items():
        if not isinstance(name, str):
            raise TypeError(f"the name of a parameter is a str, not of type {type(name).__name__}")
        if isinstance(value, (list, tuple)):
            pairs.append((str.__str__(name), ",".join(_query_text(name, item) for item in value)))
        elif value is not None:
            pairs.append((str.__str__(name), _query_text(name, value)))
    return urlencode(pairs)


def _query_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return iso_text(value)
    return str(_whole_number(value, name))


def _whole_number(value: Any, name: str) -> int:
    if not isinstance(value, bool):
        try:
            return index(value)
        except TypeError:
            pass
    raise TypeError(f"{name} cannot be of type {type(value).__name__}")


def web_host(url: str) -> str:
    """Return the host of an http or https URL; empty if *url* is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in {"http", "https"} else ""
