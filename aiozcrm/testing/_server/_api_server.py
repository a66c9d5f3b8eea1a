"""Speaks HTTP for the API of a fake Zoho."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from functools import partial
from itertools import count
from typing import Final, Protocol

import attrs
from aiohttp import web

from aiozcrm.testing._oauth._accounts import Accounts
from aiozcrm.testing._server._replies import Replies, Shape, respond
from aiozcrm.testing._server._requests import read_body
from aiozcrm.testing._wire import _answer as answers
from aiozcrm.testing._wire._answer import Answer, RejectedError, error_answer, rejected
from aiozcrm.testing._wire._call import Call, InnerCall, Operation
from aiozcrm.testing._wire._json import value_at
from aiozcrm.testing._wire._known_calls import (
    FILES,
    Found,
    KnownCall,
    find_base,
    is_shared,
    known_calls,
    nearest_of,
)
from aiozcrm.testing._wire._plain import plain_success
from aiozcrm.testing._wire._scopes import covers
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import FaultyCall, Stats

__all__ = ["ApiServer", "ServedOrg"]

_AUTHORIZATION: Final = "Zoho-oauthtoken"
_CREDITS: Final = "X-API-CREDITS-REMAINING"
# Zoho lets an org have ten of these in progress at once.
_HEAVY: Final = re.compile(
    r"POST /(coql|__composite_requests|.*/actions/(convert|mass_convert|send_mail))"
)
_RECORD_WRITES: Final = frozenset({"POST /{module}", "PUT /{module}", "POST /{module}/upsert"})
_MANY_ROWS: Final = 10
# Of what is answered and not made.
_FIRST_PLAIN_ID: Final = 4_150_999_000_000_000_001
_ORG: Final = "X-CRM-ORG"
_COOKIES: Final = (
    "_zcsr_tmp=5d0c1b7e; Path=/; SameSite=Strict",
    "crmcsr=5d0c1b7e; Path=/; SameSite=None",
    "JSESSIONID=7A41C0D2E9; Path=/; HttpOnly",
    "3e285c6f31=90b2d4; Path=/; HttpOnly",
)


class Circumstances(Protocol):
    """What may change at any time, for the whole server; `FakeZoho` explains each."""

    latency: float
    cookies: bool
    strict: bool
    loose: bool


class ServedOrg(Protocol):
    """An org, as the server sees it; `FakeOrg` explains each."""

    id: str
    permission_denied: bool
    max_concurrency: int | None
    max_heavy: int | None
    credits: int | None
    credits_at_first: int
    in_progress: int
    heavy_in_progress: int

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The calls that it answers, by method and path."""
        ...

    def scope_module(self, module: str) -> str:
        """Return what scopes call a module."""
        ...


@attrs.frozen(kw_only=True, eq=False)
class _Arrival:
    """A request, and what is known of it before anybody has looked at its token.

    Its ``operation`` is what carries it out; None if this fake cannot.
    """

    request: web.BaseRequest
    method: str
    url: str
    version: str
    path: str
    found: Mapping[str, Found]
    org: ServedOrg
    scopes: tuple[str, ...] | None
    operation: Operation | None

    @property
    def here(self) -> Found | None:
        """The call that it is; None for a path or a method that Zoho does not know."""
        return self.found.get(self.method)


