"""What is worth another try, and when."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Final

import attr as attrs

from aiozcrm._numbers import a_count, some_seconds
from aiozcrm.errors import (
    CertificateError,
    ConnectError,
    ConnectionLostError,
    CreditsExhaustedError,
    InvalidResponseError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    ZohoError,
)

__all__ = ["RetryBudget", "RetryPolicy", "asked_pause"]

#: The statuses of a :class:`~aiozcrm.errors.ServerError` that can heal.
_HEALING_STATUSES: Final = frozenset({408, 500, 502, 503, 504})

#: The longest pause that Zoho is taken at its word for, in seconds.
_A_DAY: Final = 86_400.0

#: What can heal for a request that surely did not run: any call may be sent again.
_NEVER_RAN: Final = (ConnectError, RateLimitError)

#: What can heal for a request that may have run: only a repeatable one is sent again. A success
#: that cannot be read is among them, because the repetition tells what became of the first.
_MAY_HAVE_RUN: Final = (ConnectionLostError, InvalidResponseError, RequestTimeoutError)

#: What never heals by itself, although it is a kind of the above.
_FINAL: Final = (CertificateError, CreditsExhaustedError)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Decides whether a failed call is sent again, and after how many seconds.

    Lost connections, timeouts, 408, 500, 502, 503, 504 and 429 can heal. A request that surely
    did not run (never connected, or answered 429) is sent again whatever the call; one that may
    have run only if the call is repeatable. That is what its method says, so a POST is not,
    unless the call is known better.

    The pause doubles from ``first_delay`` up to ``max_delay``, less a random part of up to one
    half, and is never shorter than what Zoho asks for with ``Retry-After``.

    Attributes:
        attempts: How many times one call is sent at most, the first time included. Beyond that
            it is sent again with each new token that replaces a rejected one, and once more if
            that turns out to be alive.
        first_delay: Seconds before the second send.
        max_delay: The longest pause that is ours to choose, in seconds.
        max_retry_after: The longest ``Retry-After`` that is waited for, in seconds. A longer
            one ends the call with an error that says when to come back. Whatever Zoho asks
            for, nothing waits for more than a day.
        budget: How many retries all calls of a client may owe at a time. Each retry costs one
            and each success repays one, so an outage is not multiplied: with Zoho down, N
            calls cost at most N + ``budget`` sends.
        jitter: Returns a random number between two others.

    Raises:
        aiozcrm.errors.ConfigurationError: If a number cannot be: delays are finite and at least
            0, *attempts* is a whole number of at least 1, *budget* of at least 0.
    """

    attempts: int = attrs.field(default=5, validator=a_count(1))
    first_delay: float = attrs.field(default=0.5, validator=some_seconds(0))
    max_delay: float = attrs.field(default=20.0, validator=some_seconds(0))
    max_retry_after: float = attrs.field(default=120.0, validator=some_seconds(0))
    budget: int = attrs.field(default=500, validator=a_count(0))
    jitter: Callable[[float, float], float] = attrs.field(
        default=random.uniform,
        eq=False,
        repr=False,
    )

    def __call__(self, error: ZohoError, repeatable: bool, attempt: int) -> float | None:
        """Return the seconds to wait before sending again, or None to give up.

        Args:
            error: What the last send ended with.
            repeatable: Whether a second send does no more than the first.
            attempt: How many times the call was sent so far.
        """
        if attempt >= self.attempts or not self.can_heal(error, repeatable):
            return None
        asked = asked_pause(error)
        return None if asked > self.max_retry_after else max(asked, self.backoff(attempt))

    def can_heal(self, error: ZohoError, repeatable: bool) -> bool:
        """Return whether sending again could end better.

        Args:
            error: What the last send ended with.
            repeatable: Whether a second send does no more than the first.
        """
        if isinstance(error, _FINAL):
            return False
        if isinstance(error, ServerError):
            # Zoho's code may tell of its own trouble under a status that tells of ours.
            return repeatable and (error.status in _HEALING_STATUSES or error.status < 500)
        if isinstance(error, _NEVER_RAN):
            return True
        if isinstance(error, InvalidResponseError) and (error.too_long or error.is_file):
            # A long error page says no more than its status; a long success stays long, and a
            # file a file.
            return repeatable and error.status in _HEALING_STATUSES
        return repeatable and isinstance(error, _MAY_HAVE_RUN)

    def backoff(self, attempt: int) -> float:
        """Return a random pause in seconds after *attempt* sends."""
        # An exponent of 60 is past any sensible max_delay; it keeps the power within a float.
        longest = min(self.max_delay, self.first_delay * 2.0 ** min(attempt - 1, 60))
        return self.jitter(longest / 2, longest)


def asked_pause(error: ZohoError) -> float:
    """Return the seconds that Zoho asks to wait, between 0 and a day; 0 where it does not say."""
    seconds: float = getattr(error, "retry_after", None) or 0.0
    return 0.0 if math.isnan(seconds) else min(max(0.0, seconds), _A_DAY)


class RetryBudget:
    """How many retries all calls of a client owe."""

    __slots__ = ("owed",)

    def __init__(self) -> None:
        self.owed: int = 0

    def is_used_up(self, limit: int) -> bool:
        """Return whether so many are owed that none is left.

        Args:
            limit: How many may be owed.
        """
        return self.owed >= limit

    def borrow(self) -> None:
        """Take one retry."""
        self.owed += 1

    def repay(self) -> None:
        """Give one back, as every success does."""
        if self.owed:
            self.owed -= 1
