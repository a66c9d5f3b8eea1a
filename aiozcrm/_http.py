"""The only room that speaks aiohttp's client: a request in, a response out."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from typing import Final

import aiohttp
from yarl import URL

from aiozcrm._protocol import Request, Response
from aiozcrm.errors import (
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    RequestTimeoutError,
    TransportError,
)
from aiozcrm.timeouts import Timeouts

__all__ = ["AiohttpSender", "OneTimeSender"]

#: Connections beside those for calls in flight: one for the token endpoint, one to spare.
_SPARE_CONNECTIONS: Final = 2

#: How much of a foreign error's text is passed on: some quote the answer they choked on.
_LONGEST_WORDS: Final = 200


class _LostAnswerError(aiohttp.ClientError):
    """A connection that broke after the request was sent, under a name aiohttp does not know."""


async def _send_only_once(
    request: aiohttp.ClientRequest,
    handler: aiohttp.ClientHandlerType,
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending an idempotent request a second time without telling.

    aiohttp does so when it sees one of the two errors below; a DELETE may then have run before
    what looks like the first answer.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        lost = _LostAnswerError(_describe(error))
    raise lost


def _as_asked(asked: Mapping[str, str]) -> aiohttp.ClientMiddlewareType:
    """Return what takes off the cookies and passwords of a session that is not ours.

    With trust_env aiohttp takes passwords from .netrc, and some of its versions put them in the
    place of the access token.
    """

    async def send_as_asked(
        request: aiohttp.ClientRequest,
        handler: aiohttp.ClientHandlerType,
    ) -> aiohttp.ClientResponse:
        for name in ("Authorization", "Cookie"):
            request.headers.pop(name, None)
            if name in asked:
                request.headers[name] = asked[name]
        return await handler(request)

    return send_as_asked


_FOR_OUR_SESSION: Final = (_send_only_once,)

#: Which of our errors each of aiohttp's is; the first match counts.
_TRANSLATIONS: Final[tuple[tuple[type[Exception], type[TransportError], str], ...]] = (
    (aiohttp.ClientConnectorCertificateError, CertificateError, "refused the certificate of"),
    (aiohttp.ClientConnectorError, ConnectError, "could not connect to"),
    (aiohttp.ClientHttpProxyError, ConnectError, "was not let through by the proxy to"),
    (aiohttp.ConnectionTimeoutError, ConnectError, "could not connect in time to"),
    (TimeoutError, RequestTimeoutError, "got no answer in time from"),
    (aiohttp.ClientError, ConnectionLostError, "lost the connection to"),
)


class AiohttpSender:
    """Sends requests through an aiohttp session.

    Args:
        session: Whose connections to use; it is left open. None for a session of our own,
            which stores no cookies and is closed with this object.
        timeouts: How long to wait.
        connections: How many requests there can be at once; for a session of our own.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession | None = None,
        timeouts: Timeouts,
        connections: int,
    ) -> None:
        self._session = session
        self._owns_session = session is None
        self._connections = connections + _SPARE_CONNECTIONS
        self._origins: dict[str, URL] = {}
        self._closed = False
        self._timeout = aiohttp.ClientTimeout(
            total=min(timeouts.request, timeouts.call),
            sock_connect=timeouts.connect,
        )

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        session = self._session or self._open_session()
        try:
            answer = await session.request(
                request.method,
                self._url_of(request),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
                raise_for_status=False,
                timeout=self._timeout,
                middlewares=_FOR_OUR_SESSION
                if self._owns_session
                else (_as_asked(request.headers), _send_only_once),
            )
            # Reading to the end gives the connection back, and so does failing to.
            return Response(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure: BaseException = _translate(error, request)
        except asyncio.CancelledError as error:
            failure = self._cut_off(session, error)
        except Exception as error:  # noqa: BLE001  # whatever a session of the user's raises
            failure = _refused_by(session, error)
        # Raised outside of the handler, so that no frame and no error of aiohttp hangs on to it:
        # those know the request's headers.
        raise failure

    def _cut_off(
        self,
        session: aiohttp.ClientSession,
        error: asyncio.CancelledError,
    ) -> BaseException:
        """Tell a cancellation of the caller from that of a task within a session that closes."""
        task = asyncio.current_task()
        if session.closed and task is not None and not task.cancelling():
            closed = ClientClosedError("The session was closed during the call.")
            closed.maybe_done = True
            return closed
        return asyncio.CancelledError(*error.args)

    def _url_of(self, request: Request) -> URL:
        """Return the URL of a request, of which the host is parsed only once."""
        origin = self._origins.get(request.origin)
        if origin is None:
            origin = self._origins[request.origin] = URL(request.origin)
        if request.query:
            return URL(f"{request.url}?{request.query}", encoded=True)
        return origin.with_path(request.path, encoded=True)

    async def close(self) -> None:
        """Close the session if it is our own."""
        self._closed = True
        if self._owns_session and self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise ClientClosedError("The client is closed.")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            # Zoho sets several cookies with each answer. Keeping them would tie calls to an
            # older token, and would cost more than half of what the rest of a call does.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _user_agent()},
        )
        return self._session


class OneTimeSender:
    """Sends each request through a session that it opens and closes, so it suits any event loop.

    Args:
        timeouts: How long to wait.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        sender = AiohttpSender(timeouts=self._timeouts, connections=1)
        try:
            return await sender.send(request)
        finally:
            await sender.close()


def _refused_by(session: aiohttp.ClientSession, error: Exception) -> Exception:
    """Return what to raise where a session does not even try."""
    if isinstance(error, RuntimeError) and session.closed:
        return ClientClosedError("The session is closed.")
    if isinstance(error, ValueError) and session.trust_env:
        return ConfigurationError(
            f"The session cannot send this: {_describe(error)}.",
            hint="With trust_env it takes a password from .netrc: remove Zoho's hosts, and any "
            "default entry, from that file.",
        )
    return error.with_traceback(None)


@functools.cache
def _user_agent() -> str:
    # Imported here, since it takes longer than all of this package.
    from importlib.metadata import version  # noqa: PLC0415

    return f"aiozcrm/{version('aiozcrm')}"


def _translate(error: Exception, request: Request) -> TransportError:
    kind, what = next(
        (kind, what) for foreign, kind, what in _TRANSLATIONS if isinstance(error, foreign)
    )
    return kind(f"{request.method} {what} {request.url}: {_describe(error)}.")


def _describe(error: Exception) -> str:
    """Return an error's name and words, without the objects that it refers to."""
    if isinstance(error, _LostAnswerError):
        return str(error)
    words = str(error)[:_LONGEST_WORDS]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
