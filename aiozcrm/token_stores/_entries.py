"""Tokens as stores that outlive a process write them down."""

from __future__ import annotations

from typing import Any, Final

import attrs

from aiozcrm._stores import DamagedError, Kind, number_in, text_in
from aiozcrm.token_stores._base import StoredToken, TokenState

__all__ = ["TOKENS", "read_token"]


def _read(entry: Any) -> TokenState:
    """Return the state of an entry. Unknown keys are ignored.

    Entries of version 0.1 lack some of the keys.

    Raises:
        DamagedError: If a value is not of its kind.
    """
    try:
        token, refusals = entry["token"], entry["refusals"]
        return TokenState(
            token=None if token is None else read_token(token),
            made_at=tuple(map(number_in, entry["made_at"])),
            blocked_until=number_in(entry["blocked_until"]),
            refusals=int(number_in(refusals)),
            lost_at=tuple(map(number_in, entry.get("lost_at", ()))),
            outages=int(number_in(entry.get("outages", 0))),
            outage_until=number_in(entry.get("outage_until", 0.0)),
            spare_at=number_in(entry.get("spare_at", 0.0)),
            spare_pause=number_in(entry.get("spare_pause", 0.0)),
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
            access_token=text_in(entry["access_token"]),
            expires_at=number_in(entry["expires_at"]),
            lifetime=number_in(entry["lifetime"]),
            api_domain=None if entry["api_domain"] is None else text_in(entry["api_domain"]),
        )
    except (KeyError, TypeError, OverflowError):
        raise DamagedError from None


def _last_moment(state: TokenState) -> float:
    """Return the last moment at which *state* matters, in seconds since 1970."""
    return max(
        state.token.expires_at if state.token else 0.0,
        state.blocked_until,
        state.outage_until,
        state.spare_at + state.spare_pause,
        *state.made_at,
    )


#: Tokens, as a kind of things that stores keep.
TOKENS: Final = Kind(
    name="token",
    empty=TokenState(),
    entry=attrs.asdict,
    read=_read,
    last_moment=_last_moment,
)
