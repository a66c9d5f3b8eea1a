"""The emails of a record."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, overload

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream

__all__ = ["RecordEmails"]


class RecordEmails(Downloading):
    """The emails of a record.

    - download_attachments:
      https://www.zoho.com/crm/developer/docs/api/v7/download-email-attachments.html
    - download_inline_images:
      https://www.zoho.com/crm/developer/docs/api/v7/download-inline-images.html

    Calls need the scopes of the module and ``ZohoCRM.modules.emails.READ``.
    """

    path = "{module}/{record_id}/Emails"
    key = "Emails"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.{operation}",
        "ZohoCRM.modules.emails.{operation}",
    )

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
