"""What a request carries, and how JSON is written."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import index
from typing import Any, ClassVar, Final, Protocol, TypeAlias
from urllib.parse import urlencode

__all__ = ["Body", "Json", "PlainForm", "RunBlocking", "iso_text", "json_bytes", "json_text"]

#: Runs a function that blocks and returns its result, as ``asyncio.to_thread`` does.
RunBlocking: TypeAlias = Callable[..., Awaitable[Any]]

#: Stands before the digits of a Decimal in the encoded text, in quotes that are then removed. It
#: is random, so no text of yours holds it.
_DECIMAL_MARK: Final = os.urandom(16).hex()

#: Holds the mark as soon as one was written: until then no text has to be searched for it.
_written_marks: Final[set[str]] = set()

#: A Decimal beyond this many digits is written with an exponent.
_MOST_DIGITS: Final = 400


class Body(Protocol):
    """What a request carries."""

    @property
    def content_type(self) -> str:
        """The media type."""

    @property
    def length(self) -> int | None:
        """How many bytes it has; None where that is only known at its end."""

    @property
    def repeatable(self) -> bool:
        """Whether it can be read, and so sent, more than once."""

    def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Args:
            run: Runs what blocks, such as ``asyncio.to_thread``.
        """


class Json:
    """A JSON value. It is encoded when it is made, so that nothing is sent if it cannot be.

    Besides what JSON knows, a value may hold dates, aware datetimes, Decimals, mappings, and
    whole numbers of other libraries (anything with ``__index__``).

    Args:
        value: The value.

    Attributes:
        value: What was given.
        content: The encoded bytes.

    Raises:
        TypeError: If it holds something else, such as a set.
        ValueError: If it holds NaN, an infinity, a datetime without an offset, or itself.
    """

    __slots__ = ("content", "value")

    content_type: ClassVar[str] = "application/json"
    repeatable: ClassVar[bool] = True

    def __init__(self, value: Any) -> None:
        self.value = value
        self.content = json_bytes(value)

    @classmethod
    def encoded(cls, content: bytes) -> Json:
        """Return a value that is encoded already, such as rows that were encoded one by one."""
        json = cls.__new__(cls)
        json.value = None
        json.content = content
        return json

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.content)} bytes)"

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    async def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:  # noqa: ARG002  # see Body
        """Yield the bytes, in one piece."""
        yield self.content


class PlainForm(Json):
    """Texts by name, as a plain form of a page sends them.

    Args:
        value: The texts.
    """

    __slots__ = ()

    content_type: ClassVar[str] = "application/x-www-form-urlencoded"

    def __init__(self, value: Mapping[str, str]) -> None:
        self.value = None
        self.content = urlencode(value).encode()


def iso_text(moment: date) -> str:
    """Return a date or an aware datetime as Zoho writes it: to the second, with an offset.

    Raises:
        ValueError: If it is a datetime without an offset, or one that is none.
    """
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if moment != moment:  # noqa: PLR0124  # the NaT of pandas
        raise ValueError("a datetime that is none (NaT)")
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"a datetime needs an offset (tzinfo): {moment.isoformat()}")
    if offset % timedelta(minutes=1):
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds")


def json_bytes(value: object) -> bytes:
    """Return a value encoded as JSON.

    Raises:
        TypeError: If it holds what JSON does not know, such as a set.
        ValueError: If it holds NaN, an infinity, a datetime without an offset, or itself.
    """
    return json_text(value).encode()


def json_text(value: object) -> str:
    """Return a value as JSON.

    Raises:
        TypeError: As for :func:`json_bytes`.
        ValueError: The same.
    """
    try:
        text = "".join(_parts_of(value, 0))
    except RecursionError:
        raise ValueError("a JSON value is nested too deeply") from None
    if _written_marks and _DECIMAL_MARK in text:
        # Only the mark's own quotes are followed by it.
        parts = text.split(f'"{_DECIMAL_MARK}')
        text = parts[0] + "".join(part.replace('"', "", 1) for part in parts[1:])
    return text


def _other_value(value: object) -> object:
    """Return in JSON's own types what JSON does not know."""
    # Anything else comes rarely, so it costs only programs that use it.
    from decimal import Decimal  # noqa: PLC0415

    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"JSON has no number {value}")
        _written_marks.add(_DECIMAL_MARK)
        plain = abs(value.adjusted()) < _MOST_DIGITS
        return _DECIMAL_MARK + (format(value, "f") if plain else str(value))
    if isinstance(value, date):
        return iso_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__index__"):
        return index(value)
    raise TypeError(f"JSON cannot hold a {type(value).__name__}")


def _encoder() -> Callable[[object, int], Iterable[str]]:
    """Return what encodes a value, in parts.

    An encoder of the standard library makes a new C encoder for each value, which costs a third
    of what a record does. Here one encodes all; what holds itself ends it by its depth.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # pragma: no cover  # a Python without its C part
        slow = json.JSONEncoder(allow_nan=False, default=_other_value)
        return lambda value, _: slow.iterencode(value)
    quote = json.encoder.encode_basestring_ascii
    parts: Callable[[object, int], Iterable[str]] = make(
        None, _other_value, quote, None, ": ", ", ", False, False, False
    )
    return parts


_parts_of: Final = _encoder()
