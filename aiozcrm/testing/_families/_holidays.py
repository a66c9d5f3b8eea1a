"""The days on which the org does not work."""

from __future__ import annotations

from typing import Any, Final

from aiozcrm.testing._families._collection import Plain, Thing
from aiozcrm.testing._schema._field import Field

__all__ = ["HOLIDAYS"]


def _complete(holiday: Thing) -> dict[str, Any]:
    shift = holiday.get("shift_hour")
    # Requests name a shift by its id alone.
    shown = {"name": "Shift", "id": shift} if isinstance(shift, str) else shift
    return {"year": int(holiday["date"][:4]), "shift_hour": shown}


HOLIDAYS: Final = Plain(
    path="/settings/holidays",
    key="holidays",
    fields=(
        Field(api_name="name", mandatory=True, length=50),
        Field(api_name="date", type="date", mandatory=True),
        Field(api_name="type", mandatory=True, values=("business_holiday", "shift_holiday")),
        Field(api_name="shift_hour", type="any"),
    ),
    first_id=612001,
    most=52,
    most_by="year",
    filters={"year": "year", "type": "type", "shift_id": "shift_hour.id"},
    complete=_complete,
    said=("Holiday added", "Holiday updated", "Holiday deleted"),
    info=True,
    stamped=False,
)
