"""How often calls were sent, and whether they may have run, whatever they came to."""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Final, Self

__all__ = ["CallFacts", "collect_facts", "note_call"]


class CallFacts:
    """What is known of the calls that are made inside ``async with zoho.call_facts()``.

    .. code-block:: python

        async with zoho.call_facts() as facts, asyncio.timeout(5):
            await zoho.unsubscribe_links.create(...)

    A call adds its facts when it ends, also if it is cancelled. Calls of tasks that were created
    inside are among them. The same facts are collected in one place at a time.

    Attributes:
        attempts: How many times requests were sent.
        maybe_done: Whether a call that ended without a success may have taken effect at Zoho.
        sent_at: When the last call was sent the last time, in seconds of the client's monotonic
            clock; None if nothing was sent.
    """

    __slots__ = ("_entered", "_outer", "attempts", "maybe_done", "sent_at")

    def __init__(self) -> None:
        self._entered = False
        self._outer: CallFacts | None = None
        self.clear()

    def clear(self) -> None:
        """Forget what was collected."""
        self.attempts: int = 0
        self.maybe_done: bool = False
        self.sent_at: float | None = None

    def add(self, attempts: int, *, maybe_done: bool, sent_at: float | None) -> None:
        """Add the facts of a call, here and to whatever collects around this.

        Args:
            attempts: How many times it was sent.
            maybe_done: Whether it ended without a success and may have taken effect.
            sent_at: When it was sent the last time; None if it was not.
        """
        self.attempts += attempts
        self.maybe_done = self.maybe_done or maybe_done
        self.sent_at = sent_at
        if self._outer is not None:
            self._outer.add(attempts, maybe_done=maybe_done, sent_at=sent_at)

    async def __aenter__(self) -> Self:
        """Begin to collect.

        Raises:
            RuntimeError: If it collects already.
        """
        if self._entered:
            raise RuntimeError("These facts are being collected already; ask for others.")
        self._entered = True
        self._outer = _COLLECTING.get()
        _COLLECTING.set(self)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Collect no more."""
        self._entered = False
        _COLLECTING.set(self._outer)


_COLLECTING: Final[ContextVar[CallFacts | None]] = ContextVar("aiozcrm_call_facts", default=None)


def collect_facts(*, alone: bool = False) -> CallFacts:
    """Return the facts of all calls that this task makes from now on.

    Args:
        alone: Whether nothing that collects around this is to know of them.
    """
    facts = CallFacts()
    facts._outer = None if alone else _COLLECTING.get()  # noqa: SLF001  # it is of this module
    _COLLECTING.set(facts)
    return facts


def note_call(attempts: int, *, maybe_done: bool, sent_at: float | None) -> None:
    """Add the facts of a call that has ended to whatever collects them."""
    facts = _COLLECTING.get()
    if facts is not None:
        facts.add(attempts, maybe_done=maybe_done, sent_at=sent_at)
