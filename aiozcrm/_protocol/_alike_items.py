"""Answers to writes whose items are written alike, as those of a call that went well are.

Such items differ in the ids of their records, and perhaps in a time. So the first is decoded, and
the text of the others is compared with it, which takes less than half of the time of decoding them
all: the larger part of what reading the answer to a write of a hundred records costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from json import JSONDecoder
from typing import Any, Final

__all__ = ["AlikeItems", "alike_items"]

# Compiled when they are first needed, which is not while the package is imported.
_OPENING: Final = r'\{"(\w+)":\s*\['
_COMMA: Final = r"\s*,\s*"
_CLOSING: Final = r"\]\s*\}\s*\Z"

_decode: Final = JSONDecoder().raw_decode


class AlikeItems:
    """Items that differ in nothing but texts in their ``details``.

    Iterate over it for all of them; each is only made then, and shares with the others whatever
    else stands in its details.

    Args:
        first: The first of them.
        columns: Of each text that differs, those of all items, by its name.
    """

    __slots__ = ("columns", "first")

    def __init__(self, first: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> None:
        self.first: Mapping[str, Any] = first
        self.columns: Mapping[str, Sequence[str]] = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for texts in zip(*self.columns.values(), strict=True):
            own = zip(self.columns, texts, strict=True)
            yield {**self.first, "details": {**self.first["details"], **dict(own)}}


def alike_items(raw: bytes) -> dict[str, AlikeItems] | None:
    """Return an answer whose items are successes that differ in texts of their details alone.

    Each such text must be as long in all of them.

    Args:
        raw: The answer: an object that holds a list of items, and nothing else.

    Returns:
        What decoding it returns, with such items in the place of the list; None if it is any other
        answer, or no JSON.
    """
    try:
        text = raw.decode()
        opening = _matched(_OPENING, text, 0)
        start, stop = opening.end(), text.rindex("]")
        first, end = _decode(text, start)
        comma = _matched(_COMMA, text, end)
        _matched(_CLOSING, text, stop)
        step = comma.end() - start
        if first["status"] != "success" or (stop + len(comma[0]) - start) % step:
            return None
        starts = range(start, stop, step)
        pieces, columns = _parted(text, starts, end, first["details"])
        # Whatever stands where a text differs is the one of that name, and nothing else is.
        names = {name: name for name in columns}
        probe, _ = _decode(_written(pieces, [[name] for name in names], ""))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None
    items = _written(pieces, [*columns.values()], comma[0])
    if (
        probe != {**first, "details": {**first["details"], **names}}
        or not text.startswith(f"{items}{text[stop:]}", start)
        or not all(_is_plain("".join(column)) for column in columns.values())
    ):
        return None
    return {opening[1]: AlikeItems(first, columns)}


def _matched(pattern: str, text: str, at: int) -> re.Match[str]:
    """Return what stands at a place.

    Raises:
        ValueError: If it is something else.
    """
    found = re.compile(pattern, re.ASCII).match(text, at)
    if found is None:
        raise ValueError(f"no {pattern} at {at}")
    return found


def _parted(
    text: str, starts: range, end: int, details: Mapping[str, Any]
) -> tuple[list[str], dict[str, list[str]]]:
    """Part the items into what is the same in all of them and what differs.

    Only the second and the last are looked at to find out what differs from the first.

    Args:
        text: The answer.
        starts: Where each item starts.
        end: Where the first one ends.
        details: The details of the first one.

    Returns:
        What stands in each item around the texts that differ, and these texts by their names.
    """
    pieces: list[str] = []
    columns: dict[str, list[str]] = {}
    done = at = starts[0]
    for name, value in details.items():
        quoted = text.find(f'"{value}"', at, end) if type(value) is str else -1
        if quoted < 0:
            continue
        first, size = quoted + 1, len(value)
        at = first + size
        places = range(first, first + starts[-1] - starts[0] + 1, starts.step)
        if not all(text.startswith(value, place) for place in (places[1], places[-1])):
            columns[name] = [text[place : place + size] for place in places]
            pieces.append(text[done:first])
            done = at
    return [*pieces, text[done:end]], columns


def _written(pieces: Sequence[str], columns: Sequence[Sequence[str]], comma: str) -> str:
    """Return the text of items.

    Args:
        pieces: What stands in each of them around the texts that differ.
        columns: These texts.
        comma: What stands between two items.

    Raises:
        LookupError: If there is no such text.
    """
    before, *between, behind = pieces
    around = [*between, f"{behind}{comma}{before}"]
    step = 2 * len(columns)
    parts = [""] * (step * len(columns[0]))
    for number, column in enumerate(columns):
        parts[2 * number :: step] = column
        parts[2 * number + 1 :: step] = [around[number]] * len(column)
    parts[-1] = behind
    return before + "".join(parts)


def _is_plain(text: str) -> bool:
    """Return whether a text stands for itself in JSON."""
    return text.isprintable() and '"' not in text and "\\" not in text
