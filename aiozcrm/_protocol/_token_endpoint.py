"""Requests for tokens, and what their answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiozcrm._protocol._messages import Request, Response, TokenGrant
from aiozcrm._protocol._values import json_object_of, number_of, shortened
from aiozcrm.errors import (
    ClientRejectedError,
    RefreshTokenRejectedError,
    TokenEndpointError,
    TokenError,
)

__all__ = ["TokenRefusedForNowError", "read_token_answer", "refresh_request"]


def refresh_request(
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
) -> Request:
    """Return the request for a new access token.

    The secrets go into the form body, although Zoho's page shows them in the query: URLs end up
    in logs. https://www.zoho.com/crm/developer/docs/api/v7/refresh.html
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    return Request(
        "POST",
        accounts_url,
        "/oauth/v2/token",
        {"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
    )


class TokenRefusedForNowError(TokenError):
    """The token endpoint refuses to make more tokens; `auth` knows until when."""


#: What the token endpoint's ``error`` means, compared by letters only.
#: https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html
_TOKEN_ERRORS: Final[Mapping[str, type[TokenError]]] = {
    "accessdenied": TokenRefusedForNowError,
    "invalidclient": ClientRejectedError,
    "invalidclientsecret": ClientRejectedError,
    "unauthorizedclient": ClientRejectedError,
    "invalidcode": RefreshTokenRejectedError,
    "invalidgrant": RefreshTokenRejectedError,
    "invalidtoken": RefreshTokenRejectedError,
}


def read_token_answer(response: Response) -> TokenGrant:
    """Return what the token endpoint handed out.

    The HTTP status decides nothing that the body can decide: errors come with status 200.

    Raises:
        aiozcrm.errors.TokenError: If it handed out nothing.
    """
    status = response.status
    data = json_object_of(response.body)
    token = data.get("access_token")
    if isinstance(token, str) and token and token.isascii() and token.isprintable():
        api_domain = data.get("api_domain")
        return TokenGrant(
            access_token=token,
            lifetime=_lifetime(data),
            api_domain=api_domain if isinstance(api_domain, str) and api_domain else None,
        )
    error = data.get("error")
    shown = shortened(error) if isinstance(error, str) else ""
    name = re.sub(r"[^a-z]", "", shown.lower())
    kind = _TOKEN_ERRORS.get(name)
    # The throttle's refusal keeps its shape where its words are translated.
    if kind is None and (_is_refusal(data) or status == 429):
        kind = TokenRefusedForNowError
    if kind is not None:
        raise kind(f"The token endpoint answered {shown!r}.")
    described = f"error {shown!r}" if shown else f"no token ({len(response.body)} bytes)"
    raise TokenEndpointError(
        f"The token endpoint answered {status} with {described}.", status=status
    )


def _is_refusal(data: Mapping[str, Any]) -> bool:
    return data.get("status") == "failure" and "error_description" in data


def _lifetime(data: Mapping[str, Any]) -> float:
    """Return the token's life in seconds: 3600 unless the answer says something sensible."""
    # Older answers give milliseconds in expires_in, and then seconds in expires_in_sec.
    for key in ("expires_in_sec", "expires_in"):
        value = number_of(data.get(key))
        if value is not None and 0 < value <= 86_400:
            return value
    return 3600.0
