"""Cells of the files of bulk jobs: from Zoho's text to values, and from values to text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aiozcrm._protocol import json_text

if TYPE_CHECKING:
    from aiozcrm.resources.fields import Field

__all__ = ["ColumnReader", "cell_of", "reader_of", "rows_by_name"]

#: Makes values of the cells of a column; what is empty becomes None.
ColumnReader: TypeAlias = Callable[[Sequence[str]], Sequence[Any]]

#: What values of these types are in JSON, where Zoho does not say.
_JSON_TYPES: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    **dict.fromkeys(("currency", "double", "integer", "percent"), "double"),
    **dict.fromkeys(("lookup", "multi_module_lookup", "ownerlookup", "userlookup"), "jsonobject"),
}

_TRUE: Final = frozenset({"true", "TRUE", "True"})

#: What stands between the values of a multi-select in one cell: in exports of Zoho's pages, and
#: in what others have seen of bulk reads.
_SEPARATORS: Final = (";", ",")


def rows_by_name(
    rows: Sequence[Sequence[str]],
    names: Sequence[str],
    readers: Sequence[ColumnReader],
) -> list[dict[str, Any]]:
    """Return rows as dicts of values.

    Args:
        rows: Their cells.
        names: The name of each column.
        readers: What makes the values of each column.
    """
    # Column by column, which takes a third less than cell by cell.
    # Of no rows there are no columns.
    columns = zip(*rows, strict=True)
    read = [read(column) for read, column in zip(readers, columns, strict=False)]
    # They are as wide as each other, and saying so would cost a third more.
    return [dict(zip(names, row)) for row in zip(*read)]  # noqa: B905


def reader_of(field: Field | None) -> ColumnReader:
    """Return what makes values of the cells of a field; of an unknown one they are text."""
    if field is None:
        return _read_texts
    if field["api_name"] == "Tag":
        # No name of a tag has a comma.
        return lambda column: [cell.split(",") if cell else None for cell in column]
    data_type = field.get("data_type", "")
    if data_type == "multiselectpicklist":
        choices = field.get("pick_list_values") or ()
        known = frozenset(str(choice.get("actual_value")) for choice in choices)
        return lambda column: [_split(cell, known) if cell else None for cell in column]
    json_type = _JSON_TYPES.get(data_type) or field.get("json_type")
    return _READERS.get(json_type or "", _read_texts)


def cell_of(value: Any) -> str:
    """Return a value as a cell.

    Raises:
        TypeError: If a cell cannot hold it, such as the rows of a subform.
        ValueError: If it is a datetime without an offset, a number that is none, or a list of
            texts that hold what stands between them.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if value is None:
        return ""
    if isinstance(value, Mapping):
        if len(value) != 1 and "id" not in value:
            raise TypeError("a record is named by its id, or by one unique field")
        return cell_of(value["id"] if "id" in value else next(iter(value.values())))
    if isinstance(value, (list, tuple)):
        return _joined(value)
    # Numbers, booleans and moments are written as in JSON.
    return json_text(value).strip('"')


def _joined(values: Iterable[Any]) -> str:
    texts = list(values)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"a cell holds a list of texts, not of {type(text).__name__}")
        if _SEPARATORS[0] in text:
            raise ValueError(f"{text!r} cannot be one of several values in a cell")
    return _SEPARATORS[0].join(texts)


def _split(cell: str, known: frozenset[str]) -> list[str]:
    """Return the values of a multi-select, whichever separator stands between them."""
    if cell in known:
        return [cell]
    for separator in _SEPARATORS:
        values = cell.split(separator)
        if known.issuperset(values):
            return values
    return cell.split(_SEPARATORS[0] if _SEPARATORS[0] in cell else _SEPARATORS[1])


def _read_texts(column: Sequence[str]) -> Sequence[str | None]:
    return [cell or None for cell in column] if "" in column else column


def _read_numbers(column: Sequence[str]) -> list[int | float | str | None]:
    try:
        return [(float(c) if "." in c else int(c)) if c else None for c in column]
    except ValueError:
        return [_number(cell) if cell else None for cell in column]


def _number(cell: str) -> int | float | str:
    """Return a number, or the text of what is none: the schema may have changed."""
    with contextlib.suppress(ValueError):
        return int(cell)
    with contextlib.suppress(ValueError):
        number = float(cell)
        return number if isfinite(number) else cell
    return cell


_READERS: Final[Mapping[str, ColumnReader]] = {
    "boolean": lambda column: [cell in _TRUE if cell else None for cell in column],
    "double": _read_numbers,
    "integer": _read_numbers,
    "jsonobject": lambda column: [{"id": cell} if cell else None for cell in column],
}
