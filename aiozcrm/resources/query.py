"""Queries in COQL.

https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

from aiozcrm._coql import Sent, Statement, bind
from aiozcrm._protocol import Reply, check_record_id
from aiozcrm.errors import InvalidQueryError, LimitExceededError
from aiozcrm.resources._api import Api
from aiozcrm.resources._coql_calls import ROWS_A_CALL, check_order, read_rows
from aiozcrm.resources._results import beyond_reach, page_of, unreadable
from aiozcrm.resources.pages import Page, Pages, walk

__all__ = ["iter_query"]

#: What a call tells of the rows, and its answer.
_Answer: TypeAlias = tuple[Page[dict[str, Any]], Reply]


def iter_query(api: Api, text: str, values: Mapping[str, Any]) -> Pages[dict[str, Any]]:
    """Return the rows of a query. What cannot be sent is raised here, before the first page."""
    return Pages(walk(_Query(api, bind(text, values)).page))


class _Query:
    """A query that is read page by page.

    Args:
        api: What makes the calls.
        statement: The bound statement.
    """

    def __init__(self, api: Api, statement: Statement) -> None:
        self._api = api
        self._statement = statement
        self._read = 0
        # Of the last page that was read by its number.
        self._first_id: object = None
        # How far offsets go, once Zoho has said so, and how it said so.
        self._reach: tuple[int, LimitExceededError] | None = None

    async def page(self, following: Mapping[str, Any]) -> Page[dict[str, Any]]:
        """Read a page: the first one, or the one behind the token of the page before."""
        statement, limit = self._statement, self._statement.limit
        if not statement.is_readable or (limit is not None and limit <= ROWS_A_CALL):
            return await self._whole()
        left = ROWS_A_CALL if limit is None else min(limit - self._read, ROWS_A_CALL)
        after = following.get("page_token", "") if statement.by_id else ""
        if after:
            page, reply = await self._call(statement.page(rows=left, after=after), left)
        else:
            page, reply = await self._by_offset(left)
            self._check_is_new(page.items, reply)
        if statement.by_id:
            self._check_order(page, after, reply)
        self._read += len(page.items)
        if not page.more or self._read == limit:
            return Page(page.items)
        token = _last_id(page.items, reply) if statement.by_id else str(self._read)
        return Page(page.items, more=True, token=token)

    async def _whole(self) -> Page[dict[str, Any]]:
        """Read the only page of what one call can bring."""
        page, reply = await self._call(self._statement.whole)
        # Behind as many rows as the LIMIT there may well be more.
        statement = self._statement
        if page.more and statement.is_readable and len(page.items) < (statement.limit or 0):
            raise unreadable(reply, "it has fewer rows than its LIMIT, though there are more")
        return Page(page.items)

    async def _by_offset(self, left: int) -> _Answer:
        """Read the next rows by their number, as far as Zoho goes."""
        offset = self._statement.offset + self._read
        if self._reach is not None:
            reach, said = self._reach
            if offset >= reach:
                raise beyond_reach(
                    said,
                    f"The query has more rows than the {reach} that Zoho hands out in this order.",
                    hint="Order by id alone, which has no such limit, or narrow down the WHERE.",
                ) from said
            left = min(left, reach - offset)
        try:
            return await self._call(self._statement.page(rows=left, offset=offset), left)
        except LimitExceededError as error:
            most = offset if error.limit is None and self._read else error.limit
            if most is None or most >= offset + left:
                # About something else, such as too many columns.
                raise
            self._reach = most, error
        return await self._by_offset(left)

    async def _call(self, sent: Sent, most: int | None = None) -> _Answer:
        """Make one call, which asks for so many rows at most."""
        try:
            value, reply = await read_rows(self._api, sent.text)
        except InvalidQueryError as error:
            # Where it is in the text that the caller gave.
            place = sent.place(error.details)
            if place is not None:
                error.line, error.column, error.excerpt = place.line, place.column, place.excerpt
                error.clause = place.clause
            if isinstance(clause := error.details.get("clause"), str):
                error.clause = clause
            raise
        # Behind other rows an empty 200 may hide some.
        if reply.data is None and not self._read:
            value = []
        page = page_of(value, reply, most=sys.maxsize if most is None else most)
        if most is not None and len(page.items) > most:
            raise unreadable(reply, "it has more rows than were asked for")
        return page, reply

    def _check_order(self, page: Page[dict[str, Any]], after: str, reply: Reply) -> None:
        """Raise unless the rows of a page are in the order of their ids, behind the one before."""
        # The order of an only page is of no use to us.
        if after or page.more:
            check_order(page.items, self._statement.by_id, after, reply)

    def _check_is_new(self, rows: list[dict[str, Any]], reply: Reply) -> None:
        """Raise if what came by an offset is the page before once more."""
        if not (self._statement.has_ids and rows):
            return
        first = rows[0].get("id")
        if first is not None and first == self._first_id:
            # It is the answer to another call, and then more of them would come.
            self._api.transport.distrust_connections()
            raise unreadable(reply, "it begins with the same row as the page before")
        self._first_id = first


def _last_id(rows: list[dict[str, Any]], reply: Reply) -> str:
    """Return the id behind which the next page begins."""
    try:
        return check_record_id(rows[-1]["id"] if rows else None)
    except (TypeError, ValueError):
        raise unreadable(reply, "its rows lack the id behind which the next ones begin") from None
