"""Variables of the org, and their groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._field import Field, ItemError
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["VARIABLE_GROUPS", "Variables"]

VARIABLE_GROUPS: Final = Plain(
    path="/settings/variable_groups",
    key="variable_groups",
    fields=(
        Field(api_name="name", mandatory=True),
        Field(api_name="api_name", mandatory=True),
        Field(api_name="display_label"),
        Field(api_name="description"),
    ),
    first_id=624001,
    verbs=("get",),
    named=True,
    stamped=False,
    at_first=(
        {
            "name": "General",
            "api_name": "General",
            "display_label": "General",
            "description": "Variables of no other group",
        },
    ),
)

_NUMBER: Final = r"-?\d+(\.\d+)?"
# What a value looks like as text, by type; the pages have two words for some types.
_PATTERNS: Final = {
    "integer": r"-?\d{1,9}",
    "long": r"-?\d{1,18}",
    "percent": _NUMBER,
    "decimal": _NUMBER,
    "double": _NUMBER,
    "currency": _NUMBER,
    "date": r"\d{4}-\d\d-\d\d",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
    "email": r"[^@\s]+@[^@\s]+",
    "phone": r".{1,30}",
    "url": r"\S+\.\S+",
    "website": r"\S+\.\S+",
    "checkbox": r"(?i)true|false",
    "text": r".*",
    "textarea": r"(?s).*",
}

_VARIABLES: Final = Plain(
    path="/settings/variables",
    key="variables",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="api_name", mandatory=True, unique=True, length=50),
        Field(api_name="variable_group", type="lookup", mandatory=True, fixed=True),
        Field(api_name="type", mandatory=True, fixed=True, values=tuple(_PATTERNS)),
        Field(api_name="value", type="any"),
        Field(api_name="description", length=255),
    ),
    first_id=623001,
    verbs=("get", "create", "update", "delete", "delete_many"),
    named=True,
    said=("variable added", "variable updated", "variable deleted"),
    stamped=False,
)


class Variables(Collection):
    """The variables of an org.

    Args:
        context: The org.
        groups: The groups that there are.
    """

    def __init__(self, context: OrgContext, groups: Collection) -> None:
        super().__init__(context, _VARIABLES)
        self._groups = groups

    def _get(self, call: Call) -> Answer:
        if self._context.dialect.variable_group_required and not call.query.get("group"):
            message = "One of the expected parameter is missing"
            raise rejected(400, "REQUIRED_PARAM_MISSING", message, param_name="group")
        return super()._get(call)

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        wanted, group = call.query.get("group"), thing["variable_group"]
        return not wanted or wanted in {group["id"], group["api_name"]}

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        if self._group_of(thing) is None:
            raise _wrong("INVALID_DATA", "invalid data", "variable_group", path)
        value = _text_of(thing.get("value"))
        if value and not re.fullmatch(_PATTERNS[thing["type"]], value):
            raise _wrong("PATTERN_NOT_MATCHED", "pattern not matched", "value", path)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        group = self._group_of(thing) or self._groups.get(self._groups.ids[0])
        shown = {"id": group["id"], "api_name": group["api_name"], "name": group["name"]}
        return {"variable_group": shown, "value": _text_of(thing.get("value"))}

    def _group_of(self, thing: Thing) -> Thing | None:
        """Return the group that a variable names, by its id or by its name."""
        named = thing.get("variable_group") or {}
        for group_id in self._groups.ids:
            group = self._groups.get(group_id)
            if named.get("id") == group_id or named.get("name") == group["name"]:
                return group
        return None

    def _make_up(self, field: Field) -> Any:
        if field.api_name == "type":
            return "text"
        return {} if field.api_name == "variable_group" else super()._make_up(field)


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _wrong(code: str, message: str, name: str, path: str) -> ItemError:
    return ItemError(code, message, {"api_name": name, "json_path": f"{path}.{name}"})
