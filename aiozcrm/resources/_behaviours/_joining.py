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
        return await super()._send_chunk(
            method, names, *behind, done=(DuplicateDataError,), **options
        )
