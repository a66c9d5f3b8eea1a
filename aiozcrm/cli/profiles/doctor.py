"""``aiozcrm doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from aiozcrm.cli._exits import ExitCode, run, worst_of
from aiozcrm.cli._words import printable
from aiozcrm.cli.profiles._checks import (
    Check,
    Verdict,
    check_environment,
    check_files,
    check_profile,
)
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.errors import ConfigurationError

__all__ = ["doctor"]

_STYLES: Final[Mapping[Verdict, str]] = {"good": "green", "look": "yellow", "wrong": "red"}


def doctor(
    *,
    names: ProfilesOption = None,
    every: AllProfilesOption = False,
) -> None:
    """Look for what keeps commands from working, and say what to do.

    Looks at this machine's environment variables, files and clock, and for each profile at the
    token, the data centre, the org, the scopes and the credits. It changes nothing, and costs a
    few API credits and an access token at most.
    """
    profiles = Profiles.of_user()
    console = Console(highlight=False)
    checks = [*check_environment(), *check_files(profiles)]
    _show("This machine", checks, console)
    for name in profiles.choose(names or (), every=every):
        found = _check(name, profiles)
        _show(f"Profile {name}", found, console)
        checks += found
    raise typer.Exit(worst_of(check.code for check in checks))


def _check(name: str, profiles: Profiles) -> list[Check]:
    try:
        profile = profiles.load(name)
        profiles.token_store()
    except ConfigurationError as error:
        return [Check("profile", "wrong", str(error), ExitCode.USAGE)]
    except OSError as error:
        return [Check("profile", "wrong", str(error), ExitCode.FAILED)]
    return run(check_profile(profile, profiles))


def _show(title: str, checks: Iterable[Check], console: Console) -> None:
    console.print(Text(title, style="bold"))
    for about, verdict, found, _ in checks:
        mark = Text(f"  {verdict:<6}", style=_STYLES[verdict])
        # Never wrapped, since what is told to type is going to be copied.
        console.print(Text.assemble(mark, f"{about:<12} {printable(found)}"), soft_wrap=True)
