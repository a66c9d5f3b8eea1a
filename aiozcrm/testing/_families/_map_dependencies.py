"""Which values of picklists go together in a layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._field import Field, ItemError, invalid
from aiozcrm.testing._wire._call import Call

__all__ = ["MapDependencies"]

_LAYOUT: Final = "_layout_id"
_DEPENDENCIES: Final = Plain(
    path="/settings/layouts/{layout_id}/map_dependency",
    key="map_dependency",
    fields=(
        Field(api_name="parent", type="lookup", mandatory=True),
        Field(api_name="child", type="lookup", mandatory=True),
        Field(api_name="pick_list_values", type="subform"),
    ),
    first_id=647001,
    bound="layout_id",
    verbs=("get", "create", "update_one", "delete"),
    per_call=1,
    said=("map dependency created", "map dependency updated", "map dependency deleted"),
    info=True,
    per_page=200,
    stamped=False,
)


class MapDependencies(Collection):
    """The map dependencies of an org's layouts.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _DEPENDENCIES)

    def _owner(self, call: Call) -> str:
        self._context.schema.known(call.query["module"])
        return super()._owner(call)

    def _check(self, thing: Thing, path: str) -> None:
        fields = {
            field.id: field
            for module in self._context.schema.modules.values()
            for field in module.fields.values()
        }
        for end in ("parent", "child"):
            field = fields.get(str(thing[end].get("id")))
            if field is None or not field.values:
                raise invalid(Field(api_name=end), f"{path}.{end}.id")
        if str(thing["parent"]["id"]) == str(thing["child"]["id"]):
            raise ItemError("NOT_ALLOWED", "a field cannot depend on itself", {"json_path": path})
        for other in self._things.values():
            is_other = other["id"] != thing.get("id") and other[_LAYOUT] == thing[_LAYOUT]
            if is_other and str(other["child"]["id"]) == str(thing["child"]["id"]):
                place = {"api_name": "child", "json_path": f"{path}.child"}
                raise ItemError("MAPPING_EXISTS", "the child has a parent", place)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        values = [
            {
                **value,
                "maps": [one for one in value.get("maps") or [] if "_delete" not in one],
            }
            for value in thing["pick_list_values"] or []
        ]
        return {
            "pick_list_values": values,
            "active": True,
            "internal": False,
            "source": 1,
            "category": 1,
        }
