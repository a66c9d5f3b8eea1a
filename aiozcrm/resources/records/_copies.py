"""Records that are the same: they are merged into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attr as attrs

from aiozcrm.batch import BatchReport
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._mass import MassWriting
from aiozcrm.resources.records._queries import RecordT

__all__ = ["MergingRecords"]


class MergingRecords(MassWriting[RecordT]):
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
        outcome = await self._act("POST", own, "actions", "merge", key="merge", items=[draft(item)])
        if "job_id" in outcome.details:
            job_id = started_job(outcome.details["job_id"], f"{self._path}/{own}/actions/merge")
            return self.merge_job(own, job_id)
        report = BatchReport((attrs.evolve(outcome, id=own, index=0),))
        return Job(None, clock=self._api.clock, result=report)

    def merge_job(self, id: str | int, job_id: str | int, /) -> Job:
        """Return a job that :meth:`merge` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/get-merge-status.html

        Args:
            id: The record that stays.
            job_id: The ``id`` of the job.
        """
        return self._job("merge", job_id, self._id(id), key="merge")
