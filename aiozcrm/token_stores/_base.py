"""What a token store keeps and what it must be able to do."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attrs

__all__ = ["StoredToken", "TokenState", "TokenStore"]


@attrs.frozen(kw_only=True)
class StoredToken:
    """An access token as a store keeps it.

    Attributes:
        access_token: The secret itself, never shown in a repr.
        expires_at: When it ends, in seconds since 1970.
        lifetime: How many seconds it was made for.
        api_domain: Scheme and host that came with it; None where none came.
    """

    access_token: str = attrs.field(repr=False)
    expires_at: float
    lifetime: float
    api_domain: str | None = None


@attrs.frozen(kw_only=True)
class TokenState:
    """All that is known about the tokens of one refresh token.

    Attributes:
        token: The newest access token; None before the first.
        made_at: When the latest tokens were made, in seconds since 1970, oldest first.
        blocked_until: Until when the token endpoint must not be asked, in seconds since 1970.
        refusals: How many times in a row the endpoint said that too many were made.
    """

    token: StoredToken | None = None
    made_at: tuple[float, ...] = ()
    blocked_until: float = 0.0
    refusals: int = 0


class TokenStore(Protocol):
    """Keeps the state of each refresh token under a key.

    The key tells client id, data centre, environment and refresh token apart, but none of them
    can be read from it. A store never holds a client secret or a refresh token.
    """

    async def load(self, key: str) -> TokenState:
        """Return what is kept under *key*, an empty state if nothing is."""
        ...

    async def save(self, key: str, state: TokenState) -> None:
        """Keep *state* under *key*. Called only by who holds the lock of *key*."""
        ...

    def lock(self, key: str) -> AbstractAsyncContextManager[object]:
        """Return a lock on *key* that all who share the store respect."""
        ...
