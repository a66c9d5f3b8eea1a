"""What a write of rows is going to do to an org."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs

from aiozcrm import Outcome, ZohoCRM
from aiozcrm.batch import OnOutcome
from aiozcrm.cli._words import listed, plural
from aiozcrm.cli.records._row_files import RowFile, values_of
from aiozcrm.cli.runs._plans import OrgPlan, PlannedItem, Verb
from aiozcrm.cli.runs._results import Target
from aiozcrm.errors import InvalidInputError

__all__ = ["TRIGGERS", "Action", "Write", "verb_for"]

Action = Literal["create", "update", "upsert"]

#: What a write can set off.
TRIGGERS: Final = ("workflow", "approval", "blueprint", "pathfinder", "orchestration")

_ROWS_A_CALL: Final = 100
#: https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
_ROWS_A_CREDIT: Final = 10

#: What a row can hold beside fields, as it can names with a dollar sign, such as $gclid.
#: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
_BESIDE: Final = frozenset({"id", "Layout", "Wizard"})


@attrs.frozen(kw_only=True)
class Write:
    """A write of rows, as it is confirmed.

    Attributes:
        action: What is done.
        module: The module.
        file: The rows.
        check_fields: The fields that tell an upsert which records are the same; None for those of
            the module.
        trigger: What the write sets off; None for all that is configured.
    """

    action: Action
    module: str
    file: RowFile
    check_fields: Sequence[str] | None = None
    trigger: Sequence[str] | None = None

    def settings(self) -> Mapping[str, Any]:
        """Return it for the journal, which is all that a resumed run has."""
        return {
            "action": self.action,
            "module": self.module,
            "check_fields": self.check_fields,
            "trigger": self.trigger,
            "from_csv": self.file.from_csv,
            "rows": self.file.rows,
        }

    async def plan(self, zoho: ZohoCRM, target: Target, _named: Sequence[str]) -> OrgPlan:
        """Return what happens in an org.

        Raises:
            aiozcrm.errors.InvalidInputError: If a row has a field that the module does not have, or
                such a field is to be compared.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        schema = await zoho.schema(self.module)
        self._check_names(schema.fields)
        count = len(self.file.rows)
        calls, credit = math.ceil(count / _ROWS_A_CALL), math.ceil(count / _ROWS_A_CREDIT)
        told = [
            f"Module: {self.module}",
            f"Rows: {count:,}",
            f"Triggers: {self._triggers()}",
            f"Credits: about {credit:,} ({plural(calls, 'call')} of up to {_ROWS_A_CALL} rows)",
        ]
        if self.action == "upsert":
            by = listed(self.check_fields) if self.check_fields else "the field of the module"
            told.append(f"Same record by: {by}")
        return OrgPlan(
            target=target,
            items=tuple(
                PlannedItem(id=_key(place), name="", fate="goes") for place in range(count)
            ),
            summary=tuple(told),
            shown=0,
        )

    def _triggers(self) -> str:
        if self.trigger is None:
            return f"all that are configured ({listed(TRIGGERS)})"
        return listed(self.trigger)

    def _check_names(self, fields: Collection[str]) -> None:
        for name in self.check_fields or ():
            if name not in fields:
                raise self._no_field(name, "--duplicate-check-fields names")
        known = _BESIDE.union(fields)
        for place, row in enumerate(self.file.rows):
            for name in row:
                if name not in known and not name.startswith("$"):
                    raise self._no_field(name, f"{_key(place)} has")

    def _no_field(self, name: str, what_has_it: str) -> InvalidInputError:
        return InvalidInputError(
            f"{self.module} has no field {name!r}, which {what_has_it}.",
            hint=f"Give API names: aiozcrm schema {self.module} lists them.",
        )


def verb_for(action: Action) -> Verb:
    """Return what such a write does to each row."""
    past = f"{action}d" if action.endswith("e") else f"{action}ed"
    return Verb(
        noun="row",
        present=action,
        past=past,
        act=_write,
        counted="row",
        may_repeat=_may_repeat,
    )


async def _write(
    zoho: ZohoCRM,
    _target: Target,
    keys: Iterator[str],
    settings: Mapping[str, Any],
    concurrency: int,
    on_outcome: OnOutcome,
) -> None:
    module = settings["module"]
    records = zoho.records(module)
    fields = (await zoho.schema(module)).fields if settings["from_csv"] else None
    sent: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for key in keys:
            sent.append(key)
            row = _row_of(settings, key)
            yield dict(row if fields is None else values_of(row, fields))

    async def note(outcome: Outcome) -> None:
        # A row is known by its place, since it may have no id.
        key = sent[outcome.index or 0]
        # One that is not valid goes by its text, which is no id.
        record = {"id": outcome.id} if outcome.id.isdecimal() else None
        own = Outcome(key, outcome.status, outcome.attempts, outcome.error, None, record)
        await on_outcome(own)  # type: ignore[misc]  # that of a run is awaitable

    options: dict[str, Any] = {"concurrency": concurrency, "on_outcome": note}
    if settings["trigger"] is not None:
        options["trigger"] = settings["trigger"]
    if settings["action"] == "create":
        await records.create_many(rows(), **options)
    elif settings["action"] == "update":
        await records.update_many(rows(), **options)
    else:
        await records.upsert_many(
            rows(), duplicate_check_fields=settings["check_fields"], **options
        )


def _may_repeat(settings: Mapping[str, Any], key: str) -> bool:
    """Return whether a second write of a row leaves what the first left."""
    row = _row_of(settings, key)
    # The rows of a subform without ids would be appended once more.
    has_new_parts = any(
        isinstance(part, Mapping) and "id" not in part
        for value in row.values()
        if isinstance(value, list)
        for part in value
    )
    if settings["action"] == "create" or has_new_parts or row.get("Recurring_Activity"):
        return False
    return any(row.get(name) for name in ("id", *(settings["check_fields"] or ())))


def _key(place: int) -> str:
    """Return what a row is called, by its place from 0."""
    return f"row {place + 1}"


def _row_of(settings: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = settings["rows"][int(key.removeprefix("row ")) - 1]
    return row
