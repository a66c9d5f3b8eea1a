"""Layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import (
    Getting,
    Listing,
    Replacing,
    Updating,
    check_record_id,
    draft,
)

__all__ = ["Layout", "LayoutDraft", "LayoutSection", "Layouts"]


class LayoutSection(TypedDict):
    """A part of a layout. Its fields tell what the layout makes of them, such as ``required``."""

    id: str
    name: str
    display_label: str
    fields: list[dict[str, Any]]
    api_name: NotRequired[str]
    type: NotRequired[str]
    sequence_number: NotRequired[int]
    column_count: NotRequired[int]
    tab_traversal: NotRequired[int | str]
    isSubformSection: NotRequired[bool]
    generated_type: NotRequired[str]
    properties: NotRequired[dict[str, Any] | None]


class Layout(TypedDict):
    """How the records of a module are shown: sections with fields."""

    id: str
    name: str
    display_label: str
    status: str
    sections: list[LayoutSection]
    profiles: NotRequired[list[dict[str, Any]]]
    visible: NotRequired[bool]
    source: NotRequired[str]
    api_name: NotRequired[str | None]
    generated_type: NotRequired[str]
    convert_mapping: NotRequired[dict[str, Any] | None]
    created_time: NotRequired[str | None]
    modified_time: NotRequired[str | None]
    created_by: NotRequired[dict[str, str] | None]
    modified_by: NotRequired[dict[str, str] | None]


class LayoutDraft(TypedDict, total=False):
    """What can be changed of a layout: up to 5 new sections, and 5 fields of sections, a call.

    A section with an ``id`` is changed, one without is new; so are its fields. A field leaves the
    layout by ``"_delete": {"permanent": False}``.
    """

    sections: list[dict[str, Any]]


class Layouts(Listing[Layout], Getting[Layout], Updating[LayoutDraft], Replacing):
    """The layouts of a module. They are made in Zoho's own pages.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/layouts-meta.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-custom-layout.html
    - activate: https://www.zoho.com/crm/developer/docs/api/v7/activate-custom-layout.html
    - deactivate: https://www.zoho.com/crm/developer/docs/api/v7/deactivate-custom-layout.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-custom-layout.html

    Zoho changes one layout a call. Records of a layout that is deleted or deactivated move to
    the one in ``transfer_to``, which has to be active; the first layout of a module stays.
    Calls need the scope ``ZohoCRM.settings.layouts.ALL``, or the one of the operation.
    """

    path = "settings/layouts"
    key = "layouts"
    changes_schema: ClassVar[bool] = True
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.layouts.{operation}",)
    parts: ClassVar[tuple[str, ...]] = ("sections",)
    update_method = "PATCH"
    per_update: ClassVar[int | None] = None

    async def activate(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Let users work with a layout that was deactivated.

        Args:
            id: The layout.
            item: ``{"profiles": [{"id": ...}]}``, whose users those are.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If it is active.
            aiozcrm.errors.NotFoundError: If there is no such layout.
            aiozcrm.errors.ZohoError: If it was not activated, or that is not known
                (``maybe_done``).
        """
        return await self._switch("POST", self._id(id), "actions", "activate", items=[draft(item)])

    async def deactivate(self, id: str | int, /, *, transfer_to: str | int) -> Outcome:
        """Keep a layout, but let nobody work with it.

        Args:
            id: The layout.
            transfer_to: The id of the layout that its records get.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If it is not active.
            aiozcrm.errors.NotFoundError: If there is no such layout.
            aiozcrm.errors.ZohoError: If it was not deactivated, or that is not known
                (``maybe_done``).
        """
        query = {"transfer_to": check_record_id(transfer_to)}
        return await self._switch("DELETE", self._id(id), "actions", "activate", query=query)
