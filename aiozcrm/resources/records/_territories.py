"""Territories of records."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from aiozcrm.batch import BatchReport, OnOutcome, Outcome
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources.records._acting import ActingRecords
from aiozcrm.resources.records._queries import RecordT

__all__ = ["TerritoryOptions", "TerritoryRecords"]

_ITEMS_A_CALL: Final = 100


class TerritoryOptions(TypedDict, total=False):
    """What goes along with an assignment of territories.

    Attributes:
        trigger: What it sets off, such as ``workflow``; empty for nothing.
        process: Which processes to run.
        lar_id: The id of the lead assignment rule to apply.
        wf_trigger: An older form of *trigger*.
        duplicate_check_fields: Fields by which Zoho looks for the same record.
    """

    trigger: Sequence[str]
    process: Sequence[str]
    lar_id: str | int
    wf_trigger: str | bool
    duplicate_check_fields: Sequence[str]


class TerritoryRecords(ActingRecords[RecordT]):
    """Puts records into territories, and takes them out. Zoho does it in the background."""

    async def assign_territories(
        self,
        id: str | int,
        item: Mapping[str, Any],
        /,
        **options: Unpack[TerritoryOptions],
    ) -> Outcome:
        """Put a record into territories; which it is in, it says in its field ``Territories``.

        https://www.zoho.com/crm/developer/docs/api/v7/assign-territories-to-records.html

        Args:
            id: The record: an account, a contact, a deal or a lead.
            item: Which ones, as in ``{"Territories": [{"id": territory_id}]}``; for a deal one,
                for others up to ten.
            options: What goes along with the call.

        Returns:
            The outcome, ``done``: Zoho has taken it on. ``details`` have a ``job_id``, but Zoho
            has no call that tells of it.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If another assignment of the record is under way.
            aiozcrm.errors.FeatureUnavailableError: If the org has no territories.
            aiozcrm.errors.ZohoError: If Zoho did not take it on, or that is not known
                (``maybe_done``).
        """
        return await self._place_one("assign_territories", id, item, options)

    async def assign_territories_many(
        self,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[TerritoryOptions],
    ) -> BatchReport:
        """Put many records into territories, and account for every one.

        Args:
            items: As for :meth:`assign_territories`, each with the ``id`` of its record.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.
            options: What goes along with every call.

        Returns:
            What became of each record, in the order of the items.
        """
        return await self._place_many("assign_territories", items, options, concurrency, on_outcome)

    async def remove_territories(
        self,
        id: str | int,
        item: Mapping[str, Any],
        /,
        **options: Unpack[TerritoryOptions],
    ) -> Outcome:
        """Take a record out of territories, but not out of those that a rule has assigned.

        https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-of-records.html

        Args:
            id: The record.
            item: Which ones, as in ``{"Territories": [{"id": territory_id}]}``.
            options: What goes along with the call.

        Returns:
            As for :meth:`assign_territories`.

        Raises:
            aiozcrm.errors.NotAllowedError: If a rule has assigned one.
            aiozcrm.errors.ZohoError: As for :meth:`assign_territories`.
        """
        return await self._place_one("remove_territories", id, item, options)

    async def remove_territories_many(
        self,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[TerritoryOptions],
    ) -> BatchReport:
        """Take many records out of territories, and account for every one.

        Args:
            items: As for :meth:`remove_territories`, each with the ``id`` of its record.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.
            options: What goes along with every call.

        Returns:
            What became of each record, in the order of the items.
        """
        return await self._place_many("remove_territories", items, options, concurrency, on_outcome)

    async def _place_one(
        self, action: str, id: object, item: object, options: TerritoryOptions
    ) -> Outcome:
        own = self._id(id)
        items = [draft(item)]
        return await self._act(
            "POST", own, "actions", action, items=items, beside=_known(options), own=own
        )

    async def _place_many(
        self,
        action: str,
        items: Iterable[Any] | AsyncIterable[Any],
        options: TerritoryOptions,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
    ) -> BatchReport:
        batch = self._rows_with_ids(
            "POST",
            "actions",
            action,
            status="done",
            beside=_known(options),
            per_call=_ITEMS_A_CALL,
            concurrency=concurrency,
            on_outcome=on_outcome,
        )
        return await batch.report(items)


def _known(options: TerritoryOptions) -> Mapping[str, Any]:
    unknown = options.keys() - TerritoryOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"an assignment of territories takes no {', '.join(sorted(unknown))}")
    return options
