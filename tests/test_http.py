"""The edge to aiohttp: through aioresponses, and on real connections to servers that misbehave."""

import asyncio
import contextlib
import contextvars
import gc
import os
import platform
import re
import ssl
import subprocess
import sys
import traceback
import tracemalloc
import zlib
from types import SimpleNamespace

import aiohttp
import attrs
import pytest
import trustme
from yarl import URL

from aiozcrm import Timeouts, ZohoCRM, __version__
from aiozcrm._http import LONGEST_ANSWER, AiohttpSender
from aiozcrm._protocol import Request, Token
from aiozcrm.errors import (
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    InvalidResponseError,
    RequestTimeoutError,
    TokenEndpointError,
    TransportError,
)
from aiozcrm.testing import Fault

LINK = "6240019000000731004"
ACCOUNTS = "https://accounts.zoho.eu/oauth/v2/token"
LINKS = "https://www.zohoapis.eu/crm/v7/settings/unsubscribe_links"
TOKEN = {"access_token": "1000.secret.part", "expires_in": 3600}
DELETED = {"unsubscribe_links": [{"code": "SUCCESS", "details": {}, "status": "success"}]}


@pytest.fixture
async def sender():
    """The real sender, impatient."""
    sender = AiohttpSender(timeouts=Timeouts(connect=0.5, request=0.5), connections=5)
    yield sender
    await sender.close()


@pytest.fixture
async def serve(unused_tcp_port_factory):
    """Start servers that treat each connection as a given function does."""
    servers = []

    async def start(handle, **options):
        async def guarded(reader, writer):
            try:
                await handle(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0, **options)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def delete(origin):
    """Return a request that may be repeated without harm, as far as aiohttp knows."""
    return Request("DELETE", origin, "/thing", {"Authorization": "Zoho-oauthtoken 1000.secret"})


async def test_a_delete_through_aiohttp(api, credentials):
    """Token request and call go out as Zoho documents them, without redirects."""
    api.post(ACCOUNTS, payload=TOKEN)
    api.delete(f"{LINKS}/{LINK}", payload=DELETED)
    async with ZohoCRM(credentials) as zoho:
        await zoho.delete_unsubscribe_link(LINK)

    (token_call,) = api.requests["POST", URL(ACCOUNTS)]
    assert b"grant_type=refresh_token" in token_call.kwargs["data"]
    (call,) = api.requests["DELETE", URL(f"{LINKS}/{LINK}")]
    assert "Zoho-oauthtoken 1000.secret.part" == call.kwargs["headers"]["Authorization"]
    assert call.kwargs["allow_redirects"] is False
    assert 10 == call.kwargs["timeout"].sock_connect


async def test_a_query_is_sent_as_it_was_built(api, credentials):
    """Parameters reach aiohttp encoded, once."""
    api.post(ACCOUNTS, payload=TOKEN)
    api.get(URL(f"{LINKS}?q=a+b%26c", encoded=True), payload={})
    async with ZohoCRM(credentials) as zoho:
        assert {} == await zoho.request(
            "GET",
            "settings/unsubscribe_links",
            params={"q": "a b&c"},
        )
    assert ("GET", URL(f"{LINKS}?q=a+b%26c", encoded=True)) in api.requests


async def test_a_redirect_is_not_followed(serve, sender):
    """A login page elsewhere never sees the token."""
    received = []

    async def redirect(reader, writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    answer = await sender.send(delete(await serve(redirect)))

    assert 302 == answer.status
    assert 1 == len(received)
    assert f"User-Agent: aiozcrm/{__version__}\r\n".encode() in received[0]


async def test_no_cookie_goes_back(fake):
    """Zoho's cookies are neither kept by our own session nor sent by a foreign one."""
    fake.cookies = True
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        for given in (None, session):
            async with ZohoCRM(fake.credentials(), session=given) as zoho:
                for _ in range(3):
                    await zoho.delete_unsubscribe_link(fake.unsubscribe_links.add())
                    assert "Cookie" not in fake.stats.last_headers
        assert not session.closed


async def test_secrets_go_into_the_body_only(fake):
    """No secret is part of a URL."""
    async with ZohoCRM(fake.credentials()) as zoho:
        await zoho.delete_unsubscribe_link(fake.unsubscribe_links.add())

    assert 0 == fake.stats.secrets_in_query
    assert 1 == fake.stats.token_requests


async def test_connections_are_as_many_as_calls_in_flight(fake):
    """Each worker keeps its connection: one more is for the token."""
    fake.latency = 0.002
    async with ZohoCRM(fake.credentials(), max_in_flight=4) as zoho:
        await zoho.delete_unsubscribe_links(fake.unsubscribe_links.add_many(40))

    assert 4 == fake.stats.highest_concurrency
    assert fake.stats.connections <= 4


async def test_a_dropped_request_is_sent_once(serve, sender):
    """Aiohttp's own silent resend is off, so every send is counted."""
    received = []

    async def drop(reader, _writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))

    with pytest.raises(ConnectionLostError, match="ServerDisconnectedError"):
        await sender.send(delete(await serve(drop)))
    assert 1 == len(received)


