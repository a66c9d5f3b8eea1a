"""Paths that people give, and whether files can be written there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["expanded", "nearest_folder", "why_not_writable"]


def expanded(path: Path | None) -> Path | None:
    """Return *path* with the home folder in place of ``~``, which not every shell replaces."""
    # Unlike that of Path, it leaves the home of an unknown user as it is.
    return None if path is None else Path(os.path.expanduser(path))  # noqa: PTH111


def nearest_folder(path: Path) -> Path:
    """Return the innermost folder around an absolute *path* that is there."""
    # Unlike that of Path, it raises nothing for a folder that may not be read.
    return next(one for one in path.parents if os.path.exists(one))  # noqa: PTH110


def why_not_writable(folder: Path) -> str | None:
    """Return why no file can be made in *folder*; None if one can.

    Only trying tells: a file system may be read-only, full, or no place for files at all. What
    is made has no name and is gone again.
    """
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return error.strerror
    return None
