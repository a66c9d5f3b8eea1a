"""The fake as an HTTP server: whatever arrives is answered, and answered as JSON."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from aiozcrm.testing import FakeZoho, Fault
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Operation
from aiozcrm.testing.contents import Contents

LINKS = b"/crm/v7/settings/unsubscribe_links"
FORM = b"Content-Type: multipart/form-data; boundary=y"


async def send_raw(fake: FakeZoho, data: bytes) -> bytes:
    """Send bytes, and return what comes back until the connection ends."""
    host, _, port = fake.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    received = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return received


def request(path: bytes, body: bytes = b"", *headers: bytes, token: str = "") -> bytes:
    """Return a POST after which the server closes the connection."""
    head = [b"POST " + path + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers]
    head += [b"Authorization: Zoho-oauthtoken " + token.encode()] if token else []
    return b"\r\n".join([*head, b"Content-Length: %d" % len(body), b"", body])


def part(head: bytes) -> bytes:
    """Return a multipart body whose one field names a grant that does not exist."""
    return (
        b"--y\r\nContent-Disposition: form-data; name=grant_type\r\n" + head + b"\r\nx\r\n--y--\r\n"
    )


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(request(LINKS, b"[" * 100_000), 400, "INVALID_DATA", id="nested-deeply"),
        pytest.param(request(LINKS, b"\xff\xfe{"), 400, "INVALID_DATA", id="no-text"),
        pytest.param(request(LINKS, b"1" * 10_000), 400, "INVALID_DATA", id="long-number"),
        pytest.param(request(LINKS, b'{"a": NaN}'), 400, "INVALID_DATA", id="not-a-number"),
        pytest.param(
            request(LINKS, b"garbage", b"Content-Encoding: gzip"), 400, "BAD_REQUEST", id="no-gzip"
        ),
        pytest.param(
            request(LINKS, b"{}", b"Expect: tea"), 417, "EXPECTATION_FAILED", id="expects-tea"
        ),
        pytest.param(b"HELLO\r\n\r\n", 400, "BAD_REQUEST", id="no-http"),
        pytest.param(
            b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST", id="long-line"
        ),
        pytest.param(
            b"GET /crm/v7/settings/%ff%zz?x=%ff HTTP/1.0\r\n\r\n",
            401,
            "AUTHENTICATION_FAILURE",
            id="percent",
        ),
        pytest.param(b"OPTIONS * HTTP/1.0\r\n\r\n", 404, "INVALID_URL_PATTERN", id="star"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_answers_what_is_broken_in_json(
    fake: FakeZoho, token: str, data: bytes, status: int, code: str
) -> None:
    """Requests that no client should send are answered in Zoho's shape, with no 500."""
    data = data.replace(b"Host: x", b"Host: x\r\nAuthorization: Zoho-oauthtoken " + token.encode())
    head, _, body = (await send_raw(fake, data)).partition(b"\r\n\r\n")

    assert head.split(b" ")[1] == str(status).encode()
    assert b"Content-Type: application/json;charset=UTF-8" in head
    assert code in {json.loads(body).get("code"), *map(dict_code, items_of(json.loads(body)))}


def items_of(body: dict[str, Any]) -> list[Any]:
    """Return the items of a body that has a wrapper."""
    return [item for value in body.values() if isinstance(value, list) for item in value]


def dict_code(item: Any) -> str:
    """Return the code of an item."""
    return str(item["code"])


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(b"--x\r\ngarbage", FORM, id="other-boundary"),
        pytest.param(b"--y\r\ngarbage", FORM, id="cut"),
        pytest.param(b"", b"Content-Type: multipart/form-data", id="no-boundary"),
        pytest.param(b"--y\r\n\r\nx\r\n--y--\r\n", FORM, id="no-name"),
        pytest.param(
            b"\xff\xfe=%ff", b"Content-Type: application/x-www-form-urlencoded", id="no-text"
        ),
        pytest.param(b"grant=x", b"Content-Type: no/type; charset=klingon", id="unknown-charset"),
    ],
)
async def test_answers_forms_that_cannot_be_read(
    fake: FakeZoho, body: bytes, header: bytes
) -> None:
    """A form without a grant type lacks its grant type, however broken it is."""
    reply = await send_raw(fake, request(b"/oauth/v2/token", body, header))

    assert reply.startswith(b"HTTP/1.1 400 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2]) == {"error": "invalid_request"}


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="plain"),
        pytest.param(b"Content-Type: text/plain; charset=klingon\r\n", id="charset"),
        pytest.param(b"Content-Transfer-Encoding: base64\r\n", id="base64"),
    ],
)
async def test_reads_the_parts_of_a_form(fake: FakeZoho, head: bytes) -> None:
    """A field of a multipart form counts, whatever is said about it."""
    reply = await send_raw(fake, request(b"/oauth/v2/token", part(head), FORM))

    assert json.loads(reply.partition(b"\r\n\r\n")[2]) == {"error": "invalid_client"}


