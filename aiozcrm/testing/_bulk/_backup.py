"""The data backup: scheduled, made, told of, and handed out.

Source: https://www.zoho.com/crm/developer/docs/api/v7/schedule-data-backup.html and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._bulk._table import zip_of
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._families._paging import answer_page
from aiozcrm.testing._records import Records
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, RejectedError, error
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import text_at
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["Backup"]

_RRULE: Final = re.compile(
    r"RRULE:FREQ=(?P<often>WEEKLY|MONTHLY);INTERVAL=(?P<every>\d{1,2})"
    r"(;BYDAY=[1-4]?(MO|TU|WE|TH|FR|SA|SU)|;BYMONTHDAY=\d{1,2})"
)
_MOST: Final = 52
#: How long the files are there.
_KEPT: Final = 7 * 86_400.0


class Backup(Family):
    """The data backup of an org.

    Args:
        context: The org.
        records: Its records.
        zgid: What file servers call it.
    """

    def __init__(self, context: OrgContext, records: Records, zgid: str) -> None:
        self._context = context
        self._records = records
        self._zgid = zgid
        self._ids = context.ids(701001)
        self._log_ids = context.ids(702001)
        self._backup: dict[str, Any] | None = None
        self._made_at = 0.0
        self._files: dict[str, StoredFile] = {}
        self._history: list[dict[str, Any]] = []

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the backup."""
        return tuple(
            Operation(line=line, run=run, verb=verb, family="backup")
            for line, run, verb in (
                ("POST /backup", self._create, "create"),
                ("GET /backup", self._get, "get"),
                ("GET /backup/history", self._list_history, "history"),
                ("GET /backup/urls", self._urls, "urls"),
                ("PUT /backup/{id}/actions/cancel", self._cancel, "cancel"),
                ("GET /v2/crm/{zgid}/backup/{job_id}/{file_name}", self._download, "download"),
            )
        )

    def _create(self, call: Call) -> Answer:
        rrule = None
        if call.body:
            rrule = text_at(call.json_object(), "backup", "rrule")
            rule = _RRULE.fullmatch(rrule)
            if rule is None or not 1 <= int(rule["every"]) <= _MOST:
                raise _rejected("INVALID_DATA", "invalid data", api_name="rrule")
        self._pass_time()
        if self._backup is not None and self._backup["status"] in {"SCHEDULED", "INPROGRESS"}:
            message = "Backup is already scheduled"
            raise _rejected("BACKUP_ALREADY_SCHEDULED", message, id=self._backup["id"])
        now = self._context.now()
        self._backup = {
            "id": next(self._ids),
            "scheduled_date": now if rrule else None,
            "start_date": now if rrule else None,
            "rrule": rrule,
            "requester": self._requester,
            "status": "SCHEDULED" if rrule else "INPROGRESS",
        }
        self._made_at = self._context.wall()
        self._log(None, "scheduled" if rrule else "initiated")
        self._context.stats.note_done("create", "backup", self._backup["id"])
        details = {"id": self._backup["id"]}
        return Answer(200, {"backup": succeeded("Backup scheduled successfully.", details)})

    def _get(self, _call: Call) -> Answer:
        self._pass_time()
        return NO_CONTENT if self._backup is None else Answer(200, {"backup": self._backup})

    def _list_history(self, call: Call) -> Answer:
        self._pass_time()
        return answer_page(call, "history", self._history[::-1])

    def _urls(self, _call: Call) -> Answer:
        self._pass_time()
        if not self._files:
            return NO_CONTENT
        links = [f"{self._context.url()}{path}" for path in self._files]
        urls = {
            "data_links": links,
            "attachment_links": [],
            "expiry_date": self._context.shown(self._made_at + _KEPT),
        }
        return Answer(200, {"urls": urls})

    def _cancel(self, call: Call) -> Answer:
        self._pass_time()
        backup, own = self._backup, call.params["id"]
        if backup is None or backup["id"] != own:
            raise _rejected("RESOURCE_NOT_FOUND", "The resource is not found", id=own)
        if backup["status"] == "STOPPED":
            raise _rejected("ALREADY_CANCELLED", "Backup is already cancelled", id=own)
        if backup["status"] != "SCHEDULED":
            raise _rejected("INPROGRESS", "Backup is in progress", id=own)
        backup["status"] = "STOPPED"
        self._log(None, "stopped")
        self._context.stats.note_done("cancel", "backup", own)
        return Answer(200, {"backup": succeeded("Backup stopped successfully.", {"id": own})})

    def _download(self, call: Call) -> Answer:
        file = self._files.get(call.path)
        if file is None or self._context.wall() > self._made_at + _KEPT:
            told = {"x-error": "Link not valid", "info": "Forbidden", "status": "error"}
            raise RejectedError(Answer(403, told))
        return hand_out(file, call.headers, ranges=self._context.dialect.ranges)

    def _pass_time(self) -> None:
        """Make the files of a backup that has been under way for long enough."""
        backup = self._backup
        took = self._context.wall() - self._made_at
        if backup and backup["status"] == "INPROGRESS" and took >= self._context.limits.job_seconds:
            backup["status"] = "COMPLETED"
            path = f"/v2/crm/{self._zgid}/backup/{backup['id']}/Data_001.zip"
            rows = [["Id", "Name"]]
            store = self._records.database.store("Leads")
            rows += [[row["id"], self._name(row)] for row in store.all()]
            self._files = {path: StoredFile(name="Data_001.zip", content=zip_of("Leads.csv", rows))}
            self._log("completed", None)

    def _name(self, row: Mapping[str, Any]) -> str:
        return str(row.get("Last_Name") or "")

    def _log(self, state: str | None, action: str | None) -> None:
        immediate = self._backup is None or self._backup["rrule"] is None
        self._history.append(
            {
                "id": next(self._log_ids),
                "done_by": self._requester,
                "log_time": self._context.now(),
                "state": state,
                "action": action,
                "repeat_type": "immediate" if immediate else "weekly",
                "file_name": None,
                "count": 0,
            }
        )

    @property
    def _requester(self) -> dict[str, str]:
        return {**self._context.user, "zuid": "20087301"}


def _rejected(code: str, message: str, **details: Any) -> RejectedError:
    return RejectedError(Answer(400, {"backup": error(code, message, details)}))
