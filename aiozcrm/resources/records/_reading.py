"""What can be read of the records of a module."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, Unpack

from aiozcrm._protocol import Reply
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._behaviours import filters_text
from aiozcrm.resources._coql_calls import ROWS_A_CALL, read_rows
from aiozcrm.resources._results import page_of, unreadable
from aiozcrm.resources._schemas import field_names
from aiozcrm.resources.pages import Page, Pages, walk
from aiozcrm.resources.records._lists import (
    FIELDS_A_CALL,
    ListReader,
    field_sets,
    list_query,
    names_of,
)
from aiozcrm.resources.records._queries import ListQuery, Record, RecordT
from aiozcrm.resources.records._searches import SearchingRecords

if TYPE_CHECKING:
    from aiozcrm.resources.records.changes import ChangeFeed
    from aiozcrm.resources.records.deleted import DeletedRecords

__all__ = ["ReadingRecords"]

#: Modules of which Zoho shows no record without the names of its fields.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html
_ONLY_BY_NAMES: Final = frozenset({"Entity_Scores__s", "Notes"})

#: The class below has a method of the name of this type.
_Rows: TypeAlias = list[Any]


class ReadingRecords(SearchingRecords[RecordT]):
    """What can be read of the records of a module."""

    @property
    def _plain(self) -> ReadingRecords[RecordT]:
        """The same records by Zoho's own ids."""
        return ReadingRecords(self._api, module=self.module) if self.named else self

    async def list(
        self,
        *,
        fields: Sequence[str] | None = None,
        full: bool = False,
        **query: Unpack[ListQuery],
    ) -> Sequence[RecordT]:
        """Return all records that match, from as many pages as it takes.

        Args:
            fields: As for :meth:`iter`.
            full: As for :meth:`iter`.
            query: As for :meth:`iter`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: As for :meth:`iter`.
        """
        return [record async for record in self.iter(fields=fields, full=full, **query)]

    def iter(
        self,
        *,
        fields: Sequence[str] | None = None,
        full: bool = False,
        **query: Unpack[ListQuery],
    ) -> Pages[RecordT]:
        """Yield one record after the other, and read the next page meanwhile.

        The list is complete, or raises. Where Zoho hands out no more pages of a list that is
        ordered by id, it is read on by COQL. If a record is deleted meanwhile, others may move to
        a page that has been read already, and be missed; ``zoho.iter_query()`` misses none.

        https://www.zoho.com/crm/developer/docs/api/v7/get-records.html

        Args:
            fields: API names of the fields to read; None for all, which costs one more call for
                their names, and one more call a page for each 50 of them. Subforms and
                multi-select lookups come only with *full*.
            full: Whether to read each record by a call of its own as well, with its subforms and
                multi-select lookups.
            query: What narrows and orders the list.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 records.

        Raises:
            aiozcrm.errors.InvalidInputError: If an argument cannot be right; nothing is sent.
            aiozcrm.errors.PaginationLimitError: If the list is longer than Zoho hands out; it
                names the last id.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        asked, headers = list_query(query)
        names = None if fields is None else names_of(fields)
        if names and len(names) > FIELDS_A_CALL and asked.keys() & {"cvid", "sort_by"}:
            raise InvalidInputError(
                f"With cvid or sort_by a list takes at most {FIELDS_A_CALL} fields.",
                hint="Read the list without them, or use zoho.query().",
            )
        if "ids" in asked:
            asked["ids"] = [self._id(own) for own in asked["ids"]]
            if not asked["ids"] or any("," in own for own in asked["ids"]):
                raise InvalidInputError(
                    "A list by ids takes one or more ids, none of which holds a comma.",
                    hint="Read a record whose external id holds a comma with get().",
                )
        asked["per_page"] = self.rows_on_a_page
        return Pages(self._list_pages(names, asked, headers, full=full))

    async def _list_pages(
        self,
        names: Sequence[str] | None,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        *,
        full: bool,
    ) -> AsyncGenerator[_Rows, None]:
        if names is None:
            names = await field_names(self._api, self.module)
        reader = ListReader(self, query, headers, field_sets(names), full)
        pages = walk(reader.read)
        try:
            async for page in pages:
                yield page
        finally:
            await pages.aclose()

    async def _page(
        self, query: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Page[Record], Reply]:
        """Return the page of a list, and the answer that it came with."""
        # Zoho allows fewer of these at once.
        heavy = bool(query.keys() & {"cvid", "sort_by"})
        value, reply = await self._read(query=query, headers=headers, heavy=heavy)
        # A list of records never comes without its info.
        is_told = reply.data is None or reply.data.get("info") is not None
        page = page_of(value, reply, most=self.rows_on_a_page if is_told else 0)
        _check_ids(page, reply)
        if "ids" in query and not self.named:
            strange = {str(row["id"]) for row in page.items}.difference(query["ids"])
            if strange:
                self._api.transport.distrust_connections()
                raise unreadable(reply, f"record {min(strange)} was not asked for")
        return page, reply

    async def _by_query(self, statement: str) -> tuple[Page[Record], Reply]:
        """Return what one call hands out of a COQL statement's records, and its answer."""
        value, reply = await read_rows(self._api, statement)
        page = page_of(value, reply, most=ROWS_A_CALL)
        _check_ids(page, reply)
        return page, reply

    async def get(
        self,
        id: str | int,
        /,
        *,
        fields: Sequence[str] | None = None,
        **query: Any,
    ) -> RecordT:
        """Return one record with all that it has, subforms and multi-select lookups included.

        https://www.zoho.com/crm/developer/docs/api/v7/get-records.html

        Args:
            id: Its id; its external id where records are bound to one.
            fields: API names of the fields to read; None for all.
            query: What else Zoho's page knows, such as ``on_demand_properties``.

        Returns:
            The record, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        wanted = None if fields is None else names_of(fields)
        if wanted is None and self.module in _ONLY_BY_NAMES:
            wanted = await field_names(self._api, self.module)
        record: RecordT = await self._get(id, query={"fields": wanted, **query})
        return record

    async def fetch_full_data(
        self, id: str | int, /, *, fields: Sequence[str] | None = None
    ) -> RecordT:
        """Return the rich text fields of a record, which lists cut to 500 characters.

        https://www.zoho.com/crm/developer/docs/api/v7/get-rich-text-fields.html

        Args:
            id: The record.
            fields: API names of rich text fields; None for all.

        Returns:
            The fields, as Zoho sent them.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        wanted = None if fields is None else names_of(fields)
        record: RecordT = await self._get(
            id, "actions", "fetch_full_data", query={"fields": wanted}
        )
        return record

    async def timeline(self, id: str | int, /, **query: Any) -> Sequence[dict[str, Any]]:
        """Return all that has happened to a record.

        Args:
            id: The record.
            query: As for :meth:`iter_timeline`.

        Returns:
            The events, the latest first, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [event async for event in self.iter_timeline(id, **query)]

    def iter_timeline(
        self,
        id: str | int,
        /,
        *,
        filters: Mapping[str, Any] | None = None,
        include: str | Sequence[str] | None = None,
        include_inner_details: str | Sequence[str] | None = None,
        include_timeline_type: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
    ) -> Pages[dict[str, Any]]:
        """Yield what has happened to a record, the latest first.

        https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html

        Args:
            id: The record.
            filters: Conditions, as Zoho's page has them.
            include: What else to tell.
            include_inner_details: Which details to tell.
            include_timeline_type: Which timelines to read.
            sort_by: Such as ``audited_time``.
            sort_order: ``asc`` or ``desc``.

        Returns:
            An async iterator; its ``pages()`` yields lists.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {
            "filters": filters_text(filters),
            "include": include,
            "include_inner_details": include_inner_details,
            "include_timeline_type": include_timeline_type,
            "sort_by": sort_by,
            "sort_order": sort_order,
        }
        # Its page token stands for all the rest.
        return self._iter(
            self._id(id), "__timeline", key="__timeline", query=query, token_alone=True
        )

    def changes(
        self,
        since: str | dt.datetime | None = None,
        *,
        fields: Sequence[str] | None = None,
    ) -> ChangeFeed[RecordT]:
        """Return all that has changed since an earlier feed, deletions included.

        .. code-block:: python

            async with zoho.records("Leads").changes(cursor, fields=["Last_Name"]) as feed:
                async for batch in feed:
                    ...  # batch.upserted, batch.deleted
            cursor = feed.cursor

        Each record comes as it is now, and may come again: a batch is put into a table by id.
        What a merge has removed counts as deleted. Converted leads, and records that wait for
        approval, are among the others.

        Args:
            since: The cursor of an earlier feed of the same module and org; an aware datetime;
                None to begin from nothing, with all records.
            fields: API names of the fields to read; None for all, as for :meth:`iter`.

        Returns:
            The feed. Nothing is sent before it is iterated over.

        Raises:
            aiozcrm.errors.InvalidInputError: If *since* is damaged, or the cursor of another
                module, org or host, or *fields* cannot be right; nothing is sent.
            TypeError: If *since* or *fields* is of another type; nothing is sent.
            ValueError: If *since* is a datetime without an offset; nothing is sent.
        """
        from aiozcrm.resources.records.changes import ChangeFeed  # noqa: PLC0415

        return ChangeFeed(self._plain, since, None if fields is None else names_of(fields))

    @property
    def deleted(self) -> DeletedRecords:
        """The records that were deleted."""
        from aiozcrm.resources.records.deleted import DeletedRecords  # noqa: PLC0415

        return DeletedRecords(self._api, module=self.module)


def _check_ids(page: Page[Record], reply: Reply) -> None:
    """Raise unless each record has the id of a record."""
    try:
        ids = [row["id"] for row in page.items]
    except KeyError:
        ids = [None]
    # Nearly always they are all texts, which is seen at once.
    text = "".join(ids) if {*map(type, ids)} == {str} else "".join(map(str, ids))
    if ids and not (text.isdecimal() and all(ids)):
        raise unreadable(reply, "a record has no id")