@attrs.define(eq=False, kw_only=True)
class ApiServer:
    """Admits calls and replies to them.

    Attributes:
        circumstances: Under which it answers.
        orgs: The orgs, by id; the first one answers for tokens of no org.
        accounts: Knows the tokens.
        replies: How it replies.
        faults: What goes wrong.
        stats: Where it counts.
        dialect: Which reading it follows where Zoho's sources disagree.
        wall: Tells the time in seconds since 1970.
    """

    circumstances: Circumstances = attrs.field(repr=False)
    orgs: Mapping[str, ServedOrg]
    accounts: Accounts
    replies: Replies
    faults: FaultPlan
    stats: Stats
    dialect: Dialect
    wall: Callable[[], float]
    _in_progress: int = attrs.field(init=False, default=0)
    _new_ids: Iterator[str] = attrs.field(
        init=False, factory=lambda: map(str, count(_FIRST_PLAIN_ID)), repr=False
    )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """Reply to *request*; None if its path is not one of the API."""
        based = find_base(request.rel_url.raw_path)
        if based is None:
            return None
        arrival = self._receive(request, request.method, request.path, based)
        stats, org = self.stats, arrival.org
        stats.api_requests += 1
        stats.last_headers = request.headers
        self._in_progress += 1
        org.in_progress += 1
        stats.highest_concurrency = max(stats.highest_concurrency, self._in_progress)
        try:
            return await self._reply(arrival)
        except RejectedError as rejection:
            return respond(rejection.answer, self._headers(org))
        finally:
            self._in_progress -= 1
            org.in_progress -= 1

    def _receive(
        self, request: web.BaseRequest, method: str, url: str, based: tuple[str, str, str]
    ) -> _Arrival:
        base, version, path = based
        tokens = self.accounts.find(_token_of(request))
        found = known_calls().find(base, path)
        org = self.orgs[tokens.org_id] if tokens else next(iter(self.orgs.values()))
        here = found.get(method)
        operation = org.operations.get(here.known.line) if here else None
        if here and operation is None and self.circumstances.loose:
            operation = self._plain_operation(here.known, found)
        return _Arrival(
            request=request,
            method=method,
            url=url,
            version=version,
            path=path,
            found=found,
            org=org,
            scopes=tokens.scopes if tokens else None,
            operation=operation,
        )

    def _plain_operation(self, known: KnownCall, found: Mapping[str, Found]) -> Operation:
        """Return what answers a call with a plain success and does nothing."""
        state = found.get("GET")
        job = known.method == "POST" and state is not None and "job_id" in state.known.query

        def run(call: Call) -> Answer:
            self.stats.unsupported[known.line] += 1
            rows = _rows_of(known, call)
            return plain_success(known, call, rows, job=job, new_id=lambda: next(self._new_ids))

        return Operation(line=known.line, run=run, verb=known.method.lower())

    async def _reply(self, arrival: _Arrival) -> web.StreamResponse:
        request, org, here = arrival.request, arrival.org, arrival.here
        call = Call(
            method=request.method,
            path=arrival.path,
            version=arrival.version,
            params=here.params if here else {},
            query=request.query,
            headers=request.headers,
            body=b"",
            inside=partial(self._answer_inside, arrival),
        )
        self._note_asked(arrival, call)
        if org.max_concurrency is not None and org.in_progress > org.max_concurrency:
            return respond(answers.TOO_MANY_REQUESTS, self._headers(org))
        if request.can_read_body or "Expect" in request.headers:
            call = attrs.evolve(call, body=await read_body(request))
        if here is None or not _is_heavy(here.known, call):
            return await self._answer(arrival, call)
        org.heavy_in_progress += 1
        self.stats.highest_heavy = max(self.stats.highest_heavy, org.heavy_in_progress)
        try:
            if org.max_heavy is not None and org.heavy_in_progress > org.max_heavy:
                return respond(answers.TOO_MANY_REQUESTS, self._headers(org))
            return await self._answer(arrival, call)
        finally:
            org.heavy_in_progress -= 1

    async def _answer(self, arrival: _Arrival, call: Call) -> web.StreamResponse:
        request, org, here = arrival.request, arrival.org, arrival.here
        # What this fake cannot do takes no fault away from what it can.
        fault = self._draw(request) if arrival.operation else None
        shape = _shape_of(here.known, call) if here and fault else None
        if fault and here and shape:
            self._note_faulty(fault, here.known, call)
        return await self.replies.reply(
            request,
            partial(self._admit, arrival, call),
            fault=fault,
            plan=self.faults,
            shape=shape,
            latency=self.circumstances.latency,
            headers=partial(self._headers, org),
        )

    def _note_asked(self, arrival: _Arrival, call: Call) -> None:
        if call.method == "DELETE":
            for thing_id in call.ids:
                self.stats.attempts[thing_id] += 1
        if operation := arrival.operation:
            family = operation.family or call.params.get("module", "")
            for thing_id in call.ids or [""]:
                self.stats.asked[operation.verb, family, thing_id] += 1

    def _draw(self, request: web.BaseRequest) -> Fault | None:
        fault = self.faults.draw()
        if fault is Fault.TOKEN_REVOKED:
            self.accounts.forget(_token_of(request))
        return fault

    def _note_faulty(self, fault: Fault, known: KnownCall, call: Call) -> None:
        rows = tuple(_rows_of(known, call))
        self.stats.faulty.append(
            FaultyCall(fault=fault, method=call.method, path=call.path, rows=rows)
        )

    def _admit(self, arrival: _Arrival, call: Call) -> Answer:
        if not _token_of(arrival.request):
            return answers.AUTHENTICATION_FAILURE
        if arrival.scopes is None:
            return answers.INVALID_TOKEN
        org = arrival.org
        if org.credits is not None:
            if org.credits <= 0:
                return answers.TOO_MANY_REQUESTS
            org.credits -= 1
        try:
            answer = self._perform(arrival, arrival.scopes, call)
        except RejectedError as rejection:
            return rejection.answer
        if org.credits is not None:
            org.credits -= answer.credits - 1
        return answer

    def _answer_inside(self, outer: _Arrival, inner: InnerCall) -> Answer:
        """Carry out a call that another one carries."""
        based = find_base(inner.path)
        if based is None:
            return answers.INVALID_URL_PATTERN
        arrival = self._receive(outer.request, inner.method, inner.path, based)
        call = Call(
            method=inner.method,
            path=arrival.path,
            version=arrival.version,
            params=arrival.here.params if arrival.here else {},
            query=inner.query,
            headers=inner.headers,
            body=inner.body,
        )
        self._note_asked(arrival, call)
        try:
            return self._perform(arrival, arrival.scopes or (), call)
        except RejectedError as rejection:
            return rejection.answer

    def _perform(self, arrival: _Arrival, scopes: tuple[str, ...], call: Call) -> Answer:
        here = arrival.here
        if not arrival.found:
            return answers.INVALID_URL_PATTERN
        if here is None:
            return answers.INVALID_REQUEST_METHOD
        operation = arrival.operation
        if operation is None or not (here.known.base == FILES or is_shared(arrival.version)):
            return self._unsupported(arrival, here.known)
        needed = [operation.scopes] if operation.scopes else here.known.scopes
        module = arrival.org.scope_module(call.params.get("module", ""))
        if not covers(scopes, needed, module):
            return self._scope_mismatch(arrival)
        if arrival.org.permission_denied:
            return answers.no_permission(operation.permission)
        self._check_query(here.known, call)
        _check_headers(here.known, call, org_id=arrival.org.id)
        return operation.run(call)

    def _unsupported(self, arrival: _Arrival, known: KnownCall) -> Answer:
        self.stats.unsupported[known.line] += 1
        nearest = nearest_of(known.line, arrival.org.operations)
        return error_answer(
            501,
            "NOT_IN_THIS_FAKE",
            f"known to Zoho, not to this fake: {known.line}. The nearest call that it knows is "
            f"{nearest}, in the versions v6 to v8.",
            call=known.line,
            nearest=nearest,
        )

    def _check_query(self, known: KnownCall, call: Call) -> None:
        """Reject parameters that Zoho does not know, and calls that lack one it needs."""
        for name, needed in known.query.items():
            if needed and not call.query.get(name):
                message = "One of the expected parameter is missing"
                raise rejected(400, "REQUIRED_PARAM_MISSING", message, param_name=name)
        # Later versions have more parameters.
        if not self.circumstances.strict or call.version == "v8":
            return
        for name in call.query:
            if name not in known.query:
                raise rejected(
                    400,
                    "UNKNOWN_PARAMETER",
                    f"Zoho documents no parameter {name!r} of {known.line}, but "
                    f"{', '.join(known.query) or 'none'}. FakeZoho(strict=False) would ignore it.",
                    param_name=name,
                )

    def _scope_mismatch(self, arrival: _Arrival) -> Answer:
        if not self.dialect.scope_details:
            return answers.scope_mismatch()
        return answers.scope_mismatch(method=arrival.method, url=arrival.url)

    def _headers(self, org: ServedOrg) -> Iterator[tuple[str, str]]:
        yield "Date", formatdate(self.wall(), usegmt=True)
        if self.circumstances.cookies:
            for cookie in _COOKIES:
                yield "Set-Cookie", cookie
        if org.credits is not None and 2 * org.credits <= org.credits_at_first:
            yield _CREDITS, str(org.credits)


