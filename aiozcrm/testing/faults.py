"""Trouble on order: what can go wrong, and when."""

from __future__ import annotations

import enum
import math
import random
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

import attrs

__all__ = ["Fault", "FaultPlan"]

# Rates that add up to one on paper may miss it by a rounding error.
_TOLERANCE: Final = 1e-9


class Fault(enum.StrEnum):
    """A way for a request to go wrong.

    The *effect* is what the request would do without the fault, such as deleting a link.
    """

    SERVER_ERROR_BEFORE = "server_error_before"
    """No effect, answered 500 ``INTERNAL_ERROR``."""

    SERVER_ERROR_AFTER = "server_error_after"
    """The effect, then 500 ``INTERNAL_ERROR`` all the same."""

    BAD_GATEWAY = "bad_gateway"
    """No effect, answered 502 with an HTML page."""

    UNAVAILABLE = "unavailable"
    """No effect, answered 503 ``SERVICE_UNAVAILABLE``."""

    TOO_MANY = "too_many"
    """No effect, answered 429 without a word on when to come back."""

    TOO_MANY_RETRY_AFTER = "too_many_retry_after"
    """No effect, answered 429 with the plan's ``retry_after`` as header ``Retry-After``."""

    RESET_BEFORE = "reset_before"
    """Neither effect nor answer, since the TCP connection is reset."""

    RESET_AFTER = "reset_after"
    """The effect, then the TCP connection is reset in place of an answer."""

    TRUNCATED_BODY = "truncated_body"
    """The effect, then half of the answer's body before the connection closes."""

    NOT_JSON = "not_json"
    """The effect, answered 200 with an HTML page."""

    HANG = "hang"
    """No effect and no answer for the plan's ``hang`` seconds, then the connection is reset."""

    HANG_AFTER = "hang_after"
    """The effect, then no answer for the plan's ``hang`` seconds and the connection is reset."""

    TOKEN_REVOKED = "token_revoked"  # noqa: S105 (no secret, a name)
    """No effect, since the access token is revoked; the answer is 401 ``INVALID_TOKEN``."""

    SLOW = "slow"
    """The effect and its answer, but only after the plan's ``slow`` seconds."""

    SLOW_BODY = "slow_body"
    """The effect and its answer, of which the second half comes ``slow`` seconds later."""

    SHORT_ANSWER = "short_answer"
    """The effect, then an answer without its last item. What only reads is answered in full."""

    HIDDEN_ERROR = "hidden_error"
    """No effect, answered 200 with ``INTERNAL_ERROR`` in the place of each item."""

    ANSWERED_TWICE = "answered_twice"
    """The effect and its answer, then, ``late`` seconds later, the same answer once more.

    The second one comes unasked on the connection that was kept alive.
    """

    @property
    def has_effect(self) -> bool:
        """Whether the request does its work in spite of the fault."""
        return self in _WITH_EFFECT


_WITH_EFFECT: Final = frozenset(
    {
        Fault.SERVER_ERROR_AFTER,
        Fault.RESET_AFTER,
        Fault.TRUNCATED_BODY,
        Fault.NOT_JSON,
        Fault.HANG_AFTER,
        Fault.SLOW,
        Fault.SLOW_BODY,
        Fault.SHORT_ANSWER,
        Fault.ANSWERED_TWICE,
    }
)


@attrs.define(eq=False, kw_only=True)
class FaultPlan:
    """Decides which requests go wrong, and how: first by script, then by chance.

    Attributes:
        retry_after: What `Fault.TOO_MANY_RETRY_AFTER` sends: seconds or an HTTP date, unchecked.
        hang: How many seconds `Fault.HANG` and `Fault.HANG_AFTER` last.
        slow: How many seconds `Fault.SLOW` lasts, and the gap of `Fault.SLOW_BODY`.
        late: After how many seconds `Fault.ANSWERED_TWICE` answers again.
        impossible: Faults that make no sense here; planning one is an error.
        injected: How many of each fault have been injected.
    """

    retry_after: str = "1"
    hang: float = 3600.0
    slow: float = 5.0
    late: float = 0.02
    impossible: frozenset[Fault] = frozenset()
    injected: Counter[Fault] = attrs.field(init=False, factory=Counter)
    _script: deque[Fault | None] = attrs.field(init=False, factory=deque)
    _choices: Sequence[Fault | None] = attrs.field(init=False, default=(None,))
    _bounds: Sequence[float] = attrs.field(init=False, default=())
    _random: random.Random = attrs.field(init=False, factory=random.Random)

    def script(self, *faults: Fault | None) -> None:
        """Append what happens to the next requests, one entry a request.

        Args:
            faults: What happens to each; None lets it pass.

        Raises:
            ValueError: If a fault makes no sense here; nothing is appended then.
        """
        self._check_possible(*faults)
        self._script.extend(faults)

    def mix(self, rates: Mapping[Fault, float], *, seed: int) -> None:
        """Let chance decide about every request beyond the script.

        Args:
            rates: The share of requests that each fault takes, between 0 and 1; the rest pass.
            seed: Makes the sequence the same each time.

        Raises:
            ValueError: If a fault makes no sense here, a rate is not between 0 and 1, or the
                rates add up to more than 1.
        """
        self._check_possible(*rates)
        for fault, rate in rates.items():
            if not 0 <= rate <= 1:
                raise ValueError(f"The rate of {fault} must be between 0 and 1, not {rate}.")
        total = math.fsum(rates.values())
        if total > 1 + _TOLERANCE:
            raise ValueError(f"The rates must add up to 1 at most, not to {total}.")
        self._choices = (*rates, None)
        self._bounds = tuple(accumulate(rates.values()))
        self._random.seed(seed)

    @property
    def unused(self) -> tuple[Fault, ...]:
        """What is scripted and has not been drawn yet."""
        return tuple(fault for fault in self._script if fault is not None)

    def clear(self) -> None:
        """Plan nothing from now on; what has been injected stays counted."""
        self._script.clear()
        self._choices = (None,)
        self._bounds = ()

    def draw(self) -> Fault | None:
        """Take what happens to the request at hand."""
        if self._script:
            fault = self._script.popleft()
        else:
            fault = self._choices[bisect_right(self._bounds, self._random.random())]
        if fault is not None:
            self.injected[fault] += 1
        return fault

    def _check_possible(self, *faults: Fault | None) -> None:
        impossible = self.impossible.intersection(faults)
        if impossible:
            raise ValueError(f"{', '.join(sorted(impossible))} makes no sense here.")
