"""What a run is going to do to each org."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.batch import OnOutcome
from aiozcrm.cli.runs._results import Assignment, Failure, Result, Subject, Target, TargetReport

__all__ = ["Deed", "Fate", "OrgPlan", "PlannedItem", "Verb"]

#: ``goes``: it is to be worked on. ``stays``: it is left as it is.
Fate = Literal["goes", "stays"]

_UNKNOWN: Final = "not in this org"


#: Works on the ids in an org, as many at once as the number says, and tells each outcome. The
#: mapping holds what was chosen when the run was confirmed.
Act = Callable[
    [ZohoCRM, Target, Iterator[str], Mapping[str, Any], int, OnOutcome], Awaitable[object]
]


def _always(_settings: Mapping[str, Any], _item: str) -> bool:
    return True


@attrs.frozen(kw_only=True)
class Deed:
    """What is done to each of many items, in words.

    Attributes:
        noun: What an item is called.
        present: What is done, such as ``delete``.
        past: What was done, such as ``deleted``.
    """

    noun: str
    present: str
    past: str


@attrs.frozen(kw_only=True)
class Verb(Deed):
    """What a run does to each of its items.

    Attributes:
        act: Does it.
        counted: What a report calls an item.
        saves: Whether it saves each item before, in a backup that the run makes.
        may_repeat: Returns whether an item, which an earlier run may have done, can be sent once
            more without doing it twice, given what was chosen when the run was confirmed.
    """

    act: Act
    counted: str = "id"
    saves: bool = False
    may_repeat: Callable[[Mapping[str, Any], str], bool] = _always


@attrs.frozen(kw_only=True)
class PlannedItem:
    """What is going to happen to one item of an org.

    Attributes:
        id: Its id.
        name: Its name.
        created_time: When it was made; None where that is not known.
        fate: What happens.
        reason: Why it stays, or what speaks against working on it; empty for nothing.
    """

    id: str
    name: str
    created_time: datetime | None = None
    fate: Fate
    reason: str = ""


@attrs.frozen(kw_only=True)
class OrgPlan:
    """What is going to happen to the items of one org.

    Attributes:
        target: The org.
        named: The ids that somebody has named, each of which is accounted for.
        items: The items of the org: those that were named, or all. Empty if it could not be read.
        failure: Why the org could not be read; None if it could.
        summary: Sentences to show above the items.
        shown: How many of the items to show; None for all.
    """

    target: Target
    named: tuple[str, ...] = ()
    items: tuple[PlannedItem, ...] = ()
    failure: Failure | None = None
    summary: tuple[str, ...] = ()
    shown: int | None = None

    @property
    def going(self) -> list[PlannedItem]:
        """The items that are to be worked on."""
        return [item for item in self.items if item.fate == "goes"]

    @property
    def unknown(self) -> list[str]:
        """The ids that were named and are not in the org."""
        known = {item.id for item in self.items}
        return [] if self.failure else [one for one in self.named if one not in known]

    def assignment(self) -> Assignment:
        """Return what has to be accounted for: what goes, and what was named and does not."""
        names = {item.id: item.name for item in self.items}
        ids = self.named or [item.id for item in self.going]
        return Assignment(
            target=self.target,
            subjects=tuple(Subject(id=one, name=names.get(one)) for one in ids),
        )

    def settled(self) -> Iterator[Result]:
        """Yield the results of the ids that were named and need no call."""
        items = {item.id: item for item in self.items}
        for one in self.named:
            item = items.get(one)
            if item is None or item.fate != "goes":
                yield Result(
                    profile=self.target.profile,
                    id=one,
                    name=item.name if item else None,
                    status="protected" if item else "not_found",
                    kind="kept",
                    error=item.reason if item else _UNKNOWN,
                )

    def report_on_failure(self, failure: Failure) -> TargetReport:
        """Return the report on an org that could not be read."""
        profile = self.target.profile
        left = (
            Result.not_attempted(Subject(id=one), failure, profile=profile) for one in self.named
        )
        return TargetReport(target=self.target, results=tuple(left), failure=failure)
