"""The accounts server of a fake Zoho: makes access tokens, throttles, evicts and revokes."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from aiozcrm.testing._answers import Answer, answer
from aiozcrm.testing.stats import Stats

__all__ = ["REVOKE_PATH", "TOKEN_PATH", "Accounts"]

TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105 (a path)
REVOKE_PATH: Final = "/oauth/v2/token/revoke"

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


@attrs.frozen
class _AccessToken:
    scopes: frozenset[str]
    expires_at: float


@attrs.define(eq=False, kw_only=True)
class Accounts:
    """One client, one refresh token, and the access tokens made from it.

    Attributes:
        client_id: The client.
        client_secret: Its secret.
        refresh_token: The refresh token.
        scope: What its access tokens may do, separated by commas or spaces.
        token_lifetime: How many seconds an access token lives.
        token_limit: How many access tokens are made per window.
        token_window: How many seconds the window has, and a block after the latest refused ask.
        throttle_status: The HTTP status of that refusal.
        live_tokens: How many access tokens live at once; one more evicts the oldest.
        clock: Tells the time in seconds.
        stats: Where it counts.
        api_domain: What token answers say about where the API lives.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)
    scope: str
    token_lifetime: float
    token_limit: int
    token_window: float
    throttle_status: int
    live_tokens: int
    clock: Callable[[], float]
    stats: Stats
    api_domain: str = ""
    _revoked: bool = attrs.field(init=False, default=False)
    _blocked_until: float | None = attrs.field(init=False, default=None)
    _made_at: deque[float] = attrs.field(init=False, factory=deque)
    _live: dict[str, _AccessToken] = attrs.field(init=False, factory=dict, repr=False)

    def answer_token(self, params: Mapping[str, str]) -> Answer:
        """Answer a request to the token endpoint.

        Only a missing grant type shows in the HTTP status; all else is a 200, as with Zoho.
        """
        if "grant_type" not in params:
            return _BAD_REQUEST
        error = self._reason_to_refuse(params)
        if error:
            return answer(200, {"error": error})
        if self._is_throttled():
            self.stats.throttled += 1
            return answer(self.throttle_status, _THROTTLED)
        scopes = self.scope.replace(",", " ").split()
        return answer(
            200,
            {
                "access_token": self._make_token(frozenset(scopes)),
                "scope": " ".join(scopes),
                "api_domain": self.api_domain,
                "token_type": "Bearer",
                "expires_in": int(self.token_lifetime),
            },
        )

    def answer_revoke(self, params: Mapping[str, str]) -> Answer:
        """Answer a request to revoke the refresh token or one of its access tokens."""
        token = params.get("token", "")
        if token == self.refresh_token and not self._revoked:
            self.revoke_refresh_token()
            return _REVOKED
        return _REVOKED if self.forget(token) else _INVALID_TOKEN

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """Return what *access_token* may do, None if it is not alive."""
        token = self._live.get(access_token)
        if token is None or self.clock() >= token.expires_at:
            return None
        return token.scopes

    def forget(self, access_token: str) -> bool:
        """Revoke one access token and say whether it was known."""
        return self._live.pop(access_token, None) is not None

    def expire_tokens(self) -> None:
        """End every access token now."""
        self._live.clear()

    def revoke_refresh_token(self) -> None:
        """End the refresh token, and its access tokens with it."""
        self._revoked = True
        self._live.clear()

    def _reason_to_refuse(self, params: Mapping[str, str]) -> str:
        known = params["grant_type"] == "refresh_token"
        if not known or params.get("client_id") != self.client_id:
            return "invalid_client"
        if params.get("client_secret") != self.client_secret:
            return "invalid_client_secret"
        if self._revoked or params.get("refresh_token") != self.refresh_token:
            return "invalid_code"
        return ""

    def _is_throttled(self) -> bool:
        now = self.clock()
        while self._made_at and self._made_at[0] <= now - self.token_window:
            self._made_at.popleft()
        blocked = self._blocked_until is not None and now < self._blocked_until
        if blocked or len(self._made_at) >= self.token_limit:
            # Asking while blocked prolongs the block.
            self._blocked_until = now + self.token_window
            return True
        return False

    def _make_token(self, scopes: frozenset[str]) -> str:
        now = self.clock()
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self._live[token] = _AccessToken(scopes, now + self.token_lifetime)
        if len(self._live) > self.live_tokens:
            del self._live[next(iter(self._live))]
        self._made_at.append(now)
        self.stats.tokens_made += 1
        return token
