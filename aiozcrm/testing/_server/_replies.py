"""Sends answers, and goes wrong on order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Final, TypeAlias, TypeVar

import attrs
from aiohttp import web

from aiozcrm.testing._wire import _answer as answers
from aiozcrm.testing._wire._answer import Answer, error
from aiozcrm.testing._wire._json import value_at
from aiozcrm.testing.faults import Fault, FaultPlan

__all__ = ["Headers", "Replies", "Shape", "respond"]

Headers: TypeAlias = Iterable[tuple[str, str]]

_Response = TypeVar("_Response", bound=web.StreamResponse)

# "Drop all on close": the peer then sees a reset in place of an orderly end.
_NO_LINGER: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

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
_HIDDEN: Final = error("INTERNAL_ERROR", "Internal Server Error", {})


@attrs.frozen(kw_only=True)
class Shape:
    """What the answer to a call looks like.

    Attributes:
        key: The key that holds the items; empty if there is none.
        wrapper: What is under that key: ``array`` or ``object``.
        rows: How many items the call is about.
        writes: Whether the call writes.
    """

    key: str = ""
    wrapper: str = "array"
    rows: int = 1
    writes: bool = False

    def hide(self) -> Answer:
        """Return a success that holds nothing but errors."""
        if not self.key or not self.writes:
            return Answer(200, _HIDDEN)
        items = [_HIDDEN] * self.rows if self.wrapper == "array" else _HIDDEN
        return Answer(200, {self.key: items})

    def shorten(self, answer: Answer) -> Answer:
        """Return the answer to a write without its last item; all else stays whole."""
        items = value_at(answer.data, self.key)
        if not self.writes or not isinstance(items, list):
            return answer
        return attrs.evolve(answer, data={**answer.data, self.key: items[:-1]})


def respond(answer: Answer, headers: Headers = ()) -> web.Response:
    """Return *answer*, which is no stream, as the response that says all of it."""
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
        shape: Shape | None = None,
        latency: float = 0.0,
        headers: Callable[[], Headers] = tuple,
    ) -> web.StreamResponse:
        """Do what *request* asks for, unless its *fault* comes first, and reply to it.

        Args:
            request: What is replied to.
            run: Does it and returns the answer.
            fault: What goes wrong.
            plan: Holds the particulars of the fault.
            shape: What answers to it look like.
            latency: How many seconds the answer takes.
            headers: Returns the headers of every answer.
        """
        # The effect comes first, so that a client that stops waiting cannot prevent it.
        answer = run() if fault is None or fault.has_effect else answers.INTERNAL_ERROR
        if latency:
            await self._wait(latency)
        pieces: AsyncIterator[bytes] | None = None
        match fault:
            case Fault.HANG | Fault.HANG_AFTER:
                await self._wait(plan.hang)
                return _reset(request)
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                return _reset(request)
            case Fault.TRUNCATED_BODY:
                pieces = _halves(request, answer, partial(_force_close, request))
            case Fault.ANSWERED_TWICE:
                return await _send_twice(request, answer, headers(), plan.late)
            case Fault.SLOW:
                await self._wait(plan.slow)
            case Fault.SLOW_BODY:
                pieces = _halves(request, answer, partial(self._wait, plan.slow))
            case Fault():
                answer = _spoilt(answer, fault, plan, shape or Shape())
        if pieces is None and answer.stream is None:
            return respond(answer, headers())
        return await _send(request, answer, headers(), pieces or answer.pieces())

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()


def _spoilt(answer: Answer, fault: Fault, plan: FaultPlan, shape: Shape) -> Answer:
    match fault:
        case Fault.SHORT_ANSWER:
            return shape.shorten(answer)
        case Fault.HIDDEN_ERROR:
            return shape.hide()
        case Fault.TOO_MANY_RETRY_AFTER:
            return attrs.evolve(_ANSWERS[fault], headers={"Retry-After": plan.retry_after})
        case _:
            return _ANSWERS[fault]


def _dress(response: _Response, answer: Answer, headers: Headers) -> _Response:
    for name, value in (*answer.all_headers.items(), *headers):
        response.headers.add(name, value)
    return response


async def _force_close(request: web.BaseRequest) -> None:
    request.protocol.force_close()


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    request.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    request.protocol.force_close()
    # For aiohttp, which finds that it cannot send it and lets the request rest.
    return web.Response()


async def _send(
    request: web.BaseRequest, answer: Answer, headers: Headers, pieces: AsyncIterator[bytes]
) -> web.StreamResponse:
    response = _dress(web.StreamResponse(status=answer.status), answer, headers)
    if answer.stream is None:
        response.content_length = len(answer.body)
    await response.prepare(request)
    async for piece in pieces:
        await response.write(piece)
    return response


async def _halves(
    request: web.BaseRequest, answer: Answer, halfway: Callable[[], Awaitable[None]]
) -> AsyncIterator[bytes]:
    """Yield an answer and do something halfway, which may end the connection."""
    left = int(answer.headers.get("Content-Length", len(answer.body))) // 2
    passed = False
    async for piece in answer.pieces():
        if passed or len(piece) <= left:
            left -= len(piece)
            yield piece
            continue
        passed = True
        yield piece[:left]
        await halfway()
        if request.transport is None:
            return
        yield piece[left:]


async def _send_twice(
    request: web.BaseRequest, answer: Answer, headers: Headers, late: float
) -> web.StreamResponse:
    if answer.stream is not None:
        body = b"".join([piece async for piece in answer.pieces()])
        told = {name: text for name, text in answer.headers.items() if name != "Content-Length"}
        answer = Answer(answer.status, body, told)
    response = respond(answer, headers)
    await response.prepare(request)
    await response.write_eof()
    head = [f"HTTP/1.1 {answer.status} {response.reason}"]
    head += [f"{name}: {value}" for name, value in response.headers.items()]
    copy = "\r\n".join([*head, "", ""]).encode() + answer.body
    # A client that has hung up has ended this handler.
    if transport := request.transport:  # pragma: no branch
        asyncio.get_running_loop().call_later(late, transport.write, copy)
    return response
