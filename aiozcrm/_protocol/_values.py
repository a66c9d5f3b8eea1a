"""From the bytes of an answer to values that can be trusted, and to words that can be shown."""

from __future__ import annotations

import email.utils
import json
import math
from datetime import UTC
from typing import Any, Final

from aiozcrm._text import printable

__all__ = [
    "excerpt_of",
    "http_time",
    "json_object_of",
    "json_of",
    "number_of",
    "sentence_of",
    "shortened",
]

#: What json.loads comes to, less its guess at the encoding, since Zoho's answers are UTF-8, and
#: its regular expressions for blanks.
_decode: Final = json.JSONDecoder().raw_decode

#: What may stand around a JSON value (RFC 8259, section 2).
_BLANKS: Final = " \t\n\r"

_EXCERPT: Final = 300


def number_of(value: object) -> float | None:
    """Return *value* as a finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def http_time(date: str) -> float | None:
    """Return the moment that a date of HTTP tells, in seconds since 1970; None if it is none."""
    try:
        moment = email.utils.parsedate_to_datetime(date)
        # HTTP dates are in UTC, also those that do not say so.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def json_of(raw: bytes) -> Any:
    try:
        text = raw.decode().strip(_BLANKS)
        value, end = _decode(text)
    except (ValueError, RecursionError):  # undecodable bytes are a ValueError too
        return None
    return value if end == len(text) else None


def json_object_of(raw: bytes) -> dict[str, Any]:
    data = json_of(raw)
    return data if isinstance(data, dict) else {}


def excerpt_of(raw: bytes) -> str:
    return shortened(raw[: 4 * _EXCERPT].decode("utf-8", errors="replace"))


def shortened(text: str) -> str:
    """Return *text* on one line, bounded, and such that it can be printed anywhere."""
    return printable(text, _EXCERPT)


def sentence_of(text: str) -> str:
    """Return somebody else's words as a sentence of ours."""
    words = shortened(text) or "no explanation"
    return words if words.endswith((".", "!", "?")) else f"{words}."
