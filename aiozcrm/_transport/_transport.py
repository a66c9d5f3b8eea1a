"""Makes calls: adds the token, sends, and sends again what can succeed later."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import math
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attr as attrs

from aiozcrm._call_facts import note_call
from aiozcrm._clock import Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._in_flight import InFlightLimit
from aiozcrm._protocol import (
    ApiCall,
    Body,
    Json,
    Reply,
    Request,
    Response,
    Sender,
    Streamed,
    Token,
    api_error,
    body_without_secrets,
    check_path,
    decode,
    encode_query,
    is_success,
    no_file_error,
    redact_error,
)
from aiozcrm._receivers import null_receiver
from aiozcrm._transport._client_state import ClientState, running_loop
from aiozcrm._transport._running_call import NextStep, RunningCall, part_of_task
from aiozcrm.auth import OAuth, Verdict, proves_host, rejects_token
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    ClientClosedError,
    ConnectError,
    CreditsExhaustedError,
    DeadlineExceededError,
    InvalidResponseError,
    RateLimitError,
    ScopeError,
    ServerError,
    TransportError,
    ZohoError,
)
from aiozcrm.events import CallRetried, CreditsFell, EventReceiver, RequestFinished, logger
from aiozcrm.retries import RetryPolicy, asked_pause
from aiozcrm.timeouts import Timeouts

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Transport"]

_T = TypeVar("_T")

#: How many heavy calls Zoho allows at once, in every edition.
#: https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
_HEAVY_CALLS: Final = 10

#: How many bytes of an error page are read where the answer is streamed.
_LONGEST_ERROR_PAGE: Final = 64 * 1024


class Transport:
    """Makes calls of the API, and sends again what can succeed later.

    Args:
        sender: Sends one request.
        oauth: Hands out tokens.
        in_flight: Bounds the calls under way.
        retries: Decides what is sent again.
        timeouts: How long to wait.
        api_version: Such as ``v7``.
        clock: Tells the time.
        emit: Receives events.

    Attributes:
        in_flight: The same.
        state: What all calls of the client share.
        timeouts: How long to wait.
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
        self.state: ClientState = ClientState(any_loop=getattr(sender, "any_loop", False))
        self._heavy = InFlightLimit(_HEAVY_CALLS, clock=clock)
        self._sender = sender
        self._sender_keeps_time = getattr(sender, "keeps_time", False)
        self._oauth = oauth
        version = check_path(api_version)
        self._prefixes = {"crm": f"/crm/{version}/", "bulk": f"/crm/bulk/{version}/", "": "/"}
        self._clock = clock
        self._now = clock.monotonic
        self._emit = emit or null_receiver
        self._is_heard = emit is not None
        self._set_options(retries=retries, timeouts=timeouts, headers={})
        #: Those of a request; None for those that the sender knows.
        self._request_timeouts: Timeouts | None = None

    def _set_options(
        self,
        *,
        retries: RetryPolicy,
        timeouts: Timeouts,
        headers: Mapping[str, str],
    ) -> None:
        self._retries = retries
        self.timeouts = timeouts
        self._headers = headers
        # A longer pause outlasts every call.
        self._longest_pause = min(retries.max_retry_after, timeouts.call)
        # Without a receiver of events, no call pays for them.
        self._send = self._exchange_and_tell if self._is_heard else self._exchange

    def with_options(
        self,
        *,
        retries: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Transport:
        """Return a transport that shares everything but these options with this one.

        Args:
            retries: Decides what is sent again; None to keep what is set.
            timeouts: How long to wait; None to keep what is set.
            headers: What each call sends besides, added to what is set.
        """
        other = copy.copy(self)
        other._set_options(  # noqa: SLF001  # it is one of these
            retries=retries or self._retries,
            timeouts=timeouts or self.timeouts,
            headers={**self._headers, **(headers or {})},
        )
        other._request_timeouts = timeouts or self._request_timeouts  # noqa: SLF001
        return other

    @property
    def store_key(self) -> str:
        """What stores keep things of the client's credentials under; no secret shows."""
        return self._oauth.store_key

    def path_of(self, call: ApiCall) -> str:
        """Return the path of a call from the host on."""
        return (self._prefixes.get(call.base) or f"{call.base}/") + call.path

    def now(self) -> float:
        """Return the seconds of the monotonic clock."""
        return self._now()

    @property
    def account(self) -> tuple[str, str]:
        """The host of the API as the settings have it, and a digest of whose tokens calls carry."""
        return self._oauth.account

    def server_time(self, moment: float | None = None) -> float | None:
        """Return what Zoho's clock shows, or showed at a moment, in seconds since 1970.

        It is reckoned from the last answer and may be up to a second too early.

        Args:
            moment: In seconds of the monotonic clock; None for now.

        Returns:
            The time; None if there has been no answer yet that tells it.
        """
        return self.state.server_time(self._now() if moment is None else moment)

    def distrust_connections(self) -> None:
        """Use no connection again that was used so far.

        For an answer that turns out to be that of another call: all that come on its connection
        would be.
        """
        distrust = getattr(self._sender, "distrust_connections", None)
        if distrust is not None:
            distrust()

    async def call(
        self,
        call: ApiCall,
        *,
        stack: contextlib.AsyncExitStack | None = None,
    ) -> Reply:
        """Make one call and return its answer.

        The usual case runs straight through: a token at hand, a free slot, a success. tenacity
        and the deadline's timer come in only when something has to be waited for, since they
        would cost as much as half of the request.

        Args:
            call: What is asked.
            stack: Keeps the answer open; the reply's data is then an iterator of its pieces.

        Raises:
            aiozcrm.errors.ZohoError: The failure of the last attempt. An error that Zoho answers
                with a success is not among them.
        """
        part = part_of_task.get()
        if part is not None:
            return await part.take(call, streams=stack is not None)
        state = self.state
        if state.closed or state.loop is None or running_loop() is not state.loop:
            state.check_usable()
        running = self._running(call, stack)
        try:
            try:
                # Only a sender of ours keeps the time by itself.
                is_plain = self._sender_keeps_time and stack is None
                token = self._oauth.usable() if is_plain else None
                ticket = None if token is None else self._enter_at_once(call)
                if token is None or ticket is None:
                    reply = await self._before_deadline(running, self._attempt(running))
                else:
                    try:
                        reply = await self._send(running, token, ticket)
                    finally:
                        if call.heavy:
                            self._heavy.leave()
            except ZohoError as error:
                reply = await self._before_deadline(running, self._recover(running, error))
        except BaseException as error:
            self._end(running, error)
            raise
        note_call(reply.attempts, maybe_done=False, sent_at=running.sent_at)
        return reply

    @contextlib.asynccontextmanager
    async def stream(self, call: ApiCall) -> AsyncIterator[Streamed]:
        """Make one call and yield its answer when the first piece of the body is there.

        Until then it is sent again like any other. Afterwards there is no deadline, only the
        time for a request between two pieces.

        Args:
            call: What is asked.

        Raises:
            aiozcrm.errors.ZohoError: As for :meth:`call`; also while the body is read.
        """
        async with contextlib.AsyncExitStack() as stack:
            reply = await self.call(call, stack=stack)
            yield Streamed(reply.status, reply.headers, reply.data)

    async def wait_to_go_on(self, call: ApiCall, error: ZohoError, breaks: int) -> None:
        """Wait until a download that broke may be asked for again.

        Args:
            call: What is asked.
            error: How it broke.
            breaks: How often it has broken in a row.

        Raises:
            aiozcrm.errors.ZohoError: *error*, if the retry policy gives up; or
                :class:`~aiozcrm.errors.ClientClosedError`.
        """
        running = self._running(call, None)
        running.attempts = breaks
        running.next = self._next_step(running, error, repeatable=True)
        if not running.next.again:
            raise error
        self._begin_retry(running, error)
        await self._before_deadline(running, self._pause(running.next.delay))

    def _running(self, call: ApiCall, stack: contextlib.AsyncExitStack | None) -> RunningCall:
        body: bytes | Body | None = call.body
        timeouts = self.timeouts
        headers: Mapping[str, str] | None = None
        if call.body is not None or call.headers or self._headers:
            headers = {**self._headers, **call.headers}
            if call.body is not None:
                headers["Content-Type"] = call.body.content_type
                if isinstance(call.body, Json):
                    body = call.body.content
        if stack is not None:
            # As it is, so that its length is that of the file.
            headers = {"Accept-Encoding": "identity", **(headers or {})}
        seconds, of_request = timeouts.call, self._request_timeouts
        if call.timeout is not None:
            seconds = call.timeout
            of_request = attrs.evolve(timeouts, request=seconds, call=seconds)
        elif not isinstance(body, (bytes, type(None))):
            # However long it takes, as long as it goes on.
            seconds = math.inf
        return RunningCall(
            call,
            self.path_of(call),
            encode_query(call.query) if call.query else "",
            headers,
            body,
            of_request,
            self._now() + seconds,
            stack,
        )

    def _end(self, call: RunningCall, error: BaseException) -> None:
        """Give the facts of a call that failed to whoever wants to know."""
        maybe_done = call.maybe_done
        if isinstance(error, ZohoError):
            maybe_done = maybe_done or error.maybe_done
            error.attempts, error.maybe_done = call.attempts, maybe_done
            step = call.next
            if not step.again and step.hint is not None:
                error.hint = step.hint
            if isinstance(error, ScopeError) and (scopes := call.api.needed_scopes):
                error.scopes = scopes
                error.hint = f"Authorize again with the scope {' and '.join(scopes)}."
            if isinstance(error, (AuthenticationError, RateLimitError)) and (
                step.concerns_all_calls is not None
            ):
                error.concerns_all_calls = step.concerns_all_calls
        note_call(call.attempts, maybe_done=maybe_done, sent_at=call.sent_at)

    def _enter_at_once(self, call: ApiCall) -> int | None:
        """Take the slots that a call needs, and return its ticket; None if it has to wait."""
        if call.heavy and self._heavy.try_enter() is None:
            return None
        ticket = self.in_flight.try_enter()
        if call.heavy and ticket is None:
            self._heavy.leave()
        return ticket

    async def _attempt(self, call: RunningCall) -> Reply:
        """Wait for the slots and a token, then send once."""
        told, now = self.state.told_to_wait, self._now()
        asked = self.state.wait_until - now
        # A pause that is longer than the call can wait fails it at once.
        if told is not None and asked > min(self._longest_pause, call.deadline - now):
            error = told.for_another_caller()
            error.retry_after = asked
            raise error
        if not call.api.heavy:
            return await self._attempt_in_turn(call)
        await self._heavy.enter()
        try:
            return await self._attempt_in_turn(call)
        finally:
            self._heavy.leave()

    async def _attempt_in_turn(self, call: RunningCall) -> Reply:
        ticket = await self.in_flight.enter()
        try:
            token = self._oauth.usable() or await self._oauth.token()
        except BaseException:
            self.in_flight.leave()
            raise
        if self.state.closed:
            self.in_flight.leave()
            raise ClientClosedError("The client was closed while the call waited.")
        return await self._send(call, token, ticket)

    async def _exchange(self, call: RunningCall, token: Token, ticket: int) -> Reply:
        """Send once, with a slot that was taken before, and read the answer."""
        host = call.api.host
        slot_is_ours = True
        call.status = call.size = None
        try:
            origin = token.api_url if host == "api" else self._oauth.url_of(host, token)
            call.url = origin + call.path
            call.attempts += 1
            # The headers have no name here: tracebacks may show the values of names.
            request = Request(
                call.api.method,
                origin,
                call.path,
                token.headers if call.headers is None else {**token.headers, **call.headers},
                call.query,
                call.body,
            )
            request.timeouts = call.timeouts
            call.is_sending = True
            call.sent_at = self._now()
            response: Response | Streamed
            if call.stack is None:
                response = await self._sender.send(request)
            else:
                response = await self._open(request, call, call.stack)
            reply = self._read(call, request, response)
        except ZohoError as error:
            if isinstance(error, TransportError):
                redact_error(error, request)
            slot_is_ours = self._note_failure(call, token, ticket, error)
            raise
        except BaseException:  # a cancellation, or a bug of a sender
            call.maybe_done = call.maybe_done or (call.is_sending and request.left)
            raise
        finally:
            call.is_sending = False
            if slot_is_ours:  # pragma: no branch  # only a failure hands it over
                self.in_flight.leave()
        if host == "api" and (token is not self._oauth.accepted or self._oauth.good_path is None):
            self._oauth.note_accepted(token, call.path if call.api.method == "GET" else None)
        self.state.budget.repay()
        if self.in_flight.limit < self.in_flight.highest:
            self.in_flight.admitted(ticket)
        return reply

    def _read(self, call: RunningCall, request: Request, response: Response | Streamed) -> Reply:
        """Return what an answer comes to, or raise the error that it is."""
        call.status = response.status
        self.state.last_headers, self.state.answered_at = response.headers, self._now()
        if isinstance(response, Response):
            call.size = len(response.body)
        if isinstance(response, Streamed):
            data: Any = response.chunks
        elif not is_success(request, response):
            error = api_error(request, response, self._clock.wall())
            if call.api.check_error is not None:
                call.api.check_error(error)
            raise error
        elif call.stack is not None:
            raise no_file_error(request, response, self._clock.wall())
        elif call.api.raw:
            data = body_without_secrets(request, response, whole=True)
        else:
            data = decode(request, response, alike=call.api.alike)
        reply = Reply(
            response.status,
            response.headers,
            data,
            call.attempts,
            call.url,
            maybe_done=call.maybe_done,
        )
        if call.api.check is not None:
            call.api.check(reply)
        return reply

    async def _open(
        self,
        request: Request,
        call: RunningCall,
        keep_open: contextlib.AsyncExitStack,
    ) -> Response | Streamed:
        """Send a request of which the answer is streamed, up to its first piece."""
        from aiozcrm._protocol import holds_file  # noqa: PLC0415  # most programs download nothing

        stream = getattr(self._sender, "stream", None)
        if stream is None:
            whole = await self._sender.send(request)
            if not is_success(request, whole) or not holds_file(whole.headers):
                return whole
            return Streamed(whole.status, whole.headers, _pieces(call, whole.body))
        async with contextlib.AsyncExitStack() as stack:
            streamed: Streamed = await stack.enter_async_context(stream(request))
            pieces = streamed.chunks
            if not is_success(request, streamed) or not holds_file(streamed.headers):
                page = b""
                with HidingFrames():  # The page may quote the request.
                    async for piece in pieces:
                        page += piece[: _LONGEST_ERROR_PAGE - len(page)]
                        if len(page) >= _LONGEST_ERROR_PAGE:
                            break
                return Response(streamed.status, streamed.headers, page)
            first = await anext(pieces, b"")
            keep_open.push_async_exit(stack.pop_all())
            return Streamed(streamed.status, streamed.headers, _pieces(call, first, pieces))

    async def _exchange_and_tell(self, call: RunningCall, token: Token, ticket: int) -> Reply:
        """Do the same and tell the receiver of events."""
        call.untold_since = self._now()
        try:
            reply = await self._exchange(call, token, ticket)
        except ZohoError as error:
            self._tell_request(call, error)
            raise
        self._tell_request(call, None)
        return reply

    def _note_failure(self, call: RunningCall, token: Token, ticket: int, error: ZohoError) -> bool:
        """Note what *error* says beyond the call; return whether the call keeps its slot."""
        if isinstance(error, (ApiError, InvalidResponseError)) and not (
            isinstance(error, RateLimitError) or error.status == 429
        ):
            self.in_flight.admitted(ticket)
        if rejects_token(error):
            return self._judge(call, token)
        if proves_host(error) and call.api.host == "api":
            self._oauth.note_accepted(token)
        if isinstance(error, RateLimitError):
            self._slow_down(error, call, ticket)
        elif isinstance(error, ApiError) and not isinstance(error, ServerError):
            # An answer about the call says that Zoho is up.
            self.state.budget.repay()
        call.maybe_done = call.maybe_done or error.maybe_done
        return True

    def _judge(self, call: RunningCall, token: Token) -> bool:
        """Let *token* be judged; return whether the call keeps its slot."""
        judged = self._oauth.judge(token, probe_path=f"{self._prefixes['crm']}org")
        if judged is None:
            return True
        call.judgement, has_begun = judged
        if has_begun:
            # What it takes to find the verdict is sent in this call's slot.
            call.judgement.task.add_done_callback(lambda _: self.in_flight.leave())
        return not has_begun

    async def _recover(self, call: RunningCall, error: ZohoError) -> Reply:
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

    async def _attempt_with_good_token(self, call: RunningCall) -> Reply:
        """Attempt until an answer is not about the token."""
        while True:
            try:
                return await self._attempt(call)
            except AuthenticationError as error:
                if not rejects_token(error):
                    raise
                await self._await_verdict(call, error)

    async def _await_verdict(self, call: RunningCall, error: AuthenticationError) -> None:
        """Wait for the verdict on the rejected token, and return if *call* is to be sent again.

        The request surely did not run, so any call may be sent again.

        Raises:
            aiozcrm.errors.AuthenticationError: *error*, if it is the last word.
        """
        judgement, call.judgement = call.judgement, None
        call.next = NextStep(again=_can_be_read_again(call.body))
        if judgement is not None:  # Otherwise the token has been replaced meanwhile.
            verdict = await self._oauth.verdict(judgement)
            call.next = self._after_verdict(call, verdict)
            if not call.next.again:
                raise error from verdict.error
            call.is_suspect = call.is_suspect or verdict.outcome == "accepted"
        elif not call.next.again:
            raise error
        self._begin_retry(call, error)
        await self._pause(call.next.delay)

    def _after_verdict(self, call: RunningCall, verdict: Verdict) -> NextStep:
        """Return what follows a rejected token, and change nothing."""
        outcome = verdict.outcome
        step = NextStep(again=_can_be_read_again(call.body))
        if outcome == "kept" or (outcome == "accepted" and call.is_suspect):
            step = NextStep()
        elif outcome == "undecided" and verdict.error is not None and step.again:
            step = self._next_step(call, verdict.error, repeatable=True)
        return NextStep(
            again=step.again,
            delay=step.delay,
            borrows=step.borrows,
            hint=verdict.hint,
            concerns_all_calls=outcome == "kept",
        )

    def _next_step(
        self,
        call: RunningCall,
        error: ZohoError,
        *,
        repeatable: bool | None = None,
    ) -> NextStep:
        """Return what follows the failure *error*, and change nothing.

        Args:
            call: The call that failed.
            error: How.
            repeatable: Whether what failed may be repeated; None to ask the call.
        """
        if rejects_token(error):  # That is what the verdict has led to.
            return call.next
        asked = asked_pause(error)
        if asked > self._longest_pause and type(error) is RateLimitError:
            hint = f"Zoho asks to come back in {asked:.0f} s."
            return NextStep(hint=hint, concerns_all_calls=True)
        if not _can_be_read_again(call.body) and not isinstance(error, ConnectError):
            return NextStep()
        if repeatable is None:
            repeatable = call.api.may_repeat
        delay = self._retries(error, repeatable, call.attempts)
        if delay is None:
            return NextStep()
        if self._now() + delay >= call.deadline:
            hint = f"The call's deadline comes first; try again in {delay:.0f} s."
        elif self.state.budget.is_used_up(self._retries.budget):
            hint = "The retries that all calls share are used up: Zoho seems to be down."
        else:
            return NextStep(again=True, delay=delay, borrows=True)
        return NextStep(hint=hint)

    def _begin_retry(self, call: RunningCall, error: ZohoError) -> None:
        """Take a retry from those that all calls share, and tell of it."""
        if call.next.borrows:
            self.state.budget.borrow()
        delay = call.next.delay
        logger.warning(
            "retry of %s %s in %.2f s after %s: %s",
            call.api.method,
            call.path,
            delay,
            type(error).__name__,
            error.message,
        )
        self._emit(
            CallRetried(
                method=call.api.method,
                path=call.path,
                attempt=call.attempts,
                delay=delay,
                error=error,
            ),
        )

    async def _pause(self, seconds: float) -> None:
        if self.state.closed:
            raise ClientClosedError("The client was closed before the next attempt.")
        await self._clock.sleep(seconds)

    def _tell_request(self, call: RunningCall, error: ZohoError | None) -> None:
        """Tell how the send ended that no event has told of yet; nothing if there is none."""
        started, call.untold_since = call.untold_since, None
        if started is None:
            return
        self._emit(
            RequestFinished(
                method=call.api.method,
                url=call.url,
                attempt=call.attempts,
                seconds=self._now() - started,
                status=call.status,
                error=error,
                size=call.size,
            ),
        )
        if (left := self.state.credits_left) is not None:
            if left < self.state.credits_told:
                self._emit(CreditsFell(left))
            # They rise, too: each comes back 24 hours after its use.
            self.state.credits_told = left

    def _slow_down(self, error: RateLimitError, call: RunningCall, ticket: int) -> None:
        """Hold the whole client back, not only the call that was answered 429."""
        if isinstance(error, CreditsExhaustedError):  # A pause would not bring credits back.
            return
        asked = asked_pause(error)
        if asked:
            state = self.state
            state.told_to_wait = error.for_another_caller()
            state.wait_until = max(state.wait_until, self._now() + asked)
        self.in_flight.hold_back(ticket, max(asked, self._retries.backoff(call.attempts)))

    async def _before_deadline(self, call: RunningCall, work: Awaitable[_T]) -> _T:
        """Await *work*, which ends at the call's deadline, and when it waits as the client closes.

        Raises:
            aiozcrm.errors.DeadlineExceededError: If the deadline came first.
            aiozcrm.errors.ClientClosedError: If the client was closed first.
        """
        left = call.deadline - self._now()
        try:
            async with asyncio.timeout(left if left < math.inf else None) as limit:
                self.state.waiting[call] = limit
                try:
                    return await work
                finally:
                    del self.state.waiting[call]
        except TimeoutError as error:
            if isinstance(error, ZohoError) or not limit.expired():
                raise
        ended: ZohoError = ClientClosedError("The client was closed while the call waited.")
        if not self.state.closed:
            seconds = call.api.timeout or self.timeouts.call
            ended = DeadlineExceededError(
                f"{call.api.method} {call.path} took more than {seconds:g} s altogether.",
            )
        # A send may have been cut off.
        self._tell_request(call, ended)
        raise ended


def _can_be_read_again(body: bytes | Body | None) -> bool:
    return body is None or isinstance(body, bytes) or body.repeatable


async def _pieces(
    call: RunningCall,
    first: bytes,
    others: AsyncIterator[bytes] | None = None,
) -> AsyncIterator[bytes]:
    """Yield a first piece, if it is not empty, and all others."""
    if first:
        yield first
    if others is None:
        return
    try:
        async for piece in others:
            yield piece
    except ZohoError as error:
        error.attempts = call.attempts
        raise
