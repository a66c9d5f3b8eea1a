"""Exports of the audit log.

Source: https://www.zoho.com/crm/developer/docs/api/v7/create-export-audit-log.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._bulk._jobs import BulkJob, BulkJobs, JobsFamily
from aiozcrm.testing._bulk._table import zip_of
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, error
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import value_at
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["AuditLogExports"]

_KEY: Final = "audit_log_export"
_LINE: Final = "/settings/audit_log_export"
_FIELDS: Final = frozenset({"action", "done_by", "module", "audited_time"})
_IN_A_GROUP: Final = 2
_HEADER: Final = ("Audited Time", "Done By", "Action", "Module", "Record")


class AuditLogExports(JobsFamily):
    """The exports of an org's audit log.

    Args:
        context: The org.
        zgid: What file servers call it.
    """

    def __init__(self, context: OrgContext, zgid: str) -> None:
        super().__init__(context, BulkJobs(context, context.ids(801001), ("scheduled", "progress")))
        self._zgid = zgid

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about exports."""
        folder = "GET /v2/crm/{org_id}/auditlog/{job_id}"
        return tuple(
            Operation(line=line, run=run, verb=verb, family="audit_log_exports")
            for line, run, verb in (
                (f"POST {_LINE}", self._create, "create"),
                (f"GET {_LINE}", self._list, "list"),
                (f"GET {_LINE}/{{id}}", self._get, "get"),
                (f"{folder}/AuditLog.zip", self._download, "download"),
                (f"{folder}/AuditLog.csv", self._download, "download"),
            )
        )

    def _create(self, call: Call) -> Answer:
        items = call.json_object().get(_KEY)
        if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
            raise _rejected("INVALID_DATA", "invalid data", expected_data_type="jsonarray")
        if "criteria" not in items[0]:
            place = {"api_name": "criteria", "json_path": f"$.{_KEY}[0].criteria"}
            raise _rejected("MANDATORY_NOT_FOUND", "required field not found", **place)
        criteria = items[0]["criteria"]
        _check(criteria, f"$.{_KEY}[0].criteria")
        if any(not self._jobs.has_ended(job) for job in self._jobs.all):
            raise _rejected("ALREADY_SCHEDULED", "The data log has already been scheduled")
        job_id = self._add_job(criteria)
        self._context.stats.note_done("create", "audit_log_exports", job_id)
        message = "ExportAuditlog scheduled successfully."
        return Answer(200, {_KEY: [succeeded(message, {"id": job_id}, code="SCHEDULED")]})

    def _add_job(self, criteria: Mapping[str, Any]) -> str:
        """Take on an export, and return its id."""
        job_id, now, user = self._jobs.next_id(), self._context.now(), self._context.user
        failed = bool(self._jobs.take_failure())
        link = f"{self._context.url()}/v2/crm/{self._zgid}/auditlog/{job_id}/AuditLog.zip"
        rows = [_HEADER, (now, user["name"], "added", "Leads", "Ann Berg")]
        job = BulkJob(
            id=job_id,
            started=self._context.wall(),
            told={
                "id": job_id,
                "job_start_time": now,
                **dict.fromkeys(("job_end_time", "expiry_date", "download_links")),
                "created_by": user,
                "criteria": criteria,
            },
            ended={} if failed else {"job_end_time": now, "download_links": [link]},
            file=StoredFile(name="AuditLog_001.zip", content=zip_of("AuditLog.csv", rows)),
            failed=failed,
        )
        self._add(job)
        return job_id

    def _list(self, _call: Call) -> Answer:
        jobs = [self._shown(*self._jobs.ask(job.id)) for job in self._jobs.all]
        return Answer(200, {_KEY: jobs}) if jobs else NO_CONTENT

    def _get(self, call: Call) -> Answer:
        if call.params["id"] not in self.ids:
            return NO_CONTENT
        return Answer(200, {_KEY: [self._shown(*self._jobs.ask(call.params["id"]))]})

    def _shown(self, job: BulkJob, word: str) -> Mapping[str, Any]:
        if word:
            return {**job.told, "status": word}
        return {**job.told, **job.ended, "status": "failed" if job.failed else "finished"}

    def _download(self, call: Call) -> Answer:
        if call.params["org_id"] != self._zgid:
            told = {"x-error": "Link not valid", "info": "Forbidden", "status": "error"}
            raise RejectedError(Answer(403, told))
        file = self._jobs.file(call.params["job_id"])
        return hand_out(file, call.headers, ranges=self._context.dialect.ranges)


def _check(criteria: Any, path: str) -> None:
    """Check criteria.

    Raises:
        RejectedError: If they have more in a group, or other fields, than Zoho takes.
    """
    if not isinstance(criteria, dict):
        raise _rejected("INVALID_DATA", "invalid data", json_path=path)
    if "group" not in criteria:
        name = value_at(criteria, "field", "api_name")
        if str(name) not in _FIELDS:
            raise _rejected("NOT_SUPPORTED", "not supported", api_name=name, json_path=path)
        return
    group = criteria["group"]
    if criteria.get("group_operator") != "and" or not isinstance(group, list):
        raise _rejected("INVALID_DATA", "invalid data", json_path=f"{path}.group_operator")
    if len(group) > _IN_A_GROUP:
        raise _rejected("LIMIT_EXCEEDED", "limit exceeded", limit=_IN_A_GROUP)
    for number, each in enumerate(group):
        _check(each, f"{path}.group[{number}]")


def _rejected(code: str, message: str, **details: Any) -> RejectedError:
    return RejectedError(Answer(400, {_KEY: [error(code, message, details)]}))
