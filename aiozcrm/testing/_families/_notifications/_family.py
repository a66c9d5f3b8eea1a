"""The channels of the user whose tokens call.

Source: https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from aiozcrm.testing._callbacks import Callback
from aiozcrm.testing._families._context import Happening, OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._families._notifications._channel import Channel, Item, read_item
from aiozcrm.testing._families._paging import answer_page
from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["Notifications"]

_PATH: Final = "/actions/watch"
_KEY: Final = "watch"
_MOST: Final = 100
_HOUR: Final = 3600.0
_WEEK: Final = 7 * 24 * _HOUR

#: What callbacks call that which events call otherwise.
_WORDS: Final = {"create": "insert", "edit": "update", "delete": "delete"}

_SUBSCRIBED: Final = "Successfully subscribed for actions-watch of the given module"
_UPDATED: Final = "Successfully updated the subscribe details"
_REMOVED: Final = "Successfully removed the subscribe details"
_ENDED: Final = "Successfully un-subscribed from actions-watch"


class Notifications(Family):
    """The channels of the user.

    Args:
        context: The org.
    """

    _kept = ("_channels",)

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        context.watchers.append(self._happened)
        self._channels: dict[str, Channel] = {}
        self._made_up_ids = map(str, count(880001))

    @property
    def ids(self) -> list[str]:
        """The ids of the channels that live now, oldest first."""
        return [channel.id for channel in self.live()]

    def add(self, **values: Any) -> str:
        """Open a channel as a call would, and return its id; it does not count as an effect.

        Args:
            **values: As in an item of ``watch``; what it cannot do without is made up.
        """
        made_up = {
            "channel_id": next(own for own in self._made_up_ids if own not in self._channels),
            "events": ["Leads.all"],
            "notify_url": "http://127.0.0.1:9/",
        }
        item = read_item({**made_up, **values}, 0, self._context.schema, whole=True)
        return self._open(item).id

    def get(self, channel_id: str) -> list[dict[str, Any]]:
        """Return a channel as the API shows it, an item for each module.

        Raises:
            KeyError: If there is none, or it has expired.
        """
        channel = self._live(channel_id)
        if channel is None:
            raise KeyError(channel_id)
        return list(self._shown(channel))

    def remove(self, channel_id: str) -> None:
        """End a channel as Zoho might at any time; it does not count as an effect.

        Raises:
            KeyError: If there is none.
        """
        del self._channels[channel_id]

    def live(self) -> Iterator[Channel]:
        """Yield the channels that have not expired."""
        now = self._context.wall()
        # A test may look at them from another thread while calls change them.
        yield from (channel for channel in [*self._channels.values()] if channel.expiry > now)

    def snapshot(self) -> Callable[[], None]:
        """Return what brings back the channels that there are now."""
        bring_back, mark = super().snapshot(), self._context.callbacks.mark()

        def restore() -> None:
            bring_back()
            self._context.callbacks.take_back(mark)

        return restore

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about channels."""
        runs: Sequence[tuple[str, Callable[[Call], Answer], str]] = (
            ("GET", self._list, "list"),
            ("POST", self._enable, "create"),
            ("PUT", self._replace, "update"),
            ("PATCH", self._update, "update"),
            ("DELETE", self._disable, "delete"),
        )
        return tuple(
            Operation(line=f"{method} {_PATH}", run=run, verb=verb, family="notifications")
            for method, run, verb in runs
        )

    def _happened(self, happening: Happening) -> None:
        """Tell what has happened to a record through every channel that is about it."""
        for channel in self.live():
            condition = channel.condition_of(happening.module)
            is_asked_for = happening.operation in channel.operations.get(happening.module, ())
            if is_asked_for and (
                happening.operation != "edit"
                or not condition
                or not condition.isdisjoint(happening.values)
            ):
                body = self._body(channel, happening)
                self._context.callbacks.put(Callback(channel.notify_url, body))

    def _body(self, channel: Channel, happening: Happening) -> dict[str, Any]:
        """Return the body of a callback."""
        is_edit, own = happening.operation == "edit", happening.id
        body: dict[str, Any] = {
            "server_time": int(self._context.wall() * 1000),
            "query_params": dict(parse_qsl(urlsplit(channel.notify_url).query)),
            "module": happening.module,
            "resource_uri": self._entry(channel.id, happening.module)["resource_uri"],
            "ids": [own],
            "affected_fields": [{own: list(happening.values)}] if is_edit else [],
            "operation": _WORDS[happening.operation],
            "channel_id": channel.id,
        }
        if is_edit and channel.settings.get("return_affected_field_values"):
            body["affected_values"] = [{"record_id": own, "values": dict(happening.values)}]
        if channel.settings.get("token") is not None:
            body["token"] = channel.settings["token"]
        return body

    def _list(self, call: Call) -> Answer:
        channel_id, module = call.query.get("channel_id"), call.query.get("module")
        items = [
            item
            for channel in self.live()
            if channel_id in {None, channel.id}
            for item in self._shown(channel)
            if module in {None, item["resource_name"]}
        ]
        return answer_page(call, _KEY, items)

    def _enable(self, call: Call) -> Answer:
        def enable(item: Item) -> Mapping[str, Any]:
            channel = self._open(item)
            self._context.stats.note_done("create", "notifications", channel.id)
            return succeeded(_SUBSCRIBED, {"events": list(self._told(channel))})

        return self._answer(call, enable, whole=True, success=201)

    def _replace(self, call: Call) -> Answer:
        def replace(item: Item) -> Mapping[str, Any]:
            self._target(item.id)
            return self._note_update(self._open(item))

        return self._answer(call, replace, whole=True)

    def _update(self, call: Call) -> Answer:
        def update(item: Item) -> Mapping[str, Any]:
            channel = self._target(item.id)
            if item.removes:
                return self._remove_events(channel, item)
            for module, operations in (item.operations or {}).items():
                mine = channel.operations.setdefault(module, [])
                mine += [operation for operation in operations if operation not in mine]
            channel.notify_url = item.notify_url or channel.notify_url
            channel.settings |= item.settings
            if item.expiry is not None:
                channel.expiry = self._expiry_of(item)
            return self._note_update(channel)

        return self._answer(call, update, whole=False)

    def _disable(self, call: Call) -> Answer:
        ids = call.query["channel_ids"].split(",")
        items: list[tuple[str, str]] = []
        for channel_id in ids:
            channel = self._live(channel_id)
            items += (
                [(channel_id, module) for module in channel.operations]
                if channel
                else [(channel_id, "")]
            )

        def disable(_: int, item: tuple[str, str]) -> Mapping[str, Any]:
            channel_id, module = item
            if not module:
                raise self._not_subscribed()
            if self._channels.pop(channel_id, None):
                self._context.stats.note_done("delete", "notifications", channel_id)
            entry = self._entry(channel_id, module)
            del entry["resource_name"]
            return succeeded(_ENDED, entry)

        return answer_items(_KEY, items, disable, mixed=self._mixed_status)

    def _answer(
        self,
        call: Call,
        do: Callable[[Item], Mapping[str, Any]],
        *,
        whole: bool,
        success: int = 200,
    ) -> Answer:
        def run(index: int, raw: Any) -> Mapping[str, Any]:
            try:
                return do(read_item(raw, index, self._context.schema, whole=whole))
            except ItemError as problem:
                problem.status = self._context.dialect.channel_error_status
                raise

        items = read_items(call, _KEY, most=_MOST)
        return answer_items(_KEY, items, run, success=success, mixed=self._mixed_status)

    @property
    def _mixed_status(self) -> int:
        status = self._context.dialect.channel_error_status
        return 207 if status == 400 else status

    def _open(self, item: Item) -> Channel:
        channel = Channel(
            id=item.id,
            operations=item.operations or {},
            notify_url=item.notify_url or "",
            expiry=self._expiry_of(item),
            settings=item.settings,
        )
        self._channels[item.id] = channel
        return channel

    def _expiry_of(self, item: Item) -> float:
        """Return when a channel ends: after an hour, unless it asks for up to a week."""
        now = self._context.wall()
        asked = item.expiry
        return now + _HOUR if asked is None or asked > now + _WEEK else asked

    def _remove_events(self, channel: Channel, item: Item) -> Mapping[str, Any]:
        for module, operations in (item.operations or {}).items():
            left = [each for each in channel.operations.get(module, ()) if each not in operations]
            channel.operations[module] = left
            if not left:
                del channel.operations[module]
        if not channel.operations:
            del self._channels[channel.id]
        self._context.stats.note_done("update", "notifications", channel.id)
        entries = [self._entry(channel.id, module) for module in item.operations or ()]
        return succeeded(_REMOVED, {"events": entries})

    def _note_update(self, channel: Channel) -> Mapping[str, Any]:
        self._context.stats.note_done("update", "notifications", channel.id)
        return succeeded(_UPDATED, {"events": list(self._told(channel))})

    def _live(self, channel_id: str) -> Channel | None:
        return next((channel for channel in self.live() if channel.id == channel_id), None)

    def _target(self, channel_id: str) -> Channel:
        channel = self._live(channel_id)
        if channel is None:
            raise self._not_subscribed()
        return channel

    def _not_subscribed(self) -> ItemError:
        status = self._context.dialect.channel_error_status
        return ItemError("NOT_SUBSCRIBED", "not subscribed", {}, status=status)

    def _told(self, channel: Channel) -> Iterable[dict[str, Any]]:
        """Yield what the answer to a write says of each module of a channel."""
        for module in channel.operations:
            yield {
                "channel_expiry": self._context.shown(channel.expiry),
                **self._entry(channel.id, module),
            }

    def _entry(self, channel_id: str, module: str) -> dict[str, Any]:
        known = self._context.schema.find(module)
        return {
            # The version in there is that of no call.
            "resource_uri": f"https://www.zohoapis.com/crm/v2/{module}",
            "resource_id": known.id if known else None,
            "resource_name": module,
            "channel_id": channel_id,
        }

    def _shown(self, channel: Channel) -> Iterator[dict[str, Any]]:
        settings = channel.settings
        for module, operations in channel.operations.items():
            yield {
                "notify_on_related_action": settings.get("notify_on_related_action", True),
                "channel_expiry": self._context.shown(channel.expiry),
                "return_affected_field_values": settings.get("return_affected_field_values", False),
                **self._entry(channel.id, module),
                "notify_url": channel.notify_url,
                "fields": None,
                "notification_condition": settings.get("notification_condition"),
                "events": [f"{module}.{operation}" for operation in operations],
                "token": settings.get("token"),
            }
