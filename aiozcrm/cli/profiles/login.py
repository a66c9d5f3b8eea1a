"""``aiozcrm login``: makes a profile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, Final, Literal

import attrs
import typer

from aiozcrm import Grant, OAuthClient, ZohoCRM
from aiozcrm.cli._exits import run
from aiozcrm.cli._option_groups import completing
from aiozcrm.cli._words import duration, listed, printable
from aiozcrm.cli.profiles._clients import client_for, proxy_for, revoke
from aiozcrm.cli.profiles._orgs import read_org
from aiozcrm.cli.profiles._profile_options import complete_profile
from aiozcrm.cli.profiles._profiles import DEFAULT, Profile, Profiles, check_profile_name
from aiozcrm.cli.profiles._prompts import ask, ask_secret
from aiozcrm.cli.profiles._redirect_listener import listen_for_redirect, redirect_uri
from aiozcrm.cli.profiles._scopes import SCOPES
from aiozcrm.datacenters import DATA_CENTERS, Environment, data_center
from aiozcrm.errors import AuthorizationError, ConfigurationError, InvalidInputError, ZohoError

__all__ = ["login"]

_PORT: Final = 8765


def login(
    *,
    name: Annotated[
        str,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help="The name for the org from now on.",
            autocompletion=complete_profile,
        ),
    ] = DEFAULT,
    client_id: Annotated[
        str,
        typer.Option(envvar="ZOHO_CLIENT_ID", help="Client id from the API console."),
    ] = "",
    location: Annotated[
        str | None,
        typer.Option(
            "--data-center",
            "-d",
            envvar="ZOHO_DATA_CENTER",
            metavar="CODE",
            help=f"The data centre of the org: {listed(DATA_CENTERS)}.",
            autocompletion=completing(*DATA_CENTERS),
        ),
    ] = None,
    environment: Annotated[
        Environment | None,
        typer.Option(help="Accept only this environment; any is accepted by default."),
    ] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help=f"Ask for this scope instead of {listed(SCOPES)}; may be given several times.",
            autocompletion=completing(*SCOPES),
        ),
    ] = None,
    purposes: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="NAMES",
            help=(
                "Ask for the scopes of what programs use of the client, as records.Leads,query; "
                "may be given several times."
            ),
        ),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Use the code of a self client instead of a browser.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="PORT", help="Where the browser comes back to.")
    ] = _PORT,
    browser: Annotated[
        bool, typer.Option(help="Open the browser, or only show the address.")
    ] = True,
    patience: Annotated[
        float,
        typer.Option("--timeout", min=0, metavar="SECONDS", help="How long to wait for it."),
    ] = 600.0,
    place: Annotated[
        Literal["file", "keyring"] | None,
        typer.Option(
            "--secrets",
            help="Where to keep secrets; defaults to the keyring if one is available.",
        ),
    ] = None,
    accounts_url: Annotated[
        str | None,
        typer.Option(
            envvar="ZOHO_ACCOUNTS_URL", metavar="URL", help="An accounts server of your own."
        ),
    ] = None,
    api_url: Annotated[
        str | None,
        typer.Option(envvar="ZOHO_API_URL", metavar="URL", help="An API server of your own."),
    ] = None,
) -> None:
    """Log in to an org, and keep its credentials as a profile.

    Opens Zoho's consent page and waits for the browser to come back. Before the first login,
    register http://localhost:8765/callback as a redirect URI of a server-based client in the
    API console. With --code, no browser is needed.

    The client secret comes from ZOHO_CLIENT_SECRET, or from the profile of the same name; if it is
    in neither, you are asked for it. Secrets are never given on the command line.
    """
    profiles = Profiles.of_user()
    check_profile_name(name)
    # Before there is a refresh token that could not be kept.
    profiles.prepare(place=place)
    before = None
    # A profile that cannot be read is replaced.
    with contextlib.suppress(ConfigurationError):
        before = profiles.load(name)
    client = _client(
        before,
        client_id=client_id,
        location=location,
        environment=environment,
        accounts_url=accounts_url,
        api_url=api_url,
        piped_code=code,
    )
    wanted = _wanted(scopes or (), purposes or ()) or SCOPES
    given_code = code and ask_secret(
        "Code", instead="Make one in the API console, and type it or pipe it in."
    )

    def keep(grant: Grant) -> Profile:
        profile = Profile(name=name, credentials=grant.credentials, scopes=grant.scopes or wanted)
        kept = profiles.save(profile, place=place)
        typer.echo(f"Profile {name!r} is in {profiles.path}; its secrets are in {kept.place}.")
        return profile

    if given_code:
        profile = run(_to_profile(client.exchange_code(given_code), keep))
    else:
        profile = run(_consent(client, wanted, keep, port=port, browser=browser, patience=patience))
    run(_show_org(profile, profiles))


def _wanted(scopes: Iterable[str], purposes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes to ask for, each once.

    Args:
        scopes: Scopes that were named.
        purposes: What the client has, with commas between.

    Raises:
        typer.BadParameter: If the client has no such thing.
    """
    names = [name.strip() for purpose in purposes for name in purpose.split(",")]
    try:
        return tuple(dict.fromkeys((*scopes, *ZohoCRM.scopes_for(*names))))
    except InvalidInputError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None


