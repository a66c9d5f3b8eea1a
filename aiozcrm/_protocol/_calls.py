"""One value for a call, and one for its answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import attrs

from aiozcrm._protocol._bodies import Body
from aiozcrm._protocol._messages import IDEMPOTENT_METHODS

__all__ = ["ApiCall", "Base", "Host", "Reply"]

#: What stands before the path: ``/crm/v7/``, ``/crm/bulk/v7/``, or nothing but a slash.
Base: TypeAlias = Literal["crm", "bulk", ""]

#: Which of Zoho's hosts takes the call.
Host: TypeAlias = Literal["api", "upload", "download"]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@attrs.frozen(eq=False)
class ApiCall:
    """One call of the API, before a token and a host are known.

    Attributes:
        method: Such as ``DELETE``.
        path: What stands behind the base, percent-encoded, without a slash in front.
        query: Values by name, as :func:`encode_query` takes them.
        body: What it carries.
        headers: What it sends besides its token and the type of its body.
        base: What stands before the path.
        host: Which host takes it.
        repeatable: Whether a second send does no more than the first; None if the method tells.
        heavy: Whether it is one of those of which Zoho allows only 10 at once.
        timeout: How many seconds it may take altogether; None for the client's setting.
    """

    method: str
    path: str
    query: Mapping[str, Any] = attrs.field(default=_NOTHING, kw_only=True)
    body: Body | None = attrs.field(default=None, kw_only=True)
    headers: Mapping[str, str] = attrs.field(default=_NOTHING, kw_only=True, repr=False)
    base: Base = attrs.field(default="crm", kw_only=True)
    host: Host = attrs.field(default="api", kw_only=True)
    repeatable: bool | None = attrs.field(default=None, kw_only=True)
    heavy: bool = attrs.field(default=False, kw_only=True)
    timeout: float | None = attrs.field(default=None, kw_only=True)

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again after a send that may have taken effect."""
        if self.repeatable is None:
            return self.method in IDEMPOTENT_METHODS
        return self.repeatable


@attrs.frozen(eq=False)
class Reply:
    """What a call came to: a success as far as the HTTP status tells.

    Attributes:
        status: The HTTP status.
        headers: The headers, looked up without regard to case.
        data: The decoded body; None where there is none.
        attempts: How many times the call was sent.
        url: Where it was sent, without the query.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    data: Any = attrs.field(repr=False)
    attempts: int
    url: str = ""
