"""Credentials, how to get them, and the access token that looks after itself."""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm.auth._credentials import Credentials
from aiozcrm.auth._oauth import OAuth
from aiozcrm.auth._verdicts import Judgement, Verdict, proves_host, rejects_token

__all__ = [
    "AuthorizationRequest",
    "ClientCredentials",
    "Credentials",
    "Grant",
    "Judgement",
    "OAuth",
    "OAuthClient",
    "Verdict",
    "proves_host",
    "rejects_token",
]

if TYPE_CHECKING:
    from aiozcrm.auth._client_credentials import ClientCredentials
    from aiozcrm.auth._grants import AuthorizationRequest, Grant, OAuthClient
else:
    # Most programs have their credentials, and need not wait for these.
    __getattr__ = lazy(
        __name__,
        {
            "AuthorizationRequest": "_grants",
            "ClientCredentials": "_client_credentials",
            "Grant": "_grants",
            "OAuthClient": "_grants",
        },
    )
