"""Business hours."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypedDict

from aiozcrm.resources._behaviours import Enabling, Singleton

__all__ = ["BusinessHours", "BusinessHoursDraft", "OfficeHours"]


class OfficeHours(TypedDict):
    """When the org works. Either ``daily_timing`` or ``custom_timing`` is None."""

    id: str
    type: str
    week_starts_on: str
    business_days: list[str]
    same_as_everyday: bool
    daily_timing: list[str] | None
    custom_timing: list[dict[str, Any]] | None


class BusinessHoursDraft(TypedDict, total=False):
    """What can be set on the business hours; an update needs the ``id``, too.

    Times are written as ``["10:00", "17:00"]``. A day of ``custom_timing`` that is there is taken
    away by ``"_delete": None``.
    """

    id: str
    type: Literal["24*7", "24*5", "custom"]
    week_starts_on: str
    business_days: list[str]
    same_as_everyday: bool
    daily_timing: list[str]
    custom_timing: list[dict[str, Any]]


class BusinessHours(Enabling[BusinessHoursDraft], Singleton[OfficeHours, BusinessHoursDraft]):
    """When the org works.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-business-hours.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-business-hours.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-business-hours.html

    After a lost answer to ``create``, ask what there is. If Zoho asks for the org, name it by
    ``zoho.with_options(headers={"X-CRM-ORG": ...})``; its id is ``zgid`` of ``zoho.org.get()``.
    Calls need the scope ``ZohoCRM.settings.business_hours.ALL``, or the one of the operation.
    """

    path = "settings/business_hours"
    key = "business_hours"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.business_hours.{operation}",)
