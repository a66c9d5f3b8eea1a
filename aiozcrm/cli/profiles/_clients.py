"""Clients for profiles."""

from __future__ import annotations

from typing import Any

from aiozcrm import Credentials, OAuthClient, ZohoCRM
from aiozcrm.cli.profiles._profiles import Profile, Profiles

__all__ = ["client_for", "revoke"]


def client_for(profile: Profile, profiles: Profiles, **options: Any) -> ZohoCRM:
    """Return a client for the org of *profile*, which shares its token with other commands.

    Args:
        profile: Whose credentials to use.
        profiles: Knows where access tokens are kept.
        options: What the client is to do differently.

    Raises:
        aiozcrm.errors.ConfigurationError: If the file of the tokens is not safe.
    """
    return ZohoCRM(profile.credentials, token_store=profiles.token_store(), **options)


async def revoke(credentials: Credentials) -> bool:
    """End the refresh token where it was made, and return whether it was alive.

    Raises:
        aiozcrm.errors.TokenError: If Zoho says neither.
    """
    client = OAuthClient(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        data_center=credentials.data_center,
        accounts_url=credentials.accounts_url,
    )
    return await client.revoke(credentials.refresh_token)
