"""The attachments of a record."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, Final, NotRequired, TypedDict, overload

import attr as attrs

from aiozcrm._call_facts import CallFacts
from aiozcrm._protocol import Form, check_record_id, known_id
from aiozcrm.batch import Outcome
from aiozcrm.errors import InvalidInputError, InvalidResponseError, ZohoError
from aiozcrm.resources._behaviours import Deleting
from aiozcrm.resources._behaviours._transfers import Downloading, FileSource, Uploading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources._send_moment import SendMoment
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._accounts import seconds_of
from aiozcrm.resources.records._lists import names_of

__all__ = ["ATTACHMENT_FIELDS", "Attachment", "Attachments"]

#: What a list tells of each attachment, unless it is asked for something else.
ATTACHMENT_FIELDS: Final = (
    "File_Name",
    "Size",
    "Created_Time",
    "Modified_Time",
    "Created_By",
    "Owner",
    "Parent_Id",
    "$link_url",
)

_LONGEST_URL: Final = 3000
_LONGEST_TITLE: Final = 255


_NOTHING: Final[Mapping[str, Any]] = {}


@attrs.define(eq=False)
class _Attaching:
    """An upload that is under way, or was.

    Attributes:
        key: What is attached, and to which record.
        id: The attachment; None as long as that is not known.
    """

    key: tuple[object, ...]
    id: str | None = None


class Attachment(TypedDict):
    """An attachment, with the fields that were asked for."""

    id: str
    File_Name: NotRequired[str]
    Size: NotRequired[str | None]
    Created_Time: NotRequired[str]
    Modified_Time: NotRequired[str]
    Created_By: NotRequired[dict[str, str]]
    Owner: NotRequired[dict[str, str]]
    Parent_Id: NotRequired[dict[str, Any] | None]


class Attachments(Uploading, Downloading, Deleting):
    """The attachments of a record: files, and links to files elsewhere.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-attachments.html
    - upload, create: https://www.zoho.com/crm/developer/docs/api/v7/upload-attachment.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/download-attachments.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-attachments.html

    An upload has at most 100 MB. Many attachments of many records are downloaded by
    ``zoho.records(module).iter_download_attachments``.
    Calls need the scopes of the module and of attachments, or ``ZohoCRM.modules.ALL``.
    """

    path = "{module}/{record_id}/Attachments"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.{operation}",
        "ZohoCRM.modules.attachments.{operation}",
    )
    per_delete: ClassVar[int | None] = 100
    # Zoho counts the whole request.
    most_bytes: ClassVar[int] = 100 * 1024 * 1024 - 1024

    async def list(
        self,
        *,
        fields: Sequence[str] = ATTACHMENT_FIELDS,
        ids: Sequence[str | int] | None = None,
    ) -> Sequence[Attachment]:
        """Return all attachments of the record, from as many pages as it takes.

        Args:
            fields: As for :meth:`iter`.
            ids: As for :meth:`iter`.

        Returns:
            The attachments, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [attachment async for attachment in self.iter(fields=fields, ids=ids)]

    def iter(
        self,
        *,
        fields: Sequence[str] = ATTACHMENT_FIELDS,
        ids: Sequence[str | int] | None = None,
    ) -> Pages[Attachment]:
        """Yield one attachment after the other, and read the next page meanwhile.

        Args:
            fields: The API names of what to tell of each.
            ids: Only these attachments.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200.

        Raises:
            aiozcrm.errors.InvalidInputError: If no field is named; nothing is sent.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        named = None if ids is None else [check_record_id(own) for own in ids]
        return self._iter(query={"fields": names_of(fields), "ids": named})

    async def upload(
        self,
        file: FileSource,
        /,
        *,
        name: str | None = None,
        content_type: str | None = None,
    ) -> Outcome:
        """Attach a file.

        It is sent once. If the answer is lost, the attachments of the record tell whether the
        file has arrived; if they do not, that stays in doubt.

        Args:
            file: A path, an open binary file, bytes, or an async iterable of bytes.
            name: What Zoho is to call it; by default the name of the path or of the open file.
            content_type: Its media type.

        Returns:
            The outcome, ``created``, with the id of the attachment.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has no name, or more than 100 MB; of a stream
                that is found out while it is sent.
            aiozcrm.errors.ZohoError: If it was not attached, or that is not known
                (``maybe_done``).
            OSError: If the file cannot be read.
            TypeError: If *file* is something else; nothing is sent.
        """
        form = self._form(file, name, content_type)
        sent = form.files[0][1]
        like = {"File_Name": sent.name, "Size": sent.length}
        return await self._attach(like, form=form)

    async def create(self, *, attachment_url: str, title: str | None = None) -> Outcome:
        """Attach a link to a file elsewhere.

        As an upload, it is sent once.

        Args:
            attachment_url: The address, up to 3,000 characters.
            title: What it is called, up to 255 characters.

        Returns:
            The outcome, ``created``, with the id of the attachment.

        Raises:
            aiozcrm.errors.InvalidInputError: If an argument is empty or too long; nothing is
                sent.
            aiozcrm.errors.ZohoError: If it was not attached, or that is not known
                (``maybe_done``).
        """
        if not 0 < len(attachment_url) <= _LONGEST_URL:
            raise InvalidInputError("attachment_url has 1 to 3,000 characters.")
        if title is not None and not 0 < len(title) <= _LONGEST_TITLE:
            raise InvalidInputError("title has 1 to 255 characters.")
        query = {"attachmentUrl": attachment_url, "title": title}
        return await self._attach({"$link_url": attachment_url}, query=query)

    @overload
    def download(self, id: str | int, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, id: str | int, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, id: str | int, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download an attachment.

        Args:
            id: The attachment.
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such attachment.
            aiozcrm.errors.ZohoError: If the call failed, such as for a link, or the download
                broke too often.
            OSError: If the file cannot be written.
        """
        return self._download(self._id(id), to=to)

    async def _attach(
        self,
        like: Mapping[str, Any],
        *,
        form: Form | None = None,
        query: Mapping[str, Any] = _NOTHING,
    ) -> Outcome:
        """Attach something once, and look for it if the answer is lost.

        Args:
            like: What tells it from other attachments of the record; None for what is not known.
            form: What to send.
            query: The query.
        """
        entry, may_be_there = _Attaching((self._path, *like.values())), True
        self._api.attaching.add(entry)
        moment, facts = SendMoment(self._api), CallFacts()
        try:
            async with facts, moment:
                made = await self._act(
                    "POST", body=form, query=query, status="created", repeatable=False
                )
            self._check_is_new(made)
        except ZohoError as error:
            may_be_there = error.maybe_done
            found = await self._arrived(like, entry, moment, error) if may_be_there else None
            if found is None:
                raise
            made = Outcome(str(known_id(found["id"])), "created", error.attempts, details=found)
        except BaseException:  # such as a cancellation, or a file that cannot be read
            may_be_there = facts.maybe_done
            raise
        finally:
            self._api.attaching.remove(entry)
            self._api.attached.extend([entry] if may_be_there else ())
        entry.id = made.id
        return made

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row of a list is about an attachment, and about none elsewhere."""
        parent = row.get("Parent_Id")
        of = parent.get("id") if isinstance(parent, dict) else None
        record_id = self._bound["record_id"]
        is_here = bool(self.headers) or of in {None, record_id}
        return known_id(row.get("id")) is not None and is_here

    def _check_is_new(self, made: Outcome) -> None:
        """Raise if an answer came once before, to another upload."""
        if all(made.id != other.id for other in self._api.attached):
            return
        self._api.transport.distrust_connections()
        error = InvalidResponseError(
            f"POST {self._path} was answered as another upload was: with attachment {made.id}.",
            status=200,
            excerpt="",
        )
        error.attempts = made.attempts
        raise error

    async def _arrived(
        self, like: Mapping[str, Any], entry: _Attaching, moment: SendMoment, error: ZohoError
    ) -> Mapping[str, Any] | None:
        """Return the attachment that an upload has made although its answer was lost.

        It is only one that nobody else can have made, as far as that can be told: it is alike, not
        older, and this client knows of no other upload like it that it may be.

        Args:
            like: What it has to be like.
            entry: The upload.
            moment: When it was sent.
            error: Why that is not known; its hint will say what to do.
        """
        error.hint = "Look at the attachments of the record before you attach it again."
        try:
            rows = await self.list(fields=("Created_Time", "Parent_Id", *like))
        except ZohoError:
            return None
        if not all(self._is_ours(row) for row in rows):
            return None
        uploads = (*self._api.attaching, *self._api.attached)
        known = {other.id for other in uploads if other.key == entry.key and other is not entry}
        second = int(moment.second())
        found = [
            row
            for row in rows
            if known_id(row["id"]) not in known
            and (seconds_of(row.get("Created_Time")) or 0.0) >= second
            and all(str(row.get(name)) == str(value) for name, value in like.items() if value)
        ]
        return found[0] if len(found) == 1 and None not in known else None