def _client(
    before: Profile | None,
    *,
    client_id: str,
    location: str | None,
    environment: Environment | None,
    accounts_url: str | None,
    api_url: str | None,
    piped_code: bool,
) -> OAuthClient:
    """Return the client that was given, or that the profile of the name has, or that is asked for.

    Args:
        before: The profile of the name, if there is one.
        client_id: What was given.
        location: The code of the data centre, likewise.
        environment: The only one that is accepted, likewise.
        accounts_url: An accounts server, likewise.
        api_url: An API server, likewise.
        piped_code: Whether what comes through a pipe is a code, and no secret.
    """
    known = before.credentials if before else None
    same_client = known if known and client_id in ("", known.client_id) else None
    if same_client:
        client_id = same_client.client_id
        accounts_url = accounts_url or same_client.accounts_url
        api_url = api_url or same_client.api_url
    client_id = client_id or ask("Client id", instead="Give --client-id; the API console shows it.")
    code = data_center(location or (known.data_center if known else "us")).code
    secret = os.environ.get("ZOHO_CLIENT_SECRET", "") or (
        same_client.client_secret if same_client and same_client.data_center == code else ""
    )
    if not secret and piped_code and not sys.stdin.isatty():
        raise ConfigurationError(
            "Client secret is missing.",
            hint="Set ZOHO_CLIENT_SECRET, since the pipe brings the code.",
        )
    client = OAuthClient(
        client_id=client_id,
        client_secret=secret
        or ask_secret("Client secret", instead="Set ZOHO_CLIENT_SECRET, or pipe it in."),
        data_center=code,
        environment=environment,
        accounts_url=accounts_url,
        api_url=api_url,
    )
    return attrs.evolve(client, proxy=proxy_for(client))


async def _consent(
    client: OAuthClient,
    scopes: tuple[str, ...],
    keep: Callable[[Grant], Profile],
    *,
    port: int,
    browser: bool,
    patience: float,
) -> Profile:
    request = client.authorization_request(redirect_uri=redirect_uri(port), scopes=scopes)
    async with listen_for_redirect(state=request.state, port=port) as listener:
        typer.echo(f"Open this page to give consent:\n\n  {request.url}\n", err=True)
        if browser:
            # With a browser of the terminal, the call lasts until that is closed.
            threading.Thread(target=webbrowser.open, args=(request.url,), daemon=True).start()
        typer.echo(f"Waiting for the browser to come back to {request.redirect_uri} ...", err=True)
        try:
            async with asyncio.timeout(patience):
                redirected = await listener.redirected()
        except TimeoutError:
            raise AuthorizationError(
                f"The browser did not come back within {duration(patience)}.",
                hint=f"Is {request.redirect_uri} a redirect URI of the client in the API console?",
            ) from None
        try:
            profile = await _to_profile(client.exchange_redirect(redirected, request), keep)
        except (ZohoError, OSError) as error:
            said = error.message if isinstance(error, ZohoError) else str(error)
            listener.say("Not logged in", f"{said} See the terminal for details.")
            raise
        listener.say("Logged in", "You can close this tab and go back to the terminal.")
        return profile


async def _to_profile(
    exchange: Coroutine[Any, Any, Grant], keep: Callable[[Grant], Profile]
) -> Profile:
    """Keep what *exchange* brings; a Ctrl-C takes effect after that."""

    async def both() -> Profile:
        grant = await exchange
        try:
            return keep(grant)
        except BaseException:
            # Otherwise the refresh token would live on, known to nobody.
            await _take_back(grant)
            raise

    kept = asyncio.create_task(both())
    try:
        return await asyncio.shield(kept)
    except asyncio.CancelledError:
        await asyncio.wait([kept])
        raise


async def _take_back(grant: Grant) -> None:
    try:
        await revoke(grant.credentials)
    except ZohoError as error:
        told = f"could be neither kept nor revoked; revoke it in your Zoho account. {error.message}"
    else:
        told = "could not be kept, and was revoked again."
    typer.echo(f"The refresh token {told}", err=True)


async def _show_org(profile: Profile, profiles: Profiles) -> None:
    """Say which org it is, in case it is not the one that was meant."""
    credentials = profile.credentials
    where = f"{credentials.environment}, data centre {credentials.data_center}"
    try:
        async with client_for(profile, profiles) as zoho:
            org = await read_org(zoho)
    except ZohoError as error:
        typer.echo(
            f"Logged in ({where}). The name of the org cannot be read: {printable(error.message)}",
            err=True,
        )
    else:
        typer.echo(f"Logged in to {printable(org.name or f'org {org.id}')} ({where}).")
