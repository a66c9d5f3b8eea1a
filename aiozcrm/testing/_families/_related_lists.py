"""Which related lists the records of each module have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["RelatedLists"]

_PATH: Final = "/settings/related_lists"
_ALWAYS: Final[Mapping[str, Any]] = {
    "action": None,
    "status": "visible",
    "customize_fields": True,
    "customize_sort": True,
    "customize_display_label": True,
    "sort_by": None,
    "sort_order": None,
    "fields": None,
}
# How far the ids of a module's lists are from its own, and from those of the next module.
_FIRST: Final = 700_000
_APART: Final = 100


class RelatedLists(Family):
    """The related lists of all modules: those that all have, and one for each lookup to them.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._schema = context.schema

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about related lists."""
        return tuple(
            Operation(line=line, run=self._tell, verb=verb, family="related_lists")
            for line, verb in ((f"GET {_PATH}", "list"), (f"GET {_PATH}/{{id}}", "get"))
        )

    def _tell(self, call: Call) -> Answer:
        module = self._schema.known(call.query["module"])
        wanted = call.params.get("id")
        lists = [one for one in self._lists_of(module) if wanted in {None, one["id"]}]
        return Answer(200, {"related_lists": lists}) if lists else NO_CONTENT

    def _lists_of(self, module: Module) -> list[dict[str, Any]]:
        looking = [
            other
            for other in self._schema.modules.values()
            if any(field.lookup == module.api_name for field in other.fields.values())
        ]
        names = {"Notes": None, "Attachments": None, **{one.api_name: one for one in looking}}
        first = int(module.id) % 10**6 * _APART + _FIRST
        return [
            {
                **_ALWAYS,
                "id": str(int(module.id) // 10**9 * 10**9 + first + number),
                "api_name": name,
                "name": name,
                "display_label": other.plural if other else name,
                "href": f"{module.api_name}/{{ENTITYID}}/{name}",
                "module": other.reference if other else {"api_name": name, "id": None},
                "type": "default",
                # A text, unlike all other sequence numbers.
                "sequence_number": str(number + 1),
            }
            for number, (name, other) in enumerate(names.items())
        ]
