"""The verb that starts work in the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiozcrm._protocol import check_record_id
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import missing, rows_of, started_job
from aiozcrm.resources.jobs import Job

__all__ = ["Running"]


class Running(Resource):
    """Starts work that Zoho does in the background, and tells its state on the same path."""

    async def _start_job(
        self, action: str, items: Sequence[Mapping[str, Any]], *behind: str
    ) -> Job:
        """Start a job by POST and return it."""
        outcome = await self._act(
            "POST", *behind, "actions", action, key=action, items=items, bound=False
        )
        # Zoho writes it in two ways.
        job_id = outcome.details.get("job_id", outcome.details.get("jobId"))
        return self._job(action, started_job(job_id, self._path), key=action)

    def _job(self, action: str, job_id: str | int, *before: str, key: str = "") -> Job:
        """Return a job that was started before, without a request.

        Args:
            action: The last segment of the path.
            job_id: The job.
            before: What stands before ``actions`` in the path.
            key: The name under which the answer holds the state.
        """
        own = check_record_id(job_id)

        async def ask() -> Mapping[str, Any]:
            path = (*before, "actions", action)
            found, reply = await self._read(*path, key=key, query={"job_id": own}, bound=False)
            states: list[Mapping[str, Any]] = rows_of(found, reply)
            if not states:
                raise missing(reply, f"There is no job {own} of {'/'.join((self._path, *path))}.")
            return states[0]

        return Job(own, clock=self._api.clock, ask=ask)
