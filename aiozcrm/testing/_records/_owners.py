"""Calls that give records to other users.

Source: https://www.zoho.com/crm/developer/docs/api/v7/change-owner.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_body_ids, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Store
from aiozcrm.testing._schema._field import ItemError, unknown_id
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Owners", "free_record"]

_LOCKED: Final = "You cannot perform this operation as the record is locked."


class Owners:
    """Gives records to other users.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, call: Call) -> Answer:
        """Answer ``POST /{module}/actions/change_owner``, and the same for one record."""
        store, body = self._database.store_of(call), call.json_object()
        owner, one = self.owner_in(body), call.params.get("id")

        def change(_: int, record_id: Any) -> Mapping[str, Any]:
            return self.give(store, record_id, owner)

        return answer_items("data", [one] if one else read_body_ids(body), change)

    def owner_in(self, body: Mapping[str, Any]) -> str:
        """Return the id of the user that a body names.

        Raises:
            RejectedError: If there is none.
        """
        given = body.get("owner")
        if not isinstance(given, dict) or "id" not in given:
            place = {"api_name": "owner", "json_path": "$.owner"}
            raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
        owner = self._database.users.reference(str(given["id"]))
        if owner is None:
            place = {"api_name": "id", "json_path": "$.owner.id"}
            raise rejected(400, "INVALID_DATA", "invalid data", **place)
        return str(owner["id"])

    def give(self, store: Store, record_id: Any, owner: str) -> Mapping[str, Any]:
        """Give a record to a user, and return what is said of it.

        Raises:
            ItemError: If there is none, or it is locked.
        """
        own = free_record(store, record_id)
        store.update(own, {"Owner": {"id": owner}})
        self._database.context.stats.note_done("change_owner", store.module.api_name, own)
        return succeeded("owner is successfully updated", {"id": own})


def free_record(store: Store, record_id: Any) -> str:
    """Return the id of a record that may be changed.

    Raises:
        ItemError: If there is none, or it is locked.
    """
    row = store.rows.get(str(record_id))
    if row is None:
        raise unknown_id(id=record_id)
    if row["id"] in store.locked:
        details = {"action": "record_locking", "id": row["id"]}
        raise ItemError("RECORD_LOCKED", _LOCKED, details)
    return str(row["id"])
