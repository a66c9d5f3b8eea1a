"""What resources need of the client."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from aiozcrm._clock import Clock
from aiozcrm._transport import Transport
from aiozcrm.events import EventReceiver
from aiozcrm.resources._schemas import SchemaCache

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
        schemas: What has been read of modules.
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
        self.schemas: SchemaCache = SchemaCache()

    def over(self, transport: Transport) -> Api:
        """Return the same with another transport."""
        other = Api(transport, clock=self.clock, emit=self.emit)
        other.attaching, other.schemas = self.attaching, self.schemas
        return other
