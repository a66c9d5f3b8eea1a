"""A token in use, and when it has to be replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Self

from aiozcrm._protocol import Token

__all__ = ["LiveToken"]

#: The margins before a token's end, as parts of its life: 5 minutes and 1 minute of an hour.
_SOFT_MARGIN: Final = 300.0
_HARD_MARGIN: Final = 60.0
_HOUR: Final = 3600.0


class LiveToken:
    """A token in use, with its moments in seconds of the monotonic clock.

    Attributes:
        token: The token.
        soft_end: From when on its successor is fetched in the background.
        hard_end: From when on calls wait for its successor.
        end: When it ends.
    """

    __slots__ = ("end", "hard_end", "soft_end", "token")

    def __init__(self, token: Token, soft_end: float, hard_end: float, end: float) -> None:
        self.token = token
        self.soft_end = soft_end
        self.hard_end = hard_end
        self.end = end

    @classmethod
    def until(
        cls,
        end: float,
        *,
        token: Token,
        lifetime: float,
        jitter: Callable[[float, float], float],
    ) -> Self:
        """Return *token* with its moments.

        Args:
            end: When it ends.
            token: The token.
            lifetime: How many seconds it was made for. A short life has short margins.
            jitter: Returns a random number between two others, which keeps many processes from
                refreshing in the same moment.
        """
        scale = min(1.0, lifetime / _HOUR)
        soft_margin = _SOFT_MARGIN * scale * jitter(1.0, 1.2)
        return cls(token, end - soft_margin, end - _HARD_MARGIN * scale, end)
