"""Templates for quotes, orders and invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Getting, filters_text

__all__ = ["InventoryTemplate", "InventoryTemplates"]


class InventoryTemplate(TypedDict):
    """A template. Its ``content`` comes only when it is read alone."""

    id: str
    name: str
    module: dict[str, str]
    active: NotRequired[bool]
    folder: NotRequired[dict[str, str]]
    category: NotRequired[str]
    editor_mode: NotRequired[str]
    favorite: NotRequired[bool]
    content: NotRequired[str | None]
    last_usage_time: NotRequired[str | None]
    modified_time: NotRequired[str]
    modified_by: NotRequired[dict[str, str]]
    created_by: NotRequired[dict[str, str]]


class InventoryTemplates(Getting[InventoryTemplate]):
    """The templates for quotes, orders and invoices. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/inventory_templates.html

    An edition without inventory modules answers with
    :class:`aiozcrm.errors.FeatureUnavailableError`.
    Calls need the scope ``ZohoCRM.templates.inventory.READ``.
    """

    path = "settings/inventory_templates"
    key = "inventory_templates"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.templates.inventory.READ",)

    async def list(
        self,
        *,
        module: str | None = None,
        category: str | None = None,
        sort_by: Literal["modified_time", "last_usage_time", "name"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Sequence[InventoryTemplate]:
        """Return all templates that match.

        Args:
            module: Only those of this module: its API name.
            category: Only those of this kind: ``favorite``, ``created_by_me``,
                ``shared_with_me`` or ``draft``.
            sort_by: What to order them by.
            sort_order: In which direction.
            filters: Only those that meet these criteria, as Zoho's pages write them.

        Returns:
            The templates, as Zoho sent them, without their content.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(
            query={
                "module": module,
                "category": category,
                "sort_by": sort_by,
                "sort_order": sort_order,
                "filters": filters_text(filters),
            }
        )
