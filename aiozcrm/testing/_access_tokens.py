"""The access tokens of a fake Zoho that have one origin: made, throttled, evicted."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable

import attrs

__all__ = ["AccessTokens", "Limits", "Throttle", "made_up_token"]


def made_up_token() -> str:
    """Return a token that looks like one of Zoho's, never the same twice."""
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


@attrs.frozen(kw_only=True)
class Limits:
    """How much there is of tokens.

    Attributes:
        lifetime: How many seconds an access token lives.
        made: How many are made per window.
        window: How many seconds the window has, and a block after the latest refused ask.
        live: How many live at once; one more evicts the oldest.
        clock: Tells the time in seconds.
    """

    lifetime: float
    made: int
    window: float
    live: int
    clock: Callable[[], float]


class Throttle:
    """Counts what is made, and refuses when it is too much.

    Args:
        limits: How much is allowed.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._made_at: deque[float] = deque()
        self._blocked_until: float | None = None

    def refuses(self) -> bool:
        """Return whether no more are made for now. Asking while blocked prolongs the block."""
        now, limits = self._limits.clock(), self._limits
        while self._made_at and self._made_at[0] <= now - limits.window:
            self._made_at.popleft()
        blocked = self._blocked_until is not None and now < self._blocked_until
        if blocked or len(self._made_at) >= limits.made:
            self._blocked_until = now + limits.window
            return True
        return False

    def count(self) -> None:
        """Note that one was made."""
        self._made_at.append(self._limits.clock())


class AccessTokens:
    """The access tokens that come from one refresh token, or from the client by itself.

    Args:
        scopes: What they may do.
        limits: How many there may be.
    """

    def __init__(self, scopes: tuple[str, ...], limits: Limits) -> None:
        self.scopes = scopes
        self.throttle = Throttle(limits)
        self._limits = limits
        self._ends: dict[str, float] = {}

    def make(self) -> str:
        """Return a new access token."""
        token = made_up_token()
        self._ends[token] = self._limits.clock() + self._limits.lifetime
        if len(self._ends) > self._limits.live:
            del self._ends[next(iter(self._ends))]
        self.throttle.count()
        return token

    def holds(self, access_token: str) -> bool:
        """Return whether *access_token* is one of them and alive."""
        end = self._ends.get(access_token)
        return end is not None and self._limits.clock() < end

    def forget(self, access_token: str) -> bool:
        """End one of them and say whether it was known."""
        return self._ends.pop(access_token, None) is not None

    def end_all(self) -> None:
        """End every one of them."""
        self._ends.clear()
