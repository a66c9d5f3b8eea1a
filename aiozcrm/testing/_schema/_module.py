"""Modules: what records of each have, and all modules of an org."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._standard import STANDARD, SYSTEM
from aiozcrm.testing._wire._answer import rejected

__all__ = ["Layout", "Module", "OrgSchema", "references"]

_FIRST_CUSTOM_MODULE: Final = 219001
_FIRST_CUSTOM_FIELD: Final = 220001
# How far the id of a module's first layout is from its own.
_LAYOUT: Final = 88_880


@attrs.frozen(kw_only=True)
class Layout:
    """What a layout means for records.

    Attributes:
        reference: What others say of it.
        fields: The API names of the fields on it.
        required: Those without which it takes no record.
    """

    reference: Mapping[str, Any]
    fields: frozenset[str]
    required: frozenset[str]


@attrs.define(kw_only=True, eq=False)
class Module:
    """A module of an org.

    Attributes:
        id: Its id.
        api_name: Its name in the API.
        singular: What one of its records is called.
        plural: What several are called.
        fields: What its records have, by API name.
        name: The field that stands for a record where others name it.
        checks: The field by which an upsert finds a record unless told otherwise; empty if the
            module has no upsert.
        custom: Whether somebody of the org made it.
        linking: The two lookups of a module whose records link others; empty for all others.
        modified_time: When it was changed last.
    """

    id: str
    api_name: str
    singular: str
    plural: str
    fields: dict[str, Field]
    name: str
    checks: str = ""
    custom: bool = False
    linking: tuple[str, ...] = ()
    modified_time: str

    @property
    def reference(self) -> dict[str, str]:
        """What others say of it."""
        return {"api_name": self.api_name, "id": self.id}

    @property
    def layout(self) -> dict[str, str]:
        """What others say of its first layout."""
        layout_id = str(int(self.id) + _LAYOUT)
        return {"api_name": "Standard__s", "name": "Standard", "id": layout_id}


class OrgSchema:
    """The modules of an org: those that every org has, and what is added.

    Args:
        make_id: Returns the id with a number within the org.
        ids: Returns ids that follow one another from a number within the org.
        now: Tells the time as answers do.

    Attributes:
        layouts_of: Returns the layouts of a module, by id; the settings of the org know them.
    """

    def __init__(
        self,
        *,
        make_id: Callable[[int], str],
        ids: Callable[[int], Iterator[str]],
        now: Callable[[], str],
    ) -> None:
        self._now = now
        self.layouts_of: Callable[[Module], Mapping[str, Layout]] = lambda _: {}
        self._module_ids = ids(_FIRST_CUSTOM_MODULE)
        self._field_ids = ids(_FIRST_CUSTOM_FIELD)
        self.modules: dict[str, Module] = {}
        for api_name, standard in STANDARD.items():
            self.modules[api_name] = Module(
                id=make_id(standard.id),
                api_name=api_name,
                singular=standard.singular,
                plural=api_name,
                fields=dict(_standard_fields(api_name, int(make_id(standard.first_field)))),
                name=standard.name,
                checks=standard.checks,
                modified_time=now(),
            )

    def find(self, name: str) -> Module | None:
        """Return the module with an API name or an id."""
        if name in self.modules:
            return self.modules[name]
        return next((module for module in self.modules.values() if module.id == name), None)

    def known(self, name: str) -> Module:
        """Return the module with an API name or an id.

        Raises:
            RejectedError: If there is none.
        """
        module = self.find(name)
        if module is None:
            message = "the module name given seems to be invalid"
            raise rejected(400, "INVALID_MODULE", message, param_name="module")
        return module

    def add_module(self, api_name: str, *, singular: str, plural: str) -> Module:
        """Add a module whose records have a name and nothing else of their own.

        Raises:
            ValueError: If there is one of that name, or Zoho would not name one so.
        """
        if api_name in self.modules or not api_name[:1].isupper() or not api_name.isidentifier():
            raise ValueError(f"{api_name!r} is taken, or is no name for a module")
        name = Field(api_name="Name", mandatory=True, length=120)
        module = Module(
            id=next(self._module_ids),
            api_name=api_name,
            singular=singular,
            plural=plural,
            fields={
                field.api_name: attrs.evolve(field, id=next(self._field_ids))
                for field in (*SYSTEM, name)
            },
            name="Name",
            checks="Name",
            custom=True,
            modified_time=self._now(),
        )
        self.modules[api_name] = module
        return module

    def add_field(self, module: Module, field: Field) -> Field:
        """Add a field to a module.

        Raises:
            ValueError: If there is one of that name.
        """
        if field.api_name in module.fields:
            raise ValueError(f"{module.api_name} has a field {field.api_name} already")
        added = self._numbered(field)
        module.fields[field.api_name] = added
        module.modified_time = self._now()
        return added

    def rows_of(self, subform: str) -> Mapping[str, Field]:
        """Return the fields of the rows of the subform with an API name; none without one."""
        fields = (module.fields.get(subform) for module in self.modules.values())
        return next((field.rows for field in fields if field and field.rows), {})

    def _numbered(self, field: Field) -> Field:
        rows = {name: self._numbered(row) for name, row in field.rows.items()}
        return attrs.evolve(field, id=next(self._field_ids), custom=True, rows=rows)


def references(layouts: Mapping[str, Layout], field: Field) -> list[Mapping[str, Any]]:
    """Return what is said of those of some layouts that a field is on."""
    return [each.reference for each in layouts.values() if field.api_name in each.fields]


# Fields do not change, and ids are the same each time: tests that start a server each share them.
@functools.lru_cache(maxsize=len(STANDARD) * 10)
def _standard_fields(module: str, first_id: int) -> Mapping[str, Field]:
    """Return the fields of a module that every org has, by API name."""
    fields = enumerate((*SYSTEM, *STANDARD[module].fields), first_id)
    return {field.api_name: attrs.evolve(field, id=str(own_id)) for own_id, field in fields}
