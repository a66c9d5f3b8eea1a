"""Files of rows: a CSV in a zip, as Zoho makes and takes them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["read_zip", "zip_of"]

_BOM: Final = "\ufeff"


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
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return _packed(name, text.getvalue().encode())


def read_zip(content: bytes) -> dict[str, list[list[str]]] | None:
    """Return the rows of each CSV in a zip by its name; None if it is no zip of those."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
                for name in archive.namelist()
            }
    except (zipfile.BadZipFile, UnicodeDecodeError, csv.Error):
        return None


def _packed(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()
