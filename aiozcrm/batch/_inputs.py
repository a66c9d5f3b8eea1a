"""How inputs become rows, and rows become calls; and inputs that have all been read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

import attr as attrs

from aiozcrm.batch._outcomes import Outcome
from aiozcrm.errors import InvalidInputError

__all__ = ["TURN", "Chunk", "Listing", "Rows", "read_all"]

T = TypeVar("T")

#: After how many inputs without a call other tasks get their turn: well within 10 ms.
TURN: Final = 500


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Rows(Generic[T]):
    """How inputs become rows, and rows become calls.

    Attributes:
        read: Returns the row of an input in the form that is sent; raises ``TypeError`` or
            ``ValueError`` if the input is not valid.
        name: Returns the ``id`` of a row's outcome, as long as Zoho has not named another.
        per_call: How many rows a call takes at most.
        once: Whether equal rows are sent once and share the outcome. Rows must be hashable then.
        keys: Returns what a row shares with others, such as its id. Rows that share a key are
            never under way together, and keep their order. In a tuple each key stands once. None
            if that does not matter.
        lane: Rows of different lanes never share a call; a row whose lane is None has a call of
            its own. None if all rows may share calls.
    """

    read: Callable[[Any], T]
    name: Callable[[T], str] = str
    per_call: int = 1
    once: bool = False
    keys: Callable[[T], Iterable[Hashable]] | None = None
    lane: Callable[[T], Hashable] | None = None


class Chunk(Generic[T]):
    """The rows of one call.

    Attributes:
        rows: In the form that is sent.
        indexes: Their places in the input.
        keys: What each of them shares with others; empty where that does not matter.
    """

    __slots__ = ("indexes", "keys", "rows")

    def __init__(
        self,
        rows: list[T],
        indexes: list[int],
        keys: list[tuple[Hashable, ...]],
    ) -> None:
        self.rows: list[T] = rows
        self.indexes: list[int] = indexes
        self.keys: list[tuple[Hashable, ...]] = keys

    def give_places(self, outcomes: Sequence[Outcome]) -> None:
        """Write the places of the rows into their outcomes.

        Raises:
            RuntimeError: If there is not one for each row.
        """
        if len(outcomes) != len(self.rows):
            raise RuntimeError(f"{len(outcomes)} outcomes for {len(self.rows)} rows")
        # The only change that an outcome ever sees: nobody else has it yet, and a copy would cost
        # as much as the outcome itself.
        for outcome, index in zip(outcomes, self.indexes, strict=True):
            object.__setattr__(outcome, "index", index)


class Listing(Generic[T]):
    """Inputs that have all been read.

    Attributes:
        rows: Their rows; of equal ones that are sent once, only the first.
        places: The place of each row in the input.
        twins: The places of the equal rows that are left out, by the place of the first.
    """

    __slots__ = ("places", "rows", "twins")

    def __init__(self, rows: list[T], places: Sequence[int], twins: dict[int, list[int]]) -> None:
        self.rows: list[T] = rows
        self.places: Sequence[int] = places
        self.twins: dict[int, list[int]] = twins


async def read_all(inputs: Sequence[Any], how: Rows[T]) -> Listing[T]:
    """Read inputs before anything is sent.

    Raises:
        aiozcrm.errors.InvalidInputError: If one of them is not valid. The error names its place.
        TypeError: If one of them is of a wrong type. The error names its place.
        ValueError: The same, for another value that cannot be sent.
    """
    rows: list[T] = []
    for start in range(0, len(inputs), TURN):
        if start:
            await asyncio.sleep(0)
        piece = inputs[start : start + TURN]
        try:
            # What is read before one that is not valid stays, so it tells the place of that one.
            rows += map(how.read, piece)
        except InvalidInputError as error:
            message = f"inputs[{len(rows)}]: {error.message}"
            raise InvalidInputError(message, hint=error.hint) from None
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"inputs[{len(rows)}]: {error}") from None
        if len(rows) < start + len(piece):
            # It would end the inputs here, and nobody would miss the others.
            raise RuntimeError(f"inputs[{len(rows)}]: reading it raised StopIteration")
    if not how.once or len(set(rows)) == len(rows):
        return Listing(rows, range(len(rows)), {})
    firsts: dict[T, int] = {}
    twins: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        first = firsts.setdefault(row, place)
        if first != place:
            twins.setdefault(first, []).append(place)
    return Listing(list(firsts), list(firsts.values()), twins)
