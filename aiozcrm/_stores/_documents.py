"""What stores that outlive a process write down, as JSON, and what they believe of it later."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attr as attrs

from aiozcrm.errors import ConfigurationError

__all__ = ["KEPT_FOR", "DamagedError", "Kind", "number_in", "read_document", "text_in"]

S = TypeVar("S")

#: For how many seconds a state is kept after the last moment that means anything.
KEPT_FOR: Final = 86_400.0


class DamagedError(ValueError):
    """Content that no store has written. It is handled in the stores, and never leaves them."""


def read_document(content: bytes | str, *, version: int, where: str) -> dict[str, Any]:
    """Return *content*, decoded.

    Args:
        content: What was read.
        version: The newest version that is understood.
        where: What holds the content, for errors.

    Raises:
        DamagedError: If it is no JSON object with a version.
        aiozcrm.errors.ConfigurationError: If it is one, but from a newer version.
    """
    read: object = None
    # What is raised there quotes what was read, so it must not be the context of our own error.
    with contextlib.suppress(ValueError, RecursionError):
        read = json.loads(content)
    document: dict[str, Any] = read if isinstance(read, dict) else {}
    if type(document.get("version")) is not int:
        raise DamagedError
    if document["version"] > version:
        raise ConfigurationError(
            f"{where} was written by a newer aiozcrm and is left alone.",
            hint="Upgrade this one, or give it a store of its own.",
        )
    return document


@attrs.frozen(kw_only=True)
class Kind(Generic[S]):
    """What a store keeps.

    Attributes:
        name: What it is called, in the singular, such as ``token``.
        empty: The state of a key under which nothing is kept.
        entry: Returns a state as JSON holds it.
        read: Returns the state of such an entry; raises `DamagedError`.
        last_moment: Returns the last moment at which a state matters, in seconds since 1970.
    """

    name: str
    empty: S
    entry: Callable[[S], dict[str, Any]]
    read: Callable[[Any], S]
    last_moment: Callable[[S], float]


def text_in(value: Any) -> str:
    """Return a text of an entry, which is not empty.

    Raises:
        DamagedError: If it is none.
    """
    # A line end in a token would end the header that it is sent in.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise DamagedError
    return value


def number_in(value: Any) -> float:
    """Return a number of an entry.

    Raises:
        DamagedError: If it is none.
    """
    number = float(value) if isinstance(value, (int, float)) else math.nan
    if not math.isfinite(number):
        raise DamagedError
    return number
