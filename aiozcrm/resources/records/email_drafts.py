"""The drafts of emails of a record."""

from __future__ import annotations

from typing import Any, ClassVar, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Deleting, Getting, Paging, Updating, draft

__all__ = ["EmailDraft", "EmailDraftDraft", "EmailDrafts"]

EmailDraft = TypedDict(
    "EmailDraft",
    {
        "id": str,
        "from": str,
        "to": list[dict[str, Any]] | None,
        "cc": list[dict[str, Any]] | None,
        "bcc": list[dict[str, Any]] | None,
        "reply_to": str | None,
        "subject": str | None,
        "content": str | None,
        "rich_text": bool,
        "summary": str | None,
        "attachments": list[dict[str, str]] | None,
        "schedule_details": dict[str, str] | None,
        "template": dict[str, str] | None,
        "created_time": str,
        "modified_time": str,
    },
    total=False,
)

#: What can be set on a draft; ``from`` and ``rich_text`` are mandatory, and in updates ``id``.
EmailDraftDraft = TypedDict(
    "EmailDraftDraft",
    {
        "id": str,
        "from": str,
        "to": list[dict[str, Any]],
        "cc": list[dict[str, Any]],
        "bcc": list[dict[str, Any]],
        "reply_to": str,
        "subject": str,
        "content": str,
        "rich_text": bool,
        "attachments": list[dict[str, str]],
        "schedule_details": dict[str, str],
        "template": dict[str, str],
        "inventory_details": dict[str, Any],
        "email_opt_out": bool,
    },
    total=False,
)


class EmailDrafts(
    Paging[EmailDraft],
    Getting[EmailDraft],
    Creating[EmailDraftDraft],
    Updating[EmailDraftDraft],
    Deleting,
):
    """The drafts of emails of a record. Their ids are not those of records, but words.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-drafts.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-drafts.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-draft.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-draft.html

    A page has ten of them; a call creates or changes 100 and deletes one.
    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module and operation.
    """

    path = "{module}/{record_id}/__email_drafts"
    key = "__email_drafts"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)
    named = True
    rows_on_a_page: ClassVar[int] = 10
    per_update: ClassVar[int | None] = 100

    async def update(self, id: str | int, changes: EmailDraftDraft, /) -> Outcome:
        """Change one.

        Args:
            id: Its id, a word.
            changes: What to change, with ``from`` and ``rich_text``, which Zoho wants each time.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such draft.
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
            TypeError: If *changes* are no mapping, or hold what JSON does not know; nothing is
                sent.
        """
        own = self._id(id)
        item = {**draft(changes), "id": own}
        return await self._act("PUT", items=[item], status="updated", own=own, repeatable=True)
