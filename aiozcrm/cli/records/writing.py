"""``aiozcrm records create``, ``update`` and ``upsert``: rows of a file become records."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._option_groups import ModuleOfNewRun, with_option_groups
from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import listed
from aiozcrm.cli.records._row_files import read_rows
from aiozcrm.cli.records._rows import names_in
from aiozcrm.cli.records._writes_plan import TRIGGERS, Action, Write, verb_for
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions
from aiozcrm.cli.runs._text_files import STDIN

__all__ = ["create", "update", "upsert"]

_JOURNALS: Final = tuple(f"records {action}" for action in ("create", "update", "upsert"))

SourceOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="The rows: CSV, JSON or JSON Lines; - is standard input. Columns and keys are API "
        "names of fields.",
        show_default=False,
    ),
]
TriggerOption = Annotated[
    str | None,
    typer.Option(
        "--trigger",
        metavar="NAMES|none",
        help=f"What the write sets off, separated by commas, of {', '.join(TRIGGERS)}. Without "
        "it, all that is configured.",
        show_default=False,
    ),
]


@with_option_groups
def create(
    module: ModuleOfNewRun = None,
    *,
    source: SourceOption = None,
    trigger: TriggerOption = None,
    options: RunOptions,
) -> None:
    """Create a record of each row of a file, in one org or in many.

    The command first shows where the rows go, what they set off and what that costs, and asks for
    confirmation. Empty cells are left out. What became of each row is in a journal at once, so
    you can resume a run that was stopped in any way; a row that it may have created by then is
    reported as in doubt, and not sent again.
    """
    _carry_out("create", module, source, trigger, options)


@with_option_groups
def update(
    module: ModuleOfNewRun = None,
    *,
    source: SourceOption = None,
    trigger: TriggerOption = None,
    options: RunOptions,
) -> None:
    """Change the record of each row of a file, in one org or in many.

    Each row has the id of its record. Fields that a row does not have stay as they are, and so do
    those of empty cells; null in JSON empties one. The command first shows where the rows go, what
    they set off and what that costs, and asks for confirmation. What became of each row is in a
    journal at once, so you can resume a run that was stopped in any way.
    """
    _carry_out("update", module, source, trigger, options)


@with_option_groups
def upsert(
    module: ModuleOfNewRun = None,
    *,
    source: SourceOption = None,
    check_fields: Annotated[
        list[str] | None,
        typer.Option(
            "--duplicate-check-fields",
            metavar="NAMES",
            help="API names of the fields that tell which records are the same, separated by "
            "commas. Without it, that of the module.",
            show_default=False,
        ),
    ] = None,
    trigger: TriggerOption = None,
    options: RunOptions,
) -> None:
    """Create the record of each row of a file, or change the one that is the same.

    The command first shows where the rows go, what they set off and what that costs, and asks for
    confirmation. Empty cells are left out. What became of each row is in a journal at once, so
    you can resume a run that was stopped in any way. A row that was on its way then is sent again
    if it has an id or a value of --duplicate-check-fields; else it is reported as in doubt.
    """
    names = names_in(check_fields or ())
    _carry_out("upsert", module, source, trigger, options, check_fields=names)


def _carry_out(
    action: Action,
    module: str | None,
    source: str | None,
    trigger: str | None,
    options: RunOptions,
    *,
    check_fields: list[str] | None = None,
) -> NoReturn:
    run_with = functools.partial(
        Run,
        command=f"records {action}",
        verb=verb_for(action),
        options=options,
        resumes=_JOURNALS,
    )
    if options.resume is not None:
        options.check_resume(module, source, trigger, check_fields)
        run_with(settings={}).resume(options.resume)
    if module is None or source is None:
        raise exit_with("name a module, and the file of the rows with --from.")
    file = None if source == STDIN else expanded(Path(source))
    write = Write(
        action=action,
        module=module,
        file=read_rows(file or STDIN, by_id=action == "update"),
        check_fields=check_fields or None,
        trigger=_triggers_in(trigger),
    )
    run = run_with(settings=write.settings(), source=file)
    run.carry_out(dict.fromkeys(run.chosen(), ()), write.plan)


def _triggers_in(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [] if text.strip() == "none" else names_in([text])
    for name in names:
        if name not in TRIGGERS:
            raise typer.BadParameter(
                f"{name} is no trigger. Give none, or some of: {listed(TRIGGERS)}.",
                param_hint="--trigger",
            )
    return names
