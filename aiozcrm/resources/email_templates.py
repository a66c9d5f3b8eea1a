"""Templates for emails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Getting, filters_text

__all__ = ["EmailTemplate", "EmailTemplates"]


class EmailTemplate(TypedDict):
    """A template. Its ``content`` comes only when it is read alone."""

    id: str
    name: str
    module: dict[str, str]
    subject: NotRequired[str]
    attachments: NotRequired[list[dict[str, Any]] | None]
    last_version_statistics: NotRequired[dict[str, int]]
    associated: NotRequired[bool]
    consent_linked: NotRequired[bool]
    folder: NotRequired[dict[str, str]]
    category: NotRequired[str]
    editor_mode: NotRequired[str]
    favorite: NotRequired[bool]
    content: NotRequired[str | None]
    last_usage_time: NotRequired[str | None]
    modified_time: NotRequired[str]
    modified_by: NotRequired[dict[str, str]]
    created_by: NotRequired[dict[str, str]]


class EmailTemplates(Getting[EmailTemplate]):
    """The templates for emails. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/email-templates.html

    To send one, name its id as ``template`` when you send a mail.
    Calls need the scope ``ZohoCRM.templates.email.READ``.
    """

    path = "settings/email_templates"
    key = "email_templates"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.templates.email.READ",)

    async def list(
        self,
        *,
        module: str | None = None,
        category: str | None = None,
        sort_by: Literal["modified_time", "last_usage_time", "name"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Sequence[EmailTemplate]:
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
