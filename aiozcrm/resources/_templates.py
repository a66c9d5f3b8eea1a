"""What templates, for emails and for inventory, share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

from aiozcrm.resources._behaviours import Getting, filters_text

__all__ = ["Templates"]

Item = TypeVar("Item")


class Templates(Getting[Item], Generic[Item]):
    """Templates of one kind."""

    async def list(
        self,
        *,
        module: str | None = None,
        category: str | None = None,
        sort_by: Literal["modified_time", "last_usage_time", "name"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Sequence[Item]:
        """Return all templates that match.

        Args:
            module: Only those of this module: its API name.
            category: Only those of this kind: ``favorite``, ``created_by_me``,
                ``shared_with_me`` or ``draft``.
            sort_by: What to order them by.
            sort_order: In which direction.
            filters: Only those that meet these criteria, as Zoho's pages write them.

        Returns:
            The templates, as Zoho sent them, without their content.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        query = {"module": module, "category": category, "filters": filters_text(filters)}
        return await self._list(query={**query, "sort_by": sort_by, "sort_order": sort_order})
