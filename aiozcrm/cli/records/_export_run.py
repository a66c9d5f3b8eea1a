"""Carries out exports, each into a file that is complete or not there."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import (
    ExitCode,
    describe,
    exit_code_for,
    exit_with,
    log_traceback,
    say_error,
)
from aiozcrm.cli._output import in_cell, print_lines
from aiozcrm.cli._signals import on_stop_signal
from aiozcrm.cli._words import plural
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._orgs import ORGS_AT_ONCE
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.records._export_drafts import Progress
from aiozcrm.cli.records._export_files import RowWriter, opened_writer
from aiozcrm.cli.records._export_plan import Export
from aiozcrm.cli.records._export_ways import ONLY_IN_FULL, Source, Via, Way
from aiozcrm.cli.runs._counts import StatusCount
from aiozcrm.cli.runs._display import Display, SteadyConsole, Tally, display_for, shown_steadily
from aiozcrm.cli.runs._results import Target
from aiozcrm.cli.runs._targets import check_target, target_of
from aiozcrm.errors import (
    ApiError,
    InvalidResponseError,
    JobFailedError,
    NotFoundError,
    ZohoError,
)
from aiozcrm.events import Event
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records import ListQuery, every_record

__all__ = ["ExportRun"]

_Pages: TypeAlias = AsyncGenerator[list[dict[str, Any]], None]

#: After how many rows of a bulk read it is noted how far it is.
_ROWS_A_NOTE: Final = 10_000

_EXPORTED: Final = StatusCount("exported", "done", 1)

#: What Zoho answers where a way cannot be used for a module or for one of its fields.
_NOT_THIS_WAY: Final = frozenset(
    {"INVALID_MODULE", "INVALID_QUERY", "SYNTAX_ERROR", "MODULE_NOT_AVAILABLE"}
    | {"MODULE_NOT_SUPPORTED", "FIELD_NOT_AVAILABLE", "FIELD_NOT_SUPPORTED", "NOT_SUPPORTED"}
    | {"JOIN_LIMIT_EXCEEDED", "JOB_NOT_SUPPORTED", "NOT_SUPPORTED_FEATURE", "QUERY_NOT_SUPPORTED"}
)

#: Errors behind which a job is of no use any more.
_ENDS_JOB: Final = (InvalidResponseError, JobFailedError, NotFoundError)


@attrs.frozen(kw_only=True)
class ExportRun:
    """Exports of several orgs at once.

    Attributes:
        profiles: Knows the credentials.
        console: Where to show everything.
        several: Whether sentences have to name the profile.
        as_json: Whether programs are to read what was done.
    """

    profiles: Profiles
    console: SteadyConsole
    several: bool
    as_json: bool

    async def carry_out(self, exports: Mapping[Target, Export]) -> list[ExitCode]:
        """Export every org, and return how each ended; one that fails stops no other.

        Raises:
            typer.Exit: If it was interrupted.
        """
        tallies = [
            Tally(name=target.profile, total=export.rows_left, limit=1)
            for target, export in exports.items()
        ]
        display = display_for(self.console, *tallies)
        slots = asyncio.Semaphore(ORGS_AT_ONCE)
        work = [
            _Work(run=self, target=target, export=export, tally=tally, display=display)
            for (target, export), tally in zip(exports.items(), tallies, strict=True)
        ]
        all_work = asyncio.gather(*(one.attempt(slots) for one in work))
        interrupted = False
        async with shown_steadily(display):
            with on_stop_signal(all_work.cancel):
                try:
                    await all_work
                except asyncio.CancelledError:
                    interrupted = True
        if interrupted:
            raise exit_with(f"interrupted.{_hint(exports.values())}", ExitCode.INTERRUPTED)
        return [self._tell(one) for one in work]

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self.console.print(in_cell(sentence), soft_wrap=True, markup=False)

    def _tell(self, work: _Work) -> ExitCode:
        """Say how an export has ended, and return its exit code."""
        profile, export, error = work.target.profile, work.export, work.error
        whose = f"{profile}: " if self.several else ""
        if error is not None:
            log_traceback(profile, error)
            told = describe(error)
            # Some errors of calls are of these classes, too.
            if isinstance(error, (OSError, sqlite3.Error)) and not isinstance(error, ZohoError):
                reason = getattr(error, "strerror", None) or error
                told = f"{export.draft.place} cannot be written: {reason}."
            say_error(f"{whose}{told}{_hint([export])}")
            return exit_code_for(error)
        if self.as_json:
            facts = {
                **({"profile": profile} if self.several else {}),
                "module": export.source.module,
                "file": str(export.draft.place),
                "via": work.via,
                "rows": work.rows,
            }
            print_lines([facts])
        else:
            counted = f"{work.rows:,} row{'' if work.rows == 1 else 's'}"
            self.say(f"{whose}{counted}, by {work.via}, in {export.draft.place}")
        return ExitCode.DONE


@attrs.define(eq=False, kw_only=True)
class _Work:
    """The export of one org while it is carried out.

    Attributes:
        run: What it is a part of.
        target: The org.
        export: What was confirmed.
        tally: Counts the rows.
        display: Shows the tally.
        via: How rows are read.
        error: Why it has failed; None if it has not.
    """

    run: ExportRun
    target: Target
    export: Export
    tally: Tally
    display: Display
    via: Via = "list"
    error: Exception | None = None

    @property
    def rows(self) -> int:
        """How many rows are in the file."""
        before = self.export.progress.rows if self.export.progress else 0
        return before + self.tally.done

    async def attempt(self, slots: asyncio.Semaphore) -> None:
        """Export, and keep the error if that fails."""
        async with slots:
            try:
                await self._export()
            except (ZohoError, OSError, sqlite3.Error, ValueError, ArithmeticError) as error:
                self.error = error

    async def _export(self) -> None:
        profile, draft = self.run.profiles.load(self.target.profile), self.export.draft
        target_of(profile, expected=self.target)
        async with client_for(profile, self.run.profiles, on_event=self._note_event) as zoho:
            await check_target(zoho, self.target)
            with draft.begun(anew=self.export.progress is None):
                try:
                    await self._write(zoho)
                    draft.finish()
                except BaseException as error:
                    if isinstance(error, _ENDS_JOB) or draft.progress() is None:
                        draft.discard()
                    raise

    async def _write(self, zoho: ZohoCRM) -> None:
        """Write all rows to the draft."""
        source, draft, progress = self.export.source, self.export.draft, self.export.progress
        form, size = draft.place.suffix.lower(), progress.size if progress else 0
        with opened_writer(draft.path, form, source.module, source.fields, size=size) as writer:
            await self._write_somehow(self.export.ways, zoho, writer)
            writer.finish()
        self.tally.total = self.tally.done

    async def _write_somehow(self, ways: Sequence[Way], zoho: ZohoCRM, writer: RowWriter) -> None:
        """Write all rows in the first way that Zoho takes."""
        way, *others = ways
        try:
            await self._write_by(way.via, zoho, writer)
        except ApiError as error:
            if not others or self.tally.done or error.code not in _NOT_THIS_WAY:
                raise
            self.run.say(
                f"{self.target.profile}: {way.via} cannot be used: {describe(error)} Rows are read "
                f"by {others[0].via} for about {plural(others[0].credits, 'credit')}."
            )
            await self._write_somehow(others, zoho, writer)

    async def _write_by(self, via: Via, zoho: ZohoCRM, writer: RowWriter) -> None:
        self.via = via
        read = {"list": _list_pages, "coql": _query_pages}
        source = self.export.source
        pages = self._bulk_pages(zoho, writer) if via == "bulk-read" else read[via](zoho, source)
        async with contextlib.aclosing(pages):
            async for rows in pages:
                writer.put(rows)
                self.tally.counts.note(_EXPORTED, len(rows))
                self.tally.total = max(self.tally.total, self.tally.done)
                self.display.show()

    async def _bulk_pages(self, zoho: ZohoCRM, writer: RowWriter) -> _Pages:
        """Yield the rows of a bulk read, and note from time to time how far it is."""

        def note_job(job: Job) -> None:
            self.run.say(f"{self.target.profile}: bulk read {job.id} has started.")
            self._note(str(job.id), writer)

        source, progress = self.export.source, self.export.progress
        rows = zoho.bulk_read.rows(
            source.module,
            fields=list(source.fields) or ["id"],
            cursor=progress.cursor if progress else None,
            on_job=note_job,
        )
        noted = self.rows
        async with contextlib.aclosing(rows):
            async for piece in rows.pages():
                yield piece
                if self.rows >= noted + _ROWS_A_NOTE:
                    noted = self.rows
                    self._note(str(rows.cursor), writer)

    def _note(self, cursor: str, writer: RowWriter) -> None:
        size = writer.mark()
        # Of a file that cannot be gone on with, only the start is worth a note.
        if size or not self.rows:
            self.export.draft.note(Progress(cursor=cursor, size=size, rows=self.rows))

    def _note_event(self, event: Event) -> None:
        self.tally.note_event(event)
        self.display.show()


def _list_pages(zoho: ZohoCRM, source: Source) -> _Pages:
    in_full = source.of_types(ONLY_IN_FULL)
    names = [name for name in source.fields if name not in in_full] or ["id"]
    query: ListQuery = {**every_record(source.module), "sort_order": "asc"}
    found = zoho.records(source.module).iter(fields=names, full=source.in_full, **query)
    return found.pages()


def _query_pages(zoho: ZohoCRM, source: Source) -> _Pages:
    names = ", ".join(source.fields or ["id"])
    where = "" if source.condition is None else f" where ({source.condition})"
    return zoho.iter_query(f"select {names} from {source.module}{where}").pages()  # noqa: S608


def _hint(exports: Iterable[Export]) -> str:
    """Return how to go on, if an export has left something to go on with."""
    if not any(export.draft.progress() for export in exports):
        return ""
    return " Run the same command again within 20 hours: a bulk read continues where it left off."
