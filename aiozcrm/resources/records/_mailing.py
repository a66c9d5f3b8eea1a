"""Records and mails."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import attr as attrs

from aiozcrm._protocol import Json
from aiozcrm.batch import BatchReport, Inputs, Outcome
from aiozcrm.errors import DuplicateDataError, InvalidInputError, NotAllowedError
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources._results import object_of
from aiozcrm.resources.records._acting import ActingRecords
from aiozcrm.resources.records._queries import RecordT

if TYPE_CHECKING:
    from aiozcrm.resources._download_targets import TargetFile
    from aiozcrm.resources._downloads import FileStream

__all__ = ["MailingRecords"]

#: How Zoho says that an address is not blocked any more.
_UNBLOCKED: Final = "already unblocked"


class MailingRecords(ActingRecords[RecordT]):
    """What mails have to do with records."""

    @overload
    def download_mail_merge(
        self, id: str | int, item: Mapping[str, Any], /
    ) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download_mail_merge(
        self, id: str | int, item: Mapping[str, Any], to: TargetFile, /
    ) -> Coroutine[Any, Any, Path]: ...
    def download_mail_merge(
        self, id: str | int, item: Mapping[str, Any], to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Merge a record into a template, and download the document.

        https://www.zoho.com/crm/developer/docs/api/v7/download-mail-merge.html

        It costs five credits, and fails if it takes Zoho more than a minute. Scopes:
        ``ZohoCRM.settings.mailmerge.CREATE``, ``ZohoWriter.documentEditor.ALL`` and
        ``ZohoWriter.merge.ALL``.

        Args:
            id: The record.
            item: ``{"mail_merge_template": {"name": ...}}``, with ``output_format`` (``pdf``,
                ``docx`` or ``html``), ``file_name`` and, of a PDF, ``password``, if you like.
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there; nothing is sent.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        # Most programs download nothing.
        from aiozcrm.resources._downloads import download  # noqa: PLC0415

        call = self._api_call(
            "POST",
            self._id(id),
            "actions",
            "download_mail_merge",
            body=Json({"download_mail_merge": [item]}),
            repeatable=True,
        )
        return download(self._api.transport, call, to)

    async def send_mail_merge(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Merge a record into a template, and send it by mail.

        https://www.zoho.com/crm/developer/docs/api/v7/send-mail-merge.html

        It is sent once: a second mail could follow. Scopes: those of :meth:`download_mail_merge`
        and ``ZohoCRM.settings.emails.ALL``.

        Args:
            id: The record.
            item: ``mail_merge_template`` with its ``name``, ``from_address``, ``to_address``,
                ``subject``, ``message``, ``type`` (``inline`` or ``attachment``) and so on.

        Returns:
            The outcome, ``done``. ``details`` have a ``report_link``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not sent, or that is not known (``maybe_done``).
        """
        return await self._act_by_mail(id, "send_mail_merge", "send_mail_merge", item)

    async def sign_mail_merge(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Merge a record into a template, and send it to be signed.

        https://www.zoho.com/crm/developer/docs/api/v7/sign-mail-merge.html

        It is sent once: a second mail could follow. Scopes: those of :meth:`download_mail_merge`
        and ``ZohoSign.documents.ALL``.

        Args:
            id: The record.
            item: ``mail_merge_template`` with its ``name``, ``file_name``, ``sign_in_order`` and
                ``signers``.

        Returns:
            The outcome, ``done``. ``details`` have a ``report_link``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not sent, or that is not known (``maybe_done``).
        """
        return await self._act_by_mail(id, "sign_mail_merge", "sign_mail_merge", item)

    async def send_mail(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Send a mail to a record, or to anybody, in its name.

        https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html

        It is sent once. After a lost answer, look at the emails of the record. Zoho sends 100 a
        day. Scope: ``ZohoCRM.send_mail.all.CREATE``, or that of the module.

        Args:
            id: The record.
            item: ``from`` with ``user_name`` and ``email``, and a list ``to`` of the same, as
                well as ``subject``, ``content``, ``mail_format``, ``template``, ``attachments``,
                ``scheduled_time`` and so on.

        Returns:
            The outcome, ``done``. ``details`` have the ``message_id``.

        Raises:
            aiozcrm.errors.LimitExceededError: If the day's mails are sent.
            aiozcrm.errors.NotAllowedError: If the address has opted out, or mails to it come back.
            aiozcrm.errors.ZohoError: If it was not sent, or that is not known (``maybe_done``).
        """
        return await self._act_by_mail(id, "send_mail", self.key, item, heavy=True)

    async def associate_email(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Put a mail that was sent or received elsewhere among the emails of a record.

        https://www.zoho.com/crm/developer/docs/api/v7/associate-email.html

        A mail is taken once, so the call is sent again after a lost answer; that it is there
        already then means that it has worked.

        Args:
            id: The record.
            item: The mail: ``from``, ``to``, ``subject``, ``content``, ``date_time``, ``sent``
                and ``original_message_id``.

        Returns:
            The outcome, ``done``. ``details`` have the ``message_id``, if Zoho told it.

        Raises:
            aiozcrm.errors.DuplicateDataError: If it is there already.
            aiozcrm.errors.ZohoError: If it was not taken, or that is not known (``maybe_done``).
        """
        return await self._act_by_mail(
            id, "associate_email", "Emails", item, done=(DuplicateDataError,), repeatable=True
        )

    async def emails_sharing_details(self, id: str | int, /) -> dict[str, Any]:
        """Return who shares the emails of a record.

        https://www.zoho.com/crm/developer/docs/api/v7/get-email-shared-details.html

        Scopes: the one of the module and ``ZohoCRM.modules.emails.READ``.

        Args:
            id: The record.

        Returns:
            ``available_types`` and ``share_from_users``, as Zoho sent them; empty if there are
            none.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        name = "__emails_sharing_details"
        found, reply = await self._read(self._id(id), name, key=name)
        # The reference shows an object, and describes a list of one.
        details = found[0] if isinstance(found, list) and len(found) == 1 else found
        if details in (None, []):
            return {}
        told: dict[str, Any] = object_of(details, reply, name)
        return told

    async def unblock_email(self, id: str | int, /, *, unblock_fields: Iterable[str]) -> Outcome:
        """Let mails go to an address of a record again, from which one has come back.

        https://www.zoho.com/crm/developer/docs/api/v7/unblock-emails.html

        An address can be unblocked five times. That it is unblocked already after a send whose
        answer was lost means that this has worked. Scope: ``ZohoCRM.settings.emails.CREATE``.

        Args:
            id: The record.
            unblock_fields: The fields of the addresses: ``Email``, ``Secondary_Email``, or both.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.InvalidInputError: If no field is named; nothing is sent.
            aiozcrm.errors.NotAllowedError: If it is not blocked, or was unblocked too often.
            aiozcrm.errors.ZohoError: If it was not unblocked, or that is not known
                (``maybe_done``).
        """
        return await self._act_on_one(
            "unblock_email",
            id,
            _unblocking(unblock_fields),
            done=(NotAllowedError,),
            done_says=_UNBLOCKED,
        )

    async def unblock_email_many(
        self, ids: Inputs, /, *, unblock_fields: Iterable[str]
    ) -> BatchReport:
        """Let mails go to addresses of many records again, 500 records a call.

        Args:
            ids: The records.
            unblock_fields: As for :meth:`unblock_email`.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If no field is named, or an id is none; nothing is
                sent.
        """
        body = _unblocking(unblock_fields)
        batch = self._acting(
            "unblock_email",
            body,
            concurrency=None,
            on_outcome=None,
            done=(NotAllowedError,),
            done_says=_UNBLOCKED,
        )
        return await batch.report(ids)

    async def _act_by_mail(
        self,
        id: str | int,
        action: str,
        key: str,
        item: Mapping[str, Any],
        *,
        repeatable: bool = False,
        **how: Any,
    ) -> Outcome:
        """Do something with one mail, and return an outcome with the id of the record."""
        own, items = self._id(id), [draft(item)]
        outcome = await self._act(
            "POST", own, "actions", action, key=key, items=items, repeatable=repeatable, **how
        )
        return attrs.evolve(outcome, id=own)


def _unblocking(unblock_fields: Iterable[str]) -> dict[str, Any]:
    if isinstance(unblock_fields, str) or not (names := list(unblock_fields)):
        raise InvalidInputError("unblock_fields are a list of one name or more.")
    return {"unblock_fields": names}
