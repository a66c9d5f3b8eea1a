"""``aiozcrm records delete``: the records of these ids, after a copy of them was saved."""

from __future__ import annotations

import functools
import itertools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from aiozcrm import ZohoCRM
from aiozcrm.batch import OnOutcome
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._option_groups import with_option_groups
from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import name_of
from aiozcrm.cli.runs._given_ids import ColumnOption, IdsFromOption, ids_by_profile
from aiozcrm.cli.runs._id_files import STDIN, read_arguments, read_file
from aiozcrm.cli.runs._plans import OrgPlan, PlannedItem, Verb
from aiozcrm.cli.runs._results import Target
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions

__all__ = ["delete_records"]

_COMMAND: Final = "records delete"

#: How many records Zoho reads by their ids in one call.
_IDS_A_CALL: Final = 100


async def _delete(
    zoho: ZohoCRM,
    ids: Iterator[str],
    settings: Mapping[str, Any],
    concurrency: int,
    on_outcome: OnOutcome,
) -> None:
    await zoho.records(settings["module"]).delete_many(
        ids,
        wf_trigger=settings["wf_trigger"],
        concurrency=concurrency,
        on_outcome=on_outcome,
    )


_DELETE: Final = Verb(noun="record", present="delete", past="deleted", act=_delete)


@with_option_groups
def delete_records(
    module: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODULE]",
            help="The API name of the module, such as Leads; not with --resume.",
            show_default=False,
        ),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Ids of records.", show_default=False),
    ] = None,
    *,
    source: IdsFromOption = None,
    column: ColumnOption = "id",
    backup: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Save the records as JSON Lines in this new file instead of one beside the "
            "journal.",
            show_default=False,
            callback=expanded,
        ),
    ] = None,
    trigger: Annotated[
        Literal["workflow", "none"] | None,
        typer.Option(help="Whether workflows run, as they do by default.", show_default=False),
    ] = None,
    options: RunOptions,
) -> None:
    """Delete records by their ids, in one org or in many; they go to the recycle bin.

    The command first reads the records, each by a call of its own, shows what will be deleted, and
    asks for confirmation. Then it saves the records as they were, with the profile of each, and
    deletes them. Every outcome is written to a journal at once, so you can resume a run that was
    stopped in any way.
    """
    file = None if source in {None, STDIN} else expanded(Path(source))
    saved: list[Mapping[str, Any]] = []
    run = Run(
        command=_COMMAND,
        verb=_DELETE,
        settings={"module": module, "wf_trigger": None if trigger is None else trigger != "none"},
        options=options,
        source=file,
        resumes=(_COMMAND,),
        before=functools.partial(_save, backup, saved),
    )
    if options.resume is not None:
        options.check_resume(module, ids, source, backup, trigger)
        run.resume(options.resume)
    if module is None:
        raise exit_with("name a module, and the ids of records or a file with --from.")
    given = itertools.chain(
        read_arguments(ids or ()), read_file(file or STDIN, column=column) if source else ()
    )
    named = ids_by_profile(
        given, options.profile or (), every=options.all_profiles, profiles=run.profiles
    )
    run.carry_out(named, functools.partial(_plan, module, saved))


async def _plan(
    module: str,
    saved: list[Mapping[str, Any]],
    zoho: ZohoCRM,
    target: Target,
    ids: Sequence[str],
) -> OrgPlan:
    """Return what happens in an org, and add its records to those that are saved."""
    items = []
    for start in range(0, len(ids), _IDS_A_CALL):
        chunk = ids[start : start + _IDS_A_CALL]
        # The whole records, whatever became of them: a list alone has no subforms.
        read = await zoho.records(module).list(
            ids=chunk, full=True, converted="both", approved="both"
        )
        for record in sorted(read, key=lambda one: chunk.index(one["id"])):
            saved.append({"profile": target.profile, **record})
            items.append(PlannedItem(id=record["id"], name=name_of(record), fate="goes"))
    return OrgPlan(target=target, named=tuple(ids), items=tuple(items))


def _save(backup: Path | None, records: Sequence[Mapping[str, Any]], journal: Path) -> None:
    """Write a new file that only its owner can read, and return when it is on the disk.

    Args:
        backup: The file; None for one beside the journal.
        records: What it is to hold.
        journal: Where the journal is going to be.
    """
    place = backup or journal.with_name(f"{journal.stem}-backup.jsonl")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(f"{json.dumps(record)}\n".encode() for record in records)
        file.flush()
        os.fsync(file.fileno())
    typer.echo(f"Backup: {place}")
