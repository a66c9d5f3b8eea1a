"""What Zia looks up about organizations."""

from __future__ import annotations

from aiozcrm.resources._enriching import Enrichments

__all__ = ["ZiaOrgEnrichments"]


class ZiaOrgEnrichments(Enrichments):
    """What Zia looks up about organizations: by ``name``, ``email`` or ``website``.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/create-org-enrichment.html
    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-org-config.html

    A name has at least 3 English characters. The number of enrichments is limited.
    Calls need the scope ``ZohoCRM.settings.intelligence.ALL``, or the one of the operation.
    """

    path = "__zia_org_enrichment"
    key = "__zia_org_enrichment"
