"""Records that are changed or deleted in the background, all of a custom view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import Inputs, OutcomeStatus
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._behaviours._running import Running
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._acting import ActingRecords
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._rows import record_of

__all__ = ["MassRecords", "MassWriting"]


class MassWriting(ActingRecords[RecordT], Running):
    """What all jobs over records share."""

    async def _start_mass(self, action: str, body: Mapping[str, Any]) -> Job:
        """Start a job by POST. It is sent once, since an earlier send may have started one."""
        given = {name: value for name, value in body.items() if value is not None}
        outcome = await self._act("POST", "actions", action, beside=given)
        job_id = started_job(outcome.details.get("job_id"), f"{self._path}/actions/{action}")
        return self._job(action, job_id)

    async def _by_view_or_ids(
        self,
        action: str,
        body: Mapping[str, Any],
        *,
        cvid: str | int | None,
        ids: Inputs | None,
        status: OutcomeStatus,
        **of_view: Any,
    ) -> Job:
        """Start a job for a view; or do it at once to these records, and return a done one.

        Args:
            action: The last segment of the path.
            body: What to send in either case.
            cvid: The view.
            ids: The records.
            status: The word for a success.
            of_view: What to send with a view alone.
        """
        if (cvid is None) == (ids is None):
            raise InvalidInputError("Give either cvid or ids.")
        if ids is None:
            return await self._start_mass(
                action, {**body, **of_view, "cvid": check_record_id(cvid)}
            )
        if extra := [name for name, value in of_view.items() if value is not None]:
            raise InvalidInputError(f"{extra[0]} goes with cvid, not with ids.")
        given = {name: value for name, value in body.items() if value is not None}
        batch = self._acting(action, given, concurrency=None, on_outcome=None, status=status)
        return Job(None, clock=self._api.clock, result=await batch.report(ids))


class MassRecords(MassWriting[RecordT]):
    """Changes and deletes many records."""

    async def mass_update(
        self,
        changes: Mapping[str, Any],
        /,
        *,
        cvid: str | int | None = None,
        ids: Inputs | None = None,
        criteria: Mapping[str, Any] | None = None,
        over_write: bool | None = None,
        territory: Mapping[str, Any] | None = None,
    ) -> Job:
        """Write the same values into many records: in the background into those of a view.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-update-records.html

        A job is started once: after a lost answer nothing tells its id, and the records may be
        changed all the same. Scope: ``ZohoCRM.mass_update.UPDATE``, or that of the module.

        Args:
            changes: One field, of deals up to three. Never an email address, a lookup, a layout
                or a text of several lines.
            cvid: The custom view; up to 50,000 records.
            ids: These records instead, 500 a call; it is done at once.
            criteria: Only those records of the view that meet this, as Zoho writes it.
            over_write: Whether multi-select picklists lose the values that they have.
            territory: Only those of the view in this territory:
                ``{"id": ..., "include_child": False}``.

        Returns:
            The job. Of *ids*, its ``id`` is None and its ``result`` a report with an outcome for
            each. A job that has ended may have failed for some records: see ``Failed_Count``.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is not one of *cvid* and *ids*, or what
                belongs to a view goes with ids; nothing is sent.
            aiozcrm.errors.NotReadyError: If such a job is under way.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        return await self._by_view_or_ids(
            "mass_update",
            {"data": [record_of(changes)], "over_write": over_write},
            cvid=cvid,
            ids=ids,
            status="updated",
            criteria=criteria,
            territory=territory,
        )

    def mass_update_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`mass_update` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-update-status.html

        Args:
            job_id: The ``id`` of the job.
        """
        return self._job("mass_update", job_id)

    async def mass_delete(
        self,
        *,
        cvid: str | int | None = None,
        ids: Inputs | None = None,
        territory: Mapping[str, Any] | None = None,
    ) -> Job:
        """Delete many records: in the background those of a view.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-delete.html

        A job is started once, as for :meth:`mass_update`. Scope:
        ``ZohoCRM.mass_delete.DELETE``, or that of the module.

        Args:
            cvid: The custom view; up to 50,000 records.
            ids: These records instead, 500 a call; it is done at once.
            territory: Only those of the view in this territory.

        Returns:
            The job, as for :meth:`mass_update`.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is not one of *cvid* and *ids*, or what
                belongs to a view goes with ids; nothing is sent.
            aiozcrm.errors.NotReadyError: If such a job is under way.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        return await self._by_view_or_ids(
            "mass_delete", {}, cvid=cvid, ids=ids, status="deleted", territory=territory
        )

    def mass_delete_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`mass_delete` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-status.html

        Args:
            job_id: The ``id`` of the job.
        """
        return self._job("mass_delete", job_id)
