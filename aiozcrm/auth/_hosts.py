"""Checks the hosts that answers and redirects name before they get a secret."""

from __future__ import annotations

from typing import Final

from aiozcrm.auth._settings import ClientSettings
from aiozcrm.datacenters import (
    DATA_CENTER_OF,
    ENVIRONMENT_OF,
    Environment,
    check_base_url,
    download_url_of,
)
from aiozcrm.errors import ConfigurationError, EnvironmentMismatchError, ForeignHostError

__all__ = ["check_accounts_server", "check_api_domain", "check_file_host"]

_TRUST_FILES: Final = "If you trust this host, name it as download_url."
_TRUST: Final = "If you trust this host, name it as accounts_url."


def check_api_domain(
    api_domain: str,
    settings: ClientSettings,
    *,
    environment: Environment | None,
) -> str:
    """Return *api_domain* of a token answer as scheme and host that may see the token.

    Args:
        api_domain: What the answer says.
        settings: A host that the user named there is the user's word.
        environment: The only one that is accepted; None accepts any.

    Raises:
        aiozcrm.errors.ForeignHostError: If it is neither Zoho's nor named by the user.
        aiozcrm.errors.EnvironmentMismatchError: If it is another environment.
    """
    named = _base_url(api_domain, named_by="The token answer's api_domain")
    theirs = ENVIRONMENT_OF.get(named)
    if named not in (settings.api_url, settings.accounts_url):
        if theirs is None:
            raise ForeignHostError(f"The token answer sends calls to {named}.")
        if environment not in (None, theirs):
            raise EnvironmentMismatchError(
                f"The token is for the {theirs} environment ({named}), "
                f"but the settings say {environment}.",
            )
    return named


def check_file_host(base_url: str, settings: ClientSettings, *, api_url: str) -> str:
    """Return scheme and host of a file as Zoho's answer names them, if they may see the token.

    Args:
        base_url: What the answer says.
        settings: A host that the user named there is the user's word.
        api_url: Where calls go. Its data centre's download hosts are trusted.

    Raises:
        aiozcrm.errors.ForeignHostError: If it is neither Zoho's nor named by the user.
    """
    named = _base_url(base_url, named_by="The file's address", hint=_TRUST_FILES)
    mine = {api_url, settings.api_url, getattr(settings, "download_url", None)}
    # Such as https://download-accl.zoho.eu: there are several of one data centre.
    zohos = download_url_of(api_url).partition(".")[2]
    begins, _, ends = named.partition(".")
    if named not in mine and not (begins.startswith("https://download") and ends == zohos):
        raise ForeignHostError(f"The file is at {named}.", hint=_TRUST_FILES)
    return named


def check_accounts_server(accounts_server: str, settings: ClientSettings) -> str:
    """Return *accounts-server* of a redirect as scheme and host that may see code and secret.

    Args:
        accounts_server: What the redirect says.
        settings: A host that the user named there is the user's word.

    Raises:
        aiozcrm.errors.ForeignHostError: If it is neither Zoho's nor named by the user.
    """
    named = _base_url(accounts_server, named_by="The redirect's accounts-server", hint=_TRUST)
    if named not in DATA_CENTER_OF and named != settings.accounts_url:
        raise ForeignHostError(f"The redirect sends the code to {named}.", hint=_TRUST)
    return named


def _base_url(url: str, *, named_by: str, hint: str | None = None) -> str:
    try:
        return check_base_url(url, setting=named_by)
    except ConfigurationError as error:
        raise ForeignHostError(error.message, hint=hint) from error
