"""Unsubscribe links, as a fake Zoho keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._unsubscribe_links._rules import (
    FIELDS,
    WRAPPER,
    WRAPPER_PLACE,
    check_fields,
    complaint,
    place_of,
    read_id,
    read_item,
)
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["UnsubscribeLinks"]

_COLLECTION: Final = "/settings/unsubscribe_links"
# In this one path the name is in the singular.
_ASSOCIATIONS: Final = "/settings/unsubscribe_link/actions/associations"

_PERMISSION: Final = "Crm_Implied_Manage_Unsubscribe_Form"
# Zoho's pages name two scopes for reading links; the fake takes either.
_READING: Final = (
    "ZohoCRM.settings.unsubscribe.READ",
    "ZohoCRM.settings.unsubscribe_links.READ",
)

_FIRST_ID: Final = 731001
_FIRST_RESOURCE_ID: Final = 802001
_FIRST_MODULE_ID: Final = 2175
_LIMIT: Final = 10
# So many can always be created, however many there are at first.
_ROOM: Final = 5
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

_Reject = Callable[[str, str], RejectedError]


@attrs.define(kw_only=True)
class _Link:
    id: str
    fields: Mapping[str, str | None]
    created_time: str
    modified_time: str
    places: list[dict[str, Any]] = attrs.field(factory=list)


class UnsubscribeLinks(Family):
    """The unsubscribe links of an org; it starts with the Default link alone.

    Args:
        context: The org.
    """

    _kept = ("_links",)

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        self._dialect = context.dialect
        self._ids = context.ids(_FIRST_ID)
        self._resource_ids = context.ids(_FIRST_RESOURCE_ID)
        self._module_ids = context.ids(_FIRST_MODULE_ID, 2)
        self._modules: dict[str, str] = {}
        self._links: dict[str, _Link] = {}
        self._limit = context.limits.unsubscribe_links
        #: The id of the Default link, which is always there.
        self.default_id: str = self._keep(**_DEFAULT_LINK)

    @property
    def ids(self) -> list[str]:
        """The ids of the links that exist now, the Default link first."""
        return list(self._links)

    def add(self, name: str | None = None) -> str:
        """Add a link and return its id; the same ids follow one another each time.

        Args:
            name: What it is called; None makes a name up.
        """
        return self._keep(**{**_MADE_UP_LINK, "name": name})

    def add_many(self, number: int) -> list[str]:
        """Add *number* links and return their ids."""
        return [self.add() for _ in range(number)]

    def remove(self, link_id: str) -> None:
        """Remove a link as somebody else would; it does not count as an effect.

        Raises:
            KeyError: If there is no such link.
        """
        del self._links[link_id]

    def add_association(
        self,
        link_id: str,
        name: str,
        *,
        place: str = "email_templates",
        module: str | None = "Contacts",
    ) -> str:
        """Let a link be in use once more, and return the id of what uses it.

        Args:
            link_id: The link.
            name: What it is that uses it.
            place: What kind of thing that is, ``email_templates`` or ``email_footer``.
            module: The module that it belongs to; None shows a null.

        Raises:
            KeyError: If there is no such link.
        """
        places = self._links[link_id].places
        resource_id = next(self._resource_ids)
        places.append(
            {
                "type": place,
                "resource": {"name": name, "id": resource_id},
                "details": {"module": self._module(module)},
            }
        )
        return resource_id

    def get(self, link_id: str) -> dict[str, Any]:
        """Return a link as the API shows it.

        Raises:
            KeyError: If there is no such link.
        """
        link = self._links[link_id]
        return {
            "id": link_id,
            **{name: value or self._unset(link_id, name) for name, value in link.fields.items()},
            **(_extra_keys(link) if self._dialect.extra_keys else {}),
            "created_by": self._context.user,
            "created_time": link.created_time,
            "modified_by": self._context.user,
            "modified_time": link.modified_time,
        }

    def make_room(self) -> None:
        """Let some be created beside those that are there now, unless a limit was set."""
        if self._limit is None:
            self._limit = max(_LIMIT, len(self._links) + _ROOM)

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about unsubscribe links."""
        one = f"{_COLLECTION}/{{id}}"
        return (
            _operation(f"GET {_COLLECTION}", self._list, "list", _READING),
            _operation(f"POST {_COLLECTION}", self._create, "create"),
            _operation(f"PUT {_COLLECTION}", self._update_by_body_id, "update"),
            _operation(f"GET {one}", self._get, "get", _READING),
            _operation(f"PUT {one}", self._update, "update"),
            _operation(f"DELETE {one}", self._delete, "delete"),
            _operation(f"GET {_ASSOCIATIONS}", self._list_associations, "associations"),
        )

    def _list(self, _call: Call) -> Answer:
        return _wrapped(200, *map(self.get, self._links))

    def _get(self, call: Call) -> Answer:
        link_id = call.params["id"]
        return _wrapped(200, self.get(link_id)) if link_id in self._links else NO_CONTENT

    def _create(self, call: Call) -> Answer:
        item = read_item(call, self._dialect)
        fields: dict[str, Any] = {name: item.get(name) for name in FIELDS}
        check_fields(fields, self._dialect, creating=True)
        if self._dialect.limit_first:
            self._check_limit()
        self._check_name_is_free(fields["name"])
        self._check_limit()
        link_id = self._keep(**fields)
        self._note("create", link_id, fields["name"])
        return _success(201, link_id, "created")

    def _update(self, call: Call) -> Answer:
        link = self._find(call.params["id"], _reject_path_id)
        item = read_item(call, self._dialect)
        if self._dialect.body_id_required or item.get("id") is not None:
            # The path has the last word, but what stands here has to be an id.
            read_id(item)
        return self._change(link, item)

    def _update_by_body_id(self, call: Call) -> Answer:
        item = read_item(call, self._dialect)
        return self._change(self._find(read_id(item), _reject_body_id), item)

    def _change(self, link: _Link, item: Mapping[str, Any]) -> Answer:
        fields = {name: item.get(name, value) for name, value in link.fields.items()}
        check_fields(fields, self._dialect, creating=False)
        if fields["name"] != link.fields["name"]:
            self._check_name_is_free(fields["name"])
        link.fields = fields
        link.modified_time = self._context.now()
        self._note("update", link.id)
        return _success(self._dialect.update_status, link.id, "updated")

    def _delete(self, call: Call) -> Answer:
        link = self._find(call.params["id"], _reject_path_id)
        if link.places and self._dialect.keep_links_in_use:
            raise _reject_path_id(*_IN_USE)
        del self._links[link.id]
        self._note("delete", link.id)
        return _success(self._dialect.delete_status, link.id, "deleted")

    def _list_associations(self, _call: Call) -> Answer:
        associations = [
            {"id": link.id, "associated_places": link.places}
            for link in self._links.values()
            if link.places
        ]
        return Answer(200, {"associations": associations}) if associations else NO_CONTENT

    def _keep(self, *, name: str | None, **fields: str | None) -> str:
        link_id, now = next(self._ids), self._context.now()
        fields["name"] = name or f"Link {link_id}"
        self._links[link_id] = _Link(id=link_id, fields=fields, created_time=now, modified_time=now)
        return link_id

    def _find(self, link_id: str, reject: _Reject) -> _Link:
        """Return a link that may be changed."""
        if link_id == self.default_id:
            raise reject(*_IS_DEFAULT)
        if link_id not in self._links:
            raise reject(*_UNKNOWN)
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
        if name not in self._modules:
            self._modules[name] = next(self._module_ids)
        return {"api_name": name, "id": self._modules[name]}

    def _note(self, verb: str, link_id: str, name: str = "") -> None:
        self._context.stats.note_done(verb, WRAPPER, link_id, name)


def _operation(
    line: str, run: Callable[[Call], Answer], verb: str, scopes: tuple[str, ...] = ()
) -> Operation:
    return Operation(
        line=line, run=run, verb=verb, family=WRAPPER, permission=_PERMISSION, scopes=scopes
    )


def _extra_keys(link: _Link) -> dict[str, str | None]:
    """Return what only some of Zoho's sources know of a link."""
    return {
        "landing_url": link.fields["custom_location_url"] or None,
        "location_url_type": link.fields["page_type"],
        "action_on_unsubscribe": link.fields["submission_action_type"],
    }


def _reject_path_id(code: str, message: str) -> RejectedError:
    # Where in the path the id stands, as Zoho counts.
    return rejected(400, code, message, resource_path_index=2)


def _reject_body_id(code: str, message: str) -> RejectedError:
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
    return Answer(status, {WRAPPER: list(items)})
