"""The preferences for services."""

from __future__ import annotations

from typing import ClassVar, TypedDict

from aiozcrm.resources._behaviours import Singleton

__all__ = ["ServicePreferences", "ServicePreferencesDraft", "ServicePreferencesSettings"]


class ServicePreferencesSettings(TypedDict):
    """The preferences for services."""

    job_sheet_enabled: bool


class ServicePreferencesDraft(TypedDict, total=False):
    """What can be set on them."""

    job_sheet_enabled: bool


class ServicePreferences(Singleton[ServicePreferencesSettings, ServicePreferencesDraft]):
    """The preferences for services: whether they have job sheets.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-service-preferences.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-service-preferences.html

    Calls need the scope ``ZohoCRM.settings.modules.ALL``, or the one of the operation.
    """

    path = "settings/service_preferences"
    key = "service_preferences"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.modules.{operation}",)
