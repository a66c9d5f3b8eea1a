"""Rows on their way into a bulk write, and the columns of its file.

All of it is plain computing; what takes long is meant for a thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import attr as attrs

from aiozcrm._csv import write_zip
from aiozcrm._protocol import check_record_id, plain_text
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._cells import cell_of

if TYPE_CHECKING:
    from aiozcrm.resources.fields import Field

__all__ = ["MOST_BYTES", "MOST_ROWS", "BulkFile", "BulkRow", "read_row"]

#: What a file may have: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/overview.html
MOST_ROWS: Final = 25_000
MOST_BYTES: Final = 25 * 1024 * 1024
_MOST_COLUMNS: Final = 200

#: The columns that Zoho repeats in the file of results.
_REPEATED: Final = 3

#: How dates and times are written here. Zoho takes another way for granted.
_FORMATS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "yyyy-MM-dd"),
    "datetime": (
        re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"),
        "yyyy-MM-dd'T'HH:mm:ssXXX",
    ),
}


_NOTHING: Final[frozenset[tuple[str, str]]] = frozenset()


class BulkRow(NamedTuple):
    """A row as it stands in the file.

    Attributes:
        cells: The cells by the names of their columns.
        named_by: Which field names the record that a lookup leads to, in pairs of both.
    """

    cells: Mapping[str, str]
    named_by: frozenset[tuple[str, str]]

    @property
    def unusual(self) -> frozenset[tuple[str, str]]:
        """The lookups that lead to records by another field than their id."""
        return frozenset(pair for pair in self.named_by if pair[1] != "id")


def read_row(row: Any, *, find_by: str | None, needed: bool) -> BulkRow:
    """Return a row in the form in which it is sent.

    Args:
        row: Values by API name.
        find_by: The field by which Zoho finds the record.
        needed: Whether it has to have a value.

    Raises:
        aiozcrm.errors.InvalidInputError: If it has no values, or lacks the one that is needed.
        TypeError: If it is no mapping, or has a value that a cell cannot hold.
        ValueError: If it has a value that a cell cannot hold.
    """
    if not isinstance(row, Mapping):
        raise TypeError(f"a row is a mapping, not {type(row).__name__}")
    cells: dict[str, str] = {}
    named_by = _NOTHING
    for name, value in row.items():
        if not isinstance(name, str):
            raise TypeError(f"a field is named by a text, not by {type(name).__name__}")
        name = plain_text(name)  # noqa: PLW2901  # by an Enum, it would not be found again
        if name == "id" and value is not None:
            cells[name] = check_record_id(value)
        elif type(value) is str:  # most are
            cells[name] = value
        else:
            cells[name] = _cell_of_field(name, value)
            if isinstance(value, Mapping):
                named_by |= {(name, "id" if "id" in value else next(iter(value)))}
    if not any(cells.values()):
        raise InvalidInputError("A row must not be empty.")
    if needed and find_by is not None and not cells.get(find_by, "").strip():
        raise InvalidInputError(f"A row needs a value for {find_by}, by which Zoho finds it.")
    return BulkRow(cells, named_by)


def _cell_of_field(name: str, value: Any) -> str:
    try:
        return cell_of(value)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: {error}") from None


@attrs.frozen(eq=False)
class BulkFile:
    """The file of a job.

    Attributes:
        rows: Its rows.
        columns: The names of its columns; those that tell rows apart come first.
        identifying: How many of them do.
        find_by: The field by which Zoho finds a record; empty if it finds none.
    """

    rows: Sequence[BulkRow]
    columns: Sequence[str]
    identifying: int
    find_by: str

    @classmethod
    def of(cls, rows: Sequence[BulkRow], *, find_by: str | None) -> BulkFile:
        """Return the file that holds these rows.

        Raises:
            aiozcrm.errors.InvalidInputError: If they have too many columns.
        """
        names = list(dict.fromkeys(name for row in rows for name in row.cells))
        if len(names) > _MOST_COLUMNS:
            raise InvalidInputError(
                f"{len(names)} columns are more than the {_MOST_COLUMNS} of a bulk write."
            )
        first = _identifying(rows, names, [find_by] if find_by in names else [])
        rest = [name for name in names if name not in first]
        return cls(rows, [*first, *rest], len(first), find_by or "")

    def keys(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """Return what each row has in these columns."""
        return [tuple(row.cells.get(name, "").strip() for name in names) for row in self.rows]

    def write(self, file: IO[bytes], name: str) -> None:
        """Write the zip. It blocks.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has too many bytes.
            ValueError: If a cell holds what UTF-8 cannot.
        """
        rows = ([row.cells.get(column, "") for column in self.columns] for row in self.rows)
        write_zip(file, name, self.columns, rows)
        if file.tell() > MOST_BYTES:
            raise InvalidInputError(
                f"A row is larger than the {MOST_BYTES >> 20} MB of a bulk write."
            )

    def mappings(
        self, fields: Mapping[str, Field], given: Mapping[str, Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return what each column is, in Zoho's words.

        Args:
            fields: The fields of the module, by API name.
            given: What the caller says of fields, which counts more.
        """
        named_by = dict(pair for row in self.rows for pair in row.named_by)
        made: list[dict[str, Any]] = []
        for index, name in enumerate(self.columns):
            mapping: dict[str, Any] = {"api_name": name, "index": index}
            if name in named_by:
                mapping["find_by"] = named_by[name]
            kind = fields[name].get("data_type", "") if name in fields else ""
            if kind in _FORMATS:
                pattern, form = _FORMATS[kind]
                cells = [cell for row in self.rows if (cell := row.cells.get(name))]
                if cells and all(map(pattern.fullmatch, cells)):
                    mapping["format"] = form
            made.append({**mapping, **given.get(name, {})})
        others = [name for name in given if name not in self.columns]
        return made + [{"api_name": name, **given[name]} for name in others]


def _identifying(
    rows: Sequence[BulkRow], names: Sequence[str], chosen: Sequence[str]
) -> Sequence[str]:
    """Return the columns, of those that Zoho repeats, that tell most rows apart."""

    def told_apart(columns: Sequence[str]) -> int:
        return len({tuple(row.cells.get(name, "").strip() for name in columns) for row in rows})

    if chosen and told_apart(chosen) == len(rows):
        return chosen
    while len(chosen) < min(_REPEATED, len(names)):
        best, most = "", 0
        for name in names:
            if name in chosen:
                continue
            apart = told_apart([*chosen, name])
            if apart == len(rows):
                return [*chosen, name]
            if apart > most:
                best, most = name, apart
        chosen = [*chosen, best]
    return chosen
