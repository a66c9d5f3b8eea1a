"""Ids from arguments and from files, as editors, programs and spreadsheets write them.

Files are read as streams, since there may be a million ids, and no digit of an id ever passes
through a float.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from aiozcrm import check_record_id
from aiozcrm.cli._words import listed, printable
from aiozcrm.cli.runs._text_files import (
    DELIMITERS,
    STDIN,
    cell_text,
    csv_rows,
    documents_of,
    name_of_source,
    opened_text,
    through_first,
)
from aiozcrm.errors import InvalidInputError

__all__ = [
    "ARGUMENT",
    "STDIN",
    "GivenId",
    "Rounding",
    "given_id",
    "looks_rounded",
    "read_arguments",
    "read_file",
    "rounded_error",
]

#: The source of ids that were given as arguments.
ARGUMENT: Final = "argument"

_PROFILE: Final = "profile"

_EXPONENT: Final = re.compile(r"[0-9]+([.,][0-9]*)?e\+?[0-9]+", re.IGNORECASE)

#: How many digits of a number a spreadsheet keeps, and how long an id is that suffers from it.
_KEPT_DIGITS: Final = 15
_LONG: Final = 17
_LONGEST: Final = 19

_SAVE_AS_TEXT: Final = (
    "In the spreadsheet, format the column as text before the ids are entered or imported, and "
    "save the file again."
)

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
        yield given_id(given, None, ARGUMENT, number)


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
    shown = name_of_source(source)
    found, rounding = 0, Rounding()
    with opened_text(source, shown) as lines:
        # Blank lines are kept, since editors number them.
        head = list(through_first(lines))
        if not head or not head[-1].strip():
            raise InvalidInputError(f"{shown} is empty.")
        read = _READERS.get(Path(source).suffix.lower()) or _reader_for(head[-1].strip())
        for given in read(itertools.chain(head, lines), shown, column):
            found += 1
            rounding.note(given)
            yield given
    if not found:
        raise InvalidInputError(f"{shown} holds no id.")
    rounding.check()


class Rounding:
    """Finds out whether a spreadsheet has rounded the ids of a file."""

    def __init__(self) -> None:
        self._long = 0
        self._rounded = 0
        self._first: GivenId | None = None

    def note(self, given: GivenId) -> None:
        """Look at an id."""
        digits = given.id
        if len(digits) >= _LONG:
            self._long += 1
            # One in a hundred ends so, and only these are worth a closer look.
            if digits.endswith("00") and looks_rounded(digits):
                self._rounded += 1
                self._first = self._first or given

    def check(self) -> None:
        """Check all that were looked at.

        Raises:
            aiozcrm.errors.InvalidInputError: If they look rounded.
        """
        # A single id may end in some zeros by chance; most ids of a file do not.
        if (
            self._first
            and 2 * self._rounded > self._long
            and (self._rounded > 1 or len(self._first.id) == _LONGEST)
        ):
            evidence = f"{self._rounded} of {self._long} ids there do"
            raise rounded_error(self._first, evidence)


def looks_rounded(digits: str) -> bool:
    """Return whether an id has only zeros behind the digits that a spreadsheet keeps."""
    return len(digits) >= _LONG and not digits[_KEPT_DIGITS:].strip("0")


def rounded_error(given: GivenId, evidence: str) -> InvalidInputError:
    """Return the error that says that a spreadsheet has rounded ids."""
    return InvalidInputError(
        f"{given.place}: {given.id} looks rounded, as spreadsheets round long numbers; {evidence}.",
        hint=f"{_SAVE_AS_TEXT} If it is right, give it as an argument.",
    )


def given_id(given: object, profile: object, source: str, number: int) -> GivenId:
    """Return what was given somewhere, once it is known to be an id.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is none.
    """
    # There may be a million, so nothing is done here that digits alone do not need.
    if not isinstance(given, str):
        raise InvalidInputError(f"{source} {number}: {given!r} is not an id.", hint="Give digits.")
    if profile is not None and not (isinstance(profile, str) and profile.strip()):
        raise InvalidInputError(
            f"{source} {number}: there is no profile.", hint="Name one for every id."
        )
    cell = given if given.isdigit() else cell_text(given)
    try:
        digits = check_record_id(cell)
    except InvalidInputError as error:
        hint = error.hint
        if _EXPONENT.fullmatch(cell):
            hint = f"That is what a spreadsheet makes of an id. {_SAVE_AS_TEXT}"
        raise InvalidInputError(f"{source} {number}: {error.message}", hint=hint) from None
    return GivenId(digits, profile and profile.strip(), source, number)


def _read_text(lines: Iterable[str], shown: str, _column: str) -> Iterator[GivenId]:
    source = f"{shown}, line"
    for number, line in enumerate(lines, start=1):
        if digits := line.partition("#")[0].strip():
            yield given_id(digits, None, source, number)


def _read_csv(lines: Iterable[str], shown: str, column: str) -> Iterator[GivenId]:
    rows = csv_rows(lines, shown, lambda header: _delimiter_of(header, column))
    first = next(rows, None)
    if first is None:
        raise InvalidInputError(f"{shown} is empty.")
    header = first[1]
    names = [cell_text(name).casefold() for name in header]
    if len(names) == 1 and names[0].isdigit():
        # A single column of ids needs no name.
        names, rows = [column.casefold()], itertools.chain([first], rows)
    place = _place_of(column, names, header, shown)
    profile_place = _place_of(_PROFILE, names, header, shown) if _PROFILE in names else None
    found = False
    for number, cells in rows:
        found = True
        profile = None if profile_place is None else cells[profile_place]
        yield given_id(cells[place], profile, f"{shown}, line", number)
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
    for delimiter in DELIMITERS:
        cells = header.split(delimiter)
        if column.casefold() in (cell_text(cell.strip().strip('"')).casefold() for cell in cells):
            return delimiter
    return DELIMITERS[0]


def _read_json(lines: Iterable[str], shown: str, column: str) -> Iterator[GivenId]:
    for number, document in documents_of(lines, shown, _JSON):
        yield from _from_json(document, shown, number, column)


def _from_json(document: object, shown: str, number: int, column: str) -> Iterator[GivenId]:
    """Yield the ids in a document: one, an array, or what Zoho answers when it lists records."""
    source = f"{shown}, line"
    if isinstance(document, dict) and column not in document:
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
    if not isinstance(item, dict):
        return given_id(item, None, source, number)
    if column not in item:
        raise InvalidInputError(
            f"{source} {number}: there is no key {column!r}.",
            hint="Name the key of the ids with --column.",
        )
    # A profile of null is as good as an empty cell.
    profile = (item[_PROFILE] or "") if _PROFILE in item else None
    return given_id(item[column], profile, source, number)


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
    if cell_text(first.partition("#")[0]).isdigit():
        # So are JSON strings, one per line.
        return _read_text
    # Letters or a quotation mark begin the header of a table.
    return _read_csv if first[0].isalpha() or first[0] == '"' else _read_text
