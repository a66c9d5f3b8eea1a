"""The data backup of the org."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar, TypedDict, overload

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import Outcome
from aiozcrm.errors import AlreadyDoneError
from aiozcrm.resources._behaviours import Pages
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources._results import missing, object_of

__all__ = ["Backup", "BackupDraft", "BackupInfo", "BackupLog", "BackupUrls"]


class BackupInfo(TypedDict):
    """The backup that is scheduled, or under way.

    What tells the schedule is None for a backup that was started at once.
    """

    id: str
    status: str
    rrule: str | None
    scheduled_date: str | None
    start_date: str | None
    requester: dict[str, str]


class BackupDraft(TypedDict):
    """When to make backups.

    Attributes:
        rrule: Such as ``RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU``: weekly or monthly, on a
            weekday or a day of the month.
    """

    rrule: str


class BackupLog(TypedDict):
    """Something that happened to a backup."""

    id: str
    done_by: dict[str, str]
    log_time: str
    state: str | None
    action: str | None
    repeat_type: str
    file_name: str | None
    count: int


class BackupUrls(TypedDict):
    """Where the files of the last backup are."""

    data_links: list[str]
    attachment_links: list[str]
    expiry_date: str | None


class Backup(Downloading):
    """The data backup of the org, of which there is one at a time.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/schedule-data-backup.html
    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-backup-info.html
    - history: https://www.zoho.com/crm/developer/docs/api/v7/backup-history.html
    - urls: https://www.zoho.com/crm/developer/docs/api/v7/get-backup-urls.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/download-backup.html
    - cancel: https://www.zoho.com/crm/developer/docs/api/v7/cancel-backup.html

    A backup takes hours. Its files are zips of at most 1 GB each, and are there for some days.
    Calls need the scope ``ZohoCRM.bulk.backup.ALL``, a download ``ZohoFiles.files.ALL``.
    """

    path = "backup"
    key = "backup"
    base = "bulk"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.bulk.backup.ALL", "ZohoFiles.files.ALL")

    async def create(self, item: BackupDraft | None = None, /) -> Outcome:
        """Schedule backups, or make one now.

        It is sent once: after a lost answer, :meth:`get` tells whether it was taken.

        Args:
            item: When to make them; None to make one now.

        Returns:
            The outcome, ``created``, with the id of the backup.

        Raises:
            aiozcrm.errors.NotReadyError: If one is scheduled already.
            aiozcrm.errors.ZohoError: If it was not scheduled, or that is not known
                (``maybe_done``).
        """
        if item is not None and not isinstance(item, Mapping):
            raise TypeError(f"a backup is described by a mapping, not by {type(item).__name__}")
        return await self._act("POST", items=item, status="created")

    async def get(self) -> BackupInfo:
        """Return the backup that is scheduled, or under way.

        Returns:
            The backup, as Zoho sent it. Its ``status`` is ``SCHEDULED``, ``INPROGRESS``,
            ``COMPLETED``, ``STOPPED`` or ``FAILED``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is none.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        value, reply = await self._read()
        if value is None:
            raise missing(reply, "There is no backup.")
        info: BackupInfo = object_of(value, reply, "the backup")
        return info

    async def history(self) -> Sequence[BackupLog]:
        """Return what happened to backups in the last year, the latest first.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [log async for log in self.iter_history()]

    def iter_history(self) -> Pages[BackupLog]:
        """Yield what :meth:`history` returns, and read the next page meanwhile.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter("history", key="history")

    async def urls(self) -> BackupUrls:
        """Return where the files of the last backup are.

        Returns:
            The addresses, as Zoho sent them; without any, if there are no files.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        value, reply = await self._read("urls", key="urls")
        if value is None:
            return {"data_links": [], "attachment_links": [], "expiry_date": None}
        urls: BackupUrls = object_of(value, reply, "what tells the addresses")
        return urls

    async def cancel(self, id: str | int, /) -> Outcome:
        """Cancel a backup that is scheduled.

        Args:
            id: Its id, as :meth:`get` tells it.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If it was cancelled before.
            aiozcrm.errors.NotReadyError: If it is under way, and cannot be cancelled any more.
            aiozcrm.errors.ZohoError: If it was not cancelled, or that is not known
                (``maybe_done``).
        """
        own = check_record_id(id)
        return await self._act("PUT", own, "actions", "cancel", done=(AlreadyDoneError,), own=own)

    @overload
    def download(self, url: str, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, url: str, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, url: str, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download a file of the last backup.

        Args:
            url: Its address, as :meth:`urls` tells it.
            to: Where the file goes: a path (a folder takes the name that Zoho gives it), or a
                binary file that is open for writing. Without it, an async context manager of the
                file's bytes is returned.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.ForeignHostError: If the host is neither Zoho's nor yours; no token
                is sent there.
            aiozcrm.errors.InvalidInputError: If it is no address, or the file cannot go there.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            OSError: If the file cannot be written.
        """
        return self._download_from(url, to=None) if to is None else self._download_from(url, to=to)
