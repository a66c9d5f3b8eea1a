"""The verbs that delete."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import GONE, Batch, BatchReport, Chunk, Inputs, OnOutcome, Outcome, Rows
from aiozcrm.resources._behaviours._writing import Writing

__all__ = ["Deleting", "DeletingMany", "Removing", "Replacing"]

_NOTHING: Final[Mapping[str, Any]] = {}


class Removing(Writing):
    """What the verbs that delete share.

    Attributes:
        per_delete: How many ids a call takes in its query; None where it takes one in its path.
        ids_as: The name of those ids in the query.
        lists_names: Whether API names or external ids may stand there, too.
    """

    per_delete: ClassVar[int | None] = None
    ids_as: ClassVar[str] = "ids"
    lists_names: ClassVar[bool] = False

    async def _delete(self, own: str, *, query: Mapping[str, Any] = _NOTHING) -> Outcome:
        return await self._act(
            "DELETE",
            own,
            status="deleted",
            done=GONE,
            done_as="already_gone",
            own=own,
            query=query,
            bound=self.bound_on_delete,
        )

    def _deletion(
        self,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        *,
        query: Mapping[str, Any] = _NOTHING,
    ) -> Batch[str]:
        # Several at a time are named by ids alone, as a rule.
        by_name = self.per_delete is None or self.lists_names
        read = self._id if by_name else check_record_id

        async def send(chunk: Chunk[str]) -> list[Outcome]:
            if self.per_delete is None:
                return [await self._delete(chunk.rows[0], query=query)]
            return await self._send_chunk(
                "DELETE", chunk.rows, query={**query, self.ids_as: chunk.rows}, status="deleted"
            )

        rows = Rows(read=read, once=True, per_call=self.per_delete or 1)
        return self._batch(
            send,
            rows,
            about=f"DELETE {self._path}",
            deletes=True,
            concurrency=concurrency,
            on_outcome=on_outcome,
        )


class DeletingMany(Removing):
    """Has members of which many can be deleted by one call."""

    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many and account for every one, in as few calls as Zoho allows.

        Args:
            ids: The ids. One that is given twice is deleted once.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id of a list is none; nothing is sent.
            TypeError: If an id of a list is of a wrong type; nothing is sent.
        """
        return await self._deletion(concurrency, on_outcome).report(ids)

    def iter_delete_many(
        self,
        ids: Inputs,
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`delete_many`.
            concurrency: As for :meth:`delete_many`.
            on_outcome: As for :meth:`delete_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._deletion(concurrency, on_outcome).stream(ids)


class Deleting(DeletingMany):
    """Has members that can be deleted."""

    async def delete(self, id: str | int, /) -> Outcome:
        """Delete one.

        Args:
            id: Its id: digits as ``str`` or ``int``. Where the class says so, an API name.

        Returns:
            The outcome, ``deleted``, or ``already_gone`` if an earlier send, whose answer was
            lost, has probably deleted it.

        Raises:
            aiozcrm.errors.NotFoundError: If the org has no such member.
            aiozcrm.errors.NotAllowedError: If it must not be deleted, or is in use.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        return await self._delete(self._id(id))


class Replacing(Removing):
    """Has members that can be deleted once another one takes their place."""

    async def delete(self, id: str | int, /, *, transfer_to: str | int) -> Outcome:
        """Delete one.

        Args:
            id: Its id.
            transfer_to: The id of the one that takes its place.

        Returns:
            The outcome, ``deleted`` or ``already_gone``.

        Raises:
            aiozcrm.errors.NotFoundError: If the org has no such member.
            aiozcrm.errors.NotAllowedError: If it must not be deleted.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        query = {"transfer_to": check_record_id(transfer_to)}
        return await self._delete(self._id(id), query=query)

    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        transfer_to: str | int,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many, one a call, and account for every one.

        Args:
            ids: The ids. One that is given twice is deleted once.
            transfer_to: The id of the one that takes their place.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids.
        """
        query = {"transfer_to": check_record_id(transfer_to)}
        return await self._deletion(concurrency, on_outcome, query=query).report(ids)

    def iter_delete_many(
        self,
        ids: Inputs,
        /,
        *,
        transfer_to: str | int,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`delete_many`.
            transfer_to: As for :meth:`delete_many`.
            concurrency: As for :meth:`delete_many`.
            on_outcome: As for :meth:`delete_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        query = {"transfer_to": check_record_id(transfer_to)}
        return self._deletion(concurrency, on_outcome, query=query).stream(ids)
