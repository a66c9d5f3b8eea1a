"""Text from files and standard input, as editors, programs and spreadsheets write it."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from aiozcrm.errors import InvalidInputError

__all__ = [
    "DELIMITERS",
    "JSON",
    "STDIN",
    "cell_text",
    "csv_rows",
    "documents_of",
    "name_of_source",
    "opened_text",
    "through_first",
]

#: Stands for standard input where a file is named.
STDIN: Final = "-"

#: Excel separates by semicolons wherever a comma is the decimal point.
DELIMITERS: Final = (",", ";", "\t")

#: A first line by which Excel, and no other program, knows the delimiter.
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

#: How files begin that hold no text, and what they are.
_SIGNATURES: Final = {
    b"PK\x03\x04": "a workbook, or another zip file",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
}

#: How text begins that is not UTF-8; the longer marks first, since two begin alike.
_BYTE_ORDER_MARKS: Final = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}

#: What keeps spreadsheets and programs from reading digits as a number.
_AS_TEXT: Final = re.compile(r"""=?"(.*)"|'(.*?)'?""", re.DOTALL)

_BLANK: Final = re.compile(r"\s*")


def _finite(text: str) -> float:
    if math.isfinite(number := float(text)):
        return number
    raise ValueError(f"{text} is no number that can be sent")


#: Reads what can be sent as JSON again, which NaN and 1e999 cannot.
JSON: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def name_of_source(source: str | Path) -> str:
    """Return what errors call a file, or ``-``."""
    return "standard input" if source == STDIN else str(source)


@contextlib.contextmanager
def opened_text(source: str | Path, shown: str) -> Iterator[TextIO]:
    """Open a file as text of whatever encoding; line ends stay as they are.

    Args:
        source: The file, or ``-`` for standard input.
        shown: What errors call it.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot be opened, or not be read in the block.
    """
    try:
        with _opened_bytes(source) as buffer:
            start = buffer.peek(4)
            for signature, kind in _SIGNATURES.items():
                if start.startswith(signature):
                    raise InvalidInputError(
                        f"{shown} is {kind}, not text.",
                        hint="In a spreadsheet, format columns of ids as text and save as CSV.",
                    )
            yield io.TextIOWrapper(buffer, _encoding_of(start), newline="")
    except OSError as error:
        raise InvalidInputError(f"{shown} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        raise InvalidInputError(
            f"{shown} is not valid UTF-8.",
            hint="Save it as UTF-8; in Excel, choose the file type 'CSV UTF-8'.",
        ) from None


def _opened_bytes(source: str | Path) -> io.BufferedReader:
    # Standard input stays open, since a question may be answered there.
    file = io.BytesIO(sys.stdin.buffer.read()) if source == STDIN else io.FileIO(source)
    return io.BufferedReader(file)


def _encoding_of(start: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    # In UTF-16, one of the two bytes of a digit is zero.
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8-sig"


def through_first(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines up to the first that is not blank."""
    for line in lines:
        yield line
        if line.strip():
            return


def cell_text(text: str) -> str:
    """Return a cell without what keeps spreadsheets from reading digits as a number."""
    found = _AS_TEXT.fullmatch(text.strip())
    return (found[1] or found[2] or "").strip() if found else text.strip()


def csv_rows(
    lines: Iterable[str], shown: str, delimiter_of: Callable[[str], str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file that are not blank, all as wide as the first, with their lines.

    Args:
        lines: The file.
        shown: What errors call it.
        delimiter_of: Returns the delimiter of a first row, where the file does not name it.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is no CSV, or a row is wider than the first.
    """
    lines = iter(lines)
    head, skipped = list(through_first(lines)), 0
    if named := _SEPARATOR.fullmatch(head[-1].strip()):
        skipped = len(head)
        head = list(through_first(lines))
    delimiter = named[1] if named else delimiter_of(head[-1])
    reader = csv.reader(itertools.chain(head, lines), delimiter=delimiter, strict=True)
    width = 0
    try:
        for row in reader:
            if not any(map(str.strip, row)):
                continue
            width = width or len(row)
            number = skipped + reader.line_num
            # A comma in a text that has no quotes moves the cells behind it.
            if any(map(str.strip, row[width:])):
                raise InvalidInputError(
                    f"{shown}, line {number}: there are more cells than columns.",
                    hint="Put cells with commas between quotes.",
                )
            # Spreadsheets leave out empty cells at the end.
            yield number, row[:width] + [""] * (width - len(row))
    except csv.Error as error:
        line = skipped + reader.line_num
        raise InvalidInputError(f"{shown}, line {line}: {error}.") from None


def documents_of(
    lines: Iterable[str], shown: str, decoder: json.JSONDecoder
) -> Iterator[tuple[int, Any]]:
    """Yield the documents of a file, each with its line.

    These are JSON Lines, or JSON whose documents take several lines, as programs print it.

    Args:
        lines: The file.
        shown: What errors call it.
        decoder: Decodes the documents.

    Raises:
        aiozcrm.errors.InvalidInputError: If it holds something else.
    """
    lines = iter(lines)
    head = list(through_first(lines))
    try:
        first = decoder.decode(head[-1].strip())
    except (RecursionError, ValueError):
        yield from _documents_in("".join(itertools.chain(head, lines)), shown, decoder)
        return
    yield len(head), first
    for number, line in enumerate(lines, start=len(head) + 1):
        try:
            document = decoder.decode(line)
        except (RecursionError, ValueError):
            # A line that is broken is told, whatever the next one would make of it.
            yield from _documents_in(line, shown, decoder, number)
        else:
            yield number, document


def _documents_in(
    text: str, shown: str, decoder: json.JSONDecoder, number: int = 1
) -> Iterator[tuple[int, Any]]:
    """Yield the documents in *text*, which begins in line *number*, each with its line."""
    end = 0
    while (start := _BLANK.match(text, end).end()) < len(text):  # type: ignore[union-attr]
        number += text.count("\n", end, start)
        try:
            document, after = decoder.raw_decode(text, start)
        except (RecursionError, ValueError) as error:
            # At the end of a file, what is missing is missing in its last line.
            place = min(getattr(error, "pos", start), len(text.rstrip()))
            line = number + text.count("\n", start, place)
            raise InvalidInputError(
                f"{shown}, line {line}, is not valid JSON.",
                hint="Give JSON Lines, one array, or an answer of Zoho's that lists records.",
            ) from None
        yield number, document
        number += text.count("\n", start, after)
        end = after
