"""What an export of an org is going to read, how, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.cli._words import plural
from aiozcrm.cli.records._export_drafts import Draft, Progress
from aiozcrm.cli.records._export_ways import ONLY_IN_FULL, Source, Via, Way
from aiozcrm.cli.runs._plans import Deed
from aiozcrm.cli.runs._results import Target
from aiozcrm.errors import InvalidInputError, InvalidResponseError

__all__ = ["EXPORT", "Export", "Wanted", "plan_export"]

EXPORT: Final = Deed(noun="row", present="export", past="exported")


@attrs.frozen(kw_only=True)
class Wanted:
    """What somebody wants of each org.

    Attributes:
        module: The module.
        names: The fields; empty for all that lists can show.
        condition: Which rows, in COQL; None for all.
        via: How to read; None for the cheapest way.
    """

    module: str
    names: Sequence[str]
    condition: str | None
    via: Via | None


@attrs.frozen(kw_only=True)
class Export:
    """An export of one org, as it is confirmed.

    Attributes:
        source: What is read.
        ways: How, the best way first; the others are for where Zoho does not take it.
        draft: Where it is written.
        progress: What an earlier run has left of it; None for nothing.
        named: Whether somebody named the way.
        credits_left: How many credits the org has left; None if it does not say.
    """

    source: Source
    ways: Sequence[Way]
    draft: Draft
    progress: Progress | None
    named: bool
    credits_left: int | None

    @property
    def rows_left(self) -> int:
        """How many rows are still to be read."""
        return max(self.source.rows - (self.progress.rows if self.progress else 0), 0)

    def summary(self) -> tuple[str, ...]:
        """Return the sentences of the plan."""
        told = self.source.summary(self.ways, place=self.draft.place, named=self.named)
        if self.progress is not None:
            told += (f"Goes on: {self.progress.rows:,} rows are there from a run that was stopped",)
        left = self.credits_left
        if left is not None and left < self.ways[0].credits:
            told += (f"Only {plural(left, 'credit')} left for today: it will not be complete",)
        return told


async def plan_export(zoho: ZohoCRM, target: Target, wanted: Wanted, place: Path) -> Export:
    """Return how an org is exported.

    Args:
        zoho: Its client.
        target: The org.
        wanted: What is wanted.
        place: The file.

    Raises:
        aiozcrm.errors.InvalidInputError: If the module has no such field, or cannot be read so.
        aiozcrm.errors.ZohoError: If a call failed; the class says why.
    """
    records = zoho.records(wanted.module)  # raises if this can be no name
    fields = await _fields_of(zoho, wanted)
    fitting = _count(zoho, wanted.module, wanted.condition) if wanted.condition else None
    rows = await (fitting or records.count())
    source = Source(module=wanted.module, fields=fields, condition=wanted.condition, rows=rows)
    ways = source.chosen(wanted.via)
    columns = [[name, field.get("data_type")] for name, field in fields.items()]
    org = f"{target.profile} {target.data_center} {target.environment}"
    draft = Draft(place=place, key={"org": org, "module": wanted.module, "columns": columns})
    progress = draft.progress() if "bulk-read" in {way.via for way in ways} else None
    return Export(
        source=source,
        ways=ways if progress is None else [source.rest(progress.rows)],
        draft=draft,
        progress=progress,
        named=wanted.via is not None,
        credits_left=zoho.credits_left,
    )


async def _count(zoho: ZohoCRM, module: str, condition: str) -> int:
    """Return how many rows fit."""
    query = f"select COUNT(id) as n from {module} where ({condition})"  # noqa: S608  # checked
    rows = [row.get("n") for row in await zoho.query(query)] or [0]
    if not isinstance(rows[0], int):
        raise InvalidResponseError("The answer to a count holds no number.", status=200, excerpt="")
    return rows[0]


async def _fields_of(zoho: ZohoCRM, wanted: Wanted) -> dict[str, Mapping[str, Any]]:
    found = await zoho.fields(wanted.module).list()
    known = {field["api_name"]: field for field in found if field.get("api_name")}
    if not wanted.names:
        return {
            name: field
            for name, field in known.items()
            if field.get("data_type") not in ONLY_IN_FULL and name != "id"
        }
    for name in wanted.names:
        if name not in known and name != "id":
            raise InvalidInputError(
                f"{wanted.module} has no field {name!r}.",
                hint=f"Give API names: aiozcrm schema {wanted.module} lists them.",
            )
    return {name: known[name] for name in wanted.names if name != "id"}
