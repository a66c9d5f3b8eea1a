"""From the values of an answer to those of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiozcrm._protocol import Reply, known_id
from aiozcrm.resources._results import unreadable

__all__ = ["id_of", "models_of", "objects_of", "text_of", "time_of"]

T = TypeVar("T")


def id_of(data: Mapping[str, Any]) -> str:
    """Return the id of a record.

    Raises:
        KeyError: If there is none.
        TypeError: If it is neither text nor a whole number.
    """
    found = known_id(data["id"])
    if found is None:
        raise TypeError("an id that is no text")
    return found


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
    reply: Reply,
    key: str,
    from_api: Callable[[Mapping[str, Any]], T],
) -> tuple[T, ...]:
    """Return the models in an answer's wrapper *key*; none for a 204.

    Raises:
        aiozcrm.errors.InvalidResponseError: If the answer is not of the documented form.
    """
    if reply.data is None and reply.status == 204:
        return ()
    try:
        return tuple(from_api(item) for item in objects_of(reply.data[key]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"its {key!r} are not of the documented form ({error!r})"
    raise unreadable(reply, why)
