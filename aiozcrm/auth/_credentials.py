"""Who calls, and where the org lives."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

import attrs

from aiozcrm.datacenters import Environment, check_base_url, check_environment, data_center
from aiozcrm.errors import ConfigurationError

__all__ = ["Credentials"]


def _no_blanks(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Refuse an empty value, and one with the line end that copying often adds."""
    if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
        # The value itself stays out of the message: it may be a secret.
        raise ConfigurationError(
            f"{field.name} must be text without blanks or line ends.",
            hint="Copy it again from the API console.",
        )


def _data_center_code(code: str) -> str:
    return data_center(code).code


def _accounts_url(url: str | None) -> str | None:
    return None if url is None else check_base_url(url, setting="accounts_url")


def _api_url(url: str | None) -> str | None:
    return None if url is None else check_base_url(url, setting="api_url")


@attrs.frozen(kw_only=True)
class Credentials:
    """Who calls, and where the org lives.

    Attributes:
        client_id: From the API console.
        client_secret: From the API console; never shown in a repr. It may differ from one data
            centre to the next.
        refresh_token: From the exchange of a grant code; never shown in a repr. It belongs to
            one org and one environment.
        data_center: Where the org lives: ``us``, ``eu``, ``in``, ``au``, ``jp``, ``cn``,
            ``ca``, ``sa``, ``uk`` or ``ae``.
        environment: ``production``, ``sandbox`` or ``developer``.
        accounts_url: Where tokens are made, if not at the data centre's own host. Any https
            host, or http on this machine.
        api_url: Where calls go, if not to the data centre's own host. The same rule.

    Raises:
        aiozcrm.errors.ConfigurationError: If a value cannot work.
    """

    client_id: str = attrs.field(validator=_no_blanks)
    client_secret: str = attrs.field(validator=_no_blanks, repr=False)
    refresh_token: str = attrs.field(validator=_no_blanks, repr=False)
    data_center: str = attrs.field(default="us", converter=_data_center_code)
    environment: Environment = attrs.field(default="production", converter=check_environment)
    accounts_url: str | None = attrs.field(default=None, converter=_accounts_url)
    api_url: str | None = attrs.field(default=None, converter=_api_url)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Credentials:
        """Read ``ZOHO_CLIENT_ID``, ``ZOHO_CLIENT_SECRET`` and ``ZOHO_REFRESH_TOKEN``.

        ``ZOHO_DATA_CENTER``, ``ZOHO_ENVIRONMENT``, ``ZOHO_ACCOUNTS_URL`` and ``ZOHO_API_URL``
        may be set besides; empty ones count as not set.

        Args:
            environ: Where to read from, if not from the process's environment.

        Raises:
            aiozcrm.errors.ConfigurationError: If a variable is missing or cannot work.
        """
        environ = os.environ if environ is None else environ
        given = {
            field.name: value
            for field in attrs.fields(cls)
            if (value := environ.get(f"ZOHO_{field.name.upper()}", "").strip())
        }
        missing = [
            f"ZOHO_{field.name.upper()}"
            for field in attrs.fields(cls)
            if field.default is attrs.NOTHING and field.name not in given
        ]
        if missing:
            raise ConfigurationError(
                f"Not set in the environment: {', '.join(missing)}.",
                hint="The README tells where to get the values.",
            )
        return cls(**given)

    @property
    def token_url_base(self) -> str:
        """Scheme and host of the accounts server."""
        return self.accounts_url or data_center(self.data_center).accounts_url

    @property
    def api_url_base(self) -> str:
        """Scheme and host for calls, unless a token says otherwise."""
        return self.api_url or data_center(self.data_center).api_urls[self.environment]

    @property
    def store_key(self) -> str:
        """What a token store keeps this refresh token's tokens under; no secret can be read."""
        told_apart = (self.token_url_base, self.client_id, self.refresh_token)
        fingerprint = hashlib.sha256("\0".join(told_apart).encode()).hexdigest()
        return f"{self.data_center}.{self.environment}.{fingerprint[:32]}"
