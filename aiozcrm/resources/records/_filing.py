"""Records and the files that belong to them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Collection,
    Coroutine,
    Sequence,
)
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import attr as attrs

from aiozcrm._call_facts import CallFacts
from aiozcrm._protocol import check_record_id, clean_name
from aiozcrm._waiting import until_ended
from aiozcrm.batch import Chunk, Inputs, OnOutcome, Outcome, Rows, many, read_all
from aiozcrm.errors import InvalidInputError, ZohoError
from aiozcrm.resources.records._places import RecordPlaces
from aiozcrm.resources.records._queries import RecordT

if TYPE_CHECKING:
    import os

    from aiozcrm.resources._download_targets import TargetFile
    from aiozcrm.resources._downloads import FileStream

__all__ = ["FilingRecords"]

#: What a list tells of an attachment that is to be downloaded.
_FIELDS: Final = ("File_Name", "Size", "$link_url")

#: What the names of files that are not whole end with.
_UNFINISHED: Final = (".part", ".part.json")

#: No file has a size with more of them.
_MOST_DIGITS: Final = 18


@attrs.frozen(eq=False, repr=False)
class _File:
    """A file to download, or the reason why those of a record are not known.

    Attributes:
        id: The attachment, or the record.
        record_id: The record.
        name: What the file is to be called.
        size: How many bytes it has, as far as Zoho tells it.
        error: Why the attachments of the record are not known.
    """

    id: str
    record_id: str
    name: str = ""
    size: int | None = None
    error: Exception | None = None


class _Names:
    """Gives each file of a folder a name of its own, whatever the case of its letters means."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def give(self, file: _File) -> _File:
        """Return a file with a name that is harmless and free, and take that name."""
        if file.error is not None:
            return file
        name = clean_name(file.name)
        if name.lower().endswith(_UNFINISHED):
            name += "_"
        stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
        for number in itertools.count(self._next.get(name, 1)):
            free = name if number == 1 else f"{stem} ({number}){dot}{suffix}"
            if free.casefold() not in self._taken:
                self._taken.add(free.casefold())
                self._next[name] = number + 1
                return attrs.evolve(file, name=free)
        raise AssertionError  # pragma: no cover  # numbers do not end


class FilingRecords(RecordPlaces[RecordT]):
    """The files of records."""

    @overload
    def download_fields_attachment(
        self, id: str | int, /, *, fields_attachment_id: str | int
    ) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download_fields_attachment(
        self, id: str | int, to: TargetFile, /, *, fields_attachment_id: str | int
    ) -> Coroutine[Any, Any, Path]: ...
    def download_fields_attachment(
        self, id: str | int, to: TargetFile | None = None, /, *, fields_attachment_id: str | int
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download a file from a field for files or images.

        https://www.zoho.com/crm/developer/docs/api/v7/download_field_attachments.html

        Args:
            id: The record.
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.
            fields_attachment_id: The ``id`` of the file in the field's value.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such file.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        # Most programs download nothing.
        from aiozcrm.resources._downloads import download  # noqa: PLC0415

        call = self._api_call(
            "GET",
            self._id(id),
            "actions",
            "download_fields_attachment",
            query={"fields_attachment_id": fields_attachment_id},
        )
        return download(self._api.transport, call, to)

    async def iter_download_attachments(
        self,
        ids: Inputs,
        folder: str | os.PathLike[str],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Download all attachments of many records into a folder, and yield an outcome per file.

        Files have the names that Zoho has for them, without a path and other traps. Of several
        with the same name, the second one gets a ``(2)`` and so on, in the order of the records.
        A file that an earlier run has brought is replaced. Links are left out.

        Args:
            ids: The records.
            folder: The folder, which has to be there.
            concurrency: How many files may come at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Yields:
            An outcome per file, in the order of completion: ``id`` is the attachment, and
            ``details`` has its ``path`` and ``record_id``. If the attachments of a record cannot
            be listed, there is one outcome with the id of the record instead.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there, or an id of a list is
                none; nothing is sent.
            OSError: If a file cannot be written.
        """
        from aiozcrm.resources._download_targets import check_place  # noqa: PLC0415

        place = Path(folder)
        await asyncio.to_thread(partial(check_place, place, is_folder=True))
        given = many(ids)
        if isinstance(ids, Collection):
            rows = Rows[str](read=self._id, once=True)
            given = (await read_all(tuple(ids), rows)).rows
        batch = self._batch(
            partial(self._fetch, place),
            Rows[_File](read=lambda file: file, name=lambda file: file.id),
            about=f"download {self.module}/Attachments",
            concurrency=concurrency,
            on_outcome=on_outcome,
        )
        async with (
            contextlib.aclosing(self._files_of(given, batch.workers)) as files,
            contextlib.aclosing(batch.stream(files)) as outcomes,
        ):
            async for outcome in outcomes:
                yield outcome

    async def _fetch(self, folder: Path, chunk: Chunk[_File]) -> Sequence[Outcome]:
        from aiozcrm.resources._downloads import download  # noqa: PLC0415

        [file] = chunk.rows
        if file.error is not None:
            raise file.error
        path = folder / file.name
        if await asyncio.to_thread(path.is_dir):
            raise InvalidInputError(f"{path} is a folder.")
        call = self.attachments(file.record_id)._api_call("GET", file.id)  # noqa: SLF001  # kin
        async with CallFacts() as facts:
            await download(self._api.transport, call, path, size=file.size)
        details = {"path": str(path), "record_id": file.record_id}
        return [Outcome(file.id, "done", facts.attempts, details=details)]

    async def _files_of(self, ids: Inputs, ahead: int) -> AsyncGenerator[_File, None]:
        """Yield the files of records in the order of the records, and list some records ahead."""
        names, listing = _Names(), deque[asyncio.Task[list[_File]]]()
        try:
            async for raw in self._once(ids):
                listing.append(asyncio.create_task(self._list_files(raw)))
                if len(listing) >= ahead:
                    for file in await listing.popleft():
                        yield names.give(file)
            while listing:
                for file in await listing.popleft():
                    yield names.give(file)
        finally:
            for task in listing:
                task.cancel()
            await until_ended(*listing)

    async def _once(self, ids: Inputs) -> AsyncIterator[Any]:
        """Yield what names records, and of what names the same one the first alone."""
        seen = set[str]()
        async for raw in _each(ids):
            try:
                own = self._id(raw)
            except (TypeError, ValueError):
                yield raw  # what is wrong with it is told by who lists its files
                continue
            if own not in seen:
                seen.add(own)
                yield own

    async def _list_files(self, raw: Any) -> list[_File]:
        try:
            own = self._id(raw)
            rows = await self.attachments(own).list(fields=_FIELDS)
            return [
                _File(
                    check_record_id(row.get("id")),
                    own,
                    str(row.get("File_Name") or ""),
                    _whole(row.get("Size")),
                )
                for row in rows
                if not row.get("$link_url")
            ]
        except (ZohoError, TypeError) as error:
            return [_File(str(raw), str(raw), error=error)]


def _whole(size: object) -> int | None:
    text = str(size)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


async def _each(ids: Inputs) -> AsyncIterator[Any]:
    if isinstance(ids, AsyncIterable):
        async for own in ids:
            yield own
    else:
        for own in ids:
            yield own
