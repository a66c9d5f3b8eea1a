"""What an answer of the CRM API means: its data, what it says of each item, which error it is."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from aiozcrm._protocol._bodies import Json
from aiozcrm._protocol._calls import ApiCall, Reply
from aiozcrm._protocol._codes import ERRORS_BY_CODE, ERRORS_BY_STATUS
from aiozcrm._protocol._inputs import encode_query
from aiozcrm._protocol._messages import Request, Response
from aiozcrm._protocol._redaction import quotes, redacted, secrets_of
from aiozcrm._protocol._values import (
    excerpt_of,
    json_of,
    number_of,
    sentence_of,
    shortened,
)
from aiozcrm.errors import (
    ApiError,
    CreditsExhaustedError,
    InvalidDataError,
    InvalidRequestError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    Result,
    ServerError,
)

__all__ = [
    "api_error",
    "decode",
    "error_of",
    "is_success",
    "results_of",
    "retry_after",
]

#: A Retry-After beyond a day is taken for a day.
_LONGEST_PAUSE: Final = 86_400.0

#: A success up to so many bytes may be about one item, which failed.
_LONGEST_ITEM: Final = 4096

_CODE: Final = re.compile(r"\w{1,64}", re.ASCII)

#: Where an answer may hold its code. An older form of 429 has a number as its code and the name
#: beside it; the file servers have names of their own.
_CODE_KEYS: Final = ("code", "error", "ERROR_CODE")

#: Where it may hold its words.
_MESSAGE_KEYS: Final = ("message", "error_info", "x-error", "x-info", "info", "ERROR_MESSAGE")

#: What details may name if they are about an id and nothing else, such as its type.
_FACTS_OF_AN_ID: Final = frozenset({"api_name", "id", "json_path", "resource_path_index"})


_NO_RESULT: Final = Result(code="", status="", message="", details={})


def is_success(request: Request, response: Response) -> bool:
    """Return whether the HTTP status is a success.

    304 is one if the request asked for what has changed since some moment.
    """
    status = response.status
    if status == 304:
        return any(name.lower() == "if-modified-since" for name in request.headers)
    return 200 <= status < 300


def decode(request: Request, response: Response) -> Any:
    """Return the decoded body of a success.

    Args:
        request: What was sent.
        response: What came back, with the status of a success.

    Returns:
        A JSON object; None for an answer without a body (204, 304, or an empty page of a read).

    Raises:
        aiozcrm.errors.InvalidResponseError: If the body is something else.
    """
    status = response.status
    if not response.body and (status in {204, 304} or request.method == "GET"):
        return None
    # What a failed item says may become an error. A long answer is only searched for the token as
    # it is: more would take longer than decoding it.
    is_short = len(response.body) <= _LONGEST_ITEM and b'"error"' in response.body
    if is_short or quotes(request, response):
        response = redacted(response, secrets_of(request))
    data = json_of(response.body)
    if type(data) is dict:
        return data
    del data  # no traceback shall show more of it than the excerpt
    excerpt = excerpt_of(redacted(response, secrets_of(request)).body)
    raise InvalidResponseError(
        f"{request.method} {request.url} was answered {status} with a body that is not a "
        f"JSON object: {excerpt!r}.",
        status=status,
        excerpt=excerpt,
    )


def results_of(data: Any, key: str | None = None) -> tuple[Result, ...]:
    """Return what an answer says about each item of a write.

    Args:
        data: The decoded answer.
        key: The name under which the items are: a list, or an object if there is only one.

    Returns:
        One result for each item, in the answer's order. Without such a key, the one at the top
        level of the answer; if there is none either, nothing.
    """
    if not isinstance(data, dict):
        return ()
    items = data.get(key) if key is not None else None
    if isinstance(items, list):
        return tuple(map(_result, items))
    if isinstance(items, dict):
        return (_result(items),)
    return (_result(data),) if "code" in data else ()


def error_of(
    result: Result,
    call: ApiCall,
    reply: Reply,
    *,
    own_id: str | None = None,
    results: Sequence[Result] = (),
) -> ApiError:
    """Return the error that a failed item of a successful answer stands for.

    Args:
        result: The failed item.
        call: What was asked.
        reply: What came back.
        own_id: The id of this item where the call has several.
        results: What the answer says of all items, if the error is that of the whole call.

    Returns:
        An error of the class that fits, which knows the sends of the call. As an error of one item
        it knows this item alone, so that it does not keep a whole answer in memory.
    """
    body = call.body.value if isinstance(call.body, Json) else None
    error = _error(
        result,
        _Subject(
            call.path,
            encode_query(call.query) if own_id is None else "",
            call.headers,
            body,
            own_id=own_id,
        ),
        status=reply.status,
        headers=reply.headers,
        now=None,
        message=sentence_of(result.message),
        method=call.method,
        url=reply.url or call.path,
        data=reply.data if results else result._asdict(),
        results=results or (result,),
    )
    error.attempts = reply.attempts
    return error


def api_error(request: Request, response: Response, now: float) -> ApiError:
    """Return the error that an answer without success stands for.

    What failed is looked for at the top level and under each name, since nothing is known here
    about the call. The code decides the class, and the HTTP status where no code is known.

    Args:
        request: What was sent.
        response: What came back.
        now: Seconds since 1970, for a Retry-After that is a date.
    """
    response = redacted(response, secrets_of(request))
    data = json_of(response.body)
    results = tuple(_results_anywhere(data))
    first = next((result for result in results if result.status != "success"), _NO_RESULT)
    body = json_of(request.body) if isinstance(request.body, bytes) else None
    return _error(
        first,
        _Subject(_behind_version(request.path), request.query, request.headers, body),
        status=response.status,
        headers=response.headers,
        now=now,
        message=sentence_of(first.message or excerpt_of(response.body)),
        method=request.method,
        url=request.url,
        data=data,
        results=results,
    )


def retry_after(headers: Mapping[str, str], now: float | None) -> float | None:
    """Return how many seconds an answer asks to wait, at most a day; None if it does not say.

    Args:
        headers: The answer's headers.
        now: Seconds since 1970, for a moment; without it only a number counts.
    """
    every = getattr(headers, "getall", None)
    values = every("Retry-After", ()) if every else (headers.get("Retry-After", ""),)
    told = [
        seconds
        for value in values
        # Several may have been joined to one. A moment has a comma too, behind its weekday.
        for part in value.split(",")
        if (seconds := _seconds(part, now)) is not None
    ]
    sensible = [seconds for seconds in told if seconds <= _LONGEST_PAUSE]
    if sensible:
        return max(0.0, *sensible)
    return _LONGEST_PAUSE if told else None


def _seconds(value: str, now: float | None) -> float | None:
    seconds = number_of(value)
    if seconds is not None or now is None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(value)
        # HTTP dates are in UTC, also those that do not say so.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _results_anywhere(data: Any) -> Iterator[Result]:
    """Yield what an answer says of each item, whatever the name of its items is."""
    if not isinstance(data, dict):
        return
    if _is_result(data):
        yield _result(data)
    for name, value in data.items():
        items = value if isinstance(value, list) else [value] if name != "details" else []
        yield from (_result(item) for item in items if _is_result(item))


def _is_result(item: object) -> bool:
    return isinstance(item, dict) and any(key in item for key in ("status", *_CODE_KEYS))


def _result(item: object) -> Result:
    if type(item) is not dict:
        return _NO_RESULT
    code = item.get("code")
    if type(code) is not str or not _CODE.fullmatch(code):
        code = _odd_code(item)
    status = item.get("status")
    if type(status) is not str:
        status = "error" if _kind_by_code(code) else ""
    message = item.get("message")
    if type(message) is not str:
        message = str(next((item[key] for key in _MESSAGE_KEYS if item.get(key)), ""))
    details = item.get("details")
    return Result(
        code, status.lower(), shortened(message), details if type(details) is dict else {}
    )


def _odd_code(item: Mapping[str, Any]) -> str:
    """Return the code of an item that has it under another name, as a number, or in two words."""
    codes = [str(code) for key in _CODE_KEYS if isinstance(code := item.get(key), (str, int))]
    # A name says more than a number, and a gateway's sentence is no code.
    codes = [code for code in codes if _CODE.fullmatch(code) or _kind_by_code(code)]
    return min(codes, key=str.isdigit, default="")


def _error(
    result: Result,
    subject: _Subject,
    *,
    status: int,
    headers: Mapping[str, str],
    now: float | None,
    message: str,
    **facts: Any,
) -> ApiError:
    kind = _kind_by_code(result.code) or ERRORS_BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status >= 500 else ApiError
    if kind is InvalidDataError:
        if subject.is_unknown(result.details):
            kind = NotFoundError
        elif result.code.upper() == "MULTIPLE_OR_MULTI_ERRORS":
            kind = _kind_of_several(result.details)
    elif kind is NotFoundError and not subject.may_be_unknown(result.details):
        kind = InvalidRequestError
    if issubclass(kind, RateLimitError) and _are_credits_gone(headers):
        kind = CreditsExhaustedError
    if issubclass(kind, (RateLimitError, ServerError)):
        facts["retry_after"] = retry_after(headers, now)
    return kind(message, status=status, code=result.code, details=result.details, **facts)


def _kind_by_code(code: str) -> type[ApiError] | None:
    return ERRORS_BY_CODE.get(code.upper().replace(" ", "_"))


def _kind_of_several(details: Mapping[str, Any]) -> type[ApiError]:
    """Return the class of the first of several errors of one item."""
    errors = details.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    kind = _kind_by_code(_result(first).code)
    return kind if kind is not None and issubclass(kind, InvalidDataError) else InvalidDataError


def _are_credits_gone(headers: Mapping[str, str]) -> bool:
    # The header comes once half of the day's credits are used:
    # https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
    left = number_of(headers.get("X-API-CREDITS-REMAINING"))
    return left is not None and left <= 0


class _Subject:
    """The ids that a call is about: those of its query or body, else the last one in its path.

    Args:
        path: What stands behind the version.
        query: The encoded query.
        headers: What was sent.
        body: What was sent, decoded.
        own_id: The id of one item, if the call has several.
    """

    def __init__(
        self,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: Any,
        *,
        own_id: str | None = None,
    ) -> None:
        self._place, self._in_path = _last_id_in_path(path, headers)
        self._body = body if isinstance(body, Mapping) else {}
        if own_id is not None:
            self.ids = {own_id}
        else:
            self.ids = _ids_in_query(query) or self._ids_in_body() or {self._in_path}
            self.ids.discard("")

    def is_unknown(self, details: Mapping[str, Any]) -> bool:
        """Return whether *details* say that one of the ids is unknown, and nothing else.

        An id may also be that of an owner or a parent, or be wrong in its type.
        """
        if not details or not details.keys() <= _FACTS_OF_AN_ID:
            return False
        if "resource_path_index" in details and (
            self._in_path not in self.ids
            or number_of(details["resource_path_index"]) != self._place
        ):
            return False
        named = [_plain_id(details["id"])] if "id" in details else []
        if "json_path" in details or "api_name" in details:
            if details.get("api_name", "id") != "id":
                return False
            named.append(self._id_at(str(details.get("json_path"))))
        return self.ids.issuperset(named)

    def may_be_unknown(self, details: Mapping[str, Any]) -> bool:
        """Return whether nothing in *details* says that something else than an id is unknown."""
        about_ids = {key: details[key] for key in _FACTS_OF_AN_ID & details.keys()}
        return bool(self.ids) and (not about_ids or self.is_unknown(about_ids))

    def _ids_in_body(self) -> set[str]:
        """Return the ids of the body's items, or those that it lists."""
        listed = self._body.get("ids")
        if isinstance(listed, (list, tuple)):
            return set(map(_plain_id, listed))
        return {
            _plain_id(item["id"])
            for value in self._body.values()
            for item in (value if isinstance(value, (list, tuple)) else (value,))
            if isinstance(item, Mapping) and "id" in item
        }

    def _id_at(self, json_path: str) -> str:
        """Return the id of the item that a JSON path leads to; nothing if it leads elsewhere.

        The only item of a body may leave its id to the path.
        """
        found = re.fullmatch(r"\$\.([^.\[\]]+)(?:\[([0-9]{1,6})\])?\.id", json_path)
        value = self._body.get(found[1]) if found else None
        if found and found[2] is not None:
            items = value if isinstance(value, (list, tuple)) else ()
            place = int(found[2])
            value = items[place] if place < len(items) else None
            in_path = self._in_path if len(items) == 1 else ""
        else:
            in_path = self._in_path
        return _plain_id(value.get("id", in_path)) if isinstance(value, Mapping) else ""


