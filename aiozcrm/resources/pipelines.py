"""Pipelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Getting, Listing, Updating, draft

__all__ = ["Pipeline", "PipelineDraft", "Pipelines"]


class Pipeline(TypedDict):
    """The stages that a deal can go through, in ``maps``."""

    id: str
    display_value: str
    actual_value: str
    default: bool
    maps: list[dict[str, Any]]
    child_available: NotRequired[bool]
    parent: NotRequired[dict[str, Any] | None]


class PipelineDraft(TypedDict, total=False):
    """What can be set on a pipeline; an update in bulk needs the ``id``, too.

    A stage is ``{"id": ..., "sequence_number": 1}``; ``"_delete": True`` takes one away.
    """

    id: str
    display_value: str
    default: bool
    maps: list[dict[str, Any]]


class Pipelines(
    Listing[Pipeline], Getting[Pipeline], Creating[PipelineDraft], Updating[PipelineDraft]
):
    """The pipelines of a layout of deals.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-pipelines.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-pipeline.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-pipeline.html
    - transfer: https://www.zoho.com/crm/developer/docs/api/v7/transfer-and-delete-pipeline.html

    Zoho names no number of pipelines for a call, so one is sent at a time.
    Calls need the scope ``ZohoCRM.settings.pipeline.ALL``, or the one of the operation.
    """

    path = "settings/pipeline"
    key = "pipeline"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.pipeline.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1

    async def transfer(self, item: Mapping[str, Any], /) -> Outcome:
        """Move the deals of a pipeline to another one, then delete it, in the background.

        Args:
            item: ``{"pipeline": {"from": ..., "to": ...}, "stages": [{"from": ..., "to": ...}]}``,
                with ids.

        Returns:
            The outcome, ``done`` as soon as the work is scheduled. Its ``details`` hold the
            ``job_id``, but Zoho has no call that tells the state of this job.

        Raises:
            aiozcrm.errors.ZohoError: If it was not scheduled, or that is not known
                (``maybe_done``).
        """
        # A second send finds that the pipeline is on its way, or gone.
        return await self._act(
            "POST",
            "actions",
            "transfer",
            key="transfer_pipeline",
            items=[draft(item)],
            repeatable=True,
        )
