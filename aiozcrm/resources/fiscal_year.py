"""The fiscal year."""

from __future__ import annotations

from typing import ClassVar, Literal, TypedDict

from aiozcrm.resources._behaviours import Singleton

__all__ = ["FiscalYear", "FiscalYearDraft", "FiscalYearSettings"]


class FiscalYearSettings(TypedDict):
    """When the org's fiscal year starts. Zoho writes the month in capitals, as ``JANUARY``."""

    id: str
    start_month: str
    display_based_on: str


class FiscalYearDraft(TypedDict, total=False):
    """What can be set on the fiscal year. The month is written as ``April``."""

    id: str
    start_month: str
    display_based_on: Literal["start_month", "end_month"]


class FiscalYear(Singleton[FiscalYearSettings, FiscalYearDraft]):
    """When the org's fiscal year starts.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-fiscal-year.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/put-fiscal-year.html

    While forecasts are on it cannot be changed.
    Calls need the scope ``ZohoCRM.settings.fiscal_year.ALL``, or the one of the operation.
    """

    path = "settings/fiscal_year"
    key = "fiscal_year"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.fiscal_year.{operation}",)
