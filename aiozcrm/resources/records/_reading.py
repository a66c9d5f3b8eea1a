"""What can be read of the records of a module."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, Unpack

from aiozcrm._criteria import bind_criteria, criteria_for, matches, names_in
from aiozcrm._protocol import Reply
from aiozcrm.errors import InvalidInputError, LimitExceededError, MultipleFoundError, NotFoundError
from aiozcrm.resources._behaviours import filters_text
from aiozcrm.resources._coql_calls import read_rows
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import beyond_reach, page_of, unreadable
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

if TYPE_CHECKING:
    from aiozcrm.resources.records.changes import ChangeFeed
    from aiozcrm.resources.records.deleted import DeletedRecords

__all__ = ["ReadingRecords"]

_NOTHING: Final[Mapping[str, Any]] = {}

#: The most rows that Zoho answers a query with.
_ROWS_A_QUERY: Final = 2_000

#: How the end of what a search reaches is told: here, or by Zoho.
_SEARCH_ENDS: Final = frozenset({"", "LIMIT_REACHED"})

#: The class below has a method of the name of this type.
_Rows: TypeAlias = list[Any]


class ReadingRecords(Resource, Generic[RecordT]):
    """What can be read of the records of a module."""

    path = "{module}"
    key = "data"

    @property
    def module(self) -> str:
        """The API name of the module."""
        return self._bound["module"]

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
        ordered by id, it is read on by COQL.

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

    async def _one(self, own: str) -> RecordT | None:
        """Return one record with all that it has; None if it is gone."""
        try:
            record: RecordT = await self._get(own)
        except NotFoundError:
            return None
        return record

    async def _by_query(self, statement: str) -> tuple[Page[Record], Reply]:
        """Return what one call hands out of a COQL statement's records, and its answer."""
        value, reply = await read_rows(self._api, statement)
        page = page_of(value, reply, most=_ROWS_A_QUERY)
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
        record: RecordT = await self._get(id, query={"fields": wanted, **query})
        return record

    async def find(self, /, **fields: Any) -> Sequence[RecordT]:
        """Return the records whose fields have exactly these values.

        They are searched for, then compared here, since Zoho's ``equals`` finds whatever contains
        a text. What was just written may be missing: use a query then.

        Args:
            fields: Values by the API names of fields. Of a lookup, the id.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.InvalidInputError: If no field is given; nothing is sent.
            aiozcrm.errors.PaginationLimitError: If Zoho finds more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
            TypeError: If a value cannot be searched for; nothing is sent.
        """
        criteria = criteria_for(fields)
        found = Pages(self._search_pages({"criteria": criteria}))
        return [record async for record in found if matches(record, fields)]

    async def find_one(self, /, **fields: Any) -> RecordT | None:
        """Return the one record whose fields have exactly these values.

        Args:
            fields: As for :meth:`find`.

        Returns:
            The record; None if there is none.

        Raises:
            aiozcrm.errors.MultipleFoundError: If there are several.
            aiozcrm.errors.ZohoError: As for :meth:`find`.
        """
        found = await self.find(**fields)
        if len(found) > 1:
            raise MultipleFoundError(
                f"{len(found)} records of {self.module} have these values.", records=found
            )
        return found[0] if found else None

    def iter_search(
        self,
        *,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        fields: Sequence[str] | None = None,
        converted: str | bool | None = None,
        approved: str | bool | None = None,
        cvid: str | int | None = None,
        type: str | None = None,
        **values: Any,
    ) -> Pages[RecordT]:
        """Yield what a search finds. What was just written may be missing: use a query then.

        https://www.zoho.com/crm/developer/docs/api/v7/search-records.html

        Args:
            criteria: Such as ``(Last_Name:starts_with:{name})``. What stands for the names in
                braces is escaped: text, a number, a boolean, a date, a datetime with an offset,
                or a list of those for ``in``.
                Zoho's ``equals`` finds what contains a text: see :meth:`find`.
            email: An address in any email field.
            phone: A number in any phone field.
            word: A word anywhere.
            fields: API names of the fields to read; None for all.
            converted: Leads only: ``false`` (the default), ``true`` or ``both``.
            approved: ``true`` (the default), ``false`` or ``both``.
            cvid: Only those of this custom view.
            type: Users only: a kind of user.
            values: The values of *criteria*.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 records.

        Raises:
            aiozcrm.errors.InvalidInputError: Unless it is told one thing to search for; nothing
                is sent.
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000: use a query then.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
            KeyError: If a name in *criteria* has no value, or a value no name; nothing is sent.
            TypeError: If a value is of a type that criteria cannot hold; nothing is sent.
            ValueError: If a datetime has no offset, or a list has not 1 to 100 values; nothing is
                sent.
        """
        given = _searched_for(criteria, values, email=email, phone=phone, word=word)
        if len(given) != 1:
            raise InvalidInputError("Search for one of criteria, email, phone or word.")
        more = {"converted": converted, "approved": approved, "cvid": cvid, "type": type}
        named = None if fields is None else names_of(fields)
        return Pages(self._search_pages({**given, **more, "fields": named}))

    async def _search_pages(self, query: Mapping[str, Any]) -> AsyncGenerator[_Rows, None]:
        found = self._iter("search", query=query)
        try:
            async for page in found.pages():
                yield page
        except LimitExceededError as error:
            if error.code not in _SEARCH_ENDS:
                raise
            raise beyond_reach(
                error,
                "The search finds more records than the 2,000 that Zoho hands out.",
                hint="Narrow it down, or read the records with zoho.query().",
            ) from error
        finally:
            await found.aclose()

    async def search(self, **query: Any) -> Sequence[RecordT]:
        """Return all that a search finds.

        Args:
            query: As for :meth:`iter_search`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: As for :meth:`iter_search`.
        """
        return [record async for record in self.iter_search(**query)]

    async def count(
        self,
        *,
        cvid: str | int | None = None,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        **values: Any,
    ) -> int:
        """Return how many records there are. Zoho's figure lags by up to ten minutes.

        https://www.zoho.com/crm/developer/docs/api/v7/module_record_count.html

        Args:
            cvid: Only those of this custom view.
            criteria: As for :meth:`iter_search`.
            email: As for :meth:`iter_search`.
            phone: As for :meth:`iter_search`.
            word: As for :meth:`iter_search`.
            values: The values of *criteria*.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is more than one of them; nothing is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        given = _searched_for(criteria, values, cvid=cvid, email=email, phone=phone, word=word)
        if len(given) > 1:
            raise InvalidInputError(f"Count by one of {', '.join(given)}.")
        return await self._count("actions", "count", query=given)

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


def _searched_for(
    criteria: str | None, values: dict[str, Any], **ways: str | int | None
) -> dict[str, Any]:
    """Return what is searched for, with the values in the criteria."""
    given = {name: value for name, value in ways.items() if value is not None}
    if criteria is not None:
        # A value may be called as one of the other ways.
        named = names_in(criteria) & given.keys()
        values = {**values, **{name: given.pop(name) for name in named}}
        given["criteria"] = bind_criteria(criteria, values)
    elif values:
        raise TypeError(f"only criteria have values, such as {', '.join(values)}")
    return given


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
