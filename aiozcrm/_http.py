"""The only room that speaks aiohttp's client: a request in, a response out."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import select
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from aiozcrm._hiding import hide_frames
from aiozcrm._protocol import Body, Request, Response, Streamed, redact, secrets_of, shortened
from aiozcrm._shared_timeout import SharedTimeout
from aiozcrm._version import __version__
from aiozcrm.datacenters import check_proxy
from aiozcrm.errors import (
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    InvalidResponseError,
    RequestTimeoutError,
    TransportError,
    ZohoError,
)
from aiozcrm.timeouts import Timeouts

__all__ = ["LONGEST_ANSWER", "AiohttpSender", "OneTimeSender"]

#: How many bytes of an answer are read unless another limit is set, decompressed.
LONGEST_ANSWER: Final = 32 * 1024 * 1024

#: How many bytes are read of an answer that is no success.
_LONGEST_ERROR_PAGE: Final = 64 * 1024

#: Connections beside those for calls in flight: one for the token endpoint, the others for
#: downloads that go on when their call no longer counts as one in flight.
_SPARE_CONNECTIONS: Final = 101

#: How many connections with unread bytes are closed for one request. A pool of aiohttp holds 100
#: unless told otherwise; a server that talks first on new ones, too, must not go on for ever.
_MOST_UNCLEAN: Final = 200

#: The switch of a session by which aiohttp's own tests keep it from sending again.
_RESENDS: Final = "_retry_connection"

#: How much of a foreign error's text is passed on: some quote the answer they choked on.
_LONGEST_WORDS: Final = 200

#: How many bytes to free once, see :func:`_keep_blocks`: more than asyncio receives into. With
#: many more, glibc would also keep more memory that is free.
_LARGER_BLOCK: Final = 384 * 1024

#: What an error may hold to be chained. Anything else may know the headers of the request.
_PLAIN: Final = (str, int, float, type(None))


class _LostAnswerError(aiohttp.ClientError):
    """A connection that broke, under a name for which aiohttp does not send again."""

    def __init__(self, original: Exception) -> None:
        super().__init__()
        self.original = original


class _UncleanConnectionError(aiohttp.ClientError):
    """A connection on which bytes of another answer wait."""


class _Connections:
    """Tells which connections must not be used again: an answer of another call waits there.

    aiohttp would take a late second answer to one request for the answer to the next one.
    """

    def __init__(self) -> None:
        # A connection that was used is looked at in the kernel, too. A new one is not: TLS may
        # still have something to say there. (Weak references would take longer than the look.)
        self._used: dict[aiohttp.client_proto.ResponseHandler, select.poll | None] = {}

    def is_clean(self, connection: aiohttp.connector.Connection) -> bool:
        """Return whether no bytes wait on *connection*, and remember it as used."""
        protocol = connection.protocol
        if protocol is None or protocol.should_close:
            return False
        try:
            readiness = self._used[protocol]
        except KeyError:
            self._used = {used: how for used, how in self._used.items() if used.is_connected()}
            transport = connection.transport
            sock = None if transport is None else transport.get_extra_info("socket")
            readiness = None  # It tells whether bytes, or an end, wait in the kernel.
            if sock is not None and hasattr(select, "poll"):  # Windows has none
                readiness = select.poll()
                readiness.register(sock.fileno(), select.POLLIN)
            self._used[protocol] = readiness
            return True
        return readiness is None or not readiness.poll(0)

    def distrust(self) -> None:
        """Let none that was used so far be used again; what is under way there may end."""
        for protocol in self._used:
            protocol.force_close()


#: The request that the running task is about to send; None once it has left.
_LEAVING: Final[ContextVar[Request | None]] = ContextVar("aiozcrm_leaving", default=None)


def _request_class(connections: _Connections) -> type[aiohttp.ClientRequest]:
    """Return the class of the requests of a session of our own.

    They leave on clean connections only, and say so when they leave.
    """

    class OwnRequest(aiohttp.ClientRequest):
        async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
            if not connections.is_clean(conn):
                raise _UncleanConnectionError
            request = _LEAVING.get()
            if request is not None:  # pragma: no branch  # nobody else uses the session
                request.left = True
            # Tasks that are created from here on do not keep it, its body and its token alive.
            _LEAVING.set(None)
            return await super().send(conn)

    return OwnRequest


class _Guard:
    """Middleware that does the same in a user's session, and sends no request twice.

    aiohttp sends an idempotent request again if the connection breaks, without telling; a DELETE
    may then have run before what looks like the first answer. It also takes off the cookies and
    passwords that such a session adds: with trust_env aiohttp takes passwords from .netrc, and puts
    them in the place of the token.
    """

    __slots__ = ("_connections", "_request")

    def __init__(self, request: Request, connections: _Connections) -> None:
        self._request = request
        self._connections = connections

    async def __call__(
        self,
        outgoing: aiohttp.ClientRequest,
        handler: aiohttp.ClientHandlerType,
    ) -> aiohttp.ClientResponse:
        request = self._request
        for name in ("Authorization", "Cookie"):
            outgoing.headers.pop(name, None)
            if name in request.headers:
                outgoing.headers[name] = request.headers[name]
        send_now = outgoing.send

        async def send(connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
            if not self._connections.is_clean(connection):
                raise _UncleanConnectionError
            request.left = True
            return await send_now(connection)

        outgoing.send = send  # type: ignore[assignment,method-assign]
        try:
            return await handler(outgoing)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            lost = error
        finally:
            del outgoing.send  # it refers to the request, which is not to wait for the collector
        raise _LostAnswerError(lost)


class _Answer:
    """Holds an answer of aiohttp, whose repr shows headers, which may quote the request.

    Args:
        received: The answer.
    """

    __slots__ = ("received",)

    def __init__(self, received: aiohttp.ClientResponse) -> None:
        self.received: aiohttp.ClientResponse = received


def _keep_blocks() -> None:
    """Let the C library keep blocks as large as those that asyncio receives into.

    asyncio takes a new block of 256 KiB for each answer, however short. glibc asks the kernel for
    each of them, which takes longer than receiving, until a program has freed a larger one.
    """
    bytearray(_LARGER_BLOCK)


class AiohttpSender:
    """Sends requests through an aiohttp session.

    Args:
        session: Whose connections to use; it is left open. None for a session of our own,
            which stores no cookies and is closed with this object.
        timeouts: How long to wait.
        connections: How many requests there can be at once; for a session of our own.
        longest_answer: How many bytes of an answer are read at most, decompressed.
        proxy: The address of an HTTP proxy for requests to https; None for no proxy.
    """

    #: The time for a whole request is kept here, so nobody else needs to.
    keeps_time: Final = True

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession | None = None,
        timeouts: Timeouts,
        connections: int,
        longest_answer: int = LONGEST_ANSWER,
        proxy: str | None = None,
    ) -> None:
        self._session = session
        self._through_proxy = _proxy_options(proxy)
        self._owns_session = session is None
        self._most_connections = connections + _SPARE_CONNECTIONS
        self._connections = _Connections()
        self._longest_answer = longest_answer
        self._origins: dict[str, URL] = {}
        self._needs_guard = True
        self._closed = False
        self._timeouts = timeouts
        _keep_blocks()
        self._whole = SharedTimeout(min(timeouts.request, timeouts.call))
        self._timeout = _client_timeout(timeouts)

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer, or a longer one than allowed.
            aiozcrm.errors.ClientClosedError: If the session was closed, before or meanwhile.
        """
        session = self._session or self._open_session()
        told, unclean = None, 0
        while told is None:
            task = None
            try:
                # The body has no name here: tracebacks may show the values of names.
                if not isinstance(request.body, (bytes, type(None))):
                    return await self._upload(session, request, request.body)
                timeouts = request.timeouts
                if timeouts is None:
                    timeout, task = self._timeout, self._whole.begin()
                else:
                    total = min(timeouts.request, timeouts.call)
                    timeout = _client_timeout(timeouts, total=total)
                sending = self._request(session, request, request.body, timeout)
                response = await self._exchange(sending, request)
            except BaseException as error:
                is_late = task is not None and self._whole.end(task)
                told = _told(TimeoutError() if is_late else error, request, session, unclean)
                if told is None and not isinstance(error, _UncleanConnectionError):
                    raise
                unclean += 1
            else:
                if task is not None:
                    self._whole.end(task)
                return response
        # Raised outside of the handler, so that no frame and no error of aiohttp hangs on to it:
        # those know the request's headers.
        raise told[0] from told[1]

    @contextlib.asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:
        """Send *request* exactly once and yield its answer when the headers are there.

        The time for a request is that between two pieces of the body, of which there may be any
        number. Reading the pieces raises the same errors.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
            aiozcrm.errors.ClientClosedError: If the session was closed, before or meanwhile.
        """
        session = self._session or self._open_session()
        timeouts = request.timeouts or self._timeouts
        timeout = _client_timeout(timeouts, sock_read=timeouts.request)
        told, unclean = None, 0
        while told is None:
            try:
                sending = self._request(session, request, request.body, timeout)
                answer = _Answer(await sending)
                break
            except BaseException as error:
                told = _told(error, request, session, unclean)
                if told is None and not isinstance(error, _UncleanConnectionError):
                    raise
                unclean += 1
        else:
            raise told[0] from told[1]
        try:
            yield Streamed(
                answer.received.status,
                answer.received.headers,
                _pieces_of(answer, request, session),
            )
        finally:
            # What was read to its end has given its connection back.
            answer.received.close()

    def _request(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        data: Any,
        timeout: aiohttp.ClientTimeout,
        headers: Mapping[str, str] | None = None,
    ) -> Awaitable[aiohttp.ClientResponse]:
        request.left = False
        if self._owns_session:
            _LEAVING.set(request)
        if request.query:
            url = URL(f"{request.url}?{request.query}", encoded=True)
        else:
            origin = self._origins.get(request.origin)
            if origin is None:  # The host is parsed only once.
                origin = self._origins[request.origin] = URL(request.origin)
            url = origin.with_path(request.path, encoded=True)
        return session.request(
            request.method,
            url,
            headers=headers or request.headers,
            data=data,
            allow_redirects=False,
            raise_for_status=False,
            timeout=timeout,
            # What is not https stays on this machine.
            **(self._through_proxy if request.origin.startswith("https:") else {}),
            middlewares=(_Guard(request, self._connections),) if self._needs_guard else (),
        )

    async def _exchange(
        self,
        sending: Awaitable[aiohttp.ClientResponse],
        request: Request,
    ) -> Response:
        """Send and read; in a frame of its own, which is cleared if it fails."""
        answer = await sending
        content, longest = answer.content, self._longest_answer
        if not 200 <= answer.status < 300:
            longest = _LONGEST_ERROR_PAGE
        if content.is_eof() and content.total_bytes <= longest:
            body = content.read_nowait()  # the usual case: it came with its headers
        else:
            body = await _read(answer, request, longest)
        return Response(answer.status, answer.headers, body)

    async def _upload(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        body: Body,
    ) -> Response:
        """Send a body that is read meanwhile, with the time for a request between its pieces."""
        timeouts = request.timeouts or self._timeouts
        headers = CIMultiDict(request.headers)
        if body.length is not None:
            headers["Content-Length"] = str(body.length)
        failure: Exception | None = None
        loop = asyncio.get_running_loop()

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal failure
            try:
                async for piece in body.chunks(asyncio.to_thread):
                    patience.reschedule(loop.time() + timeouts.request)
                    yield piece
            except Exception as error:
                failure = error
                raise

        try:
            async with asyncio.timeout(timeouts.request) as patience:
                sending = self._request(
                    session, request, pieces(), _client_timeout(timeouts), headers
                )
                return await self._exchange(sending, request)
        except aiohttp.ClientError:
            if failure is None:
                raise
        # The file broke the upload, not the connection. Raised outside of the handler, since it
        # is the cause of the error there.
        raise failure

    def distrust_connections(self) -> None:
        """Use no connection again that was used so far: its answers may be those of other calls.

        Requests that are under way go on.
        """
        self._connections.distrust()

    async def close(self) -> None:
        """Close the session if it is our own."""
        self._closed = True
        if self._owns_session and self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise ClientClosedError("The client is closed.")
        self._session = aiohttp.ClientSession(
            request_class=_request_class(self._connections),
            connector=aiohttp.TCPConnector(limit=self._most_connections),
            # Zoho sets several cookies with each answer. Keeping them would tie calls to an
            # older token, and would cost more than half of what the rest of a call does.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"aiozcrm/{__version__}"},
        )
        if hasattr(self._session, _RESENDS):
            # Otherwise it sends idempotent requests again, without telling.
            setattr(self._session, _RESENDS, False)
            self._needs_guard = False
        return self._session


