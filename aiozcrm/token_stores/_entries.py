"""Tokens as stores that outlive a process write them down."""

from __future__ import annotations

from typing import Any, Final

from aiozcrm._stores import DamagedError, Kind, number_in, text_in
from aiozcrm.token_stores._base import StoredToken, TokenState

__all__ = ["TOKENS", "last_moment", "read_state", "read_token", "state_entry", "token_entry"]


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


def last_moment(state: TokenState) -> float:
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
    entry=state_entry,
    read=read_state,
    last_moment=last_moment,
)
