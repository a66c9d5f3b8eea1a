"""Text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["duration", "in_words", "listed", "name_of", "plural", "printable"]


def in_words(name: str) -> str:
    """Return the name of a status or a fault with spaces in place of underscores."""
    return name.replace("_", " ")


def name_of(record: Mapping[str, Any]) -> str:
    """Return what a record is called: modules name the field for that after themselves."""
    names = ("Full_Name", "Name", "Subject", *(key for key in record if key.endswith("_Name")))
    return next((value for key in names if isinstance(value := record.get(key), str)), "")


def plural(count: int, noun: str) -> str:
    """Return a number and its noun, such as ``2 links``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Iterable[str]) -> str:
    """Return *words* separated by commas; ``none`` if there are none."""
    return ", ".join(words) or "none"


def duration(seconds: float) -> str:
    """Return a time in its two largest units, such as ``2 min 5 s``."""
    whole = round(seconds)
    for size, unit, smaller, smaller_unit in ((3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            large, rest = divmod(whole, size)
            small = rest // smaller
            return f"{large} {unit} {small} {smaller_unit}" if small else f"{large} {unit}"
    return f"{whole} s"


def printable(text: str) -> str:
    """Return *text* as one line; characters that a terminal would act on become escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