def _proxy_options(address: str | None) -> dict[str, Any]:
    """Return what aiohttp has to be told about a proxy, with the password where no error quotes it.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is not the address of an HTTP proxy.
    """
    if check_proxy(address) is None:
        return {}
    url = URL(address or "")
    if url.user is None:
        return {"proxy": url}
    login = f"{url.user}:{url.password or ''}".encode()
    authorization = f"Basic {base64.b64encode(login).decode()}"
    return {
        "proxy": url.with_user(None),
        "proxy_headers": {"Proxy-Authorization": authorization},
    }


class OneTimeSender:
    """Sends each request through a session that it opens and closes, so it suits any event loop.

    Args:
        timeouts: How long to wait.
        proxy: The address of an HTTP proxy for requests to https; None for no proxy.
    """

    keeps_time: Final = True
    #: Nothing of it belongs to an event loop.
    any_loop: Final = True

    def __init__(self, timeouts: Timeouts, *, proxy: str | None = None) -> None:
        self._timeouts = timeouts
        self._proxy = proxy

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer, or a longer one than allowed.
        """
        async with self._sender() as sender:
            return await sender.send(request)

    @contextlib.asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:
        """Send *request* exactly once and yield its answer when the headers are there.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        async with self._sender() as sender, sender.stream(request) as streamed:
            yield streamed

    @contextlib.asynccontextmanager
    async def _sender(self) -> AsyncIterator[AiohttpSender]:
        sender = AiohttpSender(timeouts=self._timeouts, connections=1, proxy=self._proxy)
        try:
            yield sender
        finally:
            await sender.close()


