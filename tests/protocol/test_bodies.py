"""One value for a call, its body and its answer."""

import io
import json
import math
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from aiozcrm._protocol import ApiCall, Body, File, Form, Json, Reply
from aiozcrm.errors import InvalidInputError

BERLIN = timezone(timedelta(hours=2))


class Whole:
    """A whole number of another library, such as numpy's."""

    def __index__(self) -> int:
        """Return its value."""
        return 2309216000000582097


class NoMoment(datetime):
    """A missing moment of another library, such as pandas' NaT: unequal even to itself."""

    def __ne__(self, other: object) -> bool:
        """Return True."""
        return True


async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run what blocks without a thread."""
    return function(*arguments)


async def content_of(body: Body) -> bytes:
    """Return all bytes of a body."""
    return b"".join([piece async for piece in body.chunks(at_once)])


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    """Yield pieces, once."""
    for piece in pieces:
        yield piece


# A call


@pytest.mark.parametrize(
    ("method", "repeatable", "expected"),
    [
        ("GET", None, True),
        ("DELETE", None, True),
        ("PUT", None, True),
        ("POST", None, False),
        ("PATCH", None, False),
        ("POST", True, True),
        ("PUT", False, False),
    ],
)
def test_the_call_knows_whether_it_may_be_repeated(
    method: str,
    repeatable: bool | None,  # a table
    expected: bool,
) -> None:
    """The method decides what may be sent twice, unless the call says otherwise."""
    assert ApiCall(method, "Leads", repeatable=repeatable).may_repeat is expected


def test_shows_neither_headers_nor_data() -> None:
    """Headers may hold secrets, and an answer may be large."""
    call = ApiCall("GET", "Leads", headers={"X": "secret"}, body=Json({"password": "secret"}))
    reply = Reply(200, {"X": "secret"}, {"a": "secret"}, 1)

    assert "secret" not in repr(call) + repr(reply)


def test_a_call_may_be_made_from_another() -> None:
    """A next page is the same call with another query."""
    call = ApiCall("GET", "Leads", query={"fields": "Email"}, heavy=True, headers={"X": "y"})

    page = call.replace(query={"page_token": "t"})

    assert page.query == {"page_token": "t"}
    assert call.query == {"fields": "Email"}
    assert (page.method, page.path, page.heavy, page.headers) == ("GET", "Leads", True, {"X": "y"})


# JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"a": [1, None, True, "x"]}, '{"a": [1, null, true, "x"]}', id="plain"),
        pytest.param(date(2026, 2, 28), '"2026-02-28"', id="date"),
        pytest.param(
            datetime(2026, 2, 28, 9, 5, 7, 999_999, BERLIN),
            '"2026-02-28T09:05:07+02:00"',
            id="datetime-without-fraction",
        ),
        pytest.param(datetime(2026, 2, 28, tzinfo=UTC), '"2026-02-28T00:00:00+00:00"', id="utc"),
        pytest.param(
            datetime(1890, 1, 1, 0, 53, 28, tzinfo=timezone(timedelta(minutes=53, seconds=28))),
            '"1890-01-01T00:00:00+00:00"',
            id="offset-with-seconds",
        ),
        pytest.param(
            {"Amount": Decimal("12345678901234567890.123456789")},
            '{"Amount": 12345678901234567890.123456789}',
            id="decimal",
        ),
        pytest.param(
            [Decimal("0.10"), "0.10", Decimal("1E+3")], '[0.10, "0.10", 1000]', id="three"
        ),
        pytest.param(Decimal("-0.0000000001"), "-0.0000000001", id="small-decimal"),
        pytest.param(Decimal("1E+999999"), "1E+999999", id="huge-decimal"),
        pytest.param({"id": Whole()}, '{"id": 2309216000000582097}', id="foreign-whole-number"),
        pytest.param(MappingProxyType({"a": MappingProxyType({})}), '{"a": {}}', id="mapping"),
    ],
)
def test_writes_values_as_zoho_wants_them(value: object, text: str) -> None:
    """Dates are in ISO form, Decimals keep all their digits, mappings are objects."""
    body = Json(value)

    # orjson leaves the blanks out.
    assert body.content.decode().replace(" ", "") == text.replace(" ", "")
    assert body.length == len(body.content)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param({"a": math.nan}, ValueError, id="nan"),
        pytest.param([math.inf], ValueError, id="infinity"),
        pytest.param(Decimal("NaN"), ValueError, id="decimal-nan"),
        pytest.param(Decimal("-Infinity"), ValueError, id="decimal-infinity"),
        pytest.param({"a": {1}}, TypeError, id="set"),
        pytest.param({"a": b"x"}, TypeError, id="bytes"),
        pytest.param(object(), TypeError, id="object"),
        pytest.param(time(9), TypeError, id="time"),
        pytest.param({(1, 2): 3}, TypeError, id="tuple-as-key"),
        pytest.param(NoMoment(2026, 1, 1, tzinfo=UTC), ValueError, id="no-moment"),
        pytest.param({"a": [datetime(2026, 1, 1)]}, ValueError, id="naive"),  # noqa: DTZ001
    ],
)
def test_rejects_what_json_cannot_hold(value: object, kind: type[Exception]) -> None:
    """What cannot be written is told when the body is made, so nothing is sent."""
    with pytest.raises(kind):
        Json(value)


def test_rejects_endless_values() -> None:
    """A value that holds itself, or goes too deep, is a ValueError."""
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    for value in (loop, deep):
        with pytest.raises(ValueError, match=r"."):
            Json(value)


async def test_json_can_be_sent_again() -> None:
    """Its bytes are made once."""
    body = Json({"a": 1})

    assert body.repeatable
    assert body.content_type == "application/json"
    assert await content_of(body) == await content_of(body) == body.content
    assert json.loads(body.content) == {"a": 1}


# Files


async def test_reads_a_path_as_often_as_asked(tmp_path: Path) -> None:
    """A path knows its length and name, and can be sent again."""
    path = tmp_path / "photo.png"
    path.write_bytes(b"x" * 3_000_000)
    file = File(path)

    assert (file.name, file.length, file.repeatable) == ("photo.png", 3_000_000, True)
    assert [len(piece) async for piece in file.chunks(at_once)] == [1_048_576, 1_048_576, 902_848]
    assert await content_of(File(str(path))) == path.read_bytes()


async def test_reads_an_open_file_from_where_it_stands() -> None:
    """An open file that can seek is sent from its place, also a second time."""
    source = io.BytesIO(b"0123456789")
    source.seek(4)
    file = File(source, "digits.txt", content_type="text/plain")

    assert (file.length, file.repeatable, file.content_type) == (6, True, "text/plain")
    assert await content_of(file) == await content_of(file) == b"456789"


async def test_takes_the_name_of_an_open_file(tmp_path: Path) -> None:
    """A file from the disk has its name with it."""
    (tmp_path / "a.csv").write_bytes(b"a")
    with (tmp_path / "a.csv").open("rb") as source:
        assert File(source).name == "a.csv"


async def test_reads_a_pipe_once() -> None:
    """What cannot seek has no length and cannot be sent again."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source:
        os.write(writer, b"abc")
        os.close(writer)
        file = File(source, "pipe")

        assert (file.length, file.repeatable) == (None, False)
        assert await content_of(file) == b"abc"


