"""Calls that lock records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/lock-records.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._reading import Reading, asked_fields
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._field import Field, ItemError, missing
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import value_at

__all__ = ["Locking"]

_REASON: Final = "Locked_Reason__s"
_WRONG_LOCK: Final = "the related id given seems to be invalid"


class Locking:
    """Locks records, and unlocks them by the ids of their locks.

    Args:
        database: All records.
        reading: What reads pages.
    """

    def __init__(self, database: Database, reading: Reading) -> None:
        self._database = database
        self._reading = reading

    def list(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/Locking_Information__s``."""
        store, record_id = self._database.record_of(call)
        fields = asked_fields(call, needed=True)
        place = self._reading.place_of(call)
        lock = store.locked.get(record_id)
        if lock is None or place.start:
            return NO_CONTENT
        shown = {name: lock[name] for name in (*fields, "id") if name in lock}
        info = self._reading.info_of(call, place, 1, more=False)
        return Answer(200, {"data": [shown], "info": info})

    def get(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/Locking_Information__s/{lock_id}``."""
        store, record_id = self._database.record_of(call)
        lock = store.locked.get(record_id)
        if lock is None or lock["id"] != call.params["lock_id"]:
            return NO_CONTENT
        fields = asked_fields(call, needed=False) or list(lock)
        shown = {name: lock[name] for name in (*fields, "id") if name in lock}
        return Answer(200, {"data": [shown]})

    def lock(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{id}/Locking_Information__s``."""
        store, record_id = self._database.record_of(call)
        database = self._database

        def lock(index: int, item: Any) -> Mapping[str, Any]:
            reason = _reason_in(item, index)
            if record_id in store.locked:
                raise ItemError("NOT_ALLOWED", "record is already locked", {}, status=403)
            made = database.lock(store, record_id, reason)
            database.context.stats.note_done("lock", store.module.api_name, record_id)
            user = {name: database.context.user[name] for name in ("name", "id")}
            stamps = {"Created_By": user, "Modified_By": user}
            times = dict.fromkeys(("Created_Time", "Modified_Time"), made["Locked_Time__s"])
            return succeeded("record added", {**times, **stamps, "id": made["id"]})

        return answer_items("data", read_items(call, "data", most=1), lock, success=201)

    def update(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/Locking_Information__s/{lock_id}``."""
        _, lock = self._lock_of(call)

        def update(index: int, item: Any) -> Mapping[str, Any]:
            lock[_REASON] = _reason_in(item, index)
            return succeeded("relation updated", {"id": lock["id"]})

        return answer_items("data", read_items(call, "data", most=1), update)

    def unlock(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}/Locking_Information__s/{lock_id}``."""
        store, lock = self._lock_of(call)
        if lock["Lock_Source__s"] == "Automatic":
            message = "automatic locks cannot be removed"
            raise rejected(403, "NOT_ALLOWED", message, resource_path_index=3)
        del store.locked[call.params["id"]]
        module = store.module.api_name
        self._database.context.stats.note_done("unlock", module, call.params["id"])
        return Answer(200, {"data": [succeeded("relation removed", {"id": lock["id"]})]})

    def _lock_of(self, call: Call) -> tuple[Store, Row]:
        store, record_id = self._database.record_of(call)
        lock = store.locked.get(record_id)
        if lock is None or lock["id"] != call.params["lock_id"]:
            raise rejected(400, "INVALID_DATA", _WRONG_LOCK, resource_path_index=3)
        return store, lock


def _reason_in(item: Any, index: int) -> Any:
    reason = value_at(item, _REASON)
    if not reason:
        raise missing(Field(api_name=_REASON), f"$.data[{index}].{_REASON}")
    return reason
