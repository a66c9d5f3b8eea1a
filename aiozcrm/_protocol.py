"""What goes over the wire and what comes back, as plain values and functions.

Nothing here does I/O: requests are built from values, answers become values or errors.
"""

from __future__ import annotations

import email.utils
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote, urlencode

import attrs

from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    ClientRejectedError,
    CreditsExhaustedError,
    InvalidDataError,
    InvalidInputError,
    InvalidRequestError,
    InvalidResponseError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RefreshTokenRejectedError,
    ScopeError,
    ServerError,
    TokenEndpointError,
    TokenError,
)

__all__ = [
    "IDEMPOTENT_METHODS",
    "Request",
    "Response",
    "Sender",
    "Token",
    "TokenGrant",
    "TokenRefusedForNowError",
    "check_path",
    "check_record_id",
    "only_item",
    "read_api_answer",
    "read_token_answer",
    "refresh_request",
]

#: Methods whose repetition has the same effect as one request (RFC 9110, section 9.2.2).
IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})

#: What json.loads comes to, less its guess at the encoding: Zoho's answers are UTF-8.
_decode: Final = json.JSONDecoder().decode

_EXCERPT: Final = 300
_LONGEST_ID: Final = 19

_TOO_LARGE: Final = 10**_LONGEST_ID

#: Escapes that would change a path's shape once a server decodes them, and broken ones.
_BAD_ESCAPES: Final = re.compile(
    r"%(?![0-9a-f]{2})|%(?:2f|5c|3f|23|25|7f|[01][0-9a-f])",
    re.IGNORECASE,
)

#: What may stand in a path as it is (RFC 3986, section 3.3), and the mark of what is encoded.
_PATH_MARKS: Final = "/:@!$&'()*+,;=~%"


# ---- values ------------------------------------------------------------------------------------


class Request(NamedTuple):
    """One HTTP request. Its repr shows neither headers nor body: they hold secrets.

    A named tuple, because one is made for every send.

    Attributes:
        method: Such as ``DELETE``.
        origin: Scheme and host.
        path: What stands behind the host, percent-encoded.
        headers: What authorizes the request, and the type of the body.
        query: What stands behind the path, percent-encoded, without its question mark.
        body: What is sent.
    """

    method: str
    origin: str
    path: str
    headers: Mapping[str, str]
    query: str = ""
    body: bytes | None = None

    @property
    def url(self) -> str:
        """Where it goes, without the query; for people to read."""
        return self.origin + self.path

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"


