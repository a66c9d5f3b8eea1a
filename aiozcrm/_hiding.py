"""Errors without the values of names, for tools that collect them from tracebacks."""

from __future__ import annotations

import contextlib
import traceback
from types import TracebackType

__all__ = ["HidingValues", "hide_values"]


def hide_values(error: BaseException) -> None:
    """Clear the frames of *error* and of all errors that hang on to it.

    Where it was raised can still be seen, but no arguments or variables. Frames that still run
    keep theirs.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        traceback.clear_frames(current.__traceback__)
        waiting += current.__cause__, current.__context__
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions


class HidingValues(contextlib.ContextDecorator):
    """Hides the values of all frames between what is raised within and where it stands.

    The frame in which it stands still runs and cannot be cleared, so the traceback goes without.
    It is a context, and a decorator of functions that are not async.
    """

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        """Hide the values of what was raised."""
        if error is not None and frames is not None:
            error.__traceback__ = frames.tb_next
            hide_values(error)
