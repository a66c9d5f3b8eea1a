"""Criteria of jobs over records, which are objects: which records meet them."""

from __future__ import annotations

from typing import Any

from aiozcrm.testing._records._store import Row, folded
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import rejected
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["meets"]


def meets(module: Module, row: Row, criteria: Any) -> bool:
    """Return whether a record meets criteria; None is met by all.

    Raises:
        RejectedError: If they are something else than ``equal`` to the value of a field.
    """
    if criteria is None:
        return True
    name = text_at(criteria, "field", "api_name")
    if value_at(criteria, "comparator") != "equal" or name not in module.fields:
        place = {"api_name": "criteria", "json_path": "$.criteria"}
        raise rejected(400, "INVALID_DATA", "invalid data", **place)
    return folded(row.get(name)) == folded(value_at(criteria, "value"))
