"""Clients for profiles."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from aiozcrm import Credentials, MemoryTokenStore, OAuthClient, TokenStore, ZohoCRM
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.errors import ConfigurationError
from aiozcrm.events import Event, EventReceiver, TokenStoreFailed

__all__ = ["client_for", "proxy_for", "revoke"]


def client_for(
    profile: Profile,
    profiles: Profiles,
    *,
    on_event: EventReceiver | None = None,
    **options: Any,
) -> ZohoCRM:
    """Return a client for the org of *profile*, which shares its token with other commands.

    If tokens cannot be kept, a warning says so once, and the client works without.

    Args:
        profile: The profile.
        profiles: Knows where access tokens are kept.
        on_event: Called with each event.
        options: Other arguments of the client.
    """
    store: TokenStore
    try:
        store = profiles.token_store()
    except (ConfigurationError, OSError) as error:
        profiles.warn_about_tokens(error)
        store = MemoryTokenStore()

    def receive(event: Event) -> None:
        if isinstance(event, TokenStoreFailed):
            profiles.warn_about_tokens(event.error)
        if on_event:
            on_event(event)

    return ZohoCRM(
        profile.credentials,
        token_store=store,
        on_event=receive,
        proxy=proxy_for(profile.credentials),
        **options,
    )


def proxy_for(client: Credentials | OAuthClient) -> str | None:
    """Return the proxy that ``HTTPS_PROXY`` names; None if there is none, or ``NO_PROXY`` says so.

    Args:
        client: Tells which hosts are going to be asked.
    """
    address = getproxies_environment().get("https")
    hosts = [urlsplit(client.token_url_base).hostname]
    if isinstance(client, Credentials):
        hosts.append(urlsplit(client.api_url_base).hostname)
    if not address or any(proxy_bypass(host or "") for host in hosts):
        return None
    # As other programs do, take a host and a port alone for a proxy that is spoken to by http.
    return address if "://" in address else f"http://{address}"


async def revoke(credentials: Credentials) -> bool:
    """Revoke the refresh token where it was made, and return whether it was alive.

    Raises:
        aiozcrm.errors.TokenError: If Zoho says neither.
    """
    client = OAuthClient(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        data_center=credentials.data_center,
        accounts_url=credentials.accounts_url,
        proxy=proxy_for(credentials),
    )
    return await client.revoke(credentials.refresh_token)
