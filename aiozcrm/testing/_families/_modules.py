"""The modules of an org, as its settings tell of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from aiozcrm.testing._families._collection import is_modified, modified_since
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, make_field, read_object
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import NO_CONTENT, NOT_MODIFIED, Answer, wrong_id
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["Modules"]

_PATH: Final = "/settings/modules"
_API_NAME: Final = re.compile(r"[A-Za-z](?!.*__)[A-Za-z0-9_]{0,48}[A-Za-z0-9]")
_LABEL: Final = Field(api_name="plural_label", mandatory=True, length=25, minimum=1)
_RESERVED: Final = frozenset({"Id", "Module", "Modules", "Org", "Settings", "Users"})
_ALWAYS: Final[Mapping[str, Any]] = {
    "global_search_supported": True,
    "description": None,
    "recycle_bin_on_delete": True,
    "presence_sub_menu": True,
    "lookupable": True,
    "isBlueprintSupported": True,
    "visibility": 1,
    "sub_menu_available": True,
    "show_as_tab": True,
    "web_link": None,
    "viewable": True,
    "creatable": True,
    "editable": True,
    "deletable": True,
    "api_supported": True,
    "quick_create": True,
    "feeds_required": False,
    "public_fields_configured": False,
    "private_profile": None,
    "has_more_profiles": False,
    "access_type": "org_based",
    "arguments": [],
    "profile_count": 1,
    "business_card_field_limit": 5,
    "parent_module": {},
    "status": "visible",
}


class Modules(Family):
    """The modules of an org: those that every org has, and what is added.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        self._schema = context.schema

    @property
    def names(self) -> list[str]:
        """The API names of the modules."""
        return list(self._schema.modules)

    def add(
        self,
        api_name: str,
        *,
        singular: str | None = None,
        fields: Mapping[str, str | Mapping[str, Any]] | None = None,
    ) -> str:
        """Add a module and return its id. Its records have a ``Name``.

        >>> fake.modules.add("Projects", fields={"Budget": "currency", "Code": {"unique": True}})

        Args:
            api_name: Its API name, which begins with a capital.
            singular: What one of its records is called; None makes that up.
            fields: What else its records have: API names, and types or what
                :meth:`Fields.add <aiozcrm.testing.FakeOrg.fields>` takes.

        Raises:
            ValueError: If a name is taken, or none that Zoho would take.
        """
        label = singular or api_name.rstrip("s").replace("_", " ")
        module = self._schema.add_module(
            api_name, singular=label, plural=api_name.replace("_", " ")
        )
        for name, what in (fields or {}).items():
            self._schema.add_field(module, make_field(name, what))
        return module.id

    def add_linking(self, api_name: str, **sides: str) -> str:
        """Add a module whose records link those of two others, and return its id.

        >>> fake.modules.add_linking("Lead_Listings", Lead_Side="Leads", Listing="Listings")

        Args:
            api_name: Its API name, which begins with a capital.
            **sides: Two lookups by their API names, each with the module that it leads to. No two
                records have the same in both.

        Raises:
            ValueError: If a name is taken, or none that Zoho would take.
        """
        fields = {
            name: {"type": "lookup", "lookup": module, "mandatory": True}
            for name, module in sides.items()
        }
        module_id = self.add(api_name, fields=fields)
        module = self._schema.modules[api_name]
        module.linking = tuple(sides)
        module.fields["Name"] = attrs.evolve(module.fields["Name"], mandatory=False)
        return module_id

    def get(self, name: str) -> dict[str, Any]:
        """Return a module as the API shows it.

        Args:
            name: Its API name or id.

        Raises:
            KeyError: If there is none.
        """
        module = self._schema.find(name)
        if module is None:
            raise KeyError(name)
        return self._show(module)

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about modules."""
        one, other = f"{_PATH}/{{module_api_name}}", f"{_PATH}/{{module_id_or_api_name}}"
        return tuple(
            Operation(line=line, run=run, verb=verb, family="modules")
            for line, run, verb in (
                (f"GET {_PATH}", self._list, "list"),
                (f"GET {one}", self._get, "get"),
                (f"POST {_PATH}", self._create, "create"),
                (f"PUT {other}", self._update, "update"),
            )
        )

    def _list(self, call: Call) -> Answer:
        wanted = call.query.get("status")
        if wanted and "visible" not in wanted.split(","):
            return NO_CONTENT
        shown = [self._show(module) for module in self._schema.modules.values()]
        since = modified_since(call)
        if since is not None:
            shown = [module for module in shown if is_modified(module, since)]
        return Answer(200, {"modules": shown}) if shown else NOT_MODIFIED

    def _get(self, call: Call) -> Answer:
        module = self._schema.find(call.params["module_api_name"])
        return Answer(200, {"modules": [self._show(module)]}) if module else NO_CONTENT

    def _create(self, call: Call) -> Answer:
        def create(index: int, item: Any) -> Mapping[str, Any]:
            path = f"$.modules[{index}]"
            given = _read_labels(item, path, new=True)
            if not given.get("profiles"):
                details = {"api_name": "profiles", "json_path": f"{path}.profiles"}
                raise ItemError("MINIMUM_DATA_NOT_FOUND", "a profile is needed", details)
            name = given.get("api_name") or given["plural_label"].replace(" ", "_")
            module = self._add(str(name), given, path)
            self._context.stats.note_done("create", "modules", module.id, module.api_name)
            return succeeded("module created successfully", {"id": module.id})

        return answer_items("modules", read_items(call, "modules", most=1), create)

    def _add(self, name: str, given: Mapping[str, Any], path: str) -> Module:
        place = {"api_name": "api_name", "json_path": f"{path}.api_name"}
        if name in _RESERVED:
            message = "reserved keyword not allowed"
            raise ItemError("RESERVED_KEYWORD_NOT_ALLOWED", message, place, status=403)
        if not _API_NAME.fullmatch(name):
            raise ItemError("INVALID_DATA", "invalid data", place)
        if self._schema.find(name):
            raise ItemError("DUPLICATE_DATA", "duplicate data", place)
        # A capital is how the fake tells modules from everything else in a path.
        return self._schema.add_module(
            name[0].upper() + name[1:],
            singular=given["singular_label"],
            plural=given["plural_label"],
        )

    def _update(self, call: Call) -> Answer:
        module = self._schema.find(call.params["module_id_or_api_name"])
        if module is None:
            raise wrong_id(2)

        def update(index: int, item: Any) -> Mapping[str, Any]:
            path = f"$.modules[{index}]"
            given = _read_labels(item, path, new=False)
            if given.get("api_name", module.api_name) != module.api_name:
                details = {"api_name": "api_name", "json_path": f"{path}.api_name"}
                raise ItemError("NOT_ALLOWED", "the API name cannot be changed", details)
            module.plural = given.get("plural_label", module.plural)
            module.singular = given.get("singular_label", module.singular)
            module.modified_time = self._context.now()
            self._context.stats.note_done("update", "modules", module.id)
            return succeeded("module updated successfully", {"id": module.id})

        return answer_items("modules", read_items(call, "modules", most=1), update)

    def _show(self, module: Module) -> dict[str, Any]:
        modules: Iterable[Module] = self._schema.modules.values()
        return {
            **_ALWAYS,
            "id": module.id,
            "api_name": module.api_name,
            "module_name": f"CustomModule{module.id[-3:]}" if module.custom else module.api_name,
            "singular_label": module.singular,
            "plural_label": module.plural,
            "actual_singular_label": module.singular,
            "actual_plural_label": module.plural,
            "convertable": module.api_name == "Leads",
            "generated_type": "custom" if module.custom else "default",
            "modified_time": module.modified_time,
            "modified_by": self._context.user,
            "profiles": [{"name": "Administrator", "id": self._context.id(226201)}],
            "sequence_number": [*modules].index(module) + 1,
        }


def _read_labels(item: Any, path: str, *, new: bool) -> Mapping[str, Any]:
    """Return what an item says of a module, its labels checked."""
    read: Mapping[str, Any] = read_object(item, "modules", path)
    for name in ("plural_label", "singular_label"):
        place = f"{path}.{name}"
        if name not in item:
            if new:
                details = {"api_name": name, "json_path": place}
                raise ItemError("MANDATORY_NOT_FOUND", "required field not found", details)
            continue
        _LABEL.check(item[name], place)
    return read
