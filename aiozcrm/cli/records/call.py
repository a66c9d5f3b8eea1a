"""``aiozcrm call``: any call of the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._paths import expanded
from aiozcrm.cli.profiles._orgs import ask_orgs
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.runs._text_files import JSON, STDIN, name_of_source, opened_text

__all__ = ["call"]


def call(  # the options of a command
    method: Annotated[
        str, typer.Argument(metavar="METHOD", help="GET, POST, PUT, PATCH or DELETE.")
    ],
    path: Annotated[
        str,
        typer.Argument(metavar="PATH", help="What stands behind /crm/v7/, such as settings/roles."),
    ],
    *,
    params: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="NAME=VALUE",
            help="A part of the query; may be given several times.",
            show_default=False,
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", help="The JSON to send; - reads it from standard input."
        ),
    ] = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
) -> None:
    """Make any call of the API and show its answer as JSON.

    Of several orgs, each has a line of its own.
    """
    body = None if json_file is None else _read_json(json_file)
    query: dict[str, list[str]] = {}
    for param in params or ():
        name, equals, value = param.partition("=")
        if not equals or not name:
            raise exit_with(f"--param {param!r} has to be a name, = and a value.")
        query.setdefault(name, []).append(value)

    async def send(zoho: ZohoCRM) -> Any:
        return await zoho.request(method.upper(), path, params=query, json=body)

    answers = ask_orgs(send, profiles, every=all_profiles, module=_module_in(path))
    for name, answer in answers.by_profile.items():
        if answers.several:
            typer.echo(json.dumps({"profile": name, "answer": answer}))
        elif answer is not None:
            typer.echo(json.dumps(answer, indent=2))
    raise typer.Exit(answers.exit_code)


def _module_in(path: str) -> str | None:
    """Return the module that a path begins with: unlike other words, its name has a capital."""
    first = path.lstrip("/").partition("/")[0]
    return first if first[:1].isupper() else None


def _read_json(path: Path) -> Any:
    source = STDIN if str(path) == STDIN else expanded(path) or path
    shown = name_of_source(source)
    with opened_text(source, shown) as lines:
        text = lines.read()
    try:
        return JSON.decode(text)
    except (RecursionError, ValueError) as error:
        raise exit_with(f"{shown} cannot be read as JSON: {error}") from None
