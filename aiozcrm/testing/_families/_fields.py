"""The fields of an org's modules, as its settings tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, make_field, unknown_id
from aiozcrm.testing._schema._field_view import read_field, show_choices, show_field
from aiozcrm.testing._schema._module import Module, references
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import text_at

__all__ = ["Fields"]

_PATH: Final = "/settings/fields"
_ONE: Final = f"{_PATH}/{{id}}"
_PER_CALL: Final = 5
_PERMISSION: Final = "Crm_Implied_Customize_Zoho_CRM"


class Fields(Family):
    """The fields of every module of an org.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        self._schema = context.schema

    def add(self, module: str, api_name: str, **options: Any) -> str:
        """Add a field to a module and return its id.

        Args:
            module: The API name of the module.
            api_name: The API name of the field.
            **options: ``type`` (``text`` unless told otherwise), ``length``, ``decimals``,
                ``mandatory``, ``read_only``, ``unique``, ``values`` to choose from, whether
                another value is taken, too (``open_values``), the module of a ``lookup``, whether
                its values are ``external`` ids: ``user`` or ``org``, and the fields of a
                subform's ``rows``, as :meth:`Modules.add` takes them.

        Raises:
            KeyError: If there is no such module.
            ValueError: If it has a field of that name, or there is no such type.
        """
        field = make_field(api_name, options)
        return self._schema.add_field(self._schema.modules[module], field).id

    def ids(self, module: str) -> dict[str, str]:
        """Return the ids of a module's fields, by API name.

        Raises:
            KeyError: If there is no such module.
        """
        return {name: field.id for name, field in self._schema.modules[module].fields.items()}

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about fields."""
        return tuple(
            Operation(line=line, run=run, verb=verb, family="fields", permission=_PERMISSION)
            for line, run, verb in (
                (f"GET {_PATH}", self._list, "list"),
                (f"GET {_ONE}", self._get, "get"),
                (f"POST {_PATH}", self._create, "create"),
                (f"PATCH {_PATH}", self._update_many, "update"),
                (f"PATCH {_ONE}", self._update, "update"),
                (f"DELETE {_ONE}", self._delete, "delete"),
                (f"GET {_ONE}/pick_list_values", self._list_choices, "pick_list_values"),
            )
        )

    def _list(self, call: Call) -> Answer:
        kind, data_type = call.query.get("type"), call.query.get("data_type")
        if kind == "unused":
            return NO_CONTENT
        # The rows of a subform have fields as the records of a module have.
        rows = self._schema.rows_of(call.query["module"])
        module = None if rows else self._schema.known(call.query["module"])
        layouts = self._schema.layouts_of(module) if module else {}
        fields = [
            show_field(field, self._context, *references(layouts, field))
            for field in (rows if module is None else module.fields).values()
            if data_type in {None, "", field.type}
        ]
        return Answer(200, {"fields": fields}) if fields else NO_CONTENT

    def _get(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])
        field = self._find(module, call.params["id"])
        if field is None:
            return NO_CONTENT
        layouts = references(self._schema.layouts_of(module), field)
        return Answer(200, {"fields": [show_field(field, self._context, *layouts)]})

    def _list_choices(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])
        field = self._find(module, call.params["id"])
        layouts = references(self._schema.layouts_of(module), field) if field else ()
        choices = show_choices(field, self._context, *layouts) if field else []
        return Answer(200, {"pick_list_values": choices}) if choices else NO_CONTENT

    def _create(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])

        def create(index: int, item: Any) -> Mapping[str, Any]:
            field = read_field(item, f"$.fields[{index}]", None)
            labels = {other.label or other.api_name for other in module.fields.values()}
            if field.label in labels or field.api_name in module.fields:
                place = {"api_name": "field_label", "json_path": f"$.fields[{index}].field_label"}
                raise ItemError("DUPLICATE_DATA", "duplicate data", place)
            added = self._schema.add_field(module, field)
            self._context.stats.note_done("create", "fields", added.id, added.api_name)
            return succeeded("field created", {"id": added.id})

        items = read_items(call, "fields", most=_PER_CALL)
        return answer_items("fields", items, create, success=201)

    def _update_many(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])

        def update(index: int, item: Any) -> Mapping[str, Any]:
            field_id = text_at(item, "id")
            field = self._find(module, field_id)
            if field is None:
                place = {"api_name": "id", "json_path": f"$.fields[{index}].id"}
                raise unknown_id(**place)
            return self._change(module, field, item, index)

        return answer_items("fields", read_items(call, "fields", most=_PER_CALL), update)

    def _update(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])
        field = self._target_of(module, call)
        items = read_items(call, "fields", most=1)
        return answer_items(
            "fields", items, lambda index, item: self._change(module, field, item, index)
        )

    def _change(self, module: Module, field: Field, item: Any, index: int) -> Mapping[str, Any]:
        changed = read_field(item, f"$.fields[{index}]", field)
        module.fields[field.api_name] = changed
        module.modified_time = self._context.now()
        self._context.stats.note_done("update", "fields", field.id)
        return succeeded("field updated", {"id": field.id})

    def _delete(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])
        field = self._target_of(module, call)
        if not field.custom:
            message = "The custom field has already used in other places"
            raise rejected(400, "NOT_ALLOWED", message, resource_path_index=2)
        del module.fields[field.api_name]
        module.modified_time = self._context.now()
        self._context.stats.note_done("delete", "fields", field.id)
        return Answer(200, {"fields": [succeeded("field deleted", {"id": field.id})]})

    def _find(self, module: Module, field_id: str) -> Field | None:
        return next((field for field in module.fields.values() if field.id == field_id), None)

    def _target_of(self, module: Module, call: Call) -> Field:
        field = self._find(module, call.params["id"])
        if field is None:
            raise wrong_id(2)
        return field
