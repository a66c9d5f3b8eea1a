"""What all resources share."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiozcrm._protocol import check_record_id, only_item
from aiozcrm._transport import Answer, Transport
from aiozcrm.batch import Batch, OnOutcome, Outcome
from aiozcrm.errors import InvalidResponseError, NotFoundError
from aiozcrm.events import EventReceiver

__all__ = ["Resource"]


class Resource:
    """A page of the API reference: its calls, as methods.

    Args:
        transport: Makes the calls.
        emit: Receives the events of batches.
    """

    def __init__(self, transport: Transport, *, emit: EventReceiver | None = None) -> None:
        self._transport = transport
        self._emit = emit

    async def _delete(self, path: str, record_id: str) -> Outcome:
        """Delete one record of which the id is known to be one."""
        try:
            answer = await self._transport.call("DELETE", f"{path}/{record_id}")
            if answer.data is not None and only_item(answer.data).get("status") != "success":
                raise _unclear(answer)
        except NotFoundError as error:
            if error.maybe_done:
                # An earlier send, whose answer was lost, has most probably removed it.
                return Outcome(record_id, "already_gone", error.attempts)
            raise
        return Outcome(record_id, "deleted", answer.attempts)

    def _batch(
        self,
        action: Callable[[str], Awaitable[Outcome]],
        *,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
    ) -> Batch:
        """Return a batch over record ids that stays within the client's limit."""
        highest = self._transport.in_flight.highest
        return Batch(
            action=action,
            check=check_record_id,
            concurrency=highest if concurrency is None else min(concurrency, highest),
            on_outcome=on_outcome,
            emit=self._emit,
        )


def _unclear(answer: Answer) -> InvalidResponseError:
    """Return the error for a 2xx that says neither that a record is deleted nor that it is not."""
    excerpt = json.dumps(answer.data)[:300]
    error = InvalidResponseError(
        f"A delete was answered without an account of the record: {excerpt}.",
        status=200,
        excerpt=excerpt,
    )
    error.attempts = answer.attempts
    return error
