"""The roles of an org."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._reporting import hand_over
from aiozcrm.testing._schema._field import Field, invalid
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, is_number

__all__ = ["Roles"]

_ROLES: Final = Plain(
    path="/settings/roles",
    key="roles",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="reporting_to", type="any"),
        Field(api_name="description", length=250),
        Field(api_name="share_with_peers", type="boolean"),
        Field(api_name="forecast_manager", type="any"),
    ),
    first_id=226101,
    per_call=1,
    said=("Role added", "Role updated", "Role Deleted"),
    flat=("update", "delete"),
    stamped=False,
    at_first=({"name": "CEO"}, {"name": "Manager"}),
    permission="Crm_Implied_Manage_Users",
)


class Roles(Collection):
    """The roles of an org: at first the CEO, and managers below.

    Args:
        context: The org.
        move_users: Gives the users with one role another one.
    """

    def __init__(self, context: OrgContext, move_users: Callable[[str, str], None]) -> None:
        super().__init__(context, _ROLES)
        self._move_users = move_users

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        above = _id_of(thing.get("reporting_to"))
        known = above in self._things and above != thing.get("id")
        if not known and thing.get("id") != self.ids[0]:
            raise invalid(Field(api_name="reporting_to"), f"{path}.reporting_to")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        first = next(iter(self._things.values()), None)
        above = self._things.get(_id_of(thing["reporting_to"]), first)
        if thing is first or above is None:
            reporting_to = None
        else:
            reporting_to = {"name": above["name"], "id": above["id"]}
        now, user = self._context.now(), self._context.user
        return {
            "reporting_to": reporting_to,
            "display_label": thing["name"],
            "share_with_peers": thing["share_with_peers"] is not False,
            "created_by__s": user,
            "modified_by__s": user,
            "created_time__s": thing.get("created_time__s") or now,
            "modified_time__s": now,
        }

    def _delete(self, call: Call) -> Answer:
        role, heir = self._target_of(call), call.query["transfer_to_id"]
        if not is_number(heir):
            message = "unable to parse the data type"
            raise rejected(400, "UNABLE_TO_PARSE_DATA_TYPE", message, param_name="transfer_to_id")
        if heir not in self._things or heir == role["id"]:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="transfer_to_id")
        if role["id"] == self.ids[0]:
            raise rejected(401, "AUTHORIZATION_FAILED", "the first role cannot be deleted")
        hand_over(self._things, role, self._things[heir])
        self._move_users(role["id"], heir)
        return super()._delete(call)


def _id_of(named: Any) -> str:
    """Return the id in what requests say of a role: it, or an object that has it."""
    return str(named.get("id") if isinstance(named, dict) else named)
