"""How the rows of a bulk write travel: a file, a job and a file of results for each chunk."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from aiozcrm._call_facts import note_call
from aiozcrm._csv import CsvInZip
from aiozcrm._protocol import plain_text
from aiozcrm._waiting import in_a_thread
from aiozcrm.batch import Chunk, Outcome, Rows
from aiozcrm.errors import InvalidInputError, InvalidResponseError, JobFailedError, ZohoError
from aiozcrm.resources._api import Api
from aiozcrm.resources._behaviours._jobs_by_id import tell_of
from aiozcrm.resources._bulk_files import MOST_ROWS, BulkFile, BulkRow, read_row
from aiozcrm.resources._bulk_results import outcomes_of_file
from aiozcrm.resources._schemas import fields_of
from aiozcrm.resources.jobs import Job, OnJob

if TYPE_CHECKING:
    from aiozcrm.resources.bulk_write import BulkWrite, BulkWriteDraft, Operation
    from aiozcrm.resources.fields import Field

__all__ = ["BulkImport"]


class BulkImport:
    """Writes the rows of a module by jobs.

    Args:
        jobs: Uploads files, starts jobs and downloads their results.
        api: Knows the fields of modules.
        module: The API name of the module.
        operation: What to do with the rows.
        find_by: The field by which Zoho finds a record.
        ignore_empty: Whether empty cells leave alone what is there.
        field_mappings: What else Zoho is to know of fields.
        on_job: Is called with each job that is started.

    Attributes:
        rows: How inputs become rows, and rows become files.
    """

    def __init__(
        self,
        jobs: BulkWrite,
        api: Api,
        *,
        module: str,
        operation: Operation,
        find_by: str | None,
        ignore_empty: bool,
        field_mappings: Mapping[str, Mapping[str, Any]],
        on_job: OnJob | None,
    ) -> None:
        self._jobs = jobs
        self._api = api
        self._module = module
        self._operation = operation
        self._find_by = find_by = plain_text(find_by)
        self._ignore_empty = ignore_empty
        self._field_mappings = field_mappings
        self._on_job = on_job
        self._fields: Mapping[str, Field] = {}
        self.rows: Rows[BulkRow] = Rows(
            read=lambda row: read_row(row, find_by=find_by, needed=operation == "update"),
            name=lambda row: row.cells.get("id", ""),
            per_call=MOST_ROWS,
            keys=None if find_by is None else self._keys,
            lane=self._lane,
        )

    def _keys(self, row: BulkRow) -> Iterable[Hashable]:
        value = row.cells.get(self._find_by or "", "").strip().casefold()
        return (value,) if value else ()

    def _lane(self, row: BulkRow) -> Hashable:
        # An empty cell of an insert leaves nothing out that was there.
        if self._operation == "insert" or self._ignore_empty:
            return row.unusual
        return row.unusual, frozenset(row.cells)

    async def prepare(self) -> None:
        """Read the fields of the module."""
        fields = await fields_of(self._api, self._module)
        self._fields = {field["api_name"]: field for field in fields}

    async def send(self, chunk: Chunk[BulkRow]) -> Sequence[Outcome]:
        """Write rows by one job, and return what became of each."""
        try:
            file, item = await self._upload(chunk.rows)
        except ZohoError as error:
            # A file that no job reads changes nothing.
            error.maybe_done = False
            raise
        started = await self._jobs.start(item)
        job = self._jobs.job(started.id)
        # From here on rows may have been written, whatever comes.
        note_call(0, maybe_done=True, sent_at=None)
        try:
            await tell_of(job, self._on_job)
        except ZohoError as error:
            # Otherwise it would pass for that of a call, and the rows might be sent again.
            raise RuntimeError(f"on_job failed: {error}") from error
        try:
            try:
                return await self._results(file, chunk, job, started.attempts)
            except InvalidInputError as error:
                # Of a call it means that a row cannot be sent, and the rows would be sent again.
                raise InvalidResponseError(
                    error.message, status=200, excerpt="", hint=error.hint
                ) from None
        except ZohoError as error:
            error.attempts = started.attempts
            error.maybe_done = not isinstance(error, JobFailedError)
            error.hint = f"bulk_write.get({job.id!r}) tells more. {error.hint}".rstrip()
            raise

    async def _upload(self, rows: Sequence[BulkRow]) -> tuple[BulkFile, BulkWriteDraft]:
        """Upload rows, and return their file and what a job is to do with it."""
        with tempfile.TemporaryFile() as packed:
            file, mappings = await in_a_thread(self._pack, rows, packed)
            uploaded = await self._jobs.upload(packed, name=f"{self._module}.zip")
        resource: dict[str, Any] = {
            "type": "data",
            "module": {"api_name": self._module},
            "file_id": uploaded.id,
            "field_mappings": mappings,
        }
        if self._find_by is not None:
            resource["find_by"] = self._find_by
        return file, {
            "operation": self._operation,
            "ignore_empty": self._ignore_empty,
            "character_encoding": "UTF-8",
            "resource": [resource],
        }

    def _pack(
        self, rows: Sequence[BulkRow], packed: IO[bytes]
    ) -> tuple[BulkFile, Sequence[Mapping[str, Any]]]:
        """Write the file of some rows, and return it with what its columns are. It blocks."""
        try:
            file = BulkFile.of(rows, find_by=self._find_by)
            file.write(packed, f"{self._module}.csv")
        except UnicodeEncodeError as error:
            raise InvalidInputError(f"A row holds what UTF-8 cannot: {error.reason}.") from None
        packed.seek(0)
        return file, file.mappings(self._fields, self._field_mappings)

    async def _results(
        self, file: BulkFile, chunk: Chunk[BulkRow], job: Job, attempts: int
    ) -> Sequence[Outcome]:
        """Wait for the end of a job, and return what its results say.

        Raises:
            aiozcrm.errors.JobFailedError: If it has surely written nothing.
            aiozcrm.errors.ZohoError: If its results cannot be had.
        """
        try:
            state = await job.wait()
        except JobFailedError as error:
            if _has_written_nothing(error.state):
                raise
            state = error.state
        with tempfile.TemporaryFile() as told:
            await self._jobs.download(state, told)
            return await in_a_thread(_read_results, told, file, chunk, attempts)


def _read_results(
    told: IO[bytes], file: BulkFile, chunk: Chunk[BulkRow], attempts: int
) -> Sequence[Outcome]:
    """Return what results say of each row, with its place in the input. It blocks."""
    results = CsvInZip(told, most=len(file.rows))
    outcomes = outcomes_of_file(file, results, attempts=attempts)
    # Here it keeps no event loop waiting.
    chunk.give_places(outcomes)
    return outcomes


def _has_written_nothing(state: Mapping[str, Any]) -> bool:
    """Return whether a job that has failed says that it has left all rows alone."""
    resources = state.get("resource")
    files = [
        resource.get("file") if isinstance(resource, Mapping) else None
        for resource in (resources if isinstance(resources, list) else ())
    ]
    return bool(files) and all(
        isinstance(file, Mapping)
        and file.get("added_count") == 0
        and file.get("updated_count") == 0
        for file in files
    )
