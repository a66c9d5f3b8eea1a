"""Values of records as queries compare them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module

__all__ = ["ID", "parse_value", "value_in"]

_NUMBERS: Final = frozenset({"integer", "bigint", "double", "currency", "percent", "formula"})
#: What every record has, and no module lists.
ID: Final = Field(api_name="id", type="bigint")


def value_in(database: Database, module: Module, row: Row, field: Field) -> Any:
    """Return the value of a record in a form that can be compared with what is parsed.

    Several values are a list, and nothing is None. What leads elsewhere is not compared here.
    """
    if field is ID:
        return int(row["id"])
    if field.api_name == "Full_Name":
        return database.name_of(module, row)
    value = row.get(field.api_name)
    if value is None or isinstance(value, list):
        return value
    return parse_value(field, str(value))


def parse_value(field: Field, text: str) -> Any:
    """Return what the text of a query stands for.

    Raises:
        ValueError: If the field can have no such value.
    """
    if field is ID:
        return int(text)
    if field.type in _NUMBERS:
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
        if not number.is_finite():
            raise ValueError(text)
        return number
    if field.type == "date":
        return dt.date.fromisoformat(text)
    if field.type == "datetime":
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment
    if field.type == "boolean":
        if text.lower() not in {"true", "false"}:
            raise ValueError(text)
        return text.lower() == "true"
    return text
