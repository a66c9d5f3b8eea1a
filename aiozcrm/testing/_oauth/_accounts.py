"""The accounts server of a fake Zoho: turns grants into tokens, and ends them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import attrs

from aiozcrm.testing._oauth._access_tokens import AccessTokens, Throttle, made_up_token
from aiozcrm.testing._oauth._codes import Code, Codes
from aiozcrm.testing._wire._answer import Answer, RejectedError
from aiozcrm.testing._wire._scopes import split_scopes, unknown_scopes
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.limits import TokenLimits
from aiozcrm.testing.stats import Stats

__all__ = ["Accounts", "Client"]

_BAD_REQUEST: Final = Answer(400, {"error": "invalid_request"})
_REVOKED: Final = Answer(200, {"status": "success"})
_INVALID_TOKEN: Final = Answer(400, {"error": "invalid_token"})
_INACTIVE: Final = Answer(200, {"active": False})
_UNKNOWN_CLIENT: Final = Answer(401, {"error": "invalid_client"})
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


@attrs.frozen(kw_only=True)
class Client:
    """An OAuth client, as the API console registers it.

    Attributes:
        id: Its id.
        secret: Its secret.
        redirect_uri: The only place to send a user back to; None for any on this machine.
        throttle: Counts the codes that it exchanges.
    """

    id: str
    secret: str = attrs.field(repr=False)
    redirect_uri: str | None
    throttle: Throttle = attrs.field(repr=False, eq=False)


@attrs.define(eq=False, kw_only=True)
class Accounts:
    """Clients, their refresh tokens, and the access tokens made from them, for all orgs.

    Attributes:
        limits: How many tokens there may be.
        dialect: Which reading it follows where Zoho's sources disagree.
        clock: Tells the time in seconds.
        stats: Where it counts.
        clients: The clients, by id.
        org_ids: The orgs that there are.
        codes: What can be exchanged.
        api_domain: What token answers say about where the API lives.
    """

    limits: TokenLimits
    dialect: Dialect
    clock: Callable[[], float]
    stats: Stats
    clients: dict[str, Client] = attrs.field(factory=dict)
    org_ids: list[str] = attrs.field(factory=list)
    codes: Codes = attrs.field(init=False, repr=False)
    api_domain: str = ""
    _refreshed: dict[str, AccessTokens] = attrs.field(init=False, factory=dict, repr=False)
    # Made without a refresh token, by org, client and what they may do.
    _unrefreshed: dict[tuple[str, str, tuple[str, ...]], AccessTokens] = attrs.field(
        init=False, factory=dict, repr=False
    )
    _made: dict[str, AccessTokens] = attrs.field(init=False, factory=dict, repr=False)
    _consented: set[tuple[str, str]] = attrs.field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self.codes = Codes(lifetime=self.limits.code_lifetime, clock=self.clock, stats=self.stats)

    def register(self, client_id: str, secret: str, redirect_uri: str | None) -> None:
        """Register a client; one that is known stays as it is."""
        throttle = Throttle(self.limits, self.clock)
        client = Client(id=client_id, secret=secret, redirect_uri=redirect_uri, throttle=throttle)
        self.clients.setdefault(client_id, client)

    def add_refresh_token(
        self, refresh_token: str, *, org_id: str, client_id: str, scopes: tuple[str, ...]
    ) -> AccessTokens:
        """Let *refresh_token* make tokens from now on."""
        tokens = self._tokens(org_id, client_id, scopes)
        self._refreshed[refresh_token] = tokens
        of_user = [
            name
            for name, other in self._refreshed.items()
            if (other.org_id, other.client_id) == (org_id, client_id)
        ]
        if len(of_user) > _LIVE_REFRESH_TOKENS:
            self.revoke_refresh_token(of_user[0])
        return tokens

    def answer_token(self, params: Mapping[str, str], authorization: str = "") -> Answer:
        """Answer a request for a token.

        Only a missing grant type shows in the HTTP status; all else is a 200, as with Zoho,
        unless the dialect says otherwise.

        Args:
            params: The form.
            authorization: The header of that name, which may hold client id and secret.
        """
        if "grant_type" not in params:
            return _BAD_REQUEST
        grants = {
            "refresh_token": self._refresh,
            "authorization_code": self._exchange,
            "client_credentials": self._trust_client,
        }
        try:
            grant = grants.get(params["grant_type"])
            if grant is None:
                raise self._rejected("invalid_client")
            return grant(self._client(params, authorization), params)
        except RejectedError as rejected:
            return rejected.answer

    def answer_client(self, params: Mapping[str, str], authorization: str = "") -> Answer:
        """Answer a request to the address at which a client asks by itself, for nothing else."""
        if params.get("grant_type") != "client_credentials":
            return _BAD_REQUEST
        return self.answer_token(params, authorization)

    def answer_revoke(self, params: Mapping[str, str]) -> Answer:
        """Answer a request to revoke a refresh token or an access token."""
        token = params.get("token", "")
        if self.revoke_refresh_token(token) or self.forget(token):
            self.stats.revoked += 1
            return _REVOKED
        return _INVALID_TOKEN

    def answer_revoke_of_client(self, params: Mapping[str, str], authorization: str) -> Answer:
        """Answer the newer form of that request, in which the client names itself."""
        try:
            self._client(params, authorization)
        except RejectedError:
            return _UNKNOWN_CLIENT
        return self.answer_revoke(params)

    def answer_introspection(self, params: Mapping[str, str], authorization: str) -> Answer:
        """Answer what a token is worth (RFC 7662)."""
        try:
            client = self._client(params, authorization)
        except RejectedError:
            return _UNKNOWN_CLIENT
        token = params.get("token", "")
        tokens = self._refreshed.get(token) or self.find(token)
        if tokens is None or tokens.client_id != client.id:
            return _INACTIVE
        known = {"active": True, "scope": " ".join(tokens.scopes), "client_id": client.id}
        if token in self._refreshed:
            return Answer(200, {**known, "token_type": "refresh_token"})
        left = int(tokens.seconds_left(token))
        return Answer(200, {**known, "token_type": "access_token", "expires_in": left})

    def find(self, access_token: str) -> AccessTokens | None:
        """Return where a living access token comes from, None if it is not alive."""
        tokens = self._made.get(access_token)
        return tokens if tokens is not None and tokens.seconds_left(access_token) else None

    def forget(self, access_token: str) -> bool:
        """Revoke one access token and say whether it was known."""
        tokens = self._made.pop(access_token, None)
        return tokens is not None and tokens.forget(access_token)

    def expire_tokens(self, org_id: str) -> None:
        """End every access token of an org now."""
        for tokens in self._made.values():
            if tokens.org_id == org_id:
                tokens.end_all()

    def revoke_refresh_token(self, refresh_token: str) -> bool:
        """End a refresh token, its access tokens with it, and say whether it was known."""
        tokens = self._refreshed.pop(refresh_token, None)
        if tokens is None:
            return False
        tokens.end_all()
        return True

    def _client(self, params: Mapping[str, str], authorization: str) -> Client:
        """Return the client that proves itself by the form, or by HTTP Basic (RFC 6749 2.3.1)."""
        named, secret = params.get("client_id"), params.get("client_secret")
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "basic":
            in_header, secret = _basic(credentials)
            if named not in {None, in_header}:
                raise self._rejected("invalid_client")
            named = in_header
        client = self.clients.get(named or "")
        if client is None:
            raise self._rejected("invalid_client")
        if secret != client.secret:
            raise self._rejected("invalid_client_secret")
        return client

    def _refresh(self, client: Client, params: Mapping[str, str]) -> Answer:
        tokens = self._refreshed.get(params.get("refresh_token", ""))
        if tokens is None or tokens.client_id != client.id:
            raise self._rejected("invalid_code")
        self._respect(tokens.throttle)
        return self._hand_out(tokens)

    def _exchange(self, client: Client, params: Mapping[str, str]) -> Answer:
        name = params.get("code", "")
        code = self.codes.find(name)
        if (
            code is None
            or code.client_id != client.id
            or not code.is_proved_by(params.get("code_verifier", ""))
        ):
            raise self._rejected("invalid_code")
        if params.get("redirect_uri") != code.redirect_uri:
            raise self._rejected("invalid_redirect_uri")
        self._respect(client.throttle)
        client.throttle.count()
        self.codes.use_up(name)
        return self._answer_exchange(code)

    def _answer_exchange(self, code: Code) -> Answer:
        # https://www.zoho.com/accounts/protocol/oauth/web-apps/authorization.html: without
        # prompt=consent, a refresh token comes the first time only.
        user = (code.org_id, code.client_id)
        if not code.offline or (user in self._consented and not code.consent):
            return self._hand_out(self._without_refresh(code.org_id, code.client_id, code.scopes))
        self._consented.add(user)
        refresh_token = made_up_token()
        tokens = self.add_refresh_token(
            refresh_token, org_id=code.org_id, client_id=code.client_id, scopes=code.scopes
        )
        return self._hand_out(tokens, refresh_token=refresh_token)

    def _trust_client(self, client: Client, params: Mapping[str, str]) -> Answer:
        scopes = split_scopes(params.get("scope", ""))
        if not scopes or unknown_scopes(scopes):
            raise self._rejected("invalid_scope")
        service, _, org_id = params.get("soid", "").partition(".")
        if service != "ZohoCRM" or org_id not in self.org_ids:
            raise self._rejected("invalid_code")
        tokens = self._without_refresh(org_id, client.id, scopes)
        self._respect(tokens.throttle)
        return self._hand_out(tokens)

    def _without_refresh(
        self, org_id: str, client_id: str, scopes: tuple[str, ...]
    ) -> AccessTokens:
        tokens = self._tokens(org_id, client_id, scopes)
        return self._unrefreshed.setdefault((org_id, client_id, scopes), tokens)

    def _tokens(self, org_id: str, client_id: str, scopes: tuple[str, ...]) -> AccessTokens:
        return AccessTokens(
            org_id=org_id,
            client_id=client_id,
            scopes=scopes,
            limits=self.limits,
            clock=self.clock,
        )

    def _respect(self, throttle: Throttle) -> None:
        if not throttle.admit():
            self.stats.throttled += 1
            raise RejectedError(Answer(self.dialect.throttle_status, _THROTTLED))

    def _rejected(self, error: str) -> RejectedError:
        return RejectedError(Answer(self.dialect.token_error_status, {"error": error}))

    def _hand_out(self, tokens: AccessTokens, **more: Any) -> Answer:
        self.stats.tokens_made += 1
        access_token = tokens.make()
        self._made[access_token] = tokens
        return Answer(
            200,
            {
                "access_token": access_token,
                **more,
                "scope": " ".join(tokens.scopes),
                "api_domain": self.api_domain,
                "token_type": "Bearer",
                "expires_in": int(self.limits.lifetime),
            },
        )


def _basic(credentials: str) -> tuple[str, str]:
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
