"""Ids from arguments and from files, as editors, programs and spreadsheets write them.

Files are read as streams, since there may be a million ids, and no digit of an id ever passes
through a float.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from aiozcrm import check_record_id
from aiozcrm.cli._words import listed, printable
from aiozcrm.errors import InvalidInputError

__all__ = [
    "ARGUMENT",
    "STDIN",
    "GivenId",
    "looks_rounded",
    "read_arguments",
    "read_file",
    "rounded_error",
]

#: Stands for standard input where a file is named.
STDIN: Final = "-"

#: The source of ids that were given as arguments.
ARGUMENT: Final = "argument"

_PROFILE: Final = "profile"

#: Excel separates by semicolons wherever a comma is the decimal point.
_DELIMITERS: Final = (",", ";", "\t")

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

_EXPONENT: Final = re.compile(r"[0-9]+([.,][0-9]*)?e\+?[0-9]+", re.IGNORECASE)

#: How many digits of a number a spreadsheet keeps, and how long an id is that suffers from it.
_KEPT_DIGITS: Final = 15
_LONG: Final = 17
_LONGEST: Final = 19

_SAVE_AS_TEXT: Final = (
    "In the spreadsheet, format the column as text before the ids are entered or imported, and "
    "save the file again."
)

_BLANK: Final = re.compile(r"\s*")

#: Reads numbers as their digits.
_JSON: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class GivenId(NamedTuple):
    """An id, and where it was given.

    Attributes:
        id: The id.
        profile: The profile that was given with it; None for none.
        source: Such as ``ids.txt, line``.
        number: The place there, from 1.
    """

    id: str
    profile: str | None
    source: str
    number: int

    @property
    def place(self) -> str:
        """Where it was given, such as ``ids.txt, line 3``."""
        return f"{self.source} {self.number}"


def read_arguments(ids: Sequence[str]) -> Iterator[GivenId]:
    """Yield the ids that were given as arguments.

    Raises:
        aiozcrm.errors.InvalidInputError: If one is no id.
    """
    for number, given in enumerate(ids, start=1):
        yield _given(given, None, ARGUMENT, number)


def read_file(source: str | Path, *, column: str = "id") -> Iterator[GivenId]:
    """Yield the ids in a file: text, CSV, JSON or JSON Lines.

    The end of the file's name tells which it is; where it does not, the first line does.

    Args:
        source: The file, or ``-`` for standard input.
        column: The column of a CSV file, or the key of JSON objects, that holds the ids.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot be read, or holds no id or what is no id;
            the message says where.
    """
    shown = "standard input" if source == STDIN else str(source)
    found, long, rounded = 0, 0, 0
    first_rounded: GivenId | None = None
    try:
        with _opened(source, shown) as lines:
            # Blank lines are kept, since editors number them.
            head = list(_through_first(lines))
            if not head or not head[-1].strip():
                raise InvalidInputError(f"{shown} is empty.")
            read = _READERS.get(Path(source).suffix.lower()) or _reader_for(head[-1].strip())
            for given in read(itertools.chain(head, lines), shown, column):
                found += 1
                if len(given.id) >= _LONG:
                    long += 1
                    if looks_rounded(given.id):
                        rounded += 1
                        first_rounded = first_rounded or given
                yield given
    except OSError as error:
        raise InvalidInputError(f"{shown} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        raise InvalidInputError(
            f"{shown} is not valid UTF-8.",
            hint="Save it as UTF-8; in Excel, choose the file type 'CSV UTF-8'.",
        ) from None
    if not found:
        raise InvalidInputError(f"{shown} holds no id.")
    # A single id may end in some zeros by chance; most ids of a file do not.
    if first_rounded and 2 * rounded > long and (rounded > 1 or len(first_rounded.id) == _LONGEST):
        raise rounded_error(first_rounded, f"{rounded} of {long} ids there do")


def looks_rounded(digits: str) -> bool:
    """Return whether an id has only zeros behind the digits that a spreadsheet keeps."""
    return len(digits) >= _LONG and not digits[_KEPT_DIGITS:].strip("0")


def rounded_error(given: GivenId, evidence: str) -> InvalidInputError:
    """Return the error that says that a spreadsheet has rounded ids."""
    return InvalidInputError(
        f"{given.place}: {given.id} looks rounded, as spreadsheets round long numbers; {evidence}.",
        hint=f"{_SAVE_AS_TEXT} If it is right, give it as an argument.",
    )


@contextlib.contextmanager
def _opened(source: str | Path, shown: str) -> Iterator[TextIO]:
    """Open a file as text of whatever encoding; line ends stay as they are."""
    # Standard input stays open, since a question may be answered there.
    file = io.BytesIO(sys.stdin.buffer.read()) if source == STDIN else io.FileIO(source)
    with io.BufferedReader(file) as buffer:
        start = buffer.peek(4)
        for signature, kind in _SIGNATURES.items():
            if start.startswith(signature):
                raise InvalidInputError(
                    f"{shown} is {kind}, not text.",
                    hint="In a spreadsheet, format the column of the ids as text and save as CSV.",
                )
        yield io.TextIOWrapper(buffer, _encoding_of(start), newline="")


def _encoding_of(start: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    # In UTF-16, one of the two bytes of a digit is zero.
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8-sig"


def _through_first(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines up to the first that is not blank."""
    for line in lines:
        yield line
        if line.strip():
            return


