"""Bulk read: jobs that export the records of a module to a file."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NotRequired, TypedDict, overload

from aiozcrm.errors import InvalidInputError, RateLimitError
from aiozcrm.resources._behaviours._jobs_by_id import JobsById
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.resources._bulk_rows import BulkRows
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources.jobs import Job, OnJob

__all__ = ["BulkRead", "BulkReadDraft", "BulkReadResult", "BulkReadState", "BulkRows"]

#: With more, Zoho exports all fields without saying so.
_MOST_FIELDS: Final = 200

#: In seconds.
_MINUTE: Final = 60.0

#: How many minutes a download waits that others keep from its turn.
_PATIENCE: Final = 10

#: What stands for "empty" in criteria.
_EMPTY: Final = "${EMPTY}"


class BulkReadResult(TypedDict):
    """What has come of a bulk read."""

    page: int
    per_page: int
    count: int
    download_url: str
    more_records: bool
    next_page_token: NotRequired[str]
    error_message: NotRequired[dict[str, Any]]


class BulkReadState(TypedDict):
    """What Zoho says of a bulk read. The result is there when it has ended."""

    id: str
    operation: str
    state: str
    query: dict[str, Any]
    created_by: dict[str, str]
    created_time: str
    file_type: str
    result: NotRequired[BulkReadResult]


class BulkReadDraft(TypedDict, total=False):
    """What a bulk read is to read.

    Attributes:
        query: ``module`` (``{"api_name": "Leads"}``), ``fields``, ``criteria``, ``cvid`` and
            ``page``; or ``page_token`` alone.
        file_type: ``csv`` (the default), or ``ics`` for ``Events``.
        callback: Where Zoho posts the state at the end:
            ``{"url": "https://...", "method": "post"}``.
    """

    query: Mapping[str, Any]
    file_type: Literal["csv", "ics"]
    callback: Mapping[str, str]


class BulkRead(JobsById[BulkReadState], Downloading):
    """Bulk read: exports the records of a module to files, 200,000 a job.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html
    - get: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/job-details.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/download-result.html

    :meth:`rows` does all of it. Zoho keeps a file for a day, and allows ten downloads a minute;
    this client waits for its turn.
    Calls need the scopes ``ZohoCRM.bulk.READ`` and ``ZohoCRM.modules.READ``, or the one of the
    module; :meth:`rows` needs ``ZohoCRM.settings.fields.READ`` besides, unless they are raw.
    """

    path = "read"
    key = "data"
    base = "bulk"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.bulk.READ", "ZohoCRM.modules.READ")

    async def create(self, item: BulkReadDraft, /) -> Job:
        """Start a job.

        After a lost answer it is sent again: a second job changes nothing.

        Args:
            item: What to read, as in Zoho's reference.

        Returns:
            The job. Keep its ``id`` to take it up in another process, by :meth:`job`, or by
            ``rows(cursor=...)``.

        Raises:
            aiozcrm.errors.InvalidInputError: If there are more than 200 fields; nothing is sent.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known (``maybe_done``).
            TypeError: If it is no mapping, or holds what JSON does not know; nothing is sent.
        """
        described: Any = item
        query = described.get("query") if isinstance(described, Mapping) else None
        _check_fields(query.get("fields") if isinstance(query, Mapping) else None)
        outcome = await self._start(item, repeatable=True)
        return self.job(outcome.id)

    @overload
    def download(self, job: Job | str | int, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, job: Job | str | int, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, job: Job | str | int, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download the file of a job that has ended: a zip with one CSV, or one calendar.

        Zoho allows ten downloads a minute, so an eleventh waits for its turn.

        Args:
            job: The job, or its id.
            to: Where the file goes: a path (a folder takes the name that Zoho gives it), or a
                binary file that is open for writing. Without it, an async context manager of the
                file's bytes is returned.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id, or the file cannot go there.
            aiozcrm.errors.NotFoundError: If there is no such job.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            OSError: If the file cannot be written.
        """
        own = self._id(job.id if isinstance(job, Job) else job)
        return self._opened(own) if to is None else self._saved(own, to)

    @asynccontextmanager
    async def _opened(self, own: str) -> AsyncGenerator[FileStream, None]:
        async with self._turn(), self._download(own, "result", to=None) as file:
            yield file

    async def _saved(self, own: str, to: TargetFile) -> Path:
        for _ in range(_PATIENCE):
            async with self._turn():
                try:
                    return await self._download(own, "result", to=to)
                except RateLimitError as error:
                    if error.concerns_all_calls:
                        raise
            # Others have downloaded, too. All downloads fail until the minute is over.
            await self._api.clock.sleep(_MINUTE)
        async with self._turn():
            return await self._download(own, "result", to=to)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None, None]:
        """Wait until another download is within the limit, and hold its place."""
        clock, places = self._api.clock, self._api.bulk_downloads
        free_at = await places.get()
        try:
            if (pause := free_at - clock.monotonic()) > 0:
                await clock.sleep(pause)
            # Zoho counts from when it is asked, which is some time before the end.
            free_at = math.inf
            yield
        finally:
            places.put_nowait(min(free_at, clock.monotonic() + _MINUTE))

    def rows(
        self,
        module: str,
        /,
        *,
        fields: Sequence[str] | None = None,
        criteria: Mapping[str, Any] | None = None,
        cvid: str | int | None = None,
        raw: bool = False,
        cursor: str | None = None,
        on_job: OnJob | None = None,
    ) -> BulkRows:
        """Yield all records of a module, however many: by as many jobs as it takes.

        A job takes seconds to minutes until its first row comes. Each file goes to a temporary
        file without a name, from which rows are read as you go, so memory does not grow with
        their number; the file is gone when you stop, or are stopped.

        Args:
            module: The API name of the module; that of a subform reads its rows.
            fields: The API names of the fields, at most 200; a dot leads into a lookup, as in
                ``Owner.last_name``. None for all fields.
            criteria: Only records like this, in Zoho's words:
                ``{"field": {"api_name": "City"}, "comparator": "equal", "value": "Delft"}``, or
                ``{"group_operator": "and", "group": [...]}``. A value of None means empty.
            cvid: Only records of this custom view.
            raw: Whether values stay the text of the file. Otherwise they are as
                ``records(module).iter()`` gives them, as far as the file tells: numbers,
                booleans, lists of texts for tags and multi-selects, ``{"id": ...}`` for lookups,
                None for what is empty.
            cursor: The ``cursor`` of an earlier reading, or the ``id`` of a job, to go on there;
                what to read is then known to Zoho.
            on_job: Is called with each job that is started, before its rows come; it may be
                async. Keep its ``id`` to go on after a crash.

        Returns:
            An async iterator of dicts by API name, each with ``id``; its ``pages()`` yields lists
            of rows, its ``cursor`` tells where it is.

        Raises:
            aiozcrm.errors.InvalidInputError: If there are too many fields, or the cursor is none
                of this module.
            aiozcrm.errors.InvalidResponseError: If a file is damaged or not complete.
            aiozcrm.errors.JobFailedError: If a job has failed; it says why.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        _check_fields(fields)
        query: dict[str, Any] = {"module": {"api_name": module}}
        if fields is not None:
            query["fields"] = list(fields)
        if criteria is not None:
            query["criteria"] = _with_empty(criteria)
        if cvid is not None:
            query["cvid"] = str(cvid)
        return BulkRows(
            self,
            self._api,
            module=module,
            item={"query": query},
            cursor=cursor,
            raw=raw,
            on_job=on_job,
        )


def _check_fields(fields: object) -> None:
    if isinstance(fields, str):
        raise TypeError("fields are many names, not one text: use a list")
    if isinstance(fields, Sequence) and len(fields) > _MOST_FIELDS:
        raise InvalidInputError(
            f"{len(fields)} fields are more than the {_MOST_FIELDS} of a bulk read.",
            hint="Give None for all fields, or read in two parts.",
        )


def _with_empty(criteria: Mapping[str, Any]) -> dict[str, Any]:
    """Return criteria with Zoho's word for what is empty."""
    bound = {name: _EMPTY if value is None else value for name, value in criteria.items()}
    if isinstance(criteria.get("group"), Sequence):
        bound["group"] = [_with_empty(each) for each in criteria["group"]]
    return bound
