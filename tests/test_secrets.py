"""No token, client secret, grant code or password is ever seen where it does not belong.

The secrets of these tests are values of this module and never of a test's own frame, so that all
frames of a traceback can be searched.
"""

import asyncio
import base64
import contextlib
import gc
import html
import json
import logging
import os
import pickle
import re
import secrets as random
import socket
import traceback
import urllib.parse

import aiohttp
import pytest
import rich.traceback
import sentry_sdk
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from aiozcrm import (
    AuthorizationRequest,
    ClientCredentials,
    Credentials,
    FileTokenStore,
    OAuthClient,
    RedisTokenStore,
    RetryPolicy,
    Timeouts,
    ZohoCRM,
)
from aiozcrm._clock import Clock
from aiozcrm._protocol import ApiCall, File, Response
from aiozcrm.errors import (
    ConfigurationError,
    ConnectionLostError,
    TokenEndpointError,
    ZohoError,
)
from aiozcrm.telemetry import OpenTelemetryEvents
from aiozcrm.testing import FakeZoho, Fault, TokenLimits
from aiozcrm.token_stores import StoredToken, TokenState


class Known:
    """The secrets of this module, new in each run, in an object that shows none.

    Attributes:
        by_name: All of them.
    """

    def __init__(self) -> None:
        self.by_name = {
            "access": f"1000.{random.token_hex(16)}.{random.token_hex(16)}",
            "refresh": f"1000.{random.token_hex(16)}.{random.token_hex(16)}",
            "new refresh": f"1000.{random.token_hex(16)}.{random.token_hex(16)}",
            "client secret": random.token_hex(21),
            "secret elsewhere": random.token_hex(21),
            "code": f"1000.{random.token_hex(16)}.{random.token_hex(16)}",
            "verifier": random.token_urlsafe(48),
            "state": random.token_urlsafe(32),
            "password": random.token_urlsafe(12),
        }

    def __getitem__(self, name: str) -> str:
        return self.by_name[name]

    def shown_in(self, texts: list[str]) -> list[str]:
        """Return the names of those of which a part is in *texts*, and where."""
        told = "\n".join(texts)
        return [
            f"{name}: ...{told[max(0, told.index(form) - 99) :][:99]}"
            for name, value in self.by_name.items()
            # The first five characters of tokens are no secret.
            for part in (value[:20], value[6:22], value[-16:])
            for form in (part, base64.b64encode(part.encode()).decode()[:-2])
            if form in told
        ]


KNOWN = Known()


class Envelopes(Transport):
    """Keeps what would be sent to an error tracker."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def capture_envelope(self, envelope) -> None:
        """Keep it as text."""
        self.texts += [item.payload.get_bytes().decode() for item in envelope.items]


@pytest.fixture(scope="module")
def tracker():
    """An error tracker with its defaults, which sends nothing."""
    kept = Envelopes()
    sentry_sdk.init("http://key@127.0.0.1:1/1", transport=kept)
    yield kept
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def seen(tracker, caplog):
    """All that is told of errors and by logs, to be searched."""
    tracker.texts.clear()
    sentry_sdk.get_isolation_scope().clear_breadcrumbs()
    with caplog.at_level(logging.DEBUG):
        yield Seen(tracker, caplog)


class Seen:
    """Collects what is told of errors, in every way that programs have."""

    def __init__(self, tracker: Envelopes, caplog: pytest.LogCaptureFixture) -> None:
        self._tracker = tracker
        self._caplog = caplog
        self._texts: list[str] = []
        self.errors: list[BaseException] = []

    def add(self, error: BaseException) -> None:
        """Show an error by a tracker, by rich, and by its own means."""
        self.errors.append(error)
        sentry_sdk.capture_exception(error)
        self._texts.append(by_rich(error))
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        self._texts += told.format()
        each: BaseException | None = error
        while each is not None:
            self._texts += [str(each), repr(each), repr(vars(each))]
            each = each.__cause__ or each.__context__
        with contextlib.suppress(TypeError):  # not every foreign error
            self._texts.append(repr(pickle.dumps(error)))
        if isinstance(error, BaseExceptionGroup):
            for single in error.exceptions:
                self.add(single)

    def event(self, event) -> None:
        """Show an event of ours, and its error."""
        self._texts.append(repr(event))
        if isinstance(error := getattr(event, "error", None), BaseException):
            self.add(error)

    def texts(self) -> list[str]:
        """Return all that was told, also by logs."""
        sentry_sdk.flush()
        logged = [f"{record.getMessage()} {record.args!r}" for record in self._caplog.records]
        return [*self._texts, *self._tracker.texts, *logged]


def by_rich(error: BaseException) -> str:
    """Return all that rich knows for a traceback with locals, without its limits."""
    trace = rich.traceback.Traceback.extract(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=10_000,
        locals_max_string=100_000,
        locals_hide_dunder=False,
    )
    return repr(trace)


# What servers may do, each as what is written after the request *told* has come.


def echo(form, status="403 Forbidden", content_type="text/html", around="<html>{}</html>"):
    """Return what answers with the whole request, written in some *form*."""

    def answer(told: str) -> bytes:
        body = around.format(form(told)).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body

    return answer


def in_json(told: str) -> str:
    """Return the request as one of Zoho's errors quotes it, in all fields that may do so."""
    error = {"code": "INVALID_DATA", "message": told, "details": {"sent": [told], told[-99:]: 1}}
    return json.dumps({"data": [error | {"status": "error"}] * 2})