@functools.lru_cache(maxsize=32)
def _client_timeout(
    timeouts: Timeouts,
    *,
    total: float | None = None,
    sock_read: float | None = None,
) -> aiohttp.ClientTimeout:
    """Return a timeout of aiohttp's for connecting, and for what else is given."""
    return aiohttp.ClientTimeout(
        total=total,
        connect=timeouts.connect,
        sock_connect=timeouts.connect,
        sock_read=sock_read,
    )


async def _read(answer: aiohttp.ClientResponse, request: Request, longest: int) -> bytes:
    """Return the whole body and give the connection back.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it is too long; the connection is closed.
    """
    chunks: list[bytes] = []
    length = 0
    try:
        while length <= longest and (chunk := await answer.content.readany()):
            chunks.append(chunk)
            length += len(chunk)
    except BaseException:
        answer.close()
        raise
    if length <= longest:
        answer.release()
        return b"".join(chunks)
    answer.close()
    raise InvalidResponseError(
        f"{request.method} {request.url} was answered {answer.status} with a body of more than "
        f"{longest} bytes.",
        status=answer.status,
        excerpt="",
        too_long=True,
        hint="Set max_response_size to read more." if answer.ok else None,
    )


async def _pieces_of(
    answer: _Answer,
    request: Request,
    session: aiohttp.ClientSession,
) -> AsyncIterator[bytes]:
    """Yield the body in pieces, and raise what send() would raise."""
    while True:
        told = None
        try:
            piece = await answer.received.content.readany()
        except BaseException as error:
            told = _told(error, request, session)
            if told is None:
                raise
        if told is not None:
            raise told[0] from told[1]
        if not piece:
            return
        yield piece


