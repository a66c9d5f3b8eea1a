"""The addresses of a fake Zoho's accounts server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import attrs
from aiohttp import web

from aiozcrm.datacenters import DATA_CENTERS
from aiozcrm.testing._oauth._accounts import Accounts
from aiozcrm.testing._oauth._consent import AUTH_PATH, DECISION_PATH, Consent
from aiozcrm.testing._server._replies import Replies, respond
from aiozcrm.testing._server._requests import read_form
from aiozcrm.testing._wire import _answer as answers
from aiozcrm.testing._wire._answer import Answer, RejectedError
from aiozcrm.testing.faults import FaultPlan
from aiozcrm.testing.stats import Stats

__all__ = ["AccountsServer"]

_TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105 (a path)
_REVOKE_PATH: Final = "/oauth/v2/token/revoke"
_REVOKE_OF_CLIENT_PATH: Final = "/oauth/v2/revoke/token"
_INTROSPECT_PATH: Final = "/oauth/v2/introspect"
_USER_INFO_PATH: Final = "/oauth/user/info"
_SERVER_INFO_PATH: Final = "/oauth/serverinfo"

_SECRETS: Final = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token"})
_USER_INFO_SCOPE: Final = "AaaServer.profile.READ"
_INVALID_METHOD: Final = Answer(405, {"error": "invalid_request"})
_INVALID_TOKEN: Final = Answer(401, {"error": "invalid_token"})
_INVALID_SCOPE: Final = Answer(401, {"error": "invalid_scope"})

_AnswerToForm = Callable[[Mapping[str, str], str], Answer]


@attrs.frozen(kw_only=True)
class AccountsServer:
    """Takes requests to the accounts server and replies to them.

    Attributes:
        accounts: Makes tokens and ends them.
        consent: Asks users.
        user_info: Returns who the user of an org is.
        replies: Sends the answers about tokens.
        faults: What goes wrong with those.
        stats: Where it counts.
    """

    accounts: Accounts
    consent: Consent
    user_info: Callable[[str], Mapping[str, object]]
    replies: Replies
    faults: FaultPlan
    stats: Stats

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Reply to *request*, whatever its path."""
        if not _SECRETS.isdisjoint(request.query):
            self.stats.secrets_in_query += 1
        handlers = {
            _TOKEN_PATH: self._token,
            AUTH_PATH: self._auth,
            DECISION_PATH: self._decide,
            _REVOKE_PATH: self._revoke,
            _REVOKE_OF_CLIENT_PATH: self._answer_client,
            _INTROSPECT_PATH: self._answer_client,
            _USER_INFO_PATH: self._show_user,
            _SERVER_INFO_PATH: self._show_server,
        }
        handler = handlers.get(request.path)
        if handler is None:
            return respond(answers.INVALID_URL_PATTERN)
        try:
            return await handler(request)
        except RejectedError as rejected:
            return respond(rejected.answer)

    async def _token(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._hand_out(request, self.accounts.answer_token)

    async def _auth(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "POST":
            return await self._hand_out(request, self.accounts.answer_client)
        return respond(self.consent.page(dict(request.query)))

    async def _decide(self, request: web.BaseRequest) -> web.StreamResponse:
        location = self.consent.decide(await _params(request))
        return respond(Answer(302, headers={"Location": location}))

    async def _revoke(self, request: web.BaseRequest) -> web.StreamResponse:
        return respond(self.accounts.answer_revoke(await _params(request)))

    async def _answer_client(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            return respond(_INVALID_METHOD)
        answer_to = (
            self.accounts.answer_introspection
            if request.path == _INTROSPECT_PATH
            else self.accounts.answer_revoke_of_client
        )
        return respond(answer_to(await _params(request), _authorization(request)))

    async def _show_user(self, request: web.BaseRequest) -> web.StreamResponse:
        scheme, _, token = _authorization(request).partition(" ")
        tokens = self.accounts.find(token)
        if tokens is None or scheme.lower() not in {"bearer", "zoho-oauthtoken"}:
            return respond(_INVALID_TOKEN)
        if _USER_INFO_SCOPE not in tokens.scopes:
            return respond(_INVALID_SCOPE)
        return respond(Answer(200, self.user_info(tokens.org_id)))

    async def _show_server(self, _request: web.BaseRequest) -> web.StreamResponse:
        return respond(_SERVER_INFO)

    async def _hand_out(
        self, request: web.BaseRequest, answer_to: _AnswerToForm
    ) -> web.StreamResponse:
        self.stats.token_requests += 1
        params = await _params(request)
        run = partial(answer_to, params, _authorization(request))
        return await self.replies.reply(request, run, fault=self.faults.draw(), plan=self.faults)


#: https://www.zoho.com/accounts/protocol/oauth/multi-dc.html
_SERVER_INFO: Final = Answer(
    200,
    {
        "result": "success",
        # China is run separately.
        "locations": {
            center.code: center.accounts_url
            for center in DATA_CENTERS.values()
            if center.code != "cn"
        },
    },
)


def _authorization(request: web.BaseRequest) -> str:
    return request.headers.get("Authorization", "")


async def _params(request: web.BaseRequest) -> Mapping[str, str]:
    if request.method != "POST":
        return MappingProxyType({})
    return {**request.query, **await read_form(request)}
