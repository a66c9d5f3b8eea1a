"""The client: puts the parts together and owns their lifetime."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
import attr as attrs

from aiozcrm._call_facts import CallFacts
from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._http import LONGEST_ANSWER, AiohttpSender
from aiozcrm._in_flight import InFlightLimit
from aiozcrm._numbers import check_count
from aiozcrm._protocol import (
    ApiCall,
    Json,
    Sender,
    check_headers,
    check_path,
    error_of,
    results_of,
)
from aiozcrm._receivers import Receiver
from aiozcrm._transport import Transport
from aiozcrm.auth import Credentials, OAuth
from aiozcrm.errors import ConfigurationError, InvalidInputError
from aiozcrm.events import EventReceiver
from aiozcrm.resources._api import Api
from aiozcrm.resources._contents import Contents
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts
from aiozcrm.token_stores import MemoryTokenStore, TokenStore

if TYPE_CHECKING:
    from aiozcrm.auth import ClientCredentials
    from aiozcrm.batch import BatchReport, Inputs, OnOutcome, Outcome

__all__ = ["ZohoCRM"]

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class ZohoCRM(Contents):
    """An async client for Zoho CRM. Safe to share between the tasks of one event loop.

    It belongs to the event loop in which it is used first. In any other, in another thread, and
    after a fork, it raises :class:`~aiozcrm.errors.WrongEventLoopError`.

    .. code-block:: python

        async with ZohoCRM(Credentials.from_env()) as zoho:
            await zoho.delete_unsubscribe_link("2309216000000582097")

    One access token serves all calls and is refreshed ahead of its end, once for all tasks. A
    call that fails in a way that can heal is sent again: lost connections, timeouts, and
    the statuses that *retries* names. A POST is sent again only if it surely did not run.

    Args:
        credentials: Who calls, and where the org lives.
        session: An aiohttp session whose connections to use; it is left open and must not be
            closed before the client. Its client middlewares are not run, its cookies not sent,
            and its timeouts replaced. Without one, the client opens and closes its own.
        token_store: Where tokens are kept; clients that share one share their tokens.
        retries: What is sent again, and when.
        max_in_flight: How many calls may be on their way at once, over all tasks. Zoho allows 5
            in its smallest edition, 10 to 25 in others. It shrinks for a while after a 429.
        timeout: How long to wait; a number is the seconds for one call altogether.
        api_version: The version of the API.
        on_event: Is called with each event of :mod:`aiozcrm.events`; it may be async. What it
            raises is logged. If more than 10,000 events wait for one that is slower than the
            calls, the oldest are dropped; closing the client waits for the others.
        max_response_size: How many bytes of an answer are read, decompressed. A longer one
            raises :class:`~aiozcrm.errors.InvalidResponseError`, and its connection is closed.
        proxy: The address of an HTTP proxy for all requests to https, such as
            ``http://proxy.example.com:3128``; it may hold a user and a password. Without it, no
            proxy is used, whatever the environment says.
        sender: What sends requests in aiohttp's place, for tests.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If a setting cannot work.
        TypeError: If *credentials* are something else.
    """

    @HidingFrames()
    def __init__(
        self,
        credentials: Credentials | ClientCredentials,
        *,
        session: aiohttp.ClientSession | None = None,
        token_store: TokenStore | None = None,
        retries: RetryPolicy = RetryPolicy(),  # noqa: B008  # it is frozen
        max_in_flight: int = 5,
        timeout: Timeouts | float = Timeouts(),  # noqa: B008  # it is frozen
        api_version: str = "v7",
        on_event: EventReceiver | None = None,
        max_response_size: int = LONGEST_ANSWER,
        proxy: str | None = None,
        sender: Sender | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        max_in_flight = check_count(max_in_flight, setting="max_in_flight", lowest=1)
        longest_answer = check_count(max_response_size, setting="max_response_size", lowest=1)
        if sender is not None and session is not None:
            raise ConfigurationError("Give a session or a sender, not both.")
        if sender is not None and proxy is not None:
            raise ConfigurationError("Give a proxy or a sender, not both.")
        if getattr(session, "auth", None) is not None:
            raise ConfigurationError(
                "The session has an auth of its own, which every call would carry.",
                hint="Give a session without auth.",
            )
        timeouts = timeout if isinstance(timeout, Timeouts) else Timeouts(call=timeout)
        self._emit = Receiver(on_event) if on_event else None
        self._http = AiohttpSender(
            session=session,
            timeouts=timeouts,
            connections=max_in_flight,
            longest_answer=longest_answer,
            proxy=proxy,
        )
        sender = sender or self._http
        self._oauth = OAuth(
            credentials,
            sender=sender,
            store=MemoryTokenStore() if token_store is None else token_store,
            clock=clock,
            emit=self._emit,
        )
        self._shares = False
        self._transport = Transport(
            sender=sender,
            oauth=self._oauth,
            in_flight=InFlightLimit(max_in_flight, clock=clock, emit=self._emit),
            retries=retries,
            timeouts=timeouts,
            api_version=api_version,
            clock=clock,
            emit=self._emit,
        )
        self._api = Api(self._transport, clock=clock, emit=self._emit)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what is under way and close the session, unless it was given. May be repeated.

        A call that waits, for a token, a slot or its next attempt, ends at once with
        :class:`~aiozcrm.errors.ClientClosedError`. A client that :meth:`with_options` has made
        closes nothing.

        Raises:
            aiozcrm.errors.WrongEventLoopError: If the client belongs to another event loop.
        """
        state = self._transport.state
        state.check_loop()
        if self._shares:
            return
        state.close()
        try:
            await self._oauth.close()
        finally:
            await self._http.close()
        if self._emit is not None:
            await self._emit.close()

    def with_options(
        self,
        *,
        timeout: Timeouts | float | None = None,
        retries: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client that differs from this one in these options alone.

        It shares everything else: connections, token, and limits. It works as long as this one
        does, and need not be closed.

        .. code-block:: python

            await zoho.with_options(timeout=5).org.get()

        Args:
            timeout: How long to wait; a number is the seconds for one call altogether. None for
                what this client does.
            retries: What is sent again, and when; None for what this client does. The retries
                that all calls share remain shared.
            headers: What each request sends besides, added to what this client adds.

        Returns:
            The other client.

        Raises:
            aiozcrm.errors.ConfigurationError: If *timeout* cannot be.
            aiozcrm.errors.InvalidInputError: If a header cannot be, or is one that the client
                sets itself.
            TypeError: If a header is no text.
        """
        if not isinstance(timeout, (Timeouts, type(None))):
            timeout = attrs.evolve(self._transport.timeouts, call=timeout)
        if headers:
            headers = check_headers(headers)
        other = copy.copy(self)
        # Resources are made anew, on the other transport.
        for name in [name for name in vars(other) if not name.startswith("_")]:
            del vars(other)[name]
        transport = self._transport.with_options(retries=retries, timeouts=timeout, headers=headers)
        api = self._api.over(transport)
        vars(other).update(_shares=True, _transport=transport, _api=api)
        return other

    def call_facts(self) -> CallFacts:
        """Return what collects the facts of calls: how often they were sent, and whether they ran.

        .. code-block:: python

            async with zoho.call_facts() as facts, asyncio.timeout(5):
                await zoho.unsubscribe_links.create(...)

        An error tells the same; this tells it of calls that succeeded or were cancelled, too.

        Returns:
            An async context manager, of which ``attempts`` and ``maybe_done`` count the calls
            that are made inside.
        """
        return CallFacts()

    @property
    def credits_left(self) -> int | None:
        """How many API credits the org has left, as the last answer told.

        None if it did not tell: Zoho does once half of the day's credits are used.
        """
        return self._transport.state.credits_left

    @property
    def server_time(self) -> float | None:
        """Zoho's time at this moment, in seconds since 1970, by its last answer.

        None if there was no answer yet, or it did not tell.
        """
        return self._transport.server_time()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        base: str | None = "crm",
        repeatable: bool | None = None,
        key: str | None = None,
    ) -> Any:
        """Make any call of the API, with the same token, retries and errors as all others.

        Zoho answers many writes with a success that holds an error for each item that failed.
        With *key* such an error is raised; without, the answer is returned as it is.

        Args:
            method: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
            path: What stands behind ``/crm/v7/`` in the page of the reference, such as
                ``settings/unsubscribe_links``.
            params: The query: texts, whole numbers, booleans, dates, datetimes with an offset, or
                lists of those; what is None is left out. Never put secrets there.
            json: What to send as JSON. It may hold dates, datetimes with an offset, and Decimals.
            headers: What to send besides, such as ``X-EXTERNAL`` or ``If-Modified-Since``.
            base: What stands before the path: ``crm`` for ``/crm/v7/``, ``bulk`` for
                ``/crm/bulk/v7/``, a beginning of your own such as ``/crm/v8``, or None for
                nothing at all.
            repeatable: Whether a second send does no more than the first, so that the call is
                sent again after a lost answer. None if the method tells: all but ``POST`` and
                ``PATCH`` are.
            key: The name under which the answer holds its items, such as ``unsubscribe_links``.

        Returns:
            The decoded answer; None where there is none (status 204, or 304 if you sent
            ``If-Modified-Since``).

        Raises:
            aiozcrm.errors.InvalidInputError: If method, path, base or a header cannot be; nothing
                is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If *params*, *json* or *headers* hold a value of another type; nothing is
                sent.
            ValueError: If they hold a datetime without an offset, or *json* a number that JSON
                does not know, such as NaN; nothing is sent.
        """
        verb = method.upper()
        if verb not in _METHODS:
            raise InvalidInputError(
                f"There is no method {method!r}.",
                hint=f"Use one of: {', '.join(sorted(_METHODS))}.",
            )
        if headers:
            headers = check_headers(headers)
        base = base or ""
        if base not in {"crm", "bulk", ""}:
            base = f"/{check_path(base, is_whole=True)}"
        call = ApiCall(
            verb,
            check_path(path, is_whole=not base),
            query=params or {},
            body=None if json is None else Json(json),
            headers=headers or {},
            base=base,
            repeatable=repeatable,
        )
        if key:
            # Most programs call methods of their own for this.
            from aiozcrm.resources._results import no_trouble  # noqa: PLC0415

            check = no_trouble(key)
            call = call.replace(check=lambda reply: check(call, reply))
        reply = await self._transport.call(call)
        results = results_of(reply.data, key) if key else ()
        for result in results:
            if result.failed:
                raise error_of(result, call, reply, results=results)
        return reply.data

    async def delete_unsubscribe_link(
        self,
        link_id: str | int,
        *,
        protect_used: bool = False,
    ) -> Outcome:
        """Delete one unsubscribe link.

        See :meth:`UnsubscribeLinks.delete() <aiozcrm.resources.UnsubscribeLinks.delete>`.
        """
        return await self.unsubscribe_links.delete(link_id, protect_used=protect_used)

    async def delete_unsubscribe_links(
        self,
        link_ids: Inputs,
        *,
        protect_used: bool = False,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many unsubscribe links and account for every one.

        See :meth:`UnsubscribeLinks.delete_many()
        <aiozcrm.resources.UnsubscribeLinks.delete_many>`.
        """
        return await self.unsubscribe_links.delete_many(
            link_ids,
            protect_used=protect_used,
            concurrency=concurrency,
            on_outcome=on_outcome,
        )

    def iter_delete_unsubscribe_links(
        self,
        link_ids: Inputs,
        *,
        protect_used: bool = False,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many unsubscribe links and yield each outcome as soon as it is there.

        See :meth:`UnsubscribeLinks.iter_delete_many()
        <aiozcrm.resources.UnsubscribeLinks.iter_delete_many>`.
        """
        return self.unsubscribe_links.iter_delete_many(
            link_ids,
            protect_used=protect_used,
            concurrency=concurrency,
            on_outcome=on_outcome,
        )
