"""Asks the token endpoint, and counts what it may have made."""

from __future__ import annotations

import asyncio
from typing import Final

from aiozcrm._clock import Clock
from aiozcrm._protocol import Sender, TokenGrant, read_token_answer
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.errors import CertificateError, TokenEndpointError, TransportError

__all__ = ["TOKENS_PER_WINDOW", "Asking"]

#: Zoho makes so many access tokens per refresh token in ten minutes, and then refuses for a
#: while. https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
TOKENS_PER_WINDOW: Final = 10

_TRIES: Final = 3

#: How many seconds all tries may take together: less than stores lend their locks for, so that
#: nobody else asks at the same time.
_LONGEST: Final = 100.0


class Asking:
    """One request for a token, with the few repetitions that may heal it.

    Args:
        credentials: Who asks.
        sender: Sends one request.
        clock: Tells the time.
        made_at: When the tokens of the last ten minutes were made, in seconds since 1970.

    Attributes:
        made_at: The same, and when this one was made. An answer that was lost, or cannot be
            read, may have been a token: it counts, too.
        asked_at: When the last try began, in seconds of the monotonic clock.
    """

    def __init__(
        self,
        credentials: OrgCredentials,
        *,
        sender: Sender,
        clock: Clock,
        made_at: tuple[float, ...],
    ) -> None:
        self.made_at: tuple[float, ...] = made_at
        self.asked_at: float = 0.0
        self._credentials = credentials
        self._sender = sender
        self._clock = clock

    async def grant(self) -> TokenGrant:
        """Ask until there is a token, or no sense in asking on.

        Raises:
            aiozcrm.errors.TokenError: If there is none.
        """
        # Imported with the first token: importing this package is to cost next to nothing.
        from tenacity import (  # noqa: PLC0415
            AsyncRetrying,
            retry_if_exception,
            stop_after_attempt,
            wait_random_exponential,
        )

        again = AsyncRetrying(
            retry=retry_if_exception(self._may_ask_again),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=1.0, min=0.25, max=4.0),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout(_LONGEST) as scope:
                return await again(self._ask_once)
        except TimeoutError:
            if not scope.expired():
                raise
        raise TokenEndpointError(f"No token to be had in {_LONGEST:.0f} s.")

    async def _ask_once(self) -> TokenGrant:
        self.asked_at = self._clock.monotonic()
        request = self._credentials.token_request()
        try:
            answer = await self._sender.send(request)
        except TransportError as error:
            if error.maybe_done:
                self._count_one()
            raise TokenEndpointError(f"No token to be had: {error.message}") from error
        except asyncio.CancelledError:
            self._count_one()
            raise
        try:
            granted = read_token_answer(request, answer, self._credentials.rejections)
        except TokenEndpointError:
            if answer.status < 300:
                self._count_one()
            raise
        self._count_one()
        return granted

    def _count_one(self) -> None:
        self.made_at += (self._clock.wall(),)

    def _may_ask_again(self, error: BaseException) -> bool:
        """Return whether the token endpoint may answer better in a moment, and may be asked."""
        if not isinstance(error, TokenEndpointError):
            return False
        if isinstance(error.__cause__, CertificateError):
            return False
        # An answer that is neither a token nor a known error comes with any status.
        passing = error.status is None or error.status >= 500 or error.status < 300
        return passing and len(self.made_at) < TOKENS_PER_WINDOW