@pytest.mark.parametrize("switch", ["_retry_connection", "_not_there_any_more"])
async def test_a_request_dropped_on_a_kept_connection_is_sent_once(
    serve, sender, monkeypatch, switch
):
    """Also where the connection had served before, and if aiohttp's switch should be gone."""
    monkeypatch.setattr("aiozcrm._http._RESENDS", switch)
    received = []

    async def serve_then_drop(reader, writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        received.append(await reader.readuntil(b"\r\n\r\n"))

    origin = await serve(serve_then_drop)
    await sender.send(delete(origin))
    with pytest.raises(ConnectionLostError):
        await sender.send(delete(origin))
    assert 2 == len(received)


async def test_a_reset_connection_is_lost(fake, credentials, sender):
    """A reset after the request was read may have had its effect."""
    fake.faults.script(Fault.RESET_AFTER, None)
    link = fake.unsubscribe_links.add()
    async with ZohoCRM(fake.credentials(), sender=sender) as zoho:
        outcome = await zoho.delete_unsubscribe_link(link)

    assert ("already_gone", 2) == (outcome.status, outcome.attempts)
    assert (2, 1) == (fake.stats.attempts[link], fake.stats.effects[link])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", id="truncated"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", id="chunk"),
        pytest.param(b"nonsense\r\n\r\n", id="no http"),
        pytest.param(b"HTTP/1.1 200 OK\r\nBad Header\x00: 1\r\n\r\n", id="bad header"),
    ],
)
async def test_half_an_answer_is_a_lost_one(serve, sender, answer):
    """What cannot be read to its end may have happened."""

    async def half(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    with pytest.raises(ConnectionLostError) as caught:
        await sender.send(delete(await serve(half)))
    assert caught.value.maybe_done


async def test_silence_is_a_timeout(serve, sender):
    """The whole request has a limit, the reading of the body included."""

    async def silent(reader, _writer):
        await reader.read()

    async def stall(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await reader.read()

    for handle in (silent, stall):
        with pytest.raises(RequestTimeoutError, match="in time"):
            await sender.send(delete(await serve(handle)))


async def test_a_refused_connection_never_reached_zoho(sender, unused_tcp_port):
    """Nobody listens, so nothing happened."""
    with pytest.raises(ConnectError) as caught:
        await sender.send(delete(f"http://127.0.0.1:{unused_tcp_port}"))
    assert not caught.value.maybe_done


async def test_a_host_that_does_not_answer_in_time_never_got_the_request(sender, monkeypatch):
    """A connection that takes too long was not made."""

    async def hang(*_args, **_kwargs):
        raise aiohttp.ConnectionTimeoutError("Connection timeout")

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", hang)
    with pytest.raises(ConnectError, match="connect in time"):
        await sender.send(delete("http://127.0.0.1:1"))


async def test_a_certificate_that_proves_nothing_ends_the_call(serve, sender):
    """A server that cannot prove who it is gets nothing, not even a second try."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def never(reader, _writer):
        await reader.read()

    origin = await serve(never, ssl=context)
    with pytest.raises(CertificateError) as caught:
        await sender.send(delete(origin.replace("http:", "https:")))
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert holds_no_secret(caught.value)


async def test_cancelling_leaves_the_session_usable(serve, sender):
    """Cancellation passes through as it is."""
    waiting = asyncio.Event()

    async def first_hangs(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if not waiting.is_set():
            waiting.set()
            await reader.read()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    origin = await serve(first_hangs)
    task = asyncio.create_task(sender.send(delete(origin)))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert 200 == (await sender.send(delete(origin))).status


def chain_of(error):
    """Return an error and everything that is chained to it."""
    chain = []
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def holds_no_secret(error):
    """Return whether nothing that is chained to *error* knows the token, whoever looks."""
    for link in chain_of(error)[1:]:
        assert link.__traceback__ is None
        for value in (*link.args, *vars(link).values()):
            assert isinstance(value, (str, int, float, type(None))), repr(value)
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in shown.stack if frame.filename != __file__]
    return "1000.secret" not in repr([frame.locals for frame in ours]) + repr(chain_of(error))


async def test_a_lost_answer_is_chained_to_what_aiohttp_says_of_it(serve, sender):
    """The cause is there, without the frames and objects that know the request's headers."""

    async def drop(reader, _writer):
        await reader.readuntil(b"\r\n\r\n")

    with pytest.raises(ConnectionLostError) as caught:
        await sender.send(delete(await serve(drop)))

    assert isinstance(caught.value.__cause__, aiohttp.ServerDisconnectedError)
    assert holds_no_secret(caught.value)


async def test_an_answer_that_is_no_http_is_chained_in_words(serve, sender):
    """Aiohttp's own error holds the request, so another says what it said."""

    async def nonsense(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"nonsense\r\n\r\n")

    with pytest.raises(ConnectionLostError) as caught:
        await sender.send(delete(await serve(nonsense)))

    assert "Bad status line" in str(caught.value.__cause__)
    assert holds_no_secret(caught.value)


async def test_a_failed_connection_is_chained_to_the_error_of_the_system(sender, unused_tcp_port):
    """The OSError tells more than its name: its number, for one."""
    with pytest.raises(ConnectError) as caught:
        await sender.send(delete(f"http://127.0.0.1:{unused_tcp_port}"))

    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert caught.value.__cause__.errno
    assert holds_no_secret(caught.value)


async def test_a_timeout_is_chained(serve, sender):
    """Whoever asks what timed out finds it."""

    async def silent(reader, _writer):
        await reader.read()

    with pytest.raises(RequestTimeoutError) as caught:
        await sender.send(delete(await serve(silent)))

    assert isinstance(caught.value.__cause__, TimeoutError)
    assert holds_no_secret(caught.value)


async def test_a_foreign_error_keeps_its_frames_without_their_values(sender, monkeypatch):
    """Who has to find a bug sees where it is, and no header on the way."""

    async def broken(_connector, request, *_args, **_kwargs):
        headers = dict(request.headers)
        raise KeyError(len(headers))

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", broken)
    with pytest.raises(KeyError) as caught:
        await sender.send(delete("http://127.0.0.1:1"))

    frames = traceback.extract_tb(caught.value.__traceback__)
    assert "broken" in [frame.name for frame in frames]
    assert holds_no_secret(caught.value)


@pytest.fixture
async def busy(serve):
    """Yield a session whose one connection is taken, an origin, and the requests that came."""
    came, taken = [], asyncio.Event()

    async def never(reader, _writer):
        came.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        taken.set()
        await reader.read()

    origin = await serve(never)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        taking = asyncio.create_task(session.get(f"{origin}/taken"))
        await taken.wait()
        yield session, origin, came
        taking.cancel()


@pytest.mark.parametrize(
    "timeouts",
    [
        pytest.param(Timeouts(connect=0.05), id="connect"),
        pytest.param(Timeouts(request=0.05), id="request"),
        pytest.param(Timeouts(call=0.05), id="call"),
    ],
)
async def test_a_request_that_got_no_connection_has_surely_not_run(busy, timeouts):
    """Waiting in the pool of a busy session is no sending, whichever limit ends it."""
    session, origin, came = busy
    sender = AiohttpSender(session=session, timeouts=timeouts, connections=1)

    with pytest.raises(ConnectError, match="connect in time") as caught:
        await sender.send(delete(origin))

    assert not caught.value.maybe_done
    assert ["/taken"] == came


@pytest.mark.parametrize("method", ["DELETE", "POST"])
async def test_a_call_that_got_no_connection_is_no_doubt(busy, credentials, method):
    """Neither a retry nor the deadline makes a doubt of what never left."""
    session, origin, came = busy
    settings = attrs.evolve(credentials, accounts_url=origin, api_url=origin)
    async with ZohoCRM(settings, session=session, timeout=Timeouts(request=0.05, call=0.2)) as zoho:
        zoho._oauth.usable = lambda: Token(access_token="1000.secret", api_url=origin)
        with pytest.raises(TransportError) as caught:
            await zoho.request(method, "Leads")

    assert not caught.value.maybe_done
    assert ["/taken"] == came


async def test_cancelling_a_request_in_the_pool_leaves_no_doubt(busy):
    """Who asks afterwards is told that it has not left."""
    session, origin, _came = busy
    sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
    request = delete(origin)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await sender.send(request)

    assert not request.left


class SilentResolver(aiohttp.abc.AbstractResolver):
    """A name server that never answers."""

    async def resolve(self, *_args, **_kwargs):
        """Wait."""
        await asyncio.Event().wait()

    async def close(self):
        """Do nothing."""


async def test_a_silent_name_server_keeps_a_request_from_being_sent():
    """The time to connect includes looking up the host."""
    connector = aiohttp.TCPConnector(resolver=SilentResolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(connect=0.02), connections=1)
        with pytest.raises(ConnectError, match="connect in time") as caught:
            await sender.send(delete("https://www.zohoapis.eu"))

    assert not caught.value.maybe_done


async def test_a_connection_that_breaks_before_the_request_has_left_is_no_doubt(
    sender, monkeypatch
):
    """Whatever aiohttp calls it."""

    async def broken(*_args, **_kwargs):
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", broken)
    with pytest.raises(ConnectError) as caught:
        await sender.send(delete("http://127.0.0.1:1"))
    assert not caught.value.maybe_done


MIB = 2**20


@pytest.fixture
async def serve_body(serve):
    """Serve a body, as it is or in chunks, with a status and an encoding."""

    async def start(body, *, status=200, chunked=False, encoding=None, repeat=1):
        head = f"HTTP/1.1 {status} Well\r\n"
        head += f"Content-Encoding: {encoding}\r\n" if encoding else ""
        length = f"Content-Length: {len(body) * repeat}"
        head += f"{'Transfer-Encoding: chunked' if chunked else length}\r\n\r\n"
        served.clear()

        async def answer(reader, writer):
            served.append(1)
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(head.encode())
                for _ in range(repeat):
                    size = f"{len(body):x}\r\n".encode() if chunked else b""
                    writer.write(size + body + (b"\r\n" if chunked else b""))
                    await writer.drain()
                writer.write(b"0\r\n\r\n" if chunked else b"")

        return await serve(answer)

    served = []
    start.connections = served
    return start


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize(
    ("size", "fits"), [(0, True), (65_537, True), (100_000, True), (100_001, False)]
)
async def test_answers_are_read_up_to_a_limit(serve_body, size, fits, chunked):
    """One byte more is an error."""
    repeat = 2 if size > 1 and size % 2 == 0 else 1
    origin = await serve_body(b"x" * (size // repeat), chunked=chunked and size, repeat=repeat)
    sender = AiohttpSender(timeouts=Timeouts(), connections=1, longest_answer=100_000)
    try:
        if fits:
            assert size == len((await sender.send(delete(origin))).body)
            return
        with pytest.raises(InvalidResponseError, match="100000 bytes") as caught:
            await sender.send(delete(origin))
    finally:
        await sender.close()
    assert 200 == caught.value.status
    assert caught.value.too_long
    assert caught.value.maybe_done


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 502])
async def test_error_pages_are_read_up_to_64_kib(serve_body, sender, status):
    """Whatever the limit for answers is; the error tells the status."""
    fitting = await serve_body(b"x" * 65_536, status=status)
    assert 65_536 == len((await sender.send(delete(fitting))).body)

    endless = await serve_body(b"x" * 65_537, status=status, chunked=True, repeat=1000)
    with pytest.raises(InvalidResponseError, match="65536 bytes") as caught:
        await sender.send(delete(endless))
    assert status == caught.value.status


@pytest.mark.system
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_small_body_that_unpacks_to_a_large_one_is_not_unpacked(
    serve_body, sender, encoding
):
    """300 MiB of zeros are 300 kB on the wire, and never stand in memory."""
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    begin, again = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    # Each stands alone, so one is as good as another; nobody gets as far as the checksum.
    packed = begin + 298 * again + packer.compress(bytes(MIB)) + packer.flush()
    assert 300_000 < len(packed) < 400_000
    origin = await serve_body(packed, encoding=encoding)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidResponseError) as caught:
            await sender.send(delete(origin))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert caught.value.too_long
    assert peak < 2 * LONGEST_ANSWER


@pytest.mark.system
async def test_an_endless_error_page_is_not_kept(serve_body, sender):
    """300 MiB behind a 502 cost what 64 KiB cost."""
    origin = await serve_body(bytes(MIB), status=502, chunked=True, repeat=300)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidResponseError):
            await sender.send(delete(origin))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * MIB
    with pytest.raises(InvalidResponseError):
        await sender.send(delete(origin))
    assert 2 == len(serve_body.connections)  # what was not read to its end is not used again


