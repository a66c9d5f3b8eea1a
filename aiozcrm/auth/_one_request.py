"""One request to the accounts server that is never sent again."""

from __future__ import annotations

from aiozcrm._http import OneTimeSender
from aiozcrm._protocol import THROTTLE_WINDOW, Request, Response, Sender, redact_error
from aiozcrm.errors import TokenEndpointError, TokenThrottledError, TransportError
from aiozcrm.timeouts import Timeouts

__all__ = ["one_time_sender", "send_once", "throttled"]


def one_time_sender(timeout: float, proxy: str | None) -> OneTimeSender:
    """Return a sender that gives each request so many seconds altogether."""
    return OneTimeSender(Timeouts(request=timeout, call=timeout), proxy=proxy)


async def send_once(request: Request, sender: Sender) -> Response:
    """Send *request* once.

    Raises:
        aiozcrm.errors.TokenEndpointError: If there is no answer.
    """
    try:
        return await sender.send(request)
    except TransportError as error:
        redact_error(error, request)
        failure = TokenEndpointError(f"Could not get an answer: {error.message}")
        failure.maybe_done = error.maybe_done
        raise failure from error


def throttled() -> TokenThrottledError:
    """Return the error for too many codes or tokens."""
    return TokenThrottledError(
        f"Zoho accepts no more codes or tokens of this client for now; try again in "
        f"{THROTTLE_WINDOW:.0f} s.",
        retry_after=THROTTLE_WINDOW,
        hint="Asking earlier prolongs the block. Then start again with a new code.",
    )
