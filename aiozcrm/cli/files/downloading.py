"""``aiozcrm attachments download``: the files of many records, a folder for each record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from aiozcrm.cli._exits import (
    describe,
    exit_code_for,
    log_traceback,
    run,
    say_error,
    worst_of,
)
from aiozcrm.cli._option_groups import ModuleArgument, with_option_groups
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli._paths import expanded, make_folder
from aiozcrm.cli._words import plural
from aiozcrm.cli.files._bringing import Download, RecordTally
from aiozcrm.cli.files._file_lines import FileLines
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._orgs import ORGS_AT_ONCE
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._display import display_for, shown_steadily
from aiozcrm.cli.runs._given_ids import IdOptions, RecordIdsArgument
from aiozcrm.errors import ZohoError
from aiozcrm.events import Event

__all__ = ["download"]


@with_option_groups
def download(
    module: ModuleArgument,
    ids: RecordIdsArgument = None,
    *,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="FOLDER",
            help="The folder for the files; it is made if it does not exist.",
            callback=expanded,
        ),
    ],
    given: IdOptions,
    concurrency: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="How many files to download at once from each org."),
    ] = 5,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Download the attachments of records, of one org or of many.

    Each record gets a folder named after its id; with several orgs, these are in a folder for each
    profile. A file gets its name only once it is complete. If the command is stopped, run it again:
    it skips records whose files are all there, and continues interrupted files if it can.
    """
    known = Profiles.of_user()
    named = given.by_profile(ids, profiles, every=all_profiles, profiles=known)
    make_folder(to)
    several = all_profiles or len(named) > 1
    lines = FileLines(as_json=as_json)
    downloads = {
        name: Download(
            profile=name if several else None,
            module=module,
            ids=own,
            folder=to / name if several else to,
            tally=RecordTally(
                name=f"{name}, records" if several else "records",
                total=len(own),
                limit=concurrency,
            ),
            tell=lines.write,
        )
        for name, own in named.items()
    }
    run(_download_all(downloads, known, lines, concurrency))
    _end(downloads)


async def _download_all(
    downloads: Mapping[str, Download],
    profiles: Profiles,
    lines: FileLines,
    concurrency: int,
) -> None:
    """Download from all orgs at the same time; an error of one stops no other."""
    tallies = [one.tally for one in downloads.values()]
    display = display_for(lines.console, *tallies)
    slots = asyncio.Semaphore(ORGS_AT_ONCE)

    async def attempt(name: str, one: Download) -> None:
        def receive(event: Event) -> None:
            one.tally.note_event(event)
            display.show()

        async with slots:
            try:
                async with client_for(
                    profiles.load(name), profiles, on_event=receive, max_in_flight=concurrency
                ) as zoho:
                    await one.run(zoho, concurrency)
            except (ZohoError, OSError) as error:
                one.failure = error

    async with shown_steadily(display), asyncio.TaskGroup() as group:
        for name, one in downloads.items():
            group.create_task(attempt(name, one))


def _end(downloads: Mapping[str, Download]) -> None:
    """Say what was not attempted, and end the command."""
    codes = {code for one in downloads.values() for code in one.codes}
    for name, one in downloads.items():
        if isinstance(one.failure, BrokenPipeError):
            raise one.failure
        if one.failure is not None:
            log_traceback(name, one.failure)
            codes.add(exit_code_for(one.failure))
            whose = f"{one.profile}: " if one.profile else ""
            left = len(one.ids) - one.tally.records
            rest = f" {plural(left, 'record')} not attempted." if left else ""
            # What the system says ends without a full stop.
            say_error(f"{whose}{describe(one.failure).removesuffix('.')}.{rest}")
    raise typer.Exit(worst_of(codes))
