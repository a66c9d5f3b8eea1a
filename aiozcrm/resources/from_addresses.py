"""The addresses that mails can be sent from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Resource, check_record_id

__all__ = ["FromAddress", "FromAddresses"]


class FromAddress(TypedDict):
    """An address that mails can be sent from. The primary one has no id."""

    email: str
    user_name: str | None
    type: Literal["primary", "imap", "org_email"]
    id: NotRequired[str | None]


class FromAddresses(Resource):
    """The addresses that mails can be sent from.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-from-addresses-list.html

    All come in one call.
    Calls need the scope ``ZohoCRM.settings.emails.READ``.
    """

    path = "settings/emails/actions/from_addresses"
    key = "from_addresses"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.emails.READ",)

    async def list(self, *, user_id: str | int | None = None) -> Sequence[FromAddress]:
        """Return all of them.

        Args:
            user_id: Those of this user; None for those of the one whose credentials are used.

        Returns:
            The addresses, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        own = None if user_id is None else check_record_id(user_id)
        return await self._list(query={"user_id": own})