async def test_an_error_page_that_is_too_long_is_sent_again_as_its_status_says(
    serve_body, credentials, quick
):
    """A 502 passes; a long answer stays long, and a 403 stays a 403."""
    for status, sends in [(502, 3), (403, 1), (200, 1)]:
        origin = await serve_body(b"x" * 70_000, status=status)
        settings = attrs.evolve(credentials, accounts_url=origin, api_url=origin)
        policy = attrs.evolve(quick, attempts=3)
        async with ZohoCRM(settings, retries=policy, max_response_size=65_536) as zoho:
            zoho._oauth.usable = lambda: Token(access_token="1000.secret", api_url=origin)  # noqa: B023
            with pytest.raises(InvalidResponseError) as caught:
                await zoho.delete_unsubscribe_link(LINK)
        assert sends == caught.value.attempts


async def test_a_token_answer_has_a_limit_too(serve_body, credentials):
    """The accounts server is read as carefully."""
    origin = await serve_body(b" " * 70_000)
    settings = attrs.evolve(credentials, accounts_url=origin, api_url=origin)
    async with ZohoCRM(settings, max_response_size=65_536) as zoho:
        with pytest.raises(TokenEndpointError, match="65536 bytes"):
            await zoho.delete_unsubscribe_link(LINK)


async def test_too_many_headers_are_no_answer(serve, sender):
    """300,000 of them are not kept in memory."""

    async def chatter(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 300_000 + b"\r\n")
        await writer.drain()

    with pytest.raises(ConnectionLostError):
        await sender.send(delete(await serve(chatter)))


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.fixture
async def late(serve):
    """Serve answers of which more come when the test says so; count the connections."""

    async def answer(reader, writer):
        late.writers.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            late.requests += 1
            writer.write(OK + b"%02d" % late.requests)

    late = SimpleNamespace(writers=[], requests=0)
    late.origin = await serve(answer)
    return late


