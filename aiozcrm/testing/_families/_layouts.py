"""The layouts of an org's modules: sections, and which fields are in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, invalid, missing, unknown_id
from aiozcrm.testing._schema._field_view import read_field, show_field
from aiozcrm.testing._schema._module import Layout, Module, references
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import value_at

__all__ = ["Layouts"]

_PATH: Final = "/settings/layouts"
_PER_CALL: Final = 5
_LABEL: Final = Field(api_name="display_label", mandatory=True, length=50, minimum=1)
_LAYOUTS: Final = Plain(
    path=_PATH,
    key="layouts",
    fields=(Field(api_name="name", mandatory=True),),
    first_id=643001,
    verbs=("get", "update_one", "delete"),
    update="PATCH",
    bound="module",
    said=("", "layout updated", "layout deleted"),
    permission="Crm_Implied_Customize_Zoho_CRM",
)


class Layouts(Collection):
    """The layouts of an org's modules; each module has a first one.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _LAYOUTS)
        self._section_ids = context.ids(644001)
        context.schema.layouts_of = self._layouts_of

    def add(self, **values: Any) -> str:
        """Add a layout and return its id.

        >>> fake.layouts.add(module="Leads", name="Short", fields=["Email"], required=["Email"])

        Args:
            **values: The ``module`` and the ``name``; the API names of the ``fields`` on it, all
                unless told otherwise, and of those that are ``required`` there.

        Raises:
            KeyError: If the module has no such field.
        """
        module = self._context.schema.modules[values.get("module", "Leads")]
        self._keep_first(module)
        ids = {name: field.id for name, field in module.fields.items()}
        on = values.pop("fields", ids)
        required = {ids[name]: True for name in values.pop("required", ())}
        own = super().add(**values)
        thing = self._things[own]
        stays = {ids[name] for name in on} | required.keys()
        thing["_sections"][0]["_fields"].update(required)
        thing["_gone"].update(
            field.id
            for field in module.fields.values()
            if not field.mandatory and field.id not in stays
        )
        return own

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        path = f"{_PATH}/{{id}}/actions/activate"
        yield self._operation(f"POST {path}", self._activate, "activate")
        yield self._operation(f"DELETE {path}", self._deactivate, "deactivate")

    def _owner(self, call: Call) -> str:
        module = self._context.schema.known(call.query["module"])
        self._keep_first(module)
        return module.api_name

    def _keep_first(self, module: Module) -> None:
        if module.layout["id"] not in self._things:
            self._keep({**module.layout, "_module": module.api_name})

    def _layouts_of(self, module: Module) -> Mapping[str, Layout]:
        """Return what the layouts of a module mean for its records, by id."""
        self._keep_first(module)
        return {
            own: self._meaning(thing, module)
            for own, thing in self._things.items()
            if thing["_module"] == module.api_name
        }

    def _meaning(self, thing: Thing, module: Module) -> Layout:
        placed = {
            own: is_required
            for each in thing["_sections"]
            for own, is_required in each["_fields"].items()
        }
        on = [field for field in module.fields.values() if field.id not in thing["_gone"]]
        return Layout(
            reference={name: thing.get(name) for name in ("api_name", "name", "id")},
            fields=frozenset(field.api_name for field in on),
            required=frozenset(
                field.api_name for field in on if field.mandatory or placed.get(field.id)
            ),
        )

    def _target_of(self, call: Call) -> Thing:
        self._owner(call)
        return super()._target_of(call)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        label = f"{thing['_module']} Information"
        section = {"id": next(self._section_ids), "display_label": label, "_fields": {}}
        return {
            "display_label": thing["name"],
            "api_name": thing.get("api_name"),
            "status": thing.get("status", "active"),
            "visible": True,
            "source": "crm",
            "generated_type": "default" if thing.get("api_name") else "custom",
            "convert_mapping": None,
            "profiles": thing.get("profiles", []),
            # Which section has which fields, and whether they are required there; all others are
            # in the first one, but for those that have left the layout.
            "_sections": [section],
            "_gone": set(),
        }

    def _show(self, thing: Thing) -> Thing:
        module = self._context.schema.modules[thing["_module"]]
        placed = {own for section in thing["_sections"] for own in section["_fields"]}
        left = [
            field.id
            for field in module.fields.values()
            if field.id not in placed and field.id not in thing["_gone"]
        ]
        layouts = self._layouts_of(module)
        sections = [
            self._show_section(module, section, number, [] if number else left, layouts)
            for number, section in enumerate(thing["_sections"])
        ]
        return {**super()._show(thing), "sections": sections}

    def _show_section(
        self,
        module: Module,
        section: Mapping[str, Any],
        number: int,
        left: list[str],
        layouts: Mapping[str, Layout],
    ) -> Thing:
        fields = {field.id: field for field in module.fields.values()}
        chosen = {**dict.fromkeys(left), **section["_fields"]}
        shown = [
            {
                **show_field(fields[own], self._context, *references(layouts, fields[own])),
                "required": fields[own].mandatory if required is None else required,
                "section_id": number + 1,
                "sequence_number": place + 1,
                "default_value": None,
                "validation_rule": None,
            }
            for place, (own, required) in enumerate(chosen.items())
            if own in fields
        ]
        return {
            "id": section["id"],
            "api_name": section["display_label"].replace(" ", "_"),
            "name": section["display_label"],
            "display_label": section["display_label"],
            "type": "used",
            "sequence_number": number + 1,
            "column_count": 2,
            "tab_traversal": 2,
            "isSubformSection": False,
            "generated_type": "custom" if number else "default",
            "properties": None,
            "fields": shown,
        }

    def _change(self, thing: Thing, item: Any, index: int) -> Mapping[str, Any]:
        path = f"$.layouts[{index}]"
        given = value_at(item, "sections")
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise missing(Field(api_name="sections"), f"{path}.sections")
        if not all(isinstance(section.get("fields", []), list) for section in given):
            place = f"{path}.sections"
            raise invalid(Field(api_name="fields"), place, expected_data_type="jsonarray")
        new = sum("id" not in section for section in given)
        actions = sum(len(section.get("fields") or []) for section in given)
        if max(new, actions) > _PER_CALL:
            details = {"json_path": f"{path}.sections", "limit": _PER_CALL}
            raise ItemError("LIMIT_EXCEEDED", "limit exceeded", details)
        for number, section in enumerate(given):
            self._change_section(thing, section, f"{path}.sections[{number}]")
        self._stamp(thing, "update")
        return self._succeed(1, thing)

    def _change_section(self, thing: Thing, item: Mapping[str, Any], path: str) -> None:
        label = item.get("display_label")
        if "id" not in item and label is None:
            raise missing(_LABEL, f"{path}.display_label")
        if label is not None:
            _LABEL.check(label, f"{path}.display_label")
        if "id" in item:
            known = {section["id"]: section for section in thing["_sections"]}
            section = known.get(str(item["id"]))
            if section is None:
                place = {"api_name": "id", "json_path": f"{path}.id"}
                raise unknown_id(**place)
            section["display_label"] = label or section["display_label"]
        else:
            section = {"id": next(self._section_ids), "display_label": label, "_fields": {}}
            thing["_sections"].append(section)
        for number, field in enumerate(item.get("fields") or []):
            self._place_field(thing, section, field, f"{path}.fields[{number}]")

    def _place_field(self, thing: Thing, section: Mapping[str, Any], item: Any, path: str) -> None:
        """Put a field into a section, take it out of the layout, or make a new one there."""
        module = self._context.schema.modules[thing["_module"]]
        if not isinstance(item, dict) or "id" not in item:
            field = read_field(item, path, None)
            if field.api_name in module.fields:
                place = {"api_name": "field_label", "json_path": f"{path}.field_label"}
                raise ItemError("DUPLICATE_DATA", "duplicate data", place)
            own = self._context.schema.add_field(module, field).id
        else:
            own = str(item["id"])
            if own not in {field.id for field in module.fields.values()}:
                place = {"api_name": "id", "json_path": f"{path}.id"}
                raise unknown_id(**place)
        for other in thing["_sections"]:
            other["_fields"].pop(own, None)
        if "_delete" in item:
            thing["_gone"].add(own)
            return
        thing["_gone"].discard(own)
        section["_fields"][own] = item.get("required")

    def _activate(self, call: Call) -> Answer:
        layout = self._target_of(call)

        def activate(_: int, item: Any) -> Mapping[str, Any]:
            if layout["status"] == "active":
                raise ItemError("ALREADY_ACTIVATED", "it is active", {"id": layout["id"]})
            layout["status"] = "active"
            layout["profiles"] = item.get("profiles", []) if isinstance(item, dict) else []
            self._stamp(layout, "activate")
            return succeeded("layout activated", {"id": layout["id"]})

        return answer_items("layouts", read_items(call, "layouts", most=1), activate)

    def _deactivate(self, call: Call) -> Answer:
        layout = self._target_of(call)
        if layout["status"] != "active":
            raise rejected(400, "ALREADY_DEACTIVATED", "it is not active", id=layout["id"])
        self._check_heir(layout, call)
        layout["status"] = "inactive"
        self._stamp(layout, "deactivate")
        return Answer(200, {"layouts": [succeeded("layout deactivated", {"id": layout["id"]})]})

    def _delete(self, call: Call) -> Answer:
        self._check_heir(self._target_of(call), call)
        return super()._delete(call)

    def _check_heir(self, layout: Thing, call: Call) -> None:
        """Check that records of a layout may leave it for another one."""
        if layout["api_name"] is not None:
            raise rejected(400, "NOT_ALLOWED", "the first layout stays", id=layout["id"])
        heir = self._things.get(call.query["transfer_to"])
        if heir is None or heir["_module"] != layout["_module"] or heir is layout:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="transfer_to")
        if heir["status"] != "active":
            message = "the layout that takes the records is not active"
            raise rejected(400, "NOT_ALLOWED", message, param_name="transfer_to")

    def _stamp(self, thing: Thing, verb: str) -> None:
        thing |= {"modified_time": self._context.now(), "modified_by": self._context.user}
        self._context.stats.note_done(verb, "layouts", thing["id"])
