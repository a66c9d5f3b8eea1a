"""What an answer of the CRM API means: its data, or which error it is."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any, Final, TypeGuard

from aiozcrm._protocol._messages import Request, Response
from aiozcrm._protocol._values import (
    excerpt_of,
    json_object_of,
    json_of,
    number_of,
    sentence_of,
)
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    CreditsExhaustedError,
    DependentFieldError,
    DuplicateDataError,
    InvalidDataError,
    InvalidRequestError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ScopeError,
    ServerError,
)

__all__ = ["read_api_answer"]

#: The class of an error by Zoho's code. One code comes under several HTTP statuses, so the code
#: decides first. https://www.zoho.com/crm/developer/docs/api/v7/status-codes.html
_ERRORS_BY_CODE: Final[Mapping[str, type[ApiError]]] = {
    "INVALID_TOKEN": AuthenticationError,
    "INVALID_OAUTHTOKEN": AuthenticationError,
    "AUTHENTICATION_FAILURE": AuthenticationError,
    "AUTHENTICATION_FAILED": AuthenticationError,
    "OAUTH_SCOPE_MISMATCH": ScopeError,
    "NO_PERMISSION": PermissionDeniedError,
    "PERMISSION_DENIED": PermissionDeniedError,
    "AUTHORIZATION_FAILED": PermissionDeniedError,
    "AUTHORIZATION_ERROR": PermissionDeniedError,
    "FEATURE_NOT_SUPPORTED": PermissionDeniedError,
    "FEATURE_NOT_ENABLED": PermissionDeniedError,
    "NOT_ALLOWED": NotAllowedError,
    "NOT_SUPPORTED": NotAllowedError,
    "ALREADY_USED": NotAllowedError,
    "INVALID_DATA": InvalidDataError,
    "MANDATORY_NOT_FOUND": MissingFieldError,
    "DUPLICATE_DATA": DuplicateDataError,
    "DEPENDENT_FIELD_MISSING": DependentFieldError,
    "DEPENDENT_MISMATCH": InvalidDataError,
    "EXPECTED_FIELD_MISSING": MissingFieldError,
    "AMBIGUITY_DURING_PROCESSING": InvalidDataError,
    "REQUIRED_DATA_NOT_FOUND": InvalidDataError,
    "PATTERN_NOT_MATCHED": InvalidDataError,
    "RESERVED_KEYWORD_NOT_ALLOWED": InvalidDataError,
    "LIMIT_EXCEEDED": LimitExceededError,
    "LIMIT_REACHED": LimitExceededError,
    "LICENSE_LIMIT_EXCEEDED": LimitExceededError,
    "INVALID_URL_PATTERN": InvalidRequestError,
    "INVALID_REQUEST_METHOD": InvalidRequestError,
    "API_NOT_SUPPORTED": InvalidRequestError,
    "INVALID_MODULE": InvalidRequestError,
    "REQUIRED_PARAM_MISSING": InvalidRequestError,
    "BAD_REQUEST": InvalidRequestError,
    "TOO_MANY_REQUESTS": RateLimitError,
    "RATE_LIMIT_EXCEEDED": RateLimitError,
    "INTERNAL_ERROR": ServerError,
    "INTERNAL_SERVER_ERROR": ServerError,
    "SERVICE_UNAVAILABLE": ServerError,
}

_CODE: Final = re.compile(r"\w{1,64}", re.ASCII)

#: The class by HTTP status, for bodies without a code that is known.
_ERRORS_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    # Zoho's "not found" has a code; without one a proxy or a wrong host has answered.
    404: InvalidRequestError,
    405: InvalidRequestError,
    # 408 says that the server gave up waiting: the same kind of trouble as 504.
    408: ServerError,
    429: RateLimitError,
}


def read_api_answer(
    request: Request,
    response: Response,
    wall: Callable[[], float],
) -> tuple[Any, Mapping[str, Any]]:
    """Return the decoded body of a successful answer, and the one item in it.

    Any 2xx is a success, then the item's own status is read: a write may answer 200 with an
    error inside. An answer about several items is returned as it is, because each item has a
    status of its own.

    Args:
        request: What was sent.
        response: What came back.
        wall: Tells the seconds since 1970, for a Retry-After that is a date.

    Returns:
        The JSON value, which is None for an answer without body (204, or an empty page of a
        read); and the item of an answer to a write, which is the whole answer if it has none or
        several.

    Raises:
        aiozcrm.errors.ApiError: If Zoho refused; the class says why.
        aiozcrm.errors.InvalidResponseError: If a success cannot be read.
    """
    status, raw = response.status, response.body
    if not 200 <= status < 300:
        raise _refusal(request, response, _error_item(json_object_of(raw)), wall())
    if not raw and (status == 204 or request.method == "GET"):
        return None, {}
    data = json_of(raw)
    if type(data) is not dict:
        raise InvalidResponseError(
            f"{request.method} {request.url} was answered {status} with a body that is not a "
            f"JSON object: {excerpt_of(raw)!r}.",
            status=status,
            excerpt=excerpt_of(raw),
        )
    item = _only_item(data) if request.method != "GET" else data
    if item.get("status") == "error" and (request.method != "GET" or "code" in item):
        raise _refusal(request, response, item, wall())
    return data, item


def _only_item(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one item of an answer to a write; the answer itself if it has none or several.

    An answer wraps its items in a list under the resource's name.
    """
    found = None
    for items in data.values():
        if type(items) is list:
            if found is not None or len(items) != 1 or not isinstance(items[0], dict):
                return data
            found = items[0]
    return data if found is None else found


