"""Records that were deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._resource import Resource
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._lists import moment_of

__all__ = ["DeletedRecord", "DeletedRecords"]


class DeletedRecord(TypedDict):
    """A record that was deleted. Of one deleted for good, Zoho tells neither name nor users."""

    id: str
    display_name: str | None
    type: str
    deleted_time: str
    deleted_by: NotRequired[dict[str, Any] | None]
    created_by: NotRequired[dict[str, Any] | None]


class DeletedRecords(Resource):
    """The deleted records of a module.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-deleted-records.html

    Zoho keeps what is in the recycle bin for 60 days, and tells of what was deleted for good for
    120 days. A list reaches 2,000 records.
    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module.
    """

    path = "{module}/deleted"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)

    def iter(
        self,
        *,
        type: Literal["all", "recycle", "permanent"] = "all",
        if_modified_since: str | dt.datetime | None = None,
    ) -> Pages[DeletedRecord]:
        """Yield one deleted record after the other, the latest first.

        Args:
            type: Those in the recycle bin (``recycle``), those deleted for good
                (``permanent``), or both.
            if_modified_since: Only those deleted since this moment: an aware datetime, or text
                as Zoho writes it.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200.

        Raises:
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        since = if_modified_since
        headers = {} if since is None else {"If-Modified-Since": moment_of(since)}
        return self._iter(query={"type": type}, headers=headers)

    async def list(
        self,
        *,
        type: Literal["all", "recycle", "permanent"] = "all",
        if_modified_since: str | dt.datetime | None = None,
    ) -> Sequence[DeletedRecord]:
        """Return all deleted records that match.

        Args:
            type: As for :meth:`iter`.
            if_modified_since: As for :meth:`iter`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        found = self.iter(type=type, if_modified_since=if_modified_since)
        return [record async for record in found]
