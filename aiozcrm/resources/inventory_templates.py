"""Templates for quotes, orders and invoices."""

from __future__ import annotations

from typing import ClassVar, NotRequired, TypedDict

from aiozcrm.resources._templates import Templates

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


class InventoryTemplates(Templates[InventoryTemplate]):
    """The templates for quotes, orders and invoices. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/inventory_templates.html

    An edition without inventory modules answers with
    :class:`aiozcrm.errors.FeatureUnavailableError`.
    Calls need the scope ``ZohoCRM.templates.inventory.READ``.
    """

    path = "settings/inventory_templates"
    key = "inventory_templates"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.templates.inventory.READ",)
