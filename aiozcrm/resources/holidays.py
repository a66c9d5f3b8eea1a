"""Holidays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Deleting, Getting, Updating

__all__ = ["Holiday", "HolidayDraft", "HolidayType", "Holidays"]

HolidayType = Literal["business_holiday", "shift_holiday"]


class Holiday(TypedDict):
    """A day on which the org does not work."""

    id: str
    name: str
    date: str
    type: str
    year: int
    shift_hour: NotRequired[dict[str, str] | None]


class HolidayDraft(TypedDict, total=False):
    """What can be set on a holiday; an update in bulk needs the ``id``, too."""

    id: str
    name: str
    date: str
    type: HolidayType
    shift_hour: str | dict[str, str]


class Holidays(Getting[Holiday], Creating[HolidayDraft], Updating[HolidayDraft], Deleting):
    """The days on which the org does not work, at most 52 a year.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-holidays.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-holiday.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-holidays.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-holiday.html

    Calls need the scope ``ZohoCRM.settings.business_hours.ALL``, or the one of the operation.
    """

    path = "settings/holidays"
    key = "holidays"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.business_hours.{operation}",)

    async def list(
        self,
        *,
        year: int | None = None,
        type: HolidayType | None = None,
        shift_id: str | int | None = None,
    ) -> Sequence[Holiday]:
        """Return all holidays that match.

        Args:
            year: Only those of this year.
            type: Only those of this kind.
            shift_id: Only those of this shift.

        Returns:
            The holidays, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"year": year, "type": type, "shift_id": shift_id})
