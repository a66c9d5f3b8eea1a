"""Composite calls: up to five calls that travel as one.

https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from multidict import CIMultiDict

from aiozcrm._call_facts import collect_facts
from aiozcrm._protocol import (
    ANSWERS,
    NAME,
    ApiCall,
    Json,
    Reply,
    Request,
    Response,
    api_error,
    decode,
    encode_query,
    error_of,
    is_success,
    json_bytes,
    parts_in,
    ref,
    resolved,
    results_of,
    shown_in_path,
)
from aiozcrm._transport import Part, part_of_task
from aiozcrm._waiting import until_ended
from aiozcrm.errors import ApiError, InvalidInputError, Result, ZohoError
from aiozcrm.resources._api import Api
from aiozcrm.resources._results import account_in, is_result, no_trouble, unreadable

__all__ = ["SCOPES", "ref", "send_together"]

#: Each part needs its own scopes, too.
SCOPES: Final = ("ZohoCRM.composite_requests.CUSTOM",)

_KEY: Final = "__composite_requests"
_MOST: Final = 5
_ROWS_A_LIST: Final = 25

#: Of these a part writes one.
_ONE_A_PART: Final = frozenset({"data", "users", "variables", "tags", "currencies", "watch"})

#: How often other tasks get their turn, so that a part which makes several calls shows it.
_TURNS: Final = 20


async def send_together(
    api: Api,
    parts: Mapping[str, Awaitable[Any]] | Iterable[Awaitable[Any]],
    *,
    parallel_execution: bool | None,
    rollback_on_fail: bool,
) -> list[Any]:
    """Make the calls of *parts* in one, and return what each of them came to.

    Each part is a task of its own whose call is caught on its way out, and which goes on when the
    answer is there. So it is checked and read as if it had travelled alone.
    """
    named = parts if isinstance(parts, Mapping) else {str(n): p for n, p in enumerate(parts, 1)}
    try:
        _check_parts(named, both=bool(parallel_execution) and rollback_on_fail)
    except (InvalidInputError, TypeError):
        for part in named.values():
            if inspect.iscoroutine(part):
                part.close()
        raise
    parallel = not rollback_on_fail if parallel_execution is None else parallel_execution
    answers: dict[str, Any] = {}
    before = ANSWERS.set(answers)
    waiting = {name: Part() for name in named}
    tasks = [
        asyncio.create_task(_run(waiting[name], work), name="aiozcrm: part")
        for name, work in named.items()
    ]
    try:
        items = await _caught(api, waiting, tasks)
        _check_references(items, parallel=parallel)
        settings = {"rollback_on_fail": rollback_on_fail, "parallel_execution": parallel}
        for part in waiting.values():
            part.is_sent = True
        reply, results = await _send(api, items, settings)
        for item, result in zip(items, results, strict=True):
            answers[item.name] = _response_in(result).get("body")
        for item, waits, result in zip(items, waiting.values(), results, strict=True):
            _settle(api, waits, item, result, reply)
        return await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()
        ANSWERS.reset(before)
        await until_ended(*tasks)


async def _caught(
    api: Api, waiting: Mapping[str, Part], tasks: Sequence[asyncio.Task[Any]]
) -> list[_Item]:
    """Wait until each part has made its call, and return what is to be sent of it."""
    for number, (part, task) in enumerate(zip(waiting.values(), tasks, strict=True), 1):
        await _taken(part, task, number)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    return [
        _Item(name, api, _one_call(part, number))
        for number, (name, part) in enumerate(waiting.items(), 1)
    ]


class _Item:
    """A part as it is sent.

    Args:
        name: What references call it.
        api: What would make its call.
        call: Its call.
    """

    def __init__(self, name: str, api: Api, call: ApiCall) -> None:
        self.name = name
        self.path = shown_in_path(api.transport.path_of(call))
        self.call = call
        head = {"sub_request_id": name, "method": call.method, "uri": self.path}
        params = dict(parse_qsl(encode_query(call.query), keep_blank_values=True))
        beside = {"params": params, "headers": dict(call.headers)}
        self.content = json_bytes(head | {key: value for key, value in beside.items() if value})
        if isinstance(call.body, Json):
            # As it is encoded already, so that no number loses a digit.
            self.content = b'%s,"body":%s}' % (self.content[:-1], call.body.content)
        self.refers_to = parts_in(self.content.decode())


def _check_parts(named: Mapping[Any, object], *, both: bool) -> None:
    """Raise if these cannot be the parts of one call, or both ways to run them are wanted."""
    if both:
        raise InvalidInputError(
            "A composite call is rolled back only if its parts run one after the other.",
            hint="Leave out parallel_execution.",
        )
    if not 1 <= len(named) <= _MOST:
        raise InvalidInputError(
            f"A composite call has 1 to {_MOST} parts, not {len(named)}.",
            hint="For more rows of one kind, use create_many() and its neighbours.",
        )
    for name, part in named.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise InvalidInputError(f"{name!r} is not the name of a part.")
        if not inspect.isawaitable(part) or isinstance(part, asyncio.Future):
            raise TypeError(
                f"part {name} is what a call returns before it is awaited, such as "
                f"zoho.users.list(), not {type(part).__name__}"
            )
    if len(set(map(id, named.values()))) != len(named):
        raise InvalidInputError("The same part is given twice.", hint="Make the call twice.")


async def _run(part: Part, work: Awaitable[Any]) -> Any:
    """Await a part such that its call is caught."""
    part_of_task.set(part)
    # The sends are those of the composite call, and counted there.
    collect_facts(alone=True)
    return await work


async def _taken(part: Part, task: asyncio.Task[Any], number: int) -> None:
    """Wait until a part has made its call.

    Raises:
        Exception: What the part raised before it made one.
        aiozcrm.errors.InvalidInputError: If it has ended without one.
    """
    taken = asyncio.create_task(part.taken.wait(), name="aiozcrm: part taken")
    try:
        await asyncio.wait((taken, task), return_when=asyncio.FIRST_COMPLETED)
    finally:
        taken.cancel()
    if not part.calls:
        task.result()
        raise InvalidInputError(f"Part {number} makes no call.")


def _one_call(part: Part, number: int) -> ApiCall:
    """Return the call of a part, with no more rows than it may have.

    Raises:
        aiozcrm.errors.InvalidInputError: If it makes several, or writes several rows.
    """
    call = part.calls[0]
    if len(part.calls) > 1:
        raise InvalidInputError(
            f"Part {number} makes more than one call: {call.method} {call.path}.",
            hint="A part writes one row, in one call.",
        )
    rows = 0
    if isinstance(call.body, Json):
        body = json.loads(call.body.content)
        many = [body.get(key) for key in _ONE_A_PART] if isinstance(body, dict) else []
        rows = max((len(value) for value in many if isinstance(value, list)), default=0)
    if rows > 1 or (call.method != "GET" and any(name.endswith("ids") for name in call.query)):
        raise InvalidInputError(
            f"Part {number} writes several rows: {call.method} {call.path}.",
            hint="A part writes one row, by the form for one, such as delete(id).",
        )
    asked = call.query.get("per_page")
    if isinstance(asked, int) and asked > _ROWS_A_LIST:
        return call.replace(query={**call.query, "per_page": _ROWS_A_LIST})
    return call


def _check_references(items: Sequence[_Item], *, parallel: bool) -> None:
    """Raise if a reference leads nowhere, in a circle, or to what comes later."""
    names = {item.name for item in items}
    for item in items:
        if unknown := item.refers_to - names:
            raise InvalidInputError(
                f"Part {item.name} refers to part {min(unknown)}: there is none."
            )
    known: set[str] = set()
    left = list(items)
    while left:
        ready = [item for item in left if item.refers_to <= known]
        if not ready or (not parallel and ready[0] is not left[0]):
            raise InvalidInputError(
                f"Part {left[0].name} refers to a part that is not there before it.",
                hint="References lead to earlier parts, or to any, but not in a circle, if "
                "parallel_execution is true.",
            )
        done = ready if parallel else ready[:1]
        known |= {item.name for item in done}
        left = [item for item in left if item not in done]


async def _send(
    api: Api, items: Sequence[_Item], settings: Mapping[str, bool]
) -> tuple[Reply, Sequence[Result]]:
    """Make the call for all parts, and return its answer and what that says of each part."""
    parts = b",".join(item.content for item in items)
    content = b'%s,"%s":[%s]}' % (json_bytes(settings)[:-1], _KEY.encode(), parts)
    scopes = [scope for item in items for scope in item.call.needed_scopes]

    def check(reply: Reply) -> None:
        no_trouble(_KEY)(call, reply)
        if is_result(reply.data, "error"):
            raise error_of(results_of(reply.data)[0], call, reply)
        if reply.maybe_done:
            # It is in doubt already, and the next answer may end that.
            told(reply)

    def told(reply: Reply) -> Sequence[Result]:
        results = results_of(reply.data, _KEY)
        if len(results) != len(items):
            wrote = any(item.call.method != "GET" for item in items)
            raise unreadable(reply, "it does not account for each part", wrote=wrote)
        return results

    call = ApiCall(
        "POST",
        _KEY,
        body=Json.encoded(content),
        # Rolled back or not, a second send would create again what the first one has created.
        repeatable=all(item.call.may_repeat for item in items),
        heavy=True,
        check=check,
        scopes=tuple(dict.fromkeys((*SCOPES, *scopes))),
    )
    try:
        reply = await api.transport.call(call)
    except ApiError as error:
        account = account_in(error, _KEY)
        if account is None or len(results_of(account.data, _KEY)) != len(items):
            raise
        reply = account
    return reply, told(reply)


def _response_in(result: Result) -> Mapping[str, Any]:
    """Return the answer to a part; empty if it was not made."""
    response = result.details.get("response")
    return response if isinstance(response, dict) and result.status == "success" else {}


def _settle(
    api: Api,
    part: Part,
    item: _Item,
    result: Result,
    reply: Reply,
) -> None:
    """Give a part its answer, or the error that it is."""
    if part.reply.done():  # Its task has given up meanwhile, such as by a timeout of its own.
        return
    try:
        if result.failed or (result.code and result.status != "success"):
            raise error_of(result, item.call, reply)
        part.reply.set_result(_reply_to(api, item, _response_in(result), reply))
    except ZohoError as error:
        error.attempts = reply.attempts
        error.maybe_done = error.maybe_done or reply.maybe_done
        part.reply.set_exception(error.with_traceback(None))


def _reply_to(api: Api, item: _Item, response: Mapping[str, Any], reply: Reply) -> Reply:
    """Return the answer to a part as the transport would have handed it out.

    Raises:
        aiozcrm.errors.ZohoError: If it is an error.
    """
    call, status, body = item.call, response.get("status_code"), response.get("body")
    if type(status) is not int:
        raise unreadable(reply, "a part has no answer", wrote=call.method != "GET")
    try:
        content = b"" if body is None or (status in {204, 304} and not body) else json_bytes(body)
    except ValueError:
        # Such as NaN, which is read and not written.
        wrote = call.method != "GET"
        raise unreadable(reply, "a part has an answer that is no JSON", wrote=wrote) from None
    told = response.get("headers")
    named = told.items() if isinstance(told, dict) else ()
    headers = CIMultiDict((name, str(value)) for name, value in named)
    answer = Response(status, headers, content)
    request = Request(
        call.method,
        reply.url.partition("/crm/")[0],
        resolved(item.path),
        call.headers,
        encode_query(call.query),
        call.body.content if isinstance(call.body, Json) else None,
    )
    if not is_success(request, answer):
        raise api_error(request, answer, api.clock.wall())
    own = Reply(
        status,
        answer.headers,
        decode(request, answer),
        reply.attempts,
        request.url,
        maybe_done=reply.maybe_done,
    )
    if call.check is not None:
        call.check(own)
    return own
