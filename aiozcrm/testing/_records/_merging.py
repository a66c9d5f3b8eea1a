"""Calls that merge records into one.

Source: https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html and get-merge-status.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._items import read_items, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._related import rows_leading_to
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._schema._types import TO_RECORDS, TYPES
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, error
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["Merging"]

_MERGED: Final = "The records have been merged successfully"
_SCHEDULED: Final = "The records have been scheduled for merge"
_AT_ONCE: Final = 1000
_MOST_CHILDREN: Final = 2
_OF_ROWS: Final = frozenset({"subform", "multiselectlookup", "fileupload", "imageupload"})


class Merging:
    """Merges records.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_jobs: dict[str, str] = {}

    def merge(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{master_id}/actions/merge``."""
        store, master_id = self._database.record_of(call)
        [item] = read_items(call, "merge", most=1)
        children = self._children(store, master_id, item)
        busy = any(
            len(rows) > _AT_ONCE
            for child in children
            for rows in self._related_rows(store, str(child["id"]))
        )
        self._carry_out(store, master_id, item, children)
        if not busy:
            return Answer(201, {"merge": [succeeded(_MERGED, {"id": master_id})]})
        job_id = self._database.context.jobs.start({"status": "COMPLETED"})
        self._last_jobs[master_id] = job_id
        told = succeeded(_SCHEDULED, {"job_id": job_id}, code="SCHEDULED")
        return Answer(201, {"merge": [told]})

    def show_job(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{master_id}/actions/merge``."""
        job_id = call.query.get("job_id") or self._last_jobs.get(call.params["master_id"], "")
        state = self._database.context.jobs.ask(job_id, {"status": "RUNNING"})
        if state is None:
            return NO_CONTENT
        return Answer(200, {"merge": [{"job_id": job_id, **state}]})

    def _children(self, store: Store, master_id: str, item: Any) -> list[Mapping[str, Any]]:
        """Return what is said of the records that are to go.

        Raises:
            RejectedError: If they cannot be merged.
        """
        children = value_at(item, "data")
        path = "$.merge[0].data"
        if children is None:
            raise _rejected("MANDATORY_NOT_FOUND", "required field not found", path, "data")
        if not isinstance(children, list) or not children:
            raise _rejected("INVALID_DATA", "invalid data", path, "data", minimum_length=1)
        if len(children) > _MOST_CHILDREN:
            raise _rejected("INVALID_DATA", "invalid data", path, "data", maximum_length=2)
        seen = {master_id}
        for index, child in enumerate(children):
            own, place = text_at(child, "id"), f"{path}[{index}].id"
            if own in seen:
                raise _rejected("DUPLICATE_DATA", "duplicate data", place, "id")
            if own not in store.rows:
                message = "the id given seems to be invalid"
                raise _rejected("INVALID_DATA", message, place, "id")
            if own in store.locked or master_id in store.locked:
                message = "the record is locked or waits for approval"
                raise _rejected("NOT_ALLOWED", message, place, "id")
            _check_fields(store.module, child, "_fields", f"{path}[{index}]")
            seen.add(own)
        _check_fields(store.module, item, "master_record_fields", "$.merge[0]")
        return children

    def _carry_out(
        self, store: Store, master_id: str, item: Mapping[str, Any], children: Sequence[Any]
    ) -> None:
        database = self._database
        values: Row = {
            field["api_name"]: _left(store.rows[master_id], field)
            for field in _fields(item, "master_record_fields")
            if "_data" in field
        }
        for child in children:
            own = str(child["id"])
            row = store.rows[own]
            for field in _fields(child, "_fields"):
                name = field["api_name"]
                taken = _left(row, field) if "_data" in field else row.get(name)
                if isinstance(taken, list):
                    taken = [*(values.get(name) or store.rows[master_id].get(name) or ()), *taken]
                values[name] = taken
            self._move(store, own, master_id)
            store.delete(own, name=database.name_of(store.module, row), time=database.context.now())
            database.context.stats.note_done("merge", store.module.api_name, own)
        store.update(master_id, {**values, "Modified_Time": database.context.now()})

    def _move(self, store: Store, own: str, master_id: str) -> None:
        """Let all that leads to a record lead to another one."""
        for rows in self._related_rows(store, own):
            for row in rows:
                of = self._database.store_holding(row["id"])
                for field in of.module.fields.values():
                    value = row.get(field.api_name)
                    if field.type in TO_RECORDS and value and value.get("id") == own:
                        of.update(row["id"], {field.api_name: {**value, "id": master_id}})
        self._database.links.move(own, master_id)

    def _related_rows(self, store: Store, own: str) -> Iterator[list[Row]]:
        for module in self._database.context.schema.modules:
            yield rows_leading_to(self._database.store(module), store, own)


def _fields(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = item.get(key)
    return [field for field in found if isinstance(field, dict)] if isinstance(found, list) else []


def _check_fields(module: Module, item: Mapping[str, Any], key: str, path: str) -> None:
    """Check that all fields are there, and hold rows where rows of theirs are named.

    Raises:
        RejectedError: If one is not, or does not.
    """
    for field in _fields(item, key):
        known, rows = module.fields.get(str(field.get("api_name"))), field.get("_data")
        if known is None:
            raise _rejected("INVALID_DATA", "invalid data", f"{path}.{key}", "api_name")
        is_right = rows is None or TYPES["subform"].accepts(rows)
        if "_data" in field and not (is_right and known.type in _OF_ROWS):
            raise _rejected("INVALID_DATA", "invalid data", f"{path}.{key}", "_data")


def _left(row: Row, field: Mapping[str, Any]) -> Any:
    """Return which files or rows of a record stay."""
    wanted = {str(each.get("id")) for each in field["_data"] or ()}
    return [part for part in row.get(field["api_name"]) or () if str(part.get("id")) in wanted]


def _rejected(
    code: str, message: str, json_path: str, api_name: str, **details: Any
) -> RejectedError:
    told = error(code, message, {"api_name": api_name, "json_path": json_path, **details})
    return RejectedError(Answer(400, {"merge": [told]}))
