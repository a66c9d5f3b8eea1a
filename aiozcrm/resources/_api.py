"""What resources need of the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiozcrm._clock import Clock
from aiozcrm._transport import Transport
from aiozcrm.events import EventReceiver

__all__ = ["Api"]


class Api:
    """What resources need of the client.

    Args:
        transport: Makes the calls.
        clock: Tells the time between two looks at a job.
        emit: Receives the events of batches.

    Attributes:
        fields: The fields of modules, as far as they have been read.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        clock: Clock,
        emit: EventReceiver | None = None,
    ) -> None:
        self.transport: Transport = transport
        self.clock: Clock = clock
        self.emit: EventReceiver | None = emit
        self.fields: dict[str, Sequence[Any]] = {}

    def over(self, transport: Transport) -> Api:
        """Return the same with another transport."""
        other = Api(transport, clock=self.clock, emit=self.emit)
        other.fields = self.fields
        return other
