"""The edge to aiohttp: through aioresponses, and on real connections to servers that misbehave."""

import asyncio
import contextlib
import re
import ssl
import traceback

import aiohttp
import pytest
import trustme
from yarl import URL

from aiozcrm import Timeouts, ZohoCRM
from aiozcrm._http import AiohttpSender
from aiozcrm._protocol import Request
from aiozcrm.errors import (
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
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
            except ConnectionError:
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


# ---- what is sent ------------------------------------------------------------------------------


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
    assert 30 == call.kwargs["timeout"].total
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
    assert b"User-Agent: aiozcrm/" in received[0]


async def test_no_cookie_goes_back(fake):
    """Zoho's cookies are neither kept by our own session nor sent by a foreign one."""
    fake.cookies = True
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        for given in (None, session):
            async with ZohoCRM(fake.credentials(), session=given) as zoho:
                for _ in range(3):
                    await zoho.delete_unsubscribe_link(fake.add_link())
                    assert "Cookie" not in fake.stats.last_headers
        assert not session.closed


async def test_secrets_go_into_the_body_only(fake):
    """No secret is part of a URL."""
    async with ZohoCRM(fake.credentials()) as zoho:
        await zoho.delete_unsubscribe_link(fake.add_link())

    assert 0 == fake.stats.secrets_in_query
    assert 1 == fake.stats.token_requests


async def test_connections_are_as_many_as_calls_in_flight(fake):
    """Each worker keeps its connection: one more is for the token."""
    fake.latency = 0.002
    async with ZohoCRM(fake.credentials(), max_in_flight=4) as zoho:
        await zoho.delete_unsubscribe_links(fake.add_links(40))

    assert 4 == fake.stats.highest_concurrency
    assert fake.stats.connections <= 4


# ---- what goes wrong ---------------------------------------------------------------------------


async def test_a_dropped_request_is_sent_once(serve, sender):
    """R6, R12: aiohttp's own silent resend is off, so every send is counted."""
    received = []

    async def drop(reader, _writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))

    with pytest.raises(ConnectionLostError, match="ServerDisconnectedError"):
        await sender.send(delete(await serve(drop)))
    assert 1 == len(received)


async def test_a_request_dropped_on_a_kept_connection_is_sent_once(serve, sender):
    """R12: also where the connection had served before, which is when aiohttp resends."""
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
    """R12: a reset after the request was read may have had its effect."""
    fake.faults.script(Fault.RESET_AFTER, None)
    link = fake.add_link()
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
    """R12: what cannot be read to its end may have happened."""

    async def half(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    with pytest.raises(ConnectionLostError) as caught:
        await sender.send(delete(await serve(half)))
    assert caught.value.maybe_done


async def test_silence_is_a_timeout(serve, sender):
    """R12: the whole request has a limit, the reading of the body included."""

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
    """R12: nobody listens, so nothing happened."""
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
    """R1: a server that cannot prove who it is gets nothing, not even a second try."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def never(reader, _writer):
        await reader.read()

    origin = await serve(never, ssl=context)
    with pytest.raises(CertificateError):
        await sender.send(delete(origin.replace("http:", "https:")))


async def test_cancelling_leaves_the_session_usable(serve, sender):
    """R10: cancellation passes through as it is."""
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


async def test_no_frame_and_no_error_of_aiohttp_hangs_on_to_a_failure(serve, sender):
    """R13: aiohttp's own frames and errors know the request's headers, ours do not."""

    async def nonsense(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"nonsense\r\n\r\n")

    with pytest.raises(ConnectionLostError) as caught:
        await sender.send(delete(await serve(nonsense)))

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # The test's own frame holds the request in plain sight.
    assert "1000.secret" not in "".join(list(shown.format())[-6:])


# ---- sessions ----------------------------------------------------------------------------------


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
            report = await zoho.delete_unsubscribe_links([fake.add_link(), fake.default_link_id])
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
    """R13: a cancellation passes through without the frames that know the headers."""

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
