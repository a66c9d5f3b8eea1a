"""Writes the reference of the command line from the commands themselves."""

import re
from collections.abc import Iterator
from typing import Any

import typer
from sphinx.application import Sphinx

from aiozcrm.cli._app import app as command_line
from aiozcrm.cli._exits import MEANINGS

_PAGE = "reference/cli"


def setup(sphinx: Sphinx) -> dict[str, bool]:
    """Fill the page when Sphinx reads it."""
    sphinx.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(_sphinx: Sphinx, page: str, source: list[str]) -> None:
    if page == _PAGE:
        source[0] = filled(source[0])


def filled(text: str) -> str:
    """Return the page with its comments replaced by what they name."""
    for place, lines in {"commands": _commands(), "exit codes": _exit_codes()}.items():
        mark = f"<!-- {place} -->"
        if mark not in text:
            raise ValueError(f"{_PAGE} has no {mark}")
        text = text.replace(mark, "\n".join(lines))
    return text


def _exit_codes() -> Iterator[str]:
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code, meaning in MEANINGS.items():
        yield f"| {code:d} | {meaning} |"


def _commands() -> Iterator[str]:
    command: Any = typer.main.get_command(command_line)
    return _command(typer.Context(command, info_name="aiozcrm"))


def _command(context: typer.Context) -> Iterator[str]:
    """Describe a command, and then those within it."""
    command: Any = context.command
    yield f"### {context.command_path}\n"
    yield from _block("text", command.get_usage(context).removeprefix("Usage: "))
    yield f"{_text(command.help or '')}\n"
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    for names, meaning in filter(None, records):
        if names != "--help":
            yield f"`{names}`\n: {_text(meaning)}\n"
    yield from _examples(command.epilog or "")
    for name, inner in getattr(command, "commands", {}).items():
        yield from _command(typer.Context(inner, info_name=name, parent=context))


def _examples(epilog: str) -> Iterator[str]:
    title, _, lines = epilog.removeprefix("\b\n").partition("\n")
    if title == "Examples:":
        yield from _block("sh", "\n".join(line.removeprefix("  ") for line in lines.splitlines()))


def _text(told: str) -> str:
    """Return what a command says of itself as Markdown that reads the same."""
    plain = re.sub(r"([\\`*<\[])", r"\\\1", told.replace("\b\n", "").strip())
    return re.sub(r"(?<!\S)-{1,2}[a-z][a-z-]*", r"`\g<0>`", plain)


def _block(language: str, text: str) -> Iterator[str]:
    yield f"```{language}\n{text}\n```\n"
