"""Values for the placeholders of COQL, from the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli.records._rows import Row
from aiozcrm.errors import InvalidInputError

__all__ = ["ParamsOption", "rows_of_query", "values_in"]

ParamsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="NAME=VALUE",
        help="A value for {NAME}; may be given several times. Numbers, true, false, null "
        "and JSON lists are read as such; anything else is text.",
        show_default=False,
    ),
]


def values_in(params: Sequence[str] | None) -> dict[str, Any]:
    """Return the values that are given, by their names."""
    values: dict[str, Any] = {}
    for param in params or ():
        name, equals, text = param.partition("=")
        if not equals or not name.isidentifier():
            raise exit_with(f"--param {param!r} has to be a name, = and a value.")
        values[name] = _value_of(text)
    return values


def rows_of_query(zoho: ZohoCRM, statement: str, values: Mapping[str, Any]) -> AsyncIterator[Row]:
    """Return the rows of a query, none of which is read yet.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot be sent.
    """
    try:
        return zoho.iter_query(statement, **values)
    except (KeyError, TypeError) as error:
        raise InvalidInputError(f"The query cannot be sent: {error.args[0]}.") from None


def _value_of(text: str) -> Any:
    """Return what a text stands for: numbers, booleans, null and lists in JSON, or itself."""
    try:
        value = json.loads(text)
    except (RecursionError, ValueError):
        return text
    # Ids are text, and so is what JSON would not write again in the same way.
    is_same = json.dumps(value) == text or isinstance(value, list)
    is_id = isinstance(value, int) and not isinstance(value, bool) and len(text) > 15
    return value if is_same and not is_id and not isinstance(value, (str, dict)) else text
