"""What Zoho would reject about a row, found before it is sent."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import attrs

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.schema._kinds import Allowed, choices_of, kind_of, objects_in

__all__ = ["Problem", "RowChecker", "Verb"]

Verb: TypeAlias = Literal["create", "update", "upsert"]

#: What a module has to allow for each verb: one of these.
_OF_MODULES: Final[Mapping[Verb, Sequence[str]]] = {
    "create": ["creatable"],
    "update": ["editable"],
    "upsert": ["creatable", "editable"],
}
#: The same for a field.
_OF_FIELDS: Final[Mapping[Verb, Sequence[str]]] = {
    "create": ["api_create"],
    "update": ["api_update"],
    "upsert": ["api_create", "api_update"],
}

#: What a row can hold beside fields, as it can names with a dollar sign.
#: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
_BESIDE: Final = frozenset({"id", "Layout", "Wizard"})

_Fields: TypeAlias = Mapping[str, Mapping[str, Any]]


@attrs.frozen
class Problem:
    """Something about a row that Zoho does not take.

    Attributes:
        field: The API name of the field; empty if it is about the row as a whole.
        reason: What is wrong, such as ``has 90 characters``.
        allowed: What the field takes, in words; the values, where there is a choice.
        code: The code with which Zoho would reject the row; empty where it takes the row, but not
            this value.
        path: Where the value stands in the row, such as ``Ordered_Items[2].Quantity``.
    """

    field: str
    reason: str
    allowed: Allowed
    code: str = "INVALID_DATA"
    path: str = attrs.field(kw_only=True, default="")

    @property
    def rejected(self) -> bool:
        """Whether Zoho would reject the row, and not just leave out this value."""
        return bool(self.code)

    def __str__(self) -> str:
        allowed = self.allowed if isinstance(self.allowed, str) else ", ".join(self.allowed)
        told = f"{self.path or self.field} {self.reason}".strip()
        return f"{told}; allowed: {allowed}" if allowed else told


class RowChecker:
    """Checks rows of a module.

    Args:
        module: What Zoho says of the module.
        fields: Its fields by their API names.
        layouts: Its layouts; None if they are not known.
        subforms: The fields of the rows of its subforms, as far as they are known.
    """

    def __init__(
        self,
        module: Mapping[str, Any],
        fields: _Fields,
        layouts: Sequence[Mapping[str, Any]] | None,
        subforms: Mapping[str, _Fields],
    ) -> None:
        self._module = module
        self._fields = fields
        self._layouts = layouts
        self._subforms = subforms

    def check(self, row: Mapping[str, Any], verb: Verb) -> Iterator[Problem]:
        """Yield everything that is wrong with a row.

        Raises:
            aiozcrm.errors.InvalidInputError: If *verb* is none.
            TypeError: If it is no mapping.
        """
        if verb not in _OF_MODULES:
            raise InvalidInputError(
                f"{verb!r} is no way to write a row.", hint=f"Use one of: {', '.join(_OF_MODULES)}."
            )
        if not isinstance(row, Mapping):
            raise TypeError(f"a record is a mapping, not {type(row).__name__}")
        if all(self._module.get(name) is False for name in _OF_MODULES[verb]):
            reason = f"cannot be written: records of {self._module.get('api_name')} allow no {verb}"
            yield Problem("", reason, "", "NOT_ALLOWED")
        layout = self._layout_of(row)
        if layout is None and self._layouts is not None and row.get("Layout") is not None:
            allowed = tuple(f"{each.get('id')} ({each.get('name')})" for each in self._layouts)
            yield Problem("Layout", "is no layout of the module", allowed, path="Layout")
        module, known = self._module.get("api_name"), self._fields
        if layout is not None:
            known = {name: field for name, field in known.items() if _is_on(field, layout)}
            for name in row:
                if name in self._fields and name not in known:
                    reason = f"is not on the layout {layout.get('name')}, so Zoho ignores it"
                    yield Problem(name, reason, "", "", path=name)
            yield from _check_required(layout, known, row, verb)
        inside = {name: row[name] for name in row if name in known or name not in self._fields}
        yield from _check_fields(known, inside, verb, module)
        for name, fields in self._subforms.items():
            if not _is_read_only(known.get(name, {}), verb):
                yield from _check_subform(name, fields, inside.get(name))

    def _layout_of(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the layout that a row names; None if it names none that is known."""
        given = row.get("Layout")
        layout_id = str(given.get("id")) if isinstance(given, Mapping) else ""
        known = (layout for layout in self._layouts or () if str(layout.get("id")) == layout_id)
        return next(known, None)


