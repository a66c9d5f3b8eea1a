"""How JSON is read and written.

By the standard library, or by orjson where that is installed (extra ``fast``). What comes out means
the same: whatever the two disagree about is left to the standard library. Only JSON's own types are
given to orjson: it crashes over an Enum whose value cannot be read, and writes NaN as null.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from operator import index
from typing import Any, Final
from uuid import UUID

__all__ = [
    "BLANKS",
    "iso_text",
    "json_bytes",
    "json_object_of",
    "json_of",
    "json_text",
    "json_value",
    "raw_decode",
]


try:
    import orjson
except ImportError:
    _orjson: Any = None
else:
    _orjson = orjson

#: The types whose values mean the same to both, whatever the value. Of those derived from them the
#: standard library writes the text or the number, orjson the value that an Enum gives.
_SIMPLE: Final = frozenset({bool, int, str, type(None)})

#: How many lists and objects orjson is given in one another. Rows of records have two or three.
_DEEPEST: Final = 20

#: What json.loads comes to, less its guess at the encoding, since Zoho's answers are UTF-8, and
#: its regular expressions for blanks.
raw_decode: Final = json.JSONDecoder().raw_decode

#: What may stand around a JSON value (RFC 8259, section 2).
BLANKS: Final = " \t\n\r"

#: A text of so many bytes has so many objects that Python's collector runs while it is decoded.
_LONG: Final = 64 * 1024

#: Stands before the digits of a Decimal in the encoded text, in quotes that are then removed. It
#: is random, so no text of yours holds it.
_DECIMAL_MARK: Final = os.urandom(16).hex()

#: Holds the mark as soon as one was written: until then no text has to be searched for it.
_written_marks: Final[set[str]] = set()

#: A Decimal beyond this many digits is written with an exponent.
_MOST_DIGITS: Final = 400


def json_of(raw: bytes) -> Any:
    """Return the value that some bytes hold as JSON; None if they hold none.

    While a long text is decoded, Python's collector rests. It would look through everything that
    the program has, for 10 ms and more, and find nothing: no part of what is decoded is garbage.
    """
    if len(raw) < _LONG or not gc.isenabled():
        return _value_of(raw)
    gc.disable()
    try:
        return _value_of(raw)
    finally:
        gc.enable()


def _value_of(raw: bytes) -> Any:
    if _orjson is not None:
        try:
            return _orjson.loads(raw)
        except ValueError:
            # Such as half of a character's escape, which the standard library takes.
            pass
    try:
        text = raw.decode().strip(BLANKS)
        value, end = raw_decode(text)
    except (ValueError, RecursionError):  # undecodable bytes are a ValueError too
        return None
    return value if end == len(text) else None


def json_object_of(raw: bytes) -> dict[str, Any]:
    """Return the object that some bytes hold as JSON; an empty one if they hold none."""
    data = json_of(raw)
    return data if isinstance(data, dict) else {}


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
    content = None if _orjson is None else _by_orjson(value)
    return _by_json(value).encode() if content is None else content


def json_text(value: object) -> str:
    """Return a value as JSON.

    Raises:
        TypeError: As for :func:`json_bytes`.
        ValueError: The same.
    """
    content = None if _orjson is None else _by_orjson(value)
    return _by_json(value) if content is None else content.decode()


def _by_orjson(value: object) -> bytes | None:
    """Return what orjson makes of a value; None if that is left to the standard library."""
    if not _is_plain(value, _DEEPEST):
        return None
    try:
        content: bytes = _orjson.dumps(value)
    except TypeError:
        # Such as a number of more than 64 bits, or a key that is no text.
        return None
    return content


def _is_plain(value: Any, deepest: int) -> bool:
    """Return whether a value is of JSON's own types, and not of those derived from them.

    Lists and objects are searched too, down to *deepest* of them in one another.
    """
    kind = type(value)
    if kind is dict:
        values: Iterable[Any] = value.values()
    elif kind is list or kind is tuple:
        values = value
    elif kind is float:
        # Only of NaN and an infinity the difference is none.
        return not value - value
    else:
        return kind in _SIMPLE
    if not deepest:
        return False
    for each in values:
        if type(each) not in _SIMPLE and not _is_plain(each, deepest - 1):
            return False
    return True


def _by_json(value: object) -> str:
    """Return what the standard library makes of a value."""
    try:
        text = "".join(_parts_of(value, 0))
    except RecursionError:
        raise ValueError("a JSON value is nested too deeply") from None
    if _written_marks and _DECIMAL_MARK in text:
        # Only the mark's own quotes are followed by it.
        parts = text.split(f'"{_DECIMAL_MARK}')
        text = parts[0] + "".join(part.replace('"', "", 1) for part in parts[1:])
    return text


def json_value(value: object) -> object:
    """Return in JSON's own types what JSON does not know; a Decimal as marked text.

    Raises:
        TypeError: If it cannot be written as JSON.
        ValueError: The same, for a Decimal that is no number, or a datetime without an offset.
    """
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
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
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
        slow = json.JSONEncoder(allow_nan=False, default=json_value)
        return lambda value, _: slow.iterencode(value)
    quote = json.encoder.encode_basestring_ascii
    parts: Callable[[object, int], Iterable[str]] = make(
        None, json_value, quote, None, ": ", ", ", False, False, False
    )
    return parts


_parts_of: Final = _encoder()
