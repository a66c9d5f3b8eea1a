"""Unsubscribe links, as a fake Zoho keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

import attrs

from aiozcrm.testing._answers import NO_CONTENT, Answer, RefusalError, answer, refusal
from aiozcrm.testing._link_rules import (
    FIELDS,
    WRAPPER,
    WRAPPER_PLACE,
    check_fields,
    complaint,
    place_of,
    read_id,
    read_item,
)
from aiozcrm.testing._operations import Call, Operation
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.stats import Stats

__all__ = ["UnsubscribeLinks"]

_COLLECTION: Final = "settings/unsubscribe_links"
# In this one path the name is in the singular.
_ASSOCIATIONS: Final = "settings/unsubscribe_link/actions/associations"

_PERMISSION: Final = "Crm_Implied_Manage_Unsubscribe_Form"
_SCOPE: Final = "ZohoCRM.settings.unsubscribe"
# Zoho's pages name two scopes for reading links; the fake takes either.
_OTHER_READ_SCOPE: Final = "ZohoCRM.settings.unsubscribe_links.READ"

_FIRST_ID: Final = 4150868000000731001
_FIRST_RESOURCE_ID: Final = 4150868000000802001
_FIRST_MODULE_ID: Final = 4150868000000002175
_USER: Final = {"name": "Mira Oldenkamp", "id": "4150868000000225013"}
_ZONE: Final = dt.timezone(dt.timedelta(hours=1))
_DEFAULT_LINK: Final = {
    **dict.fromkeys(FIELDS),
    "name": "Default",
    "page_type": "standard",
    "submission_action_type": "display_message",
}
_MADE_UP_LINK: Final = {**_DEFAULT_LINK, "submission_message": "You are off the list."}

_UNKNOWN: Final = ("INVALID_DATA", "The given Unsubscribe Link id is not part of Org")
_IS_DEFAULT: Final = ("NOT_ALLOWED", "The given Unsubscribe Link id is Default")
# The code is one of the family's; nobody has published a message.
_IN_USE: Final = ("ALREADY_USED", "The given Unsubscribe Link id is in use")

_Refuse = Callable[[str, str], RefusalError]


@attrs.define(kw_only=True)
class _Link:
    id: str
    fields: Mapping[str, str | None]
    created_time: str
    modified_time: str
    places: list[dict[str, Any]] = attrs.field(factory=list)


class UnsubscribeLinks:
    """The unsubscribe links of one org; it starts with the Default link alone.

    Args:
        stats: Where creations and removals are counted.
        dialect: What is said where sources disagree.
        limit: How many links there may be for another to be created; None sets no limit.
        wall: Tells the time in seconds since 1970.
    """

    def __init__(
        self, *, stats: Stats, dialect: Dialect, limit: int | None, wall: Callable[[], float]
    ) -> None:
        self._stats = stats
        self._dialect = dialect
        self._limit = limit
        self._wall = wall
        self._ids = count(_FIRST_ID)
        self._resource_ids = count(_FIRST_RESOURCE_ID)
        self._module_ids: dict[str, str] = {}
        self._links: dict[str, _Link] = {}
        self.default_id = self._keep(**_DEFAULT_LINK)

    @property
    def ids(self) -> list[str]:
        """The ids of the links that exist, oldest first."""
        return list(self._links)

    def add(self, name: str | None = None) -> str:
        """Add a link and return its id; without a *name* it is called after the id."""
        return self._keep(**{**_MADE_UP_LINK, "name": name})

    def remove(self, link_id: str) -> None:
        """Remove a link without counting it."""
        del self._links[link_id]

    def add_association(self, link_id: str, name: str, *, place: str, module: str | None) -> str:
        """Note that *link_id* is in use, and return the id of what uses it."""
        resource_id = str(next(self._resource_ids))
        self._links[link_id].places.append(
            {
                "type": place,
                "resource": {"name": name, "id": resource_id},
                "details": {"module": self._module(module)},
            }
        )
        return resource_id

    def to_api(self, link_id: str) -> dict[str, Any]:
        """Return a link as the API shows it."""
        link = self._links[link_id]
        return {
            "id": link_id,
            **{name: value or self._unset(link_id, name) for name, value in link.fields.items()},
            "created_by": dict(_USER),
            "created_time": link.created_time,
            "modified_by": dict(_USER),
            "modified_time": link.modified_time,
        }

    def operations(self) -> Mapping[str, Mapping[str, Operation]]:
        """Return what can be done with unsubscribe links."""
        return {
            _COLLECTION: {
                "GET": _operation(self._list, "READ", _OTHER_READ_SCOPE),
                "POST": _operation(self._create, "CREATE"),
                "PUT": _operation(self._update_by_body_id, "UPDATE"),
            },
            f"{_COLLECTION}/{{id}}": {
                "GET": _operation(self._get, "READ", _OTHER_READ_SCOPE),
                "PUT": _operation(self._update, "UPDATE"),
                "DELETE": _operation(self._delete, "DELETE"),
            },
            _ASSOCIATIONS: {"GET": _operation(self._list_associations, "READ")},
        }

    def _list(self, _call: Call) -> Answer:
        return _wrapped(200, *map(self.to_api, self._links))

    def _get(self, call: Call) -> Answer:
        [link_id] = call.ids
        return _wrapped(200, self.to_api(link_id)) if link_id in self._links else NO_CONTENT

    def _create(self, call: Call) -> Answer:
        item = read_item(call.body, self._dialect)
        fields: dict[str, Any] = {name: item.get(name) for name in FIELDS}
        check_fields(fields, self._dialect, creating=True)
        if self._dialect.limit_first:
            self._check_limit()
        self._check_name_is_free(fields["name"])
        self._check_limit()
        link_id = self._keep(**fields)
        self._stats.created[fields["name"]] += 1
        return _success(201, link_id, "created")

    def _update(self, call: Call) -> Answer:
        link = self._find(call.ids[0], _refuse_path_id)
        item = read_item(call.body, self._dialect)
        if self._dialect.body_id_required or item.get("id") is not None:
            # The path has the last word, but what stands here has to be an id.
            read_id(item)
        return self._change(link, item)

    def _update_by_body_id(self, call: Call) -> Answer:
        item = read_item(call.body, self._dialect)
        return self._change(self._find(read_id(item), _refuse_body_id), item)

    def _change(self, link: _Link, item: Mapping[str, Any]) -> Answer:
        fields = {name: item.get(name, value) for name, value in link.fields.items()}
        check_fields(fields, self._dialect, creating=False)
        if fields["name"] != link.fields["name"]:
            self._check_name_is_free(fields["name"])
        link.fields = fields
        link.modified_time = self._now()
        return _success(self._dialect.update_status, link.id, "updated")

    def _delete(self, call: Call) -> Answer:
        link = self._find(call.ids[0], _refuse_path_id)
        if link.places and self._dialect.keep_links_in_use:
            raise _refuse_path_id(*_IN_USE)
        del self._links[link.id]
        self._stats.effects[link.id] += 1
        return _success(self._dialect.delete_status, link.id, "deleted")

    def _list_associations(self, _call: Call) -> Answer:
        associations = [
            {"id": link.id, "associated_places": link.places}
            for link in self._links.values()
            if link.places
        ]
        return answer(200, {"associations": associations}) if associations else NO_CONTENT

    def _keep(self, *, name: str | None, **fields: str | None) -> str:
        link_id, now = str(next(self._ids)), self._now()
        fields["name"] = name or f"Link {link_id}"
        self._links[link_id] = _Link(id=link_id, fields=fields, created_time=now, modified_time=now)
        return link_id

    def _find(self, link_id: str, refuse: _Refuse) -> _Link:
        """Return a link that may be changed."""
        if link_id == self.default_id:
            raise refuse(*_IS_DEFAULT)
        if link_id not in self._links:
            raise refuse(*_UNKNOWN)
        return self._links[link_id]

    def _check_name_is_free(self, name: str) -> None:
        if any(link.fields["name"] == name for link in self._links.values()):
            raise complaint(
                "DUPLICATE_DATA",
                "Unsubscribe Link name already exists",
                **place_of("name"),
            )

    def _check_limit(self) -> None:
        if self._limit is not None and len(self._links) >= self._limit:
            raise complaint(
                "LIMIT_EXCEEDED",
                "Unsubscribe Link limit exceeded",
                limit=self._limit,
                limit_due_to=[WRAPPER_PLACE],
            )

    def _unset(self, link_id: str, name: str) -> str | None:
        # The Default link of the documented list has empty strings, but for this one null.
        odd = link_id == self.default_id and name != "standard_page_message"
        return "" if odd or self._dialect.unset_as == "empty" else None

    def _module(self, name: str | None) -> dict[str, str] | None:
        if name is None:
            return None
        made_up = str(_FIRST_MODULE_ID + 2 * len(self._module_ids))
        return {"api_name": name, "id": self._module_ids.setdefault(name, made_up)}

    def _now(self) -> str:
        return dt.datetime.fromtimestamp(self._wall(), _ZONE).isoformat(timespec="seconds")


def _operation(run: Callable[[Call], Answer], verb: str, *other_scopes: str) -> Operation:
    scopes = (f"{_SCOPE}.{verb}", f"{_SCOPE}.ALL", *other_scopes)
    return Operation(run=run, scopes=scopes, permission=_PERMISSION)


def _refuse_path_id(code: str, message: str) -> RefusalError:
    # Where in the path the id stands, as Zoho counts.
    return RefusalError(refusal(400, code, message, resource_path_index=2))


def _refuse_body_id(code: str, message: str) -> RefusalError:
    return complaint(code, message, **place_of("id"))


def _success(status: int, link_id: str, done: str) -> Answer:
    return _wrapped(
        status,
        {
            "code": "SUCCESS",
            "details": {"id": link_id},
            "message": f"Unsubscribe Link {done} successfully",
            "status": "success",
        },
    )


def _wrapped(status: int, *items: Mapping[str, Any]) -> Answer:
    return answer(status, {WRAPPER: items})
