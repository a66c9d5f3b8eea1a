"""The access tokens of a fake Zoho that have one origin: made, throttled, ended."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable

from aiozcrm.testing.limits import TokenLimits

__all__ = ["AccessTokens", "Throttle", "made_up_token"]


def made_up_token() -> str:
    """Return a token that looks like one of Zoho's, never the same twice."""
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


class Throttle:
    """Counts what is made, and blocks when it is too much.

    Args:
        limits: How much is allowed.
        clock: Tells the time in seconds.
    """

    def __init__(self, limits: TokenLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._made_at: deque[float] = deque()
        self._blocked_until: float | None = None

    def admit(self) -> bool:
        """Let a request pass, or begin a block; a request while blocked prolongs the block."""
        now, limits = self._clock(), self._limits
        while self._made_at and self._made_at[0] <= now - limits.window:
            self._made_at.popleft()
        blocked = self._blocked_until is not None and now < self._blocked_until
        if blocked or len(self._made_at) >= limits.made:
            self._blocked_until = now + limits.window
            return False
        return True

    def count(self) -> None:
        """Note that one was made."""
        self._made_at.append(self._clock())


class AccessTokens:
    """The access tokens that come from one refresh token, or from the client by itself.

    Args:
        org_id: The org that they are for.
        client_id: The client that they were made for.
        scopes: What they may do.
        limits: How many there may be.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        *,
        org_id: str,
        client_id: str,
        scopes: tuple[str, ...],
        limits: TokenLimits,
        clock: Callable[[], float],
    ) -> None:
        self.org_id: str = org_id
        self.client_id: str = client_id
        self.scopes: tuple[str, ...] = scopes
        self.throttle: Throttle = Throttle(limits, clock)
        self._limits = limits
        self._clock = clock
        self._ends: dict[str, float] = {}

    def make(self) -> str:
        """Return a new access token."""
        token = made_up_token()
        self._ends[token] = self._clock() + self._limits.lifetime
        if len(self._ends) > self._limits.live:
            del self._ends[next(iter(self._ends))]
        self.throttle.count()
        return token

    def seconds_left(self, access_token: str) -> float:
        """Return how long *access_token* still lives; 0 if it is dead or none of them."""
        end = self._ends.get(access_token)
        return 0.0 if end is None else max(0.0, end - self._clock())

    def forget(self, access_token: str) -> bool:
        """End one of them and say whether it was known."""
        return self._ends.pop(access_token, None) is not None

    def end_all(self) -> None:
        """End every one of them."""
        self._ends.clear()
