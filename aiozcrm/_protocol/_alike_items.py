"""Reads answers to writes without decoding each of their items.

When all rows of a call succeed, Zoho writes the same item for each of them, with other ids and
perhaps other times. So the first is decoded, and the text of the others is compared with it. To
decode them, too, would be the larger part of reading the answer about a hundred rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol._json import BLANKS, raw_decode

__all__ = ["AlikeItems", "alike_items"]

# Compiled when they are first needed, which is not while the package is imported.
_OPENING: Final = rf'\{{"(\w+)":[{BLANKS}]*\['
_COMMA: Final = rf"[{BLANKS}]*,[{BLANKS}]*"
_CLOSING: Final = rf"\][{BLANKS}]*\}}[{BLANKS}]*\Z"


class AlikeItems:
    """The items of an answer, all of them successes, that differ in texts of their details alone.

    Iterate over it to make them. They share what is nested in their details, so nobody may change
    them.

    Args:
        first: The first of them.
        columns: For the name of each text that differs: this text of all items. There is one at
            least, and there are two items at least.
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
    """Return an answer with its items as :class:`AlikeItems`, if they can be read so.

    They must be successes, and written alike but for texts of equal length in their details.

    Args:
        raw: The answer: an object that holds a list of items, and nothing else.

    Returns:
        What decoding it returns, but for the list; None if it is to be decoded as usual.
    """
    try:
        text = raw.decode()
        opening = _matched(_OPENING, text, 0)
        start, stop = opening.end(), text.rindex("]")
        first, end = raw_decode(text, start)
        comma = _matched(_COMMA, text, end)
        _matched(_CLOSING, text, stop)
        step = comma.end() - start
        if first["status"] != "success" or (stop + len(comma[0]) - start) % step:
            return None
        pieces, columns = _split(text, range(start, stop, step), end, first["details"])
        # Other texts in these places must make an item that differs in them and in nothing else.
        others = {name: f"{column[0]}x" for name, column in columns.items()}
        probe, _ = raw_decode(_joined(pieces, [[other] for other in others.values()], ""))
    # What is no JSON, no object, has other names, or is nested too deeply.
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError):
        return None
    # The items not looked at so far must be written so, too.
    items = _joined(pieces, [*columns.values()], comma[0])
    if (
        probe != {**first, "details": {**first["details"], **others}}
        or not text.startswith(f"{items}{text[stop:]}", start)
        or not all(_needs_no_escape("".join(column)) for column in columns.values())
    ):
        return None
    return {opening[1]: AlikeItems(first, columns)}


def _matched(pattern: str, text: str, at: int) -> re.Match[str]:
    """Return the match of a pattern at a place.

    Raises:
        ValueError: If it does not match there.
    """
    found = re.compile(pattern, re.ASCII).match(text, at)
    if found is None:
        raise ValueError(f"no {pattern} at {at}")
    return found


def _split(
    text: str, starts: range, end: int, details: Mapping[str, Any]
) -> tuple[list[str], dict[str, list[str]]]:
    """Split the items into what they have in common and the texts that differ.

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
    cut = at = starts[0]
    for name, value in details.items():
        if type(value) is not str:
            continue
        quoted = text.find(f'"{value}"', at, end)
        if quoted < 0:
            # It is written with an escape. To look for all that follow might take long.
            break
        begin, size = quoted + 1, len(value)
        at = begin + size
        places = range(begin, begin + starts[-1] - starts[0] + 1, starts.step)
        if not (text.startswith(value, places[1]) and text.startswith(value, places[-1])):
            columns[name] = [text[place : place + size] for place in places]
            pieces.append(text[cut:begin])
            cut = at
    return [*pieces, text[cut:end]], columns


def _joined(pieces: Sequence[str], columns: Sequence[Sequence[str]], comma: str) -> str:
    """Return the text of items that were split.

    Args:
        pieces: What stands in each of them around the texts that differ.
        columns: These texts.
        comma: What stands between two items.

    Raises:
        LookupError: If nothing differs.
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


def _needs_no_escape(text: str) -> bool:
    """Return whether JSON holds a text as it is."""
    return text.isprintable() and '"' not in text and "\\" not in text