def _behind_version(path: str) -> str:
    """Return what stands behind the version in the path of a request."""
    segments = path.split("/")
    version = next((i for i, s in enumerate(segments) if re.fullmatch(r"v\d+(\.\d+)?", s)), -1)
    return "/".join(segments[version + 1 :])


def _last_id_in_path(path: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """Return place and value of the last id in a path; -1 and nothing if there is none.

    Record ids are digits. Where a header names an external field instead, ids have the places
    behind the names of the modules, and may be anything.
    """
    segments = [unquote(segment) for segment in path.split("/")]
    places = [i for i, segment in enumerate(segments) if segment.isdigit()]
    if any(name.lower() == "x-external" for name in headers):
        places = [i for i in (1, 3) if i < len(segments) and segments[i - 1] != "actions"]
    return (places[-1], _plain_id(segments[places[-1]])) if places else (-1, "")


def _ids_in_query(query: str) -> set[str]:
    given = parse_qs(query)
    return {
        _plain_id(part)
        for name in ("ids", "id", "job_id")
        for value in given.get(name, ())
        for part in value.split(",")
    }


def _plain_id(value: object) -> str:
    """Return an id such that two of the same are equal, whatever their zeros and type."""
    text = str(value)
    return text.lstrip("0") if text.isdigit() else text
