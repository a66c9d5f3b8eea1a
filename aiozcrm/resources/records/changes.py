"""What has changed in a module since the last time."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self

import attr as attrs

from aiozcrm._protocol import iso_text
from aiozcrm.errors import FeedIncompleteError
from aiozcrm.resources._schemas import field_names
from aiozcrm.resources.pages import read_ahead
from aiozcrm.resources.records._changed import MARGIN, ChangedRecords, deleted_since
from aiozcrm.resources.records._cursor import Cursor
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records.deleted import DeletedRecord

if TYPE_CHECKING:
    from aiozcrm.resources.records._reading import ReadingRecords

__all__ = ["ChangeBatch", "ChangeFeed"]

#: For how long Zoho surely tells of a deletion.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-deleted-records.html
_TOLD: Final = dt.timedelta(days=60)


@attrs.frozen
class ChangeBatch(Generic[RecordT]):
    """Some of what has changed.

    Attributes:
        upserted: Records that are new or have changed, as they are now.
        deleted: Records that are gone: dicts with ``id``, and with what else Zoho tells.
    """

    upserted: list[RecordT] = attrs.field(factory=list)
    deleted: list[DeletedRecord] = attrs.field(factory=list)


class _NoCursorError(FeedIncompleteError, AttributeError):
    """Lets ``hasattr`` find that there is no cursor."""


class ChangeFeed(AsyncIterator[ChangeBatch[RecordT]]):
    """What has changed: iterate over it for batches, then keep its :attr:`cursor`.

    First come the records, in the order of their changes, then the deletions: of a record in both,
    the deletion counts. The next batch is read while you work on this one. Leaving ``async with``
    early stops reading.

    Zoho's clock alone counts, not the one of this machine. A feed reads from two minutes before
    its cursor on, so that nothing is missed that became visible late; what changed in that time
    comes once more.

    Iterating raises :class:`~aiozcrm.errors.FeedIncompleteError` where Zoho no longer tells of all
    deletions: if there were more than 2,000, or the cursor is older than 60 days. Begin again from
    None then. Any other :class:`~aiozcrm.errors.ZohoError` is that of a call that failed; the same
    cursor serves for the next try.
    """

    def __init__(
        self,
        records: ReadingRecords[RecordT],
        since: str | dt.datetime | None,
        names: Sequence[str] | None,
    ) -> None:
        self._records = records
        self._api = records._api  # noqa: SLF001  # it is made for them
        self._names = names
        self._margin = MARGIN
        self._since: dt.datetime | None = None
        if isinstance(since, dt.datetime):
            self._margin = dt.timedelta()
            self._since = dt.datetime.fromisoformat(iso_text(since))
        elif isinstance(since, str):
            given = Cursor.from_text(since)
            given.check_place(self._cursor_at(given.time))
            self._since = given.time
        elif since is not None:
            raise TypeError(f"since is a cursor, a datetime or None, not {type(since).__name__}")
        self._is_crowded = False
        self._reached: Cursor | None = None
        self._cursor: Cursor | None = None
        self._batches = self._deliver()

    @property
    def cursor(self) -> str:
        """Where the next feed begins, as one word of ASCII. Later versions of aiozcrm read it, too.

        There is none before the feed has been iterated over to its end.

        Raises:
            aiozcrm.errors.FeedIncompleteError: If there is none.
        """
        if self._cursor is None:
            raise _NoCursorError(
                "There is no cursor: the feed was not read to its end.",
                hint="Keep the cursor with which it began.",
            )
        return self._cursor.to_text()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def __anext__(self) -> ChangeBatch[RecordT]:
        return await anext(self._batches)

    async def aclose(self) -> None:
        """Stop reading, and cancel the call that is under way."""
        await self._batches.aclose()

    def _cursor_at(self, time: dt.datetime) -> Cursor:
        api_url, account = self._api.transport.account
        return Cursor(self._records.module, api_url, account, time)

    async def _deliver(self) -> AsyncGenerator[ChangeBatch[RecordT], None]:
        """Yield all batches, and set the cursor once they have been taken."""
        batches = read_ahead(self._read())
        try:
            async for batch in batches:
                yield batch
        finally:
            await batches.aclose()
        self._cursor = self._reached

    async def _read(self) -> AsyncGenerator[ChangeBatch[RecordT], None]:
        names = self._names
        if names is None:
            names = await field_names(self._api, self._records.module)
        walk, rows = await self._begin(names)
        while rows or walk.more:
            if rows:
                yield ChangeBatch(upserted=rows)
            rows = await walk.read() if walk.more else []
        if deleted := await self._deleted(walk.began):
            yield ChangeBatch(deleted=deleted)
        self._reached = self._cursor_at(walk.began)

    async def _begin(self, names: Sequence[str]) -> tuple[ChangedRecords, list[Any]]:
        """Read the first page, and see whether all deletions from there on will be told of."""
        first = None if self._since is None else self._since - self._margin
        walk = ChangedRecords(self._records, names, first)
        rows = await walk.read()
        if self._since is not None:
            self._check_age(self._since, walk.began)
        elif await self._are_too_many_deleted(walk.began):
            # In this very second. What is deleted now cannot be told from what was deleted before.
            await self._api.clock.sleep(1)
            walk = ChangedRecords(self._records, names, first)
            rows = await walk.read()
            self._is_crowded = await self._are_too_many_deleted(walk.began)
        return walk, rows

    async def _are_too_many_deleted(self, since: dt.datetime) -> bool:
        return await deleted_since(self._records.deleted, since) is None

    def _check_age(self, since: dt.datetime, now: dt.datetime) -> None:
        if now - since > _TOLD:
            raise FeedIncompleteError(
                f"The feed is to begin at {since}, and Zoho tells of deletions for "
                f"{_TOLD.days} days."
            )
        if since - now > MARGIN:
            raise FeedIncompleteError(
                f"The feed is to begin at {since}, and Zoho's clock shows {now}: what changed "
                "meanwhile cannot be told."
            )

    async def _deleted(self, began: dt.datetime) -> list[DeletedRecord]:
        """Return all that was deleted.

        Raises:
            aiozcrm.errors.FeedIncompleteError: If Zoho does not tell of all.
        """
        since = began if self._since is None else self._since
        # The margin is left out if it alone is too much.
        for moment in dict.fromkeys((since - self._margin, since)):
            deleted = await deleted_since(self._records.deleted, moment)
            if deleted is not None:
                return deleted
        if self._is_crowded:
            # They were deleted before any record was read, or the next feed tells.
            return []
        raise FeedIncompleteError(
            f"More {self._records.module} were deleted since {since} than Zoho tells of."
        )
