"""What resources need of the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from aiozcrm._clock import Clock
from aiozcrm._transport import Transport
from aiozcrm.events import EventReceiver

__all__ = ["Api"]


@attrs.frozen(eq=False)
class Api:
    """What resources need of the client.

    Attributes:
        transport: Makes the calls.
        clock: Tells the time between two looks at a job.
        emit: Receives the events of batches.
        fields: The fields of modules, as far as they have been read.
    """

    transport: Transport
    clock: Clock
    emit: EventReceiver | None = None
    fields: dict[str, Sequence[Any]] = attrs.field(factory=dict, repr=False)
