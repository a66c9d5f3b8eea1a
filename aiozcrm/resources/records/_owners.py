"""Owners of records."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import BatchReport, Inputs, OnOutcome, Outcome
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._mass import MassWriting
from aiozcrm.resources.records._queries import RecordT

__all__ = ["OwnedRecords"]


class OwnedRecords(MassWriting[RecordT]):
    """Gives records to other users."""

    async def change_owner(
        self,
        id: str | int,
        /,
        *,
        owner: str | int | Mapping[str, Any],
        notify: bool | None = None,
        related_modules: Sequence[Mapping[str, Any]] | None = None,
    ) -> Outcome:
        """Give a record to another user.

        https://www.zoho.com/crm/developer/docs/api/v7/change-owner.html

        Args:
            id: The record.
            owner: The id of the user, or an object with it.
            notify: Whether to tell the new owner by mail.
            related_modules: Modules whose records go with it, such as
                ``[{"api_name": "Tasks"}]``.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If it was not given away, or that is not known
                (``maybe_done``).
        """
        return await self._act_on_one("change_owner", id, _body(owner, notify, related_modules))

    async def change_owner_many(
        self,
        ids: Inputs,
        /,
        *,
        owner: str | int | Mapping[str, Any],
        notify: bool | None = None,
        related_modules: Sequence[Mapping[str, Any]] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Give many records to another user, 500 a call, and account for every one.

        Args:
            ids: The records. One that is given twice counts once.
            owner: As for :meth:`change_owner`.
            notify: As for :meth:`change_owner`.
            related_modules: As for :meth:`change_owner`.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id of a list is none; nothing is sent.
        """
        body = _body(owner, notify, related_modules)
        batch = self._acting("change_owner", body, concurrency=concurrency, on_outcome=on_outcome)
        return await batch.report(ids)

    def iter_change_owner_many(
        self,
        ids: Inputs,
        /,
        *,
        owner: str | int | Mapping[str, Any],
        notify: bool | None = None,
        related_modules: Sequence[Mapping[str, Any]] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Give many records to another user and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`change_owner_many`.
            owner: As for :meth:`change_owner`.
            notify: As for :meth:`change_owner`.
            related_modules: As for :meth:`change_owner`.
            concurrency: As for :meth:`change_owner_many`.
            on_outcome: As for :meth:`change_owner_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        body = _body(owner, notify, related_modules)
        batch = self._acting("change_owner", body, concurrency=concurrency, on_outcome=on_outcome)
        return batch.stream(ids)

    async def mass_change_owner(
        self,
        *,
        cvid: str | int,
        owner: str | int | Mapping[str, Any],
        criteria: Mapping[str, Any] | None = None,
        territory: Mapping[str, Any] | None = None,
    ) -> Job:
        """Give all records of a custom view to another user, in the background.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner.html

        It is sent once: after a lost answer nothing tells the job's id. Scope:
        ``ZohoCRM.change_owner.CREATE``.

        Args:
            cvid: The custom view; up to 50,000 records.
            owner: The id of the user, or an object with it.
            criteria: Only those of the view that meet this, such as
                ``{"field": {"api_name": "City"}, "comparator": "equal", "value": "Delft"}``.
            territory: Only those of the view in this territory:
                ``{"id": ..., "include_child": False}``.

        Returns:
            The job. One that has ended may have failed for some records. ``Failed_Count`` tells
            how many.

        Raises:
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        view = {"cvid": check_record_id(cvid), "criteria": criteria, "territory": territory}
        return await self._start_mass("mass_change_owner", {**view, **_body(owner, None, None)})

    def mass_change_owner_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`mass_change_owner` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner-status.html

        Zoho keeps its state for 60 days.

        Args:
            job_id: The ``id`` of the job.
        """
        return self._job("mass_change_owner", job_id)


def _body(
    owner: object, notify: bool | None, related_modules: Sequence[Mapping[str, Any]] | None
) -> dict[str, Any]:
    """Return what a call sends beside the ids."""
    given = owner if isinstance(owner, Mapping) else {"id": owner}
    body = {
        "owner": {**given, "id": check_record_id(given.get("id"))},
        "notify": notify,
        "related_modules": related_modules,
    }
    return {name: value for name, value in body.items() if value is not None}
