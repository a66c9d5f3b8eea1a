"""What a request carries if it uploads: a file, or a form with files."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import IO, Any, Final

import attr as attrs

from aiozcrm._protocol._bodies import RunBlocking
from aiozcrm.errors import InvalidInputError

__all__ = ["File", "Form"]

_PIECE: Final = 1024 * 1024


@attrs.frozen(eq=False)
class File:
    """The bytes of a file, an open file, or a stream.

    Attributes:
        source: A path, a binary file that is open for reading, bytes, or an async iterable of
            bytes. An open file is read from where it stands.
        name: What Zoho is to call it; by default the name of the path or of the open file.
        content_type: The media type.
        most: How many bytes it may have; None for any number.

    Raises:
        aiozcrm.errors.InvalidInputError: If it has no name or too many bytes, or the path is not
            that of a file.
        OSError: If there is nothing at the path.
        TypeError: If the source is something else.
    """

    source: str | os.PathLike[str] | IO[bytes] | bytes | AsyncIterable[bytes] = attrs.field(
        repr=False
    )
    name: str = ""
    content_type: str = attrs.field(default="application/octet-stream", kw_only=True)
    most: int | None = attrs.field(default=None, kw_only=True)
    length: int | None = attrs.field(init=False)
    repeatable: bool = attrs.field(init=False)
    _start: int = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        known_as, length, start = _facts_of(self.source)
        name = self.name or known_as
        if not name:
            raise InvalidInputError("The file has no name.", hint="Give it one: name=...")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise InvalidInputError(
                "The name of the file cannot be sent.", hint="Give it another one: name=..."
            ) from None
        if length is not None:
            self._check_size(name, length)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "length", length)
        object.__setattr__(self, "repeatable", length is not None)
        object.__setattr__(self, "_start", start)

    async def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:
        """Yield the bytes, in pieces of at most a mebibyte.

        Args:
            run: Runs what blocks, such as ``asyncio.to_thread``.

        Raises:
            aiozcrm.errors.InvalidInputError: If the file has become shorter since it was named,
                or a stream has more bytes than it may.
        """
        source = self.source
        if isinstance(source, bytes):
            yield source
        elif isinstance(source, (str, os.PathLike)):
            file = await run(open, source, "rb")
            try:
                async for piece in self._pieces(file, run):
                    yield piece
            finally:
                await run(file.close)
        elif isinstance(source, AsyncIterable):
            size = 0
            async for piece in source:
                size += len(piece)
                self._check_size(self.name, size)
                yield piece
        else:
            if self.repeatable:
                await run(source.seek, self._start)
            async for piece in self._pieces(source, run):
                yield piece

    def _check_size(self, name: str, size: int) -> None:
        if self.most is not None and size > self.most:
            raise InvalidInputError(
                f"{name!r} is larger than Zoho takes here: at most {round(self.most / 2**20)} MB.",
            )

    async def _pieces(self, file: IO[bytes], run: RunBlocking) -> AsyncIterator[bytes]:
        """Yield as many bytes as were promised, even if the file has grown since."""
        left = self.length
        while left is None or left > 0:
            piece = await run(file.read, _PIECE if left is None else min(_PIECE, left))
            if not piece:
                break
            if left is not None:
                left -= len(piece)
            yield piece
        if left:
            raise InvalidInputError(f"{self.name!r} became shorter while it was being sent.")


def _facts_of(source: object) -> tuple[str, int | None, int]:
    """Return the name of a file, its length if it can be read twice, and where it stands."""
    if isinstance(source, (str, os.PathLike)):
        facts = os.stat(source)  # noqa: PTH116  # a str may do
        if not stat.S_ISREG(facts.st_mode):
            raise InvalidInputError(f"{os.fspath(source)!r} is not a file.")
        return os.path.basename(os.fsdecode(source)), facts.st_size, 0  # noqa: PTH119
    if isinstance(source, bytes):
        return "", len(source), 0
    if isinstance(source, AsyncIterable):
        return "", None, 0
    if isinstance(source, io.TextIOBase) or not hasattr(source, "read"):
        raise TypeError(
            "a file is a path, an open binary file, bytes or an async iterable of bytes, "
            f"not {type(source).__name__}"
        )
    file: Any = source
    path = getattr(file, "name", None)
    name = os.path.basename(path) if isinstance(path, str) else ""  # noqa: PTH119
    if not file.seekable():
        return name, None, 0
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    return name, end - start, start


@attrs.frozen(eq=False)
class Form:
    """A multipart form of fields and files.

    Attributes:
        files: Pairs of a part's name and its file.
        fields: Texts by the names of their parts.
    """

    files: Sequence[tuple[str, File]] = ()
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    _boundary: str = attrs.field(init=False, repr=False, factory=lambda: os.urandom(16).hex())

    @property
    def content_type(self) -> str:
        """The media type, with the boundary of the parts."""
        return f"multipart/form-data; boundary={self._boundary}"

    @property
    def length(self) -> int | None:
        """How many bytes it has; None if one of its files does not know its own."""
        total = len(self._texts()) + len(self._end)
        for name, file in self.files:
            if file.length is None:
                return None
            total += len(self._head(name, file)) + file.length + len(b"\r\n")
        return total

    @property
    def repeatable(self) -> bool:
        """Whether each of its files can be read more than once."""
        return all(file.repeatable for _, file in self.files)

    async def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Args:
            run: Runs what blocks, such as ``asyncio.to_thread``.
        """
        if self.fields:
            yield self._texts()
        for name, file in self.files:
            yield self._head(name, file)
            async for piece in file.chunks(run):
                yield piece
            yield b"\r\n"
        yield self._end

    @property
    def _end(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()

    def _texts(self) -> bytes:
        return "".join(
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{text}\r\n'
            for name, text in self.fields.items()
        ).encode()

    def _head(self, name: str, file: File) -> bytes:
        return (
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(name)}"; '
            f'filename="{_quoted(file.name)}"\r\n'
            f"Content-Type: {file.content_type}\r\n\r\n"
        ).encode()


def _quoted(name: str) -> str:
    # As browsers do: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
