"""The calls of the API that the fake knows: what a resource offers, and how a path finds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import attrs

from aiozcrm.testing._answers import Answer

__all__ = ["API_ACCESS", "API_ROOT", "Call", "Operation", "Operations", "Resource"]

API_ROOT: Final = "/crm/v7/"

# The permission that every call needs.
API_ACCESS: Final = "Crm_Implied_Api_Access"

_ID: Final = "{id}"


@attrs.frozen
class Call:
    """An API call that passed every check that all calls share.

    Attributes:
        ids: The ids in the path, in their order.
        body: The request's body.
    """

    ids: tuple[str, ...]
    body: bytes


@attrs.frozen(kw_only=True)
class Operation:
    """One method of one path.

    Attributes:
        run: Does it; may raise `RefusalError`.
        scopes: OAuth scopes of which the token needs one; the first is the one to ask for.
        permission: What the user's profile must allow, as Zoho calls it.
    """

    run: Callable[[Call], Answer]
    scopes: tuple[str, ...]
    permission: str


class Resource(Protocol):
    """One page of the API reference."""

    def operations(self) -> Mapping[str, Mapping[str, Operation]]:
        """Return what it offers: path below ``/crm/v7/``, then method.

        An id in a path is written ``{id}``.
        """
        ...


class Operations:
    """All operations of all resources.

    Args:
        resources: Where they come from.
    """

    def __init__(self, *resources: Resource) -> None:
        self._by_path: dict[str, Mapping[str, Operation]] = {}
        for resource in resources:
            self._by_path.update(resource.operations())

    def find(self, path: str) -> tuple[Mapping[str, Operation], tuple[str, ...]]:
        """Return the operations of *path*, by method, and the ids in it.

        Nothing but digits is an id, so a path with anything else in its place has no operations.
        """
        segments = path.split("/")
        ids = tuple(segment for segment in segments if _is_id(segment))
        pattern = "/".join(_ID if _is_id(segment) else segment for segment in segments)
        return self._by_path.get(pattern, {}), ids


def _is_id(segment: str) -> bool:
    return segment.isascii() and segment.isdigit()
