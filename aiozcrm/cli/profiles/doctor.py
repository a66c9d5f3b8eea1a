"""``aiozcrm doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from aiozcrm.cli._exits import describe, exit_code_for, run, worst_of
from aiozcrm.cli._words import printable
from aiozcrm.cli.profiles._checks import (
    Check,
    Verdict,
    check_environment,
    check_files,
    check_profile,
)
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.profiles._profiles import FROM_ENVIRONMENT, Profiles
from aiozcrm.errors import ZohoError

__all__ = ["doctor"]

_STYLES: Final[Mapping[Verdict, str]] = {"good": "green", "look": "yellow", "wrong": "red"}


def doctor(
    *,
    names: ProfilesOption = None,
    every: AllProfilesOption = False,
) -> None:
    """Find out what keeps commands from working, and say what to do.

    Looks at this machine's environment variables, files and clock, and for each profile at the
    token, the org, the links, the scopes and the API credits. It changes nothing, and costs a few
    API credits and at most one access token a profile.
    """
    profiles = Profiles.of_user()
    console = Console(highlight=False)
    chosen, error = _chosen(profiles, names or (), every)
    checks = [
        *check_environment(),
        *check_files(profiles, needed=chosen != [FROM_ENVIRONMENT]),
    ]
    _show("This machine", checks, console)
    if error:
        raise error
    for name in chosen:
        found = _check(name, profiles)
        _show(f"Profile {name}", found, console)
        checks += found
    raise typer.Exit(worst_of(check.code for check in checks))


def _chosen(
    profiles: Profiles, names: Sequence[str], every: bool
) -> tuple[list[str], ZohoError | OSError | None]:
    """Return the profiles to check, or the error if they cannot be found out."""
    try:
        return profiles.choose(names, every=every), None
    except (ZohoError, OSError) as error:
        return [], error


def _check(name: str, profiles: Profiles) -> list[Check]:
    try:
        profile = profiles.load(name)
    except (ZohoError, OSError) as error:
        return [Check("profile", "wrong", describe(error), exit_code_for(error))]
    return run(check_profile(profile, profiles))


def _show(title: str, checks: Iterable[Check], console: Console) -> None:
    console.print(Text(title, style="bold"))
    for about, verdict, found, _ in checks:
        mark = Text(f"  {verdict:<6}", style=_STYLES[verdict])
        # Never wrapped, since commands in it are going to be copied.
        console.print(Text.assemble(mark, f"{about:<12} {printable(found)}"), soft_wrap=True)
