"""``aiozcrm links clean``: the links that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from aiozcrm.cli.links._deletion import Deletion
from aiozcrm.cli.links._links_plan import Criteria, Inventory, plan_unused
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption, YesOption
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._run_options import (
    ConcurrencyOption,
    DryRunOption,
    JournalOption,
    ReportOption,
    ResumeOption,
    refuse_beside_resume,
)

__all__ = ["clean"]

_AGE: Final = re.compile(r"([0-9]{1,4})([dwh])")
_UNITS: Final[Mapping[str, timedelta]] = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def _check_age(age: str | None) -> str | None:
    if age is not None and not _AGE.fullmatch(age):
        raise typer.BadParameter("Give a number and a unit: 36h, 90d or 12w.")
    return age


def clean(
    *,
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            callback=_check_age,
            help="Only what was created longer ago than this: 36h, 90d, 12w.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only names like this, such as 'Test*'; case does not matter.",
            show_default=False,
        ),
    ] = None,
    created_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|ID",
            help="Only what this user created; Zoho tells name and id, not the address.",
            show_default=False,
        ),
    ] = None,
    profile: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    journal: JournalOption = None,
    report: ReportOption = None,
    resume: ResumeOption = None,
    concurrency: ConcurrencyOption = 5,
) -> None:
    """Delete the links that no email template and no footer uses, in one org or in many.

    First shows what goes and what stays, and asks. A link that is put to use before the deletion
    begins is kept. Every outcome is in a journal before the next link is sent, so that a run that
    was stopped in any way can be resumed.
    """
    deletion = Deletion(
        command="links clean",
        protect_used=True,
        yes=yes,
        dry_run=dry_run,
        journal=journal,
        report=report,
        concurrency=concurrency,
    )
    if resume is not None:
        refuse_beside_resume(older_than, name, created_by, profile, all_profiles, dry_run, journal)
        deletion.resume(resume)
    names = deletion.profiles.choose(profile or (), every=all_profiles)
    if not all_profiles:
        # What was named by hand is refused as a whole where it is wrong.
        deletion.profiles.select(names)
    criteria = Criteria(
        created_before=_before(older_than),
        name=name,
        created_by=created_by,
    )

    def plan(inventory: Inventory) -> OrgPlan:
        return plan_unused(inventory, criteria)

    deletion.carry_out(dict.fromkeys(names, ()), plan)


def _before(age: str | None) -> datetime | None:
    found = _AGE.fullmatch(age) if age else None
    if found is None:
        return None
    number, unit = found.groups()
    return datetime.now().astimezone() - int(number) * _UNITS[unit]
