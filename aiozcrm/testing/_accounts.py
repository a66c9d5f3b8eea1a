"""The accounts server of a fake Zoho: turns grants into tokens, and ends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from aiozcrm.testing._access_tokens import AccessTokens, Limits, Throttle, made_up_token
from aiozcrm.testing._answers import Answer, RefusalError, answer
from aiozcrm.testing._codes import Code, Codes, split_scopes
from aiozcrm.testing.stats import Stats

__all__ = ["Accounts"]

_BAD_REQUEST: Final = Answer(400)
_REVOKED: Final = answer(200, {"status": "success"})
_INVALID_TOKEN: Final = answer(400, {"error": "invalid_token"})
# The body that marks the throttle, whatever the status.
_THROTTLED: Final = {
    "error_description": (
        "You have made too many requests continuously. Please try again after some time."
    ),
    "error": "Access Denied",
    "status": "failure",
}
# One more than these ends the oldest, and its access tokens with it.
_LIVE_REFRESH_TOKENS: Final = 20


@attrs.define(eq=False, kw_only=True)
class Accounts:
    """One client, its refresh tokens, and the access tokens made from them.

    Attributes:
        client_id: The client.
        client_secret: Its secret.
        refresh_token: The refresh token that is there at first.
        scopes: What the access tokens of that one may do.
        org_id: The org that the client may ask for by itself.
        limits: How many access tokens there may be for each refresh token.
        throttle_status: The HTTP status of the refusal to make more.
        codes: What can be exchanged.
        stats: Where it counts.
        api_domain: What token answers say about where the API lives.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)
    scopes: tuple[str, ...]
    org_id: str
    limits: Limits
    throttle_status: int
    codes: Codes = attrs.field(repr=False)
    stats: Stats
    api_domain: str = ""
    _refreshed: dict[str, AccessTokens] = attrs.field(init=False, repr=False)
    # Made without a refresh token, by what they may do.
    _unrefreshed: dict[tuple[str, ...], AccessTokens] = attrs.field(
        init=False, factory=dict, repr=False
    )
    _exchanges: Throttle = attrs.field(init=False)
    _has_consented: bool = attrs.field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        self._refreshed = {self.refresh_token: AccessTokens(self.scopes, self.limits)}
        self._exchanges = Throttle(self.limits)

    def make_code(self, scope: str | None) -> str:
        """Return a code of a self client, for the scopes of the first refresh token if for none."""
        return self.codes.add(Code(scopes=self.scopes if scope is None else split_scopes(scope)))

    def answer_token(self, params: Mapping[str, str]) -> Answer:
        """Answer a request for a token.

        Only a missing grant type shows in the HTTP status; all else is a 200, as with Zoho.
        """
        if "grant_type" not in params:
            return _BAD_REQUEST
        try:
            return self._grant(params)
        except RefusalError as refused:
            return refused.answer

    def answer_client(self, params: Mapping[str, str]) -> Answer:
        """Answer a request to the address at which a client asks by itself, for nothing else."""
        if params.get("grant_type") != "client_credentials":
            return _BAD_REQUEST
        return self.answer_token(params)

    def answer_revoke(self, params: Mapping[str, str]) -> Answer:
        """Answer a request to revoke a refresh token or an access token."""
        token = params.get("token", "")
        if self.revoke_refresh_token(token) or self.forget(token):
            self.stats.revoked += 1
            return _REVOKED
        return _INVALID_TOKEN

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """Return what *access_token* may do, None if it is not alive."""
        for tokens in self._all():
            if tokens.holds(access_token):
                return frozenset(tokens.scopes)
        return None

    def forget(self, access_token: str) -> bool:
        """Revoke one access token and say whether it was known."""
        return any(tokens.forget(access_token) for tokens in self._all())

    def expire_tokens(self) -> None:
        """End every access token now."""
        for tokens in self._all():
            tokens.end_all()

    def revoke_refresh_token(self, refresh_token: str) -> bool:
        """End a refresh token, its access tokens with it, and say whether it was known."""
        return self._refreshed.pop(refresh_token, None) is not None

    def _all(self) -> Iterator[AccessTokens]:
        yield from self._refreshed.values()
        yield from self._unrefreshed.values()

    def _grant(self, params: Mapping[str, str]) -> Answer:
        grants = {
            "refresh_token": self._refresh,
            "authorization_code": self._exchange,
            "client_credentials": self._trust_client,
        }
        grant = grants.get(params["grant_type"])
        if grant is None or params.get("client_id") != self.client_id:
            raise _refusal("invalid_client")
        if params.get("client_secret") != self.client_secret:
            raise _refusal("invalid_client_secret")
        return grant(params)

    def _refresh(self, params: Mapping[str, str]) -> Answer:
        tokens = self._refreshed.get(params.get("refresh_token", ""))
        if tokens is None:
            raise _refusal("invalid_code")
        self._respect(tokens.throttle)
        return self._hand_out(tokens)

    def _exchange(self, params: Mapping[str, str]) -> Answer:
        name = params.get("code", "")
        code = self.codes.find(name)
        if code is None or not code.is_proved_by(params.get("code_verifier", "")):
            raise _refusal("invalid_code")
        if params.get("redirect_uri") != code.redirect_uri:
            raise _refusal("invalid_redirect_uri")
        self._respect(self._exchanges)
        self._exchanges.count()
        self.codes.use_up(name)
        # https://www.zoho.com/accounts/protocol/oauth/web-apps/authorization.html: without
        # prompt=consent, a refresh token comes the first time only.
        if not code.offline or (self._has_consented and not code.consent):
            return self._hand_out(self._without_refresh(code.scopes))
        self._has_consented = True
        refresh_token = made_up_token()
        self._refreshed[refresh_token] = tokens = AccessTokens(code.scopes, self.limits)
        if len(self._refreshed) > _LIVE_REFRESH_TOKENS:
            del self._refreshed[next(iter(self._refreshed))]
        return self._hand_out(tokens, refresh_token=refresh_token)

    def _trust_client(self, params: Mapping[str, str]) -> Answer:
        scopes = split_scopes(params.get("scope", ""))
        if not scopes:
            raise _refusal("invalid_scope")
        if params.get("soid") != f"ZohoCRM.{self.org_id}":
            raise _refusal("invalid_code")
        tokens = self._without_refresh(scopes)
        self._respect(tokens.throttle)
        return self._hand_out(tokens)

    def _without_refresh(self, scopes: tuple[str, ...]) -> AccessTokens:
        return self._unrefreshed.setdefault(scopes, AccessTokens(scopes, self.limits))

    def _respect(self, throttle: Throttle) -> None:
        if throttle.refuses():
            self.stats.throttled += 1
            raise RefusalError(answer(self.throttle_status, _THROTTLED))

    def _hand_out(self, tokens: AccessTokens, **more: Any) -> Answer:
        self.stats.tokens_made += 1
        return answer(
            200,
            {
                "access_token": tokens.make(),
                **more,
                "scope": " ".join(tokens.scopes),
                "api_domain": self.api_domain,
                "token_type": "Bearer",
                "expires_in": int(self.limits.lifetime),
            },
        )


def _refusal(error: str) -> RefusalError:
    return RefusalError(answer(200, {"error": error}))
