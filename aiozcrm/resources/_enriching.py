"""What enrichments by Zia, of people and of organizations, share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar

from aiozcrm.resources._behaviours import Pages, check_record_id, draft
from aiozcrm.resources._behaviours._jobs_by_id import JobsById
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job

__all__ = ["EnrichmentStatus", "Enrichments"]

EnrichmentStatus = Literal["SCHEDULED", "COMPLETED", "FAILED", "DATA_NOT_FOUND"]


Item = TypeVar("Item", bound=Mapping[str, Any])


class Enrichments(JobsById[Item]):
    """What Zia looks up."""

    rows_on_a_page: ClassVar[int] = 100
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.intelligence.{operation}",)

    async def create(
        self, item: Mapping[str, Any], /, *, module: str, record_id: str | int | None = None
    ) -> Job:
        """Ask Zia to look something up, in the background.

        It is sent once, since every send counts: after a lost answer, look in the list.

        Args:
            item: ``{"enrich_based_on": ...}``, what is known.
            module: The API name of the module that it is for.
            record_id: The record that it is for.

        Returns:
            The job. What it waits for is the enrichment, as :meth:`get` returns it.

        Raises:
            aiozcrm.errors.FeatureUnavailableError: If the org has no Zia for this.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        own = None if record_id is None else check_record_id(record_id)
        query = {"module": module, "record_id": own}
        outcome = await self._act("POST", items=[draft(item)], query=query)
        return self.job(started_job(outcome.id, self._path))

    def iter(
        self,
        *,
        status: EnrichmentStatus | None = None,
        sort_by: Literal["created_time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
    ) -> Pages[Item]:
        """Yield one enrichment after the other, and read the next page meanwhile.

        Args:
            status: Only those with this status.
            sort_by: What to order them by.
            sort_order: In which direction.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter(query={"status": status, "sort_by": sort_by, "sort_order": sort_order})

    async def list(
        self,
        *,
        status: EnrichmentStatus | None = None,
        sort_by: Literal["created_time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
    ) -> Sequence[Item]:
        """Return all enrichments that match, from as many pages as it takes.

        Args:
            status: As for :meth:`iter`.
            sort_by: As for :meth:`iter`.
            sort_order: As for :meth:`iter`.

        Returns:
            The enrichments, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        pages = self.iter(status=status, sort_by=sort_by, sort_order=sort_order)
        return [one async for one in pages]
