"""Records that are the same: they are merged into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from aiozcrm._protocol import Json, check_record_id, known_id
from aiozcrm.batch import BatchReport
from aiozcrm.errors import NotFoundError
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources._results import no_trouble, rows_of, unreadable, value_of
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._reading import ReadingRecords

__all__ = ["MergingRecords"]


class MergingRecords(ReadingRecords[RecordT]):
    """Merges records."""

    async def merge(self, id: str | int, item: Mapping[str, Any], /) -> Job:
        """Merge one or two other records into this one; they are deleted.

        https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html

        It is sent once: after a lost answer, look whether the other records are still there.

        Args:
            id: The record that stays: a lead, contact, account, deal, vendor, or a record of a
                module of your own.
            item: The others under ``data``, each with its ``id`` and under ``_fields`` what to
                take from it: ``{"data": [{"id": other, "_fields": [{"api_name": "Phone"}]}]}``.
                ``master_record_fields`` tells which of its own files and subform rows stay.

        Returns:
            The job. If Zoho has done it at once, its ``id`` is None and its ``result`` is the
            report; it takes longer if one has more than 1,000 records in a related list.

        Raises:
            aiozcrm.errors.NotAllowedError: If one is locked or waits for approval, or its merge
                is under way.
            aiozcrm.errors.ZohoError: If they were not merged, or that is not known
                (``maybe_done``).
        """
        own = self._id(id)
        body = Json({"merge": [draft(item)]})
        call, reply = await self._call(
            "POST", own, "actions", "merge", body=body, check=no_trouble("merge")
        )
        outcome = self._one_outcome(call, reply, "merge", status="done", own="")
        if "job_id" in outcome.details:
            job = known_id(outcome.details["job_id"])
            if job is None or not job.isdigit():
                raise unreadable(reply, "it names no job", wrote=True)
            return self.merge_job(own, job)
        report = BatchReport((attrs.evolve(outcome, id=own, index=0),))
        return Job(None, clock=self._api.clock, result=report)

    def merge_job(self, id: str | int, job_id: str | int, /) -> Job:
        """Return a job that :meth:`merge` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/get-merge-status.html

        Args:
            id: The record that stays.
            job_id: The ``id`` of the job.
        """
        own, job = self._id(id), check_record_id(job_id)

        async def ask() -> Mapping[str, Any]:
            path = (own, "actions", "merge")
            call, reply = await self._call("GET", *path, query={"job_id": job})
            states = rows_of(value_of(call, reply, "merge"), reply)
            if not states:
                message = f"There is no merge {job} of {self.module} {own}."
                raise NotFoundError(message, status=reply.status, method="GET", url=reply.url)
            return states[0]  # type: ignore[no-any-return]

        return Job(job, clock=self._api.clock, ask=ask)
