"""The preferences for services and appointments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_object
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["APPOINTMENTS", "SERVICES", "Preferences"]


@attrs.frozen
class _Kind:
    """Preferences of one kind.

    Attributes:
        key: What they are called.
        message: What is said of a change.
        first: What they are at first.
        fields: What can be set.
        on_demand: The keys that are shown if they are asked for.
    """

    key: str
    message: str
    first: Mapping[str, Any]
    fields: Sequence[Field]
    on_demand: Sequence[str] = ()


SERVICES: Final = _Kind(
    "service_preferences",
    "Service Preferences updated successfully",
    {"job_sheet_enabled": False},
    (Field(api_name="job_sheet_enabled", type="boolean"),),
)
APPOINTMENTS: Final = _Kind(
    "appointment_preferences",
    "Appointment Preferences updated successfully",
    {
        "show_job_sheet": False,
        "when_duration_exceeds": "ask_appointment_provider_to_complete",
        "when_appointment_completed": "do_not_create_deal",
        "allow_booking_outside_service_availability": False,
        "allow_booking_outside_businesshours": False,
        "deal_record_configuration": None,
    },
    (
        Field(api_name="show_job_sheet", type="boolean"),
        Field(api_name="when_duration_exceeds"),
        Field(api_name="when_appointment_completed", values=("do_not_create_deal", "create_deal")),
        Field(api_name="allow_booking_outside_service_availability", type="boolean"),
        Field(api_name="allow_booking_outside_businesshours", type="boolean"),
    ),
    ("deal_record_configuration",),
)


class Preferences(Family):
    """Preferences of an org, which are there from the start.

    Args:
        context: The org.
        kind: Which ones.
    """

    _kept = ("shown",)

    def __init__(self, context: OrgContext, kind: _Kind) -> None:
        self._context = context
        self._kind = kind
        #: As the API shows them if all is asked for.
        self.shown: dict[str, Any] = dict(kind.first)

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about them."""
        key = self._kind.key
        return (
            Operation(line=f"GET /settings/{key}", run=self._get, verb="get", family=key),
            Operation(line=f"PUT /settings/{key}", run=self._update, verb="update", family=key),
        )

    def _get(self, call: Call) -> Answer:
        asked = call.query.get("include", "").split(",")
        hidden = {name for name in self._kind.on_demand if name not in asked}
        shown = {name: value for name, value in self.shown.items() if name not in hidden}
        return Answer(200, {self._kind.key: shown})

    def _update(self, call: Call) -> Answer:
        def update(item: Mapping[str, Any]) -> Mapping[str, Any]:
            for field in self._kind.fields:
                if item.get(field.api_name) is not None:
                    field.check(item[field.api_name], f"$.{self._kind.key}.{field.api_name}")
            self.shown |= {name: item[name] for name in self.shown if name in item}
            self._context.stats.note_done("update", self._kind.key, "")
            return {}

        return answer_object(call, self._kind.key, update, self._kind.message)
