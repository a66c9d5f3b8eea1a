"""The rows of a bulk read, from job to job."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiozcrm._csv import CsvInZip
from aiozcrm._waiting import in_a_thread
from aiozcrm.errors import ApiError, InvalidInputError, InvalidResponseError
from aiozcrm.resources._api import Api
from aiozcrm.resources._behaviours._jobs_by_id import tell_of
from aiozcrm.resources._cells import ColumnReader, reader_of, rows_by_name
from aiozcrm.resources._schemas import fields_of
from aiozcrm.resources.jobs import Job, OnJob
from aiozcrm.resources.pages import Pages

if TYPE_CHECKING:
    from aiozcrm.resources.bulk_read import BulkRead, BulkReadDraft
    from aiozcrm.resources.fields import Field

__all__ = ["BulkRows"]

#: How many rows a job has at most.
#: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html
_ROWS_OF_A_JOB: Final = 200_000

#: How many rows are made at a time; more would take longer a row.
_PIECE: Final = 100


class BulkRows(Pages[dict[str, Any]]):
    """The rows of a bulk read, as they come from Zoho's files.

    Keep the ``cursor`` with what you make of the rows, and another process can go on from there.

    Args:
        jobs: Starts jobs and downloads their files.
        api: Knows the fields of modules.
        module: The API name of the module.
        item: What the first job is to read.
        cursor: Where to go on instead; None to start anew.
        raw: Whether values stay text.
        on_job: Is called with each job that is started.

    Raises:
        aiozcrm.errors.InvalidInputError: If the cursor is none.
    """

    def __init__(
        self,
        jobs: BulkRead,
        api: Api,
        *,
        module: str,
        item: BulkReadDraft,
        cursor: str | None,
        raw: bool,
        on_job: OnJob | None,
    ) -> None:
        super().__init__(self._rows())
        self._items = self._one_by_one()
        self._jobs = jobs
        self._api = api
        self._module = module
        self._item = item
        self._raw = raw
        self._on_job = on_job
        self._fields: Mapping[str, Field] = {}
        self._job: Job | None = None
        self._given = 0
        if cursor is not None:
            if not isinstance(cursor, str):
                raise TypeError(f"a cursor is a text, not {type(cursor).__name__}")
            job_id, colon, given = cursor.partition(":")
            if colon and not (given.isascii() and given.isdigit()):
                raise InvalidInputError(f"{cursor[:50]!r} is not a cursor of a bulk read.")
            self._job = jobs.job(job_id)
            self._given = int(given or 0)

    @property
    def cursor(self) -> str | None:
        """Where the rows go on that have not been handed out; None before the first job.

        It is the id of a job and the number of its rows that you have, such as
        ``6100001000000501001:1200``. Zoho keeps the file of a job for a day.
        """
        return None if self._job is None else f"{self._job.id}:{self._given}"

    async def _one_by_one(self) -> AsyncGenerator[dict[str, Any], None]:
        async with contextlib.aclosing(self._rows()) as pieces:
            async for rows in pieces:
                first = self._given - len(rows) + 1
                for self._given, row in enumerate(rows, first):
                    yield row

    async def _rows(self) -> AsyncGenerator[list[dict[str, Any]], None]:
        if not self._raw:
            fields = await fields_of(self._api, self._module)
            self._fields = {field["api_name"]: field for field in fields}
        job = self._job or await self._begin(self._item)
        tokens = set[str]()
        while True:
            state = await job.wait()
            self._check_module(state)
            result = state.get("result")
            if not isinstance(result, dict):
                raise _incomplete("it has no result")
            async with contextlib.aclosing(self._rows_of_job(job, result)) as pieces:
                async for rows in pieces:
                    self._given += len(rows)
                    yield rows
            more = result.get("more_records")
            if more is None and self._given < _ROWS_OF_A_JOB:
                more = False
            if not isinstance(more, bool):
                raise _incomplete("it does not tell whether there are more rows")
            if not more:
                return
            token = result.get("next_page_token")
            if not isinstance(token, str) or token in {"", *tokens}:
                raise _incomplete("there are more rows, and no way to read them")
            tokens.add(token)
            job = await self._begin({"query": {"page_token": token}})

    async def _begin(self, item: BulkReadDraft) -> Job:
        """Start a job, and tell of it before anything else happens."""
        job = self._job = await self._jobs.create(item)
        self._given = 0
        await tell_of(job, self._on_job)
        return job

    def _check_module(self, state: Mapping[str, Any]) -> None:
        """Check that a job whose id was kept is one of this module.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is one of another.
        """
        query = state.get("query")
        module = query.get("module") if isinstance(query, dict) else None
        # In the first versions it was a text.
        name = module.get("api_name") if isinstance(module, dict) else module
        if name not in {None, self._module}:
            raise InvalidInputError(f"The job reads {name}, not {self._module}.")

    async def _rows_of_job(
        self, job: Job, result: Mapping[str, Any]
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        """Yield the rows of a job's file that have not been handed out."""
        count = result.get("count")
        count = count if isinstance(count, int) else None
        # A file without a name, of which nothing is left even if this process is killed.
        with tempfile.TemporaryFile() as file:
            await self._jobs.download(str(job.id), file)
            most = _ROWS_OF_A_JOB if count is None else count
            table = await in_a_thread(CsvInZip, file, most=most)
            take = await self._taker(table)
            known, total = self._given, 0
            while rows := take():
                new = rows[max(0, known - total) :]
                total += len(rows)
                if new:
                    yield new
                if table.runs_low:
                    await in_a_thread(table.read_ahead)
                else:
                    await asyncio.sleep(0)
        if count not in {None, total} or known > total:
            raise _incomplete(f"there should be {max(count or 0, known)} rows, and are {total}")

    async def _taker(self, table: CsvInZip) -> Callable[[], list[dict[str, Any]]]:
        """Return what takes the next rows of a file."""
        names = ["id" if name == "Id" else name for name in table.names]
        if self._raw:
            # They are as wide as each other, and saying so would cost a third more.
            return lambda: [dict(zip(names, row)) for row in table.take(_PIECE)]  # noqa: B905
        readers = [await self._reader(name) for name in names]
        return lambda: rows_by_name(table.take(_PIECE), names, readers)

    async def _reader(self, name: str) -> ColumnReader:
        """Return what makes values of a column; dots lead into the fields of other modules."""
        name, dot, inner = name.partition(".")
        field = self._fields.get(name)
        if not dot or field is None:
            return reader_of(field)
        lookup = field.get("lookup")
        module = lookup.get("module") if isinstance(lookup, dict) else None
        other = module.get("api_name") if isinstance(module, dict) else None
        if not isinstance(other, str):
            return reader_of(None)
        try:
            others = await fields_of(self._api, other)
        except ApiError:  # nobody has to be allowed to see those
            return reader_of(None)
        return reader_of(next((each for each in others if each["api_name"] == inner), None))


def _incomplete(why: str) -> InvalidResponseError:
    return InvalidResponseError(
        f"A bulk read is not complete: {why}.", status=200, excerpt="", hint="Start it again."
    )
