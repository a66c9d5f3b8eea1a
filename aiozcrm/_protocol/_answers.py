"""What an answer of the CRM API means: its data, what it says of each item, which error it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol._alike_items import alike_items
from aiozcrm._protocol._bodies import Json
from aiozcrm._protocol._calls import ApiCall, Reply
from aiozcrm._protocol._codes import ERRORS_BY_CODE, ERRORS_BY_STATUS
from aiozcrm._protocol._inputs import encode_query
from aiozcrm._protocol._json import json_of
from aiozcrm._protocol._messages import Request, Response, Streamed
from aiozcrm._protocol._own_ids import OwnIds
from aiozcrm._protocol._redaction import quotes, redacted, secrets_of
from aiozcrm._protocol._values import (
    excerpt_of,
    http_time,
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
    "no_file_error",
    "results_of",
    "retry_after",
]

#: A Retry-After beyond a day is taken for a day.
_LONGEST_PAUSE: Final = 86_400.0

#: A success up to so many bytes may be about one item, which failed.
_LONGEST_ITEM: Final = 4096

#: With fewer bytes, an answer is decoded as quickly as its items are compared.
_WORTH_COMPARING: Final = 4096

_CODE: Final = re.compile(r"\w{1,64}", re.ASCII)

#: The path of a request up to its version, which stands before what the call is about. Compiled
#: when it is first needed, which is not while the package is imported.
_UP_TO_VERSION: Final = r"\A(?:[^/]*/)*?v\d+(?:\.\d+)?(?:/|\Z)"

#: Where an answer may hold its code. An older form of 429 has a number as its code and the name
#: beside it; the file servers have names of their own.
_CODE_KEYS: Final = ("code", "error", "ERROR_CODE")

#: Where it may hold its words.
_MESSAGE_KEYS: Final = ("message", "error_info", "x-error", "x-info", "info", "ERROR_MESSAGE")


_NO_RESULT: Final = Result(code="", status="", message="", details={})


def is_success(request: Request, response: Response | Streamed) -> bool:
    """Return whether the HTTP status is a success.

    304 is one if the request asked for what has changed since some moment.
    """
    status = response.status
    if status == 304:
        return any(name.lower() == "if-modified-since" for name in request.headers)
    return 200 <= status < 300


def decode(request: Request, response: Response, *, alike: bool = False) -> Any:
    """Return the decoded body of a success.

    Args:
        request: What was sent.
        response: What came back, with the status of a success.
        alike: Whether :class:`AlikeItems` may stand for the list of items in it, for a caller
            that changes none of them.

    Returns:
        A JSON object; None for an answer without a body (204, 304, or an empty page of a read).

    Raises:
        aiozcrm.errors.InvalidResponseError: If the body is something else.
    """
    status = response.status
    # The call for queries is a POST that reads.
    reads = request.method == "GET" or request.path.endswith("/coql")
    if not response.body and (status in {204, 304} or reads):
        return None
    body = body_without_secrets(request, response)
    data: Any = alike_items(body) if alike and len(body) > _WORTH_COMPARING else None
    if data is None:
        data = json_of(body)
    if type(data) is dict:
        return data
    del body, data  # no traceback shall show more of it than the excerpt
    # Most programs meet no such answer.
    from aiozcrm._protocol._download_headers import is_file  # noqa: PLC0415

    excerpt = excerpt_of(redacted(response, secrets_of(request)).body)
    if is_file(response.headers):
        raise InvalidResponseError(
            f"{request.method} {request.url} was answered {status} with a file.",
            status=status,
            excerpt=excerpt,
            is_file=True,
            hint="Use the method that downloads it, such as zoho.org.photo.download().",
        )
    raise InvalidResponseError(
        f"{request.method} {request.url} was answered {status} with a body that is not a "
        f"JSON object: {excerpt!r}.",
        status=status,
        excerpt=excerpt,
    )


def body_without_secrets(request: Request, response: Response, *, whole: bool = False) -> bytes:
    """Return the body of a success without the secrets of its request.

    What a failed item says may become an error. A long answer, or one without an error, is only
    searched for the token as it is: more would take longer than decoding it.

    Args:
        request: What was sent.
        response: What came back.
        whole: Whether to keep all of what shows a secret and is no JSON, too.
    """
    is_short = len(response.body) <= _LONGEST_ITEM and b'"error"' in response.body
    if is_short or quotes(request, response):
        response = redacted(response, secrets_of(request), whole=whole)
    return response.body


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
        OwnIds(
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
    if results:
        error.maybe_done = error.maybe_done or reply.maybe_done
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
        OwnIds(
            re.sub(_UP_TO_VERSION, "", request.path, count=1), request.query, request.headers, body
        ),
        status=response.status,
        headers=response.headers,
        now=now,
        message=sentence_of(first.message or excerpt_of(response.body)),
        method=request.method,
        url=request.url,
        data=data,
        results=results,
    )


def no_file_error(
    request: Request, response: Response, now: float
) -> ApiError | InvalidResponseError:
    """Return the error that an answer with the status of a success stands for in place of a file.

    Args:
        request: What was sent.
        response: What came back.
        now: Seconds since 1970, for a Retry-After that is a date.
    """
    error = api_error(request, response, now)
    if any(result.failed for result in error.results):
        return error
    excerpt = excerpt_of(redacted(response, secrets_of(request)).body)
    return InvalidResponseError(
        f"{request.method} {request.url} was answered {response.status} with something else than "
        f"a file: {excerpt!r}.",
        status=response.status,
        excerpt=excerpt,
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
    moment = http_time(value)
    return None if moment is None else moment - now


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
        # Under another name, as a number, or in two words. A name says more than a number, and a
        # gateway's sentence is no code.
        codes = [str(code) for key in _CODE_KEYS if isinstance(code := item.get(key), (str, int))]
        codes = [code for code in codes if _CODE.fullmatch(code) or _kind_by_code(code)]
        code = min(codes, key=str.isdigit, default="")
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


def _error(
    result: Result,
    own_ids: OwnIds,
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
        if own_ids.is_unknown(result.details):
            kind = NotFoundError
        elif result.code.upper() == "MULTIPLE_OR_MULTI_ERRORS":
            kind = _kind_of_several(result.details)
    elif kind is NotFoundError and not own_ids.may_be_unknown(result.details):
        kind = InvalidRequestError
    # The header comes once half of the day's credits are used:
    # https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
    left = number_of(headers.get("X-API-CREDITS-REMAINING"))
    if issubclass(kind, RateLimitError) and left is not None and left <= 0:
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
