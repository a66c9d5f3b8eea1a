"""Blueprints: processes that records go through, step by step.

Source: https://www.zoho.com/crm/developer/docs/api/v7/blueprint-details.html and
update-blueprint.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from aiozcrm.testing._families._items import read_items, succeeded
from aiozcrm.testing._records._checking import read_row
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import Answer, error_answer, rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["Blueprints"]


@attrs.frozen(kw_only=True)
class _Step:
    """A transition: the value that it starts from, the one that it leads to, and what it needs."""

    id: str
    name: str
    before: str
    after: str
    needs: Sequence[str]

    @property
    def reference(self) -> dict[str, str]:
        return {"name": self.name, "id": self.id, "type": "manual"}


@attrs.frozen(kw_only=True)
class _Process:
    """The process of a module."""

    id: str
    field: str
    steps: Sequence[_Step]

    def next_of(self, row: Row) -> list[_Step]:
        return [step for step in self.steps if step.before == row.get(self.field)]


class Blueprints:
    """The processes of an org, one a module.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._processes: dict[str, _Process] = {}

    def add(
        self, module: str, field: str, steps: Iterable[tuple[str, str, str, Sequence[str]]]
    ) -> dict[str, str]:
        """Let records of a module go through a process, and return the ids of its steps by name.

        Args:
            module: The module.
            field: The picklist that tells where a record is.
            steps: The name of each, the value before and after it, and the fields it asks for.
        """
        made = [
            _Step(id=self._database.new_id(), name=name, before=before, after=after, needs=needs)
            for name, before, after, needs in steps
        ]
        process = _Process(id=self._database.new_id(), field=field, steps=made)
        self._processes[module] = process
        return {step.name: step.id for step in made}

    def show(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/actions/blueprint``."""
        store, row, process = self._find(call)
        field = store.module.fields[process.field]
        value = row[process.field]
        info = {
            "field_id": field.id,
            "escalation": None,
            "is_continuous": False,
            "api_name": field.api_name,
            "continuous": False,
            "field_label": field.label or field.api_name.replace("_", " "),
            "name": "Process",
            "column_name": field.api_name.upper(),
            "field_value": value,
            "id": process.id,
            "field_name": field.label or field.api_name.replace("_", " "),
        }
        steps = [self._show(store, row, process, step) for step in process.next_of(row)]
        return Answer(200, {"blueprint": {"process_info": info, "transitions": steps}})

    def take(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/actions/blueprint``, which stands alone."""
        store, row, process = self._find(call)
        if row["id"] in store.locked:
            message = "You cannot perform this operation as the record is locked."
            raise rejected(400, "RECORD_LOCKED", message, resource_path_index=1)
        [item] = read_items(call, "blueprint", most=1)
        wanted = text_at(item, "transition_id")
        step = next((each for each in process.next_of(row) if each.id == wanted), None)
        if step is None:
            place = {"api_name": "transition_id", "json_path": "$.blueprint[0].transition_id"}
            if not wanted:
                raise rejected(400, "MANDATORY_NOT_FOUND", "mandatory param missing", **place)
            raise rejected(400, "INVALID_DATA", "invalid data", **place)
        data = value_at(item, "data")
        try:
            values = read_row(self._database, store, data if isinstance(data, dict) else {}, 0, row)
        except ItemError as problem:
            return error_answer(400, problem.code, problem.message, **problem.details)
        store.update(row["id"], values)
        lacks = [name for name in step.needs if not row.get(name)]
        if not lacks:
            store.update(row["id"], {process.field: step.after})
            stats = self._database.context.stats
            stats.note_done("transition", store.module.api_name, row["id"])
        said = "transition saved partially" if lacks else "transition updated successfully"
        return Answer(200, succeeded(said, {}))

    def _show(self, store: Store, row: Row, process: _Process, step: _Step) -> dict[str, Any]:
        fields = [store.module.fields[name] for name in step.needs]
        later = [other.reference for other in process.steps if other.before == step.after]
        return {
            **step.reference,
            "next_transitions": later,
            "data": {name: row.get(name) for name in step.needs},
            "next_field_value": step.after,
            "criteria_matched": True,
            "criteria_message": None,
            "fields": [
                {
                    "api_name": field.api_name,
                    "data_type": field.type,
                    "json_type": field.kind.json_type,
                    "_type": "fields",
                    "mandatory": True,
                    "transition_sequence": place,
                    "display_label": field.label or field.api_name.replace("_", " "),
                    "content": None,
                    "id": field.id,
                }
                for place, field in enumerate(fields, 1)
            ],
            "percent_partial_save": 0,
            "execution_time": None,
        }

    def _find(self, call: Call) -> tuple[Store, Row, _Process]:
        """Return the record that the path names, and its process.

        Raises:
            RejectedError: If there is none.
        """
        store, record_id = self._database.record_of(call)
        row = store.rows[record_id]
        process = self._processes.get(store.module.api_name)
        if process is None or not process.next_of(row):
            raise rejected(400, "RECORD_NOT_IN_PROCESS", "record not in process")
        return store, row, process