@pytest.mark.parametrize("is_read", [True, False], ids=["read by the loop", "in the kernel"])
@pytest.mark.parametrize("is_guest", [True, False], ids=["given session", "own session"])
@pytest.mark.parametrize(
    "bytes_that_wait",
    [OK + b"XX", OK, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", b""],
    ids=["answer", "head", "error", "end"],
)
async def test_a_connection_on_which_something_waits_is_not_used(
    late, is_read, is_guest, bytes_that_wait
):
    """A late second answer to one request is never taken for the answer to the next."""
    async with aiohttp.ClientSession() as session:
        sender = AiohttpSender(
            session=session if is_guest else None, timeouts=Timeouts(), connections=1
        )
        first = await sender.send(delete(late.origin))
        (writer,) = late.writers
        if bytes_that_wait:
            writer.write(bytes_that_wait)
        else:
            writer.write_eof()
        for _ in range(5 * is_read):
            await asyncio.sleep(0)
        second = await sender.send(delete(late.origin))
        third = await sender.send(delete(late.origin))
        await sender.close()

    assert [b"01", b"02", b"03"] == [first.body, second.body, third.body]
    assert 2 == len(late.writers)


async def test_half_a_head_that_waits_is_never_the_start_of_an_answer(late, sender):
    """If the rest of a late answer comes with the next one, that one is lost, not mistaken."""
    await sender.send(delete(late.origin))
    late.writers[0].write(OK[:20])
    for _ in range(5):
        await asyncio.sleep(0)

    request = asyncio.create_task(sender.send(delete(late.origin)))
    await asyncio.sleep(0)
    late.writers[0].write(OK[20:] + b"XX")
    with pytest.raises(ConnectionLostError):
        await request


async def test_a_request_leaves_nothing_to_the_garbage_collector(late, sender):
    """Each request would otherwise cost a fourth of its time once more."""
    await sender.send(delete(late.origin))
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await sender.send(delete(late.origin))
        assert gc.collect() < 20
    finally:
        gc.enable()


#: Counts how often the kernel has to find memory for 200 answers, without a sender and with one.
RECEIVE = """
import resource, socket

ours, theirs = socket.socketpair()

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(200):
        theirs.send(b"an answer")
        ours.recv(256 * 1024)  # as asyncio does
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

without = faults()
from aiozcrm import Timeouts
from aiozcrm._http import AiohttpSender
AiohttpSender(timeouts=Timeouts(), connections=1)
print(without, faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Other C libraries do it otherwise.")
def test_answers_are_received_into_memory_that_is_there_already():
    """Mapping as much as asyncio takes for each would take longer than receiving."""
    command = [sys.executable, "-c", RECEIVE]
    # Whoever has set how glibc does it, measures something else.
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MALLOC_", "GLIBC_"))
    }
    done = subprocess.run(  # noqa: S603  # ours
        command, capture_output=True, text=True, check=True, env=own
    )
    without, faults = map(int, done.stdout.split())

    assert without >= 200
    assert faults < 20


async def test_connections_that_are_distrusted_are_not_used_again(late, sender):
    """Who finds an answer of another call sees to it that no more come from there."""
    await sender.send(delete(late.origin))
    sender.distrust_connections()
    for _ in range(2):
        await sender.send(delete(late.origin))

    assert 2 == len(late.writers)


async def test_a_server_that_talks_before_it_is_asked_gets_no_request(serve):
    """It is left alone in the end."""
    greeted = []

    async def greet(reader, writer):
        greeted.append(writer.write(OK + b"{}"))
        await reader.read()

    class Patient(aiohttp.TCPConnector):
        async def connect(self, *args, **options):
            connection = await super().connect(*args, **options)
            for _ in range(1000):
                if connection.protocol.should_close:
                    break
                await asyncio.sleep(0)
            return connection

    async with aiohttp.ClientSession(connector=Patient()) as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
        with pytest.raises(ConnectError) as caught:
            await sender.send(delete(await serve(greet)))

    assert not caught.value.maybe_done
    assert 100 < len(greeted) <= 200


async def test_connections_are_told_apart_without_poll(late, monkeypatch):
    """Where the system has no poll, what the loop has read is still noticed."""
    monkeypatch.delattr("select.poll")
    sender = AiohttpSender(timeouts=Timeouts(), connections=1)
    for bytes_that_wait in (b"", OK + b"XX"):
        await sender.send(delete(late.origin))
        late.writers[-1].write(bytes_that_wait)
        for _ in range(5):
            await asyncio.sleep(0)
    assert b"03" == (await sender.send(delete(late.origin))).body
    await sender.close()

    assert 2 == len(late.writers)


async def test_a_given_session_is_used_and_left_open(fake):
    """Who made the session closes it, and its middlewares and status checks stay out of it."""
    calls = []

    async def middleware(request, handler):
        calls.append(request)
        return await handler(request)

    async with aiohttp.ClientSession(
        middlewares=(middleware,),
        raise_for_status=True,
        headers={"User-Agent": "mine"},
    ) as session:
        async with ZohoCRM(fake.credentials(), session=session) as zoho:
            report = await zoho.delete_unsubscribe_links(
                [fake.unsubscribe_links.add(), fake.unsubscribe_links.default_id]
            )
        assert not session.closed

    assert {"deleted": 1, "protected": 1} == report.counts
    assert [] == calls
    assert "mine" == fake.stats.last_headers["User-Agent"]


async def test_a_given_session_that_was_closed_is_named(fake):
    """Closing the session before the client is a clear error."""
    session = aiohttp.ClientSession()
    await session.close()
    async with ZohoCRM(fake.credentials(), session=session) as zoho:
        with pytest.raises(ClientClosedError, match="session"):
            await zoho.delete_unsubscribe_link(LINK)


async def test_a_runtime_error_that_is_not_about_the_session_passes_through(sender, monkeypatch):
    """A bug elsewhere is not mistaken for a closed session."""

    async def broken(*_args, **_kwargs):
        raise RuntimeError("something else")

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", broken)
    with pytest.raises(RuntimeError, match="something else"):
        await sender.send(delete("http://127.0.0.1:1"))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Zoho-oauthtoken 1000.secret"}])
async def test_a_password_that_a_session_finds_is_never_sent(serve, tmp_path, monkeypatch, headers):
    """With trust_env aiohttp reads .netrc; a newer one refuses where we have an authorization."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password hush-hush\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    received = []

    async def note(reader, writer):
        received.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    request = Request("DELETE", await serve(note), "/thing", headers)
    async with aiohttp.ClientSession(trust_env=True) as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
        with contextlib.suppress(ConfigurationError):
            await sender.send(request)

    sent = re.findall(r"Authorization: (.*)\r\n", "".join(received), re.IGNORECASE)
    assert sent in ([*headers.values()], [])
    assert received or headers


async def test_a_session_that_refuses_a_request_is_told_in_our_words(monkeypatch):
    """The error tells what to do, and no frame of aiohttp with the token hangs on to it."""

    async def refuse(*_args, **_kwargs):
        raise ValueError("Cannot combine AUTHORIZATION header with AUTH argument")

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", refuse)
    async with aiohttp.ClientSession(trust_env=True) as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
        with pytest.raises(ConfigurationError, match=r"remove Zoho's hosts.*that file") as caught:
            await sender.send(delete("http://127.0.0.1:1"))

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if frame.filename != __file__]
    assert not [frame for frame in ours if "1000.secret" in str(frame.locals)]


