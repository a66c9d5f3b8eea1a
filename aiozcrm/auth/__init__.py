"""Credentials, how to get them, and the access token that looks after itself."""

from aiozcrm.auth._credentials import ClientCredentials, Credentials
from aiozcrm.auth._grants import AuthorizationRequest, Grant, OAuthClient
from aiozcrm.auth._oauth import OAuth

__all__ = [
    "AuthorizationRequest",
    "ClientCredentials",
    "Credentials",
    "Grant",
    "OAuth",
    "OAuthClient",
]
