"""What the client tells while it works, as typed events.

Pass ``on_event`` to the client to receive them. A function is called at once, so it must be
quick. An async function is awaited in the background, one event after the other; closing the
client waits for those that are left. What either raises is logged and changes nothing else.

They are named tuples because classes of attrs, of which each import would have to build seven,
take six times as long to build.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from aiozcrm.errors import ZohoError

__all__ = [
    "BatchProgress",
    "CallRetried",
    "ConcurrencyChanged",
    "Event",
    "EventReceiver",
    "RequestFinished",
    "TokenRefreshFailed",
    "TokenRefreshed",
    "TokenStoreFailed",
]

#: The one logger of the package.
logger: Final = logging.getLogger("aiozcrm")
# Without it, an application that has set up no logging would find warnings on its stderr.
logger.addHandler(logging.NullHandler())


class RequestFinished(NamedTuple):
    """A request to the API was answered, or failed.

    Attributes:
        method: Such as ``DELETE``.
        url: Where it went; it never holds a secret.
        attempt: Which send of its call this was, from 1.
        seconds: How long it took.
        status: The HTTP status of the answer; None where there was none.
        error: What went wrong; None for a success.
    """

    method: str
    url: str
    attempt: int
    seconds: float
    status: int | None
    error: ZohoError | None


class CallRetried(NamedTuple):
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


class ConcurrencyChanged(NamedTuple):
    """How many calls may be in flight has changed.

    It halves when Zoho says that there are too many calls, and the whole client pauses; it
    grows by one after each full round of successes.

    Attributes:
        limit: How many calls may be in flight from now on.
        delay: Seconds until the next call may start; 0 where there is no pause.
    """

    limit: int
    delay: float


class TokenRefreshed(NamedTuple):
    """A new access token is in use.

    Attributes:
        seconds: How long it took.
        lifetime: Seconds that the token lives.
        from_store: Whether somebody else had made it and left it in the token store.
    """

    seconds: float
    lifetime: float
    from_store: bool


class TokenRefreshFailed(NamedTuple):
    """No new access token was to be had.

    Attributes:
        error: Why.
    """

    error: ZohoError


class TokenStoreFailed(NamedTuple):
    """The token store raised an error, so tokens are not shared for now.

    Attributes:
        step: What it was to do: ``lock``, ``load``, ``save`` or ``unlock``.
        error: What it raised, whatever that is.
    """

    step: Literal["lock", "load", "save", "unlock"]
    error: Exception


class BatchProgress(NamedTuple):
    """One more input of a batch has its outcome.

    Attributes:
        id: The input.
        status: Its outcome's status.
        attempts: How many times it was sent.
        finished: How many inputs have an outcome now.
        about: What the batch does, such as ``DELETE settings/unsubscribe_links``.
        kind: Its outcome's kind.
    """

    id: str
    status: str
    attempts: int
    finished: int
    about: str = ""
    kind: str = ""


Event = (
    RequestFinished
    | CallRetried
    | ConcurrencyChanged
    | TokenRefreshed
    | TokenRefreshFailed
    | TokenStoreFailed
    | BatchProgress
)

EventReceiver = Callable[[Event], object]
