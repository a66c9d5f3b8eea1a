"""Answers that are read as they come, and bodies that are read while they are sent."""

import asyncio
import contextlib
import io
import json
import tracemalloc
from types import SimpleNamespace

import aiohttp
import attrs
import pytest

from aiozcrm import Timeouts, ZohoCRM
from aiozcrm._http import AiohttpSender, OneTimeSender
from aiozcrm._protocol import ApiCall, File, Form, Json, Request, Response, Streamed
from aiozcrm.errors import (
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    InvalidInputError,
    NotFoundError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)

MIB = 2**20
TOKEN = b'{"access_token": "1000.secret.part", "expires_in": 3600}'


@pytest.fixture
async def server():
    """Serve what the test says, one handler for each request; note what came."""
    server = SimpleNamespace(handlers=[], heads=[], bodies=[], connections=0)

    async def serve(reader, writer):
        server.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    (
                        int(line[15:])
                        for line in head.split("\r\n")
                        if line[:15] == "Content-Length:"
                    ),
                    0,
                )
                if "/oauth/" in head or "/org " in head:
                    await reader.readexactly(length)
                    writer.write(answer(TOKEN))
                    continue
                server.heads.append(head)
                handler = server.handlers.pop(0)
                if await handler(reader, writer, length) == "close":
                    break
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


def answer(body, *, status=200, headers=""):
    """Return an answer as it stands on the wire."""
    head = f"HTTP/1.1 {status} Well\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def sends(*parts, end=None):
    """Return a handler that sends parts, with a turn of the loop between them."""

    async def handle(_reader, writer, _length):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        return end

    return handle


@pytest.fixture
async def crm(server, credentials, quick):
    """Yield a client of that server."""
    settings = attrs.evolve(credentials, accounts_url=server.origin, api_url=server.origin)
    async with ZohoCRM(settings, retries=quick) as zoho:
        yield zoho


FILE = ApiCall("GET", "files/1", host="download")


async def read(zoho, call=FILE):
    """Return status and body of a streamed answer."""
    async with zoho._transport.stream(call) as streamed:
        return streamed.status, b"".join([piece async for piece in streamed.chunks])


async def read_from(sender, server, meanwhile=None):
    """Read an answer from a sender, and call a function when its first piece is there."""
    async with sender.stream(Request("GET", server.origin, "/", {})) as streamed:
        async for _ in streamed.chunks:
            if meanwhile is not None:
                await meanwhile()


async def test_a_stream_hands_out_the_body_as_it_comes(crm, server):
    """Headers first, then the pieces; the connection serves the next request."""
    server.handlers += [sends(answer(b"abc" * 1000)), sends(answer(b""))]
    async with crm._transport.stream(FILE) as streamed:
        assert (200, "3000") == (streamed.status, streamed.headers["Content-Length"])
        assert "Streamed(200)" == repr(streamed)
        body = b"".join([piece async for piece in streamed.chunks])
        assert 0 == crm._transport.in_flight.in_flight  # a long download blocks no call

    assert b"abc" * 1000 == body
    assert (200, b"") == await read(crm)
    assert "Authorization: Zoho-oauthtoken 1000.secret.part" in server.heads[0]
    assert "Accept-Encoding: identity" in server.heads[0]
    assert 1 == server.connections


