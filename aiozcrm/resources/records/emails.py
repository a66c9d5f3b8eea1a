"""The emails of a record."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, Literal, NotRequired, TypeAlias, TypedDict, overload

from aiozcrm._protocol import check_record_id
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._behaviours import filters_text
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources._results import page_of, unreadable
from aiozcrm.resources.pages import Page, Pages, walk

__all__ = ["Address", "Email", "EmailType", "RecordEmails"]

#: Which emails: those that users sent by the CRM, drafts, those of a mailbox, and so on.
EmailType: TypeAlias = Literal[
    "sent_from_crm",
    "scheduled_in_crm",
    "drafts",
    "user_emails",
    "all_contacts_sent_crm_emails",
    "all_contacts_scheduled_crm_emails",
    "all_contacts_draft_crm_emails",
]


class Address(TypedDict):
    """Whom an email came from or went to."""

    user_name: str | None
    email: str


Email = TypedDict(
    "Email",
    {
        "message_id": NotRequired[str],
        "subject": str | None,
        "from": Address,
        "to": list[Address],
        "cc": NotRequired[list[Address] | None],
        "time": NotRequired[str],
        "sent": NotRequired[bool],
        "source": NotRequired[str],
        "owner": NotRequired[dict[str, str]],
        "has_attachment": NotRequired[bool],
        "status": NotRequired[list[dict[str, Any]] | None],
        "content": NotRequired[str],
        "attachments": NotRequired[list[dict[str, str]]],
    },
)


class RecordEmails(Downloading):
    """The emails of a record.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-email-rel-list.html
    - download_attachments:
      https://www.zoho.com/crm/developer/docs/api/v7/download-email-attachments.html
    - download_inline_images:
      https://www.zoho.com/crm/developer/docs/api/v7/download-inline-images.html

    Zoho hands out ten a page.
    Calls need the scopes of the module and ``ZohoCRM.modules.emails.READ``.
    """

    path = "{module}/{record_id}/Emails"
    key = "Emails"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.{operation}",
        "ZohoCRM.modules.emails.{operation}",
    )
    named = True
    rows_on_a_page: ClassVar[int] = 10

    def iter(
        self,
        *,
        type: EmailType | None = None,
        owner_id: str | int | None = None,
        filter: Mapping[str, Any] | str | None = None,
    ) -> Pages[Email]:
        """Yield one email after the other, the latest first, without content.

        Args:
            type: Only such emails; the last three are for accounts.
            owner_id: Only those of this user; goes with ``user_emails``.
            filter: What else they have to meet, as Zoho writes it.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to ten.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        owner = None if owner_id is None else check_record_id(owner_id)
        asked = {"type": type, "owner_id": owner, "filter": filters_text(filter)}

        async def read(following: Mapping[str, Any]) -> Page[Email]:
            items, reply = await self._read(query={**asked, "index": following.get("page_token")})
            page: Page[Any] = page_of(items, reply, most=self.rows_on_a_page, behind="next_index")
            if page.more and page.token is None:
                raise unreadable(reply, "it does not tell where the list goes on")
            return page

        return Pages(walk(read))

    async def list(
        self,
        *,
        type: EmailType | None = None,
        owner_id: str | int | None = None,
        filter: Mapping[str, Any] | str | None = None,
    ) -> Sequence[Email]:
        """Return all emails, from as many pages as it takes.

        Args:
            type: As for :meth:`iter`.
            owner_id: As for :meth:`iter`.
            filter: As for :meth:`iter`.

        Returns:
            The emails, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [email async for email in self.iter(type=type, owner_id=owner_id, filter=filter)]

    async def get(
        self,
        id: str,
        /,
        *,
        type: EmailType | None = None,
        owner_id: str | int | None = None,
    ) -> Email:
        """Return one email, with its content.

        Args:
            id: Its ``message_id``.
            type: What kind it is.
            owner_id: The user whose it is.

        Returns:
            The email, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such email.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        owner = None if owner_id is None else check_record_id(owner_id)
        email: Email = await self._get(id, query={"type": type, "owner_id": owner})
        return email

    @overload
    def download_attachments(
        self, id: str, /, *, user_id: str | int, message_id: str, name: str
    ) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download_attachments(
        self, id: str, to: TargetFile, /, *, user_id: str | int, message_id: str, name: str
    ) -> Coroutine[Any, Any, Path]: ...
    def download_attachments(
        self,
        id: str,
        to: TargetFile | None = None,
        /,
        *,
        user_id: str | int,
        message_id: str,
        name: str,
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download a file that came with an email.

        Args:
            id: The file, as the email names it.
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.
            user_id: The user that has sent the email.
            message_id: The email.
            name: What the file is called.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there, or an id is empty;
                nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such file.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        query = {"user_id": user_id, "message_id": message_id, "id": id, "name": name}
        return self._download("actions", "download_attachments", to=to, query=_all_given(query))

    @overload
    def download_inline_images(
        self, id: str, /, *, user_id: str | int, message_id: str
    ) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download_inline_images(
        self, id: str, to: TargetFile, /, *, user_id: str | int, message_id: str
    ) -> Coroutine[Any, Any, Path]: ...
    def download_inline_images(
        self,
        id: str,
        to: TargetFile | None = None,
        /,
        *,
        user_id: str | int,
        message_id: str,
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download an image that an email shows.

        Args:
            id: The image: its ``img_id`` in the content of the email.
            to: Where it goes, as for :meth:`download_attachments`.
            user_id: The owner of the record.
            message_id: The email.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there, or an id is empty;
                nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such image.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        query = {"user_id": user_id, "message_id": message_id, "id": id}
        return self._download("actions", "download_inline_images", to=to, query=_all_given(query))


def _all_given(query: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in query.items():
        if not str(value).strip():
            raise InvalidInputError(f"{name} must not be empty.")
    return query
