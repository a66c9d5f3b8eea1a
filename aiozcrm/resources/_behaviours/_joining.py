"""The verb that puts members into something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiozcrm.batch import Outcome
from aiozcrm.errors import DuplicateDataError
from aiozcrm.resources._behaviours._writing import Writing

__all__ = ["Joining"]


class Joining(Writing):
    """Is joined by members, which Zoho calls duplicates if they are in it already."""

    async def _send_chunk(
        self, method: str, names: Sequence[str], *behind: str, **options: Any
    ) -> list[Outcome]:
        try:
            outcomes = await super()._send_chunk(method, names, *behind, **options)
        except DuplicateDataError as error:
            if not error.maybe_done or len(names) > 1:
                raise
            return [Outcome(names[0], "updated", error.attempts)]
        return [_joined(outcome) for outcome in outcomes]


def _joined(outcome: Outcome) -> Outcome:
    """Return an outcome in the light of an earlier send, whose answer was lost."""
    error = outcome.error
    if isinstance(error, DuplicateDataError) and error.maybe_done:
        return Outcome(outcome.id, "updated", outcome.attempts)
    return outcome
