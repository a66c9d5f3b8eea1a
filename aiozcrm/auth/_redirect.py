"""The two addresses of a browser: to the consent page, and back from it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiozcrm._protocol import shortened
from aiozcrm.errors import AuthorizationDeniedError, AuthorizationError

__all__ = ["Redirect", "authorization_query", "read_redirect"]

#: What a redirect says. https://www.zoho.com/accounts/protocol/oauth/multi-dc.html
_PARAMETERS: Final = frozenset({"state", "code", "error", "accounts-server"})

#: More parameters than any redirect has.
_MOST_PARAMETERS: Final = 100


class Redirect(NamedTuple):
    """What a redirect brought. Its repr does not show the code.

    Attributes:
        code: The grant code.
        accounts_server: Where it can be exchanged; empty where the redirect does not tell.
    """

    code: str
    accounts_server: str

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
    """Return what the redirect to *url* brought.

    Only the query counts: behind a proxy, the host that an app sees need not be its own.

    Args:
        url: Where the browser was sent to.
        state: What the request for authorization said.

    Raises:
        aiozcrm.errors.AuthorizationDeniedError: If the user said no.
        aiozcrm.errors.AuthorizationError: If the redirect does not belong to the request, or
            makes no sense.
    """
    given = _parameters(url)
    error = given.get("error")
    # It is not known whether a refusal carries the state. To believe one without does no harm:
    # nothing is exchanged.
    if (error is None or "state" in given) and not _is_same(given.get("state", ""), state):
        raise AuthorizationError(
            "The redirect does not belong to this authorization request: its state differs."
        )
    if error == "access_denied":
        raise AuthorizationDeniedError("The user did not consent.")
    if error is not None:
        raise AuthorizationError(f"The consent page answered {shortened(error)!r}.")
    code = given.get("code", "")
    if not code.isascii() or not code.isprintable() or not code.strip():
        raise AuthorizationError("The redirect brought no grant code.")
    return Redirect(code=code, accounts_server=given.get("accounts-server", ""))


def _parameters(url: str) -> Mapping[str, str]:
    """Return what the query says, if it says nothing twice."""
    known = [(name, value) for name, value in _pairs(url) if name in _PARAMETERS]
    given = dict(known)
    if len(given) < len(known):
        raise AuthorizationError("The redirect says something twice, so neither can be believed.")
    return given


def _pairs(url: str) -> list[tuple[str, str]]:
    with contextlib.suppress(ValueError):
        query = urlsplit(url).query
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    # Raised outside of a handler, so that no other error hangs on to the URL.
    raise AuthorizationError("The redirect cannot be read as a URL.")


def _is_same(theirs: str, ours: str) -> bool:
    """Compare without telling by the time taken how much was right; nothing matches nothing."""
    told, expected = (value.encode("utf-8", errors="replace") for value in (theirs, ours))
    return ours != "" and hmac.compare_digest(told, expected)
