"""The OAuth scopes that the commands need, as the client knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, NamedTuple

from aiozcrm import ZohoCRM

__all__ = ["FOR_ALL", "NEEDS", "RECORD_COMMANDS", "RECORD_SCOPES", "SCOPES", "Need", "lacking"]

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
        return [
            operation.lower()
            for operation in self.operations
            if lacking(ZohoCRM.scopes_for(self.attribute, operation=operation), granted)
        ]


def lacking(scopes: Iterable[str], granted: Iterable[str]) -> list[str]:
    """Return those of *scopes* that *granted* ones do not cover."""
    known = {scope.lower() for scope in granted}
    return [scope for scope in scopes if known.isdisjoint(_covering(scope))]


def _covering(scope: str) -> tuple[str, ...]:
    """Return what covers a scope: itself, that of all operations, and that of the whole group."""
    family, _, _ = scope.lower().rpartition(".")
    group = ".".join(family.split(".")[:2])
    return (scope.lower(), f"{family}.all", f"{group}.all")


NEEDS: Final = (
    Need("Links", "unsubscribe_links", ("READ", "CREATE", "UPDATE", "DELETE")),
    Need("The org", "org", ("READ",)),
)

#: What a login asks for, which is what links commands need.
SCOPES: Final = (
    *ZohoCRM.scopes_for("unsubscribe_links"),
    *ZohoCRM.scopes_for("org", operation="READ"),
)

_OF_RECORDS: Final = (*ZohoCRM.scopes_for("records"), "ZohoCRM.org.READ")

#: What commands for the records of any module need.
RECORD_SCOPES: Final = (
    *_OF_RECORDS,
    *lacking(
        ZohoCRM.scopes_for("modules", "fields", "query", "bulk_read", operation="READ"),
        _OF_RECORDS,
    ),
)

#: Those commands, and what a login has to be told to ask for all that commands need.
RECORD_COMMANDS: Final = "records, sync, export, schema and query commands"
FOR_ALL: Final = "unsubscribe_links,org,records,modules,fields,query,bulk_read"
