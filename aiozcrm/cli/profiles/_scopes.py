"""The OAuth scopes that the commands need, as the client knows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

from aiozcrm import ZohoCRM

__all__ = ["NEEDS", "SCOPES", "Need"]

_Operation = Literal["READ", "CREATE", "UPDATE", "DELETE"]


class Need(NamedTuple):
    """What commands do with an attribute of the client.

    Attributes:
        noun: What it is called for people.
        attribute: The attribute.
        operations: The operations that commands use.
    """

    noun: str
    attribute: str
    operations: tuple[_Operation, ...]

    def missing(self, granted: Collection[str]) -> list[str]:
        """Return the operations that *granted* scopes do not allow."""
        known = {scope.lower() for scope in granted}
        lacking = []
        for operation in self.operations:
            for scope in ZohoCRM.scopes_for(self.attribute, operation=operation):
                # So do the scope of all operations, and that of the whole group.
                family = scope.removesuffix(operation)
                group = ".".join(scope.split(".")[:2])
                covering = (scope, f"{family}ALL", f"{group}.ALL")
                if known.isdisjoint(one.lower() for one in covering):
                    lacking.append(operation.lower())
        return lacking


NEEDS: Final = (
    Need("Links", "unsubscribe_links", ("READ", "CREATE", "UPDATE", "DELETE")),
    Need("The org", "org", ("READ",)),
)

#: What a login asks for.
SCOPES: Final = (
    *ZohoCRM.scopes_for("unsubscribe_links"),
    *ZohoCRM.scopes_for("org", operation="READ"),
)
