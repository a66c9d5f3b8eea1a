"""What an answer says: of each item of a write, and of the rows of a read."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiozcrm._protocol import (
    AlikeItems,
    ApiCall,
    Reply,
    error_of,
    known_id,
    results_of,
    shortened,
)
from aiozcrm.batch import GONE, Outcome, OutcomeStatus, kept_status
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    InvalidResponseError,
    NotFoundError,
    PaginationLimitError,
    RateLimitError,
    Result,
    ScopeError,
    ServerError,
    ZohoError,
)
from aiozcrm.resources.pages import Page

__all__ = [
    "account_in",
    "beyond_reach",
    "channel_in",
    "check_each_is_told",
    "check_is_of_all",
    "check_value",
    "is_elsewhere",
    "is_of_all",
    "is_result",
    "missing",
    "no_trouble",
    "object_of",
    "outcome_of",
    "outcomes_of",
    "page_of",
    "rows_of",
    "started_job",
    "trouble_in",
    "unreadable",
    "value_of",
    "was_done",
]

#: Codes of Zoho's own trouble, which may pass:
#: https://www.zoho.com/crm/developer/docs/api/v7/status-codes.html
_TROUBLE: Final = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"})

#: Those of a call that came too soon.
_TOO_MANY: Final = frozenset({"RATE_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS"})

#: Errors that say nothing about the rows of a call, and so nothing about an earlier send of it.
_OF_ALL: Final = (AuthenticationError, RateLimitError, ScopeError)

#: What tells of a success or an error. A row may have fields of these names, but has others, too.
_RESULT_KEYS: Final = frozenset({"code", "details", "message", "status"})

#: The place of an item in what was sent, such as 3 in ``$.data[3].Email``.
_PLACE: Final = re.compile(r"\$\.\w+\[(\d+)\]")


def outcome_of(
    result: Result,
    call: ApiCall,
    reply: Reply,
    *,
    status: OutcomeStatus,
    own: str,
    named: bool = False,
) -> Outcome:
    """Return what a successful item of an answer stands for, or raise its error.

    Args:
        result: The item.
        call: What was asked.
        reply: What came back.
        status: The word for a success.
        own: What the item is about, as far as it is known.
        named: Whether that is a name, so that the item may tell another id.
    """
    if result.status != "success":
        if result.failed or (result.code and not result.status):
            error = error_of(result, call, reply, own_id=own or None)
            error.maybe_done = error.maybe_done or reply.maybe_done
            raise error
        raise unreadable(reply, "an item says neither success nor error", wrote=True)
    told = known_id(result.details["id"]) if "id" in result.details else channel_in(result)
    if own and not named and told is not None and told != own:
        # The late answer to another call.
        raise unreadable(reply, f"it is about {told}, not about {own}", wrote=True)
    return Outcome(told or own, status, reply.attempts, details=result.details)


def channel_in(result: Result) -> str | None:
    """Return the id of the notification channel that an answer is about, if it names one."""
    events = result.details.get("events")
    first = events[0] if isinstance(events, list) and events else None
    details = first if isinstance(first, dict) else result.details
    return known_id(details.get("channel_id"))


def no_trouble(key: str) -> Callable[[ApiCall, Reply], None]:
    """Return what raises what may pass, whatever the status, in the answer to a write.

    Args:
        key: The name under which the answer holds the items.
    """

    def check(call: ApiCall, reply: Reply) -> None:
        error = trouble_in(call, reply, key)
        if error is not None:
            raise error

    return check


def trouble_in(call: ApiCall, reply: Reply, key: str) -> ApiError | None:
    """Return the error of a write of which all items say the same that may pass, or None.

    That is Zoho's own trouble, or that there are too many calls. It is the error of the whole
    call, however many items say it.

    Args:
        call: What was asked.
        reply: What came back.
        key: The name under which it holds the items.
    """
    items = None if reply.data is None else reply.data.get(key)
    if isinstance(items, AlikeItems):
        # All of them are successes.
        return None
    first = items[0] if isinstance(items, list) and items else None
    if type(first) is dict and first.get("status") == "success":
        # As nearly all do.
        return None
    results = results_of(reply.data, key)
    codes = {result.code.upper() for result in results}
    if codes and (codes <= _TROUBLE or codes <= _TOO_MANY):
        return error_of(results[0], call, reply)
    return None


def started_job(job_id: object, path: str) -> str:
    """Return the id of a job that a POST has started.

    Args:
        job_id: What the answer has in its place.
        path: Where it was started.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it has none; the job may run all the same.
    """
    own = known_id(job_id)
    if own is not None and own.isascii() and own.isdigit():
        return own
    error = InvalidResponseError(
        f"POST {path} was answered without the id of the job that it has started.",
        status=200,
        excerpt="",
    )
    error.maybe_done = True
    raise error


def rows_of(items: Any, reply: Reply) -> list[Any]:
    """Return the rows of a list, of which an answer without content (204, 304) has none."""
    if items is None and reply.data is None and reply.status in {204, 304}:
        return []
    # Decoded JSON has no other kind of object.
    if not isinstance(items, list) or not {*map(type, items)} <= {dict}:
        raise unreadable(reply, "the list is no list of objects")
    return items


def page_of(
    items: Any, reply: Reply, *, most: int, behind: str = "next_page_token"
) -> Page[dict[str, Any]]:
    """Return the page of a list that an answer holds.

    Args:
        items: The rows, not checked yet.
        reply: What came back.
        most: The most rows of a page. With fewer, the list has ended unless it says that it goes
            on.
        behind: The name under which ``info`` holds what leads to the next page.

    Raises:
        aiozcrm.errors.InvalidResponseError: If these are no rows, or it does not tell whether and
            where the list goes on.
    """
    rows = rows_of(items, reply)
    told = None if reply.data is None else reply.data.get("info")
    info = {} if told is None else told
    may_end = False if len(rows) < most else None
    if not isinstance(info, dict) or not isinstance(info.get("more_records", may_end), bool):
        raise unreadable(reply, "it does not tell whether the list goes on")
    # Where it leads on, it goes on, unless it says otherwise.
    more = info.get("more_records", bool(info.get(behind)))
    token = info.get(behind) if more else None
    if not isinstance(token, (str, type(None))):
        raise unreadable(reply, "it does not tell where the list goes on")
    return Page(rows, more=more, token=token or None)


def object_of(value: Any, reply: Reply, what: str) -> Any:
    """Return what an answer holds in the place of one thing.

    Args:
        value: What is there.
        reply: What came back.
        what: What it is, for the error.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it is no object.
    """
    if not isinstance(value, dict):
        raise unreadable(reply, f"{what} is no object")
    return value


def unreadable(reply: Reply, why: str, *, wrote: bool = False) -> InvalidResponseError:
    """Return the error for a success that does not say what it has to.

    Args:
        reply: What came back.
        why: What is wrong with it, in a sentence without its full stop.
        wrote: Whether it was a write, which may have taken effect.
    """
    excerpt = ""
    # orjson reads what is nested more deeply than the standard library writes.
    with contextlib.suppress(RecursionError):
        # AlikeItems become a list.
        told = "" if reply.data is None else json.dumps(reply.data, default=list)
        excerpt = shortened(told)
    answered = " without an account of what was written:" if wrote else ", but"
    quoted = f": {excerpt}" if excerpt else ""
    error = InvalidResponseError(
        f"{reply.url} was answered {reply.status}{answered} {why}{quoted}.",
        status=reply.status,
        excerpt=excerpt,
    )
    error.maybe_done = wrote
    error.attempts = reply.attempts
    return error


def missing(reply: Reply, message: str) -> NotFoundError:
    """Return the error for what was asked for and is not there, which Zoho does not call one.

    Args:
        reply: What came back.
        message: What is not there, in a sentence.
    """
    error = NotFoundError(message, status=reply.status, method="GET", url=reply.url)
    error.attempts = reply.attempts
    return error


def beyond_reach(error: ApiError, message: str, *, hint: str, **details: Any) -> ApiError:
    """Return the error for rows that Zoho does not hand out, from the one that it answered.

    Args:
        error: What it answered.
        message: What goes on, in a sentence.
        hint: How to read it otherwise, in a sentence.
        details: What to tell besides Zoho's details.
    """
    beyond = PaginationLimitError(
        message,
        status=error.status,
        code=error.code,
        details={**error.details, **details},
        method=error.method,
        url=error.url,
        hint=hint,
    )
    beyond.attempts = error.attempts
    return beyond


def is_result(said: Any, status: str) -> bool:
    """Return whether what an answer holds tells of a success or an error, and of nothing else.

    Args:
        said: What it holds.
        status: ``success`` or ``error``.
    """
    return (
        isinstance(said, dict)
        and said.get("status") == status
        and "code" in said
        and said.keys() <= _RESULT_KEYS
    )


def check_value(call: ApiCall, reply: Reply, key: str) -> None:
    """Raise the error that a read's answer holds in the place of what was asked for."""
    with contextlib.suppress(InvalidResponseError):
        value_of(call, reply, key)


