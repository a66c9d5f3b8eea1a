"""What is written of an export before it is complete, beside the file that it becomes."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from aiozcrm.cli._paths import kept_from_others

__all__ = ["Draft", "Progress"]

#: How long Zoho keeps the file of a job, less what a run may need of it, in seconds.
_KEPT: Final = 20 * 3_600.0


@attrs.frozen(kw_only=True)
class Progress:
    """How far a bulk read has come.

    Attributes:
        cursor: Where it goes on.
        size: How much of the draft belongs to it, in bytes.
        rows: How many rows that is.
    """

    cursor: str
    size: int
    rows: int


@attrs.frozen(kw_only=True)
class Draft:
    """The file of an export on its way; it takes its place in one step, once it is complete.

    Attributes:
        place: The file that it becomes.
        key: What is exported. Only an export of the same can go on with it.
        wall: Tells the time in seconds since 1970.
    """

    place: Path
    key: Mapping[str, Any]
    wall: Callable[[], float] = time.time

    @property
    def path(self) -> Path:
        """The draft."""
        return self.place.with_name(f".{self.place.name}.part")

    @property
    def _notes(self) -> Path:
        return Path(f"{self.path}.json")

    @property
    def _new_notes(self) -> Path:
        return Path(f"{self.path}.json.new")

    def progress(self) -> Progress | None:
        """Return how far a run that was stopped has come; None if it left nothing of use."""
        try:
            if self._notes.stat().st_mtime < self.wall() - _KEPT:
                return None
            noted = json.loads(self._notes.read_bytes())
            if noted.pop("key") != self.key:
                return None
            progress = Progress(**noted)
            return progress if self.path.stat().st_size >= progress.size else None
        except (OSError, AttributeError, KeyError, TypeError, ValueError):
            return None

    def note(self, progress: Progress) -> None:
        """Note how far a bulk read has come."""
        noted = json.dumps({"key": self.key, **attrs.asdict(progress)})
        self._new_notes.write_text(noted, "utf-8")
        self._new_notes.replace(self._notes)

    @contextlib.contextmanager
    def begun(self, *, anew: bool) -> Iterator[Path]:
        """Keep others away from the draft, and yield it.

        Args:
            anew: Whether to begin with an empty file, which only its owner can read.

        Raises:
            aiozcrm.errors.ConfigurationError: If another run writes to it.
        """
        with kept_from_others(self.path, shown=self.place):
            if anew:
                self.discard()
                self.path.touch(0o600, exist_ok=False)
            yield self.path

    def finish(self) -> None:
        """Put the file into its place, for good."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self.place)
        self.discard()

    def discard(self) -> None:
        """Leave nothing behind."""
        # SQLite and a kill between two steps may have left others.
        for path in (self.path, Path(f"{self.path}-journal"), self._notes, self._new_notes):
            path.unlink(missing_ok=True)
