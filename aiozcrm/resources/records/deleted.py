"""Records that were deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm._protocol import check_record_id
from aiozcrm.resources._resource import Resource
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._lists import names_of, since_header
from aiozcrm.resources.records._queries import Record

__all__ = ["DeletedRecord", "DeletedRecords", "DeletedRelatedRecords"]


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
        return self._iter(query={"type": type}, headers=since_header(if_modified_since))

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

    def related(self, record_id: str | int, related_list: str, /) -> DeletedRelatedRecords:
        """Return a related list of a record that is in the recycle bin.

        Args:
            record_id: The record.
            related_list: The API name of a list that comes of a lookup.
        """
        return DeletedRelatedRecords(
            self._api,
            module=self._bound["module"],
            record_id=check_record_id(record_id),
            related_list=related_list,
        )


class DeletedRelatedRecords(Resource):
    """A related list of a record in the recycle bin; what it lists is not in there itself.

    - list:
      https://www.zoho.com/crm/developer/docs/api/v7/get-related-records-of-deleted-record.html

    It has to come of a lookup, not of one that leads to many records.
    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module.
    """

    path = "{module}/deleted/{record_id}/{related_list}"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)

    def iter(
        self, *, fields: Sequence[str], ids: Sequence[str | int] | None = None
    ) -> Pages[Record]:
        """Yield one record of the list after the other.

        Args:
            fields: API names of the fields to read; Zoho insists on some.
            ids: Only these records.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200.

        Raises:
            aiozcrm.errors.InvalidInputError: If an argument cannot be right; nothing is sent.
            aiozcrm.errors.NotFoundError: If the record is not in the recycle bin.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        wanted = None if ids is None else [check_record_id(own) for own in ids]
        return self._iter(query={"fields": names_of(fields), "ids": wanted})

    async def list(
        self, *, fields: Sequence[str], ids: Sequence[str | int] | None = None
    ) -> Sequence[Record]:
        """Return all records of the list.

        Args:
            fields: As for :meth:`iter`.
            ids: As for :meth:`iter`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: As for :meth:`iter`.
        """
        return [record async for record in self.iter(fields=fields, ids=ids)]
