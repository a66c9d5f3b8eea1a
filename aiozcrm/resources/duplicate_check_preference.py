"""Whether Zoho looks for converted leads and contacts when a lead is created."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Enabling, Singleton

__all__ = ["DuplicateCheck", "DuplicateCheckDraft", "DuplicateCheckPreference"]


class DuplicateCheck(TypedDict):
    """Where Zoho looks for duplicates, and by which fields."""

    type: str
    type_configurations: NotRequired[list[dict[str, Any]] | None]


class DuplicateCheckDraft(TypedDict, total=False):
    """What can be set: the type and, for ``mapped_module_records``, fields of both modules."""

    type: Literal["converted_records", "mapped_module_records"]
    type_configurations: list[dict[str, Any]]


class DuplicateCheckPreference(
    Enabling[DuplicateCheckDraft], Singleton[DuplicateCheck, DuplicateCheckDraft]
):
    """Where Zoho looks for duplicates of new records. Zoho has this for Leads alone.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/enable-duplicate-record-check.html
    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-duplicate-record-check.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-duplicate-record-check.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/disable-duplicate-record-check.html

    Calls need the scope ``ZohoCRM.settings.duplicate_check_preference.ALL``, or the one of the
    operation.
    """

    path = "settings/duplicate_check_preference"
    key = "duplicate_check_preference"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.duplicate_check_preference.{operation}",)

    async def delete(self) -> Outcome:
        """Switch the check off.

        Returns:
            The outcome, ``deleted``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not switched off, or that is not known
                (``maybe_done``).
        """
        return await self._act("DELETE", status="deleted")
