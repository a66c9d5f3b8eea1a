"""Which of the hosts that Zoho's answers name may see a secret."""

from __future__ import annotations

from typing import Final, NamedTuple

from aiozcrm.auth._settings import ClientSettings
from aiozcrm.datacenters import DATA_CENTER_OF, ENVIRONMENT_OF, Environment, check_base_url
from aiozcrm.errors import ConfigurationError, EnvironmentMismatchError, ForeignHostError

__all__ = ["AccountsHost", "ApiHost", "accounts_host", "api_host"]

_TRUST: Final = "If you trust this host, name it as accounts_url."


class ApiHost(NamedTuple):
    """Where calls go.

    Attributes:
        url: Scheme and host.
        environment: Whose host the answer named; None for one that is not Zoho's.
    """

    url: str
    environment: Environment | None


class AccountsHost(NamedTuple):
    """Where tokens are made.

    Attributes:
        url: Scheme and host.
        data_center: The code of its data centre.
    """

    url: str
    data_center: str


def api_host(
    api_domain: str,
    settings: ClientSettings,
    *,
    environment: Environment | None,
) -> ApiHost:
    """Return where the calls of a token go whose answer says *api_domain*.

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
    return ApiHost(settings.api_url or named, theirs)


def accounts_host(accounts_server: str, settings: ClientSettings) -> AccountsHost:
    """Return where a code is exchanged whose redirect says *accounts_server*.

    Args:
        accounts_server: What the redirect says; empty where it says nothing.
        settings: A host that the user named there is the user's word.

    Raises:
        aiozcrm.errors.ForeignHostError: If it is neither Zoho's nor named by the user.
    """
    if not accounts_server:
        return AccountsHost(settings.token_url_base, settings.data_center)
    named = _base_url(accounts_server, named_by="The redirect's accounts-server", hint=_TRUST)
    theirs = DATA_CENTER_OF.get(named)
    if theirs is None and named != settings.accounts_url:
        raise ForeignHostError(f"The redirect sends the code to {named}.", hint=_TRUST)
    return AccountsHost(settings.accounts_url or named, theirs or settings.data_center)


def _base_url(url: str, *, named_by: str, hint: str | None = None) -> str:
    try:
        return check_base_url(url, setting=named_by)
    except ConfigurationError as error:
        problem = error.message
    # Raised outside of the handler, so that no frame that knows the URL hangs on to it.
    raise ForeignHostError(problem, hint=hint)
