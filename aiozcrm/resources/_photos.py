"""What the photos of a record and of an org can do."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, overload

from aiozcrm.batch import GONE, Outcome
from aiozcrm.errors import InvalidDataError
from aiozcrm.resources._behaviours._transfers import Downloading, FileSource, Uploading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream

__all__ = ["Photo"]

_NOTHING: Final[Mapping[str, Any]] = {}


class Photo(Uploading, Downloading):
    """There is one, or none. Its answers name no key."""

    key = ""

    @overload
    def download(self, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download the photo.

        Args:
            to: Where it goes: a path, whose file is replaced in one step; a folder, where it gets
                Zoho's name; or an open binary file. Without it, the download is an async context
                manager of the bytes.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If the folder is not there; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no photo.
            aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
            OSError: If the file cannot be written.
        """
        return self._download(to=to)

    async def delete(self) -> Outcome:
        """Delete the photo.

        Returns:
            The outcome, ``deleted``, or ``already_gone`` if an earlier send, whose answer was
            lost, has probably deleted it.

        Raises:
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        return await self._act(
            "DELETE",
            status="deleted",
            done=(*GONE, InvalidDataError),
            done_as="already_gone",
            own=self._owner,
        )

    @property
    def _owner(self) -> str:
        """The id of the record; empty for an org."""
        return self._bound.get("record_id", "")

    async def _put(
        self,
        file: FileSource,
        name: str | None,
        content_type: str | None,
        query: Mapping[str, Any] = _NOTHING,
    ) -> Outcome:
        """Put a photo in the place of the one that is there. A second send does no more."""
        return await self._act(
            "POST",
            body=self._form(file, name, content_type),
            query=query,
            status="updated",
            own=self._owner,
            repeatable=True,
        )
