"""The difference between "leave it as it is" and "empty it"."""

from __future__ import annotations

import enum
from typing import Final, Literal

__all__ = ["UNSET", "UnsetType"]


class UnsetType(enum.Enum):
    """The type of :data:`UNSET`, for annotations."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return "UNSET"


#: What an argument is that was not given, where None means to empty the field.
UNSET: Final[Literal[UnsetType.UNSET]] = UnsetType.UNSET
