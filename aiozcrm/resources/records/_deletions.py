"""Deletions of the records of a module."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from aiozcrm.batch import GONE, Batch, BatchReport, Chunk, Inputs, OnOutcome, Outcome, Rows
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._rows import REPEATABLE, Row
from aiozcrm.resources.records._sending import SendingRecords
from aiozcrm.resources.records._writes import ROWS_A_WRITE, Write

__all__ = ["DeletingRecords"]


class DeletingRecords(SendingRecords[RecordT]):
    """Deletes records of a module."""

    async def delete(self, id: str | int, /, *, wf_trigger: bool | None = None) -> Outcome:
        """Delete a record: it goes to the recycle bin.

        Args:
            id: Its id; its external id where records are bound to one.
            wf_trigger: Whether workflows run, as they do by default.

        Returns:
            The outcome, ``deleted``, or ``already_gone`` if an earlier send, whose answer was
            lost, has probably deleted it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.NotAllowedError: If it must not be deleted, such as a locked one.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        own = self._id(id)
        write = Write("DELETE", "deleted", {}, own, query={"wf_trigger": wf_trigger})
        try:
            return await self._one_row(write, Row("", own, REPEATABLE))
        except GONE as error:
            if error.maybe_done:
                return Outcome(own, "already_gone", error.attempts)
            raise

    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        wf_trigger: bool | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many records, 100 a call, and account for every id.

        Args:
            ids: The ids. One that is given twice is deleted once.
            wf_trigger: Whether workflows run, as they do by default.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id of a list is none; nothing is sent.
        """
        return await self._deletion(wf_trigger, concurrency, on_outcome).report(ids)

    def iter_delete_many(
        self,
        ids: Inputs,
        /,
        *,
        wf_trigger: bool | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many records and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`delete_many`.
            wf_trigger: As for :meth:`delete_many`.
            concurrency: As for :meth:`delete_many`.
            on_outcome: As for :meth:`delete_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._deletion(wf_trigger, concurrency, on_outcome).stream(ids)

    def _deletion(
        self,
        wf_trigger: bool | None,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
    ) -> Batch[str]:
        query = {"wf_trigger": wf_trigger}
        together = Write("DELETE", "deleted", {}, query=query)

        async def send(chunk: Chunk[str]) -> Sequence[Outcome]:
            write = together
            if "," in chunk.rows[0]:
                write = Write("DELETE", "deleted", {}, chunk.rows[0], query=query)
            rows = [Row("", own, REPEATABLE) for own in chunk.rows]
            return await self._send(write, rows, chunk.indexes)

        rows = Rows(
            read=self._id,
            once=True,
            per_call=ROWS_A_WRITE,
            # Among others, an external id with a comma would stand for two.
            lane=lambda own: None if "," in own else "",
        )
        return self._batch(
            send,
            rows,
            about=f"DELETE {self.module}",
            concurrency=concurrency,
            on_outcome=on_outcome,
            deletes=True,
        )
