"""``aiozcrm logout``: the end of a profile and of its refresh token."""

from __future__ import annotations

from typing import Annotated

import typer

from aiozcrm.cli._exits import run
from aiozcrm.cli.profiles._clients import revoke as end_refresh_token
from aiozcrm.cli.profiles._profile_options import complete_profile
from aiozcrm.cli.profiles._profiles import DEFAULT, Profile, Profiles
from aiozcrm.errors import ConfigurationError
from aiozcrm.token_stores import TokenState

__all__ = ["logout"]


def logout(
    *,
    name: Annotated[
        str,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help="Which org to leave.",
            autocompletion=complete_profile,
        ),
    ] = DEFAULT,
    revoke: Annotated[
        bool,
        typer.Option(help="End the refresh token at Zoho, and whatever else uses it."),
    ] = True,
) -> None:
    """Revoke the refresh token of a profile and remove all that is kept of it."""
    profiles = Profiles.of_user()
    profile = _loaded(profiles, name)
    if profile:
        run(_end(profile, profiles, revoke=revoke))
    profiles.remove(name)
    typer.echo(f"Profile {name!r} is removed.")


def _loaded(profiles: Profiles, name: str) -> Profile | None:
    """Return the profile, None if there is nothing left to revoke."""
    if name not in profiles.names():
        raise profiles.unknown(name)
    try:
        return profiles.load(name)
    except ConfigurationError as error:
        typer.echo(f"Nothing can be revoked: {error.message}", err=True)
        return None


async def _end(profile: Profile, profiles: Profiles, *, revoke: bool) -> None:
    credentials = profile.credentials
    if revoke:
        known = await end_refresh_token(credentials)
        typer.echo(
            "The refresh token is revoked." if known else "The refresh token was revoked before."
        )
    store = profiles.token_store()
    async with store.lock(credentials.store_key):
        await store.save(credentials.store_key, TokenState())
