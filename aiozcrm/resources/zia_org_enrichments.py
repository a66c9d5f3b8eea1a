"""What Zia looks up about organizations."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from aiozcrm.resources._enriching import Enrichments

__all__ = ["ZiaOrgEnrichment", "ZiaOrgEnrichments"]


class ZiaOrgEnrichment(TypedDict):
    """What Zia was asked about an organization, and what it found: ``status`` is ``COMPLETED``."""

    id: str
    status: str
    enrich_based_on: dict[str, Any]
    enriched_data: NotRequired[dict[str, Any] | None]
    created_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]


class ZiaOrgEnrichments(Enrichments[ZiaOrgEnrichment]):
    """What Zia looks up about organizations: by ``name``, ``email`` or ``website``.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/create-org-enrichment.html
    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-org-config.html

    A name has at least 3 English characters. The number of enrichments is limited.
    Calls need the scope ``ZohoCRM.settings.intelligence.ALL``, or the one of the operation.
    """

    path = "__zia_org_enrichment"
    key = "__zia_org_enrichment"
