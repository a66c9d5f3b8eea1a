"""The recycle bin of an org.

Source: https://www.zoho.com/crm/developer/docs/api/v7/get-recycle-bin.html and
del-recycle-bin-records.html.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_ids, succeeded
from aiozcrm.testing._families._paging import answer_page
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Gone
from aiozcrm.testing._schema._field import unknown_id
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import read_json

__all__ = ["RecycleBin"]

_PATH: Final = "/settings/recycle_bin"
_SORTS: Final = ("deleted_time", "display_name", "deleted_by")
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "greater_than": operator.gt,
    "less_than": operator.lt,
    "contains": lambda value, part: part in value,
    "not_contains": lambda value, part: part not in value,
    "starts_with": lambda value, part: value.startswith(part),
    "ends_with": lambda value, part: value.endswith(part),
}
#: How values of a row, and those in filters, become what can be compared.
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "display_name": str,
    "module": lambda value: value["api_name"] if isinstance(value, dict) else value,
    "deleted_by": lambda value: (value[0] if isinstance(value, list) else value)["id"],
    "deleted_time": dt.datetime.fromisoformat,
}


class RecycleBin(Family):
    """What was deleted, and is not deleted for good.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def ids(self) -> list[str]:
        """The ids of the records in the bin, in the order of their modules."""
        return [gone.row["id"] for _, gone in self._gone()]

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the bin."""
        lines: tuple[tuple[str, Callable[[Call], Answer], str], ...] = (
            (f"GET {_PATH}", self._list, "list"),
            (f"GET {_PATH}/{{id}}", self._get, "get"),
            (f"DELETE {_PATH}", self._delete_many, "delete"),
            (f"DELETE {_PATH}/{{id}}", self._delete, "delete"),
        )
        return tuple(
            Operation(line=line, run=run, verb=verb, family="recycle_bin")
            for line, run, verb in lines
        )

    def _list(self, call: Call) -> Answer:
        sort_by = call.query.get("sort_by", "deleted_time")
        if sort_by not in _SORTS:
            details = {"param_name": "sort_by", "supported_values": [*_SORTS]}
            raise rejected(400, "INVALID_DATA", "invalid data", **details)
        rows = self._chosen(call)
        rows.sort(key=lambda row: str(row[sort_by]), reverse=call.query.get("sort_order") != "asc")
        return answer_page(call, "recycle_bin", rows)

    def _get(self, call: Call) -> Answer:
        rows = [row for row in self._rows() if row["id"] == call.params["id"]]
        return Answer(200, {"recycle_bin": rows}) if rows else NO_CONTENT

    def _delete_many(self, call: Call) -> Answer:
        if "ids" not in call.query and "filters" in call.query:
            for row in self._chosen(call):
                self._drop(row["id"])
            message = "Bulk deletion of records based on filters has been scheduled"
            return Answer(202, {"recycle_bin": [succeeded(message, {}, code="SCHEDULED")]})

        def delete(_: int, record_id: str) -> Mapping[str, Any]:
            if record_id not in self.ids:
                raise unknown_id(id=record_id)
            return self._drop(record_id)

        return answer_items("recycle_bin", read_ids(call, most=100), delete)

    def _delete(self, call: Call) -> Answer:
        if call.params["id"] not in self.ids:
            raise wrong_id(2)
        return Answer(200, {"recycle_bin": [self._drop(call.params["id"])]})

    def _drop(self, record_id: str) -> Mapping[str, Any]:
        """Delete a record for good."""
        found = next(gone for _, gone in self._gone() if gone.row["id"] == record_id)
        found.permanent = True
        self._database.context.stats.note_done("delete", "recycle_bin", record_id)
        return succeeded("record deleted", {"id": record_id})

    def _gone(self) -> Iterator[tuple[str, Gone]]:
        for module in self._database.context.schema.modules:
            for gone in self._database.store(module).gone.values():
                if not gone.permanent:
                    yield module, gone

    def _rows(self) -> Iterator[dict[str, Any]]:
        users = self._database.users
        for module, gone in self._gone():
            yield {
                "owner": users.short(gone.row["Owner"]["id"]),
                "module": self._database.store(module).module.reference,
                "deleted_by": users.short(users.current_id),
                "id": gone.row["id"],
                "display_name": gone.name,
                "deleted_time": gone.deleted_time,
            }

    def _chosen(self, call: Call) -> list[dict[str, Any]]:
        """Return the rows that the parameters leave; ids go before filters."""
        rows = list(self._rows())
        if named := call.query.get("ids"):
            return [row for row in rows if row["id"] in named.split(",")]
        if not (text := call.query.get("filters")):
            return rows
        try:
            passes = _filter(read_json(text))
            return [row for row in rows if passes(row)]
        except (AttributeError, LookupError, TypeError, ValueError):
            raise rejected(403, "INVALID_DATA", "invalid data", param_name="filters") from None


def _filter(given: Any) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells whether a row passes a filter, or a group of them.

    Raises:
        KeyError: If something is unknown or missing.
    """
    if "group" in given:
        every = {"AND": all, "OR": any}[str(given["group_operator"]).upper()]
        parts = [_filter(part) for part in given["group"]]
        return lambda row: every(part(row) for part in parts)
    name, compare = given["field"]["api_name"], _COMPARED[given["comparator"]]
    read = _READ[name]
    wanted = read(given["value"])
    return lambda row: compare(read(row[name]), wanted)
