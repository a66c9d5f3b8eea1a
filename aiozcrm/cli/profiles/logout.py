"""``aiozcrm logout``: removes a profile and revokes its refresh token."""

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
            help="The profile to remove.",
            autocompletion=complete_profile,
        ),
    ] = DEFAULT,
    revoke: Annotated[
        bool,
        typer.Option(help="Revoke the refresh token at Zoho; whatever else uses it stops working."),
    ] = True,
) -> None:
    """Revoke the refresh token of a profile, and remove the profile."""
    profiles = Profiles.of_user()
    profile = _loaded(profiles, name)
    if profile:
        run(_end(profile, profiles, revoke=revoke))
    profiles.remove(name)
    typer.echo(f"Profile {name!r} was removed.")


def _loaded(profiles: Profiles, name: str) -> Profile | None:
    """Return the profile; None if its refresh token cannot be read."""
    if name not in profiles.names():
        raise profiles.unknown(name, needed=False)
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
            "The refresh token was revoked." if known else "The refresh token was revoked already."
        )
    store = profiles.token_store()
    async with store.lock(credentials.store_key):
        await store.save(credentials.store_key, TokenState())
