"""Shift hours."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Deleting, Getting, Listing, Updating

__all__ = ["ShiftHour", "ShiftHourDraft", "ShiftHours"]


class ShiftHour(TypedDict):
    """A shift. Either ``daily_timing`` or ``custom_timing`` is None."""

    id: str
    name: str
    shift_days: list[str]
    same_as_everyday: bool
    daily_timing: list[str] | None
    custom_timing: list[dict[str, Any]] | None
    timezone: NotRequired[str]
    break_hours: NotRequired[list[dict[str, Any]] | None]
    holidays: NotRequired[list[dict[str, Any]] | None]
    users: NotRequired[list[dict[str, Any]] | None]
    users_count: NotRequired[int]


class ShiftHourDraft(TypedDict, total=False):
    """What can be set on a shift; an update in bulk needs the ``id``, too.

    Times are written as ``["10:00", "17:00"]``, dates as ``2026-12-24``. ``"_delete": None`` takes
    a holiday away.
    """

    id: str
    name: str
    timezone: str
    shift_days: list[str]
    same_as_everyday: bool
    daily_timing: list[str]
    custom_timing: list[dict[str, Any]]
    break_hours: list[dict[str, Any]]
    holidays: list[dict[str, Any]]
    users: list[dict[str, Any]]


class ShiftHours(
    Listing[ShiftHour],
    Getting[ShiftHour],
    Creating[ShiftHourDraft],
    Updating[ShiftHourDraft],
    Deleting,
):
    """The shifts in which users work, at most 50, within the business hours.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-shift-hours.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-shift-hours.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-shift-hours.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-shift-hours.html

    A day has two breaks of up to two hours in all.
    Calls need the scope ``ZohoCRM.settings.business_hours.ALL``, or the one of the operation.
    """

    path = "settings/business_hours/shift_hours"
    key = "shift_hours"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.business_hours.{operation}",)
