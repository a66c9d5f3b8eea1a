"""What COQL needs to know of an org: its modules as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import attrs

from aiozcrm.testing._schema._types import TO_RECORDS, TO_USERS

__all__ = ["DATES", "NUMBERS", "REFERENCES", "Column", "Org", "Table"]

NUMBERS: Final = frozenset(
    {"integer", "bigint", "double", "currency", "percent", "formula", "rollup_summary"}
)
DATES: Final = frozenset({"date", "datetime"})
#: Types whose values lead to a record.
REFERENCES: Final = TO_USERS | TO_RECORDS | {"profile", "role"}


@attrs.frozen
class Column:
    """A field that can be asked for.

    Attributes:
        name: Its API name.
        type: Its type.
        to: The table that its values lead to; empty for none, or any.
    """

    name: str
    type: str
    to: str = ""


@attrs.frozen(kw_only=True, eq=False)
class Table:
    """The records of a module.

    Attributes:
        name: Its API name.
        id: The id of the module.
        columns: Its fields, ``id`` among them.
        rows: Its records, by id.
        version: A number that is another one after each change of the rows.
        value: Returns the value of a field of a record: of what leads to others, their id.
        title: Returns what a record is called where others name it.
        hidden: Whether it can only be reached from others.
    """

    name: str
    id: str
    columns: Mapping[str, Column]
    rows: Mapping[str, Any]
    version: int
    value: Callable[[Any, str], Any]
    title: Callable[[Any], str | None]
    hidden: bool = False


class Org(Protocol):
    """The tables of an org."""

    def table(self, name: str) -> Table | None:
        """Return a table; None if there is none of that name."""
        ...

    def view(self, table: str, view_id: str) -> Callable[[Any], bool] | None:
        """Return which records a custom view shows; None if the module has no such view."""
        ...

    def holder(self, record_id: str) -> Table | None:
        """Return the table that has a record."""
        ...

    @property
    def reach(self) -> int:
        """How many rows a query reaches."""
        ...
