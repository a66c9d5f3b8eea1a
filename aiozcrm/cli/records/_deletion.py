"""The deletion of records: each is read whole and saved before it is deleted."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import math
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import attrs
import typer

from aiozcrm import Outcome, ZohoCRM
from aiozcrm.batch import OnOutcome
from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import name_of
from aiozcrm.cli.records._query_values import rows_of_query
from aiozcrm.cli.records._rows import Row
from aiozcrm.cli.runs._backup import BACKUP, Backup
from aiozcrm.cli.runs._plans import OrgPlan, PlannedItem, Verb
from aiozcrm.cli.runs._results import Target
from aiozcrm.errors import NotFoundError, PermissionDeniedError, ScopeError, ZohoError
from aiozcrm.resources.records import ListQuery, every_record

__all__ = ["DELETE", "JOURNALS", "DeletionOptions", "plan_named", "plan_selected"]

#: The commands that can resume each other's runs.
JOURNALS: Final = ("records clean", "records delete")

#: How many records are read, saved and deleted together, which is how many Zoho deletes in a call.
_IDS_A_CALL: Final = 100

#: How many records of a selection a plan shows.
_EXAMPLES: Final = 20

_GONE: Final = "It is not in this org any more."
_CHANGED: Final = "It has changed since the plan was made, and the condition no longer selects it."


@attrs.frozen(kw_only=True)
class DeletionOptions:
    """The options of commands that delete records.

    Attributes:
        backup: Where the records are saved; None for a file beside the journal.
        trigger: Whether workflows run; None for what Zoho does by default, which is to run them.
    """

    backup: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Save the records as JSON Lines in this new file instead of one beside the "
            "journal.",
            show_default=False,
            callback=expanded,
        ),
    ] = None
    trigger: Annotated[
        Literal["workflow", "none"] | None,
        typer.Option(help="Whether workflows run, as they do by default.", show_default=False),
    ] = None

    def settings(self, module: str | None, **others: Any) -> Mapping[str, Any]:
        """Return what the journal keeps of a deletion, which is all that a resumed run has."""
        runs_workflows = None if self.trigger is None else self.trigger != "none"
        return {"module": module, "wf_trigger": runs_workflows, **others}


async def plan_named(
    settings: Mapping[str, Any], zoho: ZohoCRM, target: Target, ids: Sequence[str]
) -> OrgPlan:
    """Return what happens in an org when the records of these ids are to be deleted."""
    items: list[PlannedItem] = []
    records = zoho.records(settings["module"])
    for start in range(0, len(ids), _IDS_A_CALL):
        chunk = ids[start : start + _IDS_A_CALL]
        query: ListQuery = {**every_record(records.module), "ids": chunk}
        read = await records.list(**query)
        items += _planned(sorted(read, key=lambda one: chunk.index(one["id"])))
    return OrgPlan(
        target=target,
        named=tuple(ids),
        items=tuple(items),
        summary=_summary(settings, len(items)),
    )


async def plan_selected(
    settings: Mapping[str, Any], zoho: ZohoCRM, target: Target, _ids: Sequence[str]
) -> OrgPlan:
    """Return what happens in an org when the records are to be deleted that fit a condition.

    Raises:
        aiozcrm.errors.InvalidInputError: If the condition is none.
        aiozcrm.errors.ZohoError: If a call failed; the class says why.
    """
    module, where = settings["module"], settings["where"]
    zoho.records(module)  # raises if this can be no name
    # Brackets that only fit those around it would be another condition than the one that is given.
    rows_of_query(zoho, f"select id from {module} where {where}", settings["values"])  # noqa: S608
    # Before anything is sent, it is known that this can be.
    _select(zoho, settings, "id")
    columns = ", ".join(["id", *await _name_field(zoho, module)])
    items = _planned([row async for row in _select(zoho, settings, columns)])
    return OrgPlan(
        target=target,
        items=tuple(items),
        summary=_summary(settings, len(items)),
        shown=_EXAMPLES,
    )


def _select(
    zoho: ZohoCRM, settings: Mapping[str, Any], columns: str, further: str = ""
) -> AsyncIterator[Row]:
    """Return the rows that the condition selects, all of them."""
    statement = f"select {columns} from {settings['module']} where ({settings['where']}){further}"  # noqa: S608
    return rows_of_query(zoho, statement, settings["values"])


async def _name_field(zoho: ZohoCRM, module: str) -> list[str]:
    """Return the field that tells what a record is called; none if that is not known."""
    # Without names, a plan is poorer, but it is one.
    with contextlib.suppress(ScopeError, PermissionDeniedError):
        fields = await zoho.fields(module).list()
        texts = (
            field["api_name"]
            for field in fields
            if field["data_type"] == "text" and field.get("visible", True)
        )
        return [best] if (best := name_of({name: name for name in texts})) else []
    return []


def _planned(records: Sequence[Row]) -> list[PlannedItem]:
    return [PlannedItem(id=record["id"], name=name_of(record), fate="goes") for record in records]


def _summary(settings: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """Return what is told of a deletion above its records."""
    selected = "where" in settings
    chunks = math.ceil(count / _IDS_A_CALL)
    credits_ = count + chunks * (2 if selected else 1)
    condition = [f"Condition: {settings['where']}"] if selected else []
    condition += [
        f"{{{name}}}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in settings.get("values", {}).items()
    ]
    return (
        f"Module: {settings['module']}",
        *condition,
        f"Rows: {count:,}",
        f"Triggers: {'none' if settings['wf_trigger'] is False else 'workflows of deletions'}",
        f"Credits: about {credits_:,} (one to read each record, to save it)",
    )


async def _delete(  # noqa: PLR0917  # what every act of a run takes
    zoho: ZohoCRM,
    target: Target,
    ids: Iterator[str],
    settings: Mapping[str, Any],
    concurrency: int,
    on_outcome: OnOutcome,
) -> None:
    with Backup.reopen(Path(settings[BACKUP])) as backup:
        while chunk := list(itertools.islice(ids, _IDS_A_CALL)):
            try:
                going, staying = await _sorted_out(zoho, settings, chunk)
                await backup.save({"profile": target.profile, **record} for record in going)
            except (ZohoError, OSError) as error:
                for own in chunk:
                    await on_outcome(Outcome(own, "not_attempted", 0, error))  # type: ignore[misc]
                raise
            for outcome in staying:
                await on_outcome(outcome)  # type: ignore[misc]  # that of a run is awaitable
            if going:
                await zoho.records(settings["module"]).delete_many(
                    [record["id"] for record in going],
                    wf_trigger=settings["wf_trigger"],
                    concurrency=concurrency,
                    on_outcome=on_outcome,
                )


async def _sorted_out(
    zoho: ZohoCRM, settings: Mapping[str, Any], ids: Sequence[str]
) -> tuple[list[Row], list[Outcome]]:
    """Return the whole records that are to be deleted now, and the outcomes of the others."""
    read = await asyncio.gather(
        *(_whole(zoho, settings["module"], own) for own in ids), return_exceptions=True
    )
    found: dict[str, Row] = {}
    staying: list[Outcome] = []
    for own, record in zip(ids, read, strict=True):
        if isinstance(record, BaseException):
            raise record
        if record is None:
            staying.append(Outcome(own, "not_found", 1, ZohoError(_GONE)))
        else:
            found[own] = record
    fitting: Collection[str] = found
    if found and "where" in settings:
        named = ", ".join(f"'{own}'" for own in found)
        rows = _select(zoho, settings, "id", f" and id in ({named})")
        fitting = {row["id"] async for row in rows}
    staying += [
        Outcome(own, "protected", 1, ZohoError(_CHANGED)) for own in found if own not in fitting
    ]
    return [record for own, record in found.items() if own in fitting], staying


async def _whole(zoho: ZohoCRM, module: str, own: str) -> Row | None:
    """Return a record with all that it has; None if it is gone."""
    try:
        record: Row = await zoho.records(module).get(own)
    except NotFoundError:
        return None
    return record


#: What a clean-up does to each record.
DELETE: Final = Verb(noun="record", present="delete", past="deleted", act=_delete, saves=True)