def _given(given: object, profile: object, source: str, number: int) -> GivenId:
    """Return what was given somewhere, once it is known to be an id."""
    place = f"{source} {number}"
    if not isinstance(given, str):
        raise InvalidInputError(f"{place}: {given!r} is not an id.", hint="Give digits.")
    if profile is not None and not (isinstance(profile, str) and profile.strip()):
        raise InvalidInputError(f"{place}: there is no profile.", hint="Name one for every id.")
    cell = _cell(given)
    try:
        digits = check_record_id(cell)
    except InvalidInputError as error:
        hint = error.hint
        if _EXPONENT.fullmatch(cell):
            hint = f"That is what a spreadsheet makes of an id. {_SAVE_AS_TEXT}"
        raise InvalidInputError(f"{place}: {error.message}", hint=hint) from None
    return GivenId(digits, profile and profile.strip(), source, number)


def _cell(text: str) -> str:
    """Return a cell without what keeps spreadsheets from reading digits as a number."""
    found = _AS_TEXT.fullmatch(text.strip())
    return (found[1] or found[2] or "").strip() if found else text.strip()


def _read_text(lines: Iterable[str], shown: str, _column: str) -> Iterator[GivenId]:
    source = f"{shown}, line"
    for number, line in enumerate(lines, start=1):
        if digits := line.partition("#")[0].strip():
            yield _given(digits, None, source, number)


def _read_csv(lines: Iterable[str], shown: str, column: str) -> Iterator[GivenId]:
    lines = iter(lines)
    head, skipped = list(_through_first(lines)), 0
    if named := _SEPARATOR.fullmatch(head[-1].strip()):
        skipped = len(head)
        head = list(_through_first(lines))
    delimiter = named[1] if named else _delimiter_of(head[-1], column)
    reader = csv.reader(itertools.chain(head, lines), delimiter=delimiter, strict=True)
    source, found = f"{shown}, line", False
    try:
        rows: Iterator[list[str]] = reader
        header = next((row for row in rows if any(map(str.strip, row))), [])
        if not header:
            raise InvalidInputError(f"{shown} is empty.")
        names = [_cell(name).casefold() for name in header]
        if len(names) == 1 and names[0].isdigit():
            # A single column of ids needs no name.
            names, rows = [column.casefold()], itertools.chain([header], reader)
        place = _place_of(column, names, header, shown)
        profile_place = _place_of(_PROFILE, names, header, shown) if _PROFILE in names else None
        for row in rows:
            if not any(map(str.strip, row)):
                continue
            number = skipped + reader.line_num
            # A comma in a name that has no quotes moves another cell to where the id was.
            if len(row) > len(names) and any(map(str.strip, row[len(names) :])):
                raise InvalidInputError(
                    f"{source} {number}: there are more cells than columns.",
                    hint="Put cells with commas between quotes.",
                )
            found = True
            # Spreadsheets leave out empty cells at the end.
            cells = row + [""] * (len(names) - len(row))
            profile = None if profile_place is None else cells[profile_place]
            yield _given(cells[place], profile, source, number)
    except csv.Error as error:
        raise InvalidInputError(f"{source} {skipped + reader.line_num}: {error}.") from None
    if not found:
        raise InvalidInputError(f"{shown} has a header, and no rows below it.")


