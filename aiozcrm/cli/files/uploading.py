"""``aiozcrm attachments upload``: files become attachments of a record."""

from __future__ import annotations

import asyncio
import functools
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer
from rich.filesize import decimal

from aiozcrm import ZohoCRM, check_record_id
from aiozcrm.batch import OnOutcome, Outcome, OutcomeKind, no_input_avoids
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._option_groups import ModuleOfNewRun, with_option_groups
from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import name_of, printable
from aiozcrm.cli.files._file_lines import FileLines, FileResult
from aiozcrm.cli.runs._plans import OrgPlan, PlannedItem, Verb
from aiozcrm.cli.runs._results import Report, Target
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions
from aiozcrm.errors import InvalidInputError, ZohoError

if TYPE_CHECKING:
    from aiozcrm.resources.records.attachments import Attachments

__all__ = ["upload"]

_COMMAND: Final = "attachments upload"


class _GivenFile(NamedTuple):
    """A file to upload.

    Attributes:
        path: Its path, which leads to it from any folder.
        shown: What it is called in the plan.
    """

    path: str
    shown: str


@with_option_groups
def upload(
    module: ModuleOfNewRun = None,
    record_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The id of the record.", show_default=False),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="The files.", show_default=False),
    ] = None,
    *,
    options: RunOptions,
) -> None:
    """Attach files to a record.

    The command first shows the org, the record and the files with their sizes, and asks for
    confirmation. Each file is sent only once: if the answer is lost, the command looks for the file
    among the attachments of the record, and if that does not settle it, reports it as in doubt.
    Every outcome is written to a journal at once, so you can resume a run that was stopped in any
    way.
    """
    lines = FileLines(as_json=options.as_json)
    run = Run(
        command=_COMMAND,
        verb=_ATTACH,
        settings={"module": module, "record_id": record_id},
        options=options,
        resumes=(_COMMAND,),
        after=functools.partial(_write, lines, options),
        console=lines.console,
    )
    if options.resume is not None:
        options.check_resume(module, record_id, files)
        run.resume(options.resume)
    if module is None or record_id is None or not files:
        raise exit_with("name a module, the id of a record, and files.")
    check_record_id(record_id)
    given = _checked(files)
    run.carry_out(
        dict.fromkeys(run.chosen(), ()), functools.partial(_plan, module, record_id, given)
    )


def _checked(files: Iterable[Path]) -> Sequence[_GivenFile]:
    """Return the files, each once, when it is known that they can be sent.

    Raises:
        aiozcrm.errors.InvalidInputError: If one cannot be.
    """
    found: dict[tuple[str, int, int], _GivenFile] = {}
    for given in files:
        path = expanded(given) or given
        try:
            facts = path.stat()
            problem = _problem_with(path, facts)
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            raise InvalidInputError(f"{path} {problem}.", hint="Nothing was sent.")
        # Under another name, it is another attachment.
        key = path.name, facts.st_dev, facts.st_ino
        if key in found:
            typer.echo(printable(f"Duplicate left out: {path}"), err=True)
        else:
            found[key] = _GivenFile(str(path.absolute()), f"{path} ({decimal(facts.st_size)})")
    return tuple(found.values())


def _problem_with(path: Path, facts: os.stat_result) -> str | None:
    """Return why a file cannot be sent; None if it can.

    Raises:
        OSError: If it cannot be read.
    """
    # No other command needs it.
    from aiozcrm.resources.records.attachments import Attachments  # noqa: PLC0415

    size, most = facts.st_size, Attachments.most_bytes
    if not stat.S_ISREG(facts.st_mode):
        return "is not a file"
    if not size:
        return "is empty, which Zoho does not accept"
    if size > most:
        return f"has {size:,} bytes; Zoho takes {most:,} at most"
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return "has a name that cannot be sent"
    # What others alone may read has a size, too.
    path.open("rb").close()
    return None


async def _plan(
    module: str,
    record_id: str,
    files: Sequence[_GivenFile],
    zoho: ZohoCRM,
    target: Target,
    _named: Sequence[str],
) -> OrgPlan:
    """Return what happens in an org.

    Raises:
        aiozcrm.errors.NotFoundError: If it does not have the record.
        aiozcrm.errors.ZohoError: If a call failed; the class says why.
    """
    name = name_of(await zoho.records(module).get(record_id))
    return OrgPlan(
        target=target,
        items=tuple(
            PlannedItem(id=file.path, name=Path(file.path).name, fate="goes") for file in files
        ),
        summary=(
            f"Record: {module} {record_id}{f', {name}' if name else ''}",
            *(file.shown for file in files),
        ),
        shown=0,
    )


async def _attach(
    zoho: ZohoCRM,
    _target: Target,
    paths: Iterator[str],
    settings: Mapping[str, Any],
    concurrency: int,
    on_outcome: OnOutcome,
) -> None:
    attachments = zoho.records(settings["module"]).attachments(settings["record_id"])
    ends: list[ZohoError | OSError] = []

    async def work() -> None:
        try:
            for path in paths:
                outcome = await _attach_one(attachments, path)
                await on_outcome(outcome)  # type: ignore[misc]  # that of a run is awaitable
                error = outcome.error
                if isinstance(error, ZohoError) and no_input_avoids(error):
                    ends.append(error)
                if ends:
                    return
        except OSError as error:
            # The journal cannot be written any more. What others send meanwhile is finished.
            ends.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
    if ends:
        # The rest is not attempted, for this reason.
        raise ends[0]


async def _attach_one(attachments: Attachments, path: str) -> Outcome:
    try:
        made = await attachments.upload(path)
    except ZohoError as error:
        status = "in_doubt" if error.maybe_done else "failed"
        return Outcome(path, status, error.attempts, error)  # type: ignore[arg-type]  # both are
    except OSError as error:
        return Outcome(path, "failed", 0, error)
    return Outcome(path, made.status, made.attempts, details={"id": made.id})


_ATTACH: Final = Verb(
    noun="file",
    present="attach",
    past="attached",
    act=_attach,
    counted="file",
    # A second time would attach it twice.
    may_repeat=lambda _settings, _path: False,
)


def _write(lines: FileLines, options: RunOptions, report: Report) -> None:
    """Write a line for each file, and one for each org that failed as a whole."""
    several = options.all_profiles or len(report.targets) > 1
    for target in report.targets:
        whose = target.target.profile if several else None
        for result in target.results:
            lines.write(
                FileResult(
                    profile=whose,
                    id=result.record_id,
                    file=result.id,
                    status=result.status,
                    kind=result.kind,
                    attempts=result.attempts,
                    error=result.error,
                )
            )
        if target.failure and not target.results:
            kind: OutcomeKind = "not_attempted"
            error = target.failure.message
            lines.write(
                FileResult(profile=whose, id=None, file=None, status=kind, kind=kind, error=error)
            )
