"""What Zoho would reject about a row, found before it is sent."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import attr as attrs

from aiozcrm._protocol import check_record_id
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.schema._kinds import (
    Allowed,
    Kind,
    choices_of,
    kind_of,
    objects_in,
    required_by,
)

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

#: https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html
_WITHOUT_UPSERT: Final = frozenset({"Calls", "Events", "Tasks"})

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
        self._name = str(module.get("api_name"))
        self._fields = fields
        self._layouts = layouts
        self._subforms = subforms
        self._made: dict[tuple[Verb, str, str], _Rules] = {}

    def check(self, row: Mapping[str, Any], verb: Verb) -> Iterator[Problem]:
        """Yield everything that is wrong with a row.

        Raises:
            aiozcrm.errors.InvalidInputError: If *verb* is none.
            TypeError: If it is no mapping, or the name of a field is no text.
        """
        if verb not in _OF_MODULES:
            raise InvalidInputError(
                f"{verb!r} is no way to write a row.", hint=f"Use one of: {', '.join(_OF_MODULES)}."
            )
        if not isinstance(row, Mapping):
            raise TypeError(f"a record is a mapping, not {type(row).__name__}")
        yield from self._check_as_a_whole(row, verb)
        layout = self._layout_of(row)
        if layout is None and self._layouts is not None and row.get("Layout") is not None:
            allowed = tuple(f"{each.get('id')} ({each.get('name')})" for each in self._layouts)
            yield Problem("Layout", "is no layout of the module", allowed, path="Layout")
        rules = self._rules(verb, layout=layout)
        yield from rules.check(row)
        for name in self._subforms:
            if name in rules.kinds:
                yield from self._check_subform(name, row.get(name))

    def _rules(
        self, verb: Verb, *, subform: str = "", layout: Mapping[str, Any] | None = None
    ) -> _Rules:
        """Return what rows of the module, or of a subform, have to be; it is found out once."""
        key = verb, subform, str(layout.get("id")) if layout else ""
        if key not in self._made:
            fields = self._subforms[subform] if subform else self._fields
            self._made[key] = _Rules(fields, verb, subform or self._name, layout)
        return self._made[key]

    def _check_subform(self, name: str, rows: object) -> Iterator[Problem]:
        """Yield what is wrong with the rows of a subform."""
        for number, row in enumerate(rows if isinstance(rows, (list, tuple)) else ()):
            if isinstance(row, Mapping) and "_delete" not in row:
                rules = self._rules("update" if "id" in row else "create", subform=name)
                for problem in rules.check(row, f"{name}[{number}]."):
                    yield attrs.evolve(problem, field=name)

    def _check_as_a_whole(self, row: Mapping[str, Any], verb: Verb) -> Iterator[Problem]:
        """Yield whether Zoho writes records of the module at all, and knows which one is meant."""
        if all(self._module.get(name) is False for name in _OF_MODULES[verb]) or (
            verb == "upsert" and self._name in _WITHOUT_UPSERT
        ):
            reason = f"cannot be written: records of {self._name} allow no {verb}"
            yield Problem("", reason, "", "NOT_ALLOWED")
        if verb == "update" and "id" in row:
            try:
                check_record_id(row["id"])
            except (TypeError, ValueError):
                yield Problem("id", f"is {row['id']!r}", "the id of a record", path="id")

    def _layout_of(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the layout that a row names; None if it names none that is known."""
        given = row.get("Layout")
        layout_id = str(given.get("id")) if isinstance(given, Mapping) else ""
        known = (layout for layout in self._layouts or () if str(layout.get("id")) == layout_id)
        return next(known, None)


class _Rules:
    """What a row has to be: one of a module, of a layout, or of a subform.

    Args:
        fields: The fields by their API names.
        verb: What is to be done with it.
        of: Where the fields belong to.
        layout: The layout that the row names, if it does.

    Attributes:
        kinds: What those fields take that can be set.
    """

    def __init__(
        self, fields: _Fields, verb: Verb, of: str, layout: Mapping[str, Any] | None = None
    ) -> None:
        self._fields = fields
        self._verb = verb
        self._of = of
        self.kinds: dict[str, Kind] = {}
        self._ignored: dict[str, str] = {}
        for name, field in fields.items():
            if name in _BESIDE:
                continue
            kind = kind_of(field)
            layouts = {str(each.get("id")) for each in objects_in(field.get("layout_associations"))}
            if layout is not None and layouts and str(layout.get("id")) not in layouts:
                self._ignored[name] = f"is not on the layout {layout.get('name')}"
            elif kind.read_only or _is_read_only(field, verb):
                self._ignored[name] = "is set by Zoho alone"
            else:
                self.kinds[name] = kind
        required = {}
        if layout is not None:
            why = f", and the layout {layout.get('name')} requires it"
            required = dict.fromkeys(required_by(layout), why)
        # What Zoho always requires is missing whatever the layout says.
        required |= {name: "" for name, field in fields.items() if field.get("system_mandatory")}
        self._required = {name: why for name, why in required.items() if name in self.kinds}

    def check(self, row: Mapping[str, Any], path: str = "") -> Iterator[Problem]:
        """Yield what is wrong with the values of a row that stands at *path*."""
        for name, why in self._required.items():
            # A change need not repeat what is there.
            if (name in row or self._verb != "update") and _is_empty(row.get(name)):
                wrong = self.kinds[name].check(self._fields[name], object())
                allowed = choices_of(self._fields[name]) or (wrong[1] if wrong else "a value")
                missing = f"is missing{why}"
                yield Problem(name, missing, allowed, "MANDATORY_NOT_FOUND", path=path + name)
        for name, value in row.items():
            if not isinstance(name, str):
                raise TypeError(f"the name of a field is a str, not {type(name).__name__}")
            problem = self._problem_of(name, value)
            if problem is not None:
                yield Problem(name, *problem, path=path + name)

    def _problem_of(self, name: str, value: object) -> tuple[str, Allowed, str] | None:
        """Return what is wrong with a value, what is allowed, and Zoho's code, if it has one."""
        if name in self.kinds:
            if value is None or (name in self._required and _is_empty(value)):
                return None
            wrong = self.kinds[name].check(self._fields[name], value)
            return wrong and (*wrong, "INVALID_DATA")
        if name in self._ignored:
            return f"{self._ignored[name]}, so Zoho ignores it", "", ""
        if name in _BESIDE or name.startswith(("$", "_")):
            return None
        nearest = tuple(difflib.get_close_matches(name, self._fields))
        return f"is no field of {self._of}, so Zoho ignores it", nearest, ""


def _is_read_only(field: Mapping[str, Any], verb: Verb) -> bool:
    if field.get("read_only") is True or field.get("field_read_only") is True:
        return True
    told = field.get("operation_type")
    allowed = told if isinstance(told, Mapping) else {}
    return all(allowed.get(each) is False for each in _OF_FIELDS[verb])


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, Mapping)) and not value)