def _error_item(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the error object, which is the whole body or the first item of a wrapper."""
    if "code" in data:
        return data
    for item in _items(data):
        if "code" in item and item.get("status") != "success":
            return item
    return data


def _items(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for value in data.values():
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, dict))


def _refusal(
    request: Request,
    response: Response,
    item: Mapping[str, Any],
    now: float,
) -> ApiError:
    status = response.status
    # An older form of 429 has a number as its code and the name beside it.
    code = next((v for v in (item.get("code"), item.get("error")) if _is_code(v)), "")
    details = item.get("details")
    if not isinstance(details, dict):
        details = {}
    kind = _class_of(status, code, details)
    message = item.get("message") or item.get("error_info") or excerpt_of(response.body)
    message = sentence_of(str(message))
    facts: dict[str, Any] = {
        "status": status,
        "code": code,
        "details": details,
        "method": request.method,
        "url": request.url,
    }
    if issubclass(kind, RateLimitError) and _are_credits_gone(response):
        kind = CreditsExhaustedError
    if issubclass(kind, (RateLimitError, ServerError)):
        facts["retry_after"] = _retry_after(response.headers.get("Retry-After"), now)
    return kind(message, **facts)


def _is_code(value: object) -> TypeGuard[str]:
    """Return whether *value* is a name such as Zoho's codes, and not some gateway's sentence."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _class_of(status: int, code: str, details: Mapping[str, Any]) -> type[ApiError]:
    if code == "INVALID_DATA" and _is_about_the_id(details):
        return NotFoundError
    kind = _ERRORS_BY_CODE.get(code) or _ERRORS_BY_STATUS.get(status)
    if kind is not None:
        return kind
    return ServerError if status >= 500 else ApiError


def _is_about_the_id(details: Mapping[str, Any]) -> bool:
    """Return whether the wrong data is the id itself, in the path or alone in the body."""
    if "resource_path_index" in details:
        return True
    return details.get("api_name") == "id" and details.keys() <= {"api_name", "json_path"}


def _are_credits_gone(response: Response) -> bool:
    # The header comes once half of the day's credits are used:
    # https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
    left = number_of(response.headers.get("X-API-CREDITS-REMAINING"))
    return left is not None and left <= 0


def _retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After header, given as a number or as a date."""
    if value is None:
        return None
    seconds = number_of(value)
    if seconds is None:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        # HTTP dates are in UTC, also those that do not say so.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    return max(0.0, seconds)
