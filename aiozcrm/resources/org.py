"""The organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from aiozcrm._protocol import known_id
from aiozcrm.resources._base import Resource
from aiozcrm.resources._parsing import id_of, models_of, text_of
from aiozcrm.resources._results import unreadable

__all__ = ["Org", "Organization"]


@attrs.frozen(kw_only=True)
class Organization:
    """The org that the credentials belong to.

    Attributes:
        id: Its id as a record.
        zgid: Its id as an org, which stands in the URLs of the web pages.
        company_name: What it is called.
        type: Its environment: ``production``, ``sandbox``, ``developer`` or another.
        primary_email: The address of its owner.
        country_code: Such as ``DE``.
        time_zone: Such as ``Europe/Berlin``.
        iso_code: Its currency, such as ``EUR``.
        paid_type: Its edition, such as ``enterprise``.
    """

    id: str
    zgid: str | None
    company_name: str | None
    type: str | None
    primary_email: str | None
    country_code: str | None
    time_zone: str | None
    iso_code: str | None
    paid_type: str | None

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        facts: dict[str, Any] = {
            field.name: text_of(data.get(field.name)) for field in attrs.fields(cls)
        }
        license_details = data.get("license_details") or {}
        paid_type = text_of(license_details.get("paid_type"))
        ids = {"id": id_of(data), "zgid": known_id(data.get("zgid"))}
        return cls(**facts | ids | {"paid_type": paid_type})


class Org(Resource):
    """The org that the credentials belong to.

    The call needs the OAuth scope ``ZohoCRM.org.READ`` or ``ZohoCRM.org.ALL``.
    """

    scopes = ("ZohoCRM.org.{operation}",)

    async def get(self) -> Organization:
        """Return the org. A good way to see which one the credentials belong to.

        https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html

        Returns:
            The org.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        reply = await self._read("org")
        for organization in models_of(reply, "org", Organization.from_api):
            return organization
        raise unreadable(reply, "it names no org")
