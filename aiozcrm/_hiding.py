"""Errors without the frames that know secrets, for tools that show the values of names."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Final

__all__ = ["HidingFrames", "hide_frames"]

#: The packages whose frames have headers, forms and arguments as values of names: ours, and those
#: that get them from us. Code that attrs generates belongs to none. Other frames stay, since they
#: show what went wrong there.
_PACKAGES: Final = frozenset(
    {
        "",
        "aiohttp",
        "aiozcrm",
        "asyncio",
        "attr",
        "contextlib",
        "json",
        "redis",
        "tenacity",
        "urllib",
    }
)


def hide_frames(error: BaseException) -> None:
    """Take the frames that may know secrets off *error* and off all errors that hang on to it.

    They are taken off, and not cleared: a frame may belong to a task that is still alive.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        current.__traceback__ = _without_ours(current.__traceback__)
        waiting += current.__cause__, current.__context__
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    others: list[TracebackType] = []
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _PACKAGES:
            others.append(traceback)
        traceback = traceback.tb_next
    rest = None
    for other in reversed(others):
        rest = TracebackType(rest, other.tb_frame, other.tb_lasti, other.tb_lineno)
    return rest


class HidingFrames(contextlib.ContextDecorator):
    """Hides the frames between what is raised within and where it stands, that one included.

    It is a context, and a decorator of functions that are not async.
    """

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Hide the frames of what was raised."""
        if error is not None:
            hide_frames(error)
