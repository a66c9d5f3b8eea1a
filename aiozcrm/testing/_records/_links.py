"""Which records are linked with which, where a related list is many to many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Links", "is_many_to_many"]

#: Source: https://www.zoho.com/crm/developer/docs/api/v7/update-related-records.html
_MANY_TO_MANY: Final = frozenset(
    map(
        frozenset,
        [
            ("Campaigns", "Leads"),
            ("Campaigns", "Contacts"),
            ("Products", "Leads"),
            ("Products", "Accounts"),
            ("Products", "Contacts"),
            ("Products", "Deals"),
            ("Products", "Price_Books"),
            # By the name of Contact_Roles.
            ("Deals", "Contact_Roles"),
        ],
    )
)


def is_many_to_many(module: str, related: str) -> bool:
    """Return whether records of a module are linked with those of a related list."""
    return frozenset({module, related}) in _MANY_TO_MANY


class Links:
    """The links of an org. Each can be seen from both of its ends."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def of(self, record_id: str, related: str) -> Mapping[str, dict[str, Any]]:
        """Return what a record is linked with in a related list: ids, and what each link has."""
        return self._of.get((record_id, related), {})

    def put(self, record_id: str, module: str, other_id: str, related: str, values: Any) -> None:
        """Link two records, or change their link.

        Args:
            record_id: The one.
            module: Its module.
            other_id: The other.
            related: The related list of the one that shows the other.
            values: What to set of the link.
        """
        ours = self._of.setdefault((record_id, related), {})
        link = ours.setdefault(other_id, {})
        link.update(values)
        self._of.setdefault((other_id, module), {})[record_id] = link

    def remove(self, record_id: str, module: str, other_id: str, related: str) -> bool:
        """Unlink two records; return whether they were linked."""
        found = self._of.get((record_id, related), {}).pop(other_id, None)
        self._of.get((other_id, module), {}).pop(record_id, None)
        return found is not None

    def move(self, record_id: str, to: str) -> None:
        """Let another record have all links of one."""
        for (own, related), links in list(self._of.items()):
            if own == record_id:
                self._of.setdefault((to, related), {}).update(links)
                del self._of[own, related]
            elif record_id in links:
                links[to] = links.pop(record_id)
