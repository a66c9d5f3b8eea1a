"""``aiozcrm query``: rows by COQL."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.records._query_values import ParamsOption, rows_of_query, values_in
from aiozcrm.cli.records._rows import Row, show_rows

__all__ = ["query"]


def query(
    statement: Annotated[
        str,
        typer.Argument(
            metavar="SELECT",
            help="A statement in COQL; --param gives the value of each {name}.",
        ),
    ],
    *,
    params: ParamsOption = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the rows of a query, of one org or of many."""
    values = values_in(params)

    async def read(zoho: ZohoCRM) -> AsyncIterator[Row]:
        async for row in rows_of_query(zoho, statement, values):
            yield row

    show_rows(
        read,
        profiles,
        every=all_profiles,
        as_json=as_json,
        module=_module_in(statement),
        empty="No rows.",
    )


def _module_in(statement: str) -> str | None:
    """Return what a statement selects from, for errors."""
    found = re.search(r"\bfrom\s+(\w+)", statement, re.IGNORECASE)
    return found and found[1]