def _told(
    error: BaseException,
    request: Request,
    session: aiohttp.ClientSession,
    unclean: int = _MOST_UNCLEAN,
) -> tuple[BaseException, BaseException | None] | None:
    """Return what to raise in the place of *error*, and its cause; None to raise *error* itself.

    The frames of *error* stay, for whoever has to find out, but without the values in them.

    Args:
        error: What aiohttp raised.
        request: What was sent.
        session: By which session.
        unclean: How many connections were given up before, because bytes were waiting there. So
            many may be, and another one is tried.
    """
    if isinstance(error, _UncleanConnectionError) and unclean + 1 < _MOST_UNCLEAN:
        return None
    if isinstance(error, (aiohttp.ClientError, TimeoutError)):
        return _translate(error, request, session)
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        # A session that closes cancels its own tasks, which is no cancellation of the caller.
        is_its_own = session.closed and task is not None and not task.cancelling()
        return _closed(request) if is_its_own else asyncio.CancelledError(*error.args), None
    hide_frames(error)
    # A session that does not even try.
    if isinstance(error, RuntimeError) and session.closed:
        return ClientClosedError("The session is closed."), None
    if isinstance(error, ValueError) and session.trust_env:
        told = ConfigurationError(
            f"The session cannot send this: {_describe(error, request)}.",
            hint="With trust_env it takes a password from .netrc: remove Zoho's hosts, and any "
            "default entry, from that file.",
        )
        return told, None
    return None


