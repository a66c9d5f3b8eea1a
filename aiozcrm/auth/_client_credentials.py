"""A client that asks for tokens by itself."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import attr as attrs

from aiozcrm._protocol import (
    CLIENT_CREDENTIALS_REJECTIONS,
    Rejections,
    Request,
    client_credentials_request,
)
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.auth._hiding import hiding_arguments
from aiozcrm.auth._settings import check_scopes, reading_order
from aiozcrm.errors import ConfigurationError

__all__ = ["ClientCredentials"]


#: What is longer may be a secret in the wrong place, and is not shown.
_LONGEST_SHOWN: Final = 12


def _org_id(org_id: str | int) -> str:
    digits = str(org_id)
    if not digits.isascii() or not digits.isdigit():
        raise ConfigurationError(
            f"org_id must be digits{f', not {org_id!r}' if len(digits) <= _LONGEST_SHOWN else ''}.",
            hint="Look in the CRM's setup, under Company Details.",
        )
    return digits


def _endpoint(name: Literal["auth", "token"]) -> Literal["auth", "token"]:
    if name not in {"auth", "token"}:
        raise ConfigurationError(f"endpoint must be 'auth' or 'token', not {name!r}.")
    return name


@hiding_arguments
@attrs.frozen(kw_only=True, field_transformer=reading_order)
class ClientCredentials(OrgCredentials):
    """Credentials without a refresh token: the client asks for each access token by itself.

    Zoho recommends it for jobs that run once; for all else it recommends `Credentials`.
    https://www.zoho.com/crm/developer/docs/api/v7/client-credentials.html

    Attributes:
        client_id: From the API console.
        client_secret: From the API console; never shown in a repr.
        org_id: The organization's id, also known as zsoid: digits only.
        scopes: What the tokens may do, such as ``["ZohoCRM.settings.unsubscribe.ALL"]``.
        data_center: Where the org lives, as in `Credentials`.
        environment: ``production``, ``sandbox`` or ``developer``.
        endpoint: Which address makes the tokens: ``auth`` for ``/oauth/v2/auth``, which Zoho's
            page names, or ``token`` for ``/oauth/v2/token``, which others of its pages name.
        accounts_url: Where tokens are made, as in `Credentials`.
        api_url: Where calls go, as in `Credentials`.
        upload_url: Where files are uploaded, as in `Credentials`.
        download_url: Where files are downloaded, as in `Credentials`.

    Raises:
        aiozcrm.errors.ConfigurationError: If a value cannot work.
    """

    org_id: str = attrs.field(converter=_org_id)
    scopes: tuple[str, ...] = attrs.field(converter=check_scopes)
    endpoint: Literal["auth", "token"] = attrs.field(default="auth", converter=_endpoint)

    rejections: ClassVar[Rejections] = CLIENT_CREDENTIALS_REJECTIONS

    def token_request(self) -> Request:
        """Return the request for a new access token."""
        return client_credentials_request(
            self.token_url_base,
            endpoint=self.endpoint,
            client_id=self.client_id,
            client_secret=self.client_secret,
            org_id=self.org_id,
            scopes=self.scopes,
        )

    def _source(self) -> tuple[str, ...]:
        # The word in front keeps an org's id from ever being taken for a refresh token.
        return ("client_credentials", self.org_id, *sorted(self.scopes))
