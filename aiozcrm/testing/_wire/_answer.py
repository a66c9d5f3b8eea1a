"""What Zoho says: answers before they are sent, and the errors that all calls share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

__all__ = [
    "AUTHENTICATION_FAILURE",
    "BAD_GATEWAY",
    "HTML",
    "HTML_PAGE",
    "INTERNAL_ERROR",
    "INVALID_REQUEST_METHOD",
    "INVALID_TOKEN",
    "INVALID_URL_PATTERN",
    "NOT_MODIFIED",
    "NO_CONTENT",
    "SERVICE_UNAVAILABLE",
    "TOO_MANY_REQUESTS",
    "WRONG_ID",
    "Answer",
    "RejectedError",
    "error",
    "error_answer",
    "no_permission",
    "rejected",
    "scope_mismatch",
    "wrong_headers",
    "wrong_id",
]

#: What Zoho says of an id that the org does not have.
WRONG_ID: Final = "the id given seems to be invalid"

HTML: Final[Mapping[str, str]] = MappingProxyType({"Content-Type": "text/html;charset=UTF-8"})
_JSON: Final = "application/json;charset=UTF-8"


@attrs.frozen
class Answer:
    """An answer before it is sent.

    Attributes:
        status: The HTTP status.
        data: The body. Bytes are sent as they are, None sends no body, all else is JSON.
        headers: Headers of this answer alone.
        stream: Makes the body chunk by chunk, in the place of *data*.
        credits: How many API credits the call costs.
    """

    status: int
    data: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    stream: Callable[[], AsyncIterator[bytes]] | None = None
    credits: int = 1

    @property
    def body(self) -> bytes:
        """The body as sent; empty where it is streamed."""
        if self.data is None:
            return b""
        return self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body, streamed or not."""
        if self.stream is None:
            yield self.body
            return
        async for piece in self.stream():
            yield piece

    @property
    def all_headers(self) -> Mapping[str, str]:
        """The headers, with the type of a body that is JSON."""
        if self.data is None or isinstance(self.data, bytes):
            return self.headers
        return {"Content-Type": _JSON, **self.headers}


class RejectedError(Exception):
    """Ends a call with an answer that rejects it.

    Attributes:
        answer: The answer.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def error(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error in the shape that all of the API shares."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def error_answer(status: int, code: str, message: str, **details: Any) -> Answer:
    """Return the answer that is an error and nothing else."""
    return Answer(status, error(code, message, details))


def rejected(status: int, code: str, message: str, **details: Any) -> RejectedError:
    """Return what ends a call with an error and nothing else."""
    return RejectedError(error_answer(status, code, message, **details))


def wrong_id(place: int) -> RejectedError:
    """Return what ends a call whose path names, at this place, an id that the org does not have."""
    return rejected(400, "INVALID_DATA", WRONG_ID, resource_path_index=place)


def wrong_headers(names: Iterable[str]) -> RejectedError:
    """Return what ends a call to the servers for files, whose words differ from the API's."""
    words = f"check if headers [{', '.join(names)}] are present and valid"
    told = {"ERROR_MESSAGE": "Bad Request", "ERROR_CODE": 400, "x-error": words}
    return RejectedError(Answer(400, {**told, "status": "error"}))


def scope_mismatch(**details: str) -> Answer:
    """Return the rejection of a token that does not cover the call."""
    message = "invalid oauth scope to access this URL"
    return error_answer(401, "OAUTH_SCOPE_MISMATCH", message, **details)


def no_permission(permission: str) -> Answer:
    """Return the rejection that names the missing *permission*."""
    return error_answer(403, "NO_PERMISSION", "permission denied", permissions=[permission])


NO_CONTENT: Final = Answer(204)
NOT_MODIFIED: Final = Answer(304)
AUTHENTICATION_FAILURE: Final = error_answer(401, "AUTHENTICATION_FAILURE", "Authentication failed")
INVALID_TOKEN: Final = error_answer(401, "INVALID_TOKEN", "invalid oauth token")
INVALID_URL_PATTERN: Final = error_answer(
    404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
)
INVALID_REQUEST_METHOD: Final = error_answer(
    400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"
)
TOO_MANY_REQUESTS: Final = error_answer(429, "TOO_MANY_REQUESTS", "too many requests")
INTERNAL_ERROR: Final = error_answer(500, "INTERNAL_ERROR", "Internal Server Error")
SERVICE_UNAVAILABLE: Final = error_answer(503, "SERVICE_UNAVAILABLE", "Service Unavailable")
BAD_GATEWAY: Final = Answer(
    502, b"<html><head><title>502</title></head><body>Bad gateway</body></html>", HTML
)
HTML_PAGE: Final = Answer(
    200, b"<html><head><title>Hello</title></head><body>A page for people</body></html>", HTML
)
