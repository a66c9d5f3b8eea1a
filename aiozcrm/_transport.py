"""One call, from its path to its answer: token on, send, read, heal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiozcrm._clock import Clock
from aiozcrm._in_flight import InFlightLimit
from aiozcrm._protocol import (
    Json,
    Request,
    Sender,
    Token,
    check_path,
    encode_query,
    read_api_answer,
)
from aiozcrm.auth import Judgement, OAuth, proves_host, rejects_token
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    ClientClosedError,
    DeadlineExceededError,
    RateLimitError,
    ServerError,
    ZohoError,
)
from aiozcrm.events import CallRetried, EventReceiver, RequestFinished, logger, nobody
from aiozcrm.retries import RetryBudget, RetryPolicy
from aiozcrm.timeouts import Timeouts

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Answer", "Transport", "note_sends", "sends_before"]

_SENDS: Final = "aiozcrm_sends"

_JSON: Final = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """What a call came to.

    A named tuple, because one is made for every call.

    Attributes:
        data: The decoded body; None where there was none.
        item: The one item of an answer to a write; all of *data* if it has none or several.
        attempts: How many times the request was sent.
    """

    data: Any
    item: Mapping[str, Any]
    attempts: int


class _Call:
    """One call while it lasts."""

    __slots__ = (
        "attempts",
        "body",
        "deadline",
        "is_suspect",
        "judgement",
        "maybe_done",
        "method",
        "path",
        "query",
        "status",
    )

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query: str,
        body: bytes | None,
        deadline: float,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.deadline = deadline
        self.attempts = 0
        self.maybe_done = False
        self.status: int | None = None
        self.judgement: Judgement | None = None
        #: Whether it was rejected once with a token that other calls may use.
        self.is_suspect = False


def note_sends(cut: asyncio.CancelledError, attempts: int, *, maybe_done: bool) -> None:
    """Let a cancellation carry what had become of the call that it ended.

    An error of our own would not do: only a plain cancellation lets ``asyncio.timeout`` work.
    """
    cut.__dict__[_SENDS] = (attempts, maybe_done)


def sends_before(cut: asyncio.CancelledError) -> tuple[int, bool]:
    """Return how often the call that *cut* ended was sent, and whether it may have run."""
    attempts, maybe_done = cut.__dict__.get(_SENDS, (0, False))
    return attempts, maybe_done


class Transport:
    """Sends calls to the CRM API and heals what can heal.

    Args:
        sender: Sends one request.
        oauth: Hands out tokens.
        in_flight: Bounds the calls on their way.
        retries: Decides what is sent again.
        timeouts: How long to wait.
        api_version: Such as ``v7``.
        clock: Tells the time.
        emit: Receives events.
    """

    def __init__(
        self,
        *,
        sender: Sender,
        oauth: OAuth,
        in_flight: InFlightLimit,
        retries: RetryPolicy,
        timeouts: Timeouts,
        api_version: str,
        clock: Clock,
        emit: EventReceiver | None = None,
    ) -> None:
        self.in_flight = in_flight
        self.closed = False
        self._sender = sender
        self._oauth = oauth
        self._retries = retries
        self._budget = RetryBudget(retries.budget)
        self._longest_call = timeouts.call
        # A pause that is longer outlasts every call.
        self._longest_pause = min(retries.max_retry_after, timeouts.call)
        self._prefix = f"/crm/{check_path(api_version)}/"
        self._clock = clock
        self._now = clock.monotonic
        self._emit = emit or nobody
        # Without a listener nobody pays for one.
        self._send = self._exchange_and_tell if emit else self._exchange
        self._told_to_wait: RateLimitError | None = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Any = None,
    ) -> Answer:
        """Make one call and return its answer.

        The usual case runs straight through: a token at hand, a free place, a success. tenacity
        and the deadline's timer come in only when something has to be waited for, since they
        would cost as much as half of the request.

        Args:
            method: Such as ``DELETE``.
            path: What stands behind the version, already checked.
            params: The query.
            json_body: What to send as JSON; None for no body.

        Raises:
            aiozcrm.errors.ZohoError: What the last attempt ended with.
        """
        self._refuse_if_closed()
        body = None if json_body is None else Json(json_body).content
        call = _Call(
            method,
            self._prefix + path,
            query="" if params is None else encode_query(params),
            body=body,
            deadline=self._now() + self._longest_call,
        )
        try:
            try:
                token = self._oauth.usable()
                ticket = None if token is None else self.in_flight.try_enter()
                if token is None or ticket is None:
                    return await self._before_deadline(call, self._attempt(call))
                return await self._send(call, token, ticket)
            except ZohoError as error:
                return await self._before_deadline(call, self._heal(call, error))
        except asyncio.CancelledError as cut:
            note_sends(cut, call.attempts, maybe_done=call.maybe_done)
            raise

    async def _attempt(self, call: _Call) -> Answer:
        """Wait for a place and a token, then send once."""
        self._refuse_long_wait(call)
        ticket = await self.in_flight.enter()
        try:
            token = self._oauth.usable() or await self._oauth.token()
            self._refuse_if_closed()
        except BaseException:
            self.in_flight.leave()
            raise
        return await self._send(call, token, ticket)

    async def _exchange(self, call: _Call, token: Token, ticket: int) -> Answer:
        """Send once, with a place that was taken before, and read the answer."""
        call.attempts += 1
        call.status = None
        slot_is_ours = True
        # The headers have no name here: tracebacks may show the values of names.
        request = Request(
            call.method,
            token.api_url,
            call.path,
            token.headers if call.body is None else {**token.headers, **_JSON},
            call.query,
            call.body,
        )
        try:
            response = await self._sender.send(request)
            call.status = response.status
            data, item = read_api_answer(request, response, self._clock.wall)
        except asyncio.CancelledError:
            call.maybe_done = True
            raise
        except ZohoError as error:
            slot_is_ours = self._note_failure(call, token, ticket, error)
            raise
        finally:
            if slot_is_ours:
                self.in_flight.leave()
        if token is not self._oauth.accepted:
            self._oauth.note_accepted(token)
        self._budget.repay()
        if self.in_flight.limit < self.in_flight.highest:
            self.in_flight.succeeded(ticket)
        return Answer(data, item, call.attempts)

    async def _exchange_and_tell(self, call: _Call, token: Token, ticket: int) -> Answer:
        """Do the same and tell who listens."""
        started = self._now()
        try:
            answer = await self._exchange(call, token, ticket)
        except ZohoError as error:
            self._tell_request(call, token, started, error)
            raise
        self._tell_request(call, token, started, None)
        return answer

    # ---- healing -------------------------------------------------------------------------------

    async def _heal(self, call: _Call, first: ZohoError) -> Answer:
        """Send again what can heal, after the failure *first*; raise the last failure."""
        try:
            if rejects_token(first):
                await self._await_verdict(call, first)
                try:
                    return await self._attempt_authenticated(call)
                except ZohoError as error:
                    first = error
            if not self._retries.can_heal(first, call.method):
                raise first
            return await self._send_again(call, first)
        except ZohoError as error:
            error.attempts = call.attempts
            error.maybe_done = error.maybe_done or call.maybe_done
            raise

    async def _attempt_authenticated(self, call: _Call) -> Answer:
        """Attempt until an answer is not about the token."""
        while True:
            try:
                return await self._attempt(call)
            except AuthenticationError as error:
                if not rejects_token(error):
                    raise
                await self._await_verdict(call, error)

    def _note_failure(self, call: _Call, token: Token, ticket: int, error: ZohoError) -> bool:
        """Note what *error* says beyond the call; return whether the call keeps its slot."""
        if rejects_token(error):
            return self._judge(call, token)
        if proves_host(error):
            self._oauth.note_accepted(token)
        if isinstance(error, RateLimitError):
            self._slow_down(error, call, ticket)
        elif isinstance(error, ApiError) and not isinstance(error, ServerError):
            # A refusal of the call says that Zoho is up.
            self._budget.repay()
        call.maybe_done = call.maybe_done or error.maybe_done
        return True

    def _judge(self, call: _Call, token: Token) -> bool:
        """Let *token* be judged; return whether the call keeps its slot."""
        judged = self._oauth.judge(token, probe_path=f"{self._prefix}org")
        if judged is None:
            return True
        call.judgement, has_begun = judged
        if has_begun:
            # What it takes to find the verdict is sent in this call's slot.
            call.judgement.task.add_done_callback(lambda _: self.in_flight.leave())
        return not has_begun

    async def _await_verdict(self, call: _Call, error: AuthenticationError) -> None:
        """Wait for the verdict on the rejected token, and return if *call* is to be sent again.

        The request surely did not run, so any method may be sent again.

        Raises:
            aiozcrm.errors.AuthenticationError: *error*, if it is the last word.
        """
        judgement, call.judgement = call.judgement, None
        if judgement is None:  # The token has been replaced since the request was sent.
            self._tell_retry(call, error, 0.0)
            return
        verdict = await self._oauth.verdict(judgement)
        outcome = verdict.outcome
        error.hint, error.stops_batch = verdict.hint, outcome == "kept"
        pause: float | None = 0.0
        if outcome == "kept" or (outcome == "accepted" and call.is_suspect):
            pause = None
        elif outcome == "undecided" and verdict.error is not None:
            pause = self._delay(call, verdict.error, "GET")
        if pause is None:
            raise error from verdict.error
        call.is_suspect = call.is_suspect or outcome == "accepted"
        self._tell_retry(call, error, pause)
        await self._clock.sleep(pause)

    async def _send_again(self, call: _Call, first: ZohoError) -> Answer:
        # Imported when something fails: importing this package is to cost next to nothing.
        from tenacity import AsyncRetrying  # noqa: PLC0415

        failures = [first]
        failure, delay = first, 0.0

        async def attempt() -> Answer:
            # The failure that brought us here is tenacity's first attempt.
            if failures:
                raise failures.pop()
            return await self._attempt_authenticated(call)

        def decide(state: RetryCallState) -> bool:
            nonlocal failure, delay
            error = state.outcome.exception() if state.outcome else None
            if not isinstance(error, ZohoError):
                return False
            decided = self._delay(call, error, call.method)
            failure, delay = error, decided or 0.0
            return decided is not None

        # A fresh object for every failing call: tenacity keeps a call's state on it.
        retrying = AsyncRetrying(
            retry=decide,
            wait=lambda _: delay,
            sleep=self._clock.sleep,
            before_sleep=lambda _: self._tell_retry(call, failure, delay),
            reraise=True,
        )
        return await retrying(attempt)

    def _delay(self, call: _Call, error: ZohoError, method: str) -> float | None:
        """Return the seconds until the next send, or None if this failure is the last word."""
        delay = self._retries(error, method, call.attempts)
        if delay is None:
            return None
        if self._now() + delay >= call.deadline:
            error.hint = f"The call's deadline comes first; try again in {delay:.0f} s."
            return None
        if not self._budget.borrow():
            error.hint = "The retries that all calls share are used up: Zoho seems to be down."
            return None
        return delay

    def _tell_retry(self, call: _Call, error: ZohoError, delay: float) -> None:
        logger.warning(
            "retry of %s %s in %.2f s after %s: %s",
            call.method,
            call.path,
            delay,
            type(error).__name__,
            error.message,
        )
        self._emit(
            CallRetried(
                method=call.method,
                path=call.path,
                attempt=call.attempts,
                delay=delay,
                error=error,
            ),
        )

    def _tell_request(
        self,
        call: _Call,
        token: Token,
        started: float,
        error: ZohoError | None,
    ) -> None:
        self._emit(
            RequestFinished(
                method=call.method,
                url=token.api_url + call.path,
                attempt=call.attempts,
                seconds=self._now() - started,
                status=call.status,
                error=error,
            ),
        )

    # ---- waiting -------------------------------------------------------------------------------

    def _slow_down(self, error: RateLimitError, call: _Call, ticket: int) -> None:
        """Hold the whole client back, not only the call that was told to wait."""
        if error.stops_batch:  # No credits are left: a pause would not bring them back.
            return
        delay = max(error.retry_after or 0.0, self._retries.backoff(call.attempts))
        if delay > self._longest_pause:
            error.stops_batch = True
            error.hint = f"Zoho asks to come back in {delay:.0f} s."
        self._told_to_wait = error
        self.in_flight.hold_back(ticket, delay)

    def _refuse_if_closed(self) -> None:
        if self.closed:
            raise ClientClosedError("The client is closed.")

    def _refuse_long_wait(self, call: _Call) -> None:
        """Fail at once where Zoho's pause is longer than the caller is willing to wait."""
        held_for = self.in_flight.held_for
        patience = min(self._retries.max_retry_after, call.deadline - self._now())
        if held_for <= patience or self._told_to_wait is None:
            return
        error = self._told_to_wait.for_another_caller()
        error.retry_after = held_for
        error.stops_batch = held_for > self._longest_pause
        error.hint = f"Zoho asks to come back in {held_for:.0f} s."
        raise error

    async def _before_deadline(self, call: _Call, work: Awaitable[Answer]) -> Answer:
        try:
            async with asyncio.timeout(call.deadline - self._now()) as scope:
                return await work
        except TimeoutError as error:
            if isinstance(error, ZohoError) or not scope.expired():
                raise
        late = DeadlineExceededError(
            f"{call.method} {call.path} took more than {self._longest_call:g} s altogether.",
        )
        late.attempts = call.attempts
        late.maybe_done = call.maybe_done
        raise late
