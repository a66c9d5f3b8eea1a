"""What a channel store keeps and what it must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import attr as attrs

__all__ = ["ChannelState", "ChannelStore"]


@attrs.frozen(kw_only=True)
class ChannelState:
    """All that is known about one channel.

    Attributes:
        channel_id: Its id; empty if there is none.
        token: The secret that comes back with each notification, never shown in a repr.
        url: Where notifications go.
        events: What is told, such as ``Deals.all``.
        options: What else was asked for, as it is sent.
        expires_at: When it ends, in seconds since 1970, as Zoho said.
        renew_at: When it is to be renewed, in seconds since 1970.
        cursors: How far each module was caught up with, by its API name.
    """

    channel_id: str = ""
    token: str = attrs.field(default="", repr=False)
    url: str = ""
    events: tuple[str, ...] = ()
    options: Mapping[str, Any] = attrs.field(factory=dict)
    expires_at: float = 0.0
    renew_at: float = 0.0
    cursors: Mapping[str, str] = attrs.field(factory=dict, repr=False)


class ChannelStore(Protocol):
    """Keeps the state of each channel under a key, for all workers that share it.

    It does for channels what a :class:`~aiozcrm.TokenStore` does for tokens, under the same rules.
    The key consists of lower-case letters, digits and dots and is at most 64 characters long.

    Only the client calls a store. To renew a channel it takes the lock, loads, and if no other
    worker has done so meanwhile, asks Zoho and saves the answer before it gives the lock back.

    An error that a store raises does not stop the client. It is logged, so its message must show
    no token, and emitted as :class:`~aiozcrm.events.ChannelStoreFailed`; the channel is renewed
    without the store then. :class:`~aiozcrm.errors.StoreLockedError` means that another worker
    has the lock: the client looks again later.

    Run your own store through :class:`aiozcrm.testing.ChannelStoreContract`.
    """

    async def load(self, key: str) -> ChannelState:
        """Return the state under *key*, an empty state if there is none.

        Content that cannot be read counts as none. Does not wait for the lock.
        """
        ...

    async def save(self, key: str, state: ChannelState) -> None:
        """Keep *state* under *key*, and replace the one before. Called while the lock is held."""
        ...

    def lock(self, key: str) -> AbstractAsyncContextManager[object]:
        """Return a lock on *key* that all workers of the store respect.

        It is taken when the context is entered and given back when it is left, in whatever way. A
        cancelled waiter neither holds the lock nor will. Every lock comes free when its holder
        dies.

        Raises:
            StoreLockedError: On entering, if the store gives up while another worker holds it.
        """
        ...
