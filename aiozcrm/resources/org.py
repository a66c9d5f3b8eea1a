"""The organization."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Resource
from aiozcrm.resources._results import rows_of, unreadable

__all__ = ["Org", "Organization"]


class Organization(TypedDict):
    """The org that the credentials belong to."""

    id: str
    zgid: NotRequired[str]
    company_name: str
    type: NotRequired[str]
    primary_email: NotRequired[str | None]
    country: NotRequired[str | None]
    country_code: NotRequired[str | None]
    currency: NotRequired[str]
    iso_code: NotRequired[str]
    time_zone: NotRequired[str]
    license_details: NotRequired[dict[str, Any]]


class Org(Resource):
    """The org that the credentials belong to.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html

    The call needs the scope ``ZohoCRM.org.READ`` or ``ZohoCRM.org.ALL``.
    """

    path = "org"
    key = "org"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.org.{operation}",)

    async def get(self) -> Organization:
        """Return the org. A good way to see which one the credentials belong to.

        ``zgid`` is its id as an org, ``type`` its environment, and
        ``license_details["paid_type"]`` its edition.

        Returns:
            The org, as Zoho sent it.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        items, reply = await self._read()
        rows = rows_of(items, reply)
        if len(rows) != 1:
            raise unreadable(reply, f"it names {len(rows) or 'no'} org")
        org: Organization = rows[0]
        return org
