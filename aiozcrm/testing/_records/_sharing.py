"""Calls that share records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/share-record.html and its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._schema._field import Field, ItemError, missing, read_object
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Sharing"]

_MOST: Final = {"users": 10, "groups": 5, "roles": 5}
_PERMISSIONS: Final = ("full_access", "read_only", "read_write")
_SHARED: Final = "record will be shared successfully"


class Sharing:
    """Shares records. It is done at once, though the answers say that it will be.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def show(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/actions/share``."""
        store, record_id = self._database.record_of(call)
        if call.query.get("view", "summary") != "summary":
            raise rejected(400, "PATTERN_NOT_MATCHED", "pattern not matched", param_name="view")
        wanted = call.query.get("sharedTo")
        shown = [
            share
            for share in store.shares.get(record_id, ())
            if wanted in {None, share["shared_with"] and share["shared_with"]["id"]}
        ]
        return Answer(200, {"share": shown}) if shown else NO_CONTENT

    def share(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{id}/actions/share``, which adds."""
        return self._put(call, "LIMIT_EXCEEDED", 201, adds=True)

    def replace(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/actions/share``: all others lose their access."""
        return self._put(call, "SHARE_LIMIT_EXCEEDED", 200, adds=False)

    def revoke(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}/actions/share``."""
        store, record_id = self._database.record_of(call)
        if not store.shares.pop(record_id, None):
            raise rejected(400, "BAD_REQUEST", "the record is not shared")
        module = store.module.api_name
        self._database.context.stats.note_done("unshare", module, record_id)
        return Answer(200, {"share": succeeded("Sharing Revoked", {"id": record_id})})

    def _put(self, call: Call, too_many: str, success: int, *, adds: bool) -> Answer:
        store, record_id = self._database.record_of(call)
        items = read_items(call, "share", most=sum(_MOST.values()))
        shares = [*store.shares.get(record_id, ())] if adds else []

        def share(index: int, item: Any) -> Mapping[str, Any]:
            shares.append(self._share(item, index, shares, alone=len(items) == 1))
            kinds = Counter(each["shared_with"]["type"] for each in shares if each["shared_with"])
            if any(count > _MOST[kind] for kind, count in kinds.items()):
                shares.pop()
                raise ItemError(too_many, "limit exceeded", {}, status=403)
            return succeeded(_SHARED, {})

        answer = answer_items("share", items, share, success=success)
        store.shares[record_id] = shares
        self._database.context.stats.note_done("share", store.module.api_name, record_id)
        return answer

    def _share(
        self, item: Any, index: int, shares: Sequence[Mapping[str, Any]], *, alone: bool
    ) -> dict[str, Any]:
        """Return what is kept of an item.

        Raises:
            ItemError: If it is not right.
        """
        path = f"$.share[{index}]"
        given = read_object(item, "share", path)
        if given.get("permission") not in _PERMISSIONS:
            raise _invalid(f"{path}.permission", supported_values=[*_PERMISSIONS])
        shared_with = given.get("shared_with")
        if given.get("type") == "public":
            if shared_with or not alone:
                place = {"api_name": "type", "json_path": f"{path}.type"}
                details = {"ambiguity_due_to": [place]}
                message = "ambiguity while processing the request"
                raise ItemError("AMBIGUITY_DURING_PROCESSING", message, details)
            shown = None
        else:
            shown = self._with(shared_with, path)
            if any(shown["id"] == (each["shared_with"] or {}).get("id") for each in shares):
                message = "record is already visible to the user"
                raise ItemError("INVALID_DATA", message, {"json_path": f"{path}.shared_with"})
        user = self._database.users.get(self._database.users.current_id)
        return {
            "shared_with": shown,
            "share_related_records": bool(given.get("share_related_records")),
            "shared_through": None,
            "shared_time": self._database.context.now(),
            "permission": given["permission"],
            "shared_by": {"name": user["full_name"], "id": user["id"], "zuid": user["zuid"]},
            "type": given.get("type", "private"),
        }

    def _with(self, given: Any, path: str) -> dict[str, Any]:
        """Return whom an item names; of groups and roles, the fake knows nothing more."""
        if not isinstance(given, dict) or "id" not in given:
            raise missing(Field(api_name="shared_with"), f"{path}.shared_with")
        kind, own = given.get("type", "users"), str(given["id"])
        if not isinstance(kind, str) or kind not in _MOST:
            raise _invalid(f"{path}.shared_with.type", supported_values=[*_MOST])
        if kind != "users":
            return {"name": None, "id": own, "type": kind}
        if own not in self._database.users.ids:
            raise _invalid(f"{path}.shared_with.id")
        user = self._database.users.get(own)
        return {"name": user["full_name"], "id": own, "type": kind, "zuid": user["zuid"]}


def _invalid(json_path: str, **details: Any) -> ItemError:
    return ItemError("INVALID_DATA", "invalid data", {"json_path": json_path, **details})
