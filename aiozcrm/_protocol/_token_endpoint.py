"""Requests to the accounts server, and what their answers mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol._json import json_object_of
from aiozcrm._protocol._messages import Request, Response, TokenGrant
from aiozcrm._protocol._redaction import redact, secrets_of
from aiozcrm._protocol._values import number_of, shortened
from aiozcrm.errors import (
    ClientRejectedError,
    GrantCodeRejectedError,
    RefreshTokenRejectedError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
)

__all__ = [
    "CLIENT_CREDENTIALS_REJECTIONS",
    "CODE_REJECTIONS",
    "REFRESH_REJECTIONS",
    "THROTTLE_WINDOW",
    "Rejections",
    "client_credentials_request",
    "exchange_request",
    "read_revoke_answer",
    "read_token_answer",
    "refresh_request",
    "revoke_request",
]


def refresh_request(
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
) -> Request:
    """Return the request for a new access token.

    https://www.zoho.com/crm/developer/docs/api/v7/refresh.html
    """
    return _form_request(
        accounts_url,
        "/oauth/v2/token",
        grant_type="refresh_token",
        client_id=client_id,
        client_secret=client_secret,
        refresh_token=refresh_token,
    )


def client_credentials_request(
    accounts_url: str,
    *,
    endpoint: str,
    client_id: str,
    client_secret: str,
    org_id: str,
    scopes: Iterable[str],
) -> Request:
    """Return the request for an access token of the client's own.

    https://www.zoho.com/crm/developer/docs/api/v7/client-credentials.html
    """
    return _form_request(
        accounts_url,
        f"/oauth/v2/{endpoint}",
        grant_type="client_credentials",
        client_id=client_id,
        client_secret=client_secret,
        scope=",".join(scopes),
        soid=f"ZohoCRM.{org_id}",
    )


def exchange_request(
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    code: str,
    redirect_uri: str | None,
    code_verifier: str | None,
) -> Request:
    """Return the request that turns a grant code into a refresh token.

    https://www.zoho.com/crm/developer/docs/api/v7/access-refresh.html
    """
    return _form_request(
        accounts_url,
        "/oauth/v2/token",
        grant_type="authorization_code",
        client_id=client_id,
        client_secret=client_secret,
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=code_verifier,
    )


def revoke_request(accounts_url: str, *, refresh_token: str) -> Request:
    """Return the request that ends a refresh token.

    https://www.zoho.com/crm/developer/docs/api/v7/revoke-tokens.html
    """
    return _form_request(accounts_url, "/oauth/v2/token/revoke", token=refresh_token)


def _form_request(accounts_url: str, path: str, **form: str | None) -> Request:
    # Zoho's pages show some of these in the query, but URLs end up in logs.
    given = {name: value for name, value in form.items() if value is not None}
    return Request(
        "POST",
        accounts_url,
        path,
        {"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(given).encode(),
    )


#: Zoho counts tokens and codes for so many seconds, and makes none for as long after too many.
#: https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
THROTTLE_WINDOW: Final = 600.0

_throttled: Final = partial(TokenThrottledError, retry_after=THROTTLE_WINDOW)

#: The errors of this package, made from a message, by the error of the token endpoint.
Rejections: TypeAlias = Mapping[str, Callable[[str], TokenError]]

_REDIRECT_URI_HINT: Final = (
    "Register exactly this redirect_uri for the client in the API console, down to the last slash."
)
_CLIENT_CREDENTIALS_HINT: Final = (
    "Check org_id, scopes and data_center, and that the client may ask for tokens by itself."
)

#: What the token endpoint's ``error`` means whatever was asked, compared by letters only.
#: https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html
_REJECTIONS: Final[Rejections] = {
    "accessdenied": _throttled,
    "invalidclient": ClientRejectedError,
    "invalidclientsecret": ClientRejectedError,
    "unauthorizedclient": ClientRejectedError,
}

#: The same where a refresh token was sent.
REFRESH_REJECTIONS: Final[Rejections] = {
    **_REJECTIONS,
    "invalidcode": RefreshTokenRejectedError,
    "invalidgrant": RefreshTokenRejectedError,
    "invalidtoken": RefreshTokenRejectedError,
}

#: The same where a grant code was sent.
#: https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token.html
CODE_REJECTIONS: Final[Rejections] = {
    **_REJECTIONS,
    "invalidcode": GrantCodeRejectedError,
    "invalidgrant": GrantCodeRejectedError,
    "invalidredirecturi": partial(ClientRejectedError, hint=_REDIRECT_URI_HINT),
}

#: The same where the client asked by itself.
CLIENT_CREDENTIALS_REJECTIONS: Final[Rejections] = {
    **_REJECTIONS,
    **dict.fromkeys(
        ("invalidcode", "invalidgrant", "invalidscope", "invalidsoid"),
        partial(ClientRejectedError, hint=_CLIENT_CREDENTIALS_HINT),
    ),
}


@HidingFrames()
def read_token_answer(
    request: Request,
    response: Response,
    rejections: Rejections = REFRESH_REJECTIONS,
) -> TokenGrant:
    """Return the tokens that the token endpoint handed out.

    The HTTP status decides nothing that the body can decide: errors come with status 200.

    Args:
        request: What was asked.
        response: What it answered.
        rejections: What its errors mean.

    Raises:
        aiozcrm.errors.TokenError: If it handed out nothing.
    """
    data = json_object_of(response.body)
    token = _token(data.get("access_token"))
    if token is None:
        raise _token_error(request, response, rejections)
    api_domain = data.get("api_domain")
    scope = data.get("scope")
    return TokenGrant(
        access_token=token,
        lifetime=_lifetime(data),
        # Errors name a host that is not Zoho's.
        api_domain=redact(api_domain, _secrets(request, data))
        if isinstance(api_domain, str) and api_domain
        else None,
        refresh_token=_token(data.get("refresh_token")),
        scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else (),
    )


def read_revoke_answer(request: Request, response: Response) -> bool:
    """Return whether the token was known until now.

    Args:
        request: What was asked.
        response: What was answered.

    Raises:
        aiozcrm.errors.TokenError: If the answer says neither.
    """
    if json_object_of(response.body).get("status") == "success":
        return True
    failure = _token_error(request, response, REFRESH_REJECTIONS)
    # https://www.zoho.com/accounts/protocol/oauth/revoke-refresh-token.html: "HTTP 400".
    unknown = isinstance(failure, TokenEndpointError) and response.status == 400
    if unknown or isinstance(failure, RefreshTokenRejectedError):
        return False
    raise failure


def _token_error(request: Request, response: Response, rejections: Rejections) -> TokenError:
    """Return what it means that no token was handed out."""
    status = response.status
    data = json_object_of(response.body)
    error = data.get("error")
    if not isinstance(error, str):
        error = ""
    rejection = rejections.get(re.sub(r"[^a-z]", "", shortened(error).lower()))
    # The throttle's answer keeps its shape where its words are translated.
    is_throttle = data.get("status") == "failure" and "error_description" in data
    if rejection is None and (is_throttle or status == 429):
        rejection = _throttled
    shown = shortened(redact(error, _secrets(request, data)))
    if rejection is not None:
        return rejection(f"The token endpoint answered {shown!r}.")
    hint = None
    if shown:
        described = f"error {shown!r}"
    elif response.body.lstrip()[:1] == b"<":
        described = f"a web page ({len(response.body)} bytes)"
        hint = (
            "Check accounts_url, and whether a proxy or the login page of a network answers in "
            "Zoho's place."
        )
    else:
        described = f"no usable answer ({len(response.body)} bytes)"
    return TokenEndpointError(
        f"The token endpoint answered {status} with {described}.", status=status, hint=hint
    )


def _secrets(request: Request, data: Mapping[str, Any]) -> list[str]:
    """Return what must not be shown of a request for a token, and of its answer."""
    tokens = (data.get("access_token"), data.get("refresh_token"))
    return [*secrets_of(request), *(token for token in tokens if isinstance(token, str))]


def _token(value: object) -> str | None:
    # What no header could hold, or what could write headers of its own, is no token.
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        return None
    return value if value and " " not in value else None


def _lifetime(data: Mapping[str, Any]) -> float:
    """Return the token's life in seconds: 3600 unless the answer says something sensible."""
    # Older answers give milliseconds in expires_in, and then seconds in expires_in_sec.
    for key in ("expires_in_sec", "expires_in"):
        value = number_of(data.get(key))
        if value is not None and 0 < value <= 86_400:
            return value
    return 3600.0
