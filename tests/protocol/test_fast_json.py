"""With orjson, JSON means what it means without. These run where the extra fast is installed."""

import enum
import json
import subprocess
import sys
import uuid
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Self

import hypothesis
import hypothesis.strategies as st
import orjson
import pytest

from aiozcrm._protocol import _json, json_bytes, json_of

Point = namedtuple("Point", "x y")  # noqa: PYI024  # what a program may hand over


class Text(str):
    """A text of another type."""

    __slots__ = ()


class Status(enum.StrEnum):
    """A member of it is a text."""

    NEW = "New"


class Rating(enum.Enum):
    """A member of it is none."""

    HOT = "Hot"
    SINCE = date(2026, 11, 27)


class Stage(enum.StrEnum):
    """A member of it is a text, and its value is something else."""

    def __new__(cls, text: str, value: Any) -> Self:
        """Make a member of its text and of its value."""
        member = str.__new__(cls, text)
        member._value_ = value
        return member

    WON = ("Closed Won", 4)
    LOST = ("Closed Lost", None)

    __repr__ = object.__repr__


class Level(enum.IntEnum):
    """A member of it is a number, and its value is something else."""

    def __new__(cls, number: int, value: Any) -> Self:
        """Make a member of its number and of its value."""
        member = int.__new__(cls, number)
        member._value_ = value
        return member

    HIGH = (3, "high")
    NONE = (0, float("nan"))

    __repr__ = object.__repr__


class Shown(enum.Enum):
    """The values of its members are made when they are read."""

    NEW = "new"
    LOST = "lost"

    @property
    def value(self) -> str:
        """What it stands for."""
        if self is Shown.LOST:
            raise ValueError("no value")
        return f"{self._value_} one"


class Same(enum.Enum):
    """A member of it equals everything."""

    NONE = float("nan")

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = enum.Enum.__hash__


@dataclass
class Plain:
    """No type that JSON knows."""

    a: int = 1


