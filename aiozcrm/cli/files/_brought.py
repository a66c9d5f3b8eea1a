"""Remembers which records have all of their files in a folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Brought", "BroughtFile"]

_NAME: Final = ".aiozcrm-attachments.jsonl"


class BroughtFile(NamedTuple):
    """A file that was brought.

    Attributes:
        name: What it is called in the folder of its record.
        size: How many bytes it had.
    """

    name: str
    size: int


class Brought:
    """What earlier runs have brought into a folder, with a subfolder for each record.

    It is kept in a file there, a line for each record. A record whose files are being brought
    has none, so that one that was interrupted is never taken for whole.

    Args:
        folder: The folder, which has to be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME
        self._records: dict[str, Mapping[str, BroughtFile]] = {}
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as lines:
            for line in lines:
                # A line that was not written to its end is worth nothing.
                with contextlib.suppress(
                    AttributeError, KeyError, RecursionError, TypeError, ValueError
                ):
                    told = json.loads(line)
                    files = {own: BroughtFile(*facts) for own, facts in told["files"].items()}
                    self._records[str(told["record_id"])] = files

    def __contains__(self, record_id: str) -> bool:
        return bool(self._records.get(record_id))

    def all_of(self, record_id: str, ids: Collection[str]) -> Mapping[str, BroughtFile] | None:
        """Return the files of a record if all of these are there, as they were brought.

        Args:
            record_id: The record.
            ids: The attachments that it has now.
        """
        known = self._records.get(record_id, {})
        if not all(own in known for own in ids):
            return None
        found = {own: known[own] for own in ids}
        return found if all(self._is_there(record_id, file) for file in found.values()) else None

    def forget(self, record_id: str) -> None:
        """Note that files of a record are about to be replaced."""
        if record_id in self:
            self.keep(record_id, {})

    def keep(self, record_id: str, files: Mapping[str, BroughtFile]) -> None:
        """Note that all files of a record have been brought."""
        self._records[record_id] = files
        line = json.dumps({"record_id": record_id, "files": files})
        with self._path.open("ab") as lines:
            # Behind a line that was not written to its end, too.
            lines.write(f"\n{line}\n".encode())

    def _is_there(self, record_id: str, file: BroughtFile) -> bool:
        try:
            path = self._folder / record_id / file.name
            return path.is_file() and path.stat().st_size == file.size
        except (OSError, TypeError, ValueError):
            return False
