"""The addresses of a fake Zoho's accounts server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import attrs
from aiohttp import web

from aiozcrm.testing import _answers as answers
from aiozcrm.testing._accounts import Accounts
from aiozcrm.testing._answers import Answer, RefusalError
from aiozcrm.testing._consent import AUTH_PATH, DECISION_PATH, Consent
from aiozcrm.testing._replies import Replies, respond
from aiozcrm.testing.faults import FaultPlan
from aiozcrm.testing.stats import Stats

__all__ = ["AccountsServer"]

_TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105 (a path)
_REVOKE_PATH: Final = "/oauth/v2/token/revoke"

_SECRETS: Final = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token"})


@attrs.frozen(kw_only=True)
class AccountsServer:
    """Takes requests to the accounts server and replies to them.

    Attributes:
        accounts: Makes tokens and ends them.
        consent: Asks users.
        replies: Sends the answers about tokens.
        faults: What goes wrong with those.
        stats: Where it counts.
    """

    accounts: Accounts
    consent: Consent
    replies: Replies
    faults: FaultPlan
    stats: Stats

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Reply to *request*, whatever its path."""
        handlers = {
            _TOKEN_PATH: self._token,
            _REVOKE_PATH: self._revoke,
            AUTH_PATH: self._auth,
            DECISION_PATH: self._decide,
        }
        handler = handlers.get(request.path)
        if handler is None:
            return respond(answers.INVALID_URL_PATTERN)
        try:
            return await handler(request)
        except RefusalError as refused:
            return respond(refused.answer)

    async def _token(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._hand_out(request, self.accounts.answer_token)

    async def _revoke(self, request: web.BaseRequest) -> web.StreamResponse:
        return respond(self.accounts.answer_revoke(await self._params(request)))

    async def _auth(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "POST":
            return await self._hand_out(request, self.accounts.answer_client)
        return respond(self.consent.page(dict(request.query)))

    async def _decide(self, request: web.BaseRequest) -> web.StreamResponse:
        location = self.consent.decide(await self._params(request))
        return respond(Answer(302), [("Location", location)])

    async def _hand_out(
        self,
        request: web.BaseRequest,
        answer_to: Callable[[Mapping[str, str]], Answer],
    ) -> web.StreamResponse:
        self.stats.token_requests += 1
        run = partial(answer_to, await self._params(request))
        return await self.replies.reply(request, run, fault=self.faults.draw(), plan=self.faults)

    async def _params(self, request: web.BaseRequest) -> Mapping[str, str]:
        if not _SECRETS.isdisjoint(request.query):
            self.stats.secrets_in_query += 1
        if request.method != "POST":
            return {}
        form = await request.post()
        return {**request.query, **{name: str(value) for name, value in form.items()}}