def _check_headers(known: KnownCall, call: Call, *, org_id: str) -> None:
    """Reject a call to the host for uploads that does not say which org it is for, and why."""
    given = {name: call.headers.get(name) for name in known.headers}
    if not all(given.values()) or given.get(_ORG, org_id) != org_id:
        raise answers.wrong_headers(known.headers)


def _token_of(request: web.BaseRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == _AUTHORIZATION else ""


def _is_heavy(known: KnownCall, call: Call) -> bool:
    if known.line in _RECORD_WRITES:
        return len(_rows_of(known, call)) > _MANY_ROWS
    if known.line == "GET /{module}":
        return not call.query.keys().isdisjoint({"cvid", "sort_by"})
    return _HEAVY.fullmatch(known.line) is not None


def _shape_of(known: KnownCall, call: Call) -> Shape:
    return Shape(
        key=known.key,
        wrapper=known.wrapper,
        rows=len(_rows_of(known, call)),
        # A query is a POST that reads.
        writes=call.method != "GET" and known.line != "POST /coql",
    )


def _rows_of(known: KnownCall, call: Call) -> list[object]:
    """Return what a call is about: the files or items of its body, or the ids that it names."""
    if known.body == "multipart":
        return [file.filename for file in call.files()] or list(call.ids)
    body = call.data if known.body == "json" else None
    items = value_at(body, known.key)
    return items if isinstance(items, list) else list(call.ids)
