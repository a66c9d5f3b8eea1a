"""When users of an org are away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._user_groups import Members
from aiozcrm.testing._schema._field import Field, invalid, unknown_id
from aiozcrm.testing._wire._call import Call

__all__ = ["Unavailability"]

_KINDS: Final = {"group_ids": "groups", "role_ids": "roles", "territory_ids": "territories"}
_FROM: Final = Field(api_name="from", type="datetime", mandatory=True)
_TO: Final = Field(api_name="to", type="datetime", mandatory=True)
_USER: Final = Field(api_name="user", type="lookup", mandatory=True)

_UNAVAILABILITY: Final = Plain(
    path="/settings/users_unavailability",
    key="users_unavailability",
    fields=(_USER, _FROM, _TO, Field(api_name="comments", length=250)),
    first_id=642001,
    said=(
        "User unavailability added successfully",
        "User unavailability updated successfully",
        "User unavailability deleted successfully",
    ),
    info=True,
    stamped=False,
)


class Unavailability(Collection):
    """When users of an org are away.

    Args:
        context: The org.
        users: Its users.
        members: Returns the ids of the users behind a group, a role or a territory.
    """

    def __init__(
        self,
        context: OrgContext,
        users: Collection,
        members: Members,
    ) -> None:
        super().__init__(context, _UNAVAILABILITY)
        self._users = users
        self._members = members

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        if str(thing["user"].get("id")) not in self._users.ids:
            place = {"api_name": "id", "json_path": f"{path}.user.id"}
            raise unknown_id(**place)
        start, end = (dt.datetime.fromisoformat(thing[name]) for name in ("from", "to"))
        if start >= end:
            raise invalid(_TO, f"{path}.to", reason="it ends before it begins")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        user = self._users.get(str(thing["user"]["id"]))
        return {"user": {"name": user["full_name"], "id": user["id"], "zuid": user["zuid"]}}

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        for name, kind in _KINDS.items():
            asked = call.query.get(name)
            if asked and not any(
                thing["user"]["id"] in (self._members(kind, own) or ()) for own in asked.split(",")
            ):
                return False
        return True

    def _make_up(self, field: Field) -> Any:
        made_up = {
            "user": {"id": self._users.ids[0]},
            "from": "2026-03-02T09:00:00+01:00",
            "to": "2026-03-02T17:00:00+01:00",
        }
        return made_up[field.api_name]
