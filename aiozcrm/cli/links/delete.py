"""``aiozcrm links delete``: the links of these ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

from aiozcrm.cli._words import plural, printable
from aiozcrm.cli.links._deletion import Deletion
from aiozcrm.cli.links._links_plan import Inventory, plan_named
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption, YesOption
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._id_files import Wanted, from_arguments, read_file
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._run_options import (
    ConcurrencyOption,
    DryRunOption,
    JournalOption,
    ReportOption,
    ResumeOption,
    refuse_beside_resume,
)
from aiozcrm.errors import InvalidInputError

__all__ = ["delete"]


def delete(
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Ids of links.", show_default=False),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Read ids from text, CSV or JSON Lines; - is the standard input.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        str, typer.Option(metavar="NAME", help="Column or key of the ids in that file.")
    ] = "id",
    protect_used: Annotated[
        bool,
        typer.Option("--protect-used", help="Keep what an email template or a footer uses."),
    ] = False,
    profile: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    journal: JournalOption = None,
    report: ReportOption = None,
    resume: ResumeOption = None,
    concurrency: ConcurrencyOption = 5,
) -> None:
    """Delete links by their ids, in one org or in many.

    First shows what goes and what stays, and asks. Every outcome is in a journal before the
    next link is sent, so that a run that was stopped in any way can be resumed.
    """
    deletion = Deletion(
        command="links delete",
        protect_used=protect_used,
        yes=yes,
        dry_run=dry_run,
        journal=journal,
        report=report,
        concurrency=concurrency,
    )
    if resume is not None:
        refuse_beside_resume(ids, source, profile, all_profiles, dry_run, journal, protect_used)
        deletion.resume(resume)
    wanted = _all_wanted(ids or (), source, column)
    named = _by_profile(wanted, profile or (), all_profiles, deletion.profiles)

    def plan(inventory: Inventory) -> OrgPlan:
        ids = named[inventory.target.profile]
        return plan_named(inventory, ids, protect_used=protect_used)

    deletion.carry_out(named, plan)


def _all_wanted(ids: Sequence[str], source: str | None, column: str) -> list[Wanted]:
    """Return all ids that were given."""
    given = from_arguments(ids)
    if source is not None:
        given += read_file(source, column=column)
    if not given:
        raise InvalidInputError("There is no id.", hint="Give ids, or a file with --from.")
    return given


def _by_profile(
    wanted: Iterable[Wanted],
    names: Sequence[str],
    every: bool,
    profiles: Profiles,
) -> Mapping[str, Sequence[str]]:
    """Return the ids that are wanted from the org of each profile, each once."""
    found: defaultdict[str, dict[str, Wanted]] = defaultdict(dict)
    duplicates = []
    named = {one.profile for one in wanted if one.profile}
    allowed = profiles.choose(names, every=every) if names or every or not named else sorted(named)
    for one in wanted:
        if one.profile is None and (len(allowed) != 1 or every):
            raise InvalidInputError(
                f"{one.place}: nothing tells whose link {one.id} is.",
                hint="Give one --profile, or a file with a column 'profile'.",
            )
        name = one.profile or allowed[0]
        if name not in allowed:
            raise InvalidInputError(
                f"{one.place}: profile {name!r} is not among those that were chosen.",
                hint="Name it with --profile, or leave --profile out.",
            )
        if found[name].setdefault(one.id, one) is not one:
            duplicates.append(one)
    _tell_left_out(duplicates)
    if not every:
        # What was named by hand is refused as a whole where it is wrong.
        profiles.select(list(found))
    return {name: tuple(ids) for name, ids in found.items()}


def _tell_left_out(duplicates: Sequence[Wanted]) -> None:
    if duplicates:
        shown = ", ".join(f"{one.id} ({one.place})" for one in duplicates)
        told = f"{plural(len(duplicates), 'duplicate')} left out: {shown}"
        typer.echo(printable(told), err=True)
