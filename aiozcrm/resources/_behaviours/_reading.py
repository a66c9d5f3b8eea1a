"""The verbs that read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from aiozcrm._protocol import json_text
from aiozcrm.resources._resource import Resource
from aiozcrm.resources.pages import Pages

__all__ = ["Getting", "Listing", "Paging", "filters_text"]

Item = TypeVar("Item")


class Listing(Resource, Generic[Item]):
    """Can be listed, in one call."""

    async def list(self) -> Sequence[Item]:
        """Return all of them.

        Returns:
            The members, as Zoho sent them.

        Raises:
            aiozcrm.errors.PaginationLimitError: If there are more than one call returns.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list()


class Paging(Resource, Generic[Item]):
    """Can be listed, page by page."""

    async def list(self) -> Sequence[Item]:
        """Return all of them, from as many pages as it takes.

        Returns:
            The members, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [item async for item in self.iter()]

    def iter(self) -> Pages[Item]:
        """Yield one after the other, and read the next page meanwhile.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter()


class Getting(Resource, Generic[Item]):
    """Has members that can be read by their id."""

    async def get(self, id: str | int, /) -> Item:
        """Return one of them.

        Args:
            id: Its id: digits as ``str`` or ``int``. Where the class says so, an API name.

        Returns:
            The member, as Zoho sent it.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If the org has no such member.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If it is of a wrong type; nothing is sent.
        """
        item: Item = await self._get(id)
        return item


def filters_text(filters: str | Mapping[str, Any] | None) -> str | None:
    """Return the criteria of a list as its query has them: JSON in a text.

    Raises:
        TypeError: If they hold what JSON does not know.
    """
    return json_text(filters) if isinstance(filters, Mapping) else filters
