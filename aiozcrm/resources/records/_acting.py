"""What is done to records by their ids: to one, or to many in as few calls as Zoho allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiozcrm._protocol import Json, check_record_id
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, OutcomeStatus, Rows
from aiozcrm.errors import ApiError, InvalidInputError
from aiozcrm.resources._behaviours import Writing
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._reading import ReadingRecords

__all__ = ["ActingRecords", "few_ids"]

_IDS_A_CALL: Final = 500


class ActingRecords(ReadingRecords[RecordT], Writing):
    """What the actions on records share."""

    async def _act_on_one(
        self, action: str, id: object, beside: Mapping[str, Any], **how: Any
    ) -> Outcome:
        """Do something to one record, whose id the answer has to name.

        Args:
            action: The last segment of the path.
            id: The record.
            beside: The body.
            how: What else to tell :meth:`_act`.
        """
        own = self._id(id)
        return await self._act(
            "POST",
            own,
            "actions",
            action,
            beside=beside,
            status="updated",
            own=own,
            repeatable=True,
            **how,
        )

    def _acting(
        self,
        action: str,
        beside: Mapping[str, Any],
        *,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        status: OutcomeStatus = "updated",
        repeatable: bool = True,
        per_call: int = _IDS_A_CALL,
        done: tuple[type[ApiError], ...] = (),
        done_says: str = "",
    ) -> Batch[str]:
        """Return a batch that does the same to many records.

        Args:
            action: The last segment of the path.
            beside: What stands in the body, beside the ids.
            concurrency: How many calls may run at once.
            on_outcome: Is called with each outcome.
            status: The word for a success.
            repeatable: Whether a second send does no more than the first.
            per_call: How many go in a call.
            done: The errors that say that it is done already. See :meth:`_send_chunk`.
            done_says: What tells it from other errors of these classes, in lower case.
        """
        # What cannot be sent is told before the first call.
        Json(beside)

        async def send(chunk: Chunk[str]) -> list[Outcome]:
            return await self._send_chunk(
                "POST",
                chunk.rows,
                "actions",
                action,
                status=status,
                body=Json({"ids": chunk.rows, **beside}),
                repeatable=repeatable,
                done=done,
                done_says=done_says,
            )

        rows = Rows(read=self._id, once=True, per_call=per_call)
        about = f"POST {self.module}/actions/{action}"
        return self._batch(
            send,
            rows,
            about=about,
            concurrency=concurrency,
            on_outcome=on_outcome,
            deletes=status == "deleted",
        )


def few_ids(name: str, ids: Iterable[str | int], *, most: int) -> list[str]:
    """Return the ids that go in one call, or raise before anything is sent.

    Args:
        name: What the argument is called.
        ids: What was given.
        most: How many Zoho takes.
    """
    if isinstance(ids, (str, bytes)):
        raise TypeError(f"{name} are a list of ids, not {type(ids).__name__}")
    own = [check_record_id(each) for each in ids]
    if not 1 <= len(own) <= most:
        raise InvalidInputError(f"{name} are 1 to {most} ids, not {len(own)}.")
    return own
