"""``aiozcrm query``: rows by COQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.records._rows import Row, show_rows

__all__ = ["query"]


def query(
    statement: Annotated[
        str,
        typer.Argument(
            metavar="SELECT",
            help="A statement in COQL; {name} stands where --param puts a value.",
        ),
    ],
    *,
    params: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="NAME=VALUE",
            help="A value for the statement; may be given several times. A number, true, false, "
            "null or a list in JSON is what it is, anything else is text.",
            show_default=False,
        ),
    ] = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the rows of a query, of one org or of many."""
    values = _values_of(params or ())

    async def read(zoho: ZohoCRM) -> AsyncIterator[Row]:
        async for row in zoho.iter_query(statement, **values):
            yield row

    show_rows(read, profiles, every=all_profiles, as_json=as_json)


def _values_of(params: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for param in params:
        name, equals, text = param.partition("=")
        if not equals or not name.isidentifier():
            raise exit_with(f"--param {param!r} has to be a name, = and a value.")
        values[name] = _value_of(text)
    return values


def _value_of(text: str) -> Any:
    """Return what a text stands for: numbers, booleans, null and lists in JSON, or itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    # Ids are text, and so is what JSON would not write again in the same way.
    is_same = json.dumps(value) == text or isinstance(value, list)
    is_id = isinstance(value, int) and not isinstance(value, bool) and len(text) > 15
    return value if is_same and not is_id and not isinstance(value, (str, dict)) else text
