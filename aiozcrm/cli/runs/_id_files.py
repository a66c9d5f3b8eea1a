"""The ids that somebody wants deleted, read from arguments and files. Never through a float."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from aiozcrm._protocol import check_record_id
from aiozcrm.errors import InvalidInputError

__all__ = ["STDIN", "Wanted", "from_arguments", "read_file"]

#: Stands for the standard input where a file is named.
STDIN: Final = "-"

_PROFILE: Final = "profile"
_JSON_KEY: Final = "id"

#: Excel separates by semicolons wherever a comma is the decimal point.
_DELIMITERS: Final = (",", ";", "\t")


class Wanted(NamedTuple):
    """An id, and where it was given.

    Attributes:
        id: The id.
        profile: The profile that was given with it; None for none.
        place: Such as ``ids.txt, line 3``.
    """

    id: str
    profile: str | None
    place: str


def from_arguments(ids: Sequence[str]) -> list[Wanted]:
    """Return the ids that were given as arguments.

    Raises:
        aiozcrm.errors.InvalidInputError: If one is no id.
    """
    return [_wanted(given, None, f"argument {n}") for n, given in enumerate(ids, start=1)]


def read_file(source: str, *, column: str = _JSON_KEY) -> list[Wanted]:
    """Return the ids in a file: text, CSV or JSON Lines.

    The end of the file's name tells which it is; where it does not, the first line does.

    Args:
        source: The file, or ``-`` for the standard input.
        column: The column of a CSV file, or the key of JSON Lines, that holds the ids.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot be read, or holds what is no id; the
            message tells where.
    """
    shown = "standard input" if source == STDIN else source
    try:
        content = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InvalidInputError(f"{shown} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInputError(
            f"{shown} is no text in UTF-8.",
            hint="Save it as UTF-8.",
        ) from None
    read = _READERS.get(Path(source).suffix.lower()) or _reader_for(text)
    return list(read(text, shown, column))


def _wanted(given: object, profile: object, place: str) -> Wanted:
    if not isinstance(given, str):
        raise InvalidInputError(f"{place}: {given!r} is not an id.", hint="Give digits.")
    if profile is not None and not (isinstance(profile, str) and profile.strip()):
        raise InvalidInputError(f"{place}: there is no profile.", hint="Name one on every line.")
    try:
        digits = check_record_id(given.strip())
    except InvalidInputError as error:
        raise InvalidInputError(f"{place}: {error.message}", hint=error.hint) from None
    # Zoho knows one id only, however many zeros precede it.
    return Wanted(digits.lstrip("0") or "0", profile and profile.strip(), place)


def _read_text(text: str, shown: str, _column: str) -> Iterator[Wanted]:
    for number, line in _lines(text):
        digits = line.partition("#")[0].strip()
        if digits:
            yield _wanted(digits, None, f"{shown}, line {number}")


def _read_csv(text: str, shown: str, column: str) -> Iterator[Wanted]:
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=_delimiter_of(text, column), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        if column not in header:
            raise InvalidInputError(
                f"{shown} has no column {column!r}; it has: {', '.join(header) or 'none'}.",
                hint="Name the column of the ids with --column.",
            )
        # A join may leave two columns of one name: which of them is meant, nobody knows.
        if repeated := {name for name in (column, _PROFILE) if header.count(name) > 1}:
            raise InvalidInputError(
                f"{shown} has several columns {repeated.pop()!r}.",
                hint="Leave one of them, or name another with --column.",
            )
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = dict(zip(header, row, strict=False))
                place = f"{shown}, line {rows.line_num}"
                # A comma in a name that has no quotes moves another cell to where the id was.
                if any(cell.strip() for cell in row[len(header) :]):
                    raise InvalidInputError(
                        f"{place}: there are more cells than columns.",
                        hint="Put cells with commas between quotes.",
                    )
                profile = cells.get(_PROFILE, "") if _PROFILE in header else None
                yield _wanted(cells.get(column, ""), profile, place)
    except csv.Error as error:
        raise InvalidInputError(f"{shown}, line {rows.line_num}: {error}.") from None


def _read_json_lines(text: str, shown: str, column: str) -> Iterator[Wanted]:
    for number, line in _lines(text):
        if line.strip():
            yield _from_json(line, f"{shown}, line {number}", column)


def _from_json(line: str, place: str, column: str) -> Wanted:
    try:
        # A float has too few digits for an id, and rounds it to that of another link.
        read = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (RecursionError, ValueError):
        raise InvalidInputError(
            f"{place} is no JSON.",
            hint="JSON Lines hold one value on each line.",
        ) from None
    if not isinstance(read, Mapping):
        return _wanted(read, None, place)
    if column not in read:
        raise InvalidInputError(f"{place} has no key {column!r}.", hint="Name it with --column.")
    # A profile of null is as good as an empty cell.
    profile = (read[_PROFILE] or "") if _PROFILE in read else None
    return _wanted(read[column], profile, place)


_Reader = Callable[[str, str, str], Iterator[Wanted]]

_READERS: Final[Mapping[str, _Reader]] = {
    ".csv": _read_csv,
    ".json": _read_json_lines,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".txt": _read_text,
}


def _reader_for(text: str) -> _Reader:
    first = next((line.strip() for _, line in _lines(text) if line.strip()), "")
    if first.startswith("{") or _is_json_string(first):
        return _read_json_lines
    # Neither an id nor a comment, so the head of a table.
    return _read_csv if first[:1].isalpha() or first.startswith('"') else _read_text


def _is_json_string(line: str) -> bool:
    try:
        return isinstance(json.loads(line), str)
    except ValueError:
        return False


def _delimiter_of(text: str, column: str) -> str:
    header = next((line for _, line in _lines(text)), "")
    found = (d for d in _DELIMITERS if column in _cells(header, d))
    return next(found, _DELIMITERS[0])


def _cells(header: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in header.split(delimiter)]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines as editors number them, which know fewer ends than splitlines()."""
    return enumerate(io.StringIO(text, newline=None), start=1)