@pytest.mark.system
async def test_a_stream_of_any_length_stays_small_in_memory(crm, server):
    """200 MiB are read in pieces."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (200 * MIB)
    server.handlers.append(sends(head, *[bytes(MIB)] * 200))
    size = 0
    tracemalloc.start()
    try:
        async with crm._transport.stream(FILE) as streamed:
            async for piece in streamed.chunks:
                size += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert 200 * MIB == size
    assert peak < 16 * MIB


async def test_a_stream_is_sent_again_until_its_first_piece_is_there(crm, server):
    """A server error, a lost connection, and headers without a body heal like any other call."""
    server.handlers += [
        sends(answer(b"<html>", status=502)),
        sends(end="close"),
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", end="close"),
        sends(answer(b"a file")),
    ]
    assert (200, b"a file") == await read(crm)
    assert 4 == len(server.heads)


async def test_a_stream_that_breaks_says_so(crm, server):
    """What was read before is not taken for the whole."""
    server.handlers.append(
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"abc", end="close")
    )
    got = []

    with pytest.raises(ConnectionLostError) as caught:
        async with crm._transport.stream(FILE) as streamed:
            got += [piece async for piece in streamed.chunks]

    assert isinstance(caught.value.__cause__, aiohttp.ClientPayloadError)
    assert 1 == caught.value.attempts


async def test_a_stream_ends_if_a_piece_does_not_come_in_time(server):
    """There is no limit for the whole, but one between two pieces."""
    server.handlers += [
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
        sends(),
    ]
    sender = AiohttpSender(timeouts=Timeouts(request=0.05, call=0.06), connections=1)
    for _ in range(2):
        with pytest.raises(RequestTimeoutError):
            await read_from(sender, server)
    await sender.close()


async def test_an_error_of_a_stream_is_that_of_any_call(crm, server):
    """An unknown file, and a page without end, of which only the beginning is read."""
    gone = b'{"code": "INVALID_DATA", "details": {"resource_path_index": 1}, "status": "error"}'
    endless = b"HTTP/1.1 501 No\r\nContent-Length: %d\r\n\r\n" % (300 * MIB)
    server.handlers += [sends(answer(gone, status=404)), sends(endless, *[b"x" * MIB] * 300)]

    with pytest.raises(NotFoundError) as caught:
        await read(crm)
    assert 1 == caught.value.attempts
    with pytest.raises(ServerError):
        await read(crm)
    assert 0 == crm._transport.in_flight.in_flight


async def test_a_stream_that_is_left_early_closes_its_connection(crm, server):
    """The rest of the body is not read."""
    server.handlers += [
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
        sends(answer(b"x")),
    ]
    async with crm._transport.stream(FILE):
        pass
    assert (200, b"x") == await read(crm)

    assert 2 == server.connections


async def test_a_stream_waits_for_what_zoho_asks(zoho, script):
    """A pause that is too long ends it at once, and a missing token is an error as ever."""
    script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="3600"))
    for _ in range(2):
        with pytest.raises(RateLimitError):
            await read(zoho)
    assert 1 == len(script.requests)


async def test_a_sender_without_stream_will_do(zoho, script):
    """Its answer is handed out in one piece, or in none."""
    script.add(script.response(503), script.response(200, b"a file"), Response(204, {}, b""))

    assert (200, b"a file") == await read(zoho)
    assert (204, b"") == await read(zoho)


async def test_a_sender_with_stream_is_asked_to(make_zoho, script):
    """It is entered and left once for each send."""
    left = []

    class Streaming:
        send = script.send

        @contextlib.asynccontextmanager
        async def stream(self, request):
            try:
                whole = await script.send(request)
                yield Streamed(whole.status, whole.headers, aiter_of(whole.body))
            finally:
                left.append(whole.status)

    async def aiter_of(body):
        yield body

    script.add(script.response(503), script.response(200, b"a file"))
    async with make_zoho(sender=Streaming()) as zoho, zoho._transport.stream(FILE) as streamed:
        assert [503] == left
        assert b"a file" == b"".join([piece async for piece in streamed.chunks])
    assert [503, 200] == left


async def test_a_stream_in_a_session_that_is_closed_is_an_error_of_ours(server):
    """Before, and while the body is read."""
    server.handlers.append(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))
    sender = AiohttpSender(timeouts=Timeouts(), connections=1)
    with pytest.raises(ClientClosedError):
        await read_from(sender, server, sender.close)
    with pytest.raises(ClientClosedError):
        await read_from(sender, server)


async def test_a_bug_in_a_connector_passes_through_a_stream(sender_of_bugs):
    """A foreign error is not taken for one of the connection."""
    with pytest.raises(KeyError):
        async with sender_of_bugs.stream(Request("GET", "http://127.0.0.1:1", "/", {})):
            pass


@pytest.fixture
async def sender_of_bugs():
    """Yield a sender of which the session's connector has a bug."""

    class Broken(aiohttp.TCPConnector):
        async def connect(self, *_args, **_kwargs):
            raise KeyError("bug")

    async with aiohttp.ClientSession(connector=Broken()) as session:
        yield AiohttpSender(session=session, timeouts=Timeouts(), connections=1)


async def test_a_bug_while_a_stream_is_read_passes_through(server, monkeypatch):
    """Wherever it comes from."""
    server.handlers.append(sends(answer(b"abc")))

    async def broken(_stream):
        raise KeyError("bug")

    monkeypatch.setattr(aiohttp.StreamReader, "readany", broken)
    sender = AiohttpSender(timeouts=Timeouts(), connections=1)
    with pytest.raises(KeyError):
        await read_from(sender, server)
    await sender.close()


async def test_a_stream_may_be_read_in_any_event_loop(server):
    """By the sender that keeps nothing."""
    server.handlers.append(sends(answer(b"a file")))
    async with OneTimeSender(Timeouts()).stream(Request("GET", server.origin, "/", {})) as streamed:
        assert b"a file" == b"".join([piece async for piece in streamed.chunks])


def notes(server, *, status=200, body=b"{}"):
    """Return a handler that reads and notes the body, of which it knows the length or not."""

    async def handle(reader, writer, length):
        if length:
            server.bodies.append(await reader.readexactly(length))
        else:
            pieces = []
            while size := int(await reader.readline(), 16):
                pieces.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            server.bodies.append(b"".join(pieces))
        writer.write(answer(body, status=status))

    return handle