def of_the_token_endpoint(told: str) -> str:
    """Return the form as an error of the token endpoint quotes it."""
    form = told.rpartition("\r\n\r\n")[2]
    tokens = {"access_token": 7, "refresh_token": KNOWN["new refresh"]}
    return json.dumps({"error": form, "error_description": told} | tokens)


def header_of(told: str) -> bytes:
    """Quote the request in a header that is none."""
    quoted = told.replace("\r\n", " ")
    return f"HTTP/1.1 200 OK\r\nX-Sent\x01: {quoted}\r\n\r\n".encode()


def first_line_of(told: str) -> bytes:
    """Quote the request in the place of a status."""
    return told.replace("\r\n", " ").encode() + b"\r\n\r\n"


def handed_out(token):
    """Return what answers with a token."""
    return echo(lambda _: json.dumps(token), "200 OK", JSON, "{}")


JSON = "application/json"

BEHAVIOURS = {
    "page": echo(html.escape),
    "page-200": echo(str, status="200 OK"),
    "page-500": echo(urllib.parse.quote, status="500 Oops"),
    "page-401": echo(lambda told: base64.b64encode(told.encode()).decode(), "401 No"),
    "json-401": echo(in_json, "401 No", JSON, "{}"),
    "json-400": echo(in_json, "400 No", JSON, "{}"),
    "json-429": echo(in_json, "429 No", JSON, "{}"),
    "json-503": echo(in_json, "503 No", JSON, "{}"),
    "json-200": echo(in_json, "200 OK", JSON, "{}"),
    "json-list": echo(lambda told: json.dumps([told]), "200 OK", JSON, "{}"),
    "broken-page": lambda told: echo(str, "403 No")(told)[:-5],
    "header": lambda told: (
        b"HTTP/1.1 200 OK\r\nX-Sent: "
        + told.replace("\r\n", " ").encode()
        + b"\r\nContent-Length: 3\r\n\r\nyes"
    ),
    "redirect": lambda told: (
        b"HTTP/1.1 302 Go\r\nLocation: /?"
        + urllib.parse.quote(told).encode()
        + b"\r\nContent-Length: 0\r\n\r\n"
    ),
    "no-header": header_of,
    "no-status": first_line_of,
    "long-header": lambda told: b"HTTP/1.1 200 OK\r\nX: " + told.encode() * 99 + b"\r\n\r\n",
    "truncated": lambda told: echo(str)(told)[:-5],
    "not-gzip": echo(str, "200 OK", "text/html\r\nContent-Encoding: gzip"),
    "reset": lambda _: b"",
    "silence": None,
}

TOKEN_BEHAVIOURS = {
    **BEHAVIOURS,
    "oauth-200": echo(of_the_token_endpoint, "200 OK", JSON, "{}"),
    "oauth-400": echo(of_the_token_endpoint, "400 No", JSON, "{}"),
    "oauth-429": echo(of_the_token_endpoint, "429 No", JSON, "{}"),
    "no-refresh-token": handed_out({"access_token": KNOWN["access"]}),
    "foreign-host": handed_out(
        {
            "access_token": KNOWN["access"],
            "refresh_token": KNOWN["new refresh"],
            "api_domain": f"https://{KNOWN['access']}.example",
        }
    ),
    "no-token": handed_out(
        {"access_token": f"{KNOWN['access']}\r\n", "refresh_token": KNOWN["new refresh"]}
    ),
}


