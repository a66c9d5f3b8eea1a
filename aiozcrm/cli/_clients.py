"""Clients for profiles."""

from __future__ import annotations

from typing import Any

from aiozcrm import ZohoCRM
from aiozcrm.cli._profiles import Profile, Profiles

__all__ = ["client_for"]


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
