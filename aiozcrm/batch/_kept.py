"""The outcomes of a report, in little memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from aiozcrm.batch._outcomes import CompactDetails, Outcome

__all__ = ["Kept"]

_NOTHING: Final[CompactDetails] = ((), ())


class Kept:
    """Keeps outcomes at the places of their inputs.

    What the outcomes of two rows tell alike, such as who wrote them and when, is kept once.
    """

    def __init__(self) -> None:
        self._outcomes: list[Outcome | None] = []
        self._last: CompactDetails = _NOTHING

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes."""
        kept = self._outcomes
        for outcome in outcomes:
            index = cast("int", outcome.index)
            if index >= len(kept):
                kept += [None] * (index + 1 - len(kept))
            kept[index] = outcome
            details = outcome._details  # noqa: SLF001  # of the same room
            if details and not isinstance(details, tuple):
                object.__setattr__(outcome, "_details", self._compact(details, outcome.id))

    def in_order(self) -> tuple[Outcome, ...]:
        """Return all of them."""
        return tuple(cast("list[Outcome]", self._outcomes))

    def _compact(self, details: Mapping[str, Any], own: str) -> CompactDetails:
        keys, before = self._last
        names, told = tuple(details), list(details.values())
        if "id" in details:
            place = names.index("id")
            if told[place] == own:
                told[place] = None
        values = tuple(told)
        if names != keys:
            self._last = names, values
        elif values != before:
            pairs = zip(values, before, strict=True)
            self._last = keys, tuple(old if old == new else new for new, old in pairs)
        return self._last
