"""What may be asked of a notification channel, checked before anything is sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import Json, check_record_id, web_host
from aiozcrm.errors import InvalidInputError

__all__ = ["LONGEST_LIFE", "channel_draft", "check_events", "check_token", "check_url"]

#: A channel that is to live longer lives for an hour, and Zoho does not say so.
#: https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html
LONGEST_LIFE: Final = 7 * 86_400.0
_LONGEST_TOKEN: Final = 50

_EVENT: Final = re.compile(r"[A-Za-z]\w{0,99}\.(create|edit|delete|all)", re.ASCII)


def check_events(events: Iterable[str]) -> list[str]:
    """Return the events of a channel, each of which has a module and an operation.

    Raises:
        aiozcrm.errors.InvalidInputError: If there is none, or one cannot be.
        TypeError: If they are no texts.
    """
    if isinstance(events, (str, bytes)) or not isinstance(events, Iterable):
        raise TypeError(f"events are a list of texts, not {type(events).__name__}")
    names = list(events)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"an event is a text, not {type(name).__name__}")
        if not _EVENT.fullmatch(name):
            raise InvalidInputError(
                f"{name!r} is not an event.",
                hint="It is the API name of a module, a dot, and create, edit, delete or all, "
                "such as Leads.create.",
            )
    if not names:
        raise InvalidInputError("A channel needs an event.", hint="Such as Leads.create.")
    return names


@HidingFrames()
def check_token(token: object) -> None:
    """Check a token, which errors never show.

    Raises:
        aiozcrm.errors.InvalidInputError: If Zoho does not take one of that length.
        TypeError: If it is no text.
    """
    if not isinstance(token, str):
        raise TypeError(f"token is a text, not {type(token).__name__}")
    if not 0 < len(token) <= _LONGEST_TOKEN:
        raise InvalidInputError(
            f"The token has {len(token)} characters.",
            hint=f"Zoho takes 1 to {_LONGEST_TOKEN}.",
        )


def check_url(url: object) -> None:
    """Check where notifications go.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is no address of a web server.
        TypeError: If it is no text.
    """
    if not isinstance(url, str):
        raise TypeError(f"the address is a text, not {type(url).__name__}")
    if not web_host(url) or not url.isprintable() or " " in url:
        raise InvalidInputError(
            "The address for notifications is none.",
            hint="It begins with https://, and Zoho has to reach it from outside.",
        )


def channel_draft(raw: object, *, now: float, whole: bool) -> Mapping[str, Any]:
    """Return a channel as it is sent.

    Args:
        raw: What the caller gave.
        now: Seconds since 1970.
        whole: Whether it needs events.
    """
    if not isinstance(raw, Mapping):
        raise TypeError(f"a channel is a mapping, not {type(raw).__name__}")
    if raw.get("channel_id") is None:
        raise InvalidInputError(
            "A channel has no channel_id.", hint="Choose a number of up to 19 digits."
        )
    channel = {**raw, "channel_id": check_record_id(raw["channel_id"])}
    if whole or "events" in channel:
        channel["events"] = check_events(channel.get("events", ()))
    for name, check in (("token", check_token), ("notify_url", check_url)):
        if channel.get(name) is not None:
            check(channel[name])
    if channel.get("channel_expiry") is not None:
        _check_expiry(channel["channel_expiry"], now)
    # Raises what makes it impossible to send, while it is known which channel that is.
    Json(channel)
    return channel


def _check_expiry(expiry: object, now: float) -> None:
    if isinstance(expiry, str):
        try:
            expiry = dt.datetime.fromisoformat(expiry)
        except ValueError:
            raise InvalidInputError(
                f"{expiry!r} is no moment.", hint="Such as 2026-05-01T12:00:00+02:00."
            ) from None
    if not isinstance(expiry, dt.datetime):
        raise TypeError(f"channel_expiry is a datetime or text, not {type(expiry).__name__}")
    if expiry.utcoffset() is None:
        raise InvalidInputError("channel_expiry needs an offset, such as +02:00.")
    if expiry.timestamp() > now + LONGEST_LIFE:
        raise InvalidInputError(
            "channel_expiry is more than a week away.",
            hint="Zoho would end the channel after an hour. Stay some minutes below a week.",
        )
