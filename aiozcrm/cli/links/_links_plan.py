"""What a clean-up is going to do to an org. No input, no output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

import attrs

from aiozcrm.cli._words import listed
from aiozcrm.cli.runs._plans import Fate, OrgPlan, PlannedItem
from aiozcrm.cli.runs._results import Target
from aiozcrm.resources import Place, UnsubscribeLink

__all__ = ["Criteria", "Inventory", "plan_named", "plan_unused"]

_PROTECTED_BY_ZOHO: Final = "the Default link, which Zoho keeps"


@attrs.frozen(kw_only=True)
class Inventory:
    """What there is in an org.

    Attributes:
        target: The org.
        links: All its links.
        places: Where links are used, by id.
    """

    target: Target
    links: tuple[UnsubscribeLink, ...]
    places: Mapping[str, tuple[Place, ...]]


@attrs.frozen(kw_only=True)
class Criteria:
    """Which of the unused links are meant; None for all.

    Attributes:
        created_before: When it was created at the latest.
        name: A shell pattern for the name; case does not matter.
        created_by: The name or the id of who created it; case does not matter.
    """

    created_before: datetime | None = None
    name: str | None = None
    created_by: str | None = None

    def objection(self, link: UnsubscribeLink) -> str:
        """Return why *link* is not meant; nothing if it is."""
        return self._too_young(link) or self._other_name(link) or self._other_creator(link)

    def _too_young(self, link: UnsubscribeLink) -> str:
        if self.created_before is None:
            return ""
        if link.created_time is None:
            return "nobody knows when it was created"
        young = link.created_time >= self.created_before
        return f"not created before {self.created_before:%Y-%m-%d %H:%M %Z}" if young else ""

    def _other_name(self, link: UnsubscribeLink) -> str:
        if self.name is None or fnmatchcase(link.name.casefold(), self.name.casefold()):
            return ""
        return "the name does not match"

    def _other_creator(self, link: UnsubscribeLink) -> str:
        if self.created_by is None:
            return ""
        creator = link.created_by
        known = {text.casefold() for text in (creator.id, creator.name) if text} if creator else ()
        return "" if self.created_by.casefold() in known else "created by somebody else"


def plan_named(inventory: Inventory, ids: Iterable[str], *, protect_used: bool) -> OrgPlan:
    """Return what happens when the links of these ids are to be deleted."""
    links = {link.id: link for link in inventory.links}

    def plan(link_id: str) -> PlannedItem:
        link = links.get(link_id)
        if link is None:
            return PlannedItem(id=link_id, fate="unknown", reason="not in this org")
        used = _use_of(link, inventory)
        if link.is_default or (used and protect_used):
            return _planned(link, "stays", _PROTECTED_BY_ZOHO if link.is_default else used)
        return _planned(link, "goes", f"although {used}" if used else "")

    return OrgPlan(target=inventory.target, items=tuple(map(plan, ids)))


def plan_unused(inventory: Inventory, criteria: Criteria) -> OrgPlan:
    """Return what happens when the links are to be deleted that nothing uses."""

    def plan(link: UnsubscribeLink) -> PlannedItem:
        reason = _PROTECTED_BY_ZOHO if link.is_default else _use_of(link, inventory)
        reason = reason or criteria.objection(link)
        return _planned(link, "stays" if reason else "goes", reason)

    return OrgPlan(target=inventory.target, items=tuple(map(plan, inventory.links)))


def _use_of(link: UnsubscribeLink, inventory: Inventory) -> str:
    places = inventory.places.get(link.id)
    return f"used by {listed(map(str, places))}" if places else ""


def _planned(link: UnsubscribeLink, fate: Fate, reason: str) -> PlannedItem:
    return PlannedItem(
        id=link.id,
        name=link.name,
        created_time=link.created_time,
        fate=fate,
        reason=reason,
    )
