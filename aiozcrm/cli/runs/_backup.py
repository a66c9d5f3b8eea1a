"""The backup of a run: what things were like before they were deleted."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

from aiozcrm.cli._paths import nearest_folder, why_not_writable
from aiozcrm.cli.runs._lines import APPEND, Lines, open_new, sync_folder
from aiozcrm.errors import ConfigurationError

__all__ = ["BACKUP", "Backup", "check_backup_path"]

#: What the journal of a run calls the path of its backup.
BACKUP: Final = "backup"


def check_backup_path(path: Path, *, journal: Path) -> None:
    """Check that a new backup can be written, before anything is done.

    Args:
        path: Where it is to be.
        journal: Where the journal is to be.

    Raises:
        aiozcrm.errors.ConfigurationError: If it cannot.
    """
    is_journal = os.path.realpath(path) == os.path.realpath(journal)
    if is_journal or os.path.lexists(path):
        raise ConfigurationError(
            f"{path} {'is the journal' if is_journal else 'exists already'}.",
            hint="Name another file with --backup.",
        )
    if reason := why_not_writable(nearest_folder(path.absolute())):
        raise ConfigurationError(
            f"The backup {path} cannot be written: {reason}.",
            hint="Name a file in another folder with --backup.",
        )


class Backup:
    """A file of JSON Lines that only its owner can read; `reopen` makes one.

    Args:
        lines: Where lines are appended.
        known: The digests of the lines that are there.
    """

    def __init__(self, lines: Lines, known: set[bytes]) -> None:
        self._lines = lines
        self._known = known

    @staticmethod
    def begin(path: Path) -> None:
        """Make an empty backup.

        Raises:
            OSError: If it cannot be made, or there is a file already.
        """
        os.close(open_new(path))
        sync_folder(path.parent)

    @classmethod
    @contextlib.contextmanager
    def reopen(cls, path: Path) -> Iterator[Self]:
        """Open a backup, to add to it.

        Raises:
            OSError: If it cannot be read or written.
        """
        with Lines(os.open(path, APPEND)) as lines:
            known, size = set(), 0
            with path.open("rb") as file:
                # The last line has no end if the run was killed while writing it.
                for line in iter(file.readline, b""):
                    if line.endswith(b"\n"):
                        known.add(_digest_of(line[:-1]))
                        size += len(line)
            lines.cut(size)
            yield cls(lines, known)

    async def save(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Add what is not there in exactly this form, and return when it is on the disk.

        So what is saved anew, because a run was stopped before it was deleted, is there once
        unless it has changed meanwhile.

        Raises:
            OSError: If it cannot be written.
        """
        for item in items:
            digest = _digest_of(json.dumps(item).encode())
            if digest not in self._known:
                self._known.add(digest)
                self._lines.append(item)
        await asyncio.to_thread(self._lines.sync)


def _digest_of(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()
