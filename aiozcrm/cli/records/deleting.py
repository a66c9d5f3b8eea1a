"""``aiozcrm records delete``: the records of these ids."""

from __future__ import annotations

import functools

from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._option_groups import ModuleOfNewRun, with_option_groups
from aiozcrm.cli.records._deletion import DELETE, JOURNALS, DeletionOptions, plan_named
from aiozcrm.cli.runs._given_ids import IdOptions, RecordIdsArgument
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions

__all__ = ["delete_records"]


@with_option_groups
def delete_records(
    module: ModuleOfNewRun = None,
    ids: RecordIdsArgument = None,
    *,
    given: IdOptions,
    deletion: DeletionOptions,
    options: RunOptions,
) -> None:
    """Delete records by their ids, in one org or in many; they go to the recycle bin.

    The command first shows what will be deleted, and asks for confirmation. Then it reads each
    record with a call of its own, saves it as it is, with the profile, and deletes it. Every
    outcome is written to a journal at once, so you can resume a run that was stopped in any way.
    """
    settings = deletion.settings(module)
    run = Run(
        command="records delete",
        verb=DELETE,
        settings=settings,
        options=options,
        resumes=JOURNALS,
        source=given.file,
        backup=deletion.backup,
    )
    if options.resume is not None:
        options.check_resume(module, ids, given.source, deletion.backup, deletion.trigger)
        run.resume(options.resume)
    if module is None:
        raise exit_with("name a module, and the ids of records or a file with --from.")
    named = given.by_profile(
        ids, options.profile, every=options.all_profiles, profiles=run.profiles
    )
    run.carry_out(named, functools.partial(plan_named, settings))
