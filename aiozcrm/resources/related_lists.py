"""Related lists, as the settings tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Resource

__all__ = ["RelatedList", "RelatedLists"]


class RelatedList(TypedDict):
    """A list of what belongs to a record, such as its notes."""

    id: str
    api_name: str
    name: str
    display_label: str
    type: str
    href: str | None
    module: dict[str, str] | None
    sequence_number: NotRequired[str]
    status: NotRequired[str]
    action: NotRequired[str | None]
    connectedmodule: NotRequired[str | None]
    linkingmodule: NotRequired[str | None]
    fields: NotRequired[list[dict[str, Any]] | None]
    sort_by: NotRequired[dict[str, str] | None]
    sort_order: NotRequired[str | None]


class RelatedLists(Resource):
    """The lists that records of a module have: which there are, not what they hold.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/related-list-meta.html

    For what they hold, see ``zoho.records(module).related``.
    Calls need the scope ``ZohoCRM.settings.related_lists.READ`` or ``.ALL``.
    """

    path = "settings/related_lists"
    key = "related_lists"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.related_lists.{operation}",)

    async def list(self, *, layout_id: str | int | None = None) -> Sequence[RelatedList]:
        """Return all lists.

        Args:
            layout_id: As this layout has them.

        Returns:
            The lists, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"layout_id": layout_id})

    async def get(self, id: str | int, /, *, layout_id: str | int | None = None) -> RelatedList:
        """Return one list.

        Args:
            id: Its id.
            layout_id: As for :meth:`list`.

        Returns:
            The list, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such list.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found: RelatedList = await self._get(id, query={"layout_id": layout_id})
        return found
