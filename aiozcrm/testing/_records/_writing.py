"""Calls that write records: insert, update, upsert, delete, clone.

Source: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html and its neighbours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import moment_of
from aiozcrm.testing._families._items import answer_items, read_ids, succeeded
from aiozcrm.testing._records._checking import check_unique, read_row
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._external import External
from aiozcrm.testing._records._store import Change, Row, Store
from aiozcrm.testing._schema._field import Field, ItemError, read_object, unknown_id
from aiozcrm.testing._wire._answer import Answer, RejectedError, error, rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import value_at

__all__ = ["Writing"]

_MOST: Final = 100
_NOT_CLONED: Final = frozenset({"fileupload", "imageupload"})
_NOT_DELETED: Final = "record not deleted"
_LOCKED: Final = "Sorry, you cannot perform this operation as the record is locked."


class Writing:
    """What can be written, in every module.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, call: Call) -> Answer:
        """Answer ``POST /{module}``."""
        return self.insert_into(call, self._database.store_of(call))

    def insert_into(
        self, call: Call, store: Store, complete: Callable[[Any], Any] = lambda item: item
    ) -> Answer:
        """Create the records that a call holds.

        Args:
            call: The call.
            store: Where to keep them.
            complete: Adds to an item what follows from the path.
        """
        rows = _read_rows(call)
        state = {} if store.module.api_name == "Notes" else {"$approval_state": "approved"}

        def insert(index: int, item: Any) -> Mapping[str, Any]:
            details = self.insert_one(store, complete(item), index)
            return succeeded("record added", {**details, **state})

        return answer_items("data", rows, insert, success=201)

    def update_many(self, call: Call) -> Answer:
        """Answer ``PUT /{module}``."""
        store = self._database.store_of(call)
        return self.update_in(call, store, store.rows)

    def update_in(self, call: Call, store: Store, known: Container[str]) -> Answer:
        """Change the records that a call names.

        Args:
            call: The call.
            store: The records of their module.
            known: The ids of those that it may name.
        """
        external = External.of(call, store.module.api_name)
        rows = _read_rows(call)

        def update(index: int, item: Any) -> Mapping[str, Any]:
            name = external.field if external else "id"
            place = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
            if value_at(item, name) is None:
                raise ItemError("MANDATORY_NOT_FOUND", "required field not found", place)
            record_id = external.find(store, item[name]) if external else str(item["id"])
            if record_id not in known:
                raise unknown_id(**place)
            return self.update_one(call, store, record_id, item, index)

        return answer_items("data", rows, update)

    def update(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}``."""
        store, record_id = self._database.record_of(call)
        rows = _read_rows(call, most=1)
        return answer_items(
            "data",
            rows,
            lambda index, item: self.update_one(call, store, record_id, item, index),
        )

    def upsert(self, call: Call) -> Answer:
        """Answer ``POST /{module}/upsert``."""
        store = self._database.store_of(call)
        checks = _check_fields(store, call)
        rows = _read_rows(call)

        def upsert(index: int, item: Any) -> Mapping[str, Any]:
            given = read_object(item, "data", f"$.data[{index}]")
            for name in checks:
                found = store.find(name, given[name]) if given.get(name) is not None else ()
                if found:
                    result = self.update_one(call, store, found[0], item, index)
                    return {**result, "duplicate_field": name, "action": "update"}
            details = self.insert_one(store, item, index)
            return succeeded("record added", details, duplicate_field=None, action="insert")

        return answer_items("data", rows, upsert)

    def delete(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}``."""
        return self.delete_from(call, *self._database.record_of(call, said=_NOT_DELETED))

    def delete_from(self, call: Call, store: Store, record_id: str) -> Answer:
        """Delete a record that is there."""
        return answer_items("data", [record_id], lambda _, each: self._delete(call, store, each))

    def delete_many(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}?ids=``."""
        store, external = self._database.store_of(call), External.of(call)
        names = read_ids(call, most=_MOST, external=external is not None)

        def delete(_: int, name: str) -> Mapping[str, Any]:
            record_id = external.find(store, name) if external else name
            if record_id not in store.rows:
                raise ItemError("INVALID_DATA", _NOT_DELETED, {"id": name})
            return self._delete(call, store, record_id)

        return answer_items("data", names, delete)

    def clone(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{id}/actions/clone``."""
        store, record_id = self._database.record_of(call)
        given = call.json_object().get("data") if call.body else None
        changes = [{}] if given in (None, []) else _read_rows(call, most=1)

        def clone(index: int, item: Any) -> Mapping[str, Any]:
            changed, fields = read_object(item, "data", "$.data[0]"), store.module.fields
            row = {
                name: value
                for name, value in store.rows[record_id].items()
                if name in fields and _is_cloned(fields[name])
            }
            values = {**row, **read_row(self._database, store, {**row, **changed}, index, None)}
            check_unique(self._database, store, values, index, None)
            state = {"$approval_state": "approved"}
            details = self._stamps(store, self.add(store, values))
            return succeeded("record added", {**details, **state})

        return answer_items("data", changes, clone, success=201)

    def add(self, store: Store, values: Row, *, by_call: bool = True) -> str:
        """Keep a new record and return its id.

        Args:
            store: The records of its module.
            values: What is set of it.
            by_call: Whether a call created it, and it counts.
        """
        now, user = self._database.context.now(), {"id": self._database.users.current_id}
        row: Row = {
            "Owner": user,
            "Created_By": user,
            "Modified_By": user,
            "Created_Time": now,
            "Modified_Time": now,
            "Tag": [],
            **values,
        }
        record_id = store.insert(row)
        if by_call:
            name = self._database.name_of(store.module, row)
            self._database.context.stats.note_done("create", store.module.api_name, record_id, name)
        return record_id

    def insert_one(self, store: Store, item: Any, index: int) -> Mapping[str, Any]:
        """Create a record and return its id, who created it, and when.

        Args:
            store: The records of its module.
            item: What is set of it.
            index: The place of the item in the body.

        Raises:
            ItemError: If it cannot be created so.
        """
        values = read_row(self._database, store, item, index, None)
        check_unique(self._database, store, values, index, None)
        return self._stamps(store, self.add(store, values))

    def update_one(
        self, call: Call, store: Store, record_id: str, item: Any, index: int
    ) -> Mapping[str, Any]:
        """Change a record and return what is said of it.

        Args:
            call: The call.
            store: The records of its module.
            record_id: The record.
            item: What is set of it.
            index: The place of the item in the body.

        Raises:
            ItemError: If it cannot be changed so.
        """
        row = store.rows[record_id]
        if record_id in store.locked:
            place = {"api_name": "id", "json_path": f"$.data[{index}].id"}
            raise ItemError("RECORD_LOCKED", _LOCKED, {**place, "action": "record_locking"})
        unmodified_since = moment_of(call.headers.get("If-Unmodified-Since", ""))
        if unmodified_since and dt.datetime.fromisoformat(row["Modified_Time"]) > unmodified_since:
            message = "record updated time has already passed if-unmodified-since time"
            stamps = self._stamps(store, record_id)
            raise ItemError("ALREADY_MODIFIED", message, stamps, status=412)
        values = read_row(self._database, store, item, index, row)
        check_unique(self._database, store, values, index, record_id)
        user = {"id": self._database.users.current_id}
        now = self._database.context.now()
        old_and_new = {
            name: (row.get(name), value) for name, value in values.items() if row.get(name) != value
        }
        change = Change(time=now, action="updated", values=old_and_new)
        store.changes.setdefault(record_id, []).append(change)
        store.update(record_id, {**values, "Modified_Time": now, "Modified_By": user})
        self._database.context.stats.note_done("update", store.module.api_name, record_id)
        details = {**self._stamps(store, record_id), **External.told(call, store, record_id)}
        if store.module.api_name == "Notes":
            # Only here Zoho has these keys in lower case.
            details = {name.lower(): value for name, value in details.items()}
        return succeeded("record updated", details)

    def _delete(self, call: Call, store: Store, record_id: str) -> Mapping[str, Any]:
        if record_id in store.locked:
            details = {"action": "record_locking", "id": record_id}
            raise ItemError("RECORD_LOCKED", _LOCKED, details)
        details = {"id": record_id, **External.told(call, store, record_id)}
        name = self._database.name_of(store.module, store.rows[record_id])
        store.delete(record_id, name=name, time=self._database.context.now())
        self._database.context.stats.note_done("delete", store.module.api_name, record_id)
        return succeeded("record deleted", details)

    def _stamps(self, store: Store, record_id: str) -> dict[str, Any]:
        row, users = store.rows[record_id], self._database.users
        shown = {name: users.short(row[name]["id"]) for name in ("Created_By", "Modified_By")}
        times = {name: row[name] for name in ("Created_Time", "Modified_Time")}
        return {"id": record_id, **shown, **times}


