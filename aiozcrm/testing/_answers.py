"""What Zoho says: the bodies of its documented answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import attrs

__all__ = [
    "AUTHENTICATION_FAILURE",
    "BAD_GATEWAY",
    "HTML_PAGE",
    "INTERNAL_ERROR",
    "INVALID_REQUEST_METHOD",
    "INVALID_TOKEN",
    "INVALID_URL_PATTERN",
    "NO_CONTENT",
    "SERVICE_UNAVAILABLE",
    "TOO_MANY_REQUESTS",
    "Answer",
    "RefusalError",
    "answer",
    "error",
    "no_permission",
    "refusal",
    "scope_mismatch",
]

_HTML: Final = "text/html;charset=UTF-8"


@attrs.frozen
class Answer:
    """An answer before it is sent.

    Attributes:
        status: The HTTP status.
        body: The body as sent.
        content_type: The media type; empty where there is no body.
    """

    status: int
    body: bytes = b""
    content_type: str = ""


class RefusalError(Exception):
    """Ends an API call with an answer that refuses it.

    Attributes:
        answer: The answer.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def answer(status: int, data: Any) -> Answer:
    """Return *data* as a JSON answer."""
    return Answer(status, json.dumps(data).encode(), "application/json;charset=UTF-8")


def refusal(status: int, code: str, message: str, **details: Any) -> Answer:
    """Return the answer that is an error and nothing else."""
    return answer(status, error(code, message, details))


def error(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error in the shape that all of the API shares."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def scope_mismatch(**details: str) -> Answer:
    """Return the refusal of a token that does not cover the call."""
    message = "invalid oauth scope to access this URL"
    return refusal(401, "OAUTH_SCOPE_MISMATCH", message, **details)


def no_permission(permission: str) -> Answer:
    """Return the refusal that names the missing *permission*."""
    return refusal(403, "NO_PERMISSION", "permission denied", permissions=[permission])


NO_CONTENT: Final = Answer(204)
AUTHENTICATION_FAILURE: Final = refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")
INVALID_TOKEN: Final = refusal(401, "INVALID_TOKEN", "invalid oauth token")
INVALID_URL_PATTERN: Final = refusal(
    404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
)
INVALID_REQUEST_METHOD: Final = refusal(
    400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"
)
TOO_MANY_REQUESTS: Final = refusal(429, "TOO_MANY_REQUESTS", "too many requests")
INTERNAL_ERROR: Final = refusal(500, "INTERNAL_ERROR", "Internal Server Error")
SERVICE_UNAVAILABLE: Final = refusal(503, "SERVICE_UNAVAILABLE", "Service Unavailable")
BAD_GATEWAY: Final = Answer(
    502, b"<html><head><title>502</title></head><body>Bad gateway</body></html>", _HTML
)
HTML_PAGE: Final = Answer(
    200, b"<html><head><title>Hello</title></head><body>A page for people</body></html>", _HTML
)
