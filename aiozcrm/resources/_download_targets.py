"""Where downloads go: a file that appears when it is whole, or an open file.

All of it blocks, so it is run in threads.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, Protocol, TypeAlias

from aiozcrm.errors import InvalidInputError

__all__ = ["OpenFile", "PartFile", "Target", "TargetFile", "check_place", "open_file"]

_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

#: How many bytes a name may have beside which the others still fit: file systems take 255.
_LONGEST_NAME: Final = 255 - len(".part.json")

#: Where a download may go: a file, a folder, or a binary file that is open for writing.
TargetFile: TypeAlias = str | os.PathLike[str] | IO[bytes]


class Target(Protocol):
    """What takes the bytes of a download.

    Attributes:
        size: How many bytes it has taken.
        validator: What tells whether the file at Zoho is still the same; empty if nothing does.
    """

    size: int
    validator: str

    def restart(self, validator: str) -> None:
        """Forget what it has taken."""

    def write(self, pieces: Sequence[bytes]) -> None:
        """Take bytes."""

    def finish(self) -> Path:
        """Keep what it has taken, and return where it is."""

    def give_up(self) -> None:
        """Take no more."""


class OpenFile:
    """A binary file that somebody else has opened and will close.

    Args:
        file: The file. It is written from where it stands.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = file.tell() if file.seekable() else None
        self.size = 0
        self.validator = ""

    def restart(self, validator: str) -> None:
        """Go back to where it stood."""
        if self.size:
            if self._start is None:
                raise InvalidInputError(
                    "The download broke, and the open file cannot go back to its beginning.",
                    hint="Give a path, or a file that can be sought.",
                )
            self._file.seek(self._start)
            self._file.truncate()
        self.size, self.validator = 0, validator

    def write(self, pieces: Sequence[bytes]) -> None:
        """Write bytes."""
        for piece in pieces:
            left: bytes | memoryview = piece
            while left:
                taken: int | None = self._file.write(left)
                if isinstance(self._file, io.RawIOBase) and not taken:
                    raise BlockingIOError(errno.EAGAIN, "The open file takes no more bytes.")
                # One without a buffer may take a part only; some say nothing.
                left = b"" if taken is None else memoryview(left)[taken:]
            self.size += len(piece)

    def finish(self) -> Path:
        """Hand what was written to the operating system."""
        self._file.flush()
        name = getattr(self._file, "name", "")
        return Path(name if isinstance(name, str) else "")

    def give_up(self) -> None:
        """Leave the file as it is."""


class PartFile:
    """A file that is written beside its place, as ``NAME.part``, and moved there when it is whole.

    If the download breaks and can go on later, the part stays, with a note beside it that tells
    of which file it is a part. Without a note it is worth nothing. A name that leaves no room for
    these endings is replaced by a hash there.

    Args:
        path: Where the file is to be.
        source: What is downloaded.

    Raises:
        aiozcrm.errors.InvalidInputError: If another download is writing the same file.
        OSError: If it cannot be written.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        name = path.name
        if len(os.fsencode(name)) > _LONGEST_NAME:
            name = hashlib.sha256(os.fsencode(name)).hexdigest()
        self._part = path.with_name(f"{name}.part")
        self._note = path.with_name(f"{name}.part.json")
        self._source = source
        self._file = self._open()
        self.size = os.fstat(self._file.fileno()).st_size
        self.validator = ""
        if self.size:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                note = json.loads(self._note.read_text(encoding="utf-8"))
                self.validator = str(note["validator"]) if note["source"] == source else ""
        self._file.seek(self.size)

    def restart(self, validator: str) -> None:
        """Empty the part, and note of which file it is one from now on."""
        self._note.unlink(missing_ok=True)
        self._file.seek(0)
        self._file.truncate()
        self.size, self.validator = 0, validator
        if validator:
            note = {"source": self._source, "validator": validator}
            self._note.write_text(json.dumps(note), encoding="utf-8")

    def write(self, pieces: Sequence[bytes]) -> None:
        """Write bytes, and leave none behind in memory."""
        self._file.writelines(pieces)
        self._file.flush()
        self.size += sum(map(len, pieces))

    def finish(self) -> Path:
        """Move the file to its place, in one step, and return the place."""
        os.fsync(self._file.fileno())
        if os.name == "nt":  # pragma: no cover  # an open file cannot be moved there
            self._file.close()
        self._part.replace(self._path)
        self._file.close()
        self._note.unlink(missing_ok=True)
        return self._path

    def give_up(self) -> None:
        """Keep the part only if a later download can go on with it."""
        if os.name == "nt":  # pragma: no cover  # an open file cannot be removed there
            self._file.close()
        try:
            if not (self.size and self.validator):
                self._part.unlink(missing_ok=True)
                self._note.unlink(missing_ok=True)
        finally:
            self._file.close()

    def _open(self) -> IO[bytes]:
        while True:
            file = open(  # noqa: SIM115  # for long
                self._part, "r+b", opener=lambda path, _flags: os.open(path, _FLAGS, 0o666)
            )
            try:
                _lock(file)
                # Otherwise another download has finished it, and moved it away, meanwhile.
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(file.fileno()), self._part.stat()):
                        return file
            except BaseException:
                file.close()
                raise
            file.close()


def open_file(to: object) -> OpenFile:
    """Return a target for an open file.

    Raises:
        TypeError: If it is something else, or a file of text.
    """
    if isinstance(to, io.TextIOBase) or not hasattr(to, "write"):
        kind = type(to).__name__
        raise TypeError(f"a download goes to a path or an open binary file, not to a {kind}")
    return OpenFile(to)  # type: ignore[arg-type]  # whatever else it has


def check_place(path: Path, *, is_folder: bool = False) -> bool:
    """Return whether a path is that of a folder, and not of a file that is there or may be.

    Args:
        path: The path.
        is_folder: Whether it has to be one.

    Raises:
        aiozcrm.errors.InvalidInputError: If there is no folder for it, or something else in its
            place.
    """
    if "\0" in os.fspath(path):
        raise InvalidInputError(f"{str(path)!r} is not the name of a file.")
    if path.is_dir():
        return True
    folder = path if is_folder else path.parent
    if not folder.is_dir():
        raise InvalidInputError(f"There is no folder {folder}.", hint="Make it first.")
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{path} is not a file.")
    return False


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed. Windows has no such lock."""
    try:
        import fcntl  # noqa: PLC0415  # not everywhere
    except ImportError:  # pragma: no cover  # on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InvalidInputError(f"Another download is writing {file.name}.") from None
    except OSError:  # pragma: no cover  # a file system without locks
        pass
