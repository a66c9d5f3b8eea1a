"""What a clean-up is going to do to an org. No input, no output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, Literal

import attrs

from aiozcrm.cli._results import Assignment, Failure, Result, Subject, Target, TargetReport
from aiozcrm.cli._words import listed
from aiozcrm.resources import Place, UnsubscribeLink

__all__ = ["Criteria", "Fate", "Inventory", "OrgPlan", "PlannedLink", "plan_named", "plan_unused"]

#: ``goes``: it is to be deleted. ``stays``: it is protected. ``unknown``: it is not in the org.
Fate = Literal["goes", "stays", "unknown"]

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
class PlannedLink:
    """What is going to happen to one link.

    Attributes:
        id: Its id.
        name: What it is called; None if it is not in the org.
        created_time: When it was made; None where that is not known.
        fate: What happens.
        reason: Why it stays, or what speaks against deleting it; empty for nothing.
    """

    id: str
    name: str | None = None
    created_time: datetime | None = None
    fate: Fate
    reason: str = ""


@attrs.frozen(kw_only=True)
class OrgPlan:
    """What is going to happen to the links of one org.

    Attributes:
        target: The org.
        named: The ids that somebody has named.
        links: The links; none if the org could not be read.
        failure: Why it could not be read; None if it could.
    """

    target: Target
    named: tuple[str, ...] = ()
    links: tuple[PlannedLink, ...] = ()
    failure: Failure | None = None

    @property
    def going(self) -> tuple[PlannedLink, ...]:
        """The links that are to be deleted."""
        return tuple(link for link in self.links if link.fate == "goes")

    def assignment(self) -> Assignment:
        """Return what has to be accounted for: what goes, and what was named and does not."""
        named = frozenset(self.named)
        links = (link for link in self.links if link.fate == "goes" or link.id in named)
        subjects = (Subject(id=link.id, name=link.name) for link in links)
        return Assignment(target=self.target, subjects=tuple(subjects))

    def settled(self) -> tuple[Result, ...]:
        """Return what became of the ids that were named and need no call."""
        named = frozenset(self.named)
        return tuple(
            Result(
                profile=self.target.profile,
                id=link.id,
                name=link.name,
                status="not_found" if link.fate == "unknown" else "protected",
                error=link.reason,
            )
            for link in self.links
            if link.fate != "goes" and link.id in named
        )

    def report_on_failure(self, failure: Failure) -> TargetReport:
        """Return what became of an org that could not be read."""
        profile = self.target.profile
        left = (
            Result.not_attempted(Subject(id=link_id), failure, profile=profile)
            for link_id in self.named
        )
        return TargetReport(target=self.target, results=tuple(left), failure=failure)


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

    def plan(link_id: str) -> PlannedLink:
        link = links.get(link_id)
        if link is None:
            return PlannedLink(id=link_id, fate="unknown", reason="not in this org")
        used = _use_of(link, inventory)
        if link.is_default or (used and protect_used):
            return _planned(link, "stays", _PROTECTED_BY_ZOHO if link.is_default else used)
        return _planned(link, "goes", f"although {used}" if used else "")

    return OrgPlan(target=inventory.target, links=tuple(map(plan, ids)))


def plan_unused(inventory: Inventory, criteria: Criteria) -> OrgPlan:
    """Return what happens when the links are to be deleted that nothing uses."""

    def plan(link: UnsubscribeLink) -> PlannedLink:
        reason = _PROTECTED_BY_ZOHO if link.is_default else _use_of(link, inventory)
        reason = reason or criteria.objection(link)
        return _planned(link, "stays" if reason else "goes", reason)

    return OrgPlan(target=inventory.target, links=tuple(map(plan, inventory.links)))


def _use_of(link: UnsubscribeLink, inventory: Inventory) -> str:
    places = inventory.places.get(link.id)
    return f"used by {listed(map(str, places))}" if places else ""


def _planned(link: UnsubscribeLink, fate: Fate, reason: str) -> PlannedLink:
    return PlannedLink(
        id=link.id,
        name=link.name,
        created_time=link.created_time,
        fate=fate,
        reason=reason,
    )