async def some_bytes():
    """Yield bytes, of which nobody knows how many there will be."""
    yield b"abc"
    await asyncio.sleep(0)
    yield b"def"


def upload(source, **options):
    """Return a call that uploads a form with one file."""
    form = Form([("file", File(source, "leads.csv"))], {"a": "b"})
    return ApiCall("POST", "upload", body=form, host="upload", **options)


@pytest.mark.parametrize("known", [True, False])
async def test_a_form_is_sent_as_it_is_read(crm, server, known):
    """With its length where that is known, else in chunks."""
    server.handlers.append(notes(server))
    await crm._transport.call(upload(b"abcdef" if known else some_bytes()))

    (head,) = server.heads
    assert ("Content-Length: " in head) is known
    assert ("Transfer-Encoding: chunked" in head) is not known
    assert "Content-Type: multipart/form-data; boundary=" in head
    (body,) = server.bodies
    assert b'filename="leads.csv"' in body
    assert b"\r\nabcdef\r\n" in body


@pytest.mark.parametrize(
    ("source", "sends_of_it"),
    [(b"abc", 2), (io.BytesIO(b"abc"), 2), (some_bytes, 1)],
    ids=["bytes", "open file", "stream"],
)
@pytest.mark.parametrize("status", [503, 429, 401])
async def test_a_body_is_sent_again_only_if_it_can_be_read_again(
    crm, server, source, sends_of_it, status
):
    """A stream that was read is gone, whatever the answer says."""
    server.handlers += [notes(server, status=status), notes(server)]
    call = upload(source() if callable(source) else source, repeatable=True)

    if sends_of_it == 1:
        with pytest.raises(Exception, match=str(status)):
            await crm._transport.call(call)
    else:
        await crm._transport.call(call)
        assert server.bodies[0] == server.bodies[1]
    assert sends_of_it == len(server.bodies)


async def test_a_stream_that_nobody_has_read_yet_is_sent_again(zoho, script):
    """The connection was never made, so all of it is still there."""
    script.add(ConnectError("down"))

    await zoho._transport.call(upload(some_bytes()))

    assert 2 == len(script.requests)


async def test_a_token_that_was_replaced_meanwhile_does_not_bring_a_stream_back(make_zoho, script):
    """The call fails with its own 401."""

    async def rejected(request):
        zoho._oauth._live = None  # as if another call had replaced it
        return script.error(401, "INVALID_TOKEN")

    async with make_zoho() as zoho:
        script.add(rejected)
        with pytest.raises(Exception, match="INVALID_TOKEN"):
            await zoho._transport.call(upload(some_bytes()))
    assert 1 == len(script.requests)


async def test_an_upload_may_take_as_long_as_it_goes_on(server):
    """The time for a request is that between two pieces, and before the answer."""

    async def slow_bytes():
        for _ in range(6):
            await asyncio.sleep(0.02)
            yield b"abc"

    server.handlers += [notes(server), notes(server)]
    sender = AiohttpSender(timeouts=Timeouts(request=0.06, call=0.06), connections=1)
    body = File(slow_bytes(), "x")
    answered = await sender.send(Request("POST", server.origin, "/", {}, body=body))
    assert (200, [b"abc" * 6]) == (answered.status, server.bodies)

    async def stuck():
        yield b"abc"
        await asyncio.Event().wait()

    with pytest.raises(RequestTimeoutError) as caught:
        await sender.send(Request("POST", server.origin, "/", {}, body=File(stuck(), "x")))
    assert caught.value.maybe_done
    await sender.close()


async def test_a_file_that_breaks_is_told_as_what_it_is(crm, server):
    """Neither as a lost connection nor as a reason to try again."""

    async def broken():
        yield b"abc"
        raise KeyError("bug")

    async def cut_short():
        yield b"abc"
        raise InvalidInputError("It became shorter.")

    server.handlers += [notes(server), notes(server)]
    with pytest.raises(KeyError) as caught:
        await crm._transport.call(upload(broken()))
    assert caught.value.__cause__ is caught.value.__context__ is None
    with pytest.raises(InvalidInputError, match="shorter"):
        await crm._transport.call(upload(cut_short()))
    assert len(server.heads) <= 2


async def test_a_connection_that_breaks_under_an_upload_is_lost(crm, server):
    """The file had no part in it."""
    server.handlers.append(sends(end="close"))
    with pytest.raises(ConnectionLostError):
        await crm._transport.call(upload(b"x" * 20 * MIB))


async def test_json_has_the_content_type_of_json(crm, server):
    """And a length."""
    server.handlers.append(notes(server))
    await crm._transport.call(ApiCall("POST", "Leads", body=Json({"a": 1})))

    assert "Content-Type: application/json" in server.heads[0]
    (body,) = server.bodies
    assert json.loads(body) == {"a": 1}
