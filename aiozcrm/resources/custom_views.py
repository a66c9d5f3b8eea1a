"""Custom views."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import BatchReport, OnOutcome, Outcome
from aiozcrm.resources._behaviours import Getting, Paging, Writing, check_record_id, draft

__all__ = ["CustomView", "CustomViews"]

_PER_CALL = 100


class CustomView(TypedDict):
    """A view of a module's records. Criteria and fields come only when it is read alone."""

    id: str
    name: str
    display_value: str
    system_defined: bool
    category: str
    system_name: NotRequired[str | None]
    default: NotRequired[bool]
    favorite: NotRequired[int | None]
    locked: NotRequired[bool]
    module: NotRequired[dict[str, str]]
    criteria: NotRequired[dict[str, Any] | None]
    fields: NotRequired[list[dict[str, Any]]]
    sort_by: NotRequired[dict[str, str] | None]
    sort_order: NotRequired[str | None]
    access_type: NotRequired[str]
    shared_to: NotRequired[list[dict[str, Any]] | None]
    offline: NotRequired[bool]
    created_time: NotRequired[str | None]
    modified_time: NotRequired[str | None]
    last_accessed_time: NotRequired[str | None]
    created_by: NotRequired[dict[str, str] | None]
    modified_by: NotRequired[dict[str, str] | None]


class CustomViews(Paging[CustomView], Getting[CustomView], Writing):
    """The views of a module. They are made in Zoho's own pages; only their order can be changed.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html
    - change_sort: https://www.zoho.com/crm/developer/docs/api/v7/sort-order-cv.html

    To list the records of a view, give its id as ``cvid``.
    Calls need the scope ``ZohoCRM.settings.custom_views.ALL``, or the one of the operation.
    """

    path = "settings/custom_views"
    key = "custom_views"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.custom_views.{operation}",)

    async def change_sort(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Change the order in which a view shows its records.

        Args:
            id: The view.
            item: ``{"sort_by": {"api_name": ...}, "sort_order": "asc"}``; ``desc`` turns it round.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such view.
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
        """
        own = check_record_id(id)
        return await self._act(
            "PUT",
            own,
            "actions",
            "change_sort",
            items=[draft(item)],
            status="updated",
            own=own,
            repeatable=True,
        )

    async def change_sort_many(
        self,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Change the order of many views, 100 a call, and account for every one.

        Args:
            items: As for :meth:`change_sort`, each with the ``id`` of its view.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.
        """
        batch = self._rows_with_ids(
            "PUT",
            "actions",
            "change_sort",
            status="updated",
            per_call=_PER_CALL,
            concurrency=concurrency,
            on_outcome=on_outcome,
            repeatable=True,
        )
        return await batch.report(items)
