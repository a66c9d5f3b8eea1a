"""How a command ends: its exit code, and what is said of an error."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
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
    "refuse",
    "run",
    "say_error",
    "showing_tracebacks",
    "telling_errors",
    "worst_of",
]

_T = TypeVar("_T")


class ExitCode(IntEnum):
    """What scripts can tell from a command's end."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    CREDENTIALS = 3
    THROTTLED = 4
    INTERRUPTED = 130


#: For help and documentation.
MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.DONE: "all went well",
    ExitCode.FAILED: "something failed, which the message names",
    ExitCode.REFUSED: "used wrongly, or refused before anything was sent",
    ExitCode.CREDENTIALS: "the credentials or their permissions have to be mended",
    ExitCode.THROTTLED: "too many calls or tokens, or no credits left: come back later",
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
    ConfigurationError: ExitCode.REFUSED,
    InvalidInputError: ExitCode.REFUSED,
}


#: What counts when parts of a command end differently: first what no later try will mend.
_SEVERITY: Final = (
    ExitCode.INTERRUPTED,
    ExitCode.CREDENTIALS,
    ExitCode.REFUSED,
    ExitCode.FAILED,
    ExitCode.THROTTLED,
    ExitCode.DONE,
)

_A_DAY: Final = 86_400

_TRACEBACKS_WANTED: Final = ContextVar("tracebacks_wanted", default=False)


def exit_code_for(error: BaseException) -> ExitCode:
    """Return the exit code that tells of *error*."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.FAILED)


def worst_of(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code of the command for those of its parts, such as of several orgs."""
    return min(codes, key=_SEVERITY.index, default=ExitCode.DONE)


def describe(error: Exception, *, now: Callable[[], float] = time.time) -> str:
    """Say what went wrong, what to do next, and when it is worth coming back."""
    retry_after = getattr(error, "retry_after", None) or 0.0
    if not 0 < retry_after < math.inf:
        return str(error)
    # No moment that lies further ahead can be told.
    seconds = math.ceil(min(retry_after, _A_DAY))
    moment = datetime.fromtimestamp(now()).astimezone() + timedelta(seconds=seconds)
    return f"{error} Come back at {moment:%H:%M:%S}, in {duration(seconds)}."


def refuse(message: str, *, code: ExitCode = ExitCode.REFUSED) -> typer.Exit:
    """Say *message* as an error, and return what ends the command."""
    say_error(message)
    return typer.Exit(code)


def say_error(message: str) -> None:
    """Say *message* on the side of the errors; parts of it may come from elsewhere."""
    typer.echo(f"Error: {printable(message)}", err=True)


@contextlib.contextmanager
def showing_tracebacks() -> Iterator[None]:
    """Let errors through `telling_errors` as they are."""
    token = _TRACEBACKS_WANTED.set(True)
    try:
        yield
    finally:
        _TRACEBACKS_WANTED.reset(token)


@contextlib.contextmanager
def telling_errors() -> Iterator[None]:
    """Turn errors and Ctrl-C into one or two sentences and an exit code.

    `showing_tracebacks` lets them through. So does a reader who has left, for whom nobody prints.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise refuse("interrupted.", code=ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        raise
    except (ZohoError, OSError) as error:
        if _TRACEBACKS_WANTED.get():
            raise
        raise refuse(describe(error), code=exit_code_for(error)) from None


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run *work* to its end and return its result, with errors told as `telling_errors` does.

    Ctrl-C cancels it, and ends the command with the exit code that shells expect.
    """
    with telling_errors():
        return asyncio.run(work)
