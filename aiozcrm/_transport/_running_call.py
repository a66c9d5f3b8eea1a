"""One call while it lasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from aiozcrm._protocol import ApiCall, Body
from aiozcrm.auth import Judgement
from aiozcrm.timeouts import Timeouts

if TYPE_CHECKING:
    from aiozcrm._transport._parts import Part

__all__ = ["UNDECIDED", "NextStep", "RunningCall", "alone", "part_of_task"]

#: What takes the call of the running task; None for a task whose calls travel alone.
part_of_task: Final[ContextVar[Part | None]] = ContextVar("aiozcrm_part", default=None)


@contextmanager
def alone() -> Iterator[None]:
    """Let calls travel alone, such as those that only prepare the one that is a part."""
    before = part_of_task.set(None)
    try:
        yield
    finally:
        part_of_task.reset(before)


class NextStep:
    """The step after a failed send.

    Attributes:
        again: Whether the call is sent again.
        delay: Seconds until then.
        borrows: Whether that is one of the retries that all calls share.
        hint: What the error should advise; None to leave it as it is.
        concerns_all_calls: Whether other calls would end in the same way; None to leave what the
            error says.
    """

    # A plain class: to make a named tuple or one of attrs takes ten times longer at import.
    __slots__ = ("again", "borrows", "concerns_all_calls", "delay", "hint")

    def __init__(
        self,
        *,
        again: bool = False,
        delay: float = 0.0,
        borrows: bool = False,
        hint: str | None = None,
        concerns_all_calls: bool | None = None,
    ) -> None:
        self.again = again
        self.delay = delay
        self.borrows = borrows
        self.hint = hint
        self.concerns_all_calls = concerns_all_calls


UNDECIDED: Final = NextStep()


class RunningCall:
    """One call while it lasts. One is made for every call.

    Attributes:
        api: What is asked.
        path: The path behind the host.
        query: The query, encoded.
        headers: The headers besides those of the token.
        body: What it carries.
        timeouts: How long to wait; None for what the sender does by itself.
        deadline: When it has to end, in seconds of the monotonic clock.
        stack: Keeps a streamed answer open; None to read the whole answer.
        attempts: How many times it was sent.
        maybe_done: Whether one of the sends may have taken effect without an answer that says so.
        is_sending: Whether a send is under way.
        sent_at: When the last send began, in seconds of the monotonic clock; None before.
        url: Where the last send went, without the query.
        status: The HTTP status of the last answer; None where there was none.
        size: How many bytes its body has; None where there was none, or it is a stream.
        untold_since: When the send began that no event has told of yet; None if there is none.
        next: The step after the last failure.
        judgement: Finds out whether the token is dead that the last answer rejected.
        is_suspect: Whether it was rejected once with a token that other calls may use.
    """

    # Defaults stand on the class, since setting all of them would take as long as what is set.
    attempts: int = 0
    maybe_done: bool = False
    is_sending: bool = False
    sent_at: float | None = None
    url: str = ""
    status: int | None = None
    size: int | None = None
    untold_since: float | None = None
    next: NextStep = UNDECIDED
    judgement: Judgement | None = None
    is_suspect: bool = False

    def __init__(  # noqa: PLR0917  # one is made for every call
        self,
        api: ApiCall,
        path: str,
        query: str,
        headers: Mapping[str, str] | None,
        body: bytes | Body | None,
        timeouts: Timeouts | None,
        deadline: float,
        stack: AsyncExitStack | None,
    ) -> None:
        self.api = api
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.deadline = deadline
        self.stack = stack
