"""``aiozcrm records clean``: the records that fit a condition."""

from __future__ import annotations

import functools
from typing import Annotated

import typer

from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._option_groups import ModuleOfNewRun, with_option_groups
from aiozcrm.cli.records._deletion import DELETE, JOURNALS, DeletionOptions, plan_selected
from aiozcrm.cli.records._query_values import ParamsOption, values_in
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions

__all__ = ["clean_records"]


@with_option_groups
def clean_records(
    module: ModuleOfNewRun = None,
    *,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="Which records: a condition in COQL, without the word 'where'; --param gives the "
            "value of each {name}.",
            show_default=False,
        ),
    ] = None,
    params: ParamsOption = None,
    deletion: DeletionOptions,
    options: RunOptions,
) -> None:
    """Delete the records that match a condition, in one org or in many; they go to the recycle bin.

    The command first shows how many records there are, some of them, what deleting them triggers
    and what it costs, and asks for confirmation. Then it reads each record with a call of its own,
    saves it as it is, with the profile, and deletes it. A record that no longer matches by then is
    left alone. Every outcome is written to a journal at once, so you can resume a run
    that was stopped in any way.
    """
    settings = deletion.settings(module, where=where, values=values_in(params))
    run = Run(
        command="records clean",
        verb=DELETE,
        settings=settings,
        options=options,
        resumes=JOURNALS,
        backup=deletion.backup,
    )
    if options.resume is not None:
        options.check_resume(module, where, params, deletion.backup, deletion.trigger)
        run.resume(options.resume)
    if module is None or not (where and where.strip()):
        raise exit_with("name a module, and the records to delete with --where.")
    run.carry_out(dict.fromkeys(run.chosen(), ()), functools.partial(plan_selected, settings))
