"""What all resources share."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiozcrm._protocol import check_record_id
from aiozcrm._transport import Answer, Transport
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, Rows, no_input_avoids
from aiozcrm.errors import InvalidResponseError, NotFoundError, PermissionDeniedError, ZohoError
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

    async def _read(self, path: str) -> Mapping[str, Any] | None:
        """Read what is there; None where nothing is."""
        answer = await self._transport.call("GET", path)
        data: Mapping[str, Any] | None = answer.data
        return data

    async def _write(self, method: str, path: str, json_body: Any) -> str:
        """Write one record and return its id."""
        answer = await self._transport.call(method, path, json_body=json_body)
        _check_success(answer)
        details = answer.item.get("details")
        record_id = details.get("id") if isinstance(details, dict) else None
        if not isinstance(record_id, str):
            raise _unclear(answer)
        return record_id

    async def _delete(self, path: str, record_id: str, index: int | None = None) -> Outcome:
        """Delete one record of which the id is known to be one."""
        try:
            answer = await self._transport.call("DELETE", f"{path}/{record_id}")
        except NotFoundError as error:
            if error.maybe_done:
                # An earlier send, whose answer was lost, has most probably removed it.
                return Outcome(record_id, "already_gone", error.attempts, None, index)
            raise
        if answer.data is not None:
            _check_success(answer)
        return Outcome(record_id, "deleted", answer.attempts, None, index)

    def _delete_batch(
        self,
        send: Callable[[Chunk[str]], Awaitable[Sequence[Outcome]]],
        *,
        path: str,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> Batch[str]:
        """Return a batch that deletes records one by one, within the client's limit.

        Args:
            send: Deletes the one record of a chunk.
            path: Where the records are.
            concurrency: How many calls may run at once; None for as many as possible.
            on_outcome: Is called with each outcome.
            prepare: Is awaited before the first call.
        """
        highest = self._transport.in_flight.highest
        return Batch(
            send=send,
            rows=Rows(read=check_record_id, once=True),
            concurrency=highest if concurrency is None else concurrency,
            highest=highest,
            deletes=True,
            ends=_is_for_all_records,
            prepare=prepare,
            on_outcome=on_outcome,
            emit=self._emit,
            about=f"DELETE {path}",
        )


def _is_for_all_records(error: ZohoError) -> bool:
    """Return whether a deletion of settings ends with an error: permissions are for all of them."""
    return isinstance(error, PermissionDeniedError) or no_input_avoids(error)


def _check_success(answer: Answer) -> None:
    """Refuse a write's answer of which the one item does not say that it succeeded.

    Raises:
        aiozcrm.errors.InvalidResponseError: If it does not say so.
    """
    if answer.item.get("status") != "success":
        raise _unclear(answer)


def _unclear(answer: Answer) -> InvalidResponseError:
    """Return the error for a 2xx that says neither that a record is written nor that it is not."""
    excerpt = json.dumps(answer.data)[:300]
    error = InvalidResponseError(
        f"A write was answered without an account of the record: {excerpt}.",
        status=200,
        excerpt=excerpt,
    )
    error.attempts = answer.attempts
    return error
