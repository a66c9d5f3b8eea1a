"""Calls that tag records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/add-tags.html and remove-tags.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiozcrm.testing._families._items import answer_items, read_body_ids, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._owners import free_record
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Tagging"]

_Change = Callable[[Row, Sequence[str]], list[str]]


class Tagging:
    """Adds tags to records, and takes them away.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, call: Call) -> Answer:
        """Answer ``POST /{module}/actions/add_tags``, and the same for one record."""
        body = call.json_object()
        replaces = (
            body.get("over_write") in (True, "true") or call.query.get("over_write") == "true"
        )

        def change(row: Row, tags: Sequence[str]) -> list[str]:
            before = [] if replaces else row["Tag"]
            return [*before, *(tag for tag in tags if tag not in before)]

        return self._tag(call, body, change, counts=("success_count", "locked_count"))

    def remove(self, call: Call) -> Answer:
        """Answer ``POST /{module}/actions/remove_tags``, and the same for one record."""

        def change(row: Row, tags: Sequence[str]) -> list[str]:
            return [tag for tag in row["Tag"] if tag not in tags]

        return self._tag(call, call.json_object(), change, counts=("locked_count",))

    def _tag(
        self, call: Call, body: Mapping[str, Any], change: _Change, *, counts: Sequence[str]
    ) -> Answer:
        store = self._database.store_of(call)
        tags = self._tags(store, body.get("tags"))
        one = call.params.get("id")
        ids = [one] if one else read_body_ids(body)

        def tag(_: int, record_id: Any) -> Mapping[str, Any]:
            row = store.rows[free_record(store, record_id)]
            row["Tag"] = change(row, tags)
            self._database.context.stats.note_done("tag", store.module.api_name, row["id"])
            shown = [self._database.tags.reference(each) for each in row["Tag"]]
            return succeeded("tags updated successfully", {"id": row["id"], "tags": shown})

        answer = answer_items("data", ids, tag)
        if not one:
            codes = [item["code"] for item in answer.data["data"]]
            told = {"success_count": "SUCCESS", "locked_count": "RECORD_LOCKED"}
            answer.data.update({name: str(codes.count(told[name])) for name in counts})
        return answer

    def _tags(self, store: Store, given: Any) -> list[str]:
        """Return the ids of the tags that a body names; what is new is made."""
        if not isinstance(given, list) or not given:
            place = {"api_name": "tags", "json_path": "$.tags"}
            raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
        found = []
        for index, item in enumerate(given):
            tag_id = (
                self._database.tags.obtain(store.module.api_name, item)
                if isinstance(item, dict)
                else None
            )
            if tag_id is None:
                place = {"api_name": "tags", "json_path": f"$.tags[{index}]"}
                raise rejected(400, "INVALID_DATA", "invalid data", **place)
            found.append(tag_id)
        return found
