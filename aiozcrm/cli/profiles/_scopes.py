"""The OAuth scopes that the commands need, as the resources name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from aiozcrm.resources import Org, UnsubscribeLinks

__all__ = ["NEEDS", "SCOPES", "Need"]


class Need(NamedTuple):
    """What commands do with a resource.

    Attributes:
        noun: The name of the resource, for people.
        scopes: The scopes of the resource, with ``{operation}`` for the operation.
        operations: The operations that commands use.
    """

    noun: str
    scopes: tuple[str, ...]
    operations: tuple[str, ...]

    def wanted(self) -> Iterator[str]:
        """Yield the scopes to ask for."""
        operations = ("ALL",) if self.operations == _EVERY else self.operations
        for scope in self.scopes:
            for operation in operations:
                yield scope.format(operation=operation)

    def missing(self, granted: Collection[str]) -> list[str]:
        """Return the operations that *granted* scopes do not allow."""
        known = {scope.lower() for scope in granted}
        lacking = []
        for operation in self.operations:
            for scope in self.scopes:
                # The scope of the operation, that of all operations, and that of the whole group.
                group = ".".join(scope.split(".")[:2])
                covering = {
                    f"{group}.ALL",
                    *(scope.format(operation=one) for one in ("ALL", operation)),
                }
                if known.isdisjoint(one.lower() for one in covering):
                    lacking.append(operation.lower())
        return lacking


_EVERY: Final = ("READ", "CREATE", "UPDATE", "DELETE")

NEEDS: Final = (
    Need("Links", UnsubscribeLinks.scopes, _EVERY),
    Need("The org", Org.scopes, ("READ",)),
)

#: What a login asks for.
SCOPES: Final = tuple(scope for need in NEEDS for scope in need.wanted())
