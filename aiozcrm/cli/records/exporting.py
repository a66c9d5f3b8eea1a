"""``aiozcrm export``: all rows of a module in a file, read in the cheapest way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import run, worst_of
from aiozcrm.cli._option_groups import ModuleArgument
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import plural
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.records._export_files import check_place
from aiozcrm.cli.records._export_plan import EXPORT, Export, Wanted, plan_export
from aiozcrm.cli.records._export_run import ExportRun
from aiozcrm.cli.records._export_ways import Via, check_condition
from aiozcrm.cli.records._rows import names_in
from aiozcrm.cli.runs._display import SteadyConsole
from aiozcrm.cli.runs._plan_view import confirm, show_plans
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Target
from aiozcrm.cli.runs._run_options import DryRunOption, YesOption
from aiozcrm.cli.runs._targets import plan_orgs
from aiozcrm.errors import InvalidInputError

__all__ = ["export"]


def export(  # the options of a command
    module: ModuleArgument,
    *,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="FILE",
            help="The file; its name ends with .csv, .jsonl, .db or .parquet. With several "
            "profiles, each gets one of its own, such as leads-acme.csv.",
            callback=expanded,
        ),
    ],
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--fields",
            metavar="NAMES",
            help="API names of the fields to read, separated by commas. Without it, all "
            "that lists can show.",
            show_default=False,
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="Only the rows that match a condition in COQL, such as \"City = 'Delft'\".",
            show_default=False,
        ),
    ] = None,
    via: Annotated[
        Via | None,
        typer.Option(
            help="How to read the rows. Without it, in the way that costs the fewest credits.",
            show_default=False,
        ),
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Export a module of one org or of many to a file.

    The command first shows how it will read the rows, how many credits that costs and about how
    long it takes, and asks for confirmation. The file appears only once it is complete, and
    replaces an earlier one. If a bulk read is stopped, run the same command again within 20 hours,
    and it continues where it left off.
    """
    wanted = Wanted(module=module, names=names_in(fields or ()), condition=where, via=via)
    if fields is not None and not wanted.names:
        raise InvalidInputError("--fields names no field.", hint="Leave it out for all fields.")
    if where is not None:
        check_condition(where)
        if via not in {None, "coql"}:
            raise InvalidInputError(
                f"--where is a condition of COQL, which means nothing to --via {via}.",
                hint="Leave one of them out.",
            )
    user = Profiles.of_user()
    chosen = user.choose_usable(profiles or (), every=all_profiles)
    several = all_profiles or len(chosen) > 1
    places = {name: _place(to, name) if several else to for name in chosen}
    for place in places.values():
        check_place(place, module)
    console = SteadyConsole(stderr=as_json, highlight=False)
    exports: dict[str, Export] = {}

    async def planner(zoho: ZohoCRM, target: Target, _named: object) -> OrgPlan:
        found = await plan_export(zoho, target, wanted, places[target.profile])
        exports[target.profile] = found
        return OrgPlan(target=target, summary=found.summary())

    plans = run(plan_orgs(dict.fromkeys(chosen, ()), user, planner, module=module))
    show_plans(plans, EXPORT, console)
    codes = [plan.failure.code for plan in plans if plan.failure]
    going = {plan.target: exports[plan.target.profile] for plan in plans if not plan.failure}
    if dry_run and not codes:
        console.print("Dry run: nothing was exported.")
    if dry_run or not going:
        raise typer.Exit(worst_of(codes))
    rows = sum(one.source.rows for one in going.values())
    cost = sum(one.ways[0].credits for one in going.values())
    total = f"{plural(rows, 'row')} in {plural(len(going), 'org')}"
    console.print(f"{total} for about {plural(cost, 'credit')}.", style="bold")
    if not yes:
        confirm(rows, EXPORT, console)
    exporting = ExportRun(profiles=user, console=console, several=several, as_json=as_json)
    raise typer.Exit(worst_of([*codes, *run(exporting.carry_out(going))]))


def _place(to: Path, profile: str) -> Path:
    """Return the file of one of several profiles."""
    return to.with_name(f"{to.stem}-{profile}{to.suffix}")
