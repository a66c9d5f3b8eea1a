"""The URL of the consent page, and the one that a browser comes back with."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiozcrm._protocol import redact, shortened
from aiozcrm.errors import AuthorizationDeniedError, AuthorizationError

__all__ = ["Redirect", "authorization_query", "read_redirect"]

#: The parameters of a redirect that count. https://www.zoho.com/accounts/protocol/oauth/multi-dc.html
_PARAMETERS: Final = frozenset({"state", "code", "error", "accounts-server"})

#: More parameters than any redirect has.
_MOST_PARAMETERS: Final = 100


class Redirect:
    """The answer of the consent page. Neither its repr nor iterating shows the code.

    Args:
        code: The grant code.
        accounts_server: Where it can be exchanged; empty where the redirect does not say.
    """

    __slots__ = ("accounts_server", "code")

    def __init__(self, code: str, accounts_server: str) -> None:
        self.code: str = code
        self.accounts_server: str = accounts_server

    def __repr__(self) -> str:
        return f"Redirect({self.accounts_server})"


def authorization_query(
    *,
    client_id: str,
    redirect_uri: str,
    scopes: Iterable[str],
    state: str,
    code_verifier: str | None,
) -> str:
    """Return the query of the consent page.

    Without ``access_type=offline`` no refresh token comes, and without ``prompt=consent`` only
    the first time. https://www.zoho.com/accounts/protocol/oauth/web-apps/authorization.html
    """
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": ",".join(scopes),
        "access_type": "offline",
        "prompt": "consent",
        "state": state,
    }
    if code_verifier is not None:
        digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return urlencode(query)


def read_redirect(url: str, *, state: str) -> Redirect:
    """Return the grant code of the redirect to *url*.

    Only the query counts: behind a proxy, the host that an app sees need not be its own.

    Args:
        url: The URL that the browser was sent to.
        state: The state of the request for authorization.

    Raises:
        aiozcrm.errors.AuthorizationDeniedError: If the user said no.
        aiozcrm.errors.AuthorizationError: If the redirect does not belong to the request, or
            makes no sense.
    """
    given = _parameters(url)
    error, code = given.get("error"), given.get("code", "")
    # It is not known whether a rejection carries the state. To believe one without does no harm:
    # nothing is exchanged.
    if (error is None or "state" in given) and not _is_same(given.get("state", ""), state):
        raise AuthorizationError(
            "The redirect does not belong to this authorization request: its state differs."
        )
    if error == "access_denied":
        raise AuthorizationDeniedError("The user did not consent.")
    secrets = (code, state)
    if error is not None:
        shown = shortened(redact(error, secrets))
        raise AuthorizationError(f"The consent page answered {shown!r}.")
    if not code.isascii() or not code.isprintable() or not code.strip():
        raise AuthorizationError("The redirect has no grant code.")
    # Errors name a host that is not Zoho's.
    return Redirect(code, redact(given.get("accounts-server", ""), secrets))


def _parameters(url: str) -> dict[str, str]:
    """Return the parameters that count, each of which may be there once."""
    try:
        query = urlsplit(url).query
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        pairs = None
    if pairs is None:
        # Raised outside of the handler, because the cause may quote the URL.
        raise AuthorizationError("The redirect cannot be read as a URL.")
    known = [(name, value) for name, value in pairs if name in _PARAMETERS]
    given = dict(known)
    if len(given) < len(known):
        raise AuthorizationError("The redirect has a parameter twice, so neither can be trusted.")
    return given


def _is_same(theirs: str, ours: str) -> bool:
    """Return whether both are the same text and not empty, in a time that reveals nothing."""
    given, expected = (value.encode("utf-8", errors="replace") for value in (theirs, ours))
    return ours != "" and hmac.compare_digest(given, expected)
