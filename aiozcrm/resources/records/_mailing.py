"""Records and mails."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

from aiozcrm._protocol import Json
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._reading import ReadingRecords

if TYPE_CHECKING:
    from aiozcrm.resources._download_targets import TargetFile
    from aiozcrm.resources._downloads import FileStream

__all__ = ["MailingRecords"]

_MERGE_SCOPES: Final = (
    "ZohoCRM.settings.mailmerge.CREATE",
    "ZohoWriter.documentEditor.ALL",
    "ZohoWriter.merge.ALL",
)


class MailingRecords(ReadingRecords[RecordT]):
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
        return download(self._api.transport, call.replace(scopes=_MERGE_SCOPES), to)
