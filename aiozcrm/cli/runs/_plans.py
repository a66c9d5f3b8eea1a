"""What a run is going to do to each org. No input, no output."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from aiozcrm.cli.runs._results import Assignment, Failure, Result, Subject, Target, TargetReport

__all__ = ["Fate", "OrgPlan", "PlannedItem"]

#: ``goes``: it is to be deleted. ``stays``: it is protected. ``unknown``: it is not in the org.
Fate = Literal["goes", "stays", "unknown"]


@attrs.frozen(kw_only=True)
class PlannedItem:
    """What is going to happen to one item.

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
    """What is going to happen to the items of one org.

    Attributes:
        target: The org.
        named: The ids that somebody has named.
        items: What there is, and what was named; none if the org could not be read.
        failure: Why it could not be read; None if it could.
    """

    target: Target
    named: tuple[str, ...] = ()
    items: tuple[PlannedItem, ...] = ()
    failure: Failure | None = None

    @property
    def going(self) -> tuple[PlannedItem, ...]:
        """The items that are to be deleted."""
        return tuple(item for item in self.items if item.fate == "goes")

    def assignment(self) -> Assignment:
        """Return what has to be accounted for: what goes, and what was named and does not."""
        named = frozenset(self.named)
        items = (item for item in self.items if item.fate == "goes" or item.id in named)
        subjects = (Subject(id=item.id, name=item.name) for item in items)
        return Assignment(target=self.target, subjects=tuple(subjects))

    def settled(self) -> tuple[Result, ...]:
        """Return what became of the ids that were named and need no call."""
        named = frozenset(self.named)
        return tuple(
            Result(
                profile=self.target.profile,
                id=item.id,
                name=item.name,
                status="not_found" if item.fate == "unknown" else "protected",
                error=item.reason,
            )
            for item in self.items
            if item.fate != "goes" and item.id in named
        )

    def report_on_failure(self, failure: Failure) -> TargetReport:
        """Return what became of an org that could not be read."""
        profile = self.target.profile
        left = (
            Result.not_attempted(Subject(id=item_id), failure, profile=profile)
            for item_id in self.named
        )
        return TargetReport(target=self.target, results=tuple(left), failure=failure)
