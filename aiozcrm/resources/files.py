"""Files that are uploaded before they are attached to something."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeAlias, overload

from aiozcrm._protocol import ApiCall, File, Form, Reply, known_id, results_of
from aiozcrm.batch import Batch, BatchReport, Chunk, OnOutcome, Outcome, Rows
from aiozcrm.errors import InvalidInputError, ZohoError
from aiozcrm.resources._behaviours._transfers import Downloading, FileSource, Uploading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources._results import no_trouble, outcomes_of, unreadable

__all__ = ["FileSource", "FileStream", "Files", "TargetFile"]

#: How many files Zoho takes in a call.
_MOST_FILES: Final = 10

_Named: TypeAlias = FileSource | tuple[str, FileSource]


class Files(Uploading, Downloading):
    """Files in Zoho's file system (ZFS), where they wait to be used.

    - upload: https://www.zoho.com/crm/developer/docs/api/v7/upload-files-to-zfs.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/get-files.html

    The id of a file is a long text. Use it in a mail, or in a field for files or images of a
    record. A file has at most 20 MB, a call brings ten of them.
    Calls need the scope ``ZohoCRM.files.CREATE`` or ``ZohoCRM.files.READ``.
    """

    path = "files"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.files.{operation}",)
    named = True
    most_bytes = 20 * 1024 * 1024

    async def upload(
        self,
        file: FileSource,
        /,
        *,
        name: str | None = None,
        content_type: str | None = None,
        type: Literal["inline"] | None = None,
    ) -> Outcome:
        """Upload a file.

        A second upload does no harm, so it is sent again where an answer was lost, unless it is
        a stream.

        Args:
            file: A path, an open binary file, bytes, or an async iterable of bytes.
            name: What Zoho is to call it; by default the name of the path or of the open file.
            content_type: Its media type.
            type: ``inline`` for an image that is to be shown inside of a mail.

        Returns:
            The outcome, ``created``, with the id of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has no name, or more than 20 MB; of a stream
                that is found out while it is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            OSError: If the file cannot be read.
            TypeError: If *file* is something else; nothing is sent.
        """
        [outcome] = await self._send(self._form(file, name, content_type), type)
        if outcome.error is not None:
            raise outcome.error
        return outcome

    async def upload_many(
        self,
        files: Iterable[_Named] | AsyncIterable[_Named],
        /,
        *,
        type: Literal["inline"] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Upload many files and account for every one, ten a call.

        Args:
            files: Paths or open binary files; or pairs of a name and anything that
                :meth:`upload` takes.
            type: ``inline`` for images that are to be shown inside of a mail.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, with the ids, in the order of the files.

        Raises:
            aiozcrm.errors.InvalidInputError: If a file of a list has more than 20 MB; nothing is
                sent.
        """
        return await self._uploads(type, concurrency, on_outcome).report(files)

    def iter_upload_many(
        self,
        files: Iterable[_Named] | AsyncIterable[_Named],
        /,
        *,
        type: Literal["inline"] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Upload many files and yield each outcome as soon as it is there.

        Args:
            files: As for :meth:`upload_many`.
            type: As for :meth:`upload_many`.
            concurrency: As for :meth:`upload_many`.
            on_outcome: As for :meth:`upload_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._uploads(type, concurrency, on_outcome).stream(files)

    @overload
    def download(self, id: str, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, id: str, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, id: str, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download a file.

        Args:
            id: The id that the upload has given it.
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such file.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        return self._download(to=to, query={"id": self._id(id)})

    def _uploads(
        self, type: str | None, concurrency: int | None, on_outcome: OnOutcome | None
    ) -> Batch[File]:
        def read(raw: Any) -> File:
            name, file = raw if isinstance(raw, tuple) else (None, raw)
            try:
                return self._file(file, name, None)
            except OSError as error:
                raise _unreadable(error) from None

        async def send(chunk: Chunk[File]) -> list[Outcome]:
            form = Form([("file", file) for file in chunk.rows])
            try:
                return await self._send(form, type)
            except ZohoError:  # Some of them are an OSError, too.
                raise
            except OSError as error:
                raise _unreadable(error) from None

        rows = Rows(read=read, name=lambda _: "", per_call=_MOST_FILES)
        return self._batch(
            send, rows, about="POST files", concurrency=concurrency, on_outcome=on_outcome
        )

    async def _send(self, form: Form, type: str | None) -> list[Outcome]:
        """Make one call, and return what became of each file."""

        def check(call: ApiCall, reply: Reply) -> None:
            no_trouble(self.key)(call, reply)
            told = results_of(reply.data, self.key)
            ids = [known_id(each.details.get("id")) for each in told if each.status == "success"]
            if not all(ids):
                raise unreadable(reply, "it does not name each file", wrote=True)
            if not set(ids).isdisjoint(self._api.uploaded):
                # It came once before, to another call.
                self._api.transport.distrust_connections()
                raise unreadable(reply, "it names a file of another upload", wrote=True)

        call, reply = await self._call(
            "POST", query={"type": type}, body=form, repeatable=True, check=check
        )
        results = results_of(reply.data, self.key)
        names = [""] * len(form.files)
        outcomes = outcomes_of(results, call, reply, names=names, status="created")
        self._api.uploaded.extend(outcome.id for outcome in outcomes if outcome.error is None)
        return outcomes


def _unreadable(error: OSError) -> InvalidInputError:
    return InvalidInputError(f"A file cannot be read: {error}.")
