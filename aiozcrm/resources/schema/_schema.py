"""The schema of a module: what its records consist of, and what that is good for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NotRequired, TypedDict

import attr as attrs

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.schema._changes import SchemaChange, changes_between
from aiozcrm.resources.schema._checking import Problem, RowChecker, Verb
from aiozcrm.resources.schema._kinds import choices_of
from aiozcrm.resources.schema._source import SourceForm, write_source

if TYPE_CHECKING:
    from aiozcrm.resources.fields import Field
    from aiozcrm.resources.modules import Module

__all__ = ["Reference", "Schema"]

#: The form of what :meth:`Schema.to_json` writes.
_VERSION: Final = 1


class Reference(TypedDict):
    """A record or user, as another record names it."""

    id: str
    name: NotRequired[str | None]
    email: NotRequired[str]
    module: NotRequired[dict[str, Any]]


@attrs.frozen(kw_only=True)
class Schema:
    """What the records of a module consist of.

    https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html

    All of it is as Zoho sent it. Fields of unknown types are kept like all others, and take any
    value.

    Attributes:
        module: The module.
        fields: Its fields by their API names, in Zoho's order.
        layouts: Its layouts; None if Zoho does not show them, be it for want of a scope or since
            the module has none.
        subforms: The fields of the rows of its subforms, by the API names of the subforms, as far
            as Zoho shows them.
    """

    #: The scopes to read one. Without the last, a schema has no layouts.
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.settings.modules.{operation}",
        "ZohoCRM.settings.fields.{operation}",
        "ZohoCRM.settings.layouts.{operation}",
    )

    module: Module
    fields: Mapping[str, Field]
    layouts: Sequence[Mapping[str, Any]] | None = None
    subforms: Mapping[str, Mapping[str, Field]] = attrs.field(factory=dict)
    _checker: RowChecker = attrs.field(init=False, eq=False, repr=False)

    @_checker.default
    def _make_checker(self) -> RowChecker:
        return RowChecker(self.module, self.fields, self.layouts, self.subforms)

    @property
    def api_name(self) -> str:
        """The API name of the module."""
        return str(self.module.get("api_name", ""))

    @property
    def picklists(self) -> Mapping[str, tuple[str, ...]]:
        """The values of each field that has some to choose from, by the field's API name."""
        choices = ((name, choices_of(field)) for name, field in self.fields.items())
        return {name: values for name, values in choices if values}

    def check(self, row: Mapping[str, Any], verb: Verb = "create") -> list[Problem]:
        """Return everything in a row that Zoho would reject or ignore. Nothing is sent.

        .. code-block:: python

            schema = await zoho.schema("Leads")
            for problem in schema.check({"Email": "none", "Lead_Sorce": "Chat"}):
                print(problem.field, problem.reason, problem.allowed)

        It does not know what only Zoho knows: whether a unique value or an id exists, or which
        fields hold external ids in this call. A value that is none of a picklist's is a problem
        here; some picklists of Zoho's take it all the same.

        Args:
            row: What is to be written.
            verb: What is to be done with it: ``create``, ``update`` or ``upsert``. An update need
                not have what is mandatory; an upsert must, since it may create the record.

        Returns:
            The problems; those that Zoho ignores have ``rejected`` False.

        Raises:
            aiozcrm.errors.InvalidInputError: If *verb* is none of them.
            TypeError: If *row* is no mapping, or the name of a field is no text.
        """
        return list(self._checker.check(row, verb))

    def diff(self, other: Schema) -> list[SchemaChange]:
        """Return what differs in another schema, such as the current one from one that you saved.

        .. code-block:: python

            saved = Schema.load("leads.json")
            for change in saved.diff(await zoho.schema("Leads")):
                print(change)

        Ids, labels and times do not count, so schemas of two orgs can be compared. A field of the
        rows of a subform is named with the subform, as ``Skills.Years``.

        Args:
            other: The later one.

        Returns:
            The changes from this one to the other.
        """
        common = self.subforms.keys() & other.subforms.keys()
        sides = []
        for each in (self, other):
            rows = {
                f"{subform}.{name}": field
                for subform, fields in each.subforms.items()
                if subform in common
                for name, field in fields.items()
            }
            sides.append((each.module, {**each.fields, **rows}, each.layouts))
        return list(changes_between(*sides))

    def to_source(self, form: SourceForm = "typeddict", *, name: str | None = None) -> str:
        """Return source code that fits the module: a class for its rows, or a table.

        - ``typeddict``: for rows as they come, and for ``zoho.records(module, row=...)``
        - ``attrs`` and ``dataclass``: made of rows by ``from_row()``, and back by ``to_row()``; a
          field whose name Python does not allow has a similar one
        - ``sql``: CREATE TABLE for SQLite and others; of a lookup, the column holds the id, and
          what is no single value goes there as JSON

        The code is typed; mypy accepts it in strict mode.

        Args:
            form: Which of them.
            name: What the class is called; None for the name of one record of the module.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is no such form.
        """
        label = str(self.module.get("singular_label") or "")
        return write_source(form, module=self.api_name, name=name or label, fields=self.fields)

    def to_json(self) -> str:
        """Return all of it as JSON."""
        names = ("module", "fields", "layouts", "subforms")
        whole = {"version": _VERSION, **{name: getattr(self, name) for name in names}}
        return json.dumps(whole, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Return the schema that :meth:`to_json` has written.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has not.
        """
        try:
            told = json.loads(text)
            if told.pop("version") != _VERSION:
                raise ValueError("it is of another version")  # noqa: TRY301  # one way to say so
            subforms = {name: _named(rows) for name, rows in told.pop("subforms").items()}
            layouts = told.pop("layouts")
            return cls(
                module=dict(told.pop("module")),  # type: ignore[arg-type]  # as it was sent
                fields=_named(told.pop("fields")),
                layouts=None if layouts is None else [dict(layout) for layout in layouts],
                subforms=subforms,
                **told,
            )
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise InvalidInputError(f"This is no schema that was saved: {error!r}.") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, as JSON.

        Raises:
            OSError: If that cannot be.
        """
        Path(path).write_text(self.to_json() + "\n", "utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Schema:
        """Return the schema in a file that :meth:`save` has written.

        Raises:
            aiozcrm.errors.InvalidInputError: If another program has written it.
            OSError: If it cannot be read.
        """
        try:
            text = Path(path).read_text("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInputError(f"{os.fspath(path)} is no schema that was saved.") from error
        return cls.from_json(text)


def _named(fields: Any) -> dict[str, Any]:
    return {name: dict(field) for name, field in fields.items()}
