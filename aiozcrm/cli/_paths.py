"""Paths that people give, and whether files can be written there."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from aiozcrm.errors import ConfigurationError

__all__ = [
    "expanded",
    "kept_from_others",
    "make_folder",
    "nearest_folder",
    "replace_file",
    "why_not_replaced",
    "why_not_writable",
]


def expanded(path: Path | None) -> Path | None:
    """Return *path* with the home folder in place of ``~``, which not every shell replaces."""
    # Unlike that of Path, it leaves the home of an unknown user as it is.
    return None if path is None else Path(os.path.expanduser(path))  # noqa: PTH111


@contextlib.contextmanager
def kept_from_others(path: Path, *, shown: Path) -> Iterator[None]:
    """Keep other runs away from a file; the lock is beside it, and gone afterwards.

    Args:
        path: The file.
        shown: What an error calls it.

    Raises:
        aiozcrm.errors.ConfigurationError: If another run writes to it.
    """
    lock = FileLock(f"{path}.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigurationError(
            f"Another run is writing to {shown}.", hint="Wait until it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those around it, unless it is there.

    Raises:
        aiozcrm.errors.ConfigurationError: If that is not possible.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be made a folder: {error.strerror}.", hint="Name another one."
        ) from None


def nearest_folder(path: Path) -> Path:
    """Return the innermost folder around an absolute *path* that is there."""
    # Unlike that of Path, it raises nothing for a folder that may not be read.
    return next(one for one in path.parents if os.path.exists(one))  # noqa: PTH110


def replace_file(path: Path, parts: Iterable[bytes], *, mode: int = 0o666) -> None:
    """Write a file whole and in one step, or leave what is there as it is.

    Args:
        path: The file.
        parts: What it is to hold.
        mode: Who may use it, as far as the user lets others use new files.

    Raises:
        OSError: If it cannot be written.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def why_not_replaced(path: Path) -> str | None:
    """Return why no file can take the place of *path*, be there one or not; None if one can.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is a symbolic link, which would be gone then.
    """
    if path.is_symlink():
        raise ConfigurationError(
            f"{path} is a symbolic link.", hint="Name the file that it leads to."
        )
    if path.exists() and not path.is_file():
        return "it is not a file"
    return why_not_writable(path.absolute().parent)


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
