"""The commands of the command line, as typer knows them."""

from collections.abc import Iterator
from typing import Any

import typer

from aiozcrm.cli._app import app


def walk(context: typer.Context) -> Iterator[typer.Context]:
    """Yield a command and all below it, as their contexts."""
    yield context
    for name, command in inner_of(context).items():
        yield from walk(typer.Context(command, info_name=name, parent=context))


def inner_of(context: typer.Context) -> dict[str, Any]:
    """Return the commands within a command; none if it does something itself."""
    return getattr(context.command, "commands", {})


EVERYTHING = {
    context.command_path: context
    for context in walk(typer.Context(typer.main.get_command(app), info_name="aiozcrm"))
}

#: All commands that do something, by what is typed, as their contexts.
COMMANDS = {path: context for path, context in EVERYTHING.items() if not inner_of(context)}

#: All others, which hold some of these.
GROUPS = {path: context for path, context in EVERYTHING.items() if inner_of(context)}