def _check_required(
    layout: Mapping[str, Any], fields: _Fields, row: Mapping[str, Any], verb: Verb
) -> Iterator[Problem]:
    """Yield what a layout requires, and a row lacks."""
    for section in objects_in(layout.get("sections")):
        for told in objects_in(section.get("fields")):
            name = str(told.get("api_name"))
            field = fields.get(name)
            # What every layout requires is looked at by itself.
            if field is None or told.get("required") is not True or field.get("system_mandatory"):
                continue
            if not _is_read_only(field, verb) and _is_missing(row, name, verb):
                allowed = _what_it_takes(field)
                reason = f"is missing, and the layout {layout.get('name')} requires it"
                yield Problem(name, reason, allowed, "MANDATORY_NOT_FOUND", path=name)


def _is_on(field: Mapping[str, Any], layout: Mapping[str, Any]) -> bool:
    """Return whether a field is on a layout, or does not say where it is."""
    told = [str(each.get("id")) for each in objects_in(field.get("layout_associations"))]
    return not told or str(layout.get("id")) in told


def _check_fields(
    fields: _Fields, row: Mapping[str, Any], verb: Verb, module: object, path: str = ""
) -> Iterator[Problem]:
    """Yield what is wrong with the values of a row."""
    for name, field in fields.items():
        required = field.get("system_mandatory") and not _is_read_only(field, verb)
        if required and _is_missing(row, name, verb):
            allowed = _what_it_takes(field)
            yield Problem(name, "is missing", allowed, "MANDATORY_NOT_FOUND", path=path + name)
    for name, value in row.items():
        if not isinstance(name, str):
            raise TypeError(f"the name of a field is a str, not {type(name).__name__}")
        field = fields.get(name, {})
        if name in _BESIDE or (not field and name.startswith(("$", "_"))):
            continue
        if not field:
            nearest = tuple(difflib.get_close_matches(name, fields))
            reason = f"is no field of {module}, so Zoho ignores it"
            yield Problem(name, reason, nearest, "", path=path + name)
        elif _is_read_only(field, verb):
            reason = "is set by Zoho alone, which ignores it"
            yield Problem(name, reason, "", "", path=path + name)
        elif value is not None and not (field.get("system_mandatory") and _is_empty(value)):
            wrong = kind_of(field).check(field, value)
            if wrong is not None:
                yield Problem(name, *wrong, path=path + name)


def _check_subform(name: str, fields: _Fields, rows: object) -> Iterator[Problem]:
    """Yield what is wrong with the rows of a subform."""
    if not isinstance(rows, (list, tuple)):
        return
    for number, row in enumerate(rows):
        if isinstance(row, Mapping) and "_delete" not in row:
            verb: Verb = "update" if "id" in row else "create"
            path = f"{name}[{number}]."
            for problem in _check_fields(fields, row, verb, name, path):
                yield attrs.evolve(problem, field=name)


def _is_missing(row: Mapping[str, Any], name: str, verb: Verb) -> bool:
    """Return whether a row lacks what it must have; a change need not repeat it."""
    if verb == "update" and name not in row:
        return False
    return _is_empty(row.get(name))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, Mapping)) and not value)


def _what_it_takes(field: Mapping[str, Any]) -> Allowed:
    """Return what a field takes, as it is said of a value that it does not take."""
    wrong = kind_of(field).check(field, object())
    return choices_of(field) or (wrong[1] if wrong else "a value")


def _is_read_only(field: Mapping[str, Any], verb: Verb) -> bool:
    if field.get("read_only") is True or field.get("field_read_only") is True:
        return True
    allowed = field.get("operation_type")
    if isinstance(allowed, Mapping) and all(
        allowed.get(each) is False for each in _OF_FIELDS[verb]
    ):
        return True
    return kind_of(field).read_only
