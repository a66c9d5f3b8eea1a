"""What the client tells while it works, as typed events.

Pass ``on_event`` to the client to receive them. A function is called at once, so it must be
quick. An async function is awaited in the background, one event after the other; closing the
client waits for those that are left. What either raises is logged and changes nothing else.

They are plain classes, since tools that collect errors walk through named tuples, and classes of
attrs take long to build.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, Literal

from aiozcrm.errors import ZohoError

__all__ = [
    "BatchProgress",
    "CallRetried",
    "ChannelRenewalFailed",
    "ChannelRenewed",
    "ChannelStoreFailed",
    "ConcurrencyChanged",
    "CreditsFell",
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


class _Event:
    """What all events have: values that are compared and shown."""

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(tuple(map(repr, self._values().values())))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({values})"

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).__slots__}


class RequestFinished(_Event):
    """A request to the API was answered, or failed.

    Attributes:
        method: Such as ``DELETE``.
        url: Where it went; it never holds a secret.
        attempt: Which send of its call this was, from 1.
        seconds: How long it took.
        status: The HTTP status of the answer; None where there was none.
        error: What went wrong; None for a success.
        size: How many bytes the body of the answer has, decompressed; None where there was no
            answer, and for a file, which is read after this.
    """

    __slots__ = ("attempt", "error", "method", "seconds", "size", "status", "url")

    def __init__(  # noqa: PLR0917  # a named tuple would take them, too
        self,
        method: str,
        url: str,
        attempt: int,
        seconds: float,
        status: int | None,
        error: ZohoError | None,
        size: int | None = None,
    ) -> None:
        self.method: Final = method
        self.url: Final = url
        self.attempt: Final = attempt
        self.seconds: Final = seconds
        self.status: Final = status
        self.error: Final = error
        self.size: Final = size


class CallRetried(_Event):
    """A call failed in a way that can heal, and will be sent again.

    Attributes:
        method: Such as ``DELETE``.
        path: The path behind the host.
        attempt: How many sends there were so far.
        delay: Seconds until the next one.
        error: What went wrong.
    """

    __slots__ = ("attempt", "delay", "error", "method", "path")

    def __init__(
        self,
        method: str,
        path: str,
        attempt: int,
        delay: float,
        error: ZohoError,
    ) -> None:
        self.method: Final = method
        self.path: Final = path
        self.attempt: Final = attempt
        self.delay: Final = delay
        self.error: Final = error


class ConcurrencyChanged(_Event):
    """How many calls may be in flight has changed.

    It halves when Zoho says that there are too many calls, and the whole client pauses; it
    grows by one after each full round of successes.

    Attributes:
        limit: How many calls may be in flight from now on.
        delay: Seconds until the next call may start; 0 where there is no pause.
    """

    __slots__ = ("delay", "limit")

    def __init__(
        self,
        limit: int,
        delay: float,
    ) -> None:
        self.limit: Final = limit
        self.delay: Final = delay


class CreditsFell(_Event):
    """An answer tells that the org has fewer API credits left than the answer before told.

    Zoho tells once half of the day's credits are used.

    Attributes:
        left: How many are left.
    """

    __slots__ = ("left",)

    def __init__(
        self,
        left: int,
    ) -> None:
        self.left: Final = left


class TokenRefreshed(_Event):
    """A new access token is in use.

    Attributes:
        seconds: How long it took.
        lifetime: Seconds that the token lives.
        from_store: Whether somebody else had made it and left it in the token store.
    """

    __slots__ = ("from_store", "lifetime", "seconds")

    def __init__(
        self,
        seconds: float,
        lifetime: float,
        from_store: bool,
    ) -> None:
        self.seconds: Final = seconds
        self.lifetime: Final = lifetime
        self.from_store: Final = from_store


class TokenRefreshFailed(_Event):
    """No new access token was to be had.

    Attributes:
        error: Why.
    """

    __slots__ = ("error",)

    def __init__(
        self,
        error: ZohoError,
    ) -> None:
        self.error: Final = error


class TokenStoreFailed(_Event):
    """The token store raised an error, so tokens are not shared for now.

    Attributes:
        step: What it was to do: ``lock``, ``load``, ``save`` or ``unlock``.
        error: What it raised, whatever that is.
    """

    __slots__ = ("error", "step")

    def __init__(
        self,
        step: Literal["lock", "load", "save", "unlock"],
        error: Exception,
    ) -> None:
        self.step: Final = step
        self.error: Final = error


class ChannelRenewed(_Event):
    """A notification channel was opened or renewed.

    Attributes:
        channel_id: Which one.
        lifetime: Seconds until it ends.
        opened: Whether it was opened anew, because there was none, or Zoho had forgotten it.
        from_store: Whether another worker has done it and left the state in the store.
    """

    __slots__ = ("channel_id", "from_store", "lifetime", "opened")

    def __init__(
        self,
        channel_id: str,
        lifetime: float,
        opened: bool,
        from_store: bool,
    ) -> None:
        self.channel_id: Final = channel_id
        self.lifetime: Final = lifetime
        self.opened: Final = opened
        self.from_store: Final = from_store


class ChannelRenewalFailed(_Event):
    """A notification channel could not be renewed, which is tried again.

    Attributes:
        channel_id: Which one.
        error: Why.
        left: Seconds until it ends; zero or less if it has ended.
        delay: Seconds until the next try.
    """

    __slots__ = ("channel_id", "delay", "error", "left")

    def __init__(
        self,
        channel_id: str,
        error: ZohoError,
        left: float,
        delay: float,
    ) -> None:
        self.channel_id: Final = channel_id
        self.error: Final = error
        self.left: Final = left
        self.delay: Final = delay


class ChannelStoreFailed(_Event):
    """The channel store raised an error, so the channel is not shared for now.

    Attributes:
        step: What it was to do: ``lock``, ``load``, ``save`` or ``unlock``.
        error: What it raised, whatever that is.
    """

    __slots__ = ("error", "step")

    def __init__(
        self,
        step: Literal["lock", "load", "save", "unlock"],
        error: Exception,
    ) -> None:
        self.step: Final = step
        self.error: Final = error


class BatchProgress(_Event):
    """One more input of a batch has its outcome.

    Attributes:
        id: The input.
        status: Its outcome's status.
        attempts: How many times it was sent.
        finished: How many inputs have an outcome now.
        about: What the batch does, such as ``DELETE settings/unsubscribe_links``.
        kind: Its outcome's kind.
    """

    __slots__ = ("about", "attempts", "finished", "id", "kind", "status")

    def __init__(  # noqa: PLR0917  # a named tuple would take them, too
        self,
        id: str,
        status: str,
        attempts: int,
        finished: int,
        about: str = "",
        kind: str = "",
    ) -> None:
        self.id: Final = id
        self.status: Final = status
        self.attempts: Final = attempts
        self.finished: Final = finished
        self.about: Final = about
        self.kind: Final = kind


Event = (
    RequestFinished
    | CallRetried
    | ConcurrencyChanged
    | CreditsFell
    | TokenRefreshed
    | TokenRefreshFailed
    | TokenStoreFailed
    | ChannelRenewed
    | ChannelRenewalFailed
    | ChannelStoreFailed
    | BatchProgress
)

EventReceiver = Callable[[Event], object]
