"""How the API shows a field, and what it takes to make or change one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

import attrs

from aiozcrm.testing._schema._field import Field, ItemError, invalid, missing, read_object
from aiozcrm.testing._schema._types import TYPES

__all__ = ["read_field", "show_choices", "show_field"]

_FIELD_LABEL: Final = Field(api_name="field_label", mandatory=True, length=50, minimum=1)
_DATA_TYPE: Final = Field(api_name="data_type", mandatory=True)
_ALWAYS: Final[Mapping[str, Any]] = {
    "webhook": True,
    "colour_code_enabled_by_system": False,
    "tooltip": None,
    "type": "used",
    "field_read_only": False,
    "customizable_properties": [],
    "association_details": None,
    "businesscard_supported": True,
    "multi_module_lookup": {},
    "created_time": None,
    "filterable": True,
    "visible": True,
    "view_type": {"view": True, "edit": True, "quick_create": False, "create": True},
    "separator": False,
    "searchable": True,
    "enable_colour_code": False,
    "virtual_field": False,
    "crypt": None,
    "display_type": -1,
    "ui_type": 1,
    "modified_time": None,
    "email_parser": {"fields_update_supported": False, "record_operations_supported": False},
    "hipaa_compliance": None,
    "convert_mapping": {"Contacts": None, "Deals": None, "Accounts": None},
    "rollup_summary": {},
    "display_field": False,
    "pick_list_values_sorted_lexically": False,
    "sortable": True,
    "global_picklist": None,
    "history_tracking": None,
    "formula": {},
    "hipaa_compliance_enabled": False,
    "mass_update": True,
    "multiselectlookup": {},
    "auto_number": {},
}


class Around(Protocol):
    """The org around a field."""

    def id(self, number: int) -> str:
        """Return the id with a number within the org."""
        ...


def show_field(field: Field, around: Around, *layouts: Mapping[str, str]) -> dict[str, Any]:
    """Return a field as the API shows it, in the layouts that have it."""
    kind, places = field.kind, field.places
    writable = not field.is_read_only
    subform = {"module": field.api_name, "id": field.id} if field.type == "subform" else None
    lookup = {"module": {"api_name": field.lookup}, "display_label": field.lookup}
    return {
        **_ALWAYS,
        "id": field.id,
        "api_name": field.api_name,
        "field_label": _label_of(field),
        "display_label": _label_of(field),
        "data_type": field.type,
        # Tags are called text all the same.
        "json_type": "jsonarray" if field.api_name == "Tag" else kind.json_type,
        "length": field.longest,
        "decimal_place": places,
        "system_mandatory": field.mandatory,
        "custom_field": field.custom,
        "created_source": "user" if field.custom else "default",
        "read_only": not writable,
        "unique": {"case_sensitive": False} if field.unique else {},
        "external": {"type": field.external, "show": True} if field.external else None,
        "lookup": lookup if field.lookup else {},
        "currency": {} if places is None else {"rounding_option": "normal", "precision": places},
        "operation_type": {
            "web_update": writable,
            "api_create": writable,
            "web_create": writable,
            "api_update": writable,
        },
        "pick_list_values": show_choices(field, around, *layouts),
        "profiles": [
            {
                "permission_type": "read_write",
                "name": "Administrator",
                "id": around.id(226201),
            }
        ],
        "layout_associations": [*layouts],
        "associated_module": subform,
        "subform": subform,
    }


def show_choices(field: Field, around: Around, *layouts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what may be chosen from for a field, as the API shows it."""
    first = int(field.id) % 10**7 * 100
    return [
        {
            "display_value": value,
            "actual_value": value,
            "reference_value": value,
            "sequence_number": number,
            "colour_code": None,
            "id": around.id(10**10 + first + number),
            "type": "used",
            "layout_associations": [*layouts],
        }
        for number, value in enumerate(field.values)
    ]


def read_field(item: Any, path: str, old: Field | None) -> Field:
    """Return the field that an item makes, or makes of an old one.

    Args:
        item: The item.
        path: Where it stands, in JSONPath.
        old: The field that it changes; None for a new one.

    Raises:
        ItemError: If it is not right.
    """
    read_object(item, "fields", path)
    for needed in (_FIELD_LABEL, _DATA_TYPE):
        place = f"{path}.{needed.api_name}"
        if needed.api_name in item:
            needed.check(item[needed.api_name], place)
        elif old is None:
            raise missing(needed, place)
    kind = item.get("data_type", old.type if old else "")
    if kind not in TYPES or (old and kind != old.type):
        raise invalid(_DATA_TYPE, f"{path}.data_type", supported_values=[*TYPES])
    label = item.get("field_label") or (old.label if old else "")
    return attrs.evolve(
        old or Field(api_name=re.sub(r"\W+", "_", label).strip("_"), type=kind, custom=True),
        label=label,
        **_read_options(item, path, kind),
    )


def _read_options(item: Mapping[str, Any], path: str, kind: str) -> dict[str, Any]:
    """Return what an item says of a field beside its label and type."""
    options: dict[str, Any] = {}
    if "length" in item:
        length, most = item["length"], TYPES[kind].length
        if not isinstance(length, int) or (most is not None and not 0 < length <= most):
            place = {"api_name": "length", "json_path": f"{path}.length"}
            dependee = {"api_name": "data_type", "json_path": f"{path}.data_type"}
            raise ItemError("DEPENDENT_MISMATCH", "invalid length", {"dependee": dependee, **place})
        options["length"] = length
    places = item.get("decimal_place")
    if isinstance(places, int) and TYPES[kind].decimals is not None:
        options["decimals"] = places
    unique, external, lookup = (_object_in(item, name) for name in ("unique", "external", "lookup"))
    if unique is not None:
        options["unique"] = "_disable" not in unique
    if external is not None:
        options["external"] = str(external.get("type", "user"))
    if lookup is not None:
        options["lookup"] = str((_object_in(lookup, "module") or {}).get("api_name", ""))
    choices = item.get("pick_list_values")
    if isinstance(choices, list):
        told = [choice for choice in choices if isinstance(choice, dict)]
        options["values"] = tuple(str(choice.get("display_value")) for choice in told)
        options["open_values"] = True
    elif kind == "picklist" and "id" not in item and "global_picklist" not in item:
        place = {"api_name": "pick_list_values", "json_path": f"{path}.pick_list_values"}
        raise ItemError("EXPECTED_DEPENDENT_FIELD_MISSING", "one of several is needed", place)
    return options


def _object_in(item: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = item.get(name)
    return value if isinstance(value, dict) else None


def _label_of(field: Field) -> str:
    return field.label or field.api_name.removesuffix("__s").replace("_", " ")
