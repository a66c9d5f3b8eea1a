"""Clients for profiles: through the proxy that the environment names."""

import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest
from typer.testing import Result

from aiozcrm import Credentials, OAuthClient
from aiozcrm.cli.profiles._clients import proxy_for
from aiozcrm.testing import FakeZoho

PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of the machine name a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": "proxy.example.com:3128"}, PROXY),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,.zoho.eu"}, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "www.zohoapis.eu"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "zoho.com"}, PROXY),
    ],
)
def test_the_environment_names_the_proxy(
    environ: dict[str, str],
    proxy: str | None,
    monkeypatch: pytest.MonkeyPatch,
    credentials: Credentials,
) -> None:
    """As for other programs: the variables in large or small letters, and the exceptions."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert proxy == proxy_for(credentials)


@pytest.fixture
def refusing_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that lets nobody through: its address, and the hosts that it was asked for."""
    asked: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode().split()[1])
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def test_a_login_goes_through_the_proxy(
    refusing_proxy: tuple[str, list[str]],
    invoke: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that lets nobody through is named as the reason."""
    address, asked = refusing_proxy
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "secret")

    result = invoke("login", "--code", "--client-id", "1000.X", "-d", "eu", given="1000.a.code\n")

    assert 1 == result.exit_code
    assert ["accounts.zoho.eu:443"] == asked
    assert "was not let through by the proxy" in result.stderr


def test_what_is_no_proxy_is_told(
    invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, fake_environ: dict[str, str]
) -> None:
    """In one sentence, before anything is sent."""
    for name, value in fake_environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example.com")

    result = invoke("links", "list")

    assert 2 == result.exit_code
    assert "proxy is not the address of an HTTP proxy" in result.stderr


def test_a_local_zoho_is_reached_without_the_proxy(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens where the proxy is said to be."""
    add_org()
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert 0 == invoke("links", "list").exit_code


def test_a_client_of_ones_own_is_asked_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exceptions are compared with the host that is really going to be asked."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "zoho.internal")
    client = OAuthClient(
        client_id="1000.X", client_secret="secret", accounts_url="https://zoho.internal"
    )

    assert proxy_for(client) is None
