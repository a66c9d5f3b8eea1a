"""What a token store keeps and what it must be able to do."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attr as attrs

from aiozcrm.errors import StoreLockedError

__all__ = ["StoreLockedError", "StoredToken", "TokenState", "TokenStore"]


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
        made_at: When the latest tokens were made, in seconds since 1970, oldest first. A request
            whose answer was lost counts as a token.
        blocked_until: Until when the token endpoint must not be asked, in seconds since 1970.
        refusals: How many times in a row the endpoint said that too many were made.
        lost_at: Which moments of *made_at* stand for lost answers.
        outages: How many times in a row the endpoint gave no usable answer.
        outage_until: Until when the endpoint is left alone because of that, in seconds since 1970.
        spare_at: When a token was last made although none had worked yet, in seconds since 1970.
        spare_pause: How many seconds have to pass from then to the next one.
    """

    token: StoredToken | None = None
    made_at: tuple[float, ...] = ()
    blocked_until: float = 0.0
    refusals: int = 0
    lost_at: tuple[float, ...] = ()
    outages: int = 0
    outage_until: float = 0.0
    spare_at: float = 0.0
    spare_pause: float = 0.0


class TokenStore(Protocol):
    """Keeps the state of each refresh token under a key, for all clients that share it.

    The key depends on client id, data centre, environment and refresh token, but no secret can be
    read from it. It consists of lower-case letters, digits and dots and is at most 64 characters
    long. A store is never given a client secret or a refresh token.

    Only the client calls a store. To refresh its token it takes the lock, loads, and if the token
    found is not good enough, asks Zoho for another and saves it before it gives the lock back. It
    also loads, without the lock, when Zoho rejects its token. No other call touches the store.

    All moments are wall-clock times, in seconds since 1970, because other processes and hosts
    have to understand them. A store keeps every field of a state exactly, and need not look at
    any.

    **Failures.** An error that a store raises does not stop the client. It is logged, so its
    message must show no token, and emitted as :class:`~aiozcrm.events.TokenStoreFailed`. When
    `lock` fails, the client loads all the same, and saves nothing; when `load` fails, it uses the
    state that it remembers; when `save` fails, the new token serves this one client.

    After a failed `lock` or `load` the client does not ask while its token still serves, which is
    until a minute before the end: it tries the store again every few seconds. Only then, or if it
    has no token, it asks without the store. As long as that lasts each client makes tokens of its
    own, and Zoho makes only 10 in 10 minutes.

    The one exception is `StoreLockedError`: the lock works, and another client holds it. Then the
    client does not ask. A token that still lives goes on serving, and without one calls fail
    with :class:`~aiozcrm.errors.TokenEndpointError`.

    Run your own store through :class:`aiozcrm.testing.TokenStoreContract`.
    """

    async def load(self, key: str) -> TokenState:
        """Return the state under *key*, an empty state if there is none.

        Content that cannot be read, such as that of another version, counts as none. Does not
        wait for the lock.
        """
        ...

    async def save(self, key: str, state: TokenState) -> None:
        """Keep *state* under *key*, and replace the one before.

        Called only while the lock of *key* is held. Other clients may save under other keys at
        the same time, and none of their states may be lost. Once it has returned, every `load`
        sees *state*; before, each sees either the old state or the new one, whole.
        """
        ...

    def lock(self, key: str) -> AbstractAsyncContextManager[object]:
        """Return a lock on *key* that all clients of the store respect.

        It is taken when the context is entered and given back when it is left, in whatever way.
        While one task holds it, no other task can, in any process on any host. The lock of one
        key does not hold up another key. Waiting leaves the event loop free, and may be
        cancelled at any time: a cancelled waiter neither holds the lock nor will. It is not
        reentrant. Each call returns a lock that is entered once.

        The holder keeps it as long as a token request takes: a few hundred milliseconds, or up
        to two minutes when the token endpoint is in trouble. A lock that ends by itself must
        last longer than that, and every lock must come free when its holder dies.

        Raises:
            StoreLockedError: On entering, if the store gives up while another client holds it.
        """
        ...
