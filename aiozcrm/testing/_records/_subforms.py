"""Subforms, read as modules of their own.

Source: https://www.zoho.com/crm/developer/docs/api/v7/subforms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._reading import Reading, asked_fields
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call

__all__ = ["Subforms"]


class Subforms:
    """The rows of subforms, whichever record they belong to.

    Args:
        database: All records.
        reading: What reads records and pages.
    """

    def __init__(self, database: Database, reading: Reading) -> None:
        self._database = database
        self._reading = reading

    def list(self, call: Call) -> Answer:
        """Answer ``GET /{module}``, whose module may be a subform."""
        name = call.segments[0]
        if name in self._database.context.schema.modules or not self._modules_with(name):
            return self._reading.list(call)
        names = {*asked_fields(call, needed=True), "Parent_Id", "id"}
        rows = list(self._rows(name))
        if named := call.query.get("ids"):
            rows = [row for row in rows if row["id"] in named.split(",")]
        return self._reading.answer_rows(
            call, rows, lambda row: {key: row[key] for key in row if key in names}
        )

    def _modules_with(self, name: str) -> Sequence[str]:
        """Return the modules whose records have a subform of that name."""
        return [
            module.api_name
            for module in self._database.context.schema.modules.values()
            if name in module.fields and module.fields[name].type == "subform"
        ]

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        for module in self._modules_with(name):
            store = self._database.store(module)
            for record in store.all():
                parent = {"name": self._database.name_of(store.module, record), "id": record["id"]}
                for row in record.get(name) or ():
                    yield {**row, "Parent_Id": parent}
