"""The records of an org as tables for queries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._types import TO_USERS
from aiozcrm.testing._wire._answer import Answer, error_answer
from aiozcrm.testing._wire._call import Call

if TYPE_CHECKING:
    from aiozcrm.testing._coql import Column, Engine, Table

__all__ = ["Coql"]

_OF_USERS: Final = ("first_name", "last_name", "full_name", "email")


class Coql:
    """Answers queries over the records of an org.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine: Engine | None = None
        # Users are few, so their table is made anew for each query.
        self._versions = itertools.count(1)

    def run(self, call: Call) -> Answer:
        """Answer ``POST /coql``."""
        if self._engine is None:
            try:
                from aiozcrm.testing._coql import Engine  # noqa: PLC0415  # an extra
            except ImportError:
                message = (
                    "This local Zoho reads queries with lark, which is not installed. It needs "
                    "pip install 'aiozcrm[fake]', and then a new start"
                )
                return error_answer(501, "NOT_IN_THIS_FAKE", message, install="aiozcrm[fake]")
            self._engine = Engine(self)
        return self._engine.answer(call.json_object())

    @property
    def reach(self) -> int:
        """How many rows a query reaches."""
        return self._database.context.limits.page_tokens

    def table(self, name: str) -> Table | None:
        """Return the records of a module, or the users."""
        if name in {"Users", "Roles", "Profiles"}:
            return self._table_of_users(name)
        if name not in self._database.context.schema.modules:
            return None
        return self._table_of(self._database.store(name))

    def view(self, table: str, view_id: str) -> Callable[[Row], bool] | None:
        """Return which records a custom view shows."""
        schema = self._database.context.schema
        return self._database.store(table).views.get(view_id) if table in schema.modules else None

    def holder(self, record_id: str) -> Table | None:
        """Return the table that has a record."""
        for name in self._database.context.schema.modules:
            if record_id in self._database.store(name).rows:
                return self.table(name)
        return None

    def _table_of(self, store: Store) -> Table:
        from aiozcrm.testing._coql import Column, Table  # noqa: PLC0415  # an extra

        module = store.module

        def value(row: Row, name: str) -> Any:
            if name in {"Full_Name", "Tag"}:
                return self._database.value_of(row, module.fields[name], module)
            kept = row.get(name)
            return kept.get("id") if isinstance(kept, dict) else kept

        columns = {
            name: Column(name, field.type, "Users" if field.type in TO_USERS else field.lookup)
            for name, field in module.fields.items()
        }
        return Table(
            name=module.api_name,
            id=module.id,
            columns={**columns, "id": Column("id", "bigint")},
            rows=store.rows,
            version=store.version,
            value=value,
            title=lambda row: self._database.name_of(module, row),
        )

    def _table_of_users(self, name: str) -> Table:
        from aiozcrm.testing._coql import Column, Table  # noqa: PLC0415  # an extra

        users = {user_id: self._database.users.get(user_id) for user_id in self._database.users.ids}
        columns: dict[str, Column] = {"id": Column("id", "bigint")}
        if name == "Users":
            rows: dict[str, Any] = {
                user_id: {
                    **{each: user.get(each) for each in _OF_USERS},
                    "id": user_id,
                    "role": user["role"]["id"],
                    "profile": user["profile"]["id"],
                }
                for user_id, user in users.items()
            }
            columns |= {each: Column(each, "text") for each in _OF_USERS}
            columns |= {"role": Column("role", "role", "Roles")}
            columns |= {"profile": Column("profile", "profile", "Profiles")}
            title = "last_name"
        else:
            kind, title = name.lower().removesuffix("s"), "name"
            rows = {user[kind]["id"]: user[kind] for user in users.values()}
            columns |= {"name": Column("name", "text")}
        return Table(
            name=name,
            id="",
            columns=columns,
            rows=rows,
            version=next(self._versions),
            value=lambda row, field: row.get(field),
            title=lambda row: str(row[title]),
            hidden=name != "Users",
        )
