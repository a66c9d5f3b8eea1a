"""Picklists that fields share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._families._paging import answer_page
from aiozcrm.testing._schema._field import Field, ItemError, invalid
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import value_at

__all__ = ["GlobalPicklists"]

_KEY: Final = "global_picklists"
_REPLACE: Final = "replace_picklist_values"
_USED: Final = "pick_list_values_associations"
_VALUE: Final = Field(api_name="display_value", mandatory=True, length=120, minimum=1)

_PICKLISTS: Final = Plain(
    path=f"/settings/{_KEY}",
    key=_KEY,
    fields=(
        Field(api_name="display_label", mandatory=True, unique=True, length=50),
        Field(api_name="description", type="textarea", length=1000),
        Field(api_name="pick_list_values_sorted_lexically", type="boolean"),
        Field(api_name="pick_list_values", type="subform", mandatory=True),
    ),
    first_id=648001,
    verbs=("get", "create", "update_one", "delete"),
    update="PATCH",
    per_call=1,
    most=10,
    said=("global picklist created", "global picklist updated", ""),
)


class GlobalPicklists(Collection):
    """The picklists that fields of an org share.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._value_ids = context.ids(649001)
        #: Which fields use a picklist, and where its values are used, by its id.
        self.used_by: dict[str, list[dict[str, Any]]] = {}
        self.values_used_by: dict[str, list[dict[str, Any]]] = {}
        super().__init__(context, _PICKLISTS)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        actions = f"{self._row.path}/{{id}}/actions"
        for line, run, verb in (
            (f"POST {actions}/{_REPLACE}", self._replace, _REPLACE),
            (f"GET {actions}/replaced_values", self._replaced, "replaced_values"),
            (f"GET {actions}/{_USED}", self._values_used, _USED),
            (f"GET {actions}/associations", self._associations, "associations"),
        ):
            yield self._operation(line, run, verb)

    def _answer_list(self, call: Call, things: Sequence[Thing]) -> Answer:
        return self._included(call, super()._answer_list(call, things))

    def _get(self, call: Call) -> Answer:
        return self._included(call, super()._get(call))

    def _included(self, call: Call, answer: Answer) -> Answer:
        """Leave out of an answer what it is not asked to include."""
        asked = call.query.get("include", "").split(",")
        for shown in (answer.data or {}).get(_KEY, ()):
            if "used_in_modules" in asked:
                uses = self.used_by.get(shown["id"], [])
                shown["used_in_modules"] = [use["module"] for use in uses]
            if "pick_list_values" not in asked:
                del shown["pick_list_values"]
        return answer

    def _read(self, item: Any, index: int, old: Thing | None, owner: str) -> dict[str, Any]:
        values = super()._read(item, index, old, owner)
        path = f"$.{_KEY}[{index}].pick_list_values"
        if "pick_list_values" not in values:
            return values
        given = values["pick_list_values"]
        if sum("_delete" in value for value in given) > 1:
            raise invalid(Field(api_name="pick_list_values"), path, reason="one deletion a call")
        known = {value["id"]: value for value in (old or {}).get("pick_list_values", ())}
        for number, value in enumerate(given):
            place, own = f"{path}[{number}]", value.get("id")
            if own is not None and str(own) not in known:
                raise invalid(Field(api_name="id"), f"{place}.id")
            if own is None:
                _VALUE.check(value.get("display_value", 0), f"{place}.display_value")
                known[next(self._value_ids)] = value
            elif "_delete" in value:
                del known[str(own)]
            else:
                known[str(own)] = {**known[str(own)], **value}
        values["pick_list_values"] = [{**value, "id": own} for own, value in known.items()]
        return values

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        values = [
            {
                "id": value.get("id") or next(self._value_ids),
                "display_value": value["display_value"],
                "actual_value": value.get("actual_value") or value["display_value"],
                "sequence_number": number + 1,
                "type": value.get("type", "used"),
            }
            for number, value in enumerate(thing["pick_list_values"])
        ]
        label = thing["display_label"]
        return {
            "api_name": thing.get("api_name") or label.replace(" ", "_"),
            "actual_label": thing.get("actual_label") or label,
            "presence": True,
            "pick_list_values_sorted_lexically": bool(thing["pick_list_values_sorted_lexically"]),
            "pick_list_values": values,
            "_replaced": thing.get("_replaced", []),
        }

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        super()._drop(thing)
        job_id = self._context.jobs.start({"status": "COMPLETED"})
        message = "global picklist delete scheduled successfully"
        return succeeded(message, {"job_id": job_id}, code="SCHEDULED")

    def _replace(self, call: Call) -> Answer:
        picklist = self._target_of(call)

        def replace(index: int, item: Any) -> Mapping[str, Any]:
            path = f"$.{_REPLACE}[{index}]"
            old, new = (
                self._value_of(picklist, item, end, f"{path}.{end}")
                for end in ("old_value", "new_value")
            )
            if old is new:
                raise ItemError("NOT_ALLOWED", "a value cannot replace itself", {"json_path": path})
            old["type"] = "unused"
            shown = {name: old[name] for name in ("display_value", "actual_value")}
            picklist["_replaced"] = [*picklist["_replaced"], shown]
            self._context.stats.note_done(_REPLACE, _KEY, picklist["id"])
            job_id = self._context.jobs.start({"status": "COMPLETED"})
            message = "replace picklist values scheduled successfully"
            return succeeded(message, {"job_id": job_id}, code="SCHEDULED")

        return answer_items(_REPLACE, read_items(call, _REPLACE, most=1), replace)

    def _value_of(self, picklist: Thing, item: Any, end: str, path: str) -> dict[str, Any]:
        """Return the value that an item names by its id or by what it is called.

        Raises:
            ItemError: If it names none.
        """
        named = value_at(item, end)
        if isinstance(named, dict):
            for value in picklist["pick_list_values"]:
                by_name = named.get("display_value") == value["display_value"]
                if str(named.get("id")) == value["id"] or ("id" not in named and by_name):
                    found: dict[str, Any] = value
                    return found
            raise invalid(Field(api_name=end), path)
        # Zoho's page has this code under this status.
        details = {"api_name": end, "json_path": path, "expected_data_type": "jsonobject"}
        message = "unable to parse the data type"
        raise ItemError("UNABLE_TO_PARSE_DATA_TYPE", message, details, status=401)

    def _replaced(self, call: Call) -> Answer:
        replaced = self._target_of(call)["_replaced"]
        return Answer(200, {"replaced_values": replaced}) if replaced else NO_CONTENT

    def _values_used(self, call: Call) -> Answer:
        wanted = call.query.get("picklist_value_id")
        used = [
            use
            for use in self.values_used_by.get(self._target_of(call)["id"], [])
            if wanted in {None, use.get("picklist_value_id")}
        ]
        return Answer(200, {_USED: used}) if used else NO_CONTENT

    def _associations(self, call: Call) -> Answer:
        used = self.used_by.get(self._target_of(call)["id"], [])
        return answer_page(call, "associations", used)

    def _make_up(self, field: Field) -> Any:
        if field.api_name == "pick_list_values":
            return [{"display_value": name} for name in ("One", "Two")]
        return super()._make_up(field)
