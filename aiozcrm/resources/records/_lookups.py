"""What an earlier send of a call has created, if its answer was lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import attr as attrs

from aiozcrm._call_facts import note_call
from aiozcrm.batch import Outcome
from aiozcrm.errors import DuplicateDataError, ZohoError
from aiozcrm.resources.records._accounts import seconds_of
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._reading import ReadingRecords
from aiozcrm.resources.records._rows import Row, compared
from aiozcrm.resources.records._writes import Write

__all__ = ["Before", "LookingUpRecords"]


#: For how many seconds Zoho's clock is reckoned on without a look at a later answer.
_CLOCK_IS_GOOD_FOR: Final = 60.0


class Before:
    """What was known before a call was sent.

    Attributes:
        at: When that was, in seconds of the monotonic clock.
        by_zoho: The same by Zoho's clock; None if that was not known.
        calls: The ids that each of the last calls has created.
    """

    __slots__ = ("at", "by_zoho", "calls")

    def __init__(self, at: float, by_zoho: float | None, calls: Sequence[Collection[str]]) -> None:
        self.at: float = at
        self.by_zoho: float | None = by_zoho
        self.calls: Sequence[Collection[str]] = calls

    @property
    def created(self) -> Collection[str]:
        """All these ids."""
        return {own for call in self.calls for own in call}

    def at_time(self, moment: float) -> Before:
        """Return the same for a call that was sent later than expected.

        Args:
            moment: When that was, in seconds of the monotonic clock.
        """
        there = None if self.by_zoho is None else self.by_zoho + moment - self.at
        return Before(moment, there, self.calls)


class LookingUpRecords(ReadingRecords[RecordT]):
    """Looks up what an earlier send of a call has created."""

    def _before(self, write: Write) -> Before:
        """Return what is known before a call is sent."""
        now = self._api.transport.now()
        if not write.is_looked_up:
            return Before(now, None, ())
        if write.clock is None or now - write.clock[0] > _CLOCK_IS_GOOD_FOR:
            told = self._api.transport.server_time()
            write.clock = None if told is None else (now, told)
        there = None if write.clock is None else write.clock[1] + now - write.clock[0]
        return Before(now, there, tuple(self._api.created))

    def _began(self, before: Before) -> float | None:
        """Return when a call was sent, in seconds of Zoho's clock; None if that is not known."""
        if before.by_zoho is not None:
            return before.by_zoho
        return self._api.transport.server_time(before.at)

    async def _created_since(
        self, write: Write, rows: Sequence[Row], before: Before
    ) -> dict[str | None, str]:
        """Return the ids of records that a call has created, by the values that name its rows.

        A record counts as created by it if it has the value of a row, is the only one, and is
        neither older than the send nor by an earlier call of this client. A value that other
        records have, or several, has an empty id.

        Raises:
            aiozcrm.errors.ZohoError: If that cannot be told.
        """
        began = self._began(before)
        if began is None:
            raise ZohoError("Zoho's time was not known when it was sent.")
        # Few programs come here, and it takes a tenth of the time of all that records need.
        from aiozcrm._coql import bind  # noqa: PLC0415

        statement = bind(
            f"select id, Created_Time, {write.key} from {self.module} "  # noqa: S608  # names
            f"where {write.key} in {{values}} limit 2000",
            {"values": [row.value for row in rows]},
        )
        page, _ = await self._by_query(statement.whole.text)
        if page.more:
            raise ZohoError(f"more than {len(page.items)} records have the same values.")
        others, found = before.created, dict[str | None, list[str]]()
        for record in page.items:
            created, own = seconds_of(record.get("Created_Time")), str(record["id"])
            if created is None:
                raise ZohoError(f"nothing tells when record {own} was created.")
            ours = found.setdefault(compared(record.get(write.key or "")), [])
            if created >= int(began) and own not in others:
                ours.append(own)
        # Of two with the same value, nobody knows which one is whose.
        return {value: ours[0] if len(ours) == 1 else "" for value, ours in found.items()}

    async def _found_again(
        self,
        write: Write,
        rows: Sequence[Row],
        places: Sequence[int | None],
        before: Before,
        error: ZohoError,
    ) -> list[Outcome]:
        """Return which rows were created by a call whose answer was lost with this error."""
        try:
            ids = await self._created_since(write, rows, before)
        except ZohoError as failed:
            error.hint = f"They could not be looked up: {failed.message}"
            ids = {}
        return [
            Outcome(own, "created", error.attempts, None, place)
            if (own := ids.get(compared(row.value), ""))
            else Outcome("", "in_doubt", error.attempts, error, place)
            for row, place in zip(rows, places or (None,) * len(rows), strict=True)
        ]

    async def _own_duplicates(
        self, write: Write, rows: Sequence[Row], outcomes: Sequence[Outcome], before: Before
    ) -> list[Outcome]:
        """Tell rows that an earlier send has created from those that were there before.

        After a lost answer the rows are sent again, and Zoho calls those duplicates that the
        first send has created.
        """
        duplicates = [
            row
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(outcome.error, DuplicateDataError)
        ]
        if not duplicates:
            return list(outcomes)
        try:
            ids = await self._created_since(write, duplicates, before)
        except ZohoError as failed:
            return [_in_doubt(outcome, failed.message) for outcome in outcomes]
        except BaseException:
            # Such as a cancellation. Some rows have been created, by one send or the other.
            note_call(0, maybe_done=True, sent_at=before.at)
            raise
        pairs = zip(rows, outcomes, strict=True)
        return [
            _own_duplicate(outcome, write.key, ids.get(compared(row.value)))
            for row, outcome in pairs
        ]


def _own_duplicate(outcome: Outcome, key: str | None, own: str | None) -> Outcome:
    """Return the outcome of a row of which an earlier send has created this record.

    Args:
        outcome: Its outcome so far.
        key: The field by which it was looked up.
        own: The id of that record; empty if it is that of somebody else, None if there is none.
    """
    error = outcome.error
    if not isinstance(error, DuplicateDataError) or own == "":
        return outcome
    if own is None and error.api_name not in {None, key}:
        return outcome
    if own is None:
        return _in_doubt(outcome, "no record was found that has its value.")
    return attrs.evolve(outcome, id=own, status="created", error=None)


def _in_doubt(outcome: Outcome, why: str) -> Outcome:
    """Return the outcome of a row that an earlier send of ours may have created."""
    error = outcome.error
    if not isinstance(error, DuplicateDataError):
        return outcome
    error.maybe_done = True
    known = f"record {error.existing_id}" if error.existing_id else "it"
    error.hint = f"An earlier send may have created {known}: {why}"
    return attrs.evolve(outcome, status="in_doubt")
