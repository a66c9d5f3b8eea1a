"""Reads requests. Whatever arrives is read, or answered as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from aiozcrm.testing._server._replies import respond
from aiozcrm.testing._wire._answer import INTERNAL_ERROR, RejectedError, error_answer
from aiozcrm.testing._wire._form import MULTIPART, read_parts
from aiozcrm.testing.stats import Stats

__all__ = ["Server", "read_body", "read_form"]

# Criteria and lists of ids make long queries.
_LONGEST_LINE: Final = 2**16


class Server(web.Server):
    """A server that counts its connections.

    Args:
        handler: Replies to requests.
        stats: Where connections are counted.
    """

    def __init__(
        self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], stats: Stats
    ) -> None:
        # A client that hangs up ends the wait of its request as well.
        super().__init__(
            handler,
            request_factory=self._make,
            handler_cancellation=True,
            access_log=None,
            max_line_size=_LONGEST_LINE,
        )
        self._stats = stats

    def __call__(self) -> web.RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._stats.connections += 1

    def _make(self, *parts: Any) -> web.BaseRequest:
        # Bodies of any size are read, to be answered as Zoho does.
        return web.BaseRequest(*(*parts, self._loop), client_max_size=0)


class _Handler(web.RequestHandler):
    """Answers in JSON what is no HTTP, and what the fake fails at."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            # Half an answer is out: only the end of the connection can say so.
            raise ConnectionError("the answer has begun")
        if status == 500:
            self.log_exception("This fake Zoho failed", exc_info=exc)
            response = respond(INTERNAL_ERROR)
        else:
            response = respond(error_answer(status, "BAD_REQUEST", message or "not HTTP"))
        response.force_close()
        return response


async def read_body(request: web.BaseRequest) -> bytes:
    """Return the body of *request*, after telling a client that waits for it to go on.

    Raises:
        RejectedError: If it is broken, or the client expects what is not to be had.
    """
    expects = request.headers.get("Expect", "").lower()
    if expects == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # For aiohttp, which has not begun the answer yet.
        request.writer.output_size = 0
    elif expects:
        raise RejectedError(error_answer(417, "EXPECTATION_FAILED", "expect 100-continue only"))
    try:
        return await request.read()
    except (web.RequestPayloadError, HttpProcessingError) as broken:
        raise RejectedError(error_answer(400, "BAD_REQUEST", str(broken))) from None


async def read_form(request: web.BaseRequest) -> Mapping[str, str]:
    """Return the fields of a form, whatever its type says of it.

    Raises:
        RejectedError: If the body is broken.
    """
    body = await read_body(request)
    if request.content_type == MULTIPART:
        return {part.name: part.text for part in read_parts(request.headers["Content-Type"], body)}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
