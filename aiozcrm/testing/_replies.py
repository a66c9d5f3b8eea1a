"""Sends answers, and fails to as ordered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, TypeVar

from aiohttp import web

from aiozcrm.testing import _answers as answers
from aiozcrm.testing._answers import Answer
from aiozcrm.testing.faults import Fault, FaultPlan

__all__ = ["Headers", "Replies", "respond"]

Headers: TypeAlias = Iterable[tuple[str, str]]

_Response = TypeVar("_Response", bound=web.StreamResponse)

# "Drop all on close": the peer then sees a reset in place of an orderly end.
_LINGER_NOT: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

_ANSWERS: Final = {
    Fault.SERVER_ERROR_BEFORE: answers.INTERNAL_ERROR,
    Fault.SERVER_ERROR_AFTER: answers.INTERNAL_ERROR,
    Fault.BAD_GATEWAY: answers.BAD_GATEWAY,
    Fault.UNAVAILABLE: answers.SERVICE_UNAVAILABLE,
    Fault.TOO_MANY: answers.TOO_MANY_REQUESTS,
    Fault.TOO_MANY_RETRY_AFTER: answers.TOO_MANY_REQUESTS,
    Fault.NOT_JSON: answers.HTML_PAGE,
    Fault.TOKEN_REVOKED: answers.INVALID_TOKEN,
}


def respond(answer: Answer, headers: Headers = ()) -> web.Response:
    """Return *answer* as the response that says all of it."""
    return _dress(web.Response(status=answer.status, body=answer.body or None), answer, headers)


class Replies:
    """Replies to requests until told to stop waiting."""

    def __init__(self) -> None:
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """End every wait, now and from now on."""
        self._hurry.set()

    async def reply(
        self,
        request: web.BaseRequest,
        run: Callable[[], Answer],
        *,
        fault: Fault | None,
        plan: FaultPlan,
        latency: float = 0.0,
        headers: Callable[[], Headers] = tuple,
    ) -> web.StreamResponse:
        """Do what *request* asks for, unless its *fault* comes first, and reply to it.

        Args:
            request: What is replied to.
            run: Does it and returns the answer.
            fault: What goes wrong.
            plan: Holds the particulars of the fault.
            latency: How many seconds the answer takes.
            headers: Returns what the answer has in its head beside the usual.
        """
        # The effect comes first, so that a client that stops waiting cannot prevent it.
        answer = run() if fault is None or fault.has_effect else answers.INTERNAL_ERROR
        if latency:
            await self._wait(latency)
        match fault:
            case None:
                return respond(answer, headers())
            case Fault.HANG | Fault.HANG_AFTER:
                await self._wait(plan.hang)
                return _reset(request)
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                return _reset(request)
            case Fault.TRUNCATED_BODY:
                return await _truncate(request, answer, headers())
            case Fault.TOO_MANY_RETRY_AFTER:
                return respond(_ANSWERS[fault], [*headers(), ("Retry-After", plan.retry_after)])
            case _:
                return respond(_ANSWERS[fault], headers())

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()


def _dress(response: _Response, answer: Answer, headers: Headers) -> _Response:
    if answer.content_type:
        response.headers["Content-Type"] = answer.content_type
    for name, value in headers:
        response.headers.add(name, value)
    return response


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    request.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    request.protocol.force_close()
    # For aiohttp, which finds that it cannot send it and lets the request rest.
    return web.Response()


async def _truncate(
    request: web.BaseRequest, answer: Answer, headers: Headers
) -> web.StreamResponse:
    response = _dress(web.StreamResponse(status=answer.status), answer, headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    request.protocol.force_close()
    return response
