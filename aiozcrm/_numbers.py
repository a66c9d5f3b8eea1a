"""Checks of the numbers that settings are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from operator import index
from typing import Any

import attr as attrs

from aiozcrm.errors import ConfigurationError

__all__ = ["a_count", "check_count", "check_seconds", "some_seconds"]


def check_count(value: Any, *, setting: str, lowest: int) -> int:
    """Return *value* as an ``int``.

    Args:
        value: An ``int``, or anything else with ``__index__``; a bool is no count.
        setting: Its name, for the error.
        lowest: The smallest that makes sense.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is anything else, or less.
    """
    if hasattr(value, "__index__") and not isinstance(value, bool) and index(value) >= lowest:
        return index(value)
    raise ConfigurationError(
        f"{setting} must be a whole number of at least {lowest}, not {_shown(value)}.",
    )


def check_seconds(value: Any, *, setting: str, lowest: float, above: bool = False) -> None:
    """Check that *value* is a finite number of seconds.

    Args:
        value: A ``float``, an ``int``, or anything else with ``__index__``; a bool is no number.
        setting: Its name, for the error.
        lowest: The smallest that makes sense.
        above: Whether it has to be more than that.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is anything else, or less.
    """
    is_number = isinstance(value, float) or hasattr(value, "__index__")
    if is_number and not isinstance(value, bool):
        # An int may be too large for a float, so it is compared as it is.
        number = value if isinstance(value, float) else index(value)
        if lowest <= number <= sys.float_info.max and not (above and number == lowest):
            return
    raise ConfigurationError(
        f"{setting} must be a finite number of seconds, {'more than' if above else 'at least'} "
        f"{lowest:g}, not {_shown(value)}.",
    )


def a_count(lowest: int) -> Callable[[Any, attrs.Attribute[int], Any], None]:
    """Return a validator for a count in an attrs class."""

    def check(settings: object, field: attrs.Attribute[int], value: object) -> None:
        setting = f"{type(settings).__name__}.{field.name}"
        check_count(value, setting=setting, lowest=lowest)

    return check


def some_seconds(
    lowest: float, *, above: bool = False
) -> Callable[[Any, attrs.Attribute[float], Any], None]:
    """Return a validator for a number of seconds in an attrs class."""

    def check(settings: object, field: attrs.Attribute[float], value: object) -> None:
        setting = f"{type(settings).__name__}.{field.name}"
        check_seconds(value, setting=setting, lowest=lowest, above=above)

    return check


def _shown(value: object) -> str:
    # The digits of a very long int cannot be shown, and no other value is worth showing.
    short = type(value) is int and abs(value) < 10**20
    return repr(value) if short or type(value) in {float, bool} else f"a {type(value).__name__}"
