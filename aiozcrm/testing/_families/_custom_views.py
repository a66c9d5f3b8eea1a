"""The views of an org's modules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._field import Field, invalid, missing
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["CustomViews"]

_ALONE: Final = (
    *("module", "criteria", "fields", "sort_by", "sort_order"),
    *("access_type", "shared_to", "offline"),
)
_TRANSLATION: Final = {
    "public_views": "Public Views",
    "other_users_views": "Other Users' Views",
    "shared_with_me": "Shared With Me",
    "created_by_me": "Created By Me",
}
_ORDER: Final = Field(api_name="sort_order", values=("asc", "desc"))

_VIEWS: Final = Plain(
    path="/settings/custom_views",
    key="custom_views",
    fields=(Field(api_name="name", mandatory=True),),
    first_id=87501,
    verbs=("get",),
    bound="module",
    said=("", "custom view updated", ""),
    alone=_ALONE,
    info=True,
    per_page=200,
)


class CustomViews(Collection):
    """The views of an org's modules; each module has one of all its records.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _VIEWS)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        path, action = self._row.path, "actions/change_sort"
        yield self._operation(f"PUT {path}/{action}", self._update_many, "change_sort")
        yield self._operation(f"PUT {path}/{{id}}/{action}", self._update, "change_sort")

    def _owner(self, call: Call) -> str:
        module = self._context.schema.known(call.query["module"])
        if not any(thing["_module"] == module.api_name for thing in self._things.values()):
            name = f"All {module.plural}"
            first = {"_module": module.api_name, "name": name, "system_name": "ALLVIEWS"}
            self._keep({**first, "category": "public_views", "default": True})
        return module.api_name

    def _answer_list(self, call: Call, things: Sequence[Thing]) -> Answer:
        answer = super()._answer_list(call, things)
        if answer.data is None:
            return answer
        default = next((thing["id"] for thing in things if thing["default"]), None)
        info = {**answer.data["info"], "default": default, "translation": _TRANSLATION}
        # The page's size is told as if it were the number of views on it.
        return Answer(200, {**answer.data, "info": {**info, "per_page": info["count"]}})

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        module = self._context.schema.modules[thing["_module"]]
        first = module.fields[module.name]
        return {
            "display_value": thing["name"],
            "system_name": thing.get("system_name"),
            "system_defined": thing.get("system_name") is not None,
            "category": thing.get("category", "created_by_me"),
            "default": thing.get("default", False),
            "favorite": thing.get("favorite"),
            "locked": False,
            "last_accessed_time": self._context.now(),
            "module": module.reference,
            "criteria": thing.get("criteria"),
            "fields": [{"api_name": first.api_name, "id": first.id, "_pin": False}],
            "sort_by": thing.get("sort_by"),
            "sort_order": thing.get("sort_order"),
            "access_type": "public",
            "shared_to": None,
            "offline": False,
        }

    def _read(self, item: Any, index: int, old: Thing | None, owner: str) -> dict[str, Any]:
        super()._read(item, index, old, owner)
        path = f"$.custom_views[{index}]"
        by, order = item.get("sort_by"), item.get("sort_order")
        fields = self._context.schema.modules[owner].fields
        if not isinstance(by, dict):
            raise missing(Field(api_name="sort_by"), f"{path}.sort_by")
        if order is not None:
            _ORDER.check(order, f"{path}.sort_order")
        for field in fields.values():
            if by.get("api_name") == field.api_name or str(by.get("id")) == field.id:
                sort_by = {"api_name": field.api_name, "id": field.id}
                return {"sort_by": sort_by, "sort_order": order or "asc"}
        raise invalid(Field(api_name="sort_by"), f"{path}.sort_by")
