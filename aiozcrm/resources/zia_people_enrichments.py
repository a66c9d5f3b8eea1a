"""What Zia looks up about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Pages
from aiozcrm.resources._enriching import Enrichments, EnrichmentStatus

__all__ = ["ZiaPeopleEnrichment", "ZiaPeopleEnrichments"]


class ZiaPeopleEnrichment(TypedDict):
    """What Zia was asked about a person, and what it found: ``status`` is ``COMPLETED``."""

    id: str
    status: str
    enrich_based_on: dict[str, Any]
    enriched_data: NotRequired[dict[str, Any] | None]
    created_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]


class ZiaPeopleEnrichments(Enrichments[ZiaPeopleEnrichment]):
    """What Zia looks up about people: by ``email``, ``social``, or ``name`` and ``company``.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/create-ppl-enrichment.html
    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-ppl-config.html

    Some data centers have it, with an extension of Zoho's. The number of enrichments is limited.
    Calls need the scope ``ZohoCRM.settings.intelligence.ALL``, or the one of the operation.
    """

    path = "__zia_people_enrichment"
    key = "__zia_people_enrichment"

    def iter(
        self,
        *,
        status: EnrichmentStatus | None = None,
        sort_by: Literal["created_time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        count: bool | None = None,
    ) -> Pages[ZiaPeopleEnrichment]:
        """Yield one enrichment after the other, and read the next page meanwhile.

        Args:
            status: Only those with this status.
            sort_by: What to order them by.
            sort_order: In which direction.
            count: Whether Zoho is to count them, too.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"status": status, "sort_by": sort_by, "sort_order": sort_order, "count": count}
        return self._iter(query=query)

    async def list(
        self,
        *,
        status: EnrichmentStatus | None = None,
        sort_by: Literal["created_time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        count: bool | None = None,
    ) -> Sequence[ZiaPeopleEnrichment]:
        """Return all enrichments that match, from as many pages as it takes.

        Args:
            status: As for :meth:`iter`.
            sort_by: As for :meth:`iter`.
            sort_order: As for :meth:`iter`.
            count: As for :meth:`iter`.

        Returns:
            The enrichments, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        pages = self.iter(status=status, sort_by=sort_by, sort_order=sort_order, count=count)
        return [one async for one in pages]
