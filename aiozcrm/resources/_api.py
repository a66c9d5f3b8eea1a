"""What resources need of the client."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from aiozcrm._clock import Clock
from aiozcrm._transport import Transport
from aiozcrm.events import EventReceiver

__all__ = ["Api"]

#: How many uploads are remembered.
_LAST_UPLOADS: Final = 1000


class Api:
    """What resources need of the client.

    Args:
        transport: Makes the calls.
        clock: Tells the time between two looks at a job.
        emit: Receives the events of batches.

    Attributes:
        attaching: The uploads of attachments that are under way, and the last ones.
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
        self.attaching: deque[Any] = deque(maxlen=_LAST_UPLOADS)
        self.fields: dict[str, Sequence[Any]] = {}

    def over(self, transport: Transport) -> Api:
        """Return the same with another transport."""
        other = Api(transport, clock=self.clock, emit=self.emit)
        other.attaching, other.fields = self.attaching, self.fields
        return other
