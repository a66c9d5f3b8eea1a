"""A file that only its owner can read, and that is never seen half-written."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from pathlib import Path
from typing import Final

from aiozcrm.errors import ConfigurationError

__all__ = ["ExposedFileError", "PrivateFile"]

#: Windows has neither these modes and owners nor folders that can be synced.
_POSIX: Final = os.name == "posix"
_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    # A pipe in the file's place must not keep us waiting.
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_NEW_FILE_FLAGS: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


class ExposedFileError(ConfigurationError):
    """The mode of a file lets others read or change it."""


class PrivateFile:
    """A file for secrets: refused where others could use it, replaced as a whole.

    Args:
        path: The file; ``~`` stands for the home folder.
        holds: What is in it, for errors, such as ``tokens``.
        max_bytes: How much of it is ever read, and one byte more.

    Attributes:
        path: The file, as an absolute path.

    Raises:
        aiozcrm.errors.ConfigurationError: If the user has no home folder that ``~`` could mean.
    """

    def __init__(self, path: str | Path, *, holds: str, max_bytes: int) -> None:
        try:
            expanded = Path(path).expanduser()
        except RuntimeError:
            raise ConfigurationError(
                f"There is no home folder for {path}.",
                hint="Set HOME, or name a file by its absolute path.",
            ) from None
        # Neither a later change of folder nor of HOME moves the file.
        self.path: Path = Path(os.path.abspath(expanded))  # noqa: PTH100  # keeps links
        self._folder = self.path.parent
        self._holds = holds
        self._max_bytes = max_bytes

    def check(self) -> None:
        """Refuse a file or folder that is there and not safe.

        Raises:
            aiozcrm.errors.ConfigurationError: If it is not; the hint tells what mends it.
            OSError: If it cannot be read.
        """
        if self._folder.exists():
            self._check_folder()
            self.read()

    def read(self) -> bytes:
        """Return what the file holds, nothing if there is none.

        Raises:
            aiozcrm.errors.ConfigurationError: If it is not safe to use.
            OSError: If it cannot be read.
        """
        try:
            descriptor = os.open(self.path, _READ_FLAGS)
        except FileNotFoundError:
            return b""
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise ConfigurationError(
                f"{self.path} is a symbolic link, which replacing the file would destroy.",
                hint="Name the file that it leads to.",
            ) from None
        try:
            self._check_file(os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(self._max_bytes + 1)
        finally:
            os.close(descriptor)

    def replace(self, content: bytes) -> None:
        """Put *content* in the file's place; only one may do so at a time.

        Raises:
            OSError: If it cannot be written.
        """
        new = Path(f"{self.path}.new")
        # A killed process may have left it.
        new.unlink(missing_ok=True)
        try:
            with open(os.open(new, _NEW_FILE_FLAGS, 0o600), "wb") as file:  # noqa: PTH123  # no mode
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        if _POSIX:  # pragma: no branch  # Windows
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def make_folder(self) -> None:
        """Make the folder if it is not there, for its owner only.

        Raises:
            aiozcrm.errors.ConfigurationError: If it is there and not safe.
            OSError: If it cannot be made.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_folder()

    def _check_folder(self) -> None:
        """Refuse a folder in which everybody may delete the file.

        Who may write to the folder can neither read nor forge what is in the file, which is
        ours and closed to others, but can delete it, and every lock beside it. A group may:
        somebody has chosen its members. So may anybody in a folder like ``/tmp``, whose sticky
        bit leaves deleting to the owner.
        """
        mode = self._folder.stat().st_mode
        if _POSIX and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ConfigurationError(
                f"Everybody may write to {self._folder}, where {self.path.name} is kept.",
                hint=f"chmod o-w {shlex.quote(str(self._folder))}",
            )

    def _check_file(self, facts: os.stat_result) -> None:
        if not stat.S_ISREG(facts.st_mode):
            raise ConfigurationError(
                f"{self.path} is no file, so {self._holds} cannot be kept there.",
            )
        if _POSIX:  # pragma: no branch  # Windows
            name = shlex.quote(str(self.path))
            if facts.st_uid != os.geteuid():
                raise ConfigurationError(
                    f"The file {self.path} belongs to another user.",
                    hint=f"chown {os.geteuid()} {name}",
                )
            if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ExposedFileError(
                    f"Others can use the {self._holds} in {self.path}.",
                    hint=f"chmod 600 {name}",
                )
