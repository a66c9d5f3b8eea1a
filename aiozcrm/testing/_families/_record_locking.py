"""How records of modules are locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._field import Field, ItemError

__all__ = ["RecordLocking"]

_KEY: Final = "record_locking_configurations"
_FOR: Final = ("all_profiles", "all_profiles_except_excluded_profiles")
_ACTIONS: Final = ("update", "tags", "convert", "delete", "change_owner")
#: Which value of which field needs another field.
_NEEDS: Final = (
    ("locked_for", {_FOR[1]}, "lock_excluded_profiles"),
    ("lock_type", {"automatic", "both"}, "locking_rules"),
)

_CONFIGURATIONS: Final = Plain(
    path=f"/settings/{_KEY}",
    key=_KEY,
    fields=(
        Field(api_name="lock_type", mandatory=True, values=("manual", "automatic", "both")),
        Field(api_name="locked_for", mandatory=True, values=_FOR),
        Field(api_name="lock_excluded_profiles", type="subform"),
        Field(api_name="excluded_fields", type="subform"),
        Field(api_name="restricted_actions", type="multiselectpicklist", values=_ACTIONS),
        Field(api_name="restricted_communications", type="multiselectpicklist"),
        Field(api_name="restricted_custom_buttons", type="subform"),
        Field(api_name="lock_for_portal_users", type="boolean"),
        Field(api_name="locking_rules", type="subform"),
    ),
    first_id=641001,
    bound="module",
    filters={"feature_type": "feature_type"},
    said=(
        "record locking configuration created successfully",
        "record locking configuration updated successfully",
        "record locking configuration deleted successfully",
    ),
)


class RecordLocking(Collection):
    """How records of an org's modules are locked: one configuration for each module at most.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _CONFIGURATIONS)
        self._rule_ids = context.ids(641501)

    def _check_room(self, values: Thing) -> None:
        if any(thing["_module"] == values["_module"] for thing in self._things.values()):
            details = {"json_path": f"$.{_KEY}", "limit": 1, "available_limit": 0}
            raise ItemError("LIMIT_EXCEEDED", "limit exceeded", {"api_name": _KEY, **details})

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        for name, values, needed in _NEEDS:
            if thing.get(name) in values and not thing.get(needed):
                dependee = {"api_name": name, "json_path": f"{path}.{name}"}
                details = {"api_name": needed, "json_path": f"{path}.{needed}"}
                message = "dependent field is missing"
                raise ItemError(
                    "DEPENDENT_FIELD_MISSING", message, {**details, "dependee": dependee}
                )

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        rules = [rule for rule in thing["locking_rules"] or [] if "_delete" not in rule]
        return {
            "feature_type": "record_locking",
            "system_defined": thing.get("system_defined", False),
            "restricted_actions": thing["restricted_actions"] or [],
            "restricted_communications": thing["restricted_communications"] or [],
            "lock_for_portal_users": bool(thing["lock_for_portal_users"]),
            "locking_rules": [
                rule if "id" in rule else {"id": next(self._rule_ids), **rule} for rule in rules
            ],
        }

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        if thing["system_defined"]:
            raise ItemError("NOT_ALLOWED", "Zoho has made it", {"id": thing["id"]}, status=403)
        return super()._drop(thing)
