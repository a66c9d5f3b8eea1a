"""``aiozcrm records list``, ``get``, ``search`` and ``count``: they change nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._option_groups import ModuleArgument
from aiozcrm.cli._output import JsonOption, print_facts, print_lines, print_table
from aiozcrm.cli._words import printable
from aiozcrm.cli.profiles._orgs import ask_org, ask_orgs
from aiozcrm.cli.profiles._profile_options import (
    AllProfilesOption,
    ProfileOption,
    ProfilesOption,
)
from aiozcrm.cli.records._rows import Row, cell_of, names_in, show_rows
from aiozcrm.resources.records import ListQuery

__all__ = ["count", "get", "list_records", "search"]

FieldsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fields",
        metavar="NAMES",
        help="API names of the fields to show, separated by commas. Without it, all fields.",
        show_default=False,
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Show this many at most.", show_default=False),
]
CriteriaOption = Annotated[
    str | None,
    typer.Option(
        "--criteria",
        metavar="TEXT",
        help="Conditions as Zoho writes them, such as '(Last_Name:starts_with:B)'.",
        show_default=False,
    ),
]
EmailOption = Annotated[
    str | None,
    typer.Option("--email", help="An email address in any field.", show_default=False),
]
PhoneOption = Annotated[
    str | None,
    typer.Option("--phone", help="A phone number in any field.", show_default=False),
]
WordOption = Annotated[
    str | None, typer.Option("--word", help="A word in any field.", show_default=False)
]


def list_records(  # the options of a command
    module: ModuleArgument,
    *,
    fields: FieldsOption = None,
    limit: LimitOption = None,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="MOMENT",
            help="Only what has changed since then, such as 2026-11-26T08:00:00+01:00.",
            show_default=False,
        ),
    ] = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the records of a module, of one org or of many."""
    names = names_in(fields or ())
    query: ListQuery = {}
    if changed_since is not None:
        query["if_modified_since"] = _moment_in(changed_since)

    async def read(zoho: ZohoCRM) -> AsyncIterator[Row]:
        found = zoho.records(module).iter(fields=names or None, **query)
        async for row in _first(found, limit):
            yield row

    columns = ["id", *(name for name in names if name != "id")] if names else ()
    show_rows(read, profiles, every=all_profiles, as_json=as_json, columns=columns, module=module)


def get(
    module: ModuleArgument,
    record_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    *,
    fields: FieldsOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one record."""
    names = names_in(fields or ())

    async def read(zoho: ZohoCRM) -> Row:
        return await zoho.records(module).get(record_id, fields=names or None)

    record = ask_org(read, profile, module=module)
    if as_json:
        print_lines([record])
    else:
        print_facts({name: cell_of(value) for name, value in record.items()})


def search(  # the options of a command
    module: ModuleArgument,
    *,
    criteria: CriteriaOption = None,
    email: EmailOption = None,
    phone: PhoneOption = None,
    word: WordOption = None,
    fields: FieldsOption = None,
    limit: LimitOption = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the records that Zoho's search finds, of one org or of many."""
    names = names_in(fields or ())

    async def read(zoho: ZohoCRM) -> AsyncIterator[Row]:
        found = zoho.records(module).iter_search(
            criteria=criteria, email=email, phone=phone, word=word, fields=names or None
        )
        async for row in _first(found, limit):
            yield row

    columns = ["id", *(name for name in names if name != "id")] if names else ()
    show_rows(read, profiles, every=all_profiles, as_json=as_json, columns=columns, module=module)


def count(  # the options of a command
    module: ModuleArgument,
    *,
    criteria: CriteriaOption = None,
    email: EmailOption = None,
    phone: PhoneOption = None,
    word: WordOption = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Count the records of a module, all or those that Zoho's search finds."""

    async def read(zoho: ZohoCRM) -> int:
        return await zoho.records(module).count(
            criteria=criteria, email=email, phone=phone, word=word
        )

    answers = ask_orgs(read, profiles, every=all_profiles, module=module)
    if as_json:
        print_lines(
            ({"profile": name} if answers.several else {}) | {"count": found}
            for name, found in answers.by_profile.items()
        )
    elif answers.several:
        print_table(("Profile", "Count"), answers.by_profile.items())
    else:
        for found in answers.by_profile.values():
            typer.echo(found)
    raise typer.Exit(answers.exit_code)


def _moment_in(text: str) -> datetime:
    # What Zoho does not understand, it may ignore, and then everything seems to have changed.
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is not None:
            return moment
    raise typer.BadParameter(
        f"{printable(text)} is no moment with an offset, such as 2026-11-26T08:00:00+01:00.",
        param_hint="--changed-since",
    )


async def _first(rows: AsyncIterator[Row], limit: int | None) -> AsyncIterator[Row]:
    """Yield so many rows, and leave no call behind."""
    left = limit
    async with contextlib.aclosing(rows):  # type: ignore[type-var]  # lists of records can be closed
        async for row in rows:
            yield row
            if left is not None:
                left -= 1
                if left == 0:
                    return
