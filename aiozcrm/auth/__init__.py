"""Credentials, how to get them, and the access token that looks after itself."""

from typing import TYPE_CHECKING, Any, Final

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

#: Imported when first used: most programs have their credentials, and need not wait for these.
_MODULES: Final = {
    "AuthorizationRequest": "_grants",
    "ClientCredentials": "_client_credentials",
    "Grant": "_grants",
    "OAuthClient": "_grants",
}

if TYPE_CHECKING:
    from aiozcrm.auth._client_credentials import ClientCredentials
    from aiozcrm.auth._grants import AuthorizationRequest, Grant, OAuthClient
else:

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # only for those

        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
