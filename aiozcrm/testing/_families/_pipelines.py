"""The pipelines of the layouts of deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, invalid, unknown_id
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import text_at

__all__ = ["Pipelines"]

_TRANSFER: Final = "transfer_pipeline"
_STAGES: Final = ("Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")

_PIPELINES: Final = Plain(
    path="/settings/pipeline",
    key="pipeline",
    fields=(
        Field(api_name="display_value", mandatory=True, unique=True, length=120),
        Field(api_name="default", type="boolean"),
        Field(api_name="maps", type="subform"),
    ),
    first_id=646001,
    verbs=("get", "create", "update"),
    bound="layout_id",
    said=("pipeline created", "pipeline updated", ""),
    stamped=False,
)


class Pipelines(Collection):
    """The pipelines of an org's layouts; the first layout of deals has one.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _PIPELINES)
        first = context.id(645001)
        #: The stages that pipelines can have, by id.
        self.stages: Mapping[str, str] = {
            str(int(first) + number): name for number, name in enumerate(_STAGES)
        }
        deals = context.schema.modules["Deals"]
        #: The layout that has a pipeline at first.
        self.layout_id: str = deals.layout["id"]
        maps = [{"id": stage} for stage in self.stages]
        self.add(layout_id=self.layout_id, display_value="Standard", default=True, maps=maps)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        path = f"{self._row.path}/actions/transfer"
        yield self._operation(f"POST {path}", self._transfer, "transfer")

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        stages = thing.get("maps") or []
        for number, stage in enumerate(stages):
            if str(stage.get("id")) not in self.stages:
                wrong = {"api_name": "id", "json_path": f"{path}.maps[{number}].id"}
                raise unknown_id(**wrong)
        if stages and all("_delete" in stage for stage in stages):
            place = {"api_name": "maps", "json_path": f"{path}.maps"}
            raise ItemError("CANNOT_DELETE", "the last stage cannot be deleted", place)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        kept = [stage for stage in thing["maps"] or [] if "_delete" not in stage]
        maps = [
            {
                "id": str(stage["id"]),
                "display_value": self.stages[str(stage["id"])],
                "actual_value": self.stages[str(stage["id"])],
                "sequence_number": stage.get("sequence_number", number + 1),
                "forecast_type": "Open",
                "forecast_category": {"name": "Pipeline", "id": self._context.id(645101)},
            }
            for number, stage in enumerate(kept)
        ]
        return {
            "actual_value": thing.get("actual_value") or thing["display_value"],
            "default": bool(thing["default"]),
            "maps": maps,
        }

    def _transfer(self, call: Call) -> Answer:
        def transfer(index: int, item: Any) -> Mapping[str, Any]:
            ends = {end: text_at(item, "pipeline", end) for end in ("from", "to")}
            known = {thing["id"] for thing in self._owned(call)}
            for end, own in ends.items():
                path = f"$.{_TRANSFER}[{index}].pipeline.{end}"
                if own not in known or ends["from"] == ends["to"]:
                    raise invalid(Field(api_name=end), path)
            gone = self._things.pop(ends["from"])
            self._context.stats.note_done("transfer", "pipeline", gone["id"])
            job_id = self._context.jobs.start({"status": "COMPLETED"})
            return succeeded("transfer pipeline scheduled successfully", {"job_id": job_id})

        return answer_items(_TRANSFER, read_items(call, _TRANSFER, most=1), transfer)
