"""Tags: what records of a module can be marked with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, invalid
from aiozcrm.testing._wire._answer import Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["Tags"]

_MASS: Final = "mass_delete"
_MASS_PATH: Final = f"/settings/tags/actions/{_MASS}"
_ALLOWED: Final = 200

_TAGS: Final = Plain(
    path="/settings/tags",
    key="tags",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=25, minimum=1),
        Field(api_name="color_code", length=7),
    ),
    first_id=221001,
    verbs=("create", "update", "delete"),
    bound="module",
    most=_ALLOWED,
    most_by="_module",
    said=("tags created successfully", "tags updated successfully", "tags deleted successfully"),
)


class Tags(Collection):
    """The tags of an org's modules.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _TAGS)
        # Records know which of them have a tag, and say so when there are any.
        self.tagged: Callable[[str, str], Sequence[dict[str, Any]]] = lambda _module, _tag_id: ()

    def add(self, module: str = "Leads", **values: Any) -> str:
        """Add a tag and return its id.

        Args:
            module: The module whose records can have it.
            **values: ``name`` and ``color_code``.
        """
        return super().add(module=module, **values)

    def reference(self, tag_id: str) -> dict[str, Any]:
        """Return what records say of a tag."""
        tag = self._things[tag_id]
        return {"name": tag["name"], "id": tag_id, "color_code": tag["color_code"]}

    def obtain(self, module: str, item: Mapping[str, Any]) -> str | None:
        """Return the id of the tag that *item* names by id or name, a new one if need be.

        It is None if the id is unknown, or nothing is named.
        """
        if item.get("id") is not None:
            tag_id = str(item["id"])
            return tag_id if tag_id in self._things else None
        name = item.get("name")
        for tag in self._things.values():
            if (tag["_module"], tag["name"]) == (module, name):
                return str(tag["id"])
        if not isinstance(name, str) or not name:
            return None
        return self.add(module, name=name, color_code=item.get("color_code"))

    def _operations(self) -> Iterable[Operation]:
        one = "/settings/tags/{id}/actions"
        yield from super()._operations()
        yield self._operation(f"POST {one}/merge", self._merge, "merge")
        yield self._operation(f"GET {one}/records_count", self._count, "records_count")
        yield self._operation(f"POST {_MASS_PATH}", self._mass_delete, _MASS)
        yield self._operation(f"GET {_MASS_PATH}", self._show_mass_delete, _MASS)

    def _answer_list(self, _call: Call, things: Sequence[Thing]) -> Answer:
        info = {"count": len(things), "allowed_count": _ALLOWED}
        return Answer(200, {"tags": [self._show(tag) for tag in things], "info": info})

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        if any(character in thing["name"] for character in "<>,"):
            raise invalid(Field(api_name="name"), f"{path}.name")

    def _change(self, thing: Thing, item: Any, index: int) -> Mapping[str, Any]:
        # A colour that is left out is taken away.
        given = {"color_code": None, **item} if isinstance(item, dict) else item
        return super()._change(thing, given, index)

    def _succeed(self, verb: int, thing: Thing) -> Mapping[str, Any]:
        if verb == 2:
            return succeeded(self._row.said[2], {"id": thing["id"]})
        names = ("created_time", "modified_time", "modified_by", "id", "created_by", "color_code")
        return succeeded(self._row.said[verb], {name: thing[name] for name in names})

    def _delete(self, call: Call) -> Answer:
        tag = self._things.get(call.params["id"])
        if tag is None:
            raise rejected(400, "INVALID_DATA", "tags not found", id=call.params["id"])
        result = self._drop(tag)
        as_object = self._context.dialect.tag_deleted_as == "object"
        return Answer(200, {"tags": result if as_object else [result]})

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        for record in self.tagged(thing["_module"], thing["id"]):
            record["Tag"] = [tag_id for tag_id in record["Tag"] if tag_id != thing["id"]]
        return super()._drop(thing)

    def _merge(self, call: Call) -> Answer:
        tag = self._target_of(call)

        def merge(index: int, item: Any) -> Mapping[str, Any]:
            other_id = text_at(item, "conflict_id")
            other = self._things.get(other_id)
            if other is None or other is tag:
                raise invalid(Field(api_name="conflict_id"), f"$.tags[{index}].conflict_id")
            for record in self.tagged(other["_module"], other_id):
                kept = [each for each in record["Tag"] if each not in {tag["id"], other_id}]
                record["Tag"] = [*kept, tag["id"]]
            super(Tags, self)._drop(other)
            return succeeded("tags merged successfully", {"id": tag["id"]})

        return answer_items("tags", read_items(call, "tags", most=1), merge)

    def _count(self, call: Call) -> Answer:
        tag_id = call.params["id"]
        if tag_id not in self._things:
            raise wrong_id(2)
        # A text, unlike all other counts.
        return Answer(200, {"count": str(len(self.tagged(call.query["module"], tag_id)))})

    def _mass_delete(self, call: Call) -> Answer:
        [item] = read_items(call, _MASS, most=1)
        given = value_at(item, "tags")
        if not isinstance(given, list):
            place = {"api_name": "tags", "json_path": f"$.{_MASS}[0].tags"}
            raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
        known = [
            self._things[str(tag["id"])]
            for tag in given
            if isinstance(tag, dict) and str(tag.get("id")) in self._things
        ]
        for tag in known:
            self._drop(tag)
        counts = {
            "total_count": len(given),
            "failed_count": len(given) - len(known),
            "deleted_count": len(known),
        }
        job_id = self._context.jobs.start({**counts, "status": "COMPLETED"})
        message = "tags scheduled successfully"
        return Answer(202, succeeded(message, {"job_id": job_id}, code="SCHEDULED"))

    def _show_mass_delete(self, call: Call) -> Answer:
        job_id = call.query["job_id"]
        running = {"total_count": 0, "failed_count": 0, "deleted_count": 0, "status": "RUNNING"}
        state = self._context.jobs.ask(job_id, running)
        if state is None:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="job_id")
        return Answer(200, {_MASS: [{"job_id": job_id, **state}]})
