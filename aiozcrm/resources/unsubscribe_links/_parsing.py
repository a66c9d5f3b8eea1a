"""From the values of an answer to those of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiozcrm._protocol import Reply, check_record_id
from aiozcrm.resources._results import unreadable

__all__ = ["id_of", "models_of", "objects_of", "text_of", "time_of"]

T = TypeVar("T")


def id_of(data: Mapping[str, Any]) -> str:
    """Return the id of a record, by the rule that holds for ids given by callers.

    Raises:
        KeyError: If there is none.
        TypeError: If it is neither text nor a whole number.
        ValueError: If it is no id.
    """
    return check_record_id(data["id"])


def text_of(value: object) -> str | None:
    """Return a text; an empty one and null both mean that nothing is set."""
    return value if isinstance(value, str) and value else None


def time_of(value: object) -> datetime | None:
    """Return an aware time; None where there is none.

    Raises:
        ValueError: If it is text, but no time.
    """
    text = text_of(value)
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def objects_of(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list.

    Raises:
        TypeError: If it is anything else.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TypeError("not a list of objects")
    return value


def models_of(
    rows: Iterable[Mapping[str, Any]],
    reply: Reply,
    from_api: Callable[[Mapping[str, Any]], T],
) -> tuple[T, ...]:
    """Return the models of rows of an answer.

    Raises:
        aiozcrm.errors.InvalidResponseError: If one is not of the documented form.
    """
    try:
        return tuple(map(from_api, rows))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(reply, f"it is not of the documented form: {error!r}") from None