def _place_of(column: str, names: Sequence[str], header: Sequence[str], shown: str) -> int:
    """Return which of the columns has a name; case does not matter."""
    name = column.casefold()
    if name not in names:
        raise InvalidInputError(
            f"{shown} has no column {column!r}; its first line names: {printable(listed(header))}.",
            hint="Name the column of the ids with --column.",
        )
    # It would not be clear which of them is meant.
    if names.count(name) > 1:
        raise InvalidInputError(
            f"{shown} has several columns {column!r}.",
            hint="Leave one of them, or name another with --column.",
        )
    return names.index(name)


def _delimiter_of(header: str, column: str) -> str:
    for delimiter in _DELIMITERS:
        cells = header.split(delimiter)
        if column.casefold() in (_cell(cell.strip().strip('"')).casefold() for cell in cells):
            return delimiter
    return _DELIMITERS[0]


def _read_json(lines: Iterable[str], shown: str, column: str) -> Iterator[GivenId]:
    """Read JSON Lines, or JSON whose documents take several lines, as programs print it."""
    lines = iter(lines)
    head = list(_through_first(lines))
    try:
        first = _JSON.decode(head[-1].strip())
    except (RecursionError, ValueError):
        text = "".join(itertools.chain(head, lines))
        for number, document in _documents(text, shown):
            yield from _from_json(document, shown, number, column)
        return
    yield from _from_json(first, shown, len(head), column)
    for number, line in enumerate(lines, start=len(head) + 1):
        if line.strip():
            for _, document in _documents(line, shown, number):
                yield from _from_json(document, shown, number, column)


def _documents(text: str, shown: str, number: int = 1) -> Iterator[tuple[int, Any]]:
    """Yield the documents in *text*, each with the line in which it begins."""
    end = 0
    while (start := _BLANK.match(text, end).end()) < len(text):  # type: ignore[union-attr]
        number += text.count("\n", end, start)
        try:
            document, after = _JSON.raw_decode(text, start)
        except (RecursionError, ValueError) as error:
            line = number + text.count("\n", start, getattr(error, "pos", start))
            raise InvalidInputError(
                f"{shown}, line {line}, is not valid JSON.",
                hint="Give JSON Lines, one array, or an answer of Zoho's that lists records.",
            ) from None
        yield number, document
        number += text.count("\n", start, after)
        end = after


def _from_json(document: object, shown: str, number: int, column: str) -> Iterator[GivenId]:
    """Yield the ids in a document: one, an array, or what Zoho answers when it lists records."""
    source = f"{shown}, line"
    if isinstance(document, Mapping) and column not in document:
        lists = {key: value for key, value in document.items() if isinstance(value, list)}
        if len(lists) != 1:
            several = f", and several lists: {listed(lists)}" if lists else ""
            raise InvalidInputError(
                printable(f"{source} {number}: there is no key {column!r}{several}."),
                hint="Name the key of the ids with --column.",
            )
        (document,) = lists.values()
    if isinstance(document, list):
        for place, item in enumerate(document, start=1):
            yield _from_item(item, f"{shown}, line {number}, item", place, column)
    else:
        yield _from_item(document, source, number, column)


def _from_item(item: object, source: str, number: int, column: str) -> GivenId:
    if not isinstance(item, Mapping):
        return _given(item, None, source, number)
    if column not in item:
        raise InvalidInputError(
            f"{source} {number}: there is no key {column!r}.",
            hint="Name the key of the ids with --column.",
        )
    # A profile of null is as good as an empty cell.
    profile = (item[_PROFILE] or "") if _PROFILE in item else None
    return _given(item[column], profile, source, number)


_Reader = Callable[[Iterable[str], str, str], Iterator[GivenId]]

_READERS: Final[Mapping[str, _Reader]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_json,
    ".ndjson": _read_json,
    ".tsv": _read_csv,
    ".txt": _read_text,
}


def _reader_for(first: str) -> _Reader:
    """Return the reader for a file whose name does not tell its form."""
    if first[0] in "{[":
        return _read_json
    if _cell(first.partition("#")[0]).isdigit():
        # So are JSON strings, one per line.
        return _read_text
    # Letters or a quotation mark begin the header of a table.
    return _read_csv if first[0].isalpha() or first[0] == '"' else _read_text
