"""The recycle bin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict, overload

from aiozcrm._protocol import ApiCall, Reply, check_record_id
from aiozcrm.batch import BatchReport, Inputs, OnOutcome
from aiozcrm.errors import InvalidInputError, Result
from aiozcrm.resources._behaviours import Deleting, Getting
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.pages import Pages

__all__ = ["BinnedRecord", "RecycleBin"]


class BinnedRecord(TypedDict):
    """A record in the recycle bin."""

    id: str
    display_name: str
    module: dict[str, str]
    deleted_time: str
    deleted_by: NotRequired[dict[str, str]]
    owner: NotRequired[dict[str, str]]


class RecycleBin(Getting[BinnedRecord], Deleting):
    """The records that were deleted in the last 60 days, of all modules.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-recycle-bin.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/del-recycle-bin-records.html

    To delete one here is to delete it for good, with what it had and is in the bin as well. A
    call takes 100. A list reaches 2,000. In v7 nothing can be restored by a call.
    Calls need the scope ``ZohoCRM.settings.recycle_bin.ALL``, or the one of the operation.
    """

    path = "settings/recycle_bin"
    key = "recycle_bin"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.recycle_bin.{operation}",)
    per_delete: ClassVar[int | None] = 100

    async def list(
        self,
        *,
        ids: Sequence[str | int] | None = None,
        sort_by: Literal["display_name", "deleted_time", "deleted_by"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> Sequence[BinnedRecord]:
        """Return all records in the bin that match.

        Args:
            ids: As for :meth:`iter`.
            sort_by: As for :meth:`iter`.
            sort_order: As for :meth:`iter`.
            filters: As for :meth:`iter`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        found = self.iter(ids=ids, sort_by=sort_by, sort_order=sort_order, filters=filters)
        return [record async for record in found]

    def iter(
        self,
        *,
        ids: Sequence[str | int] | None = None,
        sort_by: Literal["display_name", "deleted_time", "deleted_by"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> Pages[BinnedRecord]:
        """Yield one record in the bin after the other, the latest first.

        Args:
            ids: Only these. They go before *filters*.
            sort_by: ``deleted_time`` (the default), ``display_name`` or ``deleted_by``.
            sort_order: ``desc`` (the default) or ``asc``.
            filters: Conditions, as Zoho's page has them, such as ``{"field": {"api_name":
                "module"}, "comparator": "equal", "value": "Leads"}``, or a ``group`` of them.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200.

        Raises:
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {
            "ids": None if ids is None else [check_record_id(own) for own in ids],
            "sort_by": sort_by,
            "sort_order": sort_order,
            "filters": None if filters is None else json.dumps(filters),
        }
        return self._iter(query=query)

    @overload
    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport: ...

    @overload
    async def delete_many(self, /, *, filters: Mapping[str, Any]) -> Job: ...

    async def delete_many(
        self,
        ids: Inputs | None = None,
        /,
        *,
        filters: Mapping[str, Any] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport | Job:
        """Delete many for good, by their ids or by what they have in common.

        Args:
            ids: The ids. One that is given twice is deleted once.
            filters: In the place of ids: conditions, as for :meth:`iter`.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids. With more than 1,000 records in all,
            those counted that belong to them, Zoho does it in the background, and says so with
            one answer for all. With *filters* a job: Zoho has no call for its state, so look at
            the bin itself.

        Raises:
            aiozcrm.errors.InvalidInputError: If neither ids nor filters are given, or both, or an
                id of a list is none; nothing is sent.
            aiozcrm.errors.ZohoError: If the job could not be started; the class says why.
        """
        if (ids is None) == (filters is None):
            raise InvalidInputError("Say what to delete: either by ids or by filters.")
        if ids is not None:
            return await self._deletion(concurrency, on_outcome).report(ids)
        if not filters:
            raise InvalidInputError("Empty filters would delete everything.")
        outcome = await self._act("DELETE", query={"filters": json.dumps(filters)})
        return Job(str(outcome.details.get("id", "")), clock=self._api.clock)

    def _account(self, call: ApiCall, reply: Reply, names: Sequence[str]) -> Sequence[Result]:
        results = super()._account(call, reply, names)
        if len(results) == 1 < len(names) and results[0].code == "SCHEDULED":
            [told] = results
            return [Result(told.code, told.status, told.message, {})] * len(names)
        return results