class Server:
    """A server that misbehaves, and an accounts server that works unless it is to misbehave.

    Attributes:
        behaviour: What it does with requests of the API, or to the token endpoint.
        spoils_tokens: Whether requests for tokens are met by it, too.
    """

    def __init__(self) -> None:
        self.behaviour = None
        self.spoils_tokens = False
        self.url = ""

    async def _serve(self, reader, writer) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1])) if length else b""
            answer = self.behaviour
            if "/oauth/" in head and not self.spoils_tokens:
                answer = handed_out({"access_token": KNOWN["access"], "expires_in": 3600})
            if answer is None:
                await reader.read()
                return
            writer.write(answer(head + body.decode()))
            await writer.drain()

    @contextlib.asynccontextmanager
    async def running(self):
        """Serve."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self


@pytest.fixture
async def server():
    """A server that misbehaves."""
    async with Server().running() as running:
        yield running


def closed_port() -> str:
    """Return a URL where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def known_credentials(url: str) -> Credentials:
    """Return credentials for a server of a test."""
    return Credentials(
        client_id="1000.CLIENT",
        client_secret=KNOWN["client secret"],
        refresh_token=KNOWN["refresh"],
        accounts_url=url,
        api_url=url,
    )


def known_client(url: str) -> OAuthClient:
    """Return a client of the API console for the same."""
    return OAuthClient(
        client_id="1000.CLIENT",
        client_secret=KNOWN["client secret"],
        data_center_secrets={"eu": KNOWN["secret elsewhere"]},
        accounts_url=url,
        api_url=url,
    )


def known_request() -> AuthorizationRequest:
    """Return what a user was sent to the consent page with."""
    return AuthorizationRequest(
        redirect_uri="http://localhost/",
        state=KNOWN["state"],
        code_verifier=KNOWN["verifier"],
    )


@contextlib.asynccontextmanager
async def client_on(url: str, **options):
    """Yield a client that loses no time."""
    hasty = Clock(sleep=lambda _: asyncio.sleep(0))
    quick = RetryPolicy(attempts=2, first_delay=0.001, max_delay=0.001)
    timeouts = Timeouts(request=0.3, call=0.3)
    given = {"clock": hasty, "retries": quick, "timeout": timeouts} | options
    async with ZohoCRM(known_credentials(url), **given) as zoho:
        yield zoho


async def one_delete(url, **options):
    """Make a call that is repeated."""
    async with client_on(url, **options) as zoho:
        await zoho.delete_unsubscribe_link(1)


async def one_post(url, **options):
    """Make a call with a body."""
    async with client_on(url, **options) as zoho:
        await zoho.request("POST", "coql", json={"select_query": "select id from Leads"})


async def one_list(url, **options):
    """Make a call that reads."""
    async with client_on(url, **options) as zoho:
        await zoho.unsubscribe_links.list()


async def a_batch(url, **options):
    """Make many calls, of which the errors are raised together."""
    async with client_on(url, **options) as zoho:
        report = await zoho.delete_unsubscribe_links([1, 2, 3])
    for outcome in report.outcomes:
        if outcome.error is not None:
            options["on_event"](outcome)
    report.raise_for_failures()


async def a_stream(url, **options):
    """Make many calls, of which the errors are kept."""
    async with client_on(url, **options) as zoho:
        errors = [one.error async for one in zoho.iter_delete_unsubscribe_links([1, 2])]
    raise errors[0]


async def a_download(url, **options):
    """Read a file, which the caller fails to write."""
    async with (
        client_on(url, **options) as zoho,
        zoho._transport.stream(ApiCall("GET", "files")) as streamed,
    ):
        await anext(streamed.chunks)
        raise OSError("the disk is full")


async def an_upload(url, **options):
    """Send a file that is read meanwhile."""
    call = ApiCall("POST", "files", body=File(chunks(), "a"), host="upload")
    async with client_on(url, **options) as zoho:
        await zoho._transport.call(call)


async def a_file_that_fails(url, **options):
    """Send a file that cannot be read to its end."""
    call = ApiCall("POST", "files", body=File(chunks(OSError("gone")), "a"), host="upload")
    async with client_on(url, **options) as zoho:
        await zoho._transport.call(call)


