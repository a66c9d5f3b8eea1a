"""``aiozcrm schema``: the fields of a module, as source code, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import ExitCode, exit_with
from aiozcrm.cli._option_groups import ModuleArgument
from aiozcrm.cli._output import JsonOption, print_lines, print_table
from aiozcrm.cli._paths import expanded, replace_file, why_not_replaced
from aiozcrm.cli._words import plural, printable
from aiozcrm.cli.profiles._orgs import ask_org
from aiozcrm.cli.profiles._profile_options import ProfileOption
from aiozcrm.resources.schema import Schema

__all__ = ["schema"]


def schema(  # the options of a command
    module: ModuleArgument,
    *,
    form: Annotated[
        Literal["typeddict", "attrs", "dataclass", "sql"] | None,
        typer.Option("--to", help="Write source code: a class or a table.", show_default=False),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Keep it in a file, for --diff."),
    ] = None,
    diff: Annotated[
        Path | None,
        typer.Option(
            "--diff",
            metavar="FILE",
            help="Show what has changed since the file was saved; if anything has, exit with 1.",
        ),
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the fields of a module."""
    before = None if diff is None else _load(diff)
    place = expanded(save)
    if place is not None and (reason := why_not_replaced(place)):
        raise exit_with(f"{place} cannot be written: {reason}.")

    async def read(zoho: ZohoCRM) -> Schema:
        return await zoho.schema(module)

    found = ask_org(read, profile, module=module)
    if place is not None:
        # A schema that is cut off would take the place of one to compare with.
        replace_file(place, [found.to_json().encode(), b"\n"])
    if before is not None:
        _show_changes(before, found, as_json=as_json)
    elif form is not None:
        typer.echo(found.to_source(form), nl=False)
    elif as_json:
        print_lines(found.fields.values())
    elif place is None:
        head = ("Field", "Label", "Type", "Length", "Rules", "Values")
        print_table(head, map(_row_of, found.fields.values()))


def _load(path: Path) -> Schema:
    try:
        return Schema.load(expanded(path) or path)
    except (OSError, ValueError) as error:
        raise exit_with(f"{path} holds no schema that can be read: {error}") from None


def _show_changes(before: Schema, now: Schema, *, as_json: bool) -> None:
    changes = before.diff(now)
    if as_json:
        print_lines({"kind": one.kind, "change": str(one)} for one in changes)
    else:
        for one in changes:
            typer.echo(printable(str(one)))
        typer.echo(f"{plural(len(changes), 'change')}.", err=True)
    if changes:
        raise typer.Exit(ExitCode.FAILED)


def _row_of(field: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        field.get("api_name"),
        field.get("field_label"),
        field.get("data_type"),
        field.get("length"),
        ", ".join(_rules_of(field)),
        ", ".join(_choices_of(field)),
    )


def _rules_of(field: Mapping[str, Any]) -> Iterator[str]:
    if field.get("system_mandatory"):
        yield "mandatory"
    if field.get("read_only") or field.get("field_read_only"):
        yield "read only"
    if field.get("unique"):
        yield "unique"


def _choices_of(field: Mapping[str, Any]) -> Iterator[str]:
    for choice in field.get("pick_list_values") or ():
        yield str(choice.get("actual_value") or choice.get("display_value"))
