"""How long to wait, and for what."""

from __future__ import annotations

import attrs

from aiozcrm.errors import ConfigurationError

__all__ = ["Timeouts"]


def _positive(_: object, field: attrs.Attribute[float], value: float) -> None:
    if not value > 0:
        raise ConfigurationError(f"The timeout {field.name} must be more than 0 seconds.")


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds.

    Attributes:
        connect: For one connection to be made.
        request: For one request altogether, the reading of its answer included. There is no
            separate limit for each piece of an answer: resetting one costs more than reading.
        call: For one call altogether: waiting for a token or a free place, every attempt and
            the pauses between them included.
    """

    connect: float = attrs.field(default=10.0, validator=_positive)
    request: float = attrs.field(default=30.0, validator=_positive)
    call: float = attrs.field(default=300.0, validator=_positive)
