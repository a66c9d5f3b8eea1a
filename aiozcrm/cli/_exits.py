"""How a command ends: its exit code, and what is said of an error."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, TypeVar

import typer

from aiozcrm.cli._words import duration, printable
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

__all__ = [
    "MEANINGS",
    "ExitCode",
    "describe",
    "exit_code_for",
    "exit_with",
    "log_traceback",
    "reporting_errors",
    "run",
    "say_error",
    "worst_of",
]

_T = TypeVar("_T")


class ExitCode(IntEnum):
    """How a command ends, for scripts."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CREDENTIALS = 3
    THROTTLED = 4
    INTERRUPTED = 130


#: For help and documentation.
MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.DONE: "success",
    ExitCode.FAILED: "something failed; the message says what",
    ExitCode.USAGE: "wrong usage, input or configuration; nothing was changed",
    ExitCode.CREDENTIALS: "the credentials, or what they permit, have to be fixed",
    ExitCode.THROTTLED: "too many calls or tokens, or no credits left: try again later",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C or another signal to stop",
}


#: The first match counts.
_CODES: Final[Mapping[type[ZohoError], ExitCode]] = {
    TokenThrottledError: ExitCode.THROTTLED,
    RateLimitError: ExitCode.THROTTLED,
    TokenEndpointError: ExitCode.FAILED,
    TokenError: ExitCode.CREDENTIALS,
    AuthenticationError: ExitCode.CREDENTIALS,
    PermissionDeniedError: ExitCode.CREDENTIALS,
    ConfigurationError: ExitCode.USAGE,
    InvalidInputError: ExitCode.USAGE,
}


#: What counts when parts of a command end differently: first what no later try will fix.
_SEVERITY: Final = (
    ExitCode.INTERRUPTED,
    ExitCode.CREDENTIALS,
    ExitCode.USAGE,
    ExitCode.FAILED,
    ExitCode.THROTTLED,
    ExitCode.DONE,
)

#: A client waits no longer than this, whatever a server asks for, in seconds.
_LONGEST_WAIT: Final = 86_400.0

_logger: Final = logging.getLogger("aiozcrm")


def exit_code_for(error: BaseException) -> ExitCode:
    """Return the exit code of a command that ends with *error*."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.FAILED)


def worst_of(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code of a command whose parts, such as several orgs, ended with *codes*."""
    return min(codes, key=_SEVERITY.index, default=ExitCode.DONE)


def describe(error: Exception, *, now: Callable[[], float] = time.time) -> str:
    """Say what went wrong, what to do next, and when to try again.

    It never raises, since an outcome that cannot be described has to be kept all the same.

    Args:
        error: What went wrong.
        now: Tells the time in seconds since 1970.
    """
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  # an error of somebody else's may fail to describe itself
        said = ""
    said = said or f"{type(error).__name__}."
    retry_after = getattr(error, "retry_after", None)
    if not isinstance(retry_after, (int, float)) or not retry_after > 0:
        return said
    seconds = math.ceil(min(retry_after, _LONGEST_WAIT))
    began = now()
    # Summer time may begin or end before it.
    moment = datetime.fromtimestamp(began + seconds).astimezone()
    today = datetime.fromtimestamp(began).astimezone().date()
    form = "%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M:%S"
    return f"{said} Come back at {moment:{form}}, in {duration(seconds)}."


def exit_with(message: str, code: ExitCode = ExitCode.USAGE) -> typer.Exit:
    """Write *message* to stderr, and return the exception that ends the command."""
    say_error(message)
    return typer.Exit(code)


def say_error(message: str) -> None:
    """Write *message*, parts of which may come from a server, to stderr."""
    typer.echo(f"Error: {printable(message)}", err=True)


def log_traceback(name: str, error: Exception) -> None:
    """Log the traceback of an error of one profile, for ``--debug``."""
    _logger.debug("Traceback of profile %s:", name, exc_info=error)


@contextlib.contextmanager
def reporting_errors() -> Iterator[None]:
    """Turn errors and Ctrl-C into one or two sentences and an exit code.

    A broken pipe, as ``head`` leaves it, is no error: the command ends quietly.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise exit_with("interrupted.", ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        raise
    except (ZohoError, OSError) as error:
        _logger.debug("Traceback:", exc_info=error)
        raise exit_with(describe(error), exit_code_for(error)) from None


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run *work* and return its result; report its error as `reporting_errors` does.

    Ctrl-C cancels it, and ends the command with the exit code that shells expect.
    """
    with reporting_errors():
        return asyncio.run(work)
