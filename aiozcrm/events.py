"""What the client tells while it works, as typed events.

Pass ``on_event`` to the client to receive them. A receiver is called at once, so it must be
quick; one that raises is logged and disturbs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import attrs

from aiozcrm.errors import ZohoError

__all__ = [
    "BatchProgress",
    "CallRetried",
    "ConcurrencyReduced",
    "Event",
    "EventReceiver",
    "RequestFinished",
    "TokenRefreshFailed",
    "TokenRefreshed",
    "logger",
    "nobody",
    "receiver_that_cannot_fail",
]

#: The one logger of the package.
logger: Final = logging.getLogger("aiozcrm")


@attrs.frozen(kw_only=True)
class RequestFinished:
    """A request to the API was answered, or failed.

    Attributes:
        method: Such as ``DELETE``.
        url: Where it went; it never holds a secret.
        attempt: Which send of its call this was, from 1.
        seconds: How long it took.
        error: What went wrong; None for a success.
    """

    method: str
    url: str
    attempt: int
    seconds: float
    error: ZohoError | None


@attrs.frozen(kw_only=True)
class CallRetried:
    """A call failed in a way that can heal, and will be sent again.

    Attributes:
        method: Such as ``DELETE``.
        path: The path behind the host.
        attempt: How many sends there were so far.
        delay: Seconds until the next one.
        error: What went wrong.
    """

    method: str
    path: str
    attempt: int
    delay: float
    error: ZohoError


@attrs.frozen(kw_only=True)
class ConcurrencyReduced:
    """Zoho said that there are too many calls: the whole client pauses and sends fewer at once.

    Attributes:
        limit: How many calls may be in flight from now on.
        delay: Seconds until the next call may start.
    """

    limit: int
    delay: float


@attrs.frozen(kw_only=True)
class TokenRefreshed:
    """A new access token is in use.

    Attributes:
        seconds: How long it took.
        lifetime: Seconds that the token lives.
        from_store: Whether somebody else had made it and left it in the token store.
    """

    seconds: float
    lifetime: float
    from_store: bool


@attrs.frozen(kw_only=True)
class TokenRefreshFailed:
    """No new access token was to be had.

    Attributes:
        error: Why.
    """

    error: ZohoError


@attrs.frozen(kw_only=True)
class BatchProgress:
    """One more input of a batch has its outcome.

    Attributes:
        id: The input.
        status: Its outcome's status.
        attempts: How many times it was sent.
        finished: How many inputs have an outcome now.
    """

    id: str
    status: str
    attempts: int
    finished: int


Event = (
    RequestFinished
    | CallRetried
    | ConcurrencyReduced
    | TokenRefreshed
    | TokenRefreshFailed
    | BatchProgress
)

EventReceiver = Callable[[Event], object]


def nobody(event: Event) -> None:
    """Receive events where nobody listens."""


def receiver_that_cannot_fail(receiver: EventReceiver) -> EventReceiver:
    """Return *receiver* with its errors logged instead of raised."""

    def receive(event: Event) -> None:
        try:
            receiver(event)
        except Exception:
            logger.exception("on_event failed for %s", type(event).__name__)

    return receive
