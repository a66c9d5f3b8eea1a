"""What differs between two schemas of a module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import attr as attrs

from aiozcrm.resources.schema._kinds import choices_of, required_by

__all__ = ["SchemaChange", "changes_between"]

#: The fields of a module by their API names.
_Fields: TypeAlias = Mapping[str, Mapping[str, Any]]

_OF_MODULE: Final = ("api_supported", "creatable", "editable", "deletable", "viewable")
#: What decides on the values of a field; ids, labels and times may differ between orgs.
_OF_FIELD: Final = (
    *("data_type", "json_type", "length", "decimal_place"),
    *("system_mandatory", "read_only", "field_read_only"),
)


@attrs.frozen
class SchemaChange:
    """Something about a module that differs from another schema of it.

    Attributes:
        field: The API name of the field; empty if it is about the module.
        what: What differs: ``field`` if all of it was added or removed, else a key of the field as
            Zoho sends it, such as ``length`` or ``pick_list_values``; ``layouts``, or
            ``required by`` and the name of one.
        old: What it was; None if it was not there. Of picklists and layouts, those that are gone.
        new: What it is now; None if it is gone. Of picklists and layouts, those that are new.
    """

    field: str
    what: str
    old: Any
    new: Any

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """Whether a field was ``added``, ``removed`` or ``changed``."""
        if self.what != "field":
            return "changed"
        return "added" if self.old is None else "removed"

    def __str__(self) -> str:
        if self.what == "field":
            return f"{self.field}: {self.kind} ({self.new if self.old is None else self.old})"
        return f"{self.field or 'the module'}: {self.what} was {self.old!r}, is {self.new!r}"


def changes_between(
    old: tuple[Mapping[str, Any], _Fields, Sequence[Mapping[str, Any]] | None],
    new: tuple[Mapping[str, Any], _Fields, Sequence[Mapping[str, Any]] | None],
) -> Iterator[SchemaChange]:
    """Yield what differs between two modules, with their fields and layouts."""
    for name in _OF_MODULE:
        if old[0].get(name) != new[0].get(name):
            yield SchemaChange("", name, old[0].get(name), new[0].get(name))
    before, after = old[1], new[1]
    for name, field in before.items():
        if name not in after:
            yield SchemaChange(name, "field", field.get("data_type") or "unknown", None)
    for name, field in after.items():
        if name not in before:
            yield SchemaChange(name, "field", None, field.get("data_type") or "unknown")
        else:
            yield from _changes_of(name, before[name], field)
    if old[2] is not None and new[2] is not None:
        yield from _changes_of_layouts(old[2], new[2])


def _changes_of(
    name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[SchemaChange]:
    was, is_now = _facts_of(old), _facts_of(new)
    for what, value in is_now.items():
        if was[what] != value:
            yield SchemaChange(name, what, was[what], value)
    chosen, choices = choices_of(old), choices_of(new)
    gone = tuple(each for each in chosen if each not in choices)
    added = tuple(each for each in choices if each not in chosen)
    if gone or added:
        yield SchemaChange(name, "pick_list_values", gone, added)


def _facts_of(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides on the values of a field."""
    operations = field.get("operation_type")
    lookup = field.get("lookup")
    module = lookup.get("module") if isinstance(lookup, Mapping) else None
    return {
        **{name: field.get(name) for name in _OF_FIELD},
        "unique": bool(field.get("unique")),
        "external": bool(field.get("external")),
        "lookup": module.get("api_name") if isinstance(module, Mapping) else None,
        **{
            name: operations.get(name) if isinstance(operations, Mapping) else None
            for name in ("api_create", "api_update")
        },
    }


def _changes_of_layouts(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[SchemaChange]:
    """Yield which layouts are gone or new, and what those require that are neither."""
    before, after = ({str(each.get("name")): each for each in told} for told in (old, new))
    gone = tuple(name for name in before if name not in after)
    added = tuple(name for name in after if name not in before)
    if gone or added:
        yield SchemaChange("", "layouts", gone, added)
    for layout, told in after.items():
        was, is_now = set(required_by(before.get(layout, told))), set(required_by(told))
        for name in sorted(was ^ is_now):
            yield SchemaChange(name, f"required by {layout}", name in was, name in is_now)