class Response(NamedTuple):
    """One HTTP answer. *headers* are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class Sender(Protocol):
    """Something that turns a request into a response."""

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        ...


@attrs.frozen(kw_only=True, eq=False)
class Token:
    """An access token and where it may be used. Two tokens are equal only if they are one.

    Attributes:
        access_token: The secret itself, never shown in a repr.
        api_url: Scheme and host for its calls.
        headers: What authorizes a request, made once for all of them.
    """

    access_token: str = attrs.field(repr=False)
    api_url: str
    headers: Mapping[str, str] = attrs.field(init=False, repr=False)

    @headers.default
    def _authorization(self) -> Mapping[str, str]:
        # Not "Bearer", in spite of the token_type that the token endpoint names:
        # https://www.zoho.com/crm/developer/docs/api/v7/access-refresh.html
        return {"Authorization": f"Zoho-oauthtoken {self.access_token}"}


class TokenGrant(NamedTuple):
    """What a token endpoint handed out. Its repr does not show the token.

    Attributes:
        access_token: The secret itself.
        lifetime: Seconds it lives, counted from the request.
        api_domain: Scheme and host for its calls; None where the answer named none.
    """

    access_token: str
    lifetime: float
    api_domain: str | None

    def __repr__(self) -> str:
        return f"TokenGrant({self.lifetime:g} s, {self.api_domain})"


# ---- inputs ------------------------------------------------------------------------------------


def check_record_id(value: object) -> str:
    """Return *value* as the digits of an id.

    Zoho's ids have 18 or 19 digits and do not fit a float, so a float is refused even where it
    looks whole.

    Args:
        value: Digits as ``str``, or an ``int``.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is a string or number that is no id.
        TypeError: If it is of another type.
    """
    if type(value) is str:
        digits = value
    elif isinstance(value, int) and not isinstance(value, bool):
        # A number of thousands of digits cannot even be shown.
        digits = str(value) if abs(value) < _TOO_LARGE else "a number of too many digits"
    elif isinstance(value, str):
        digits = str(value)
    else:
        raise TypeError(f"an id is a str or int of digits, not {type(value).__name__}")
    # isdigit() alone would let other scripts' digits pass.
    if digits.isdigit() and digits.isascii() and len(digits) <= _LONGEST_ID:
        return digits
    shown = digits if len(digits) <= 2 * _LONGEST_ID else f"{digits[: 2 * _LONGEST_ID]}..."
    raise InvalidInputError(
        f"{shown!r} is not an id.",
        hint=f"An id is 1 to {_LONGEST_ID} of the digits 0 to 9, as Zoho's answers give it.",
    )


def check_path(path: str) -> str:
    """Return *path* as it stands behind ``/crm/v7/``, percent-encoded and unable to leave it.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is empty, tries to climb, or holds a query.
    """
    cleaned = path.removeprefix("/")
    segments = cleaned.split("/")
    hint = "Give the part behind /crm/v7/, such as 'settings/unsubscribe_links'; use params=."
    if not cleaned.isprintable() or re.search(r"[\s?#\\]", cleaned):
        raise InvalidInputError(f"{path!r} is not an API path.", hint=hint)
    if any(segment.lower().replace("%2e", ".") in {"", ".", ".."} for segment in segments):
        raise InvalidInputError(f"{path!r} has an empty or climbing segment.", hint=hint)
    if _BAD_ESCAPES.search(cleaned):
        raise InvalidInputError(f"{path!r} has an escape that no path needs.", hint=hint)
    if re.match(r"crm/v\d", cleaned, re.IGNORECASE):
        raise InvalidInputError(f"{path!r} repeats /crm/ and the version.", hint=hint)
    return quote(cleaned, safe=_PATH_MARKS)


# ---- the token endpoint ------------------------------------------------------------------------


def refresh_request(
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
) -> Request:
    """Return the request for a new access token.

    The secrets go into the form body, although Zoho's page shows them in the query: URLs end up
    in logs. https://www.zoho.com/crm/developer/docs/api/v7/refresh.html
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    return Request(
        "POST",
        accounts_url,
        "/oauth/v2/token",
        {"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
    )


class TokenRefusedForNowError(TokenError):
    """The token endpoint refuses to make more tokens; `auth` knows until when."""


#: What the token endpoint's ``error`` means, compared by letters only.
#: https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html
_TOKEN_ERRORS: Final[Mapping[str, type[TokenError]]] = {
    "accessdenied": TokenRefusedForNowError,
    "invalidclient": ClientRejectedError,
    "invalidclientsecret": ClientRejectedError,
    "unauthorizedclient": ClientRejectedError,
    "invalidcode": RefreshTokenRejectedError,
    "invalidgrant": RefreshTokenRejectedError,
    "invalidtoken": RefreshTokenRejectedError,
}


def read_token_answer(response: Response) -> TokenGrant:
    """Return what the token endpoint handed out.

    The HTTP status decides nothing that the body can decide: errors come with status 200.

    Raises:
        aiozcrm.errors.TokenError: If it handed out nothing.
    """
    status = response.status
    data = _json_object(response.body)
    token = data.get("access_token")
    if isinstance(token, str) and token and token.isascii() and token.isprintable():
        api_domain = data.get("api_domain")
        return TokenGrant(
            access_token=token,
            lifetime=_lifetime(data),
            api_domain=api_domain if isinstance(api_domain, str) and api_domain else None,
        )
    error = data.get("error")
    shown = _shortened(error) if isinstance(error, str) else ""
    name = re.sub(r"[^a-z]", "", shown.lower())
    kind = _TOKEN_ERRORS.get(name)
    # The throttle's refusal keeps its shape where its words are translated.
    if kind is None and (_is_refusal(data) or status == 429):
        kind = TokenRefusedForNowError
    if kind is not None:
        raise kind(f"The token endpoint answered {shown!r}.")
    described = f"error {shown!r}" if shown else f"no token ({len(response.body)} bytes)"
    raise TokenEndpointError(
        f"The token endpoint answered {status} with {described}.", status=status
    )


def _is_refusal(data: Mapping[str, Any]) -> bool:
    return data.get("status") == "failure" and "error_description" in data


def _lifetime(data: Mapping[str, Any]) -> float:
    """Return the token's life in seconds: 3600 unless the answer says something sensible."""
    # Older answers give milliseconds in expires_in, and then seconds in expires_in_sec.
    for key in ("expires_in_sec", "expires_in"):
        value = _number(data.get(key))
        if value is not None and 0 < value <= 86_400:
            return value
    return 3600.0


# ---- the CRM API -------------------------------------------------------------------------------

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
    "MANDATORY_NOT_FOUND": InvalidDataError,
    "DUPLICATE_DATA": InvalidDataError,
    "DEPENDENT_FIELD_MISSING": InvalidDataError,
    "DEPENDENT_MISMATCH": InvalidDataError,
    "EXPECTED_FIELD_MISSING": InvalidDataError,
    "AMBIGUITY_DURING_PROCESSING": InvalidDataError,
    "REQUIRED_DATA_NOT_FOUND": InvalidDataError,
    "PATTERN_NOT_MATCHED": InvalidDataError,
    "RESERVED_KEYWORD_NOT_ALLOWED": InvalidDataError,
    "LIMIT_EXCEEDED": InvalidDataError,
    "LIMIT_REACHED": InvalidDataError,
    "LICENSE_LIMIT_EXCEEDED": InvalidDataError,
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

#: The class by HTTP status, for bodies without a code that is known.
_ERRORS_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: InvalidRequestError,
    # 408 says that the server gave up waiting: the same kind of trouble as 504.
    408: ServerError,
    429: RateLimitError,
}


