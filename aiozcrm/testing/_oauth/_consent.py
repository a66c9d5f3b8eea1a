"""The page of a fake Zoho on which a user says yes or no, and the way back from it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

import attrs

from aiozcrm.datacenters import is_loopback
from aiozcrm.testing._oauth._accounts import Client
from aiozcrm.testing._oauth._codes import Code, Codes
from aiozcrm.testing._wire._answer import HTML, Answer, RejectedError
from aiozcrm.testing._wire._scopes import split_scopes, unknown_scopes

__all__ = ["AUTH_PATH", "DECISION_PATH", "Consent", "OrgName"]

AUTH_PATH: Final = "/oauth/v2/auth"
DECISION_PATH: Final = "/oauth/v2/approve"

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
<p>{client_id} would like to access your organization:</p>
<ul>
{scopes}
</ul>
<form method="post" action="{action}">
{fields}
<select name="org">
{orgs}
</select>
<button name="decision" value="accept">Accept</button>
<button name="decision" value="reject">Reject</button>
</form>"""


@attrs.frozen
class OrgName:
    """An org that a user may choose.

    Attributes:
        id: Its id.
        label: What the page calls it.
    """

    id: str
    label: str


@attrs.define(eq=False, kw_only=True)
class Consent:
    """Asks a user, and makes a code of a yes.

    Attributes:
        clients: The clients that may ask, by id.
        codes: Where codes are made.
        orgs: The orgs that the user may choose from; the first is the default.
        accounts_url: What redirects say of where a code can be exchanged.
    """

    clients: Mapping[str, Client]
    codes: Codes
    orgs: list[OrgName] = attrs.field(factory=list)
    accounts_url: str = ""

    def page(self, params: Mapping[str, str]) -> Answer:
        """Return the page that asks.

        Raises:
            RejectedError: If the request for authorization is wrong. There is no way back then:
                a place that is not registered must not learn anything.
        """
        scopes = self._check(params)
        content = _QUESTION.format(
            client_id=html.escape(params["client_id"]),
            orgs="\n".join(
                f'<option value="{org.id}">{html.escape(org.label)}</option>' for org in self.orgs
            ),
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

        *params* are those of the request for authorization, the ``decision``, and the ``org``.

        Raises:
            RejectedError: If the request for authorization is wrong, or nothing was decided.
        """
        scopes = self._check(params)
        brought = {"state": params["state"]} if "state" in params else {}
        match params.get("decision"):
            case "accept":
                code = self.codes.add(
                    Code(
                        org_id=self._org_id(params.get("org")),
                        client_id=params["client_id"],
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
                raise _rejected("invalid_request")
        uri = params["redirect_uri"]
        return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(brought)}"

    def _check(self, params: Mapping[str, str]) -> tuple[str, ...]:
        """Return the scopes that are asked for."""
        scopes = split_scopes(params.get("scope", ""))
        client = self.clients.get(params.get("client_id", ""))
        if client is None:
            raise _rejected("invalid_client")
        problems = {
            "invalid_redirect_uri": not _is_registered(client, params.get("redirect_uri", "")),
            "invalid_response_type": params.get("response_type") != "code",
            "invalid_scope": not scopes or unknown_scopes(scopes),
        }
        for problem, found in problems.items():
            if found:
                raise _rejected(problem)
        return scopes

    def _org_id(self, chosen: str | None) -> str:
        ids = [org.id for org in self.orgs]
        if chosen is None:
            return ids[0]
        if chosen not in ids:
            raise _rejected("invalid_request")
        return chosen


def _is_registered(client: Client, uri: str) -> bool:
    if client.redirect_uri is not None:
        return uri == client.redirect_uri
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    # What is printable writes no headers of its own.
    on_the_web = parts.scheme in {"http", "https"} and uri.isprintable()
    return on_the_web and is_loopback(parts.hostname)


def _page(status: int, title: str, content: str) -> Answer:
    return Answer(status, _PAGE.format(title=title, content=content).encode(), HTML)


def _rejected(problem: str) -> RejectedError:
    return RejectedError(_page(400, "This cannot be authorized", f"<p>{problem}</p>"))
