"""The profiles of an org: what users may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items
from aiozcrm.testing._schema._field import Field, ItemError, unknown_id
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import value_at

__all__ = ["Profiles"]

_MOST: Final = 25
_PERMISSIONS: Final = (
    ("Crm_Implied_View_Leads", "View", "Leads"),
    ("Crm_Implied_Edit_Leads", "Edit", "Leads"),
    ("Crm_Implied_Manage_Users", "Manage Users", None),
)

_PROFILES: Final = Plain(
    path="/settings/profiles",
    key="profiles",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="description", length=250),
    ),
    first_id=226201,
    verbs=("get", "update_one", "delete"),
    said=("Profile added", "Profile updated", "Profile deleted"),
    flat=("delete",),
    alone=("permissions_details",),
    at_first=({"name": "Administrator"}, {"name": "Standard"}),
    permission="Crm_Implied_Manage_Profiles",
)


class Profiles(Collection):
    """The profiles of an org: at first that of administrators, and the standard one.

    Args:
        context: The org.
        move_users: Gives the users with one profile another one.
    """

    def __init__(self, context: OrgContext, move_users: Callable[[str, str], None]) -> None:
        super().__init__(context, _PROFILES)
        self._move_users = move_users

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        line = f"POST {self._row.path}/{{id}}/actions/clone"
        yield self._operation(line, self._clone, "clone")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        number = int(thing["id"]) % 10**6
        permissions = [
            {
                "id": self._context.id(number * 1000 + place),
                "name": name,
                "display_label": label,
                "module": module,
                "enabled": True,
            }
            for place, (name, label, module) in enumerate(_PERMISSIONS)
        ]
        return {
            "display_label": thing["name"],
            "custom": thing.get("custom", False),
            "type": "normal_profile",
            "permissions_details": thing.get("permissions_details") or permissions,
        }

    def _clone(self, call: Call) -> Answer:
        copied = self._target_of(call)

        def clone(index: int, item: Any) -> Mapping[str, Any]:
            try:
                values = self._read(item, index, None, "")
            except ItemError as problem:
                # Zoho's page has this code under this status.
                problem.status = 404 if problem.code == "DUPLICATE_DATA" else 400
                raise
            if len(self._things) >= _MOST:
                details = {"limit": _MOST}
                raise ItemError("PROFILE_LIMIT_EXCEEDED", "too many profiles", details, status=404)
            enabled = [permission["enabled"] for permission in copied["permissions_details"]]
            thing = self._keep({**values, "custom": True})
            for permission, one in zip(thing["permissions_details"], enabled, strict=True):
                permission["enabled"] = one
            self._context.stats.note_done("clone", "profiles", thing["id"], thing["name"])
            return self._succeed(0, thing)

        return answer_items("profiles", read_items(call, "profiles", most=1), clone, success=201)

    def _change(self, thing: Thing, item: Any, index: int) -> Mapping[str, Any]:
        permissions = {one["id"]: one for one in thing["permissions_details"]}
        given = value_at(item, "permissions_details")
        asked = given if isinstance(given, list) else []
        for place, permission in enumerate(asked):
            if not isinstance(permission, dict) or str(permission.get("id")) not in permissions:
                path = f"$.profiles[{index}].permissions_details[{place}].id"
                raise unknown_id(api_name="id", json_path=path)
        result = super()._change(thing, item, index)
        for permission in asked:
            permissions[str(permission["id"])]["enabled"] = bool(permission.get("enabled"))
        return result

    def _delete(self, call: Call) -> Answer:
        profile, heir = self._target_of(call), call.query["transfer_to"]
        if heir not in self._things or heir == profile["id"]:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="transfer_to")
        if not profile["custom"]:
            raise rejected(400, "NOT_ALLOWED", "a profile of Zoho's own cannot be deleted")
        self._move_users(profile["id"], heir)
        return super()._delete(call)

    def _succeed(self, verb: int, thing: Thing) -> Mapping[str, Any]:
        told = super()._succeed(verb, thing)
        # A deletion names nothing.
        return {**told, "details": {}} if verb == 2 else told
