"""From the bytes of an answer to values that can be trusted, and to words that can be shown."""

from __future__ import annotations

import email.utils
import math
from datetime import UTC
from typing import Final

from aiozcrm._text import printable

__all__ = [
    "excerpt_of",
    "http_time",
    "number_of",
    "sentence_of",
    "shortened",
]

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


def excerpt_of(raw: bytes) -> str:
    return shortened(raw[: 4 * _EXCERPT].decode("utf-8", errors="replace"))


def shortened(text: str) -> str:
    """Return *text* on one line, bounded, and such that it can be printed anywhere."""
    return printable(text, _EXCERPT)


def sentence_of(text: str) -> str:
    """Return somebody else's words as a sentence of ours."""
    words = shortened(text) or "no explanation"
    return words if words.endswith((".", "!", "?")) else f"{words}."
