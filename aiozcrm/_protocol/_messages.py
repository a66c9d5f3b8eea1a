"""What is sent and what comes back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

import attrs
from multidict import CIMultiDict

__all__ = ["IDEMPOTENT_METHODS", "Request", "Response", "Sender", "Token", "TokenGrant"]

#: Methods whose repetition has the same effect as one request (RFC 9110, section 9.2.2).
IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class Request(NamedTuple):
    """One HTTP request. Its repr shows neither headers nor body: they hold secrets.

    A named tuple, because one is made for every send.

    Attributes:
        method: Such as ``DELETE``.
        origin: Scheme and host.
        path: What stands behind the host, percent-encoded.
        headers: What authorizes the request, and the type of the body.
        query: What stands behind the path, percent-encoded, without its question mark.
        body: What is sent.
    """

    method: str
    origin: str
    path: str
    headers: Mapping[str, str]
    query: str = ""
    body: bytes | None = None

    @property
    def url(self) -> str:
        """Where it goes, without the query; for people to read."""
        return self.origin + self.path

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"


class Response(NamedTuple):
    """One HTTP answer. *headers* are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class Sender(Protocol):
    """Something that turns a request into a response."""

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        ...


@attrs.frozen(kw_only=True, eq=False)
class Token:
    """An access token and where it may be used. Two tokens are equal only if they are one.

    Attributes:
        access_token: The secret itself, never shown in a repr.
        api_url: Scheme and host for its calls.
        headers: What authorizes a request, made once for all of them, as aiohttp keeps headers.
    """

    access_token: str = attrs.field(repr=False)
    api_url: str
    headers: Mapping[str, str] = attrs.field(init=False, repr=False)

    @headers.default
    def _authorization(self) -> Mapping[str, str]:
        # Not "Bearer", in spite of the token_type that the token endpoint names:
        # https://www.zoho.com/crm/developer/docs/api/v7/access-refresh.html
        return CIMultiDict(Authorization=f"Zoho-oauthtoken {self.access_token}")


class TokenGrant(NamedTuple):
    """What a token endpoint handed out. Its repr shows no token.

    Attributes:
        access_token: The secret itself.
        lifetime: Seconds it lives, counted from the request.
        api_domain: Scheme and host for its calls; None where the answer named none.
        refresh_token: What makes more of it; None where the answer held none.
        scopes: What it may do; empty where the answer does not tell.
    """

    access_token: str
    lifetime: float
    api_domain: str | None
    refresh_token: str | None = None
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"TokenGrant({self.lifetime:g} s, {self.api_domain})"
