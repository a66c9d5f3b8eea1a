"""Errors without the frames that know secrets, for tracebacks that show the values of names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from aiozcrm.errors import ZohoError

__all__ = ["hiding_values", "outcome_of", "unless_refused"]

_T = TypeVar("_T")


def outcome_of(make: Callable[..., _T], *secret: object) -> _T | ZohoError:
    """Return what *make* returns or raises, without the frames that know what is *secret*."""
    try:
        return make(*secret)
    except ZohoError as error:
        return error.with_traceback(None)


def unless_refused(outcome: _T | ZohoError) -> _T:
    """Return what was made, or raise why it was not."""
    if isinstance(outcome, ZohoError):
        raise outcome
    return outcome


def hiding_values(cls: type[_T]) -> type[_T]:
    """Let what the constructor of *cls* raises know none of the values that it was given."""
    make: Callable[..., None] = cls.__init__

    @functools.wraps(make)
    def without_frames(self: _T, **values: Any) -> None:
        try:
            make(self, **values)
        except Exception as error:  # noqa: BLE001  # a misspelt name is a TypeError
            refused = error.with_traceback(None)
        else:
            return
        values.clear()
        del self  # half made, it cannot even be shown
        raise refused

    cls.__init__ = without_frames  # type: ignore[assignment]  # it takes names only
    return cls
