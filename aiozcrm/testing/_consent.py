"""The page of a fake Zoho on which a user says yes or no, and the way back from it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

import attrs

from aiozcrm.datacenters import is_loopback
from aiozcrm.testing._answers import Answer, RefusalError
from aiozcrm.testing._codes import Code, Codes, split_scopes

__all__ = ["AUTH_PATH", "DECISION_PATH", "Consent"]

AUTH_PATH: Final = "/oauth/v2/auth"
DECISION_PATH: Final = "/oauth/v2/approve"

_HTML: Final = "text/html;charset=UTF-8"
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""
_QUESTION: Final = """\
<p>{client_id} would like to access {org} ({environment}):</p>
<ul>
{scopes}
</ul>
<form method="post" action="{action}">
{fields}
<button name="decision" value="accept">Accept</button>
<button name="decision" value="reject">Reject</button>
</form>"""


@attrs.define(eq=False, kw_only=True)
class Consent:
    """Asks a user, and makes a code of a yes.

    Attributes:
        client_id: The only client that may ask.
        redirect_uri: The only place to send a user back to; None for any on this machine.
        org: The name of the org.
        environment: Its environment.
        codes: Where codes are made.
        accounts_url: What redirects say of where a code can be exchanged.
    """

    client_id: str
    redirect_uri: str | None
    org: str
    environment: str
    codes: Codes
    accounts_url: str = ""

    def page(self, params: Mapping[str, str]) -> Answer:
        """Return the page that asks.

        Raises:
            RefusalError: If the request for authorization is wrong. There is no way back then:
                a place that is not registered must not learn anything.
        """
        scopes = self._check(params)
        content = _QUESTION.format(
            client_id=html.escape(self.client_id),
            org=html.escape(self.org),
            environment=html.escape(self.environment),
            scopes="\n".join(f"<li>{html.escape(scope)}</li>" for scope in scopes),
            action=DECISION_PATH,
            fields="\n".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in params.items()
            ),
        )
        return _page(200, "Consent", content)

    def decide(self, params: Mapping[str, str]) -> str:
        """Return where the browser goes after the user has decided.

        *params* are those of the request for authorization, and the ``decision``.

        Raises:
            RefusalError: If the request for authorization is wrong, or nothing was decided.
        """
        scopes = self._check(params)
        brought = {"state": params["state"]} if "state" in params else {}
        match params.get("decision"):
            case "accept":
                code = self.codes.add(
                    Code(
                        scopes=scopes,
                        redirect_uri=params["redirect_uri"],
                        challenge=params.get("code_challenge", ""),
                        method=params.get("code_challenge_method", "plain"),
                        offline=params.get("access_type") == "offline",
                        consent=params.get("prompt") == "consent",
                    )
                )
                brought |= {"code": code, "location": "us", "accounts-server": self.accounts_url}
            case "reject":
                brought |= {"error": "access_denied"}
            case _:
                raise _refusal("invalid_request")
        uri = params["redirect_uri"]
        return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(brought)}"

    def _check(self, params: Mapping[str, str]) -> tuple[str, ...]:
        """Return the scopes that are asked for."""
        scopes = split_scopes(params.get("scope", ""))
        problems = {
            "invalid_client": params.get("client_id") != self.client_id,
            "invalid_redirect_uri": not self._is_registered(params.get("redirect_uri", "")),
            "invalid_response_type": params.get("response_type") != "code",
            "invalid_scope": not scopes,
        }
        for problem, found in problems.items():
            if found:
                raise _refusal(problem)
        return scopes

    def _is_registered(self, uri: str) -> bool:
        if self.redirect_uri is not None:
            return uri == self.redirect_uri
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        # What is printable writes no headers of its own.
        on_the_web = parts.scheme in {"http", "https"} and uri.isprintable()
        return on_the_web and is_loopback(parts.hostname)


def _page(status: int, title: str, content: str) -> Answer:
    return Answer(status, _PAGE.format(title=title, content=content).encode(), _HTML)


def _refusal(problem: str) -> RefusalError:
    return RefusalError(_page(400, "This cannot be authorized", f"<p>{problem}</p>"))
