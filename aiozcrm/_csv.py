"""CSV in zips, in which bulk jobs take and give their rows."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Final

from aiozcrm.errors import InvalidResponseError

__all__ = ["CsvInZip", "write_zip"]

#: How many bytes a line may have. A row of 200 fields with the longest texts has half of it.
_LONGEST_LINE: Final = 16 * 1024 * 1024

#: How many blank lines are passed over.
_MOST_BLANK: Final = 100

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

#: What the libraries raise for damaged bytes.
_DAMAGES: Final = (
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    csv.Error,
    zipfile.BadZipFile,
    zlib.error,
)


class CsvInZip:
    """The rows of the only file in a zip, read some at a time.

    It blocks, so read it in a thread. Neither memory nor time depends on what the zip says of
    its size: lines have a limit, and so have rows.

    Args:
        file: The zip, open for reading.
        most: How many rows there may be.

    Attributes:
        names: The names of the columns; empty for a file without a header.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it is no zip, or does not hold one CSV.
    """

    def __init__(self, file: IO[bytes], *, most: int) -> None:
        self._most = most
        self._count = 0
        self._blank = 0
        with _damage_told():
            archive = zipfile.ZipFile(file)
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(files) != 1:
                raise _unreadable(f"it holds {len(files)} files, not one")
            if files[0].compress_type not in _METHODS:
                raise _unreadable("its compression is unknown")
            bounded = _BoundedLines(archive.open(files[0]))
            # The encoding passes over a mark of the byte order.
            text = io.TextIOWrapper(
                bounded,  # type: ignore[type-var]  # it needs no more than this has
                encoding="utf-8-sig",
                newline="",
            )
            self._rows = csv.reader(text, strict=True)
            self.names: Sequence[str] = next(self._rows, [])

    def take(self, number: int) -> list[list[str]]:
        """Return up to so many of the next rows; none at the end alone.

        Raises:
            aiozcrm.errors.InvalidResponseError: If the file is damaged, a row has more or fewer
                columns than the header, or there are more rows than there may be.
        """
        width = len(self.names)
        with _damage_told():
            while rows := list(islice(self._rows, number)):
                if any(len(row) != width for row in rows):
                    rows = self._without_blank_lines(rows)
                self._count += len(rows)
                if self._count > self._most:
                    raise _unreadable(f"it has more than {self._most} rows")
                if rows:
                    return rows
        return []

    def _without_blank_lines(self, rows: Sequence[list[str]]) -> list[list[str]]:
        kept: list[list[str]] = []
        for row in rows:
            if row and len(row) != len(self.names):
                number = self._count + len(kept) + 1
                raise _unreadable(
                    f"row {number} has {len(row)} columns, the header {len(self.names)}"
                )
            if row:
                kept.append(row)
        self._blank += len(rows) - len(kept)
        if self._blank > _MOST_BLANK:
            raise _unreadable("it consists of blank lines")
        return kept


class _BoundedLines(io.BufferedIOBase):
    """A file in which no line is longer than it may be.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file: zipfile.ZipExtFile = file  # type: ignore[assignment]
        self._since = 0

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        piece = self._file.read1(size)
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._since = len(piece) + self._since if end < 0 else len(piece) - end
        if self._since > _LONGEST_LINE:
            raise _unreadable(f"a line has more than {_LONGEST_LINE} bytes")
        return piece


def write_zip(
    file: IO[bytes], name: str, names: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Write rows as a zip that holds one CSV. It blocks, so do it in a thread.

    Args:
        file: Where to.
        name: What the CSV is called.
        names: The header.
        rows: The cells of each row.

    Raises:
        ValueError: If a cell holds what UTF-8 cannot.
    """
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as entry,
        io.TextIOWrapper(entry, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows(rows)


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    """Raise our error in the place of what damaged bytes lead to."""
    try:
        yield
    except _DAMAGES as error:
        raise _unreadable(f"{type(error).__name__}: {error}") from None
    except OSError as error:
        # A damaged zip leads to places before its beginning.
        if error.errno != errno.EINVAL:
            raise
        raise _unreadable("it leads to places that it does not have") from None


def _unreadable(why: str) -> InvalidResponseError:
    error = InvalidResponseError(
        f"The file with the rows cannot be read: {why}.",
        status=200,
        excerpt="",
        hint="Download it again; Zoho keeps it for a day.",
    )
    error.maybe_done = False
    return error
