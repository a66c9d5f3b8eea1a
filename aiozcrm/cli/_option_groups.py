"""Options that several commands have, written once: alone, or in groups; and their completion."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import attrs
import typer

__all__ = ["ModuleArgument", "ModuleOfNewRun", "completing", "with_option_groups"]

ModuleArgument = Annotated[
    str, typer.Argument(metavar="MODULE", help="The API name of the module, such as Leads.")
]

#: The module of a command that can resume a run; its default is None.
ModuleOfNewRun = Annotated[
    str | None,
    typer.Argument(
        metavar="MODULE",
        help="The API name of the module, such as Leads; not with --resume.",
        show_default=False,
    ),
]


def completing(*choices: str) -> Callable[[str], list[str]]:
    """Return what completes the value of an option, of which these are the choices."""
    return lambda incomplete: [choice for choice in choices if choice.startswith(incomplete)]


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command* with each group of options replaced by its fields, for typer to read.

    Args:
        command: A function of which some parameters have a class of attrs as their type. The
            fields of that class, with their annotations and defaults, become options; the
            function is called with an instance of the class.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if attrs.has(hint)}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            parameters += _fields(groups[name])
        else:
            parameters.append(parameter.replace(annotation=hints[name]))

    def flat(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{f.name: given.pop(f.name) for f in attrs.fields(group)})
        command(**given)

    functools.update_wrapper(flat, command)
    # Otherwise it would be read as the function that it calls.
    del flat.__wrapped__  # type: ignore[attr-defined]
    flat.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return flat


def _fields(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is attrs.NOTHING else field.default,
            annotation=hints[field.name],
        )
        for field in attrs.fields(group)
    ]
