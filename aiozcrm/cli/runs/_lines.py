"""Files of JSON Lines that grow, and lose nothing when the process or the machine dies."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

__all__ = ["APPEND", "Lines", "open_new", "sync_folder"]

#: How such a file is opened.
APPEND: Final = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)

_NEW: Final = APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class Lines:
    """A file to append lines to, until one cannot be written completely.

    Args:
        descriptor: The file, open for appending; it is closed at the end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._broken: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def append(self, line: Mapping[str, Any]) -> None:
        """Append a line at once, so that it survives a crash of the process."""
        if self._broken is not None:
            # Anything after half a line would make the file unreadable.
            raise self._broken
        rest = json.dumps(line).encode() + b"\n"
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            self._broken = error
            raise

    def sync(self) -> None:
        """Return when all that was appended survives a crash of the machine."""
        os.fsync(self._descriptor)

    def cut(self, size: int) -> None:
        """Remove everything after the first *size* bytes."""
        os.ftruncate(self._descriptor, size)


def open_new(path: Path) -> int:
    """Make a file that only its owner can read, in a folder that is made if need be.

    Raises:
        OSError: If it cannot be made, such as a `FileExistsError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, _NEW, 0o600)


def sync_folder(folder: Path) -> None:
    """Return when the files that were made there survive a crash of the machine."""
    if os.name == "posix":  # pragma: no branch  # Windows cannot sync folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
