"""What a 401 says about the token that the request carried."""

from __future__ import annotations

import asyncio
from typing import Final, Literal, TypeGuard

from aiozcrm._clock import Clock
from aiozcrm._protocol import (
    Request,
    Sender,
    Token,
    api_error,
    decode,
    is_success,
    redact_error,
)
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    InvalidRequestError,
    RateLimitError,
    ServerError,
    TransportError,
    ZohoError,
)
from aiozcrm.events import EventReceiver, RequestFinished

__all__ = [
    "Judgement",
    "Verdict",
    "accepts_token",
    "is_passing",
    "probe",
    "proves_host",
    "rejects_token",
]

#: The codes of a 401 that are about the token; others come with 401, too.
_TOKEN_CODES: Final = frozenset(
    {
        "AUTHENTICATION_FAILED",
        "AUTHENTICATION_FAILURE",
        "INVALID_OAUTHTOKEN",
        "INVALID_TOKEN",
    },
)


class Verdict:
    """The verdict on a token that was rejected.

    A plain class: one with generated methods would take its time at import.

    Args:
        outcome: ``replaced`` if there is another token, ``accepted`` if the host accepts the token
            in other calls, ``kept`` if there is no replacement for now, ``undecided`` if a passing
            trouble kept the host from telling.
        hint: What it means for the call that was rejected, unless there is another token.
        error: That trouble, or why no other token was made.
    """

    __slots__ = ("error", "hint", "outcome")

    def __init__(
        self,
        outcome: Literal["replaced", "accepted", "kept", "undecided"],
        *,
        hint: str = "",
        error: ZohoError | None = None,
    ) -> None:
        self.outcome = outcome
        self.hint: str = hint
        self.error: ZohoError | None = error


class Judgement:
    """A verdict on a token that is being found.

    Attributes:
        token: The token that was rejected.
        open: Whether the verdict will also hold for a rejection that arrives now.
        task: Finds the verdict.
    """

    __slots__ = ("open", "task", "token")

    task: asyncio.Task[Verdict]

    def __init__(self, token: Token) -> None:
        self.token: Token = token
        self.open: bool = True


def rejects_token(error: ZohoError) -> TypeGuard[AuthenticationError]:
    """Return whether *error* is an answer that may mean a dead token."""
    return (
        isinstance(error, AuthenticationError)
        and error.status >= 400
        and (not error.code or error.code.upper() in _TOKEN_CODES)
    )


def is_passing(error: ZohoError) -> bool:
    """Return whether *error* says nothing about the token, but the next answer may."""
    return isinstance(error, (TransportError, ServerError, RateLimitError))


def accepts_token(error: ZohoError) -> bool:
    """Return whether *error* is an answer of Zoho's to a call with a token that it accepts."""
    return (
        isinstance(error, ApiError)
        and error.code != ""
        and not rejects_token(error)
        and not is_passing(error)
    )


def proves_host(error: ZohoError) -> bool:
    """Return whether *error* is an answer that Zoho gives only once it has accepted the token."""
    # It need not look at the token to reject a path or a method.
    needs_no_token = isinstance(error, (InvalidRequestError, AuthenticationError))
    return accepts_token(error) and not needs_no_token


async def probe(
    token: Token,
    path: str,
    *,
    sender: Sender,
    clock: Clock,
    emit: EventReceiver,
) -> ZohoError | None:
    """Make a call that any token may make, once.

    Args:
        token: The token in question.
        path: The path of the call.
        sender: Sends the request.
        clock: Tells the time.
        emit: Receives the event of the request.

    Returns:
        The error that the call ended with; None if it succeeded.
    """
    request = Request("GET", token.api_url, path, token.headers)
    started, status, size = clock.monotonic(), None, None
    error: ZohoError | None = None
    try:
        response = await sender.send(request)
        status, size = response.status, len(response.body)
        if is_success(request, response):
            decode(request, response)
        else:
            error = api_error(request, response, clock.wall())
    except ZohoError as failure:
        redact_error(failure, request)
        error = failure
    emit(
        RequestFinished(
            method="GET",
            url=request.url,
            attempt=1,
            seconds=clock.monotonic() - started,
            status=status,
            error=error,
            size=size,
        ),
    )
    return error
