"""When a call was sent, by Zoho's clock: what it has made is not older."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Self

from aiozcrm._call_facts import CallFacts
from aiozcrm.resources._api import Api

__all__ = ["SendMoment"]


class SendMoment:
    """Notes when a call is sent that is made inside ``async with``.

    Args:
        api: What makes the call.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._facts = CallFacts()
        self._now = api.transport.now()
        self._zoho_now = api.transport.server_time()
        self._sent_at = self._now
        self._told: float | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._facts.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""
        await self._facts.__aexit__(exc_type, exc, traceback)
        sent_at = self._facts.sent_at
        self._sent_at = self._now if sent_at is None else sent_at
        self._told = self._api.transport.server_time(self._sent_at)

    def second(self) -> float:
        """Return when it was sent, in seconds since 1970, up to one second too early.

        It is reckoned from what answers have told before the call, else from its own or later
        ones, and only where none has told it from the clock of this machine.
        """
        transport = self._api.transport
        if self._zoho_now is not None:
            return self._zoho_now + self._sent_at - self._now
        told = transport.server_time(self._sent_at) if self._told is None else self._told
        if told is not None:
            return told
        return math.floor(self._api.clock.wall() + self._sent_at - transport.now())
