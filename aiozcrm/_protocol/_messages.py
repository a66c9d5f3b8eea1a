"""What is sent and what comes back, as plain values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from multidict import CIMultiDict

from aiozcrm._protocol._bodies import Body
from aiozcrm.timeouts import Timeouts

__all__ = [
    "IDEMPOTENT_METHODS",
    "Request",
    "Response",
    "Sender",
    "Streamed",
    "StreamingSender",
    "Token",
    "TokenGrant",
]

#: Methods whose repetition has the same effect as one request (RFC 9110, section 9.2.2).
IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class Request:
    """One HTTP request. Neither its repr nor iterating shows headers and body: they hold secrets.

    A plain class, because one is made for every send, and tools that collect errors look into
    tuples, mappings and attrs classes.

    Args:
        method: Such as ``DELETE``.
        origin: Scheme and host.
        path: The path behind the host, percent-encoded.
        headers: The headers, such as the one that authorizes the request.
        query: The query, percent-encoded, without its question mark.
        body: The bytes to send, or a body that is read while it is sent; None for no body.

    Attributes:
        timeouts: How long to wait, if not as long as the sender does by itself.
        left: Whether it may have left this machine. A sender that can tell says so: after a
            failure or a cancellation it decides whether the request may have run.
    """

    __slots__ = ("body", "headers", "left", "method", "origin", "path", "query", "timeouts")

    def __init__(  # noqa: PLR0917  # the order in which a request is written
        self,
        method: str,
        origin: str,
        path: str,
        headers: Mapping[str, str],
        query: str = "",
        body: bytes | Body | None = None,
    ) -> None:
        self.method: str = method
        self.origin: str = origin
        self.path: str = path
        self.headers: Mapping[str, str] = headers
        self.query: str = query
        self.body: bytes | Body | None = body
        self.timeouts: Timeouts | None = None
        self.left: bool = True

    @property
    def url(self) -> str:
        """Scheme, host and path, without the query; for people to read."""
        return self.origin + self.path

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url})"


class Response:
    """One HTTP answer. Neither its repr nor iterating shows headers and body.

    Args:
        status: The HTTP status.
        headers: The headers, looked up without regard to case.
        body: The whole body.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status: int = status
        self.headers: Mapping[str, str] = headers
        self.body: bytes = body

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class Streamed:
    """An HTTP answer of which the body has not been read yet. Its repr shows no headers.

    Args:
        status: The HTTP status.
        headers: The headers, looked up without regard to case.
        chunks: The body, in pieces as they come.
    """

    __slots__ = ("chunks", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        chunks: AsyncIterator[bytes],
    ) -> None:
        self.status: int = status
        self.headers: Mapping[str, str] = headers
        self.chunks: AsyncIterator[bytes] = chunks

    def __repr__(self) -> str:
        return f"Streamed({self.status})"


class Sender(Protocol):
    """Something that turns a request into a response."""

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        ...


class StreamingSender(Sender, Protocol):
    """A sender that can also hand an answer out as it comes. Downloads use it if it is one."""

    def stream(self, request: Request) -> AbstractAsyncContextManager[Streamed]:
        """Send *request* exactly once and return its answer when the headers are there.

        Reading the chunks may raise the same errors.

        Raises:
            aiozcrm.errors.TransportError: If there is no answer.
        """
        ...


class Token:
    """An access token and where it may be used. Its repr shows no secret.

    Two tokens are equal only if they are one.

    Args:
        access_token: The secret itself.
        api_url: Scheme and host for its calls.

    Attributes:
        headers: What authorizes a request, made once for all of them, as aiohttp keeps headers.
    """

    __slots__ = ("access_token", "api_url", "headers")

    def __init__(self, *, access_token: str, api_url: str) -> None:
        self.access_token: Final = access_token
        self.api_url: Final = api_url
        # Not "Bearer", in spite of the token_type that the token endpoint names:
        # https://www.zoho.com/crm/developer/docs/api/v7/access-refresh.html
        self.headers: Final[Mapping[str, str]] = CIMultiDict(
            Authorization=f"Zoho-oauthtoken {access_token}"
        )

    def __repr__(self) -> str:
        return f"Token({self.api_url})"


class TokenGrant:
    """The tokens that the token endpoint handed out. Its repr shows none.

    Args:
        access_token: The secret itself.
        lifetime: Seconds it lives, counted from the request.
        api_domain: Scheme and host for its calls; None where the answer named none.
        refresh_token: The token that makes more of it; None where the answer held none.
        scopes: What it may do; empty where the answer does not say.
    """

    __slots__ = ("access_token", "api_domain", "lifetime", "refresh_token", "scopes")

    def __init__(
        self,
        *,
        access_token: str,
        lifetime: float,
        api_domain: str | None,
        refresh_token: str | None = None,
        scopes: tuple[str, ...] = (),
    ) -> None:
        self.access_token: str = access_token
        self.lifetime: float = lifetime
        self.api_domain: str | None = api_domain
        self.refresh_token: str | None = refresh_token
        self.scopes: tuple[str, ...] = scopes

    def __repr__(self) -> str:
        return f"TokenGrant({self.lifetime:g} s, {self.api_domain})"
