"""Bulk write: jobs that import a file of rows into a module."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, NotRequired, TypedDict

from aiozcrm._protocol import ApiCall, Reply, known_id
from aiozcrm.batch import BatchReport, OnOutcome, Outcome
from aiozcrm.errors import InvalidInputError, InvalidResponseError
from aiozcrm.resources._behaviours._jobs_by_id import JobFiles
from aiozcrm.resources._behaviours._transfers import FileSource, Uploading
from aiozcrm.resources._bulk_files import MOST_BYTES
from aiozcrm.resources._bulk_import import BulkImport
from aiozcrm.resources._results import check_value, object_of
from aiozcrm.resources.jobs import Job, OnJob

__all__ = ["BulkWrite", "BulkWriteDraft", "BulkWriteState"]

_NOTHING: Final[Mapping[str, Mapping[str, Any]]] = {}

Operation = Literal["insert", "update", "upsert"]


class BulkWriteState(TypedDict):
    """What Zoho says of a bulk write. ``COMPLETED`` does not mean that rows were written."""

    id: str
    status: str
    operation: str
    resource: list[dict[str, Any]]
    created_by: dict[str, str]
    created_time: str
    character_encoding: NotRequired[str]
    result: NotRequired[dict[str, str]]
    callback: NotRequired[dict[str, str]]


class BulkWriteDraft(TypedDict, total=False):
    """What a bulk write is to write.

    Attributes:
        operation: ``insert``, ``update`` or ``upsert``.
        resource: For each module ``type`` (``data``), ``module``, ``file_id``, ``find_by`` and
            ``field_mappings``; the parent before its children.
        ignore_empty: Whether empty cells leave alone what is there.
        character_encoding: Such as ``UTF-8``.
        callback: Where Zoho posts the state at the end:
            ``{"url": "https://...", "method": "post"}``.
    """

    operation: Operation
    resource: Sequence[Mapping[str, Any]]
    ignore_empty: bool
    character_encoding: str
    callback: Mapping[str, str]


class _Uploads(Uploading):
    """The host that takes the files of bulk writes."""

    path = "upload"
    key = ""
    host = "upload"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoFiles.files.ALL",)
    most_bytes = MOST_BYTES

    async def upload(self, file: FileSource, name: str | None, *, zgid: str) -> Outcome:
        """Upload a file; a second one that no job reads does no harm."""
        self.headers = {"feature": "bulk-write", "X-CRM-ORG": zgid}
        form = self._form(file, name, "application/zip")
        made = await self._act("POST", body=form, status="created", repeatable=True)
        file_id = known_id(made.details.get("file_id", made.details.get("id")))
        if file_id is None:
            raise InvalidResponseError(
                "An upload was answered without the id of its file.", status=200, excerpt=""
            )
        return Outcome(file_id, made.status, made.attempts, details=made.details)


class BulkWrite(JobFiles[BulkWriteState]):
    """Bulk write: imports rows from files, 25,000 a job.

    - upload: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/upload-file.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html
    - get: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/job-details.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/download-result.html

    :meth:`run` does all of it. A file has at most 25,000 rows, 200 columns and 25 MB as a zip.
    Calls need the scopes ``ZohoCRM.bulk.CREATE``, ``ZohoFiles.files.ALL``, ``ZohoCRM.org.READ``
    and ``ZohoCRM.modules.ALL``, or the one of the module; :meth:`run` needs
    ``ZohoCRM.settings.fields.READ`` besides.
    """

    path = "write"
    key = ""
    base = "bulk"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.bulk.CREATE",
        "ZohoCRM.modules.{operation}",
        "ZohoFiles.files.ALL",
        "ZohoCRM.org.READ",
    )

    async def upload(self, file: FileSource, /, *, name: str | None = None) -> Outcome:
        """Upload a zip that holds a CSV, or one for a parent and one for each of its children.

        Args:
            file: A path, a binary file that is open for reading, bytes, or an async iterable of
                bytes, which needs a name.
            name: What Zoho is to call it; by default the name of the file.

        Returns:
            The outcome, ``created``; its ``id`` is the ``file_id`` of :meth:`create`.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is larger than 25 MB, or has no name; nothing
                is sent.
            aiozcrm.errors.ZohoError: If it was not taken; the class says why.
            OSError: If it cannot be read.
        """
        return await _Uploads(self._api).upload(file, name, zgid=await self._zgid())

    async def create(self, item: BulkWriteDraft, /) -> Job:
        """Start a job with a file that was uploaded.

        After a lost answer, only an ``update`` is sent again: any other job would write its rows
        twice, and Zoho has no list in which to look for the first.

        Args:
            item: What to write, as in Zoho's reference.

        Returns:
            The job. Keep its ``id`` to take it up in another process, by :meth:`job`.

        Raises:
            aiozcrm.errors.ZohoError: If it was not started, or that is not known (``maybe_done``).
            TypeError: If it is no mapping, or holds what JSON does not know; nothing is sent.
        """
        return self.job((await self.start(item)).id)

    async def start(self, item: BulkWriteDraft) -> Outcome:
        """Start a job, and return the outcome with its id."""
        described: Any = item
        is_update = isinstance(described, Mapping) and described.get("operation") == "update"
        return await self._start(item, repeatable=is_update)

    async def get(self, id: str | int, /) -> BulkWriteState:
        """Return what Zoho says of a job now.

        Args:
            id: The job's id: digits as ``str`` or ``int``.

        Returns:
            The state of the job, as Zoho sent it. The counts of each ``resource`` tell how many
            rows were written.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such job.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If it is of a wrong type; nothing is sent.
        """
        own = self._id(id)

        def check(call: ApiCall, reply: Reply) -> None:
            check_value(call, reply, self.key)

        _, reply = await self._call("GET", own, check=check)
        state: BulkWriteState = object_of(reply.data, reply, "it")
        self._check_is_about(state.get("id", own), own, reply)
        return state

    def _addresses(self, state: Mapping[str, Any]) -> Sequence[Any]:
        result = state.get("result")
        return [result.get("download_url")] if isinstance(result, Mapping) else []

    async def _zgid(self) -> str:
        """Return the id by which file servers know the org; it is asked for once."""
        if self._api.zgid is None:
            from aiozcrm.resources.org import Org  # noqa: PLC0415  # only uploads need it

            self._api.zgid = (await Org(self._api).get()).get("zgid") or ""
        return self._api.zgid

    async def run(
        self,
        module: str,
        rows: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        operation: Operation,
        find_by: str | None = None,
        ignore_empty: bool = False,
        field_mappings: Mapping[str, Mapping[str, Any]] = _NOTHING,
        concurrency: int = 1,
        on_outcome: OnOutcome | None = None,
        on_job: OnJob | None = None,
    ) -> BatchReport:
        """Write rows, however many, and account for every one: by as many jobs as it takes.

        A job takes 25,000 rows. Rows of an update or upsert that have other fields travel in other
        files, since an empty cell overwrites what is there, unless ``ignore_empty`` is set; rows
        with the same value for ``find_by`` travel in jobs one after the other.

        Args:
            module: The API name of the module.
            rows: Values by API name: texts, numbers, booleans, dates, datetimes with an offset,
                lists of texts for multi-selects, None for what is empty. A lookup is
                ``{"id": ...}``, or ``{"Email": ...}`` with another unique field of its module.
            operation: ``insert``, ``update`` or ``upsert``.
            find_by: The field by which Zoho finds a record: ``id`` or a unique field. An update
                and an upsert need it; with an insert, rows whose record exists are left out.
            ignore_empty: Whether empty cells leave alone what is there.
            field_mappings: What else Zoho is to know of fields, such as
                ``{"Lead_Source": {"default_value": {"value": "Trade Show"}}}``.
            concurrency: How many jobs may run at once.
            on_outcome: Is called with each outcome as soon as it is there.
            on_job: Is called with each job that is started; it may be async.

        Returns:
            What became of each row, in the order of the rows. It is ``created``, ``updated``,
            ``failed`` where Zoho left it out, with its reason, or ``in_doubt`` where a job may
            have run and its results could not be had.

        Raises:
            aiozcrm.errors.InvalidInputError: If ``find_by`` is missing, or a row of a list
                cannot be sent.
            TypeError: If a row of a list is of a wrong type.
        """
        if operation not in {"insert", "update", "upsert"}:
            raise InvalidInputError(f"{operation!r} is no operation of a bulk write.")
        if find_by is None and operation != "insert":
            raise InvalidInputError(
                f"An {operation} needs find_by: id, or the API name of a unique field."
            )
        way = BulkImport(
            self,
            self._api,
            module=module,
            operation=operation,
            find_by=find_by,
            ignore_empty=ignore_empty,
            field_mappings=field_mappings,
            on_job=on_job,
        )
        batch = self._batch(
            way.send,
            way.rows,
            about=f"bulk {operation} {module}",
            concurrency=concurrency,
            on_outcome=on_outcome,
            prepare=way.prepare,
        )
        return await batch.report(rows)
