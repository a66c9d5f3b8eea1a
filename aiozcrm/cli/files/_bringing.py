"""Brings the attachments of many records, with a folder for each record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.batch import Outcome, no_input_avoids
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.files._brought import Brought, BroughtFile
from aiozcrm.cli.files._file_lines import FileResult
from aiozcrm.cli.runs._display import Tally
from aiozcrm.cli.runs._results import Failure
from aiozcrm.errors import ZohoError

if TYPE_CHECKING:
    from aiozcrm.resources.records import Records

__all__ = ["Download", "RecordTally"]


@attrs.define(eq=False, kw_only=True)
class RecordTally(Tally):
    """Counts files, and is done when all records are.

    Attributes:
        records: How many records are done.
    """

    records: int = attrs.field(init=False, default=0)

    @property
    def done(self) -> int:
        """How many records are done."""
        return self.records


@attrs.define(eq=False, kw_only=True)
class Download:
    """The download of the attachments of some records of an org.

    Attributes:
        profile: The profile that results name; None if there is only one.
        module: The module of the records.
        ids: The records.
        folder: Where they go.
        tally: Counts them.
        tell: Is called with the result of each file.
        codes: The exit codes of what is not done.
        failure: Why the rest of the org was not attempted; None if it was.
    """

    profile: str | None
    module: str
    ids: Sequence[str]
    folder: Path
    tally: RecordTally
    tell: Callable[[FileResult], object]
    codes: set[ExitCode] = attrs.field(init=False, factory=set)
    failure: ZohoError | OSError | None = attrs.field(init=False, default=None)
    _brought: Brought = attrs.field(init=False)

    async def run(self, zoho: ZohoCRM, concurrency: int) -> None:
        """Bring everything.

        Args:
            zoho: The client of the org.
            concurrency: How many files may come at once.

        Raises:
            aiozcrm.errors.InvalidInputError: If the module cannot be one.
            OSError: If nothing can be written there.
        """
        records = zoho.records(self.module)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._brought = Brought(self.folder)
        workers = min(concurrency, len(self.ids))
        left = iter(self.ids)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(records, left, concurrency // workers))

    async def _work(self, records: Records[Any], left: Iterator[str], at_once: int) -> None:
        for record_id in left:
            try:
                if not await self._skip(records, record_id):
                    await self._bring(records, record_id, at_once)
            except (ZohoError, OSError) as error:
                self.failure = error
            self.tally.records += 1
            # An error of this kind would be that of each record.
            if self.failure is not None:
                return

    async def _skip(self, records: Records[Any], record_id: str) -> bool:
        """Tell of the files of a record, if an earlier run has brought all of them."""
        if record_id not in self._brought:
            return False
        try:
            rows = await records.attachments(record_id).list(fields=("File_Name", "$link_url"))
        except ZohoError:
            return False
        ids = [str(row.get("id")) for row in rows if not row.get("$link_url")]
        files = self._brought.all_of(record_id, ids)
        for own, file in (files or {}).items():
            self._tell(
                record_id=record_id,
                id=own,
                file=str(self.folder / record_id / file.name),
                size=file.size,
                status="already_there",
                kind="kept",
            )
        return files is not None

    async def _bring(self, records: Records[Any], record_id: str, at_once: int) -> None:
        place = self.folder / record_id
        place.mkdir(exist_ok=True)
        self._brought.forget(record_id)
        files: dict[str, BroughtFile] = {}
        is_whole = True
        try:
            outcomes = records.iter_download_attachments([record_id], place, concurrency=at_once)
            async with contextlib.aclosing(outcomes):
                async for outcome in outcomes:
                    if outcome.kind == "done":
                        files[outcome.id] = self._note(outcome, record_id)
                    else:
                        is_whole = False
                        self._note_failure(outcome, record_id)
        finally:
            # A record without attachments needs no folder.
            with contextlib.suppress(OSError):
                place.rmdir()
        if is_whole and files:
            self._brought.keep(record_id, files)

    def _note(self, outcome: Outcome, record_id: str) -> BroughtFile:
        path = Path(outcome.details["path"])
        file = BroughtFile(path.name, path.stat().st_size)
        self._tell(
            record_id=record_id,
            id=outcome.id,
            file=str(path),
            size=file.size,
            status="downloaded",
            kind="done",
            attempts=outcome.attempts,
        )
        return file

    def _note_failure(self, outcome: Outcome, record_id: str) -> None:
        error: Any = outcome.error
        failure = Failure.of(error)
        self.codes.add(failure.code)
        if isinstance(error, ZohoError) and no_input_avoids(error):
            self.failure = error
        self._tell(
            record_id=record_id,
            # If its attachments could not be listed, it is about the record.
            id=None if outcome.id == record_id else outcome.id,
            file=None,
            status=outcome.status,
            kind=outcome.kind,
            attempts=outcome.attempts,
            error=failure.message,
        )

    def _tell(self, **facts: Any) -> None:
        result = FileResult(profile=self.profile, **facts)
        self.tally.counts.note(result)
        self.tell(result)