async def test_a_proxy_that_lets_nobody_through_keeps_a_request_from_being_sent(serve):
    """So it may be sent again whatever its method, and has surely not run."""

    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async with aiohttp.ClientSession(proxy=await serve(refuse)) as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
        with pytest.raises(ConnectError, match=r"not let through by the proxy.*407") as caught:
            await sender.send(delete("https://www.zohoapis.eu"))

    assert not caught.value.maybe_done


async def test_a_closed_sender_opens_no_session(sender):
    """Nothing is left behind by a call after the end."""
    await sender.close()

    with pytest.raises(ClientClosedError):
        await sender.send(delete("http://127.0.0.1:1"))


async def test_a_callers_timeout_shows_no_token(serve, sender):
    """A cancellation passes through without the frames that know the headers."""

    async def silent(reader, _writer):
        await reader.read()

    origin = await serve(silent)

    async def call():
        await sender.send(delete(origin))

    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await call()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "1000.secret" not in "".join(shown.format())


async def test_a_session_that_closes_under_a_call_is_an_error_of_ours(sender, monkeypatch):
    """A task of the session's own that is cancelled cancels nobody else."""

    async def cut(*_args, **_kwargs):
        await sender.close()
        raise asyncio.CancelledError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", cut)
    with pytest.raises(ClientClosedError, match="during the call") as caught:
        await sender.send(delete("http://127.0.0.1:1"))
    assert not caught.value.maybe_done


