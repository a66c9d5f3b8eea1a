"""What a clean-up is going to do to the links of an org."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.batch import OnOutcome
from aiozcrm.cli._words import listed
from aiozcrm.cli.runs._plans import Fate, OrgPlan, PlannedItem, Verb
from aiozcrm.cli.runs._results import Target
from aiozcrm.resources import Place, UnsubscribeLink

__all__ = [
    "DELETE",
    "JOURNALS",
    "PROTECT_USED",
    "Criteria",
    "Inventory",
    "plan_named",
    "plan_unused",
]

#: The commands that can resume each other's runs.
JOURNALS: Final = ("links clean", "links delete")

#: What the journal of a run calls the setting.
PROTECT_USED: Final = "protect_used"

_PROTECTED_BY_ZOHO: Final = "the Default link, which Zoho keeps"


async def _delete(
    zoho: ZohoCRM,
    _target: Target,
    ids: Iterator[str],
    settings: Mapping[str, Any],
    concurrency: int,
    on_outcome: OnOutcome,
) -> None:
    await zoho.delete_unsubscribe_links(
        ids,
        protect_used=bool(settings.get(PROTECT_USED)),
        concurrency=concurrency,
        on_outcome=on_outcome,
    )


#: What a clean-up does to each link.
DELETE: Final = Verb(noun="link", present="delete", past="deleted", act=_delete)


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

    @classmethod
    async def read(cls, zoho: ZohoCRM, target: Target) -> Inventory:
        """Read what there is.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        links = await zoho.unsubscribe_links.list()
        # Read afterwards, so that a link that was put to use meanwhile counts as used.
        associations = await zoho.unsubscribe_links.associations()
        places = {found.id: found.places for found in associations}
        return cls(target=target, links=tuple(links), places=places)


@attrs.frozen(kw_only=True)
class Criteria:
    """Which of the unused links are meant; None for all.

    Attributes:
        created_before: The link was created before this moment.
        name: A shell pattern for the name; case does not matter.
        created_by: The name or the id of the user that created it; case does not matter.
    """

    created_before: datetime | None = None
    name: str | None = None
    created_by: str | None = None

    def objection(self, link: UnsubscribeLink) -> str:
        """Return why *link* is not meant; nothing if it is."""
        if self.created_before is not None:
            if link.created_time is None:
                return "Zoho does not say when it was created"
            if link.created_time >= self.created_before:
                return f"not created before {self.created_before:%Y-%m-%d %H:%M %Z}"
        if self.name is not None and not fnmatchcase(link.name.casefold(), self.name.casefold()):
            return "the name does not match"
        if self.created_by is not None:
            user = link.created_by
            known = {text.casefold() for text in (user.id, user.name) if text} if user else ()
            if self.created_by.casefold() not in known:
                return "created by somebody else"
        return ""


def plan_named(inventory: Inventory, ids: Sequence[str], *, protect_used: bool) -> OrgPlan:
    """Return what happens when the links of these ids are to be deleted."""
    links = {link.id: link for link in inventory.links}

    def plan(link: UnsubscribeLink) -> PlannedItem:
        used = _use_of(link, inventory)
        if link.is_default:
            return _planned(link, "stays", _PROTECTED_BY_ZOHO)
        if used and protect_used:
            return _planned(link, "stays", used)
        return _planned(link, "goes", f"although {used}" if used else "")

    return OrgPlan(
        target=inventory.target,
        named=tuple(ids),
        items=tuple(plan(links[link_id]) for link_id in ids if link_id in links),
    )


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
