"""Calls about the notes of one record.

Source: https://www.zoho.com/crm/developer/docs/api/v7/create-notes.html and its neighbours.
"""

from __future__ import annotations

from typing import Any

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._related import rows_leading_to
from aiozcrm.testing._records._writing import Writing
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Notes"]


class Notes:
    """The notes of records, in every module.

    Args:
        database: All records.
        writing: What keeps them.
    """

    def __init__(self, database: Database, writing: Writing) -> None:
        self._database = database
        self._writing = writing

    def create(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{id}/Notes``."""
        parent, parent_id = self._database.record_of(call)
        leads_to = {"id": parent_id, "module": parent.module.reference}

        def complete(item: Any) -> Any:
            return {**item, "Parent_Id": leads_to} if isinstance(item, dict) else item

        return self._writing.insert_into(call, self._database.store("Notes"), complete)

    def update(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/Notes``."""
        return self._writing.update_in(call, self._database.store("Notes"), self._own_ids(call))

    def delete(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}/Notes/{note_id}``."""
        own = self._own_ids(call)
        note_id = call.params["note_id"]
        if note_id not in own:
            message = "the related id given seems to be invalid"
            raise rejected(400, "INVALID_DATA", message, resource_path_index=3)
        return self._writing.delete_from(call, self._database.store("Notes"), note_id)

    def _own_ids(self, call: Call) -> set[str]:
        parent, parent_id = self._database.record_of(call)
        notes = rows_leading_to(self._database.store("Notes"), parent, parent_id)
        return {note["id"] for note in notes}