#: Which of our errors each of aiohttp's is; the first match counts.
_TRANSLATIONS: Final[tuple[tuple[type[Exception], type[TransportError], str], ...]] = (
    (aiohttp.ClientConnectorCertificateError, CertificateError, "refused the certificate of"),
    (aiohttp.ClientConnectorError, ConnectError, "could not connect to"),
    (aiohttp.ClientHttpProxyError, ConnectError, "was not let through by the proxy to"),
    (aiohttp.ConnectionTimeoutError, ConnectError, "could not connect in time to"),
    (TimeoutError, RequestTimeoutError, "got no answer in time from"),
    (aiohttp.ClientError, ConnectionLostError, "lost the connection to"),
)


def _translate(
    error: Exception,
    request: Request,
    session: aiohttp.ClientSession,
) -> tuple[ZohoError, BaseException | None]:
    """Return our error for one of aiohttp's, and what it may have as its cause."""
    if isinstance(error, _LostAnswerError):
        error = error.original
    if session.closed:
        return _closed(request), None
    kind, what = next(
        (kind, what) for foreign, kind, what in _TRANSLATIONS if isinstance(error, foreign)
    )
    if not request.left and not issubclass(kind, ConnectError):
        kind, what = ConnectError, "could not connect to"
        if isinstance(error, TimeoutError):
            what = "could not connect in time to"
    words = _describe(error, request)
    return kind(f"{request.method} {what} {request.url}: {words}."), _cause_of(error, words)


def _closed(request: Request) -> ClientClosedError:
    error = ClientClosedError("The session was closed during the call.")
    error.maybe_done = request.left
    return error


def _cause_of(error: Exception, words: str) -> BaseException:
    """Return *error*, or one that says the same in *words*, if it knows the request."""
    cause: BaseException = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    is_plain = all(isinstance(value, _PLAIN) for value in (*cause.args, *vars(cause).values()))
    if not is_plain or str(error)[:_LONGEST_WORDS] not in words:  # a secret was taken out
        cause = aiohttp.ClientError(words)
    cause.__cause__ = cause.__context__ = None
    return cause.with_traceback(None)


def _describe(error: BaseException, request: Request) -> str:
    """Return an error's name and words, without the secrets of *request* that it may quote."""
    words = shortened(redact(str(error), secrets_of(request)))[:_LONGEST_WORDS]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
