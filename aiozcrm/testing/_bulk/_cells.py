"""From the cells of a bulk write to what a write of records takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._types import REFERENCES, TO_USERS

__all__ = ["value_of_cell"]

#: What Zoho takes for granted, and the other ways of writing that this fake knows.
_FORMATS: Final[Mapping[str, str]] = {
    "MM/dd/yyyy": "%m/%d/%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "yyyy-MM-dd": "%Y-%m-%d",
    "MM/dd/yyyy HH:mm:ss": "%m/%d/%Y %H:%M:%S",
    "yyyy-MM-dd'T'HH:mm:ssXXX": "%Y-%m-%dT%H:%M:%S%z",
}


def value_of_cell(database: Database, field: Field, text: str, mapping: Mapping[str, Any]) -> Any:
    """Return a value of a field.

    Args:
        database: All records.
        field: The field.
        text: The cell.
        mapping: What the job says of the column.

    Raises:
        ValueError: If the field has no such value.
    """
    if field.type == "date":
        return _moment(text, str(mapping.get("format") or "MM/dd/yyyy")).date().isoformat()
    if field.type == "datetime":
        form = str(mapping.get("format") or "MM/dd/yyyy HH:mm:ss")
        return _datetime(database, text, form)
    if field.type in REFERENCES:
        return {"id": _target(database, field, text, str(mapping.get("find_by") or "id"))}
    read = _READERS.get(field.type)
    return text if read is None else read(text)


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "boolean": _boolean,
    "currency": _number,
    "double": _number,
    "integer": int,
    "multiselectpicklist": lambda text: text.split(";"),
    "percent": _number,
}


def _moment(text: str, form: str) -> dt.datetime:
    if form not in _FORMATS:
        raise ValueError(form)
    return dt.datetime.strptime(text, _FORMATS[form])  # noqa: DTZ007  # a date has no zone


def _datetime(database: Database, text: str, form: str) -> str:
    moment = _moment(text, form)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=database.context.time_zone)
    return moment.isoformat(timespec="seconds")


def _target(database: Database, field: Field, text: str, find_by: str) -> str:
    """Return the id of the record, or the user, that a cell leads to."""
    if find_by == "id" or field.type in TO_USERS:
        return text
    found = database.store(field.lookup).find(find_by, text) if field.lookup else ()
    if not found:
        raise ValueError(text)
    return found[0]
