"""Proxies: all requests to Zoho go through, and the password is seen by nobody else."""

import asyncio
import base64
import json
import re
import ssl
import traceback

import aiohttp
import pytest
import trustme

from aiozcrm import Credentials, OAuthClient, RetryPolicy, ZohoCRM
from aiozcrm._http import OneTimeSender
from aiozcrm._protocol import Request
from aiozcrm.datacenters import check_proxy
from aiozcrm.errors import ConfigurationError, TokenEndpointError, TokenError
from aiozcrm.testing import FakeZoho
from aiozcrm.timeouts import Timeouts

PASSWORD = "open-sesame"

TOKEN = {
    "access_token": "1000.secret.part",
    "refresh_token": "1000.made.here",
    "api_domain": "https://www.zohoapis.eu",
    "expires_in": 3600,
}
ORG = {"org": [{"id": "1", "company_name": "Acme"}]}


class Proxy:
    """An HTTP proxy behind which Zoho lives: it answers for every host.

    Args:
        status: What it says to whoever asks for a tunnel.
        authority: Signs for all hosts.
    """

    def __init__(self, status: str, authority: trustme.CA) -> None:
        self.asked: list[str] = []
        self.authorizations: list[str] = []
        self._status = status
        self._authority = authority

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Make a tunnel, and answer in it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host = head.split()[1]
        self.asked.append(host)
        self.authorizations += [
            line.partition(": ")[2]
            for line in head.splitlines()
            if line.lower().startswith("proxy-authorization")
        ]
        writer.write(f"HTTP/1.1 {self._status}\r\nContent-Length: 0\r\n\r\n".encode())
        if self._status.startswith("200"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host.partition(":")[0]).configure_cert(context)
            await writer.start_tls(context)
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode():
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            body = json.dumps(TOKEN if "/oauth/" in head else ORG).encode()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.fixture
async def start_proxy(monkeypatch: pytest.MonkeyPatch):
    """Return what starts a proxy, whose authority aiohttp trusts."""
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    servers: list[asyncio.Server] = []

    async def start(status: str = "200 Connection established") -> tuple[Proxy, str]:
        proxy = Proxy(status, authority)

        async def handle(reader, writer) -> None:
            try:
                await proxy.handle(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0))
        host, port = servers[-1].sockets[0].getsockname()
        return proxy, f"{host}:{port}"

    yield start
    for server in servers:
        server.close()


async def test_calls_and_tokens_go_through_the_proxy(start_proxy, credentials: Credentials):
    """With the password that its address holds."""
    proxy, address = await start_proxy()

    async with ZohoCRM(credentials, proxy=f"http://me:{PASSWORD}@{address}") as zoho:
        org = await zoho.org.get()

    login = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert "Acme" == org["company_name"]
    assert ["accounts.zoho.eu:443", "www.zohoapis.eu:443"] == proxy.asked
    assert [f"Basic {login}"] * 2 == proxy.authorizations


async def test_a_code_is_exchanged_through_the_proxy(start_proxy):
    """A proxy that asks for no password gets none."""
    proxy, address = await start_proxy()
    client = OAuthClient(
        client_id="1000.X", client_secret="secret", data_center="eu", proxy=f"http://{address}"
    )

    grant = await client.exchange_code("1000.some.code")

    assert "1000.made.here" == grant.credentials.refresh_token
    assert (["accounts.zoho.eu:443"], []) == (proxy.asked, proxy.authorizations)


async def test_a_stream_of_a_sender_that_keeps_nothing_goes_through_the_proxy(start_proxy):
    """As all that it sends."""
    proxy, address = await start_proxy()
    sender = OneTimeSender(Timeouts(), proxy=f"http://{address}")
    request = Request("GET", "https://www.zohoapis.eu", "/crm/v7/org", {})

    async with sender.stream(request) as streamed:
        body = b"".join([piece async for piece in streamed.chunks])

    assert ORG == json.loads(body)
    assert ["www.zohoapis.eu:443"] == proxy.asked


async def test_this_machine_is_reached_without_the_proxy():
    """Nothing listens where the proxy is said to be."""
    async with FakeZoho() as fake, ZohoCRM(fake.credentials(), proxy="http://127.0.0.1:1") as zoho:
        assert (await zoho.org.get())["id"]


async def test_no_password_of_a_proxy_is_shown(start_proxy, credentials: Credentials):
    """Neither in errors nor in tracebacks with the values of names, nor in a repr."""
    _, address = await start_proxy("407 Proxy Authentication Required")
    proxy = f"http://me:{PASSWORD}@{address}"
    client = OAuthClient(client_id="1000.X", client_secret="secret", proxy=proxy)
    del proxy

    with pytest.raises(TokenEndpointError, match="not let through by the proxy") as caught:
        await client.exchange_code("1000.some.code")

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = "".join(f"{frame.locals}" for frame in shown.stack if frame.filename != __file__)
    assert PASSWORD not in f"{ours}{caught.value!r}{caught.value.__cause__!r}{client!r}"


async def test_a_proxy_that_is_not_there_is_named(credentials: Credentials, clock):
    """With its host and port, and without its password."""
    async with ZohoCRM(
        credentials,
        proxy=f"http://me:{PASSWORD}@127.0.0.1:1",
        retries=RetryPolicy(attempts=1),
        timeout=5,
        clock=clock.clock,
    ) as zoho:
        with pytest.raises(TokenError, match=r"127\.0\.0\.1:1") as caught:
            await zoho.org.get()

    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "proxy.example.com:3128",
        "proxy.example.com",
        "socks5://proxy.example.com:1080",
        "http://",
        "http://:3128",
        "http://proxy.example.com:port",
        "http://proxy.example.com:99999",
        "http://proxy.example.com:3128/path",
        "http://proxy.example.com?q=1",
        "http://[::1",
        "",
        3128,
        b"http://proxy.example.com",
    ],
)
def test_what_is_no_proxy_is_rejected(address, credentials: Credentials):
    """By the client and by OAuthClient, without showing what may hold a password."""
    for make in (
        lambda: ZohoCRM(credentials, proxy=address),
        lambda: OAuthClient(client_id="1000.X", client_secret="secret", proxy=address),
    ):
        with pytest.raises(ConfigurationError, match="proxy is not the address") as caught:
            make()
        assert "proxy is not the address of an HTTP proxy." == caught.value.message


@pytest.mark.parametrize("address", [None, "http://[::1]:3128", "https://me@proxy.example.com/"])
def test_what_is_a_proxy_is_taken(address):
    """Also where a slash ends it."""
    assert address == check_proxy(address)


def test_a_sender_has_its_own_way(script, credentials: Credentials):
    """What sends in aiohttp's place knows of no proxy."""
    with pytest.raises(ConfigurationError, match="a proxy or a sender"):
        ZohoCRM(credentials, sender=script, proxy="http://proxy.example.com:3128")