async def test_reads_a_stream_once() -> None:
    """An async iterable has no length and cannot be sent again."""
    file = File(stream(b"ab", b"", b"c"), "x")

    assert (file.length, file.repeatable) == (None, False)
    assert await content_of(file) == b"abc"


async def test_takes_bytes() -> None:
    """Bytes at hand are a file, too."""
    file = File(b"abc", "x")

    assert (file.length, file.repeatable) == (3, True)
    assert await content_of(file) == b"abc"


async def test_sends_no_more_and_no_less_than_promised(tmp_path: Path) -> None:
    """A file that grows is cut, one that shrinks is an error: the length was told before."""
    path = tmp_path / "log"
    path.write_bytes(b"0123456789")
    file = File(path)
    path.write_bytes(b"0123456789 and more")
    assert await content_of(file) == b"0123456789"

    path.write_bytes(b"01234")
    with pytest.raises(InvalidInputError, match="shorter"):
        await content_of(file)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        pytest.param(b"abc", InvalidInputError, id="no-name"),
        pytest.param(".", InvalidInputError, id="folder"),
        pytest.param("no/such/file", FileNotFoundError, id="missing"),
        pytest.param(7, TypeError, id="number"),
        pytest.param(None, TypeError, id="none"),
        pytest.param([b"abc"], TypeError, id="list"),
        pytest.param(io.StringIO("abc"), TypeError, id="text-file"),
    ],
)
def test_rejects_what_is_no_file(source: Any, kind: type[Exception]) -> None:
    """A file needs bytes and a name."""
    with pytest.raises(kind):
        File(source)


# Forms


async def test_writes_forms() -> None:
    """A form has its fields, its files and the length that it says."""
    form = Form(
        [("file", File(b"\x00\r\n1", 'a "b"\r\n.bin')), ("file", File(b"2", "\u00e9.txt"))],
        {"title": "T\u00eftle"},
    )

    content = await content_of(form)
    head = f"Content-Type: {form.content_type}\r\n\r\n".encode()
    parts = list(BytesParser(policy=HTTP).parsebytes(head + content).iter_parts())

    assert len(content) == form.length
    assert form.repeatable
    assert [part.get_payload(decode=True) for part in parts] == [
        "T\u00eftle".encode(),
        b"\x00\r\n1",
        b"2",
    ]
    assert b'filename="a %22b%22%0D%0A.bin"' in content


async def test_a_form_is_no_better_than_its_files() -> None:
    """A stream in it takes away its length and the second try."""
    form = Form([("file", File(stream(b"abc"), "x"))])

    assert form.length is None
    assert not form.repeatable
    assert b"abc" in await content_of(form)
