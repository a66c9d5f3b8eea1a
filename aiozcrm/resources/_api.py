"""What resources need of the client."""

from __future__ import annotations

import asyncio
import copy
import math
from collections import deque
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from aiozcrm._clock import Clock
from aiozcrm._transport import Transport
from aiozcrm.events import EventReceiver
from aiozcrm.resources._schemas import SchemaCache

if TYPE_CHECKING:
    from aiozcrm.channel_stores import ChannelStore

__all__ = ["Api"]

#: How many uploads are remembered.
_LAST_UPLOADS: Final = 1000
#: Of how many calls it is remembered what they have created: many more than Zoho answers within a
#: second, and it tells times by the second.
_LAST_CREATIONS: Final = 100
#: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/download-result.html
_DOWNLOADS_A_MINUTE: Final = 10


class Api:
    """What resources need of the client.

    Args:
        transport: Makes the calls.
        clock: Tells the time between two looks at a job.
        emit: Receives the events of batches.

    Attributes:
        uploaded: The ids of the files that were uploaded last.
        attaching: The uploads of attachments that are under way.
        attached: The last ones that have, or may have, attached something.
        created: The ids of records that each of the last calls has created.
        schemas: What has been read of modules.
        zgid: What file servers call the org; None as long as it is not known.
        channel_stores: The store of the channels that were given none, once there is such one.
        bulk_downloads: When the next files of bulk reads may be downloaded, in seconds of the
            clock: a moment for each that Zoho allows in a minute.
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
        self.uploaded: deque[str] = deque(maxlen=_LAST_UPLOADS)
        self.attaching: set[Any] = set()
        self.attached: deque[Any] = deque(maxlen=_LAST_UPLOADS)
        self.created: deque[Collection[str]] = deque(maxlen=_LAST_CREATIONS)
        self.schemas: SchemaCache = SchemaCache()
        self.zgid: str | None = None
        self.channel_stores: list[ChannelStore] = []
        self.bulk_downloads: asyncio.Queue[float] = asyncio.Queue()
        for _ in range(_DOWNLOADS_A_MINUTE):
            self.bulk_downloads.put_nowait(-math.inf)

    def zoho_time(self) -> float:
        """Return Zoho's time in seconds since 1970; this machine's, if Zoho's is not known yet."""
        told = self.transport.server_time()
        return self.clock.wall() if told is None else told

    def over(self, transport: Transport) -> Api:
        """Return the same with another transport."""
        other = copy.copy(self)
        other.transport = transport
        return other
