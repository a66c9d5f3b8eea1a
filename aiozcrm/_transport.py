"""One call: add the token, send, read the answer, and send again what can succeed later."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from aiozcrm._clock import Clock
from aiozcrm._in_flight import InFlightLimit
from aiozcrm._protocol import (
    ApiCall,
    Base,
    Json,
    Reply,
    Request,
    Sender,
    Token,
    api_error,
    check_path,
    decode,
    encode_query,
    is_success,
    redact_error,
)
from aiozcrm._receivers import null_receiver
from aiozcrm.auth import Judgement, OAuth, Verdict, proves_host, rejects_token
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    ClientClosedError,
    CreditsExhaustedError,
    DeadlineExceededError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
    TransportError,
    WrongEventLoopError,
    ZohoError,
)
from aiozcrm.events import CallRetried, EventReceiver, RequestFinished, logger
from aiozcrm.retries import RetryBudget, RetryPolicy, asked_pause
from aiozcrm.timeouts import Timeouts

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Transport", "note_sends", "sends_before"]

_SENDS: Final = "aiozcrm_sends"

_JSON: Final = {"Content-Type": "application/json"}
_NO_HEADERS: Final[Mapping[str, str]] = {}


class _Next(NamedTuple):
    """What follows a failed send.

    Attributes:
        again: Whether the call is sent again.
        delay: Seconds until then.
        borrows: Whether that is one of the retries that all calls share.
        hint: What the error should advise; None to leave it as it is.
        stops_batch: Whether the error ends a batch; None to leave it as it is.
    """

    again: bool = False
    delay: float = 0.0
    borrows: bool = False
    hint: str | None = None
    stops_batch: bool | None = None


_NOTHING: Final = _Next()


class _Call:
    """One call while it lasts."""

    __slots__ = (
        "attempts",
        "body",
        "deadline",
        "headers",
        "is_sending",
        "is_suspect",
        "judgement",
        "maybe_done",
        "method",
        "next",
        "path",
        "query",
        "repeatable",
        "seconds",
        "status",
    )

    def __init__(self, asked: ApiCall, path: str, *, seconds: float, now: float) -> None:
        body = asked.body
        self.method = asked.method
        self.path = path
        self.query = encode_query(asked.query) if asked.query else ""
        self.body = body.content if isinstance(body, Json) else None
        self.headers = asked.headers
        self.repeatable = asked.may_repeat
        self.seconds = seconds if asked.timeout is None else asked.timeout
        self.deadline = now + self.seconds
        self.attempts = 0
        self.is_sending = False
        self.maybe_done = False
        self.next = _NOTHING
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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # A fork has left it to the parent.
        return None


class Transport:
    """Sends calls to the CRM API, and sends again what can succeed later.

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

    #: The event loop of the first use.
    _loop: asyncio.AbstractEventLoop | None = None

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
        self._closed = False
        self._sender = sender
        self._sender_keeps_time = getattr(sender, "keeps_time", False)
        self._any_loop = getattr(sender, "any_loop", False)
        self._oauth = oauth
        self._retries = retries
        self._budget = RetryBudget(retries.budget)
        self._longest_call = timeouts.call
        # A longer pause outlasts every call.
        self._longest_pause = min(retries.max_retry_after, timeouts.call)
        version = check_path(api_version)
        self._prefixes: Mapping[Base, str] = {
            "crm": f"/crm/{version}/",
            "bulk": f"/crm/bulk/{version}/",
            "": "/",
        }
        self._clock = clock
        self._now = clock.monotonic
        self._emit = emit or null_receiver
        # Without a listener nobody pays for one.
        self._send = self._exchange_and_tell if emit else self._exchange
        # The last 429 that named a moment to come back, and that moment.
        self._told_to_wait: RateLimitError | None = None
        self._wait_until = 0.0
        # What the last answer came with, and when, for the time by Zoho's clock.
        self._last_headers: Mapping[str, str] = _NO_HEADERS
        self._answered_at = 0.0
        # Calls that wait, or may have to, by what ends them early.
        self._waiting: dict[_Call, asyncio.Timeout] = {}

    async def call(self, asked: ApiCall) -> Reply:
        """Make one call and return its answer, which any 2xx is: its meaning is not known here.

        The usual case runs straight through: a token at hand, a free slot, a success. tenacity
        and the deadline's timer come in only when something has to be waited for, since they
        would cost as much as half of the request.

        Args:
            asked: The call.

        Raises:
            aiozcrm.errors.ZohoError: What the last attempt ended with.
        """
        if self._closed or self._loop is None or _running_loop() is not self._loop:
            self.check_usable()
        path = self._prefixes[asked.base] + asked.path
        call = _Call(asked, path, seconds=self._longest_call, now=self._now())
        try:
            try:
                token = self._oauth.usable() if self._sender_keeps_time else None
                ticket = None if token is None else self.in_flight.try_enter()
                if token is None or ticket is None:
                    return await self._before_deadline(call, self._attempt(call))
                return await self._send(call, token, ticket)
            except ZohoError as error:
                return await self._before_deadline(call, self._recover(call, error))
        except ZohoError as error:
            error.attempts = call.attempts
            error.maybe_done = error.maybe_done or call.maybe_done
            if not call.next.again:
                error.hint = error.hint if call.next.hint is None else call.next.hint
                if call.next.stops_batch is not None:
                    error.stops_batch = call.next.stops_batch
            raise
        except asyncio.CancelledError as cut:
            note_sends(cut, call.attempts, maybe_done=call.maybe_done)
            raise

    def check_usable(self) -> None:
        """Check that calls can be made, here and now.

        Raises:
            aiozcrm.errors.ClientClosedError: If the client is closed.
            aiozcrm.errors.WrongEventLoopError: If it belongs to another event loop.
        """
        self.check_loop()
        if self._closed:
            raise ClientClosedError("The client is closed.")

    def check_loop(self) -> None:
        """Check that this is the event loop of the first use.

        Raises:
            aiozcrm.errors.WrongEventLoopError: If it is another one.
        """
        loop = _running_loop()
        # Of two threads that come first, one sets it.
        if loop is None or not (self._any_loop or vars(self).setdefault("_loop", loop) is loop):
            raise WrongEventLoopError(
                "The client is used in another event loop, thread or process than before.",
            )

    def server_time(self) -> float | None:
        """Return what Zoho's clock shows now, in seconds since 1970.

        It is reckoned from the last answer, and may be up to a second too early.

        Returns:
            The time; None if no answer has told it yet.
        """
        try:
            date = email.utils.parsedate_to_datetime(self._last_headers.get("Date", ""))
        except (TypeError, ValueError):
            return None
        return date.timestamp() + self._now() - self._answered_at

    def close(self) -> None:
        """Make no more calls, and end what waits for a token, a slot or the next attempt."""
        self._closed = True
        for call, limit in self._waiting.items():
            # A send that is under way ends with its connection.
            if not call.is_sending and not limit.expired():
                limit.reschedule(0.0)

    def distrust_connections(self) -> None:
        """Use no connection again that was used so far.

        For an answer that turns out to be that of another call: all that come on its connection
        would be.
        """
        distrust = getattr(self._sender, "distrust_connections", None)
        if distrust is not None:
            distrust()

    async def _attempt(self, call: _Call) -> Reply:
        """Wait for a slot and a token, then send once."""
        self._give_up_on_long_pause(call)
        ticket = await self.in_flight.enter()
        try:
            token = self._oauth.usable() or await self._oauth.token()
        except BaseException:
            self.in_flight.leave()
            raise
        if self._closed:
            self.in_flight.leave()
            raise ClientClosedError("The client was closed while the call waited.")
        return await self._send(call, token, ticket)

    async def _exchange(self, call: _Call, token: Token, ticket: int) -> Reply:
        """Send once, with a slot that was taken before, and read the answer."""
        call.attempts += 1
        call.status = None
        slot_is_ours = True
        # The headers have no name here: tracebacks may show the values of names.
        request = Request(
            call.method,
            token.api_url,
            call.path,
            self._headers(call, token),
            call.query,
            call.body,
        )
        call.is_sending = True
        try:
            response = await self._sender.send(request)
            call.status = response.status
            self._last_headers, self._answered_at = response.headers, self._now()
            if not is_success(request, response):
                raise api_error(request, response, self._clock.wall())
            data = decode(request, response)
        except asyncio.CancelledError:
            call.maybe_done = call.maybe_done or request.left
            raise
        except ZohoError as error:
            if isinstance(error, TransportError):
                redact_error(error, request)
            slot_is_ours = self._note_failure(call, token, ticket, error)
            raise
        finally:
            call.is_sending = False
            if slot_is_ours:
                self.in_flight.leave()
        if token is not self._oauth.accepted:
            self._oauth.note_accepted(token)
        self._budget.repay()
        if self.in_flight.limit < self.in_flight.highest:
            self.in_flight.admitted(ticket)
        return Reply(
            response.status,
            response.headers,
            data,
            call.attempts,
            url=request.url,
            maybe_done=call.maybe_done,
        )

    @staticmethod
    def _headers(call: _Call, token: Token) -> Mapping[str, str]:
        if call.body is None and not call.headers:
            return token.headers
        return {**token.headers, **(_NO_HEADERS if call.body is None else _JSON), **call.headers}

    async def _exchange_and_tell(self, call: _Call, token: Token, ticket: int) -> Reply:
        """Do the same and tell the receiver of events."""
        started = self._now()
        try:
            answer = await self._exchange(call, token, ticket)
        except ZohoError as error:
            self._tell_request(call, token, started, error)
            raise
        self._tell_request(call, token, started, None)
        return answer

    def _note_failure(self, call: _Call, token: Token, ticket: int, error: ZohoError) -> bool:
        """Note what *error* says beyond the call; return whether the call keeps its slot."""
        if isinstance(error, (ApiError, InvalidResponseError)) and not (
            isinstance(error, RateLimitError) or error.status == 429
        ):
            self.in_flight.admitted(ticket)
        if rejects_token(error):
            return self._judge(call, token)
        if proves_host(error):
            self._oauth.note_accepted(token)
        if isinstance(error, RateLimitError):
            self._slow_down(error, call, ticket)
        elif isinstance(error, ApiError) and not isinstance(error, ServerError):
            # An answer about the call says that Zoho is up.
            self._budget.repay()
        call.maybe_done = call.maybe_done or error.maybe_done
        return True

    def _judge(self, call: _Call, token: Token) -> bool:
        """Let *token* be judged; return whether the call keeps its slot."""
        judged = self._oauth.judge(token, probe_path=f"{self._prefixes['crm']}org")
        if judged is None:
            return True
        call.judgement, has_begun = judged
        if has_begun:
            # What it takes to find the verdict is sent in this call's slot.
            call.judgement.task.add_done_callback(lambda _: self.in_flight.leave())
        return not has_begun

    async def _recover(self, call: _Call, error: ZohoError) -> Reply:
        """Send again what can succeed later, after the failure *error*; raise the last failure."""
        if rejects_token(error):
            await self._await_verdict(call, error)
            try:
                return await self._attempt_with_good_token(call)
            except ZohoError as later:
                error = later
        call.next = self._next_step(call, error)
        if not call.next.again:
            raise error
        # Imported when something fails: importing this package is to cost next to nothing.
        from tenacity import AsyncRetrying, retry_if_exception  # noqa: PLC0415

        async def attempt() -> Reply:
            try:
                return await self._attempt_with_good_token(call)
            except ZohoError as error:
                call.next = self._next_step(call, error)
                raise

        def begin(state: RetryCallState) -> None:
            self._begin_retry(call, state.outcome.exception())  # type: ignore[arg-type,union-attr]

        # A fresh object for every failing call: tenacity keeps a call's state on it.
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda e: isinstance(e, ZohoError) and call.next.again),
            wait=lambda _: call.next.delay,
            before_sleep=begin,
            sleep=self._pause,
            reraise=True,
        )
        self._begin_retry(call, error)
        await self._pause(call.next.delay)
        return await retrying(attempt)

    async def _attempt_with_good_token(self, call: _Call) -> Reply:
        """Attempt until an answer is not about the token."""
        while True:
            try:
                return await self._attempt(call)
            except AuthenticationError as error:
                if not rejects_token(error):
                    raise
                await self._await_verdict(call, error)

    async def _await_verdict(self, call: _Call, error: AuthenticationError) -> None:
        """Wait for the verdict on the rejected token, and return if *call* is to be sent again.

        The request surely did not run, so any method may be sent again.

        Raises:
            aiozcrm.errors.AuthenticationError: *error*, if it is the last word.
        """
        judgement, call.judgement = call.judgement, None
        call.next = _Next(again=True)
        if judgement is not None:  # Otherwise the token has been replaced meanwhile.
            verdict = await self._oauth.verdict(judgement)
            call.next = self._after_verdict(call, verdict)
            if not call.next.again:
                raise error from verdict.error
            call.is_suspect = call.is_suspect or verdict.outcome == "accepted"
        self._begin_retry(call, error)
        await self._pause(call.next.delay)

    def _after_verdict(self, call: _Call, verdict: Verdict) -> _Next:
        """Return what follows a rejected token, and change nothing."""
        outcome = verdict.outcome
        step = _Next(again=True)
        if outcome == "kept" or (outcome == "accepted" and call.is_suspect):
            step = _Next()
        elif outcome == "undecided" and verdict.error is not None:
            step = self._next_step(call, verdict.error, repeatable=True)
        return step._replace(hint=verdict.hint, stops_batch=outcome == "kept")

    def _next_step(self, call: _Call, error: ZohoError, *, repeatable: bool | None = None) -> _Next:
        """Return what follows the failure *error*, and change nothing.

        Args:
            call: The call that failed.
            error: How.
            repeatable: Whether what was sent may be sent again, if it was not the call itself.
        """
        if rejects_token(error):  # That is what the verdict has led to.
            return call.next
        asked = asked_pause(error)
        if asked > self._longest_pause and type(error) is RateLimitError:
            return _Next(hint=f"Zoho asks to come back in {asked:.0f} s.", stops_batch=True)
        if repeatable is None:
            repeatable = call.repeatable
        delay = self._retries(error, repeatable, call.attempts)
        if delay is None:
            return _Next()
        if self._now() + delay >= call.deadline:
            hint = f"The call's deadline comes first; try again in {delay:.0f} s."
            return _Next(hint=hint)
        if self._budget.is_used_up:
            hint = "The retries that all calls share are used up: Zoho seems to be down."
            return _Next(hint=hint)
        return _Next(again=True, delay=delay, borrows=True)

    def _begin_retry(self, call: _Call, error: ZohoError) -> None:
        """Take a retry from those that all calls share, and tell of it."""
        if call.next.borrows:
            self._budget.borrow()
        delay = call.next.delay
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

    async def _pause(self, seconds: float) -> None:
        if self._closed:
            raise ClientClosedError("The client was closed before the next attempt.")
        await self._clock.sleep(seconds)

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

    def _slow_down(self, error: RateLimitError, call: _Call, ticket: int) -> None:
        """Hold the whole client back, not only the call that was answered 429."""
        if isinstance(error, CreditsExhaustedError):  # A pause would not bring credits back.
            return
        asked = asked_pause(error)
        if asked:
            self._told_to_wait = error.for_another_caller()
            self._wait_until = max(self._wait_until, self._now() + asked)
        self.in_flight.hold_back(ticket, max(asked, self._retries.backoff(call.attempts)))

    def _give_up_on_long_pause(self, call: _Call) -> None:
        """Fail at once where the pause that Zoho asked for is longer than the call can wait.

        Raises:
            aiozcrm.errors.RateLimitError: With the rest of that pause.
        """
        now = self._now()
        asked = self._wait_until - now
        if self._told_to_wait and asked > min(self._longest_pause, call.deadline - now):
            error = self._told_to_wait.for_another_caller()
            error.retry_after = asked
            raise error

    async def _before_deadline(self, call: _Call, work: Awaitable[Reply]) -> Reply:
        """Await *work*, which ends at the call's deadline, and when it waits as the client closes.

        Raises:
            aiozcrm.errors.DeadlineExceededError: If the deadline came first.
            aiozcrm.errors.ClientClosedError: If the client was closed first.
        """
        try:
            async with asyncio.timeout(call.deadline - self._now()) as limit:
                self._waiting[call] = limit
                try:
                    return await work
                finally:
                    del self._waiting[call]
        except TimeoutError as error:
            if isinstance(error, ZohoError) or not limit.expired():
                raise
        if self._closed:
            raise ClientClosedError("The client was closed while the call waited.")
        raise DeadlineExceededError(
            f"{call.method} {call.path} took more than {call.seconds:g} s altogether.",
        )
