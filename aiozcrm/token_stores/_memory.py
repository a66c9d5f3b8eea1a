"""A token store for one process."""

from __future__ import annotations

from aiozcrm._stores import MemoryStore
from aiozcrm.token_stores._base import TokenState

__all__ = ["MemoryTokenStore"]


class MemoryTokenStore(MemoryStore[TokenState]):
    """Keeps tokens as long as the process lives.

    Clients of one event loop that share a store share their tokens.
    """

    def __init__(self) -> None:
        super().__init__(TokenState())
