"""Speaks HTTP for the API of a fake Zoho."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final, Protocol

import attrs
from aiohttp import web

from aiozcrm.testing import _answers as answers
from aiozcrm.testing._accounts import Accounts
from aiozcrm.testing._answers import Answer, RefusalError
from aiozcrm.testing._operations import API_ROOT, Call, Operation, Operations
from aiozcrm.testing._replies import Replies, respond
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import Stats

__all__ = ["ApiServer"]

_AUTHORIZATION: Final = "Zoho-oauthtoken"
_CREDITS: Final = "X-API-CREDITS-REMAINING"
_COOKIES: Final = (
    "_zcsr_tmp=5d0c1b7e; Path=/; SameSite=Strict",
    "crmcsr=5d0c1b7e; Path=/; SameSite=None",
    "JSESSIONID=7A41C0D2E9; Path=/; HttpOnly",
    "3e285c6f31=90b2d4; Path=/; HttpOnly",
)


class Circumstances(Protocol):
    """What may change at any time; `FakeZoho` explains each."""

    permission_denied: bool
    max_concurrency: int | None
    credits: int | None
    latency: float
    cookies: bool


@attrs.define(eq=False, kw_only=True)
class ApiServer:
    """Admits calls and replies to them.

    Attributes:
        circumstances: Under which it answers.
        operations: What can be called.
        accounts: Knows the tokens.
        replies: How it replies.
        faults: What goes wrong.
        stats: Where it counts.
        dialect: Which reading it follows where Zoho's sources disagree.
        credits_at_first: From half of them on every answer tells how many are left.
    """

    circumstances: Circumstances = attrs.field(repr=False)
    operations: Operations
    accounts: Accounts
    replies: Replies
    faults: FaultPlan
    stats: Stats
    dialect: Dialect
    credits_at_first: int
    _in_progress: int = attrs.field(init=False, default=0)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Reply to *request*, whose path begins with that of the API."""
        operations, ids = self.operations.find(request.path.removeprefix(API_ROOT))
        stats = self.stats
        stats.api_requests += 1
        stats.last_headers = request.headers
        if request.method == "DELETE" and ids:
            stats.attempts[ids[-1]] += 1
        self._in_progress += 1
        stats.highest_concurrency = max(stats.highest_concurrency, self._in_progress)
        try:
            if self._is_too_much():
                return respond(answers.TOO_MANY_REQUESTS, self._headers())
            call = Call(ids, await request.read() if request.can_read_body else b"")
            return await self.replies.reply(
                request,
                partial(self._admit, request, operations, call),
                # A path that does not exist takes no fault away from those that do.
                fault=self._draw(request) if operations else None,
                plan=self.faults,
                latency=self.circumstances.latency,
                headers=self._headers,
            )
        finally:
            self._in_progress -= 1

    def _is_too_much(self) -> bool:
        most = self.circumstances.max_concurrency
        return most is not None and self._in_progress > most

    def _draw(self, request: web.BaseRequest) -> Fault | None:
        fault = self.faults.draw()
        if fault is Fault.TOKEN_REVOKED:
            self.accounts.forget(_token_of(request))
        return fault

    def _admit(
        self, request: web.BaseRequest, operations: Mapping[str, Operation], call: Call
    ) -> Answer:
        token = _token_of(request)
        if not token:
            return answers.AUTHENTICATION_FAILURE
        scopes = self.accounts.scopes_of(token)
        if scopes is None:
            return answers.INVALID_TOKEN
        if self.circumstances.credits is not None:
            if self.circumstances.credits <= 0:
                return answers.TOO_MANY_REQUESTS
            self.circumstances.credits -= 1
        return self._perform(request, operations, scopes, call)

    def _perform(
        self,
        request: web.BaseRequest,
        operations: Mapping[str, Operation],
        scopes: frozenset[str],
        call: Call,
    ) -> Answer:
        if not operations:
            return answers.INVALID_URL_PATTERN
        operation = operations.get(request.method)
        if operation is None:
            return answers.INVALID_REQUEST_METHOD
        if scopes.isdisjoint(operation.scopes):
            return self._scope_mismatch(request)
        if self.circumstances.permission_denied:
            return answers.no_permission(operation.permission)
        try:
            return operation.run(call)
        except RefusalError as refused:
            return refused.answer

    def _scope_mismatch(self, request: web.BaseRequest) -> Answer:
        if not self.dialect.scope_details:
            return answers.scope_mismatch()
        return answers.scope_mismatch(method=request.method, url=request.path)

    def _headers(self) -> Iterator[tuple[str, str]]:
        if self.circumstances.cookies:
            for cookie in _COOKIES:
                yield "Set-Cookie", cookie
        left = self.circumstances.credits
        if left is not None and 2 * left <= self.credits_at_first:
            yield _CREDITS, str(left)


def _token_of(request: web.BaseRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == _AUTHORIZATION else ""