def value_of(call: ApiCall, reply: Reply, key: str) -> Any:
    """Return what a read's answer holds under its key; None for an answer without a body.

    Raises:
        aiozcrm.errors.ZohoError: If it holds an error instead, or nothing of that name.
    """
    data = reply.data
    if data is None:
        return None
    value = data.get(key)
    first = value[0] if isinstance(value, list) and value else value
    beside = {name: each for name, each in data.items() if name != key}
    for said in (first, beside):
        if is_result(said, "error"):
            raise error_of(results_of(said)[0], call, reply)
    if key not in data:
        raise unreadable(reply, f"it holds no {key!r}")
    return value


def outcomes_of(
    results: Sequence[Result],
    call: ApiCall,
    reply: Reply,
    *,
    names: Sequence[str],
    status: OutcomeStatus,
    named: bool = False,
) -> list[Outcome]:
    """Return what became of each row of a call, matched by its place.

    Args:
        results: What the answer says.
        call: What was asked.
        reply: What came back.
        names: The id of each row; empty where it has none yet.
        status: The word for a success.
        named: Whether names stand for ids, so that items may tell others.

    Raises:
        aiozcrm.errors.InvalidResponseError: If the answer does not account for each row.
    """
    check_each_is_told(results, reply, len(names))
    return [
        _row_outcome(result, call, reply, status=status, own=own, named=named)
        for result, own in zip(results, names, strict=True)
    ]


