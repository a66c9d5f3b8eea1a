"""Records in the order of their changes, out of a list that moves while it is read."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiozcrm._protocol import Reply, http_time, known_id
from aiozcrm.errors import InvalidResponseError, PaginationLimitError
from aiozcrm.resources._results import unreadable
from aiozcrm.resources.pages import Page
from aiozcrm.resources.records._lists import ListReader, field_sets, since_header
from aiozcrm.resources.records._queries import Record, every_record

if TYPE_CHECKING:
    from aiozcrm.resources.records._reading import ReadingRecords
    from aiozcrm.resources.records.deleted import DeletedRecord, DeletedRecords

__all__ = ["MARGIN", "ChangedRecords", "deleted_since"]

#: How far a feed looks back behind its cursor: a change may become visible some time after its
#: moment, and not all of Zoho's machines show the same time.
MARGIN: Final = dt.timedelta(minutes=2)

_TIME: Final = "Modified_Time"

#: How often a second is read again. Its records may come in another order each time.
_MOST_READINGS: Final = 20

_ORDER: Final[Mapping[str, Any]] = {"sort_by": _TIME, "sort_order": "asc", "per_page": 200}


class ChangedRecords:
    """Reads the records that have changed since a moment, page by page.

    A record that changes moves to the end of the list, and all others behind it one place ahead:
    to follow page tokens would be to miss one. So each page is asked for from the last moment
    seen, that moment included, and what comes again is left out. Only within a second with more
    records than a page does a token lead on. Such a second is read until everything that was there
    at one reading is still there at the next: then nothing has moved meanwhile.

    Args:
        records: Makes the calls.
        names: The fields to read.
        since: The moment; None for all records.

    Attributes:
        more: Whether there may be more records.
        began: Zoho's time at the first page.
    """

    def __init__(
        self, records: ReadingRecords[Any], names: Sequence[str], since: dt.datetime | None
    ) -> None:
        self.more = True
        self.began: dt.datetime
        self._is_begun = False
        self._keeps_time = _TIME in names
        sets = field_sets([_TIME, *(name for name in names if name != _TIME)])
        self._reader = ListReader(records, every_record(records.module), {}, sets, full=False)
        self._moment = since
        # What may come again: ids with the time of their change.
        self._given: dict[str, dt.datetime] = {}
        self._token: str | None = None
        # Those of this second, at this reading.
        self._tokens: set[str] = set()
        # The ids of this second, at this reading and at the one before.
        self._seen: set[str] = set()
        self._seen_before: set[str] = set()
        self._readings = 0

    async def read(self) -> list[Record]:
        """Return the records of the next page that were not given yet."""
        page, reply = await self._page()
        times = [_time_of(row, reply) for row in page.items]
        self._check(page, times, reply)
        if not self._is_begun:
            began = http_time(reply.headers.get("Date", ""))
            if began is None:
                reason = "its Date does not tell the time, from which the next feed begins"
                raise unreadable(reply, reason)
            self.began, self._is_begun = dt.datetime.fromtimestamp(began, dt.UTC), True
        fresh = {
            str(row["id"]): time
            for row, time in zip(page.items, times, strict=True)
            if self._given.get(str(row["id"])) != time
        }
        self._given.update(fresh)
        self._advance(page, times, reply)
        rows = [row for row in page.items if str(row["id"]) in fresh]
        if len(self._reader.sets) > 1:
            rows = await self._reader.with_other_sets(rows)
        if not self._keeps_time:
            for row in rows:
                del row[_TIME]
        return rows

    async def _page(self) -> tuple[Page[Record], Reply]:
        following = {"fields": self._reader.sets[0], "page_token": self._token}
        query = {**self._reader.query, **_ORDER, **following}
        headers = since_header(self._moment)
        return await self._reader.records._page(query, headers)  # noqa: SLF001  # a part of it

    def _check(self, page: Page[Record], times: Sequence[dt.datetime], reply: Reply) -> None:
        """Raise if the order of a page is not the one that was asked for, or it leads nowhere."""
        moments = times if self._moment is None else [self._moment, *times]
        if any(later < earlier for earlier, later in itertools.pairwise(moments)):
            raise unreadable(reply, f"its records do not come in the order of their {_TIME}")
        if not page.more or (times and times[-1] != self._moment):
            return
        # A token alone leads on.
        if not times or page.token is None or page.token in self._tokens:
            raise unreadable(reply, "it does not tell where the list goes on")

    def _advance(self, page: Page[Record], times: Sequence[dt.datetime], reply: Reply) -> None:
        """Note from where the next page is to be asked for."""
        last = times[-1] if times else self._moment
        self._seen.update(
            str(row["id"])
            for row, time in zip(page.items, times, strict=True)
            if time == self._moment
        )
        if page.more and last == self._moment and page.token is not None:
            self._token = page.token
            self._tokens.add(page.token)
            return
        self._tokens.clear()
        # A second of which a record may have been missed is read anew, until two readings agree.
        # One that is recent will be read once more by the next feed.
        is_whole = self._token is None or (self._readings and self._seen_before <= self._seen)
        is_recent = self._moment is not None and self._moment >= self.began - MARGIN
        if not is_whole and not (is_recent and self._readings == _MOST_READINGS):
            if self._readings == _MOST_READINGS:
                raise unreadable(reply, f"{self._moment} has other records at each reading")
            self._seen_before, self._seen, self._token = self._seen, set(), None
            self._readings += 1
        else:
            self._moment, self._token, self.more = last, None, page.more
            self._seen, self._seen_before, self._readings = set(), set(), 0
            self._given = {own: time for own, time in self._given.items() if time == last}


async def deleted_since(deleted: DeletedRecords, since: dt.datetime) -> list[DeletedRecord] | None:
    """Return the records that were deleted since a moment; None if they are more than are listed.

    A record that leaves the list, by being restored, moves those behind it to the page before. So
    several pages are read until everything that was there at one reading is there at the next.

    Raises:
        aiozcrm.errors.InvalidResponseError: If the list is different at each reading.
    """
    before: set[str] = set()
    for _ in range(_MOST_READINGS):
        listed = deleted.iter(type="all", if_modified_since=since)
        try:
            pages = [page async for page in listed.pages()]
        except PaginationLimitError:
            return None
        found = {known_id(row.get("id")) or "": row for page in pages for row in page}
        if not all(map(str.isdecimal, found)):
            raise InvalidResponseError("A deleted record has no id.", status=200, excerpt="")
        if len(pages) < 2 or (before and before <= found.keys()):
            return list(found.values())
        before = set(found)
    raise InvalidResponseError(
        f"The list of deleted records was different at each of {_MOST_READINGS} readings.",
        status=200,
        excerpt="",
    )


def _time_of(row: Record, reply: Reply) -> dt.datetime:
    """Return when a record was changed, to the second."""
    try:
        time = dt.datetime.fromisoformat(row[_TIME])
    except (KeyError, TypeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise unreadable(reply, f"record {row['id']} has no {_TIME}, by which changes are found")
    return time.replace(microsecond=0)
