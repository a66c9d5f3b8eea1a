"""Records that are invited to a portal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attr as attrs

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import Outcome
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._mass import MassWriting
from aiozcrm.resources.records._queries import RecordT

__all__ = ["PortalRecords"]


class PortalRecords(MassWriting[RecordT]):
    """Invites records to a portal of the org."""

    async def portal_invite(
        self,
        id: str | int,
        /,
        *,
        user_type_id: str | int,
        type: Literal["invite", "reinvite"] = "invite",
        language: str | None = None,
    ) -> Outcome:
        """Invite a record to a portal, by mail.

        https://www.zoho.com/crm/developer/docs/api/v7/invite-user.html

        It is sent once: a second mail could follow. Scope:
        ``ZohoCRM.settings.clientportal.CREATE``.

        Args:
            id: The record.
            user_type_id: What it may do there: the id of a user type of the portal.
            type: Whether it is the first invitation, or another one.
            language: The language of the mail, such as ``en_US``.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not invited, or that is not known
                (``maybe_done``).
        """
        own = self._id(id)
        query = {"user_type_id": check_record_id(user_type_id), "type": type, "language": language}
        outcome = await self._act(
            "POST", own, "actions", "portal_invite", key="portal_invite", query=query
        )
        return attrs.evolve(outcome, id=own)

    async def portal_invite_many(self, items: Iterable[Mapping[str, Any]], /) -> Job:
        """Invite many records to a portal, in the background.

        https://www.zoho.com/crm/developer/docs/api/v7/portal-bulk-invite-users.html

        Args:
            items: A record each: ``id``, ``user_type_id``, ``type`` and ``language``.

        Returns:
            The job. Its state has ``data`` with a result for each record.

        Raises:
            aiozcrm.errors.InvalidInputError: If there are none; nothing is sent.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        rows = [draft(item) for item in items]
        if not rows:
            raise InvalidInputError("Nobody is to be invited.")
        outcome = await self._act(
            "POST", "actions", "portal_invite", key="portal_invite", items=[{"data": rows}]
        )
        job_id = started_job(outcome.details.get("job_id"), f"{self._path}/actions/portal_invite")
        return self.portal_invite_job(job_id)

    def portal_invite_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`portal_invite_many` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/get-portal-invite-users-job-status.html

        Args:
            job_id: The ``id`` of the job.
        """
        return self._job("portal_invite", job_id, key="portal_invite")
