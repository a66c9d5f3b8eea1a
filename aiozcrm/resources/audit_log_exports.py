"""Exports of the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from aiozcrm.errors import NoRecordsError
from aiozcrm.resources._behaviours._jobs_by_id import JobFiles
from aiozcrm.resources.jobs import Job

__all__ = ["AuditLogExport", "AuditLogExportDraft", "AuditLogExports"]


class AuditLogExport(TypedDict):
    """An export of the audit log."""

    id: str
    status: str
    job_start_time: str
    job_end_time: str | None
    expiry_date: str | None
    created_by: dict[str, str]
    criteria: dict[str, Any] | None
    download_links: list[str] | None


class AuditLogExportDraft(TypedDict, total=False):
    """What an export of the audit log is to hold.

    Attributes:
        criteria: Conditions on ``action``, ``done_by``, ``module`` and ``audited_time``
            (``between`` two moments, 180 days apart at most), joined by ``and``, two in a group.
    """

    criteria: Mapping[str, Any]


class AuditLogExports(JobFiles[AuditLogExport]):
    """Exports of the audit log, of which one can be under way.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-export-audit-log.html
    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-export-audit-log.html
    - download:
      https://www.zoho.com/crm/developer/docs/api/v7/download-export-audit-log-result.html

    The file is a CSV of up to 100,000 entries, or a zip of several.
    Calls need the scopes ``ZohoCRM.settings.audit_logs.CREATE`` and
    ``ZohoCRM.settings.audit_logs.READ``, a download ``ZohoFiles.files.READ``.
    """

    path = "settings/audit_log_export"
    key = "audit_log_export"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.settings.audit_logs.{operation}",
        "ZohoFiles.files.READ",
    )

    async def create(self, item: AuditLogExportDraft, /) -> Job:
        """Start an export.

        It is sent once: after a lost answer, :meth:`list` tells whether it was started.

        Args:
            item: What it is to hold.

        Returns:
            The job. Keep its ``id`` to take it up in another process, by :meth:`job`.

        Raises:
            aiozcrm.errors.NotReadyError: If another one is under way.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known (``maybe_done``).
            TypeError: If it is no mapping, or holds what JSON does not know; nothing is sent.
        """
        if not isinstance(item, Mapping):
            raise TypeError(f"an export is described by a mapping, not by {type(item).__name__}")
        return self.job((await self._start({self.key: [item]})).id)

    async def list(self) -> Sequence[AuditLogExport]:
        """Return the exports that Zoho knows of.

        Returns:
            The exports, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        try:
            return await self._list()
        except NoRecordsError:
            return []

    def _addresses(self, state: Mapping[str, Any]) -> Sequence[Any]:
        links = state.get("download_links")
        return links if isinstance(links, Sequence) and not isinstance(links, str) else ()
