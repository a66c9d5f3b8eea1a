"""``aiozcrm links clean``: the links that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._option_groups import with_option_groups
from aiozcrm.cli.links._links_plan import (
    DELETE,
    JOURNALS,
    PROTECT_USED,
    Criteria,
    Inventory,
    plan_unused,
)
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Target
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions

__all__ = ["clean"]

_AGE: Final = re.compile(r"([0-9]{1,4})([dwh])")
_UNITS: Final[Mapping[str, timedelta]] = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def _age(text: str) -> timedelta:
    """Read an age, such as ``90d``."""
    found = _AGE.fullmatch(text)
    if not found:
        raise typer.BadParameter("Give a number and a unit: 36h, 90d or 12w.")
    return int(found[1]) * _UNITS[found[2]]


@with_option_groups
def clean(
    *,
    older_than: Annotated[
        timedelta | None,
        typer.Option(
            metavar="AGE",
            parser=_age,
            help="Only links created longer ago than this, such as 36h, 90d or 12w.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only links whose name matches, such as 'Test*'; case does not matter.",
            show_default=False,
        ),
    ] = None,
    created_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|ID",
            help="Only links that this user created; an email address does not work.",
            show_default=False,
        ),
    ] = None,
    options: RunOptions,
) -> None:
    """Delete the links that no email template and no footer uses, in one org or in many.

    The command first shows what will be deleted and what stays, and asks for confirmation. A link
    that comes into use before it is deleted stays. Every outcome is written to a journal before
    the next link is deleted, so you can resume a run that was stopped in any way.
    """
    run = Run(
        command="links clean",
        verb=DELETE,
        settings={PROTECT_USED: True},
        options=options,
        resumes=JOURNALS,
    )
    if options.resume is not None:
        options.check_resume(older_than, name, created_by)
        run.resume(options.resume)
    before = None if older_than is None else datetime.now().astimezone() - older_than
    criteria = Criteria(created_before=before, name=name, created_by=created_by)

    async def plan(zoho: ZohoCRM, target: Target, _ids: Sequence[str]) -> OrgPlan:
        return plan_unused(await Inventory.read(zoho, target), criteria)

    run.carry_out(dict.fromkeys(run.chosen(), ()), plan)