async def test_tells_a_client_that_waits_to_go_on(fake: FakeZoho, token: str) -> None:
    """``Expect: 100-continue`` is answered before the body has come."""
    host, _, port = fake.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head, _, body = request(LINKS, b"{}", b"Expect: 100-continue", token=token).rpartition(b"{")
    writer.write(head)
    interim = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.write(b"{" + body)
    final = await asyncio.wait_for(reader.read(), 10)
    writer.close()

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert final.startswith(b"HTTP/1.1 400 ")
    assert final.endswith(b"}")


async def test_reads_bodies_of_any_size(fake: FakeZoho, caller: Any, token: str) -> None:
    """A body of several megabytes is read and judged."""
    reply = await caller.call(
        fake,
        "POST",
        "settings/unsubscribe_links",
        token=token,
        data=io.BytesIO(b" " * 3_000_000 + b"{}"),
    )

    assert reply.status == 400
    assert items_of(reply.json)[0]["code"] == "MANDATORY_NOT_FOUND"


async def test_its_own_failures_are_told_in_json(
    fake: FakeZoho, caller: Any, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake in the fake is a 500 as Zoho's, and its traceback is in the log."""
    del fake.orgs[0].org._org
    reply = await caller.call(fake, "GET", "org", token=token)

    assert (reply.status, reply.json["code"]) == (500, "INTERNAL_ERROR")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "AttributeError" in caplog.text


async def test_listens_on_all_addresses_and_names_one(caller: Any) -> None:
    """A fake that listens everywhere says where this machine reaches it."""
    async with FakeZoho(host="0.0.0.0") as fake:  # noqa: S104  # closed again at once
        assert fake.url.startswith("http://127.0.0.1:")
        assert (await caller.ask(fake)).status == 200


async def test_says_where_others_reach_it(caller: Any) -> None:
    """Credentials, token answers and the consent page name the public URL."""
    async with FakeZoho(public_url="https://zoho.example/") as fake:
        port = fake._running[0].addresses[0][1]
        environ = fake.environ()
        form = {
            "grant_type": "refresh_token",
            "client_id": environ["ZOHO_CLIENT_ID"],
            "client_secret": environ["ZOHO_CLIENT_SECRET"],
            "refresh_token": environ["ZOHO_REFRESH_TOKEN"],
        }
        url = f"http://127.0.0.1:{port}/oauth/v2/token"
        answer = (await caller.send("POST", url, data=form)).json

    assert fake.url == environ["ZOHO_API_URL"] == answer["api_domain"] == "https://zoho.example"
    assert fake.credentials().accounts_url == "https://zoho.example"


async def chunks(*, breaks: bool) -> AsyncIterator[bytes]:
    """Yield a body in parts, and perhaps fail behind the first."""
    yield b"first,"
    if breaks:
        raise RuntimeError
    yield b"second"


def streaming(fake: FakeZoho, *, breaks: bool = False) -> None:
    """Let the fake answer the download of a file with a stream."""
    answer = Answer(
        200, headers={"Content-Type": "text/plain"}, stream=lambda: chunks(breaks=breaks)
    )
    operation = Operation(line="GET /files", run=lambda _: answer, verb="download", family="files")
    fake.operations = {**fake.operations, "GET /files": operation}


async def test_streams_answers(fake: FakeZoho, caller: Any, token: str) -> None:
    """An answer may come in parts, and be cut like any other."""
    streaming(fake)
    whole = await caller.call(fake, "GET", "files?id=1", token=token)
    fake.faults.script(Fault.TRUNCATED_BODY)
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.call(fake, "GET", "files?id=1", token=token)

    assert (whole.text, whole.headers["Content-Type"]) == ("first,second", "text/plain")


async def test_an_answer_that_breaks_ends_the_connection(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """Where half of an answer is out, nothing can be said any more."""
    streaming(fake, breaks=True)

    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.call(fake, "GET", "files?id=1", token=token)


def test_the_table_of_contents_can_be_read() -> None:
    """A row of the table is itself, where no org is asked for its part."""
    assert FakeZoho.users is Contents.users
