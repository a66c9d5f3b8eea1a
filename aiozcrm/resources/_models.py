"""Models that several resources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from aiozcrm._protocol import known_id
from aiozcrm.resources._parsing import text_of

__all__ = ["User"]


@attrs.frozen(kw_only=True)
class User:
    """A user of the org, as other records refer to one.

    Attributes:
        id: The user's id; None where Zoho leaves it out.
        name: The user's name; None where Zoho leaves it out.
    """

    id: str | None
    name: str | None

    @classmethod
    def from_api(cls, data: Mapping[str, Any] | None) -> Self | None:
        """Return the model of a JSON object; None for null."""
        if not data:
            return None
        return cls(id=known_id(data.get("id")), name=text_of(data.get("name")))
