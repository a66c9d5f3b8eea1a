"""The verbs that move files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import IO, Any, ClassVar, Final, TypeAlias, overload
from urllib.parse import parse_qsl, urlsplit

from aiozcrm._protocol import ApiCall, File, Form, check_path
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream, download
from aiozcrm.resources._resource import Resource

__all__ = ["Downloading", "FileSource", "Uploading"]

#: What can be uploaded: a path, a binary file that is open for reading, or bytes as they come.
FileSource: TypeAlias = str | os.PathLike[str] | IO[bytes] | bytes | AsyncIterable[bytes]

_Query: TypeAlias = Mapping[str, Any]
_NOTHING: Final[_Query] = {}


class Uploading(Resource):
    """Takes files.

    Attributes:
        most_bytes: How many bytes a file may have.
    """

    most_bytes: ClassVar[int]

    def _form(self, file: FileSource, name: str | None, content_type: str | None) -> Form:
        """Return a form with a file, or raise before anything is sent."""
        return Form([("file", self._file(file, name, content_type))])

    def _file(self, file: FileSource, name: str | None, content_type: str | None) -> File:
        for what, text in (("a name", name), ("a media type", content_type)):
            if text is not None and not isinstance(text, str):
                raise TypeError(f"{what} is a text, not {type(text).__name__}")
        kind = content_type or "application/octet-stream"
        # It stands in a header of the form.
        if not (kind.isascii() and kind.isprintable()):
            raise InvalidInputError(f"{kind!r} is not a media type.", hint="Such as image/png.")
        return File(file, name or "", content_type=kind, most=self.most_bytes)


class Downloading(Resource):
    """Hands out files."""

    @overload
    def _download(
        self,
        *behind: str,
        to: None,
        query: _Query = ...,
    ) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def _download(
        self,
        *behind: str,
        to: TargetFile,
        query: _Query = ...,
    ) -> Coroutine[Any, Any, Path]: ...
    def _download(
        self,
        *behind: str,
        to: TargetFile | None,
        query: _Query = _NOTHING,
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Make a call whose answer is a file.

        Args:
            behind: What stands behind the path.
            to: Where the file goes; None to hand it out as it comes.
            query: The query.
        """
        call = self._api_call("GET", *behind, query=query)
        return download(self._api.transport, call, to)

    @overload
    def _download_from(self, url: str, *, to: None) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def _download_from(self, url: str, *, to: TargetFile) -> Coroutine[Any, Any, Path]: ...
    def _download_from(
        self, url: str, *, to: TargetFile | None
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download what an answer of Zoho's names by its address.

        Args:
            url: The address, of one of Zoho's hosts for downloads; or a path there.
            to: Where the file goes; None to hand it out as it comes.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no address; nothing is sent.
            aiozcrm.errors.ForeignHostError: When the download begins, if the host is neither
                Zoho's nor yours: it gets no token.
        """
        call = file_call(url, scopes=self.scopes)
        return download(self._api.transport, call, to)


def file_call(url: str, *, scopes: Sequence[str] = ()) -> ApiCall:
    """Return the call for a file whose address an answer of Zoho's names.

    Args:
        url: The address; or a path at the host for downloads.
        scopes: The OAuth scopes that it needs.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is no address.
    """
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except (AttributeError, TypeError, ValueError):
        raise InvalidInputError(f"{url!r} is not the address of a file.") from None
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "download"
    if not parts.path.startswith("/") or parts.scheme not in {"", "http", "https"}:
        raise InvalidInputError(f"{url!r} is not the address of a file.")
    path = check_path(parts.path, is_whole=True)
    return ApiCall("GET", path, query=dict(query), base="", host=origin, scopes=scopes)
