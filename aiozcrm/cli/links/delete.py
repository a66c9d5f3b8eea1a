"""``aiozcrm links delete``: the links of these ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._option_groups import with_option_groups
from aiozcrm.cli.links._links_plan import (
    DELETE,
    JOURNALS,
    PROTECT_USED,
    Inventory,
    plan_named,
)
from aiozcrm.cli.runs._given_ids import IdOptions
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Target
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions

__all__ = ["delete"]


@with_option_groups
def delete(
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Ids of links.", show_default=False),
    ] = None,
    given: IdOptions,
    protect_used: Annotated[
        bool,
        typer.Option("--protect-used", help="Keep links that an email template or footer uses."),
    ] = False,
    options: RunOptions,
) -> None:
    """Delete links by their ids, in one org or in many.

    The command first shows what will be deleted and what stays, and asks for confirmation. Every
    outcome is written to a journal before the next link is deleted, so you can resume a run that
    was stopped in any way.
    """
    run = Run(
        command="links delete",
        verb=DELETE,
        settings={PROTECT_USED: protect_used},
        options=options,
        resumes=JOURNALS,
        source=given.file,
    )
    if options.resume is not None:
        options.check_resume(ids, given.source, protect_used)
        run.resume(options.resume)

    async def plan(zoho: ZohoCRM, target: Target, ids: Sequence[str]) -> OrgPlan:
        inventory = await Inventory.read(zoho, target)
        return plan_named(inventory, ids, protect_used=protect_used)

    named = given.by_profile(
        ids, options.profile, every=options.all_profiles, profiles=run.profiles
    )
    run.carry_out(named, plan)
