"""What all resources share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from aiozcrm._protocol import (
    ApiCall,
    Json,
    Reply,
    check_record_id,
    error_of,
    known_id,
    results_of,
)
from aiozcrm._transport import Transport
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, Rows, no_input_avoids
from aiozcrm.errors import (
    NotFoundError,
    PermissionDeniedError,
    Result,
    ZohoError,
)
from aiozcrm.events import EventReceiver
from aiozcrm.resources._results import unreadable

__all__ = ["Resource"]

_NOTHING: Final[Mapping[str, Any]] = {}


class Resource:
    """A page of the API reference: its calls, as methods.

    Args:
        transport: Makes the calls.
        emit: Receives the events of batches.

    Attributes:
        scopes: The OAuth scopes of its calls; ``{operation}`` stands for READ, CREATE and so on.
    """

    scopes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, transport: Transport, *, emit: EventReceiver | None = None) -> None:
        self._transport = transport
        self._emit = emit

    async def _read(self, path: str, *, query: Mapping[str, Any] = _NOTHING) -> Reply:
        """Read what is there."""
        return await self._transport.call(ApiCall("GET", path, query=query))

    async def _write(self, method: str, path: str, key: str, item: Mapping[str, Any]) -> str:
        """Write one record and return its id."""
        call = ApiCall(method, path, body=Json({key: [item]}))
        reply = await self._transport.call(call)
        record_id = known_id(_success(call, reply, key).details.get("id"))
        if record_id is None:
            raise unreadable(reply, "without an account of the record", wrote=True)
        return record_id

    async def _delete(
        self, path: str, key: str, record_id: str, index: int | None = None
    ) -> Outcome:
        """Delete one record of which the id is known to be one."""
        call = ApiCall("DELETE", f"{path}/{record_id}")
        try:
            reply = await self._transport.call(call)
            if reply.data is not None:
                named = known_id(_success(call, reply, key).details.get("id"))
                if named not in {None, record_id}:
                    self._transport.distrust_connections()
                    raise unreadable(reply, "without an account of the record", wrote=True)
        except NotFoundError as error:
            if error.maybe_done:
                # An earlier send, whose answer was lost, has most probably removed it.
                return Outcome(record_id, "already_gone", error.attempts, None, index)
            raise
        return Outcome(record_id, "deleted", reply.attempts, None, index)

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


def _success(call: ApiCall, reply: Reply, key: str) -> Result:
    """Return what an answer says of the one item of a write that succeeded.

    Raises:
        aiozcrm.errors.ApiError: If the item failed.
        aiozcrm.errors.InvalidResponseError: If the answer says neither.
    """
    results = results_of(reply.data, key)
    if len(results) == 1 and results[0].status == "success":
        return results[0]
    for result in results:
        if result.failed:
            raise error_of(result, call, reply, results=results)
    raise unreadable(reply, "without an account of the record", wrote=True)
