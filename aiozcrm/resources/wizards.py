"""Wizards."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Listing, check_record_id

__all__ = ["Wizard", "Wizards"]


class Wizard(TypedDict):
    """A form of several screens. Its containers have screens only when it is read alone."""

    id: str
    name: str
    module: dict[str, str]
    active: bool
    containers: list[dict[str, Any]]
    profiles: NotRequired[list[dict[str, str]]]
    portal_user_types: NotRequired[list[dict[str, str]] | None]
    exempted_portal_user_types: NotRequired[list[dict[str, str]] | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class Wizards(Listing[Wizard]):
    """The wizards of the org. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-wizards.html

    Calls need the scope ``ZohoCRM.settings.wizards.READ`` or ``.ALL``.
    """

    path = "settings/wizards"
    key = "wizards"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.wizards.{operation}",)

    async def get(self, id: str | int, /, *, layout_id: str | int) -> Wizard:
        """Return one wizard with its screens.

        Args:
            id: Its id.
            layout_id: The layout for which to return the screens.

        Returns:
            The wizard, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such wizard.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        wizard: Wizard = await self._get(id, query={"layout_id": check_record_id(layout_id)})
        return wizard