def both(run: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what something comes to with orjson and without: a value, or the type of an error."""

    def outcome() -> Any:
        try:
            return run()
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_json, "_orjson", orjson)
        fast = outcome()
        patch.setattr(_json, "_orjson", None)
        return fast, outcome()


def values() -> st.SearchStrategy[Any]:
    """Return values as records hold them, and some that JSON does not know."""
    special = st.sampled_from(
        [
            None,
            "null",
            float("nan"),
            float("-inf"),
            2**63,
            2**64,
            -(2**63) - 1,
            1e16,
            -0.0,
            Decimal("0.10"),
            Decimal("NaN"),
            date(2026, 11, 27),
            datetime(2026, 11, 27, 9, tzinfo=UTC),
            datetime(2026, 11, 27, 9),  # noqa: DTZ001
            Status.NEW,
            Rating.HOT,
            Stage.WON,
            Stage.LOST,
            Level.HIGH,
            Shown.NEW,
            Shown.LOST,
            Text("x"),
            uuid.UUID(int=7),
            {1},
            b"x",
            "\ud800",
            "Zoë",
        ]
    )
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    return st.recursive(
        plain | special,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        ),
        max_leaves=12,
    )


@hypothesis.given(values())
def test_the_same_is_written(value: Any) -> None:
    """Whatever is given: the same value stands in the JSON, or the same error is raised."""
    fast, plain = both(lambda: json.loads(json_bytes(value)))

    assert repr(fast) == repr(plain)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": float("nan")}, id="nan"),
        pytest.param({"a": float("nan"), "b": None}, id="nan-beside-none"),
        pytest.param({"a": [float("inf")], "b": None}, id="infinity-within"),
        pytest.param({"a": [{"b": None, "c": (float("nan"),)}]}, id="nan-deep-within"),
        pytest.param({"a": {"b": None}}, id="none-within"),
        pytest.param({"null": 1}, id="the-name-null"),
        pytest.param({"id": 2**64 + 1}, id="more-than-64-bits"),
        pytest.param({"a": Decimal("12345678901234567890.10")}, id="decimal"),
        pytest.param({"a": time(9)}, id="time"),
        pytest.param({"a": datetime(2026, 1, 1, 9, 0, 0, 5, UTC)}, id="fraction-of-a-second"),
        pytest.param({"a": Plain()}, id="dataclass"),
        pytest.param({"a": Point(1, 2)}, id="named-tuple"),
        pytest.param({"a": (1, "2")}, id="tuple"),
        pytest.param({"a": Status.NEW, "b": Rating.HOT, "c": Rating.SINCE}, id="enum"),
        pytest.param({Status.NEW: 1}, id="enum-as-a-name"),
        pytest.param({Stage.WON: 1}, id="enum-of-another-value-as-a-name"),
        pytest.param({"a": Stage.WON}, id="text-of-another-value"),
        pytest.param({"a": Stage.LOST, "b": None}, id="text-of-no-value"),
        pytest.param({"a": [{"b": (Level.HIGH,)}]}, id="number-of-another-value"),
        pytest.param({"a": Level.NONE}, id="number-whose-value-is-none"),
        pytest.param({"a": Shown.NEW}, id="value-made-when-read"),
        pytest.param({"a": Same.NONE}, id="equal-to-none"),
        pytest.param({"a": orjson.Fragment(b"1")}, id="encoded-already"),
        pytest.param({"a": uuid.UUID(int=7)}, id="uuid"),
        pytest.param({1: 2, None: 3}, id="names-that-are-no-text"),
        pytest.param(OrderedDict(a=1), id="ordered"),
        pytest.param(MappingProxyType({"a": None}), id="mapping"),
        pytest.param({"a": "\ud800"}, id="half-a-character"),
        pytest.param({"a": object()}, id="object"),
    ],
)
def test_what_only_one_of_them_knows_is_written_alike(value: Any) -> None:
    """Where the two disagree, the standard library decides."""
    fast, plain = both(lambda: json.loads(json_bytes(value)))

    assert fast == plain
    assert isinstance(fast, (dict, tuple))


def test_an_enum_whose_value_cannot_be_read_raises_its_own_error() -> None:
    """It never reaches orjson, which would end the process."""
    fast, plain = both(lambda: json_bytes({"a": Shown.LOST}))

    assert fast == plain == (ValueError, "no value")


@pytest.mark.parametrize("depth", [18, 19, 20, 300])
@pytest.mark.parametrize("leaf", [1, None, float("nan"), Stage.WON])
def test_what_stands_deep_within_is_written_alike(depth: int, leaf: Any) -> None:
    """Also where it is too deep to be given to orjson."""
    value: Any = {"a": leaf}
    for level in range(depth):
        value = {"b": value} if level % 2 else [value]
    fast, plain = both(lambda: json.loads(json_bytes(value)))

    assert fast == plain


def test_what_holds_itself_is_rejected() -> None:
    """However deep it goes, and in however many places."""
    value: dict[str, Any] = {}
    value["a"] = value["b"] = value
    fast, plain = both(lambda: json_bytes(value))

    assert fast == plain == (ValueError, "a JSON value is nested too deeply")


def test_it_writes_bytes_without_blanks() -> None:
    """By which the test knows that orjson was at work."""
    fast, plain = both(lambda: json_bytes({"a": 1.5, "b": [{"c": None}]}))

    assert fast == b'{"a":1.5,"b":[{"c":null}]}'
    assert plain == b'{"a": 1.5, "b": [{"c": null}]}'


@pytest.mark.parametrize(
    "raw",
    [
        b'{"data": [{"id": 9223372036854775807, "a": 1.10, "b": null}]}',
        b'{"id": 18446744073709551615}',
        b' \t\r\n{"a": 1}\n',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN, "b": [-Infinity]}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"a": "Zo\xc3\xab"}',
        b'{"a": "Zo\xeb"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": 1} x',
        b'{"a": 1,}',
        b'{"a": "\x01"}',
        b"[-0, -0.0, 1E5]",
        b"null",
        b"",
        b"<html>",
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
    ],
)
def test_the_same_is_read(raw: bytes) -> None:
    """Answers mean the same, be they sound or not."""
    fast, plain = both(lambda: json_of(raw))

    assert repr(fast) == repr(plain)


@hypothesis.given(st.binary(max_size=18))
def test_any_bytes_are_read_alike(raw: bytes) -> None:
    """What is no JSON is none for both."""
    fast, plain = both(lambda: json_of(raw))

    assert repr(fast) == repr(plain)


@hypothesis.given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_any_value_is_read_alike(value: Any) -> None:
    """Numbers keep their digits, up to 64 bits."""
    raw = json.dumps(value).encode()
    fast, plain = both(lambda: json_of(raw))

    assert repr(fast) == repr(plain) == repr(json.loads(raw))


def test_the_package_works_without_orjson() -> None:
    """It can be imported, and writes JSON by the standard library."""
    program = (
        "import sys; sys.modules['orjson'] = None\n"
        "from aiozcrm._protocol import json_bytes\n"
        "print(json_bytes({'a': 1}).decode())"
    )
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ours

    assert (told.stdout, told.stderr) == ('{"a": 1}\n', "")
