"""Channels as stores that outlive a process write them down."""

from __future__ import annotations

from typing import Any, Final

import attrs

from aiozcrm._stores import DamagedError, Kind, number_in, text_in
from aiozcrm.channel_stores._base import ChannelState

__all__ = ["CHANNELS"]

#: A channel that has ended is kept so long, since its token and its cursors still serve.
_KEPT_LONGER: Final = 90 * 86_400.0


def _read(entry: Any) -> ChannelState:
    """Return the state of an entry; keys that are not known are ignored.

    Raises:
        DamagedError: If a value is not of its kind.
    """
    try:
        if not entry["channel_id"]:
            return ChannelState()
        options, cursors = entry["options"], entry["cursors"]
        if not isinstance(options, dict) or not isinstance(cursors, dict):
            raise DamagedError
        return ChannelState(
            channel_id=text_in(entry["channel_id"]),
            token=text_in(entry["token"]),
            url=text_in(entry["url"]),
            events=tuple(map(text_in, entry["events"])),
            options=options,
            expires_at=number_in(entry["expires_at"]),
            renew_at=number_in(entry["renew_at"]),
            cursors={module: text_in(cursor) for module, cursor in cursors.items()},
        )
    except (KeyError, TypeError, OverflowError):
        raise DamagedError from None


#: Channels, as a kind of things that stores keep.
CHANNELS: Final = Kind(
    name="channel",
    empty=ChannelState(),
    entry=lambda state: attrs.asdict(state, recurse=False),
    read=_read,
    last_moment=lambda state: state.expires_at + _KEPT_LONGER,
)
