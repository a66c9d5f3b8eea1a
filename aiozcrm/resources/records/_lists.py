"""Lists of records: every page of every field, or an error."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attr as attrs

from aiozcrm._protocol import check_record_id, iso_text, plain_text
from aiozcrm._waiting import until_ended
from aiozcrm.errors import ApiError, InvalidInputError, NotFoundError
from aiozcrm.resources._coql_calls import check_order
from aiozcrm.resources._results import beyond_reach, unreadable
from aiozcrm.resources.pages import Page
from aiozcrm.resources.records._queries import ListQuery, Record, every_record

if TYPE_CHECKING:
    from aiozcrm.resources.records._reading import ReadingRecords

__all__ = [
    "FIELDS_A_CALL",
    "ListReader",
    "field_sets",
    "list_query",
    "moment_of",
    "names_of",
    "since_header",
]

#: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
FIELDS_A_CALL: Final = 50

#: How many records are asked for by their ids at once.
_IDS_A_CALL: Final = 100

#: What Zoho answers where a list can no longer be read on by its page token.
_TOKEN_IS_SPENT: Final = frozenset({"EXPIRED_VALUE", "PAGINATION_LIMIT_EXCEEDED"})

#: Parameters under which COQL would give other rows than the list.
_NOT_IN_COQL: Final = frozenset(
    {"ids", "converted", "approved", "territory_id", "include_child", "uid"}
    | {"startDateTime", "endDateTime"}
)

#: What follows the last id read, in a list that is ordered by id.
_BEHIND: Final = {"desc": "<", "asc": ">"}

_ZOHO_NAMES: Final = {"start_date_time": "startDateTime", "end_date_time": "endDateTime"}


def names_of(fields: Sequence[str]) -> list[str]:
    """Return API names of fields, each once.

    Raises:
        aiozcrm.errors.InvalidInputError: If one cannot be a name, or there is none.
        TypeError: If it is one text, or holds something else than texts.
    """
    if isinstance(fields, (str, bytes)):
        raise TypeError(f"fields are many names, not one {type(fields).__name__}: use a list")
    names = list(dict.fromkeys(map(plain_text, fields)))
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the name of a field is a str, not {type(name).__name__}")
        if not name or "," in name or not name.isprintable() or name != name.strip():
            raise InvalidInputError(f"{name!r} is not the API name of a field.")
    if not names:
        raise InvalidInputError("fields must name at least one field.")
    return names


def field_sets(names: Sequence[str]) -> list[list[str]]:
    """Return the names as sets that one call can read each; ``id`` comes with every set."""
    others = [name for name in names if name != "id"] or ["id"]
    return [others[at : at + FIELDS_A_CALL] for at in range(0, len(others), FIELDS_A_CALL)]


@attrs.define(eq=False, repr=False)
class ListReader:
    """Reads the pages of one list.

    Attributes:
        records: Whose records.
        query: What narrows and orders the list, in Zoho's words.
        headers: What the calls send besides.
        sets: The fields to read, as one call each.
        full: Whether to read each record by a call of its own, too.
    """

    records: ReadingRecords[Any]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    sets: list[list[str]]
    full: bool
    _order: str = ""
    _last_id: str = ""
    _spent: bool = False

    async def read(self, following: Mapping[str, Any]) -> Page[Record]:
        """Read the page that these parameters name, with all fields of its rows."""
        if not self._spent:
            try:
                page, _ = await self.records._page(  # noqa: SLF001  # a part of it
                    {**self.query, "fields": self.sets[0], **following}, self.headers
                )
            except ApiError as error:
                if not following or error.code not in _TOKEN_IS_SPENT:
                    raise
                self._check_order(error)
                self._spent = True
        if self._spent:
            page = await self._page_by_query()
        elif len(self.sets) > 1:
            page = attrs.evolve(page, items=await self.with_other_sets(page.items))
        self._note_order(page.items)
        if self.full:
            page = attrs.evolve(page, items=await self._in_full(page.items))
        return page

    def _note_order(self, rows: Sequence[Record]) -> None:
        """Remember the last id, and whether the rows have come in the order of their ids."""
        # A custom view has an order of its own; of other lists, the ends of a page tell theirs.
        told = rows if "cvid" in self.query or len(rows) < 2 else (rows[0], rows[-1])
        ids = [int(self._last_id)] if self._last_id else []
        ids += [int(row["id"]) for row in told]
        if len(ids) > 1:
            order = "asc" if ids[1] > ids[0] else "desc"
            is_sorted = ids == sorted(ids, reverse=order == "desc")
            self._order = order if is_sorted and self._order in {"", order} else "none"
        if rows:
            self._last_id = str(rows[-1]["id"])

    def _check_order(self, error: ApiError) -> None:
        """Raise unless the list can be read on behind its last id.

        Raises:
            aiozcrm.errors.PaginationLimitError: If not; it names the last id.
        """
        by_id = self.query.get("sort_by", "id") == "id" and self._order in _BEHIND
        if by_id and not self.headers and _NOT_IN_COQL.isdisjoint(self.query):
            return
        raise beyond_reach(
            error,
            f"The list goes on behind {self._last_id}, but Zoho hands out no more of it: "
            f"{error.message}",
            hint="Narrow it with zoho.query(), or read all of it with zoho.bulk_read.",
            last_id=self._last_id,
        ) from error

    async def _page_by_query(self) -> Page[Record]:
        names = [name for fields in self.sets for name in fields if name != "id"]
        view = self.query.get("cvid")
        module = self.records.module if view is None else f"{self.records.module}#{view}"
        page, reply = await self.records._by_query(  # noqa: SLF001  # a part of it
            f"select {', '.join(names or ['id'])} from {module} "  # noqa: S608  # names of ours
            f"where id {_BEHIND[self._order]} '{self._last_id}' "
            f"order by id {self._order} limit 2000"
        )
        check_order(page.items, self._order, self._last_id, reply)
        return attrs.evolve(page, token=str(page.items[-1]["id"]) if page.items else None)

    async def with_other_sets(self, rows: Sequence[Record]) -> list[Record]:
        """Return the rows with the fields of all sets.

        A row that is gone when its other fields are read is left out: Zoho says that it does
        not exist any more.
        """
        merged = {str(row["id"]): row for row in rows}
        for fields in self.sets[1:]:
            found = await self._rows_of(list(merged), fields)
            merged = {own: {**merged[own], **row} for own, row in found.items() if own in merged}
        return list(merged.values())

    async def _rows_of(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        # Converted and unapproved records are on the page as well where the query says so, and
        # in a custom view there may be any.
        kept = {name: self.query[name] for name in ("converted", "approved") if name in self.query}
        if "cvid" in self.query:
            kept = {**every_record(self.records.module)}
        for at in range(0, len(ids), _IDS_A_CALL):
            some = ids[at : at + _IDS_A_CALL]
            page, reply = await self.records._plain._page(  # noqa: SLF001  # a part of it
                {**kept, "ids": some, "fields": fields}, {}
            )
            if page.more:
                raise unreadable(reply, f"not all of {len(some)} records are in it")
            found.update((str(row["id"]), row) for row in page.items)
        # In the order of the page.
        return {own: found[own] for own in ids if own in found}

    async def _in_full(self, rows: Sequence[Record]) -> list[Record]:
        get = self.records._plain.get  # noqa: SLF001  # a part of it
        calls = [
            asyncio.create_task(get(str(row["id"])), name="aiozcrm: full record") for row in rows
        ]
        found: list[Record] = []
        try:
            for call in calls:
                full: Record = {}
                with contextlib.suppress(NotFoundError):
                    full = await call
                found.append(full)
        finally:
            for call in calls:
                call.cancel()
            await until_ended(*calls)
        # A record that is gone by now is no longer part of the list.
        return [{**row, **full} for row, full in zip(rows, found, strict=True) if full]


def list_query(given: ListQuery) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the query and the headers that a list sends.

    Raises:
        aiozcrm.errors.InvalidInputError: If something cannot be right.
    """
    unknown = given.keys() - ListQuery.__annotations__.keys()
    if unknown:
        raise TypeError(f"a list of records takes no {', '.join(sorted(unknown))}")
    query: dict[str, Any] = {
        _ZOHO_NAMES.get(name, name): value for name, value in given.items() if value is not None
    }
    since = query.pop("if_modified_since", None)
    if "cvid" in query and "sort_by" in query:
        raise InvalidInputError("A list is sorted by its custom view, so cvid excludes sort_by.")
    if query.get("sort_by", "id") not in {"id", "Created_Time", "Modified_Time"}:
        raise InvalidInputError(
            f"A list cannot be sorted by {query['sort_by']!r}.",
            hint="Use id, Created_Time or Modified_Time, or zoho.query().",
        )
    for name in ("cvid", "territory_id", "uid"):
        if name in query:
            query[name] = check_record_id(query[name])
    if isinstance(query.get("ids"), (str, bytes)):
        raise TypeError("ids are many, not one str: use a list")
    return query, since_header(since)


def since_header(since: str | dt.datetime | None) -> dict[str, str]:
    """Return the header that leaves out what has not changed since a moment, if one is given.

    Raises:
        ValueError: If a datetime has no offset.
        TypeError: If it is neither a datetime nor text.
    """
    return {} if since is None else {"If-Modified-Since": moment_of(since)}


def moment_of(moment: str | dt.datetime) -> str:
    """Return a moment as a header holds it.

    Raises:
        ValueError: If a datetime has no offset.
        TypeError: If it is neither a datetime nor text.
    """
    if isinstance(moment, dt.datetime):
        return iso_text(moment)
    if isinstance(moment, str):
        return moment
    raise TypeError(f"if_modified_since is a datetime or text, not {type(moment).__name__}")
