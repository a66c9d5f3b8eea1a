"""Options that choose profiles."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.errors import ZohoError

__all__ = [
    "AllProfilesOption",
    "ProfileOption",
    "ProfilesOption",
    "complete_profile",
]


def complete_profile(incomplete: str) -> list[str]:
    """Return the names of profiles that begin with *incomplete*; none if they cannot be read."""
    # A shell cannot show errors while it completes.
    with contextlib.suppress(ZohoError, OSError):
        return [name for name in Profiles.of_user().names() if name.startswith(incomplete)]
    return []


#: One org; its default is None.
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="The profile of the org to work for.",
        show_default=False,
        autocompletion=complete_profile,
    ),
]

#: One org or several; its default is None, too.
ProfilesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="The profile of an org to work for; may be given several times.",
        show_default=False,
        autocompletion=complete_profile,
    ),
]

AllProfilesOption = Annotated[
    bool, typer.Option("--all-profiles", help="Work for the orgs of all profiles.")
]
