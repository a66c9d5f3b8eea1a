"""How Zia enriches records."""

from __future__ import annotations

from typing import ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Listing

__all__ = ["DataEnrichment", "EnrichmentConfiguration"]


class EnrichmentConfiguration(TypedDict):
    """Which fields of a module Zia reads, and which it fills."""

    id: str
    type: str
    module: dict[str, str]
    status: bool
    input_data_field_mapping: list[dict[str, object]]
    output_data_field_mapping: list[dict[str, object]]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class DataEnrichment(Listing[EnrichmentConfiguration]):
    """Which fields Zia reads and fills when it enriches records. It can only be read.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/zia-enrichment/get-config.html

    To have something enriched, see ``zoho.zia_org_enrichments`` and
    ``zoho.zia_people_enrichments``.
    The call needs the scope ``ZohoCRM.Zia.enrichment.READ`` or ``.ALL``.
    """

    path = "settings/zia/data_enrichment"
    key = "data_enrichment"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.Zia.enrichment.{operation}",)
