"""The preferences for appointments."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypedDict

from aiozcrm.resources._behaviours import Changing
from aiozcrm.resources._results import object_of

__all__ = [
    "AppointmentPreferences",
    "AppointmentPreferencesDraft",
    "AppointmentPreferencesSettings",
]


class AppointmentPreferencesSettings(TypedDict, total=False):
    """The preferences for appointments."""

    show_job_sheet: bool | None
    when_duration_exceeds: str | None
    when_appointment_completed: Literal["do_not_create_deal", "create_deal"] | None
    allow_booking_outside_service_availability: bool | None
    allow_booking_outside_businesshours: bool
    deal_record_configuration: dict[str, Any] | None


class AppointmentPreferencesDraft(TypedDict, total=False):
    """What can be set on them."""

    show_job_sheet: bool
    when_duration_exceeds: str
    when_appointment_completed: Literal["do_not_create_deal", "create_deal"]
    allow_booking_outside_service_availability: bool
    allow_booking_outside_businesshours: bool
    deal_record_configuration: dict[str, Any]


class AppointmentPreferences(Changing[AppointmentPreferencesDraft]):
    """The preferences for appointments.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-appointment-preferences.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-appointment-preferences.html

    Calls need the scope ``ZohoCRM.settings.modules.ALL``, or the one of the operation.
    """

    path = "settings/appointment_preferences"
    key = "appointment_preferences"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.modules.{operation}",)

    async def get(self, *, include: str | None = None) -> AppointmentPreferencesSettings:
        """Return them.

        Args:
            include: What else to show, such as ``deal_record_configuration``.

        Returns:
            The preferences, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found, reply = await self._read(query={"include": include})
        preferences: AppointmentPreferencesSettings = object_of(found, reply, self.key)
        return preferences
