"""What Zia looks up: rows of the table of collections for organizations and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, invalid
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["ORGANIZATIONS", "PEOPLE", "Enrichments"]

_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "__zia_org_enrichment": ("name", "email", "website"),
    "__zia_people_enrichment": ("name", "email", "social"),
}
_SHORTEST_NAME: Final = 3
#: A name that nobody has.
_NOBODY: Final = "Nobody"


def _row(kind: str, first_id: int) -> Plain:
    return Plain(
        path=f"/__zia_{kind}_enrichment",
        key=f"__zia_{kind}_enrichment",
        fields=(Field(api_name="enrich_based_on", type="any", mandatory=True),),
        first_id=first_id,
        verbs=("get", "create"),
        member="{job_id}",
        filters={"status": "status"},
        info=True,
        per_page=100,
        stamped=False,
        alone=("enriched_data",),
    )


ORGANIZATIONS: Final = _row("org", 233001)
PEOPLE: Final = _row("people", 233501)


class Enrichments(Collection):
    """What Zia looks up. It finds everybody but those named ``Nobody``.

    Args:
        context: The org.
        row: Whom it looks up.
    """

    def __init__(self, context: OrgContext, row: Plain) -> None:
        super().__init__(context, row)
        #: Whether the org has Zia for this.
        self.enabled: bool = True

    def _create(self, call: Call) -> Answer:
        if not self.enabled:
            raise rejected(400, "FEATURE_NOT_ENABLED", "the feature is not enabled")
        self._context.schema.known(call.query["module"])

        def create(index: int, item: Any) -> Mapping[str, Any]:
            thing = self._keep(self._read(item, index, None, ""))
            self._context.stats.note_done("create", self._row.key, thing["id"])
            kind = "Org" if self._row is ORGANIZATIONS else "People"
            message = f"{kind} Enrichment scheduled successfully"
            return succeeded(message, {"id": thing["id"]}, code="SCHEDULED")

        items = read_items(call, self._row.key, most=1)
        return answer_items(self._row.key, items, create, success=202)

    def _check(self, thing: Thing, path: str) -> None:
        known, place = thing["enrich_based_on"], f"{path}.enrich_based_on"
        keys = _KEYS[self._row.key]
        if not isinstance(known, dict) or not any(known.get(key) for key in keys):
            expected = [{"api_name": key, "json_path": f"{place}.{key}"} for key in keys]
            details = {"expected_fields": expected}
            raise ItemError("EXPECTED_FIELD_MISSING", "one of several is needed", details)
        name = known.get("name")
        if name is not None and len(str(name)) < _SHORTEST_NAME:
            raise invalid(Field(api_name="name"), f"{place}.name", minimum_length=_SHORTEST_NAME)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        return {
            "status": thing.get("status", "SCHEDULED"),
            "created_time": self._context.now(),
            "created_by": self._context.user,
            "enriched_data": None,
            "_job": self._context.jobs.start({}),
        }

    def _get(self, call: Call) -> Answer:
        thing = self._things.get(call.params["job_id"])
        if thing is not None and self._context.jobs.ask(thing["_job"], {"running": True}) == {}:
            known = thing["enrich_based_on"]
            found = known.get("name") != _NOBODY
            thing["status"] = "COMPLETED" if found else "DATA_NOT_FOUND"
            thing["enriched_data"] = {**known, "description": "as found"} if found else None
        return super()._get(call)

    def _make_up(self, field: Field) -> Any:
        return {"enrich_based_on": {"name": "Orchid Ltd"}}[field.api_name]