async def chunks(error=None):
    """Yield a file, and raise *error* then if there is one."""
    yield b"one"
    if error is not None:
        raise error
    yield b"two"


async def a_code(url, **_):
    """Exchange a code of the API console."""
    await known_client(url).exchange_code(KNOWN["code"], timeout=0.3)


async def a_redirect(url, **_):
    """Exchange the code of a redirect, with PKCE."""
    await known_client(url).exchange_redirect(
        f"/?code={KNOWN['code']}&state={KNOWN['state']}", known_request(), timeout=0.3
    )


async def a_revocation(url, **_):
    """End a refresh token."""
    await known_client(url).revoke(KNOWN["refresh"], timeout=0.3)


CALLS = [one_delete, one_post, one_list, a_batch, a_stream]
FILES = [a_download, an_upload, a_file_that_fails]
TOKENS = [one_delete, a_code, a_redirect, a_revocation]


async def attempt(work, seen, url, **options) -> None:
    """Run *work*, which fails, and show all that is told of it."""
    try:
        await work(url, on_event=seen.event, **options)
    except BaseException as error:  # noqa: BLE001  # whatever it is
        seen.add(error)


@pytest.mark.system
@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
@pytest.mark.parametrize("call", [*CALLS, *FILES])
async def test_a_call_that_fails_shows_no_secret(call, behaviour, server, seen):
    """Whatever a server or gateway answers in Zoho's place."""
    server.behaviour = behaviour

    await attempt(call, seen, server.url)

    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.system
@pytest.mark.parametrize("behaviour", TOKEN_BEHAVIOURS.values(), ids=TOKEN_BEHAVIOURS)
@pytest.mark.parametrize("call", TOKENS)
async def test_a_token_request_that_fails_shows_no_secret(call, behaviour, server, seen):
    """Neither what it sent, nor what came back."""
    server.behaviour = behaviour
    server.spoils_tokens = True

    await attempt(call, seen, server.url)

    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("call", [*CALLS, *TOKENS[1:]])
async def test_a_refused_connection_shows_no_secret(call, seen):
    """Its cause stays to be seen."""
    await attempt(call, seen, closed_port())

    assert seen.errors
    assert "Connect call failed" in "".join(seen.texts())
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("spoils_tokens", [False, True])
@pytest.mark.parametrize("call", [*CALLS, *TOKENS[1:]])
async def test_a_call_that_is_cancelled_shows_no_secret(call, spoils_tokens, server, seen):
    """Wherever it is at that moment."""
    server.behaviour, server.spoils_tokens = None, spoils_tokens

    async def cut_off(url, **options):
        async with asyncio.timeout(0.1):
            await call(url, **options, timeout=5)

    await attempt(cut_off, seen, server.url)

    assert seen.errors
    assert [] == KNOWN.shown_in(seen.texts())


class Foreign:
    """A sender of the user's own, which fails in its own way.

    Args:
        error: What it raises.
        spoils: A part of the path of requests that fail.
    """

    def __init__(self, error: BaseException, spoils: str) -> None:
        self._error = error
        self._spoils = spoils

    async def send(self, request) -> Response:
        """Send nothing."""
        if self._spoils in request.path:
            raise self._error
        answer = {"access_token": KNOWN["access"], "expires_in": 3600}
        return Response(200, {}, json.dumps(answer).encode())


@pytest.mark.parametrize("spoils", ["/oauth/", "/crm/"])
@pytest.mark.parametrize("error", [RuntimeError, OSError, ExceptionGroup])
async def test_an_error_of_a_foreign_sender_shows_no_secret_and_keeps_its_traceback(
    error, spoils, seen
):
    """Only our frames are cleared; where it was raised is still told."""
    raised = error("boom", [ValueError("x")]) if error is ExceptionGroup else error("boom")
    sender = Foreign(raised, spoils)

    with pytest.raises(error) as caught:
        await one_delete("https://zoho.example", sender=sender, on_event=seen.event)

    seen.add(caught.value)
    assert caught.value is raised
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert __file__ == frames[-1].filename
    assert "send" == frames[-1].name
    assert [] == KNOWN.shown_in(seen.texts())