async def test_a_session_that_closes_during_a_request_leaves_a_doubt(serve, sender):
    """The request had left, so it may have run."""

    async def close(reader, _writer):
        await reader.readuntil(b"\r\n\r\n")
        await sender.close()
        await reader.read()

    with pytest.raises(ClientClosedError, match="during the call") as caught:
        await sender.send(delete(await serve(close)))
    assert caught.value.maybe_done


@pytest.mark.filterwarnings("ignore:.*auth:DeprecationWarning", "ignore:BasicAuth is deprecated")
async def test_a_session_with_an_auth_of_its_own_is_refused(fake):
    """Its header would stand in the way of the token's."""
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("me", "secret")) as session:
        with pytest.raises(ConfigurationError, match="auth"):
            ZohoCRM(fake.credentials(), session=session)


async def test_closing_goes_on_when_the_refresh_is_slow_to_end(credentials, monkeypatch):
    """However the first part of closing ends, the session is closed."""
    zoho = ZohoCRM(credentials)
    zoho._http._open_session()

    async def stuck():
        await asyncio.Event().wait()

    monkeypatch.setattr(zoho._oauth, "close", stuck)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await zoho.close()
    assert zoho._http._session.closed


async def test_a_given_session_that_reaches_nobody_has_not_sent(unused_tcp_port):
    """As with a session of our own, the request surely did not run."""
    async with aiohttp.ClientSession() as session:
        sender = AiohttpSender(session=session, timeouts=Timeouts(), connections=1)
        request = Request("GET", f"http://127.0.0.1:{unused_tcp_port}", "/", {})
        with pytest.raises(ConnectError):
            await sender.send(request)
    assert not request.left


async def test_a_request_that_has_ended_is_kept_by_nobody(serve, sender):
    """Tasks that are created later know nothing of it, its body and its token."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"XX")

    await sender.send(delete(await serve(answer)))

    assert not [each for each in contextvars.copy_context().values() if isinstance(each, Request)]