def check_each_is_told(results: Sequence[Result], reply: Reply, count: int) -> None:
    """Check that an answer tells of each row of a call, in their order.

    Args:
        results: What it says.
        reply: What came back.
        count: How many rows the call had.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it does not.
    """
    if len(results) != count or any(map(is_elsewhere, range(len(results)), results)):
        raise unreadable(reply, "it does not account for each item", wrote=True)


def is_of_all(error: ApiError) -> bool:
    """Return whether an error of one row says nothing about an earlier send of it."""
    return isinstance(error, _OF_ALL)


def check_is_of_all(error: ApiError) -> None:
    """Check that a call that was rejected for all of its rows has not written some of them.

    Raises:
        aiozcrm.errors.ApiError: If some were, the same error of a class that is never sent again.
    """
    if is_of_all(error) and any(result.status == "success" for result in error.results):
        raise ApiError(
            error.message,
            status=error.status,
            code=error.code,
            details=error.details,
            method=error.method,
            url=error.url,
            data=error.data,
            results=error.results,
        )


def was_done(
    error: Exception | None, done: tuple[type[ApiError], ...], done_says: str = ""
) -> bool:
    """Return whether an error says that an earlier send, whose answer was lost, has done it.

    Args:
        error: The error, if there is one.
        done: The errors that say that it is done already.
        done_says: What tells it from other errors of these classes, in lower case.
    """
    return isinstance(error, done) and error.maybe_done and done_says in error.message.lower()


def account_in(error: ApiError, key: str) -> Reply | None:
    """Return the answer of a call that was rejected as a whole, if it tells of each item."""
    # An account under a server's error is not to be relied on.
    if is_of_all(error) or isinstance(error, ServerError):
        return None
    items = error.data.get(key) if isinstance(error.data, dict) else None
    if not isinstance(items, list):
        return None
    return Reply(
        error.status, {}, error.data, error.attempts, error.url, maybe_done=error.maybe_done
    )


def is_elsewhere(place: int, result: Result) -> bool:
    """Return whether a result says that it is about another row than the one at its place."""
    path = result.details.get("json_path")
    found = _PLACE.match(path) if isinstance(path, str) else None
    return found is not None and int(found[1]) != place


def _row_outcome(
    result: Result,
    call: ApiCall,
    reply: Reply,
    *,
    status: OutcomeStatus,
    own: str,
    named: bool,
) -> Outcome:
    try:
        return outcome_of(result, call, reply, status=status, own=own, named=named)
    except ZohoError as error:
        error.attempts = reply.attempts
        error = error.with_traceback(None)
        # What a row that failed came to does not depend on an earlier send with a lost answer,
        # unless the error is none of the row.
        is_lost = isinstance(error, ApiError) and is_of_all(error) and reply.maybe_done
        what: OutcomeStatus = "in_doubt" if type(error).maybe_done or is_lost else "failed"
        if status == "deleted":
            if reply.maybe_done and isinstance(error, GONE):
                # An earlier send, whose answer was lost, has probably deleted it.
                return Outcome(own, "already_gone", reply.attempts)
            what = kept_status(error) or what
        return Outcome(own, what, reply.attempts, error)
