"""Constructors whose errors do not show what they were given."""

from __future__ import annotations

from typing import TypeVar

from aiozcrm._hiding import HidingFrames

__all__ = ["hiding_arguments"]

_T = TypeVar("_T")


def hiding_arguments(cls: type[_T]) -> type[_T]:
    """Keep the arguments of *cls* out of the traceback of what its constructor raises."""
    cls.__init__ = HidingFrames()(cls.__init__)  # type: ignore[method-assign]  # same arguments
    return cls
