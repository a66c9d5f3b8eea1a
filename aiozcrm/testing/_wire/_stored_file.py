"""Files that Zoho keeps, and how it hands them out: whole, or from the middle on."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

import attrs

from aiozcrm.testing._wire._answer import Answer

__all__ = ["StoredFile", "hand_out"]

_PIECE: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)
#: What Zoho's servers call a file of any kind.
_ANY_KIND: Final = "application/x-download"


@attrs.frozen(kw_only=True)
class StoredFile:
    """A file that Zoho keeps.

    Attributes:
        name: What it is called.
        content: What is in it: bytes, or where it lies on this machine, for big ones.
        content_type: Its media type; by default that of the name.
    """

    name: str
    content: bytes | Path = attrs.field(repr=False)
    content_type: str = attrs.field()

    @content_type.default
    def _guess(self) -> str:
        return mimetypes.guess_type(self.name)[0] or _ANY_KIND

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)

    @property
    def etag(self) -> str:
        """Another text for other bytes."""
        if isinstance(self.content, Path):
            facts = self.content.stat()
            return f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from *start* to before *end*, in pieces."""
        if isinstance(self.content, bytes):
            for at in range(start, end, _PIECE):
                yield self.content[at : min(at + _PIECE, end)]
            return
        with self.content.open("rb") as file:
            file.seek(start)
            for at in range(start, end, _PIECE):
                yield file.read(min(_PIECE, end - at))


def hand_out(file: StoredFile, headers: Mapping[str, str], *, ranges: bool) -> Answer:
    """Return the answer that holds a file, or what was asked for of it.

    Args:
        file: The file.
        headers: Those of the request: ``Range`` and ``If-Range`` count.
        ranges: Whether there are ranges at all, and an ``ETag``.
    """
    size = file.size
    told = {
        "Content-Type": file.content_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
    }
    start, end, status = 0, size, 200
    if ranges:
        etag = file.etag
        told |= {"ETag": etag, "Accept-Ranges": "bytes"}
        asked = _RANGE.fullmatch(headers.get("Range", ""))
        if asked and headers.get("If-Range", etag) == etag:
            start = int(asked[1])
            end = min(int(asked[2]) + 1, size) if asked[2] else size
            if start >= end:
                return Answer(416, headers={"Content-Range": f"bytes */{size}"})
            told["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
            status = 206
    told["Content-Length"] = str(end - start)
    return Answer(status, headers=told, stream=partial(file.read, start, end))
