"""Calls that change, delete, convert or give away many records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/mass-update-records.html, mass-delete.html,
mass-change-owner.html, mass-convert-lead.html, mass-inventory-convert.html and their states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing._families._items import answer_items, read_body_ids, read_items, succeeded
from aiozcrm.testing._records._converting import Converting
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._mass_criteria import meets
from aiozcrm.testing._records._owners import Owners, free_record
from aiozcrm.testing._records._store import Store
from aiozcrm.testing._records._writing import Writing
from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import WRONG_ID, Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Mass"]

#: Does something to a record of a job.
_Do = Callable[[Any], Mapping[str, Any]]

_MOST_CONVERTED: Final = 50
#: How many fields a call changes of each record.
_FIELDS: Final = {"Deals": 3}
_NEVER: Final = frozenset({"email", "lookup", "textarea", "subform", "multiselectlookup"})


@attrs.frozen
class _Kind:
    """What an action does, and how its state tells of it.

    Attributes:
        action: The last segment of its path.
        said: What is said when a job has started.
        done: The key of the state that counts what is done.
        left: The key that counts what is not; empty if there is none.
        running: The word for a job that goes on.
        small: Whether the keys of the state are in lower case.
    """

    action: str
    said: str
    done: str
    left: str
    running: str = "RUNNING"
    small: bool = False

    def state(self, word: str, *, total: int, done: int, failed: int) -> dict[str, Any]:
        """Return what is told of a job."""
        left = {self.left: total - done - failed} if self.left else {}
        told = {"Status": word, "Total_Count": total, self.done: done, "Failed_Count": failed}
        return {
            key.lower() if self.small else key: value for key, value in {**told, **left}.items()
        }


_UPDATE: Final = _Kind(
    "mass_update", "mass update scheduled successfully", "Updated_Count", "Not_Updated_Count"
)
_DELETE: Final = _Kind("mass_delete", "mass delete scheduled successfully", "Deleted_Count", "")
_GIVE: Final = _Kind(
    "mass_change_owner",
    "change owner is successfully scheduled",
    "Updated_Count",
    "Not_Updated_Count",
)
_CONVERT: Final = _Kind(
    "mass_convert", "Mass Convert scheduled successfully", "Converted_Count", "Not_Converted_Count"
)
_CONVERT_GOODS: Final = attrs.evolve(_CONVERT, running="IN PROGRESS", small=True)


class Mass:
    """Changes many records: those that are named at once, those of a view as a job.

    Args:
        database: All records.
        writing: What changes one.
        owners: What gives one away.
        converting: What converts one.
    """

    def __init__(
        self, database: Database, writing: Writing, owners: Owners, converting: Converting
    ) -> None:
        self._database = database
        self._writing = writing
        self._owners = owners
        self._converting = converting
        self._running: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._of_views: dict[tuple[str, str, str], str] = {}

    def lines(self) -> Iterator[tuple[str, Callable[[Call], Answer], str]]:
        """Yield the calls, what carries them out, and what they are called in statistics."""
        starts = {
            "mass_update": self._update,
            "mass_delete": self._delete,
            "mass_change_owner": self._give,
            "mass_convert": self._convert_goods,
        }
        for action, start in starts.items():
            yield f"POST /{{module}}/actions/{action}", start, action
            yield f"GET /{{module}}/actions/{action}", self._show, action
        yield "POST /Leads/actions/mass_convert", self._convert_leads, "mass_convert"
        yield "GET /Leads/actions/mass_convert", self._show, "mass_convert"

    def _update(self, call: Call) -> Answer:
        store, body = self._database.store_of(call), call.json_object()
        [item] = read_items(call, "data", most=1)
        _check_changes(store, item)
        choices = {name for name in item if store.module.fields[name].type == "multiselectpicklist"}
        kept = {} if body.get("over_write") else dict.fromkeys(choices, True)

        def update(record_id: Any) -> Mapping[str, Any]:
            own = free_record(store, record_id)
            return self._writing.update_one(call, store, own, {**item, "$append_values": kept}, 0)

        return self._at_once_or_later(call, store, _UPDATE, update)

    def _delete(self, call: Call) -> Answer:
        store = self._database.store_of(call)

        def delete(record_id: Any) -> Mapping[str, Any]:
            own = free_record(store, record_id)
            self._writing.delete_from(call, store, own)
            return succeeded("record is deleted", {"id": own})

        return self._at_once_or_later(call, store, _DELETE, delete)

    def _give(self, call: Call) -> Answer:
        store, body = self._database.store_of(call), call.json_object()
        owner = self._owners.owner_in(body)
        if body.get("cvid") is None:
            raise _missing("cvid")
        return self._later(call, store, _GIVE, lambda own: self._owners.give(store, own, owner))

    def _convert_leads(self, call: Call) -> Answer:
        store, body = self._database.store("Leads"), call.json_object()
        ids = self._to_convert(store, body)
        if not isinstance(body.get("assign_to"), dict):
            raise _missing("assign_to")
        carried = body.get("carry_over_tags")
        listed = carried if isinstance(carried, list) else []
        modules = [each for each in listed if isinstance(each, dict)]

        def convert(own: Any) -> Mapping[str, Any]:
            lead = store.rows[free_record(store, own)]
            if lead.get("Converted__s"):
                raise ItemError("ID_ALREADY_CONVERTED", "id already converted", {})
            tags = [self._database.tags.reference(tag)["name"] for tag in lead["Tag"]]
            named = {str(each.get("api_name")): tags for each in modules}
            item = {"Deals": body.get("Deals"), "assign_to": body["assign_to"]}
            return self._converting.lead(lead, {**item, "carry_over_tags": named})

        return self._scheduled(store, _CONVERT, ids, convert)

    def _convert_goods(self, call: Call) -> Answer:
        store, body = self._database.store_of(call), call.json_object()
        if store.module.api_name not in {"Quotes", "Sales_Orders"}:
            message = "the given module is not supported in api"
            raise rejected(400, "INVALID_MODULE", message, resource_path_index=0)
        ids = self._to_convert(store, body)
        if not body.get("convert_to"):
            raise _missing("convert_to")

        def convert(own: Any) -> Mapping[str, Any]:
            row = store.rows[free_record(store, own)]
            if row.get("_converted"):
                raise ItemError("ID_ALREADY_CONVERTED", "id already converted", {})
            return self._converting.goods(store, row, body)

        return self._scheduled(store, _CONVERT_GOODS, ids, convert)

    @staticmethod
    def _to_convert(store: Store, body: Mapping[str, Any]) -> list[Any]:
        """Return the ids of the records that a job is to convert.

        Raises:
            RejectedError: If there are none, too many, or one is unknown.
        """
        ids = body.get("ids")
        if isinstance(ids, list) and len(ids) > _MOST_CONVERTED:
            due_to = [{"api_name": "ids", "json_path": "$.ids"}]
            details = {"limit": _MOST_CONVERTED, "limit_due_to": due_to}
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", **details)
        for index, own in enumerate(read_body_ids(body)):
            if str(own) not in store.rows:
                place = {"api_name": "ids", "json_path": f"$.ids[{index}]"}
                raise rejected(400, "INVALID_DATA", WRONG_ID, **place)
        return list(ids or ())

    def _scheduled(self, store: Store, kind: _Kind, ids: Sequence[Any], do: _Do) -> Answer:
        """Answer the start of a job without a list."""
        details = {"job_id": self._start(store, kind, ids, do)}
        return Answer(202, succeeded(kind.said, details, code="SCHEDULED"))

    def _at_once_or_later(self, call: Call, store: Store, kind: _Kind, do: _Do) -> Answer:
        """Do something to the records that a body names, or start a job for those of a view."""
        body = call.json_object()
        if body.get("cvid") is None:
            if body.get("territory") is not None or "ids" not in body:
                raise _missing("cvid" if "ids" in body else "ids")
            return answer_items("data", read_body_ids(body), lambda _, own: do(own))
        if body.get("ids") is not None:
            due_to = [{"api_name": name, "json_path": f"$.{name}"} for name in ("ids", "cvid")]
            message = "ids and cvid cannot be given together"
            raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due_to)
        return self._later(call, store, kind, do)

    def _later(self, call: Call, store: Store, kind: _Kind, do: _Do) -> Answer:
        """Start a job for the records of a view."""
        body = call.json_object()
        if body.get("territory") is not None:
            raise rejected(
                400, "NOT_SUPPORTED", "territories of jobs are known to Zoho, not to this fake"
            )
        view = store.views.get(str(body["cvid"]))
        if view is None:
            place = {"api_name": "cvid", "json_path": "$.cvid"}
            raise rejected(400, "INVALID_DATA", WRONG_ID, **place)
        criteria = body.get("criteria")
        ids = [
            own
            for own, row in store.rows.items()
            if view(row) and meets(store.module, row, criteria)
        ]
        busy = (kind.action, store.module.api_name, str(body["cvid"]))

        def start(*_: object) -> Mapping[str, Any]:
            if self._database.context.jobs.is_running(self._of_views.get(busy, "")):
                message = "Already a Mass Action scheduler is running for the given cvid"
                raise ItemError("ALREADY_SCHEDULED", message, {}, status=202)
            if not ids:
                raise ItemError("NO_RECORDS_FOUND", "no records found", {})
            self._of_views[busy] = job_id = self._start(store, kind, ids, do)
            return succeeded(kind.said, {"job_id": job_id})

        return answer_items("data", [body], start)

    def _start(self, store: Store, kind: _Kind, ids: Sequence[Any], do: _Do) -> str:
        """Do something to each record, and return the id of the job that will tell of it."""
        failed = 0
        for own in ids:
            try:
                do(own)
            except ItemError:
                failed += 1
        total = len(ids)
        end = kind.state("COMPLETED", total=total, done=total - failed, failed=failed)
        job_id = self._database.context.jobs.start(end)
        running = kind.state(kind.running, total=total, done=0, failed=0)
        self._running[job_id] = (f"{store.module.api_name}/{kind.action}", running)
        return job_id

    def _show(self, call: Call) -> Answer:
        """Answer how far a job is."""
        store, job_id = self._database.store_of(call), call.query["job_id"]
        place, running = self._running.get(job_id, ("", {}))
        if place != f"{store.module.api_name}/{call.segments[-1]}":
            raise rejected(404, "NOT_FOUND", "no such job")
        return Answer(200, {"data": [self._database.context.jobs.ask(job_id, running)]})


def _check_changes(store: Store, item: Any) -> None:
    """Check what is to be set of many records.

    Raises:
        RejectedError: If Zoho would not set it.
    """
    fields, most = store.module.fields, _FIELDS.get(store.module.api_name, 1)
    if not isinstance(item, dict) or not item:
        raise rejected(
            400, "INVALID_DATA", "no field found", api_name="data", json_path="$.data[0]"
        )
    for name in item:
        if name not in fields or fields[name].is_read_only or fields[name].type in _NEVER:
            place = {"api_name": name, "json_path": f"$.data[0].{name}"}
            raise rejected(400, "INVALID_DATA", "the field is not allowed", **place)
    if len(item) > most:
        details = {"maximum_length": most, "api_name": "data", "json_path": "$.data[0]"}
        raise rejected(400, "INVALID_DATA", "max field limit exceeded", **details)


def _missing(name: str) -> Exception:
    place = {"api_name": name, "json_path": f"$.{name}"}
    return rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
