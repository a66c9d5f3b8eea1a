"""Channels: what calls ask for, read and checked, and what is shown of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing._schema._field import Field, ItemError, invalid, missing, read_object
from aiozcrm.testing._schema._module import Module, OrgSchema

__all__ = ["OPERATIONS", "Channel", "Item", "read_item"]

#: What ``all`` stands for, in the order in which Zoho shows it.
OPERATIONS: Final = ("edit", "create", "delete")

_ID: Final = Field(api_name="channel_id", type="bigint", length=19, mandatory=True)
_EVENTS: Final = Field(api_name="events", type="any", mandatory=True)
_URL: Final = Field(api_name="notify_url", length=500, mandatory=True)
_SETTINGS: Final = (
    Field(api_name="token", length=50),
    Field(api_name="return_affected_field_values", type="boolean"),
    Field(api_name="notify_on_related_action", type="boolean"),
    Field(api_name="notification_condition", type="any"),
)
_EXPIRY: Final = Field(api_name="channel_expiry", type="datetime")

_EVENT: Final = re.compile(r"(\w+)\.(create|edit|delete|all)", re.ASCII)
_MOST_FIELDS: Final = 10


@attrs.define(kw_only=True, eq=False)
class Channel:
    """A channel of a user.

    Attributes:
        id: The number that the user chose.
        operations: What it tells, by the API name of the module.
        notify_url: Where.
        expiry: When it ends, in seconds since 1970.
        settings: What else was set.
    """

    id: str
    operations: dict[str, list[str]]
    notify_url: str
    expiry: float
    settings: dict[str, Any]

    def condition_of(self, module: str) -> frozenset[str]:
        """Return the fields of which one has to change for an edit to be told; empty for any."""
        conditions = self.settings.get("notification_condition") or ()
        return frozenset(
            field["api_name"]
            for condition in conditions
            if condition["module"].get("api_name") == module
            for field in _fields_in(condition["field_selection"])
        )


@attrs.frozen(kw_only=True)
class Item:
    """What a call asks of one channel.

    Attributes:
        id: Which one.
        operations: The operations that it names, by module; None if it names no events.
        notify_url: Where to tell them; None if it is left out.
        expiry: The end that it asks for, in seconds since 1970; None if it is left out.
        settings: What else it sets.
        removes: Whether it takes the events away.
    """

    id: str
    operations: dict[str, list[str]] | None
    notify_url: str | None
    expiry: float | None
    settings: dict[str, Any]
    removes: bool


def read_item(item: Any, index: int, schema: OrgSchema, *, whole: bool) -> Item:
    """Return what an item of ``watch`` asks for.

    Args:
        item: The item.
        index: Its place.
        schema: The modules of the org.
        whole: Whether it has to name events and address.

    Raises:
        ItemError: If it is not right.
    """
    path = f"$.watch[{index}]"
    read_object(item, "watch", path)
    for field in (_EVENTS, _ID, _URL) if whole else (_ID,):
        if not item.get(field.api_name):
            raise missing(field, f"{path}.{field.api_name}")
    given = [field for field in (_ID, _URL, _EXPIRY, *_SETTINGS) if item.get(field.api_name)]
    for field in given:
        field.check(item[field.api_name], f"{path}.{field.api_name}")
    events, expiry = item.get("events"), item.get("channel_expiry")
    for condition in _list_at(item, "notification_condition", path):
        _check_condition(condition, schema, path)
    return Item(
        id=str(int(item["channel_id"])),
        operations=None if events is None else _operations_of(events, schema, path),
        notify_url=item.get("notify_url"),
        expiry=dt.datetime.fromisoformat(expiry).timestamp() if expiry else None,
        settings={f.api_name: item[f.api_name] for f in _SETTINGS if f.api_name in item},
        removes=item.get("_delete_events") is True,
    )


def _operations_of(events: Any, schema: OrgSchema, path: str) -> dict[str, list[str]]:
    """Return the operations that events name, by module."""
    found: dict[str, list[str]] = {}
    for event in events if isinstance(events, list) else [None]:
        match = _EVENT.fullmatch(event) if isinstance(event, str) else None
        # Events of users are told, too, though users are no module.
        if match is None or (match[1] != "users" and match[1] not in schema.modules):
            raise invalid(_EVENTS, f"{path}.events")
        mine = found.setdefault(match[1], [])
        told = OPERATIONS if match[2] == "all" else (match[2],)
        mine += [operation for operation in told if operation not in mine]
    return found


def _check_condition(condition: Any, schema: OrgSchema, path: str) -> None:
    """Check one entry of ``notification_condition``."""
    place = f"{path}.notification_condition[0]"
    if not isinstance(condition, dict):
        raise invalid(_SETTINGS[3], place, expected_data_type="jsonobject")
    if "type" not in condition:
        dependee = {"api_name": "field_selection", "json_path": f"{place}.field_selection"}
        details = {"api_name": "type", "json_path": f"{place}.type", "dependee": dependee}
        raise ItemError("DEPENDENT_FIELD_MISSING", "dependent field missing", details)
    if condition["type"] != "field_selection":
        field = Field(api_name="type")
        raise invalid(field, f"{place}.type", supported_values=["field_selection"])
    for name in ("module", "field_selection"):
        if not isinstance(condition.get(name), dict):
            raise missing(Field(api_name=name), f"{place}.{name}")
    module, selection = condition["module"], condition["field_selection"]
    known = _module_of(module, schema, f"{place}.module")
    names = [str(field.get("api_name")) for field in _fields_in(selection)]
    field = Field(api_name="field_selection")
    if len(names) > _MOST_FIELDS:
        raise invalid(field, f"{place}.field_selection", maximum_length=_MOST_FIELDS)
    if not names or not known.fields.keys() >= set(names):
        raise invalid(field, f"{place}.field_selection")


def _module_of(given: Mapping[str, Any], schema: OrgSchema, place: str) -> Module:
    names = [given[name] for name in ("api_name", "id") if name in given]
    if not names:
        fields = [{"api_name": n, "json_path": f"{place}.{n}"} for n in ("api_name", "id")]
        details = {"expected_fields": fields}
        raise ItemError("EXPECTED_FIELD_MISSING", "expected field missing", details)
    found = [schema.find(str(name)) for name in names]
    if found[0] is None:
        raise invalid(Field(api_name="module"), place)
    if any(module is not found[0] for module in found):
        due = [{"api_name": n, "json_path": f"{place}.{n}"} for n in ("api_name", "id")]
        message = "ambiguity while processing the request"
        raise ItemError("AMBIGUITY_DURING_PROCESSING", message, {"ambiguity_due_to": due})
    return found[0]


def _fields_in(selection: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of a selection, of which the groups may hold others."""
    for member in _list_at(selection, "group", ""):
        if isinstance(member, dict) and isinstance(member.get("field"), dict):
            yield member["field"]
        elif isinstance(member, dict):
            yield from _fields_in(member)


def _list_at(item: Mapping[str, Any], name: str, path: str) -> Sequence[Any]:
    value = item.get(name) or ()
    if not isinstance(value, (list, tuple)):
        field = Field(api_name=name)
        raise invalid(field, f"{path}.{name}", expected_data_type="jsonarray")
    return value