def _read_rows(call: Call, *, most: int = _MOST) -> list[Any]:
    """Return the rows of a body.

    Raises:
        RejectedError: If there are none, or too many.
    """
    rows = call.json_object().get("data")
    place = {"api_name": "data", "json_path": "$.data"}
    if rows is None:
        raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
    if not isinstance(rows, list) or not rows:
        details = {"expected_data_type": "jsonarray", **place}
        raise rejected(400, "INVALID_DATA", "invalid data", **details)
    if len(rows) > most:
        message = "count of records in your request exceeds the limit"
        told = error("LIMIT_EXCEEDED", message, {"maximum_length": most, "api_name": "data"})
        raise RejectedError(Answer(400, {"data": [told]}))
    return rows


def _is_cloned(field: Field) -> bool:
    """Return whether clones have the value of a field, too."""
    return not (field.is_read_only or field.external or field.type in _NOT_CLONED)


def _check_fields(store: Store, call: Call) -> Sequence[str]:
    """Return the fields by which an upsert finds records, in their order.

    Those that users made unique always count; the module's own only if it is named, or none is.
    """
    module = store.module
    unique = [name for name, field in module.fields.items() if field.unique or field.external]
    known = [name for name in (module.checks, *unique) if name]
    if not module.checks:
        message = "the given module is not supported in api"
        raise rejected(400, "INVALID_MODULE", message, resource_path_index=0)
    given = call.json_object().get("duplicate_check_fields")
    if given is None:
        return list(dict.fromkeys(known))
    names = given if isinstance(given, list) else [given]
    for index, name in enumerate(names):
        if name not in known:
            place = {"json_path": f"$.duplicate_check_fields[{index}]"}
            details = {"supported_values": known, **place}
            raise rejected(400, "INVALID_DATA", "invalid data", **details)
    return list(dict.fromkeys([*names, *unique]))
