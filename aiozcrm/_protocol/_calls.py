"""One value for a call, and one for its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from aiozcrm._protocol._bodies import Body
from aiozcrm._protocol._messages import IDEMPOTENT_METHODS
from aiozcrm.errors import ApiError

__all__ = ["ApiCall", "Base", "Host", "Reply"]

#: What stands before the path: ``crm`` for ``/crm/v7/``, ``bulk`` for ``/crm/bulk/v7/``, nothing
#: for nothing but a slash, or the beginning of a path, such as ``/crm/v8``.
Base: TypeAlias = str

#: Which of Zoho's hosts takes the call: ``api``, ``upload``, ``download``, or scheme and host as an
#: answer names them, which have to be Zoho's.
Host: TypeAlias = str

#: What scopes call that which a method does.
_OPERATIONS: Final = {
    "GET": "READ",
    "POST": "CREATE",
    "PUT": "UPDATE",
    "PATCH": "UPDATE",
    "DELETE": "DELETE",
}

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class ApiCall:
    """One call of the API, before a token and a host are known. It is never changed.

    A plain class with slots, because one is made for every call, and tools that collect errors
    look into attrs classes.

    Args:
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
        check: Is given each success, and raises if it is none in spite of its status, such as an
            error under 200. The call then goes on as after any failure of that kind.
        check_error: Is given each error that an answer stands for, and raises another if it is
            no account of what was asked, such as a list that is cut short.
        raw: Whether a success may have any body, so that it is not decoded.
        alike: Whether :class:`AlikeItems` may stand for the list of items in its answer.
        scopes: The OAuth scopes that it needs, where that is known; ``{operation}`` stands for
            what its method does.
    """

    __slots__ = (
        "alike",
        "base",
        "body",
        "check",
        "check_error",
        "headers",
        "heavy",
        "host",
        "method",
        "path",
        "query",
        "raw",
        "repeatable",
        "scopes",
        "timeout",
    )

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] = _NOTHING,
        body: Body | None = None,
        headers: Mapping[str, str] = _NOTHING,
        base: Base = "crm",
        host: Host = "api",
        repeatable: bool | None = None,
        heavy: bool = False,
        timeout: float | None = None,
        check: Callable[[Reply], object] | None = None,
        check_error: Callable[[ApiError], object] | None = None,
        raw: bool = False,
        alike: bool = False,
        scopes: Sequence[str] = (),
    ) -> None:
        self.method: Final = method
        self.path: Final = path
        self.query: Final = query
        self.body: Final = body
        self.headers: Final = headers
        self.base: Final = base
        self.host: Final = host
        self.repeatable: Final = repeatable
        self.heavy: Final = heavy
        self.timeout: Final = timeout
        self.check: Final = check
        self.check_error: Final = check_error
        self.raw: Final = raw
        self.alike: Final = alike
        self.scopes: Final = scopes

    def __repr__(self) -> str:
        return f"ApiCall({self.method} {self.path})"

    def replace(self, **changes: Any) -> ApiCall:
        """Return the same call with some of its facts changed, such as the query of a next page."""
        return ApiCall(**{name: getattr(self, name) for name in self.__slots__} | changes)

    @property
    def needed_scopes(self) -> tuple[str, ...]:
        """The OAuth scopes that it needs, with its operation; empty where that is not known."""
        operation = _OPERATIONS.get(self.method, "ALL")
        return tuple(scope.format(operation=operation) for scope in self.scopes)

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again after a send that may have taken effect."""
        if self.repeatable is None:
            return self.method in IDEMPOTENT_METHODS
        return self.repeatable


class Reply:
    """What a call came to: a success as far as the HTTP status tells. It is never changed.

    Args:
        status: The HTTP status.
        headers: The headers, looked up without regard to case.
        data: The decoded body; None where there is none. Its bytes, if the call is raw.
        attempts: How many times the call was sent.
        url: Where it was sent, without the query.
        maybe_done: Whether an earlier send of the call may have taken effect.
    """

    __slots__ = ("attempts", "data", "headers", "maybe_done", "status", "url")

    def __init__(  # noqa: PLR0917  # made for every call
        self,
        status: int,
        headers: Mapping[str, str],
        data: Any,
        attempts: int,
        url: str = "",
        maybe_done: bool = False,
    ) -> None:
        self.status: Final = status
        self.headers: Final = headers
        self.data: Final = data
        self.attempts: Final = attempts
        self.url: Final = url
        self.maybe_done: Final = maybe_done

    def __repr__(self) -> str:
        return f"Reply({self.status}, sent {self.attempts} times)"
