"""Criteria of jobs over records, which are objects: which records meet them."""

from __future__ import annotations

from typing import Any

from aiozcrm.testing._records._store import Row, folded
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import rejected

__all__ = ["meets"]


def meets(module: Module, row: Row, criteria: Any) -> bool:
    """Return whether a record meets criteria; None is met by all.

    Raises:
        RejectedError: If they are something else than ``equal`` to the value of a field.
    """
    if criteria is None:
        return True
    given = criteria if isinstance(criteria, dict) else {}
    named = given.get("field")
    name = named.get("api_name") if isinstance(named, dict) else None
    if given.get("comparator") != "equal" or str(name) not in module.fields:
        place = {"api_name": "criteria", "json_path": "$.criteria"}
        raise rejected(400, "INVALID_DATA", "invalid data", **place)
    return folded(row.get(str(name))) == folded(given.get("value"))
