"""How long to wait, and for what."""

from __future__ import annotations

import attr as attrs

from aiozcrm._numbers import some_seconds

__all__ = ["Timeouts"]


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds.

    Attributes:
        connect: For one connection: waiting for a free one, looking up the host, and connecting.
            A request that got none within this time was surely not sent.
        request: For one request altogether, the reading of its answer included. There is no
            separate limit for each piece of an answer: resetting one costs more than reading.
        call: For one call altogether: waiting for a token or a free slot, every attempt and
            the pauses between them included.

    Raises:
        aiozcrm.errors.ConfigurationError: If one is not a finite number of more than 0 seconds.
    """

    connect: float = attrs.field(default=10.0, validator=some_seconds(0, above=True))
    request: float = attrs.field(default=30.0, validator=some_seconds(0, above=True))
    call: float = attrs.field(default=300.0, validator=some_seconds(0, above=True))
