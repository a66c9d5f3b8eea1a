"""One request to the accounts server, which nobody repeats."""

from __future__ import annotations

from typing import Final

from aiozcrm._http import OneTimeSender
from aiozcrm._protocol import Request, Response, Sender
from aiozcrm.errors import TokenEndpointError, TokenThrottledError, TransportError
from aiozcrm.timeouts import Timeouts

__all__ = ["one_time_sender", "send_once", "throttled"]

#: For how many seconds Zoho refuses after too many codes or tokens.
#: https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
_SILENCE: Final = 600.0


def one_time_sender(timeout: float) -> OneTimeSender:
    """Return a sender that gives each request so many seconds altogether."""
    return OneTimeSender(Timeouts(request=timeout, call=timeout))


async def send_once(request: Request, sender: Sender) -> Response:
    """Send *request* once.

    Raises:
        aiozcrm.errors.TokenEndpointError: If there is no answer.
    """
    try:
        return await sender.send(request)
    except TransportError as error:
        failure = TokenEndpointError(f"No answer to be had: {error.message}")
        failure.maybe_done = error.maybe_done
        raise failure from error


def throttled() -> TokenThrottledError:
    """Return the error for a refusal that passes."""
    return TokenThrottledError(
        f"Zoho accepts no more codes or tokens of this client for now; try again in "
        f"{_SILENCE:.0f} s.",
        retry_after=_SILENCE,
        hint="Asking earlier prolongs the block. Then start again with a new code.",
    )
