"""``aiozcrm login``: from a client of the API console to a profile that works."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import webbrowser
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, Literal

import typer

from aiozcrm import Grant, OAuthClient
from aiozcrm._waiting import to_its_end
from aiozcrm.cli._exits import run
from aiozcrm.cli._words import duration, listed, printable
from aiozcrm.cli.profiles._clients import client_for, revoke
from aiozcrm.cli.profiles._profile_options import complete_profile
from aiozcrm.cli.profiles._profiles import DEFAULT, Profile, Profiles, check_profile_name
from aiozcrm.cli.profiles._prompts import ask, ask_secret
from aiozcrm.cli.profiles._redirect_listener import listen_for_redirect, redirect_uri
from aiozcrm.datacenters import DATA_CENTERS, Environment, data_center
from aiozcrm.errors import AuthorizationError, ConfigurationError, ZohoError

__all__ = ["login"]

#: What all commands need: links, and the name of the org.
_SCOPES: Final = ("ZohoCRM.settings.unsubscribe.ALL", "ZohoCRM.org.READ")

_PORT: Final = 8765


def login(
    *,
    name: Annotated[
        str,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help="What to call the org from now on.",
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
            help=f"Where the org lives: {listed(DATA_CENTERS)}.",
        ),
    ] = None,
    environment: Annotated[
        Environment | None,
        typer.Option(help="Accept this one only; without it, whatever is chosen."),
    ] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope", metavar="SCOPE", help=f"Instead of {listed(_SCOPES)}; may be repeated."
        ),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Ask for the code of a self client; no browser.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where the browser comes back to.")
    ] = _PORT,
    browser: Annotated[
        bool, typer.Option(help="Open the browser; otherwise only show the address.")
    ] = True,
    patience: Annotated[
        float, typer.Option("--timeout", min=0, help="Seconds to wait for the browser.")
    ] = 600.0,
    place: Annotated[
        Literal["file", "keyring"] | None,
        typer.Option("--secrets", help="Where to keep secrets; by itself the keyring if any."),
    ] = None,
    accounts_url: Annotated[
        str | None,
        typer.Option(envvar="ZOHO_ACCOUNTS_URL", help="Where tokens are made, if not at Zoho."),
    ] = None,
    api_url: Annotated[
        str | None, typer.Option(envvar="ZOHO_API_URL", help="Where calls go, if not to Zoho.")
    ] = None,
) -> None:
    """Authorize for an org, and keep the credentials as a profile.

    Opens Zoho's consent page and waits for the browser to come back. Before the first time,
    register http://localhost:8765/callback as a redirect URI of a server-based client in the
    API console.

    The client secret is asked for, or taken from ZOHO_CLIENT_SECRET or from the profile of the
    same name. It never stands on the command line.
    """
    profiles = Profiles.of_user()
    check_profile_name(name)
    # Before a refresh token comes that could not be kept.
    profiles.prepare(place=place)
    client = _client(
        _present(profiles, name),
        client_id=client_id,
        location=location,
        environment=environment,
        accounts_url=accounts_url,
        api_url=api_url,
    )
    wanted = tuple(scopes or _SCOPES)
    given_code = code and ask_secret("Code", instead="The API console makes one.")

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


def _present(profiles: Profiles, name: str) -> Profile | None:
    """Return the profile as it is, None if there is none or it is of no use."""
    with contextlib.suppress(ConfigurationError):
        return profiles.load(name)
    return None


def _client(
    before: Profile | None,
    *,
    client_id: str,
    location: str | None,
    environment: Environment | None,
    accounts_url: str | None,
    api_url: str | None,
) -> OAuthClient:
    """Put together what was said, what the profile of the name knows, and what has to be asked."""
    known = before.credentials if before else None
    same_client = known if known and client_id in ("", known.client_id) else None
    if same_client:
        client_id = same_client.client_id
        accounts_url = accounts_url or same_client.accounts_url
        api_url = api_url or same_client.api_url
    client_id = client_id or ask("Client id", instead="Give --client-id, from the API console.")
    code = data_center(location or (known.data_center if known else "us")).code
    secret = os.environ.get("ZOHO_CLIENT_SECRET", "") or (
        same_client.client_secret if same_client and same_client.data_center == code else ""
    )
    return OAuthClient(
        client_id=client_id,
        client_secret=secret
        or ask_secret("Client secret", instead="Set ZOHO_CLIENT_SECRET, or pipe it in."),
        data_center=code,
        environment=environment,
        accounts_url=accounts_url,
        api_url=api_url,
    )


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
        typer.echo(f"Consent at:\n\n  {request.url}\n", err=True)
        if browser:
            _open_browser(request.url)
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
            listener.say("Not logged in", f"{said} The terminal tells more.")
            raise
        listener.say("Logged in", "You may close this tab and go back to the terminal.")
        return profile


async def _to_profile(
    exchange: Coroutine[Any, Any, Grant], keep: Callable[[Grant], Profile]
) -> Profile:
    """Keep what *exchange* brings; Ctrl-C in between comes into effect after that."""

    async def both() -> Profile:
        grant = await exchange
        try:
            return keep(grant)
        except BaseException:
            # Nobody else knows it, and it would live on.
            await _take_back(grant)
            raise

    return await to_its_end(both())


async def _take_back(grant: Grant) -> None:
    try:
        await revoke(grant.credentials)
    except ZohoError as error:
        told = f"could be neither kept nor revoked; end it in your Zoho account. {error.message}"
    else:
        told = "could not be kept, and is revoked again."
    typer.echo(f"The refresh token {told}", err=True)


def _open_browser(url: str) -> None:
    # Browsers of the terminal keep the call until they are closed, and nobody waits for that.
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


async def _show_org(profile: Profile, profiles: Profiles) -> None:
    """Say which org it is, so that nobody works on the wrong one."""
    credentials = profile.credentials
    where = f"{credentials.environment}, data centre {credentials.data_center}"
    try:
        async with client_for(profile, profiles) as zoho:
            org = await zoho.org.get()
    except ZohoError as error:
        typer.echo(
            f"Logged in ({where}). The org's name is not known: {printable(error.message)}",
            err=True,
        )
    else:
        typer.echo(f"Logged in to {printable(org.company_name or org.id)} ({where}).")
