"""Pages of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import attrs

from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call, is_number

__all__ = ["Page", "answer_page", "page_of", "pick", "size_of"]

_Item = TypeVar("_Item")

_PER_PAGE: Final = 200
# More digits than any number of pages has.
_MOST_DIGITS: Final = 18


@attrs.frozen
class Page:
    """Which page is asked for.

    Attributes:
        number: Its number, from 1.
        size: How many items it has.
    """

    number: int
    size: int


def pick(call: Call, *, most: int = _PER_PAGE) -> Page:
    """Return the page that a call asks for.

    Raises:
        RejectedError: If there can be no such page.
    """
    return Page(_number(call, "page", 1, None), _number(call, "per_page", most, most))


def page_of(items: Sequence[_Item], page: Page) -> tuple[Sequence[_Item], dict[str, Any]]:
    """Return a page of *items*, and what its answer says of it."""
    start = (page.number - 1) * page.size
    shown = items[start : start + page.size]
    more = start + page.size < len(items)
    info = {"per_page": page.size, "count": len(shown), "page": page.number, "more_records": more}
    return shown, info


def answer_page(call: Call, key: str, items: Sequence[Any]) -> Answer:
    """Answer a list with the page that is asked for; without any, it has no content.

    Args:
        call: The call.
        key: The key that holds the list.
        items: All of it.
    """
    shown, info = page_of(items, pick(call))
    return Answer(200, {key: shown, "info": info}) if shown else NO_CONTENT


def size_of(items: Sequence[Any]) -> dict[str, Any]:
    """Return what a list that has no pages says of itself."""
    return {"per_page": _PER_PAGE, "count": len(items), "page": 1, "more_records": False}


def _number(call: Call, name: str, default: int, most: int | None) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not (is_number(text) and len(text) <= _MOST_DIGITS and int(text)):
        details = {"param_name": name, "expected_data_type": "integer"}
        raise rejected(400, "INVALID_DATA", "invalid data", **details)
    if most is not None and int(text) > most:
        raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=most, param_name=name)
    return int(text)