def read_api_answer(request: Request, response: Response, wall: Callable[[], float]) -> Any:
    """Return the decoded body of a successful answer.

    Any 2xx is a success, then the item's own status is read: a write may answer 200 with an
    error inside. An answer about several items is returned as it is, because each item has a
    status of its own.

    Args:
        request: What was sent.
        response: What came back.
        wall: Tells the seconds since 1970, for a Retry-After that is a date.

    Returns:
        The JSON value; None for an answer without body (204, or an empty page of a read).

    Raises:
        aiozcrm.errors.ApiError: If Zoho refused; the class says why.
        aiozcrm.errors.InvalidResponseError: If a success cannot be read.
    """
    status, _, raw = response
    if not 200 <= status < 300:
        raise _refusal(request, response, _error_item(_json_object(raw)), wall())
    if not raw and (status == 204 or request.method == "GET"):
        return None
    data = _json(raw)
    if type(data) is not dict:
        raise InvalidResponseError(
            f"{request.method} {request.url} was answered {status} with a body that is not a "
            f"JSON object: {_excerpt(raw)!r}.",
            status=status,
            excerpt=_excerpt(raw),
        )
    item = only_item(data) if request.method != "GET" else data
    if item.get("status") == "error" and (request.method != "GET" or "code" in item):
        raise _refusal(request, response, item, wall())
    return data


def only_item(data: Mapping[str, Any]) -> Mapping[str, Any]:
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
    code = next((v for v in (item.get("code"), item.get("error")) if isinstance(v, str)), "")
    details = item.get("details")
    if not isinstance(details, dict):
        details = {}
    kind = _class_of(status, code, details)
    message = item.get("message") or item.get("error_info") or _excerpt(response.body)
    message = _sentence(str(message))
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


def _class_of(status: int, code: str, details: Mapping[str, Any]) -> type[ApiError]:
    if code == "INVALID_DATA" and "resource_path_index" in details:
        # The wrong data is a segment of the path: the id is not one of the org's.
        return NotFoundError
    kind = _ERRORS_BY_CODE.get(code) or _ERRORS_BY_STATUS.get(status)
    if kind is not None:
        return kind
    return ServerError if status >= 500 else ApiError


def _are_credits_gone(response: Response) -> bool:
    # The header comes once half of the day's credits are used:
    # https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
    left = _number(response.headers.get("X-API-CREDITS-REMAINING"))
    return left is not None and left <= 0


def _retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After header, given as a number or as a date."""
    if value is None:
        return None
    seconds = _number(value)
    if seconds is None:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        # HTTP dates are in UTC, also those that do not say so.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    return max(0.0, seconds)


def _number(value: object) -> float | None:
    """Return *value* as a finite float, or None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _json(raw: bytes) -> Any:
    try:
        return _decode(raw.decode())
    except (ValueError, RecursionError):  # undecodable bytes are a ValueError too
        return None


def _json_object(raw: bytes) -> dict[str, Any]:
    data = _json(raw)
    return data if isinstance(data, dict) else {}


def _excerpt(raw: bytes) -> str:
    return _shortened(raw[: 4 * _EXCERPT].decode("utf-8", errors="replace"))


def _shortened(text: str) -> str:
    """Return *text* on one line, bounded, and such that it can be printed anywhere."""
    printable = text.encode("utf-8", errors="replace").decode()
    return " ".join(printable.split())[:_EXCERPT]


def _sentence(text: str) -> str:
    """Return somebody else's words as a sentence of ours."""
    words = _shortened(text) or "no explanation"
    return words if words.endswith((".", "!", "?")) else f"{words}."
