"""Files of rows: a CSV in a zip, as Zoho makes and takes them."""

from __future__ import annotations

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["read_zip", "zip_of"]

_BOM: Final = "\ufeff"
# What reading a zip raises, depending on which of its bytes are wrong.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    csv.Error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def zip_of(
    name: str, rows: Iterable[Sequence[str]], *, line_end: str = "\n", bom: bool = False
) -> bytes:
    """Return a zip that holds a CSV.

    Args:
        name: What the CSV is called.
        rows: The header and the cells of each row.
        line_end: What ends a line.
        bom: Whether it begins with a mark of the byte order.
    """
    text = io.StringIO()
    text.write(_BOM if bom else "")
    csv.writer(_Lines(text, line_end)).writerows(rows)
    return _packed(name, text.getvalue().encode(errors="replace"))


class _Lines:
    """Takes lines that end as those of CSV do, so that a return in a cell is quoted."""

    def __init__(self, file: io.StringIO, end: str) -> None:
        self._file = file
        self._end = end

    def write(self, line: str) -> None:
        """Write a line with another end."""
        self._file.write(line.removesuffix("\r\n") + self._end)


def read_zip(content: bytes) -> dict[str, list[list[str]]] | None:
    """Return the rows of each CSV in a zip by its name; None if it is no zip of those."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
                for name in archive.namelist()
            }
    except _BROKEN:
        return None


def _packed(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()