class Telling:
    """A sender of the user's own that quotes the request in an error of ours."""

    async def send(self, request) -> Response:
        """Quote the headers of calls, or the body."""
        if request.body is None:
            raise ConnectionLostError(f"lost: {request.headers}")
        if KNOWN["code"].encode() in request.body:
            raise ConnectionLostError(f"lost: {request.body}")
        return Response(200, {}, json.dumps({"access_token": KNOWN["access"]}).encode())


async def test_what_a_foreign_sender_quotes_is_redacted(seen):
    """In errors, events and the log."""
    await attempt(one_delete, seen, "https://zoho.example", sender=Telling())
    with pytest.raises(TokenEndpointError) as caught:
        await known_client("https://a.example").exchange_code(KNOWN["code"], sender=Telling())
    seen.add(caught.value)

    assert "Zoho-oauthtoken [redacted]" in str(seen.errors[0])
    assert "code=[redacted]" in str(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("verb", ["exchange_code", "exchange_redirect", "revoke"])
async def test_an_error_of_a_sender_for_one_request_keeps_its_traceback(verb, seen):
    """Our arguments are hidden, and the line in which it was raised is told."""
    raised = RuntimeError("boom")
    calls = {
        "exchange_code": lambda client, sender: client.exchange_code(KNOWN["code"], sender=sender),
        "exchange_redirect": lambda client, sender: client.exchange_redirect(
            f"/?code={KNOWN['code']}&state={KNOWN['state']}", known_request(), sender=sender
        ),
        "revoke": lambda client, sender: client.revoke(KNOWN["refresh"], sender=sender),
    }

    with pytest.raises(RuntimeError) as caught:
        await calls[verb](known_client("https://zoho.example"), Foreign(raised, "/"))

    seen.add(caught.value)
    assert "send" == traceback.extract_tb(caught.value.__traceback__)[-1].name
    assert [] == KNOWN.shown_in(seen.texts())


class Interrupting(aiohttp.TCPConnector):
    """Makes no connection: something else comes first."""

    error: BaseException

    async def connect(self, req, traces, timeout):  # noqa: ASYNC109  # aiohttp names it so
        """Raise it."""
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interruption_within_aiohttp_shows_no_secret(error, seen):
    """Ctrl-C, or an error of something that was plugged into a session of the user's."""

    async def main():
        connector = Interrupting()
        connector.error = error("stop")
        async with aiohttp.ClientSession(connector=connector) as session:
            await one_delete("https://zoho.example", session=session, on_event=seen.event)

    with pytest.raises(error, match="stop") as caught:
        asyncio.run(main())

    seen.add(caught.value)
    assert "connect" == traceback.extract_tb(caught.value.__traceback__)[-1].name
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("call", [one_delete, a_batch, a_code])
async def test_a_task_whose_error_nobody_asks_for_shows_no_secret(call, server, seen):
    """The event loop logs it, and the tracker sends what is logged."""
    server.behaviour, server.spoils_tokens = BEHAVIOURS["json-400"], True
    task = asyncio.create_task(call(server.url, on_event=seen.event))
    await asyncio.wait((task,))
    del task
    gc.collect()

    texts = seen.texts()
    assert "Task exception was never retrieved" in "".join(texts)
    assert [] == KNOWN.shown_in(texts)


async def test_the_event_loop_in_debug_mode_shows_no_secret(server, seen):
    """It logs the callbacks that were slow, with their arguments."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    server.behaviour = BEHAVIOURS["json-400"]
    for call in CALLS + TOKENS:
        await attempt(call, seen, server.url)

    texts = seen.texts()
    assert "Executing <" in "".join(texts)
    assert [] == KNOWN.shown_in(texts)


async def test_no_repr_of_any_object_shows_a_secret(server, seen):
    """A debugger, an assertion or a log may print any of them."""
    server.behaviour = BEHAVIOURS["json-400"]
    events = []
    async with client_on(server.url, on_event=events.append) as zoho:
        report = await zoho.delete_unsubscribe_links([1, 2])
        parts = [report, events, known_client(server.url), known_request()]
        parts += [thing for thing in gc.get_objects() if is_ours(thing)]
    assert 50 < len(parts)
    assert {"Request", "Token", "StoredToken"} <= {type(part).__name__ for part in parts}
    assert [] == KNOWN.shown_in([repr(part) for part in parts])


def is_ours(thing: object) -> bool:
    """Return whether *thing* is an object of this package."""
    return str(type(thing).__module__).startswith("aiozcrm.")


SLIPS = [
    pytest.param({"data_center": "usa"}, id="data centre"),
    pytest.param({"environment": "live"}, id="environment"),
    pytest.param({"client_id": "two words"}, id="blank"),
    pytest.param({"api_url": "ftp://example"}, id="url"),
    pytest.param({"data_centre": "eu"}, id="misspelt"),
]


@pytest.mark.parametrize("changes", SLIPS)
@pytest.mark.parametrize("kind", [Credentials, OAuthClient, ClientCredentials])
def test_a_constructor_that_rejects_its_values_shows_none(kind, changes, seen):
    """Whatever is wrong, and however it is told."""
    others = {
        Credentials: lambda: {"refresh_token": KNOWN["refresh"]},
        OAuthClient: lambda: {"data_center_secrets": {"eu": KNOWN["secret elsewhere"]}},
        ClientCredentials: lambda: {"org_id": "1", "scopes": ["ZohoCRM.org.READ"]},
    }
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        kind(
            **{
                "client_id": "1000.CLIENT",
                "client_secret": KNOWN["client secret"],
                **others[kind](),
                **changes,
            }
        )

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


def test_credentials_of_another_type_are_not_shown(seen):
    """A client that is given a mapping says what it needs."""
    with pytest.raises(TypeError, match=r"must be Credentials or .*, not dict") as caught:
        ZohoCRM({"client_secret": KNOWN["client secret"]})

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("name", ["data_center", "environment", "org_id"])
def test_a_secret_in_the_wrong_place_is_not_shown(name, seen):
    """Arguments and variables are easily mixed up."""
    with pytest.raises(ConfigurationError) as caught:
        ClientCredentials(
            **{
                "client_id": "1000.CLIENT",
                "client_secret": KNOWN["client secret"],
                "org_id": "1",
                "scopes": ["ZohoCRM.org.READ"],
                name: KNOWN["refresh"],
            }
        )

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("name", ["client_secret", "refresh_token"])
def test_a_secret_that_is_rejected_is_not_shown(name, seen):
    """A value with a line end is a common slip."""
    with pytest.raises(ConfigurationError, match=name) as caught:
        Credentials(
            **{
                "client_id": "1000.CLIENT",
                "client_secret": KNOWN["client secret"],
                "refresh_token": KNOWN["refresh"],
                name: f"{KNOWN['access']}\n",
            }
        )

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("changes", [{"ZOHO_CLIENT_ID": ""}, {"ZOHO_DATA_CENTER": "usa"}])
@pytest.mark.parametrize("is_given", [True, False])
def test_an_environment_that_is_rejected_is_not_shown(is_given, changes, seen, monkeypatch):
    """It holds more secrets than ours."""
    for name, secret in [
        ("ZOHO_CLIENT_SECRET", "client secret"),
        ("ZOHO_REFRESH_TOKEN", "refresh"),
        ("OTHER", "password"),
    ]:
        monkeypatch.setenv(name, KNOWN[secret])
    for name, value in changes.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as caught:
        Credentials.from_env(os.environ if is_given else None)

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


def bad_redirects() -> list[str]:
    """Return redirects that cannot be trusted or understood."""
    said = f"code={KNOWN['code']}&state={KNOWN['state']}"
    return [
        f"http://[?{said}",
        f"?{said}x",
        f"?{said}&error=access_denied",
        f"?{said}&error={KNOWN['code']}",
        f"?{said}&{said}",
        f"?{said}&accounts-server=https://{KNOWN['code']}@evil.example",
        f"?{said}&accounts-server=https://evil.example",
        f"?{said}&accounts-server=https://{KNOWN['code']}.evil.example",
        f"?code=%00{KNOWN['code']}&state={KNOWN['state']}",
    ]


@pytest.mark.parametrize("number", range(len(bad_redirects())))
async def test_a_redirect_that_is_rejected_is_not_shown(number, seen):
    """Nothing is sent, and what was read stays secret."""
    with pytest.raises(ZohoError) as caught:
        await known_client("https://a.example").exchange_redirect(
            bad_redirects()[number], known_request()
        )

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("verb", ["exchange_code", "revoke"])
async def test_a_code_or_token_with_a_line_end_is_not_shown(verb, seen):
    """Nothing is sent."""
    with pytest.raises(ZohoError) as caught:
        await getattr(known_client("https://a.example"), verb)(f"{KNOWN['code']}\n")

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


def known_state() -> TokenState:
    """Return what a store is to keep."""
    token = StoredToken(access_token=KNOWN["access"], expires_at=2e9, lifetime=3600.0)
    return TokenState(token=token)


async def use(store, seen) -> None:
    """Let a store do all that a client asks of it, by itself and within a client."""

    async def locked():
        async with store.lock("eu.production.1"):
            pass

    for step in (
        lambda: store.save("eu.production.1", known_state()),
        lambda: store.load("eu.production.1"),
        locked,
    ):
        try:
            await step()
        except Exception as error:  # noqa: BLE001  # whatever a store raises
            seen.add(error)
    await attempt(
        one_delete,
        seen,
        "https://zoho.example",
        sender=Foreign(RuntimeError("boom"), "/crm/"),
        token_store=store,
    )


def blocked(path):
    """Let the file never be replaced."""
    (path.parent / f"{path.name}.new" / "in the way").mkdir(parents=True)


def damaged(path):
    """Cut the file off within the token, and keep it from being set aside."""
    path.write_text(f'{{"tokens": {{"a": {{"token": "{KNOWN["access"]}')
    path.chmod(0o600)
    (path.parent / f"{path.name}.lock").mkdir()


def newer(path):
    """Let a newer version have written it."""
    path.write_text(json.dumps({"version": 99, "tokens": {"a": KNOWN["access"]}}))
    path.chmod(0o600)


def odd(path):
    """Write what no version writes."""
    token = {"access_token": f"{KNOWN['access']}\n", "expires_at": "soon"}
    entry = {"token": token, "made_at": 7, "blocked_until": 0, "refusals": 0}
    path.write_text(json.dumps({"version": 1, "tokens": {"eu.production.1": entry}}))
    path.chmod(0o600)


@pytest.mark.parametrize("spoil", [blocked, damaged, newer, odd])
async def test_a_token_file_in_trouble_shows_no_secret(spoil, tmp_path, seen):
    """Neither to who asks the store, nor in events and the log."""
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    spoil(path)

    await use(store, seen)

    texts = seen.texts()
    assert seen.errors
    assert [] == KNOWN.shown_in(texts)


REDIS_ANSWERS = {
    "error": lambda told: f"-ERR unknown command with args {told!r}\r\n".encode(),
    "wrong-password": lambda told: f"-WRONGPASS invalid {told!r}\r\n".encode(),
    "loading": lambda told: f"-LOADING {told!r}\r\n".encode(),
    "value": lambda told: f"+{told!r}\r\n".encode(),
    "nonsense": lambda told: told.encode(),
    "end": lambda _: b"",
}


def known_redis(port: int) -> str:
    """Return the URL of a Redis with a password."""
    return f"redis://:{urllib.parse.quote(KNOWN['password'])}@127.0.0.1:{port}/0"


@pytest.mark.parametrize("answer", REDIS_ANSWERS.values(), ids=REDIS_ANSWERS)
async def test_a_redis_that_quotes_what_it_is_sent_shows_no_secret(answer, seen):
    """Its password is sent first, and tokens later."""

    async def serve(reader, writer):
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while told := await reader.read(65536):
                writer.write(answer(told.decode()))
                await writer.drain()
                if not answer(""):
                    return

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        await use(RedisTokenStore(known_redis(port), timeout=0.5, lock_timeout=0.1), seen)

    assert seen.errors
    assert [] == KNOWN.shown_in(seen.texts())


async def test_a_redis_that_is_away_or_rejects_commands_shows_no_secret(make_redis, seen):
    """A real one, of which trackers note the commands, and which quotes what it rejects."""
    server = make_redis("--rename-command", "EVAL", "")
    server.client.config_set("requirepass", KNOWN["password"])
    store = RedisTokenStore(known_redis(server.port))
    await use(store, seen)
    assert KNOWN["access"].encode() in server.everything()
    server.client.acl_setuser("default", commands=["-set"])
    await use(store, seen)
    server.stop()
    await use(store, seen)

    assert 3 < len(seen.errors)
    assert [] == KNOWN.shown_in(seen.texts())


@pytest.mark.parametrize("url", ["redis://:{}@host/tokens", "redis://:{}@host?unknown=1", "{}"])
@pytest.mark.parametrize("options", [{}, {"lease": 0}])
def test_a_redis_store_that_cannot_be_made_shows_no_password(url, options, seen):
    """Nor does a number that cannot be."""
    with pytest.raises(ConfigurationError) as caught:
        RedisTokenStore(url.format(KNOWN["password"]), **options)

    seen.add(caught.value)
    assert [] == KNOWN.shown_in(seen.texts())


class Quoting:
    """A token store of the user's own that quotes what it could not keep."""

    async def load(self, key) -> TokenState:
        """Know nothing."""
        return TokenState()

    async def save(self, key, state) -> None:
        """Quote the token."""
        raise OSError(f"INSERT failed: {state.token.access_token}")

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Lock nothing."""
        yield


async def test_what_a_foreign_store_quotes_is_not_logged(caplog):
    """Only its own error, in the event, still does so."""
    events = []
    sender = Foreign(RuntimeError("boom"), "/crm/")
    with pytest.raises(RuntimeError):
        await one_delete(
            "https://a.example", sender=sender, token_store=Quoting(), on_event=events.append
        )

    assert "INSERT failed: [redacted]" in caplog.text
    assert [] == KNOWN.shown_in([caplog.text])


async def everything_that_goes_wrong(fake, quick, events):
    """Run calls into every fault of both endpoints and yield what is raised."""
    hasty = Clock(sleep=lambda _: asyncio.sleep(0))
    for plan in (fake.faults, fake.token_faults):
        for fault in Fault:
            if plan is fake.token_faults and fault is Fault.TOKEN_REVOKED:
                continue
            plan.clear()
            plan.script(*[fault] * 5)
            options = {"retries": quick, "on_event": events.append, "timeout": 0.1, "clock": hasty}
            async with ZohoCRM(fake.credentials(), **options) as zoho:
                try:
                    await zoho.delete_unsubscribe_link(fake.unsubscribe_links.default_id)
                except ZohoError as error:
                    yield error
            plan.clear()


def told_by_telemetry(events):
    """Return all spans and metrics that OpenTelemetry would export."""
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    tracer_provider = TracerProvider()
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    receive = OpenTelemetryEvents(
        tracer_provider=tracer_provider,
        meter_provider=MeterProvider([metrics]),
    )
    for event in events:
        receive(event)
    exported = [span.to_json() for span in spans.get_finished_spans()]
    assert len(exported) > 40
    return [*exported, metrics.get_metrics_data().to_json()]


async def test_nothing_that_is_raised_told_or_logged_shows_a_secret(quick, caplog):
    """messages, reprs, pickles, tracebacks with locals, events, spans, metrics, the log."""
    events, seen, errors = [], [], []
    with caplog.at_level(logging.DEBUG):
        async with FakeZoho(tokens=TokenLimits(made=1000)) as fake:
            async for error in everything_that_goes_wrong(fake, quick, events):
                errors.append(error)
                seen += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
                told = traceback.TracebackException.from_exception(error, capture_locals=True)
                seen += list(told.format())
            secrets = [fake.environ()["ZOHO_CLIENT_SECRET"], fake.environ()["ZOHO_REFRESH_TOKEN"]]
            tokens_made = fake.stats.tokens_made
    seen += [repr(event) for event in events]
    seen += told_by_telemetry(events)
    seen += [record.getMessage() for record in caplog.records if record.name == "aiozcrm"]

    assert 15 < len(errors)
    assert 5 < tokens_made
    assert 40 < len(events)
    assert "retry of DELETE" in caplog.text
    text = "\n".join(seen)
    assert [] == [secret for secret in secrets if secret in text]
    # The form of the access tokens that the local Zoho makes.
    assert [] == re.findall(r"1000\.[0-9a-f]{32}", text)


async def test_what_a_grant_brings_shows_no_secret(fake):
    """Nor does a request for one, or the client that asked."""
    client = fake.oauth_client()
    request = client.authorization_request(
        redirect_uri="http://localhost/", scopes=["ZohoCRM.org.READ"], pkce=True
    )
    grant = await client.exchange_redirect(fake.consent(request.url), request)
    secrets = [
        request.state,
        request.code_verifier,
        client.client_secret,
        grant.credentials.refresh_token,
    ]

    shown = repr([client, request, grant, fake.client_credentials()])
    assert [] == [secret for secret in secrets if secret in shown]
    stored = grant.credentials.store_key + fake.client_credentials().store_key
    assert [] == [secret for secret in secrets if secret in stored]
