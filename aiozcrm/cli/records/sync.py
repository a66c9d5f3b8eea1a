"""``aiozcrm sync``: a copy of modules on this machine, brought up to date by each run."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import ExitCode, exit_with
from aiozcrm.cli._output import JsonOption, print_lines
from aiozcrm.cli._paths import expanded, make_folder
from aiozcrm.cli.profiles._modules import naming_module
from aiozcrm.cli.profiles._orgs import ask_org
from aiozcrm.cli.profiles._profile_options import ProfileOption
from aiozcrm.cli.records._copies import Copy, JsonLinesCopy, SqliteCopy, TableColumns
from aiozcrm.errors import FeedIncompleteError, InvalidInputError

__all__ = ["sync"]


def sync(
    modules: Annotated[
        list[str], typer.Argument(metavar="MODULE", help="The API names of the modules.")
    ],
    *,
    to: Annotated[
        str,  # a path would lose the slash at its end
        typer.Option(
            "--to",
            metavar="DB|DIR",
            help="A SQLite database (.db), or a folder for files of JSON lines.",
        ),
    ],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a copy of modules up to date, deletions included.

    The first run reads everything, every later one what has changed. A run that fails or is
    killed leaves the copy as it was, and the next one goes on from there.
    """
    place = expanded(Path(to)) or Path(to)
    is_database = place.suffix == ".db"
    if place.suffix and not (is_database or to.endswith("/") or place.is_dir()):
        raise exit_with(
            f"{to} is neither a database nor a folder. Name a SQLite database with .db at the end, "
            "or a folder with a slash at the end."
        )
    if is_database and not place.parent.is_dir():
        raise exit_with(f"There is no folder {place.parent}.")
    if not is_database:
        make_folder(place)

    async def work(zoho: ZohoCRM) -> None:
        for module in modules:
            async with naming_module(zoho, module):
                await bring(zoho, module)

    async def bring(zoho: ZohoCRM, module: str) -> None:
        zoho.records(module)  # raises if this can be no name
        copy: Copy
        if is_database:
            schema = await zoho.schema(module)
            copy = SqliteCopy(place, module, TableColumns(schema.fields))
        else:
            copy = JsonLinesCopy(place, module)
        try:
            await _bring_up_to_date(zoho, module, copy, as_json=as_json)
        finally:
            copy.close()

    try:
        ask_org(work, profile)
    except sqlite3.Error as error:
        code = ExitCode.FAILED if _may_pass(error) else ExitCode.USAGE
        raise exit_with(f"{place} cannot be used: {error}.", code) from None


def _may_pass(error: sqlite3.Error) -> bool:
    """Return whether a database may do later, such as when the disk has space again."""
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return kind in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


async def _bring_up_to_date(zoho: ZohoCRM, module: str, copy: Copy, *, as_json: bool) -> None:
    try:
        await _follow(zoho, module, copy, anew=False, as_json=as_json)
    except FeedIncompleteError as error:
        typer.echo(f"{module}: {error} All of it is read again.", err=True)
        await _follow(zoho, module, copy, anew=True, as_json=as_json)


async def _follow(zoho: ZohoCRM, module: str, copy: Copy, *, anew: bool, as_json: bool) -> None:
    """Put all changes into a copy."""
    cursor = copy.begin(anew=anew)
    changed = deleted = 0
    try:
        changes = zoho.records(module).changes(cursor)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"The copy of {module} cannot be brought up to date. {error.message}",
            hint="Remove it to have all of it read again, or name another place.",
        ) from None
    async with changes as feed:
        async for batch in feed:
            # A feed tells the last minutes once more, which changes nothing here.
            changed += copy.put(batch.upserted)
            deleted += copy.drop(row["id"] for row in batch.deleted)
    count = copy.keep(feed.cursor)
    if as_json:
        facts = {"module": module, "changed": changed, "deleted": deleted, "rows": count}
        print_lines([facts])
        return
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    typer.echo(f"{module}: {changed:,} changed, {deleted:,} deleted, {rows} now.")
