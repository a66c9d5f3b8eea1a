"""What a request carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias
from urllib.parse import urlencode

from aiozcrm._protocol._json import json_bytes

__all__ = ["Body", "Json", "PlainForm", "RunBlocking"]

#: Runs a function that blocks and returns its result, as ``asyncio.to_thread`` does.
RunBlocking: TypeAlias = Callable[..., Awaitable[Any]]


class Body(Protocol):
    """What a request carries."""

    @property
    def content_type(self) -> str:
        """The media type."""

    @property
    def length(self) -> int | None:
        """How many bytes it has; None where that is only known at its end."""

    @property
    def repeatable(self) -> bool:
        """Whether it can be read, and so sent, more than once."""

    def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Args:
            run: Runs what blocks, such as ``asyncio.to_thread``.
        """


class Json:
    """A JSON value. It is encoded when it is made, so that nothing is sent if it cannot be.

    Besides what JSON knows, a value may hold dates, aware datetimes, Decimals, UUIDs, mappings,
    members of an Enum, and whole numbers of other libraries (anything with ``__index__``).

    Args:
        value: The value.

    Attributes:
        value: What was given.
        content: The encoded bytes.

    Raises:
        TypeError: If it holds something else, such as a set.
        ValueError: If it holds NaN, an infinity, a datetime without an offset, or itself.
    """

    __slots__ = ("content", "value")

    content_type: ClassVar[str] = "application/json"
    repeatable: ClassVar[bool] = True

    def __init__(self, value: Any) -> None:
        self.value = value
        self.content = json_bytes(value)

    @classmethod
    def encoded(cls, content: bytes) -> Json:
        """Return a value that is encoded already, such as rows that were encoded one by one."""
        json = cls.__new__(cls)
        json.value = None
        json.content = content
        return json

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.content)} bytes)"

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    async def chunks(self, run: RunBlocking) -> AsyncIterator[bytes]:  # noqa: ARG002  # see Body
        """Yield the bytes, in one piece."""
        yield self.content


class PlainForm(Json):
    """Texts by name, as a plain form of a page sends them.

    Args:
        value: The texts.
    """

    __slots__ = ()

    content_type: ClassVar[str] = "application/x-www-form-urlencoded"

    def __init__(self, value: Mapping[str, str]) -> None:
        self.value = None
        self.content = urlencode(value).encode()
