"""The credentials of a client for one org, and where the org lives."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import ClassVar

import attr as attrs

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import (
    REFRESH_REJECTIONS,
    Rejections,
    Request,
    refresh_request,
)
from aiozcrm.auth._hiding import hiding_arguments
from aiozcrm.auth._settings import ClientSettings, no_blanks, reading_order
from aiozcrm.datacenters import (
    Environment,
    check_base_url,
    check_environment,
    data_center,
)
from aiozcrm.errors import ConfigurationError

__all__ = ["Credentials", "OrgCredentials"]


def _upload_url(url: str | None) -> str | None:
    return None if url is None else check_base_url(url, setting="upload_url")


def _download_url(url: str | None) -> str | None:
    return None if url is None else check_base_url(url, setting="download_url")


@attrs.frozen(kw_only=True, init=False, repr=False, eq=False)
class OrgCredentials(ClientSettings):
    """What makes access tokens for one org and one environment.

    Each kind says how it asks for a token and what the endpoint's errors mean.
    """

    environment: Environment = attrs.field(default="production", converter=check_environment)
    upload_url: str | None = attrs.field(default=None, converter=_upload_url)
    download_url: str | None = attrs.field(default=None, converter=_download_url)

    #: What the token endpoint's errors mean.
    rejections: ClassVar[Rejections]

    @property
    def api_url_base(self) -> str:
        """Scheme and host for calls, unless a token says otherwise."""
        return self.api_url or data_center(self.data_center).api_urls[self.environment]

    @property
    def store_key(self) -> str:
        """What a token store keeps the tokens of these credentials under; no secret shows."""
        told_apart = (self.token_url_base, self.client_id, *self._source())
        fingerprint = hashlib.sha256("\0".join(told_apart).encode()).hexdigest()
        return f"{self.data_center}.{self.environment}.{fingerprint[:32]}"

    @property
    def account_digest(self) -> str:
        """What tells the account whose tokens these make from others; no secret shows."""
        told_apart = "\0".join((self.client_id, *self._source()))
        return hashlib.sha256(told_apart.encode()).hexdigest()[:32]

    def token_request(self) -> Request:
        """Return the request for a new access token."""
        raise NotImplementedError

    def _source(self) -> tuple[str, ...]:
        """Return what tokens are made from, beside the client."""
        raise NotImplementedError


@hiding_arguments
@attrs.frozen(kw_only=True, field_transformer=reading_order)
class Credentials(OrgCredentials):
    """The credentials of a client for one org, and where the org lives.

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
        upload_url: Where files are uploaded, if not to the data centre's own host, or to an
            *api_url* that is not Zoho's. The same rule.
        download_url: Where files are downloaded. The same rule.

    Raises:
        aiozcrm.errors.ConfigurationError: If a value cannot work.
    """

    refresh_token: str = attrs.field(validator=no_blanks, repr=False)

    rejections: ClassVar[Rejections] = REFRESH_REJECTIONS

    @classmethod
    @HidingFrames()
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Credentials:
        """Read ``ZOHO_CLIENT_ID``, ``ZOHO_CLIENT_SECRET`` and ``ZOHO_REFRESH_TOKEN``.

        ``ZOHO_DATA_CENTER``, ``ZOHO_ENVIRONMENT``, ``ZOHO_ACCOUNTS_URL``, ``ZOHO_API_URL``,
        ``ZOHO_UPLOAD_URL`` and ``ZOHO_DOWNLOAD_URL`` may be set besides; empty ones count as
        not set.

        Args:
            environ: Where to read from, if not from the process's environment.

        Returns:
            The credentials.

        Raises:
            aiozcrm.errors.ConfigurationError: If a variable is missing or cannot work.
        """
        variables = os.environ if environ is None else environ
        given = {
            field.name: value
            for field in attrs.fields(cls)
            if (value := variables.get(f"ZOHO_{field.name.upper()}", "").strip())
        }
        missing = [
            f"ZOHO_{field.name.upper()}"
            for field in attrs.fields(cls)
            if field.default is attrs.NOTHING and field.name not in given
        ]
        if missing:
            raise ConfigurationError(
                f"Not set in the environment: {', '.join(missing)}.",
                hint="The documentation tells where to get them, under 'Getting credentials'.",
            )
        return cls(**given)

    def token_request(self) -> Request:
        """Return the request for a new access token."""
        return refresh_request(
            self.token_url_base,
            client_id=self.client_id,
            client_secret=self.client_secret,
            refresh_token=self.refresh_token,
        )

    def _source(self) -> tuple[str, ...]:
        return (self.refresh_token,)
