"""When the org works: its business hours, its shifts, and its fiscal year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_object
from aiozcrm.testing._schema._field import Field, ItemError, invalid, missing, unknown_id
from aiozcrm.testing._wire._answer import NO_CONTENT, WRONG_ID, Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["BusinessHours", "FiscalYear", "ShiftHours"]

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HOURS: Final = "business_hours"
_HOURS_FIELDS: Final = (
    Field(api_name="type", mandatory=True, values=("24*7", "24*5", "custom")),
    Field(api_name="week_starts_on", mandatory=True, values=_DAYS),
    Field(api_name="business_days", type="multiselectpicklist", values=_DAYS),
    Field(api_name="same_as_everyday", type="boolean"),
    Field(api_name="daily_timing", type="multiselectpicklist"),
    Field(api_name="custom_timing", type="subform"),
)
_YEAR: Final = "fiscal_year"
_YEAR_FIELDS: Final = (
    Field(api_name="start_month", values=_MONTHS),
    Field(api_name="display_based_on", values=("start_month", "end_month")),
)


class BusinessHours(Family):
    """The business hours of an org; at first it has none.

    Args:
        context: The org.
    """

    _kept = ("shown",)

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        #: As the API shows them; None if the org has none.
        self.shown: dict[str, Any] | None = None

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about business hours."""
        path = f"/settings/{_HOURS}"
        return tuple(
            Operation(line=f"{method} {path}", run=run, verb=verb, family=_HOURS)
            for method, run, verb in (
                ("GET", self._get, "get"),
                ("POST", self._create, "create"),
                ("PUT", self._update, "update"),
            )
        )

    def _get(self, _call: Call) -> Answer:
        return Answer(200, {_HOURS: self.shown}) if self.shown else NO_CONTENT

    def _create(self, call: Call) -> Answer:
        if self.shown is not None:
            raise rejected(400, "ALREADY_CONFIGURED", "the org has business hours")
        return self._save(call, "create", {"id": self._context.id(229001)}, success=201)

    def _update(self, call: Call) -> Answer:
        old = self.shown
        if old is None:
            raise rejected(400, "INVALID_DATA", WRONG_ID)
        return self._save(call, "update", old, success=200)

    def _save(self, call: Call, verb: str, old: dict[str, Any], *, success: int) -> Answer:
        def save(item: Mapping[str, Any]) -> Mapping[str, Any]:
            if verb == "update" and str(item.get("id")) != old["id"]:
                place = {"api_name": "id", "json_path": f"$.{_HOURS}.id"}
                raise unknown_id(**place)
            values = _read(item, _HOURS, _HOURS_FIELDS, new=verb == "create")
            unset = {field.api_name: None for field in _HOURS_FIELDS}
            self.shown = {**unset, **old, **values, "id": old["id"]}
            self._context.stats.note_done(verb, _HOURS, old["id"])
            return {"id": old["id"]}

        message = "Business Hours saved successfully"
        return answer_object(call, _HOURS, save, message, success=success)


class FiscalYear(Family):
    """The fiscal year of an org; at first it starts in January.

    Args:
        context: The org.
    """

    _kept = ("shown",)

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        #: Whether forecasts are on, which forbid a change.
        self.has_forecasts: bool = False
        #: As the API shows it.
        self.shown: dict[str, Any] = {
            "id": context.id(231001),
            "start_month": "JANUARY",
            "display_based_on": "start_month",
        }

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the fiscal year."""
        return (
            Operation(line=f"GET /settings/{_YEAR}", run=self._get, verb="get", family=_YEAR),
            Operation(line=f"PUT /settings/{_YEAR}", run=self._update, verb="update", family=_YEAR),
        )

    def _get(self, _call: Call) -> Answer:
        return Answer(200, {_YEAR: self.shown})

    def _update(self, call: Call) -> Answer:
        def update(item: Mapping[str, Any]) -> Mapping[str, Any]:
            if self.has_forecasts:
                raise ItemError("NOT_ALLOWED", "forecasts are on", {}, status=403)
            values = _read(item, _YEAR, _YEAR_FIELDS, new=False)
            if "start_month" in values:
                # Written in another way than it is read.
                values["start_month"] = values["start_month"].upper()
            self.shown |= values
            self._context.stats.note_done("update", _YEAR, self.shown["id"])
            return {}

        return answer_object(call, _YEAR, update, "Updated Successfully")


def _read(
    item: Mapping[str, Any], key: str, fields: Sequence[Field], *, new: bool
) -> dict[str, Any]:
    """Return what an item sets.

    Raises:
        ItemError: If it is not right.
    """
    values: dict[str, Any] = {}
    for field in fields:
        path, value = f"$.{key}.{field.api_name}", item.get(field.api_name)
        if field.mandatory and new and value is None:
            raise missing(field, path)
        if value is not None:
            field.check(value, path)
            values[field.api_name] = value
    return values


_SHIFTS: Final = Plain(
    path="/settings/business_hours/shift_hours",
    key="shift_hours",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="timezone"),
        Field(api_name="shift_days", type="multiselectpicklist", mandatory=True, values=_DAYS),
        Field(api_name="same_as_everyday", type="boolean", mandatory=True),
        Field(api_name="daily_timing", type="multiselectpicklist"),
        Field(api_name="custom_timing", type="subform"),
        Field(api_name="break_hours", type="subform"),
        Field(api_name="holidays", type="subform"),
        Field(api_name="users", type="subform"),
    ),
    first_id=230001,
    most=50,
    said=("Shift hour added", "Shift hour updated", "Shift hour deleted"),
    stamped=False,
    complete=lambda shift: {"users_count": len(shift["users"] or [])},
)


class ShiftHours(Collection):
    """The shifts of an org.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _SHIFTS)

    def _answer_list(self, call: Call, things: Sequence[Thing]) -> Answer:
        answer = super()._answer_list(call, things)
        count = {
            "total_shift": len(things),
            "total_shift_with_user": sum(thing["users_count"] > 0 for thing in things),
        }
        return Answer(200, {"shift_count": count, **answer.data}) if answer.data else answer

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        timing = "daily_timing" if thing["same_as_everyday"] else "custom_timing"
        if not thing.get(timing):
            raise missing(Field(api_name=timing), f"{path}.{timing}")
        breaks = thing.get("break_hours") or []
        if len(breaks) > len(thing["shift_days"]) * 2:
            field = Field(api_name="break_hours")
            raise invalid(field, f"{path}.break_hours", maximum_length=2)

    def _make_up(self, field: Field) -> Any:
        if field.api_name == "shift_days":
            return ["Monday"]
        return True if field.api_name == "same_as_everyday" else super()._make_up(field)
