"""The settings that every way to a token needs: a client, its data centre and its hosts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attr as attrs

from aiozcrm.datacenters import (
    check_base_url,
    data_center,
    environment_of,
    is_accounts_server,
)
from aiozcrm.errors import ConfigurationError

__all__ = [
    "ClientSettings",
    "check_scopes",
    "data_center_code",
    "is_without_blanks",
    "no_blanks",
    "reading_order",
]


def is_without_blanks(value: object) -> bool:
    """Return whether *value* is text as consoles and servers hand it out."""
    return isinstance(value, str) and value != "" and value.isprintable() and " " not in value


def no_blanks(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Reject an empty value, and one with what copying and files of variables often add."""
    if isinstance(value, str) and value[:1] in {"'", '"'} and value[:1] == value[-1:]:
        raise ConfigurationError(
            f"{field.name} is in quotation marks.",
            hint="Remove them: some programs, such as docker with --env-file, do not.",
        )
    if not is_without_blanks(value):
        # The value itself stays out of the message: it may be a secret.
        raise ConfigurationError(
            f"{field.name} must be text without blanks or line ends.",
            hint="Copy it again from the API console.",
        )


def check_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return *scopes* as they can be asked for.

    Raises:
        aiozcrm.errors.ConfigurationError: If there is none, or one that is no scope.
    """
    # A text is an iterable of texts, too.
    given = () if isinstance(scopes, str) else tuple(scopes)
    if not given or not all(is_without_blanks(scope) and "," not in scope for scope in given):
        raise ConfigurationError(
            "scopes must be a list of scopes without blanks or commas inside.",
            hint='For example ["ZohoCRM.settings.unsubscribe.ALL"].',
        )
    return given


def reading_order(_: type, fields: list[attrs.Attribute[object]]) -> list[attrs.Attribute[object]]:
    """Show what has to be given first, and hosts of the user's own, with the way there, last."""
    return sorted(
        fields,
        key=lambda field: (
            field.default is not attrs.NOTHING,
            field.name.endswith("_url") or field.name == "proxy",
        ),
    )


def data_center_code(code: str) -> str:
    """Return the location code of a data centre as it is written, in lower case."""
    return data_center(code).code


def _accounts_url(url: str | None) -> str | None:
    if url is None:
        return None
    base = check_base_url(url, setting="accounts_url")
    if environment_of(base) is not None:
        raise ConfigurationError(
            "accounts_url is a host for calls, and makes no tokens.",
            hint="Leave accounts_url out: data_center names the accounts server.",
        )
    return base


def _api_url(url: str | None) -> str | None:
    return None if url is None else check_base_url(url, setting="api_url")


def _host_of_environment(
    settings: Any,
    _: attrs.Attribute[str | None],
    url: str | None,
) -> None:
    """Reject a host of another environment. Clients without an environment accept any."""
    if url is not None and is_accounts_server(url):
        raise ConfigurationError(
            "api_url is an accounts server, and takes no calls.",
            hint="Leave api_url out: data_center and environment name the host.",
        )
    theirs, mine = environment_of(url), settings.environment
    if theirs is not None and mine not in (None, theirs):
        raise ConfigurationError(
            f"api_url is a host of the {theirs} environment, but environment is {mine!r}.",
            hint="Leave api_url out, or set the environment that you mean.",
        )


# It is never made itself, so no methods are generated for it: that takes time.
@attrs.frozen(kw_only=True, init=False, repr=False, eq=False)
class ClientSettings:
    """A client of the API console, and which hosts it speaks to."""

    client_id: str = attrs.field(validator=no_blanks)
    client_secret: str = attrs.field(validator=no_blanks, repr=False)
    data_center: str = attrs.field(default="us", converter=data_center_code)
    accounts_url: str | None = attrs.field(
        default=None,
        converter=_accounts_url,
    )
    api_url: str | None = attrs.field(
        default=None,
        converter=_api_url,
        validator=_host_of_environment,
    )

    @property
    def token_url_base(self) -> str:
        """Scheme and host of the accounts server."""
        return self.accounts_url or data_center(self.data_center).accounts_url
