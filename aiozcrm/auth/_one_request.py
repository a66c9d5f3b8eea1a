"""One request to the accounts server, which nobody repeats."""

from __future__ import annotations

from typing import Final

from aiozcrm._http import AiohttpSender
from aiozcrm._protocol import Request, Response, Sender
from aiozcrm.errors import TokenEndpointError, TokenThrottledError, TransportError
from aiozcrm.timeouts import Timeouts

__all__ = ["OneTimeSender", "send_once", "throttled"]

#: For how many seconds Zoho refuses after too many codes or tokens.
#: https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
_SILENCE: Final = 600.0


class OneTimeSender:
    """Sends through a session that it opens and closes, so that it is at home in any loop.

    Args:
        timeout: Seconds for the request altogether.
    """

    def __init__(self, timeout: float) -> None:
        self._timeouts = Timeouts(request=timeout, call=timeout)

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer."""
        sender = AiohttpSender(timeouts=self._timeouts, connections=1)
        try:
            return await sender.send(request)
        finally:
            await sender.close()


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
