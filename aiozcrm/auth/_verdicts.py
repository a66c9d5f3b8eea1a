"""What a 401 says about the token that the request carried."""

from __future__ import annotations

from typing import Final, Literal, TypeGuard

from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    InvalidRequestError,
    RateLimitError,
    ServerError,
    TransportError,
    ZohoError,
)

__all__ = ["Verdict", "accepts_token", "is_passing", "proves_host", "rejects_token"]

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
        self.hint = hint
        self.error = error


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
