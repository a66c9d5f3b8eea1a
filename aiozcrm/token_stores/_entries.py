"""What stores that outlive a process write down, as JSON, and what they believe of it later."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any, Final

from aiozcrm.errors import ConfigurationError
from aiozcrm.token_stores._base import StoredToken, TokenState

__all__ = [
    "KEPT_FOR",
    "DamagedError",
    "last_moment",
    "read_document",
    "read_state",
    "read_token",
    "state_entry",
    "token_entry",
]

#: For how many seconds a state is kept after the last moment that means anything.
KEPT_FOR: Final = 86_400.0


class DamagedError(ValueError):
    """Content that no store has written. It is handled in the stores, and never leaves them."""


def read_document(content: bytes | str, *, version: int, where: str) -> dict[str, Any]:
    """Return *content*, decoded.

    Args:
        content: What was read.
        version: The newest version that is understood.
        where: What holds the content, for errors.

    Raises:
        DamagedError: If it is no JSON object with a version.
        aiozcrm.errors.ConfigurationError: If it is one, but from a newer version.
    """
    read: object = None
    # What is raised there quotes what was read, so it must not be the context of our own error.
    with contextlib.suppress(ValueError, RecursionError):
        read = json.loads(content)
    document: dict[str, Any] = read if isinstance(read, dict) else {}
    if type(document.get("version")) is not int:
        raise DamagedError
    if document["version"] > version:
        raise ConfigurationError(
            f"{where} was written by a newer aiozcrm and is left alone.",
            hint="Upgrade this one, or give it a store of its own.",
        )
    return document


def state_entry(state: TokenState) -> dict[str, Any]:
    """Return *state* as JSON holds it."""
    return {
        "token": state.token and token_entry(state.token),
        "made_at": state.made_at,
        "blocked_until": state.blocked_until,
        "refusals": state.refusals,
        "lost_at": state.lost_at,
        "outages": state.outages,
        "outage_until": state.outage_until,
        "spare_at": state.spare_at,
        "spare_pause": state.spare_pause,
    }


def token_entry(token: StoredToken) -> dict[str, Any]:
    """Return *token* as JSON holds it."""
    return {
        "access_token": token.access_token,
        "expires_at": token.expires_at,
        "lifetime": token.lifetime,
        "api_domain": token.api_domain,
    }


def read_state(entry: Any) -> TokenState:
    """Return the state of an entry. Unknown keys are ignored.

    Entries of version 0.1 lack some of the keys.

    Raises:
        DamagedError: If a value is not of its kind.
    """
    try:
        token, refusals = entry["token"], entry["refusals"]
        return TokenState(
            token=None if token is None else read_token(token),
            made_at=tuple(map(_number, entry["made_at"])),
            blocked_until=_number(entry["blocked_until"]),
            refusals=int(_number(refusals)),
            lost_at=tuple(map(_number, entry.get("lost_at", ()))),
            outages=int(_number(entry.get("outages", 0))),
            outage_until=_number(entry.get("outage_until", 0.0)),
            spare_at=_number(entry.get("spare_at", 0.0)),
            spare_pause=_number(entry.get("spare_pause", 0.0)),
        )
    except (KeyError, TypeError, OverflowError):
        raise DamagedError from None


def read_token(entry: Any) -> StoredToken:
    """Return the token of an entry; keys that are not known are ignored.

    Raises:
        DamagedError: If a value is not of its kind.
    """
    try:
        return StoredToken(
            access_token=_text(entry["access_token"]),
            expires_at=_number(entry["expires_at"]),
            lifetime=_number(entry["lifetime"]),
            api_domain=None if entry["api_domain"] is None else _text(entry["api_domain"]),
        )
    except (KeyError, TypeError, OverflowError):
        raise DamagedError from None


def last_moment(state: TokenState) -> float:
    """Return the last moment at which *state* matters, in seconds since 1970."""
    return max(
        state.token.expires_at if state.token else 0.0,
        state.blocked_until,
        state.outage_until,
        state.spare_at + state.spare_pause,
        *state.made_at,
    )


def _text(value: Any) -> str:
    # A line end in a token would end the header that it is sent in.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise DamagedError
    return value


def _number(value: Any) -> float:
    number = float(value) if isinstance(value, (int, float)) else math.nan
    if not math.isfinite(number):
        raise DamagedError
    return number
