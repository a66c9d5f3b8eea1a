"""All records of an org, and what they say of one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._tags import Tags
from aiozcrm.testing._families._users import Users
from aiozcrm.testing._records._external import External
from aiozcrm.testing._records._links import Links
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._schema._types import TO_USERS
from aiozcrm.testing._wire._answer import WRONG_ID, rejected
from aiozcrm.testing._wire._call import Call, snapshot_of

__all__ = ["Database"]

_FIRST_ID: Final = 1_000_001
# The configuration that lets records be locked, and its rule.
_LOCKING: Final = 758_004
# What is not in lists, and comes with a single record alone.
_IN_FULL: Final = frozenset({"subform", "multiselectlookup"})
_STATES: Final[Mapping[str, Any]] = {
    "$currency_symbol": "€",
    "$editable": True,
    "$in_merge": False,
    "$field_states": None,
    "$locked_for_me": False,
    "$approval_state": "approved",
    "$approved": True,
    "$approval": dict.fromkeys(("delegate", "takeover", "approve", "reject", "resubmit"), False),
    "$review_process": dict.fromkeys(("approve", "reject", "resubmit"), False),
    "$process_flow": False,
    "$zia_visions": None,
}


class Database:
    """The records of every module of an org.

    Args:
        context: The org.
        users: Its users.
        tags: Its tags.
        roles: The roles of contacts in its deals.
    """

    def __init__(self, context: OrgContext, users: Users, tags: Tags, roles: Collection) -> None:
        self.context = context
        self.users = users
        self.tags = tags
        self.roles = roles
        self.links = Links()
        self._ids = context.ids(_FIRST_ID)
        self._stores: dict[str, Store] = {}

    def new_id(self) -> str:
        """Return the id of something new."""
        return next(self._ids)

    def store(self, name: str) -> Store:
        """Return the records of the module with an API name.

        Raises:
            KeyError: If there is no such module.
        """
        if name not in self._stores:
            module = self.context.schema.modules[name]
            self._stores[name] = Store(module, self.new_id, partial(self.context.tell, name))
        return self._stores[name]

    def snapshot(self) -> Callable[[], None]:
        """Return what brings back the records that there are now."""
        # So that a module without records has a store, too.
        stores = [self.store(name) for name in self.context.schema.modules]
        kept = [snapshot_of(self, "links"), *(store.snapshot() for store in stores)]

        def restore() -> None:
            for bring_back in kept:
                bring_back()

        return restore

    def store_of(self, call: Call) -> Store:
        """Return the records of the module that a call names first in its path.

        Raises:
            RejectedError: If there is no such module.
        """
        try:
            return self.store(call.segments[0])
        except KeyError:
            message = "the module name given seems to be invalid"
            raise rejected(400, "INVALID_MODULE", message, resource_path_index=0) from None

    def record_of(self, call: Call, *, said: str = WRONG_ID) -> tuple[Store, str]:
        """Return the id of the record that a call's path names first, and those of its module.

        Args:
            call: The call.
            said: What Zoho says if there is none.

        Raises:
            RejectedError: If there is no such module or record.
        """
        store, external = self.store_of(call), External.of(call)
        name = call.segments[1]
        record_id = external.find(store, name) if external else name
        if record_id not in store.rows:
            raise rejected(400, "INVALID_DATA", said, resource_path_index=1)
        return store, record_id

    def name_of(self, module: Module, row: Row) -> str:
        """Return what a record is called where others name it."""
        if module.name == "Full_Name":
            return f"{row.get('First_Name') or ''} {row.get('Last_Name') or ''}".strip()
        return str(row.get(module.name) or "")

    def exists(self, module: str, record_id: str) -> bool:
        """Return whether there is such a record; of any module, if none is named."""
        if module:
            return module in self.context.schema.modules and record_id in self.store(module).rows
        return any(record_id in store.rows for store in self._stores.values())

    def reference(self, module: str, record_id: str) -> dict[str, Any]:
        """Return what others say of a record, whether it is still there or not."""
        stores = [self.store(module)] if module else self._stores.values()
        for store in stores:
            if row := store.rows.get(record_id):
                return {"name": self.name_of(store.module, row), "id": record_id}
        return {"name": None, "id": record_id}

    def value_of(self, row: Row, field: Field, module: Module) -> Any:
        """Return a value as the API shows it."""
        value = row.get(field.api_name)
        if field.api_name == "Full_Name":
            return self.name_of(module, row)
        if field.api_name == "Tag":
            return [self.tags.reference(tag_id) for tag_id in value or ()]
        return value if value is None else self._shown(value, field)

    def _shown(self, value: Any, field: Field) -> Any:
        """Return what a value leads to; all others as they are."""
        if field.type in TO_USERS:
            return self.users.reference(value["id"])
        if field.type == "lookup":
            return self.reference(field.lookup, value["id"])
        if field.type == "multi_module_lookup":
            of = self.context.schema.find(value.get("module", ""))
            told = self.reference(value.get("module", ""), value["id"])
            return {**({"module": of.reference} if of else {}), **told}
        return value

    def show(self, row: Row, module: Module, names: Iterable[str]) -> dict[str, Any]:
        """Return a record as lists show it, with the fields that are asked for."""
        fields = module.fields
        shown = {
            name: self.value_of(row, fields[name], module)
            for name in names
            if name in fields and fields[name].type not in _IN_FULL
        }
        return {**shown, "id": row["id"]}

    def show_all(self, row: Row, module: Module, store: Store) -> dict[str, Any]:
        """Return a record as it is shown by itself."""
        full = [field for field in module.fields.values() if field.type in _IN_FULL]
        shown = {name: self.value_of(row, field, module) for name, field in module.fields.items()}
        return {
            **shown,
            **{field.api_name: row.get(field.api_name) or [] for field in full},
            **_STATES,
            **_conversion(row, module),
            "Locked__s": row["id"] in store.locked,
            "Record_Status__s": "Available",
            "$has_more": {field.api_name: False for field in full},
            "id": row["id"],
        }

    def link(
        self, record_id: str, module: str, other_id: str, related: str, values: Mapping[str, Any]
    ) -> None:
        """Link two records, or change their link. See `Links.put`."""
        before, now = self.links.of(record_id, related).get(other_id), self.context.now()
        member = before["$member_info"] if before else {"Created_Time": now, "id": self.new_id()}
        told = {**values, "$member_info": {**member, "Modified_Time": now}}
        self.links.put(record_id, module, other_id, related, told)

    def lock(self, store: Store, record_id: str, reason: str | None) -> Row:
        """Lock a record, and return its lock; without a reason, it is a rule that locks it."""
        by_hand = reason is not None
        lock = store.locked[record_id] = {
            "Locked_By__s": {key: self.context.user[key] for key in ("name", "id")}
            if by_hand
            else None,
            "Locked_For__s": {
                "module": store.module.reference,
                **self.reference(store.module.api_name, record_id),
            },
            "Locked_Reason__s": reason,
            "Record_Locking_Configuration_Id__s": self.context.id(_LOCKING),
            "Record_Locking_Rule_Id__s": None if by_hand else self.context.id(_LOCKING + 1),
            "$editable": True,
            "id": self.new_id(),
            "$sharing_permission": "full_access",
            "Lock_Source__s": "Manual" if by_hand else "Automatic",
            "Locked_Time__s": self.context.now(),
        }
        return lock

    def store_holding(self, record_id: str) -> Store:
        """Return the records among which there is one with this id."""
        return next(store for store in self._stores.values() if record_id in store.rows)

    def tagged(self, module: str, tag_id: str) -> Sequence[Row]:
        """Return the records of a module that have a tag."""
        if module not in self.context.schema.modules:
            return []
        return [row for row in self.store(module).all() if tag_id in row["Tag"]]


def _conversion(row: Row, module: Module) -> dict[str, Any]:
    """Return what a lead says of its conversion."""
    if "Converted__s" not in module.fields:
        return {}
    return {
        "$converted": bool(row.get("Converted__s")),
        "$converted_detail": row.get("_converted") or {},
    }
