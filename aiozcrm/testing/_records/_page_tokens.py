"""Page tokens: where a list goes on, for whom, and for how long."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping

import attrs

from aiozcrm.testing._wire._answer import rejected

__all__ = ["PageTokens", "Place"]


@attrs.frozen
class Place:
    """Where a page of a list begins.

    Attributes:
        start: How many records come before it.
        page: Which page it is.
        size: How many records it has.
    """

    start: int
    page: int
    size: int


@attrs.frozen
class _Token:
    bound_to: tuple[object, ...]
    place: Place
    end: float


class PageTokens:
    """The tokens of an org. One is bound to every other parameter of its call.

    Args:
        lifetime: How many seconds one lives.
        wall: Tells the time in seconds since 1970.
    """

    def __init__(self, lifetime: float, wall: Callable[[], float]) -> None:
        self._lifetime = lifetime
        self._wall = wall
        self._tokens: dict[str, _Token] = {}

    def make(self, path: str, query: Mapping[str, str], place: Place) -> tuple[str, str]:
        """Return a token for a page, and when it ends.

        Args:
            path: The path of the call.
            query: Its parameters.
            place: The page.
        """
        name, end = secrets.token_hex(24), self._wall() + self._lifetime
        self._tokens[name] = _Token(_bound(path, query), place, end)
        return name, dt.datetime.fromtimestamp(end, dt.UTC).isoformat(timespec="seconds")

    def find(self, path: str, query: Mapping[str, str]) -> Place:
        """Return the page that a call's token stands for.

        Raises:
            RejectedError: If the token is none, has ended, or belongs to another call.
        """
        token = self._tokens.get(query["page_token"])
        if token is None:
            message = "the token given seems to be invalid"
            raise rejected(400, "INVALID_DATA", message, param_name="page_token")
        if token.bound_to != _bound(path, query):
            raise rejected(
                400,
                "TOKEN_BOUND_DATA_MISMATCH",
                "The page_token given seems to be invalid or input param is added or altered or "
                "deleted",
                param_name="page_token",
            )
        if self._wall() >= token.end:
            place = {"api_name": "page_token", "json_path": "$.query.page_token"}
            raise rejected(400, "EXPIRED_VALUE", "Page token expired", **place)
        return token.place

    def expire(self) -> None:
        """Let every token end now."""
        now = self._wall()
        self._tokens = {
            name: attrs.evolve(token, end=min(token.end, now))
            for name, token in self._tokens.items()
        }


def _bound(path: str, query: Mapping[str, str]) -> tuple[object, ...]:
    return (path, *sorted(pair for pair in query.items() if pair[0] not in {"page_token", "page"}))
