"""Templates for emails."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._templates import Templates

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


class EmailTemplates(Templates[EmailTemplate]):
    """The templates for emails. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/email-templates.html

    To send one, name its id as ``template`` when you send a mail.
    Calls need the scope ``ZohoCRM.templates.email.READ``.
    """

    path = "settings/email_templates"
    key = "email_templates"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.templates.email.READ",)
