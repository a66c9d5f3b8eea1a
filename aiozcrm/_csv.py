"""CSV in zips, in which bulk jobs take and give their rows."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Final

from aiozcrm.errors import InvalidResponseError

__all__ = ["CsvInZip", "write_zip"]

#: How many bytes a line may have. A row of 200 fields with the longest texts has half of it.
_LONGEST_LINE: Final = 16 * 1024 * 1024

#: How many bytes rows may have that are taken at once: a quoted cell makes one row of many lines.
_LARGEST_ROWS: Final = 128 * 1024 * 1024

#: How many bytes are read at once, as readers of text do, and how many of these pieces are read
#: ahead; with fewer, it is time to read on.
_PIECE: Final = 8 * 1024
_PIECES_AHEAD: Final = 64
_FEW_PIECES: Final = 8

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

    Opening it and reading ahead block, so they are done in a thread; taking rows is computing.
    Neither memory nor time depends on what the zip says of its size: lines have a limit, and so
    have rows.

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
            self._ahead = _ReadAhead(archive.open(files[0]))
            # The encoding passes over a mark of the byte order.
            text = io.TextIOWrapper(
                self._ahead,  # type: ignore[type-var]  # it needs no more than this has
                encoding="utf-8-sig",
                newline="",
            )
            self._rows = csv.reader(text, strict=True)
            self.names: Sequence[str] = next(self._rows, [])

    @property
    def runs_low(self) -> bool:
        """Whether rows have to be read ahead, so that taking them does not read the file."""
        return self._ahead.runs_low

    def read_ahead(self) -> None:
        """Read and unpack what the next rows consist of. It blocks.

        Raises:
            aiozcrm.errors.InvalidResponseError: If the file is damaged.
        """
        with _damage_told():
            self._ahead.fill()

    def take(self, number: int) -> list[list[str]]:
        """Return up to so many of the next rows; none at the end alone.

        Raises:
            aiozcrm.errors.InvalidResponseError: If the file is damaged, a row has more or fewer
                columns than the header, or there are more rows than there may be.
        """
        width = len(self.names)
        with _damage_told():
            while True:
                self._ahead.left = _LARGEST_ROWS
                rows = list(islice(self._rows, number))
                if not rows:
                    return rows
                if {*map(len, rows)} != {width}:
                    rows = self._without_blank_lines(rows)
                self._count += len(rows)
                if self._count > self._most:
                    raise _unreadable(f"it has more than {self._most} rows")
                if rows:
                    return rows

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


class _ReadAhead(io.BufferedIOBase):
    """A file that is read ahead, and in which no line is longer than it may be.

    Args:
        file: The file.

    Attributes:
        runs_low: Whether little is left of what was read ahead, and the file goes on.
        left: How many more bytes may be read.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file: zipfile.ZipExtFile = file  # type: ignore[assignment]
        self._pieces: deque[bytes] = deque()
        self._since_line = 0
        self._ended = False
        self.runs_low: bool = True
        self.left: int = _LONGEST_LINE

    def fill(self) -> None:
        """Read ahead."""
        while not self._ended and len(self._pieces) < _PIECES_AHEAD:
            piece = self._file.read1(_PIECE)
            self._ended = not piece
            self._pieces.append(piece)
        self.runs_low = False

    def readable(self) -> bool:
        return True

    def read1(self, _size: int = -1) -> bytes:
        """Return the next piece, which is no larger than what a reader of text asks for."""
        piece = self._pieces.popleft() if self._pieces else self._file.read1(_PIECE)
        self.runs_low = len(self._pieces) < _FEW_PIECES and not self._ended
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._since_line = len(piece) + self._since_line if end < 0 else len(piece) - end
        self.left -= len(piece)
        if self._since_line > _LONGEST_LINE:
            raise _unreadable(f"a line has more than {_LONGEST_LINE} bytes")
        if self.left < 0:
            raise _unreadable("a row is too long")
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
