"""Notifications as they arrive: checked, and read.

https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import attr as attrs

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import check_record_id
from aiozcrm.errors import InvalidInputError, NotificationRejected

__all__ = ["Notification", "NotificationRejected", "verify"]

_OPERATIONS: Final = frozenset({"insert", "update", "delete"})


@attrs.frozen(kw_only=True)
class Notification:
    """What Zoho tells of records that have changed. It holds no record: read those you need.

    Zoho promises neither that it comes once, nor that it comes in order.

    Attributes:
        module: The API name of the module.
        operation: ``insert``, ``update`` or ``delete``.
        ids: The records.
        channel_id: The channel by which it came.
        time: When it happened, by Zoho's clock.
        affected_fields: The API names of the fields that an update has changed, by record.
        affected_values: The new values by field, by record, if the channel returns them.
        query_params: The query of the address to which it was sent.
    """

    module: str
    operation: Literal["insert", "update", "delete"]
    ids: list[str]
    channel_id: str
    time: dt.datetime
    affected_fields: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    affected_values: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict, repr=False)
    query_params: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def key(self) -> str:
        """What is the same if it comes again, and differs for any other; to drop repetitions."""
        stamp = f"{self.time.timestamp():.3f}"
        return ":".join((self.channel_id, self.module, self.operation, stamp, *self.ids))


@HidingFrames()
def verify(
    body: bytes | str | Mapping[str, Any], *, token: str, channel_id: str | int | None = None
) -> Notification:
    """Return the notification that a request to your service holds, if Zoho has sent it.

    Zoho signs nothing: the token that you gave to the channel is the only proof. It is compared
    in a time that does not depend on what it is.

    Args:
        body: The body of the request, as it came or decoded.
        token: The token of the channel.
        channel_id: The channel, if it has to be this one.

    Returns:
        The notification.

    Raises:
        aiozcrm.errors.InvalidInputError: If *token* is empty: then anybody could send.
        aiozcrm.errors.NotificationRejected: If it is anything else than a notification with this
            token, whatever it is.
        TypeError: If *token* is no text.
    """
    if not isinstance(token, str):
        raise TypeError(f"token is a text, not {type(token).__name__}")
    if not token:
        raise InvalidInputError("The token is empty.", hint="Give the channel a secret token.")
    data = _decoded(body)
    given = data.get("token")
    # Compared in any case, so that its absence takes as long.
    is_same = hmac.compare_digest(
        _bytes_of(given if isinstance(given, str) else ""), _bytes_of(token)
    )
    if not is_same:
        raise NotificationRejected("A notification came without the token of the channel.")
    try:
        notification = _read(data)
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError):
        notification = None
    if notification is None:
        raise NotificationRejected("A notification with the right token cannot be understood.")
    if channel_id is not None and notification.channel_id != check_record_id(channel_id):
        raise NotificationRejected("A notification is about another channel.")
    return notification


def _decoded(body: object) -> Mapping[str, Any]:
    """Return a body as an object.

    Raises:
        aiozcrm.errors.NotificationRejected: If it is none.
    """
    data: object = body
    if isinstance(body, (bytes, bytearray, memoryview, str)):
        try:
            data = json.loads(body if isinstance(body, str) else bytes(body))
        except (ValueError, RecursionError):
            data = None
    if not isinstance(data, Mapping):
        # Outside, because the error would quote the body.
        raise NotificationRejected("What came as a notification is no JSON object.")
    return data


def _bytes_of(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")


def _read(data: Mapping[str, Any]) -> Notification:
    """Return what an object says; what it raises for a wrong one is caught."""
    module, operation = data["module"], data["operation"]
    if not isinstance(module, str) or not module or operation not in _OPERATIONS:
        raise ValueError
    ids = [check_record_id(record_id) for record_id in _list_in(data, "ids")]
    if not ids:
        raise ValueError
    fields: dict[str, Sequence[str]] = {}
    for item in _list_in(data, "affected_fields"):
        for record_id, names in item.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise TypeError
            fields[check_record_id(record_id)] = names
    values = {
        check_record_id(item["record_id"]): dict(item["values"])
        for item in _list_in(data, "affected_values")
    }
    # One page of Zoho's calls it by its first half.
    moment = data["server_time"] if "server_time" in data else data["server"]
    if isinstance(moment, bool):
        raise TypeError
    return Notification(
        module=module,
        operation=operation,
        ids=ids,
        channel_id=check_record_id(data["channel_id"]),
        time=dt.datetime.fromtimestamp(int(moment) / 1000, dt.UTC),
        affected_fields=fields,
        affected_values=values,
        query_params=dict(data.get("query_params") or {}),
    )


def _list_in(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    if not isinstance(value, (list, type(None))):
        raise TypeError
    return value or []
