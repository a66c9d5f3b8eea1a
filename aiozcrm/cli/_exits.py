"""How a command ends: its exit code, and what is said of an error."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final, TypeVar

import click
import typer

from aiozcrm.cli._words import duration
from aiozcrm.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidInputError,
    PermissionDeniedError,
    RateLimitError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    ZohoError,
)

__all__ = ["ExitCode", "describe", "exit_code_for", "refuse", "run", "telling_errors"]

_T = TypeVar("_T")


class ExitCode(IntEnum):
    """What scripts can tell from a command's end."""

    DONE = 0
    FAILED = 1
    #: Used wrongly, or refused before anything was done.
    REFUSED = 2
    CREDENTIALS = 3
    #: Too many calls or tokens, or no credits left: come back later.
    THROTTLED = 4
    INTERRUPTED = 130


#: The first match counts.
_CODES: Final[Mapping[type[ZohoError], ExitCode]] = {
    TokenThrottledError: ExitCode.THROTTLED,
    RateLimitError: ExitCode.THROTTLED,
    TokenEndpointError: ExitCode.FAILED,
    TokenError: ExitCode.CREDENTIALS,
    AuthenticationError: ExitCode.CREDENTIALS,
    PermissionDeniedError: ExitCode.CREDENTIALS,
    ConfigurationError: ExitCode.REFUSED,
    InvalidInputError: ExitCode.REFUSED,
}


def exit_code_for(error: BaseException) -> ExitCode:
    """Return the exit code that tells of *error*."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.FAILED)


def describe(error: ZohoError, *, now: Callable[[], float] = time.time) -> str:
    """Say what went wrong, what to do next, and when it is worth coming back."""
    retry_after = getattr(error, "retry_after", None)
    if not retry_after:
        return str(error)
    seconds = math.ceil(retry_after)
    moment = datetime.fromtimestamp(now()).astimezone() + timedelta(seconds=seconds)
    return f"{error} Come back at {moment:%H:%M:%S}, in {duration(seconds)}."


def refuse(message: str, *, code: ExitCode = ExitCode.REFUSED) -> typer.Exit:
    """Say *message* as an error, and return what ends the command."""
    typer.echo(f"Error: {message}", err=True)
    return typer.Exit(code)


@contextlib.contextmanager
def telling_errors() -> Iterator[None]:
    """Turn errors into one or two sentences and an exit code; ``--debug`` lets them through."""
    try:
        yield
    except ZohoError as error:
        if _is_debugging():
            raise
        raise refuse(describe(error), code=exit_code_for(error)) from None
    except OSError as error:
        if _is_debugging():
            raise
        raise refuse(str(error), code=ExitCode.FAILED) from None


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run *work* to its end and return its result, with errors told as `telling_errors` does.

    Ctrl-C cancels it, and ends the command with the exit code that shells expect.
    """
    try:
        with telling_errors():
            return asyncio.run(work)
    except KeyboardInterrupt:
        raise refuse("interrupted.", code=ExitCode.INTERRUPTED) from None


def _is_debugging() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().params.get("debug"))
