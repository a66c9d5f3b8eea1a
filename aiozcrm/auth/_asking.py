"""Asks the token endpoint, within what Zoho allows, and counts what it may have made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import attr as attrs

from aiozcrm._clock import Clock
from aiozcrm._protocol import THROTTLE_WINDOW, Sender, TokenGrant, read_token_answer, redact_error
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.errors import (
    CertificateError,
    TokenEndpointError,
    TokenThrottledError,
    TransportError,
)
from aiozcrm.token_stores import TokenState

__all__ = ["TokenRequest", "outage_pause", "seconds_until_spare"]

#: Zoho makes so many access tokens per refresh token within its window, and then none for a
#: while. https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
_TOKENS_PER_WINDOW: Final = 10

#: Asking while throttled prolongs the block, so each throttle answer in a row doubles the silence.
_LONGEST_SILENCE: Final = 1800.0

#: Seconds to leave an endpoint in trouble alone: doubling from the first to the longest.
_FIRST_OUTAGE_PAUSE: Final = 5.0
_LONGEST_OUTAGE_PAUSE: Final = 120.0

#: Seconds between two tokens that are made although none has worked yet, doubling likewise.
_FIRST_SPARE_PAUSE: Final = 300.0
_LONGEST_SPARE_PAUSE: Final = 3600.0

#: How many times one request is sent, where the endpoint was well before, and how many of its
#: answers may be lost: each may have been a token.
_TRIES: Final = 3
_LOST: Final = 2

#: How many seconds all tries may take together: less than stores lend their locks for, so that
#: no other client asks at the same time.
_LONGEST: Final = 100.0


def outage_pause(state: TokenState, wall: float) -> float:
    """Return for how many seconds from *wall* on an endpoint in trouble is left alone."""
    remaining = state.outage_until - wall
    # No pause is longer: otherwise a wall clock was wrong.
    return remaining if 0 < remaining <= _LONGEST_OUTAGE_PAUSE else 0.0


def seconds_until_spare(state: TokenState, wall: float) -> float:
    """Return how many seconds after *wall* a token may be made although none has worked yet."""
    remaining = state.spare_at + state.spare_pause - wall
    # Clocks of hosts differ by seconds; by more than the pause, one was wrong.
    return min(remaining, state.spare_pause) if 0 < remaining <= 2 * state.spare_pause else 0.0


def _recent(moments: Iterable[float], wall: float) -> tuple[float, ...]:
    """Return those moments at which Zoho still counts a token at *wall*."""
    # Clocks of hosts differ by seconds; by more than the window, one was wrong.
    return tuple(each for each in moments if abs(wall - each) < THROTTLE_WINDOW)


class TokenRequest:
    """One request for a token, with the few repetitions that may heal it.

    Args:
        credentials: What makes the token.
        sender: Sends one request.
        clock: Tells the time.
        state: What is known about earlier tokens.
        spare: Whether no token has worked yet, so that the next such one has to wait.

    Attributes:
        state: What is known afterwards, without the token.
        asked_at: When the last try began, in seconds of the monotonic clock.
    """

    def __init__(
        self,
        credentials: OrgCredentials,
        *,
        sender: Sender,
        clock: Clock,
        state: TokenState,
        spare: bool = False,
    ) -> None:
        self.state = state
        self.asked_at: float = 0.0
        self._credentials = credentials
        self._sender = sender
        self._clock = clock
        self._spare = spare
        self._lost = 0

    async def grant(self) -> TokenGrant:
        """Ask until there is a token, or no sense in asking on.

        Raises:
            aiozcrm.errors.TokenThrottledError: If Zoho makes no more tokens for now.
            aiozcrm.errors.TokenEndpointError: If the endpoint is in trouble.
            aiozcrm.errors.TokenError: If Zoho rejects what the token is to be made from.
        """
        self._respect_limits()
        try:
            grant = await self._ask()
        except TokenThrottledError:
            refusals = self.state.refusals + 1
            silence = min(_LONGEST_SILENCE, THROTTLE_WINDOW * 2.0 ** min(refusals - 1, 8))
            self._note(blocked_until=self._clock.wall() + silence, refusals=refusals)
            raise _throttled("Zoho makes no more tokens for now", silence) from None
        except TokenEndpointError:
            outages = self.state.outages + 1
            pause = min(_LONGEST_OUTAGE_PAUSE, _FIRST_OUTAGE_PAUSE * 2.0 ** min(outages - 1, 8))
            self._note(outage_until=self._clock.wall() + pause, outages=outages)
            raise
        self._note(blocked_until=0.0, refusals=0, outage_until=0.0, outages=0)
        if self._spare:
            wall, last, pause = self._clock.wall(), self.state.spare_at, self.state.spare_pause
            long_ago = wall - last > pause + _LONGEST_SPARE_PAUSE
            doubled = _FIRST_SPARE_PAUSE if long_ago else 2 * pause
            self._note(spare_at=wall, spare_pause=min(_LONGEST_SPARE_PAUSE, doubled))
        return grant

    def _note(self, **changes: object) -> None:
        self.state = attrs.evolve(self.state, **changes)  # type: ignore[arg-type]  # by name

    def _respect_limits(self) -> None:
        """Forget what is past, and raise if Zoho must not be asked now."""
        wall = self._clock.wall()
        self._note(
            made_at=_recent(self.state.made_at, wall),
            lost_at=_recent(self.state.lost_at, wall),
            # No block lasts longer: otherwise a wall clock was wrong. Kept, so that it ends.
            blocked_until=min(self.state.blocked_until, wall + _LONGEST_SILENCE),
        )
        state = self.state
        if state.blocked_until > wall:
            raise _throttled("Zoho makes no more tokens for now", state.blocked_until - wall)
        if len(state.made_at) >= _TOKENS_PER_WINDOW:
            lost = len(state.lost_at)
            answers = "1 answer was" if lost == 1 else f"{lost} answers were"
            made = f"may have been made ({answers} lost)" if lost else "were made"
            raise _throttled(
                f"{_TOKENS_PER_WINDOW} tokens {made} in {THROTTLE_WINDOW / 60:.0f} minutes, which "
                f"is all that Zoho allows",
                state.made_at[-_TOKENS_PER_WINDOW] + THROTTLE_WINDOW - wall,
            )
        if pause := outage_pause(state, wall):
            raise TokenEndpointError(
                f"The token endpoint gave no usable answer a moment ago and is asked again in "
                f"{pause:.0f} s.",
            )

    async def _ask(self) -> TokenGrant:
        # Imported with the first token: importing this package is to cost next to nothing.
        from tenacity import (  # noqa: PLC0415
            AsyncRetrying,
            retry_if_exception,
            stop_after_attempt,
            wait_random_exponential,
        )

        again = AsyncRetrying(
            retry=retry_if_exception(self._may_ask_again),
            # An endpoint that has been in trouble for longer is asked once, at growing distance.
            stop=stop_after_attempt(1 if self.state.outages else _TRIES),
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
        raise TokenEndpointError(f"Could not get an access token within {_LONGEST:.0f} s.")

    async def _ask_once(self) -> TokenGrant:
        self.asked_at = self._clock.monotonic()
        request = self._credentials.token_request()
        try:
            answer = await self._sender.send(request)
        except TransportError as error:
            if error.maybe_done:
                self._count(lost=True)
            redact_error(error, request)
            raise TokenEndpointError(f"Could not get an access token: {error.message}") from error
        except asyncio.CancelledError:
            if request.left:
                self._count(lost=True)
            raise
        granted = read_token_answer(request, answer, self._credentials.rejections)
        self._count(lost=False)
        return granted

    def _count(self, *, lost: bool) -> None:
        now = self._clock.wall()
        self._note(made_at=(*self.state.made_at, now))
        if lost:
            self._lost += 1
            self._note(lost_at=(*self.state.lost_at, now))

    def _may_ask_again(self, error: BaseException) -> bool:
        """Return whether the endpoint may answer better in a moment, and may be asked."""
        if not isinstance(error, TokenEndpointError):
            return False
        if isinstance(error.__cause__, CertificateError) or self._lost == _LOST:
            return False
        # An answer that is neither a token nor a known error comes with any status.
        passing = error.status is None or error.status >= 500 or error.status < 300
        return passing and len(self.state.made_at) < _TOKENS_PER_WINDOW


def _throttled(what: str, seconds: float) -> TokenThrottledError:
    return TokenThrottledError(f"{what}; try again in {seconds:.0f} s.", retry_after=seconds)
