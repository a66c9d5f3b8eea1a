"""Calls that do not travel alone, but as parts of another one."""

from __future__ import annotations

import asyncio

from aiozcrm._call_facts import note_call
from aiozcrm._protocol import ApiCall, Json, Reply
from aiozcrm.errors import InvalidInputError, PaginationLimitError, ZohoError

__all__ = ["Part"]


class Part:
    """Takes the one call that a task makes, in the place of the network, and gives it its answer.

    Attributes:
        calls: What the task has asked.
        taken: Is set with the first call.
        reply: The answer; its owner sets it.
        is_sent: Whether the call that carries it may be under way; its owner says so.
    """

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []
        self.taken = asyncio.Event()
        self.is_sent: bool = False
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    async def take(self, call: ApiCall, *, streams: bool) -> Reply:
        """Wait for the answer to the only call.

        Raises:
            aiozcrm.errors.InvalidInputError: If it cannot be a part of another call, or is not
                the only one.
            aiozcrm.errors.PaginationLimitError: If it reads the next page of a list.
            aiozcrm.errors.ZohoError: What the call came to.
        """
        body = call.body
        if streams or call.raw or call.host != "api" or not isinstance(body, (Json, type(None))):
            raise InvalidInputError("What is no JSON cannot travel in a composite call.")
        if not call.base.lstrip("/").startswith("crm") or call.path == "__composite_requests":
            raise InvalidInputError(
                f"{call.method} {call.path} cannot be part of a composite call."
            )
        if self.reply.done():
            raise _second_call(call)
        self.calls.append(call)
        self.taken.set()
        try:
            reply = await self.reply
        except ZohoError as error:
            note_call(error.attempts, maybe_done=error.maybe_done, sent_at=None)
            raise
        except asyncio.CancelledError:
            if self.is_sent:
                note_call(1, maybe_done=call.method != "GET", sent_at=None)
            raise
        note_call(reply.attempts, maybe_done=False, sent_at=None)
        return reply


def _second_call(call: ApiCall) -> ZohoError:
    if call.method == "GET":
        return PaginationLimitError(
            "The list goes on beyond the 25 rows that a part of a composite call returns.",
            status=200,
            method=call.method,
            url=call.path,
            hint="Read it with a call of its own.",
        )
    return InvalidInputError(
        f"A part of a composite call makes one call, and {call.method} {call.path} is its second.",
        hint="Make this call by itself.",
    )
