"""A query as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import attrs

__all__ = ["Comparison", "Condition", "Item", "Key", "Pair", "Query", "Value", "comparisons_of"]


@attrs.frozen
class Value:
    """A value.

    Attributes:
        text: The value, without quotes.
        is_null: Whether it is the word ``null``.
    """

    text: str
    is_null: bool = False


@attrs.frozen
class Item:
    """A column of the SELECT list.

    Attributes:
        name: The column.
        function: The aggregate around it; empty for none.
        alias: Its other name; None for none.
    """

    name: str
    function: str = ""
    alias: str | None = None

    @property
    def written(self) -> str:
        """It as it was written, which is its key in a row."""
        return f"{self.function}({self.name})" if self.function else self.name

    @property
    def key(self) -> str:
        """Its key in a row."""
        return self.written if self.alias is None else self.alias


@attrs.frozen
class Key:
    """A column of ORDER BY.

    Attributes:
        item: The column.
        descending: Whether the highest come first.
    """

    item: Item
    descending: bool = False


@attrs.frozen
class Comparison:
    """One condition.

    Attributes:
        name: The column.
        operator: How it is compared, in small letters.
        values: With what.
        query: The subquery that gives the values instead.
    """

    name: str
    operator: str
    values: Sequence[Value] = ()
    query: Query | None = None


@attrs.frozen
class Pair:
    """Two conditions.

    Attributes:
        word: What joins them.
        left: The first.
        right: The second.
    """

    word: Literal["and", "or"]
    left: Condition
    right: Condition


Condition: TypeAlias = Comparison | Pair


@attrs.frozen(kw_only=True)
class Query:
    """One SELECT.

    Attributes:
        items: What it shows.
        module: The module.
        view: The id of the custom view; empty for none.
        where: Which rows.
        group: By what rows are put together.
        order: By what they are ordered.
        limit: How many rows, as it was written.
        offset: How many rows are left out, as it was written.
    """

    items: Sequence[Item]
    module: str
    view: str
    where: Condition
    group: Sequence[str]
    order: Sequence[Key]
    limit: str
    offset: str


def comparisons_of(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of a condition, from left to right."""
    if isinstance(condition, Pair):
        yield from comparisons_of(condition.left)
        yield from comparisons_of(condition.right)
    else:
        yield condition
