"""A notification channel that is kept alive."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, cast

import attr as attrs

from aiozcrm._hiding import HidingFrames, hide_frames
from aiozcrm._protocol import check_record_id, json_bytes, redact
from aiozcrm._receivers import null_receiver
from aiozcrm._stores import Guarded, Step
from aiozcrm._waiting import until_ended
from aiozcrm.channel_stores import ChannelState, ChannelStore, MemoryChannelStore
from aiozcrm.errors import (
    ClientClosedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    ScopeError,
    StoreLockedError,
    WrongEventLoopError,
    ZohoError,
)
from aiozcrm.events import ChannelRenewalFailed, ChannelRenewed, ChannelStoreFailed, logger
from aiozcrm.notifications import Notification, verify
from aiozcrm.resources._api import Api
from aiozcrm.resources._channel_drafts import (
    LONGEST_LIFE,
    check_events,
    check_token,
    check_url,
)
from aiozcrm.resources.notifications import ChannelDraft, Notifications

__all__ = ["SCOPES", "Channel", "Missed", "make_channel"]

#: Those of the calls behind it; catching up needs those of the modules, too.
SCOPES: Final = Notifications.scopes

#: What a channel lives for if Zoho does not say: the shortest that is documented.
_UNTOLD_LIFE: Final = 3_600.0

#: Seconds before the next try after a failure, and the longest pause between two.
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 3_600.0
#: However short a channel lives, Zoho is not asked more often than this.
_SHORTEST_PAUSE: Final = 30.0

#: A call may take some time, and the clocks of Zoho's machines differ.
_MARGIN: Final = 120.0

#: The clocks are looked at so often, since a machine may have been suspended.
_LOOK_AGAIN: Final = 3_600.0


@attrs.frozen(kw_only=True)
class Missed:
    """Some of what has changed in a module.

    Attributes:
        module: Its API name.
        upserted: Records that are new or have changed, as they are now.
        deleted: Records that are gone: dicts with ``id``, and with what else Zoho tells.
    """

    module: str
    upserted: Sequence[Mapping[str, Any]]
    deleted: Sequence[Mapping[str, Any]]


class Channel:
    """A notification channel that is kept alive: :meth:`aiozcrm.ZohoCRM.channel` makes one.

    Within ``async with`` the channel exists at Zoho, and is renewed at half its life by this
    worker or by another that shares the store. A renewal that fails is told as
    :class:`~aiozcrm.events.ChannelRenewalFailed` and tried again until it succeeds. A channel that
    Zoho has forgotten is opened anew.

    Args:
        api: What makes the calls.
        wanted: The channel as it is to be; without a token for one that is made up.
        store: Where it is kept for other workers and later runs.
        lifetime: How many seconds to ask for.
        drop: Whether to end it at the end.
    """

    def __init__(
        self,
        api: Api,
        wanted: ChannelState,
        *,
        store: ChannelStore,
        lifetime: float,
        drop: bool,
    ) -> None:
        self._api = api
        self._emit = api.emit or null_receiver
        self._wanted = wanted
        self._lifetime = lifetime
        self._drop = drop
        self._state = ChannelState()
        self._calls = Notifications(api)
        named = f"{api.transport.store_key}\n{wanted.channel_id or wanted.url}"
        self._digest = hashlib.sha256(named.encode()).hexdigest()
        self._store = Guarded(store, f"channel.{self._digest[:40]}", failed=self._store_failed)
        self._keeping: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"Channel({self.id or self._wanted.url!r})"

    @property
    def id(self) -> str:
        """Its id, which comes with each notification; empty before it is open."""
        return self._state.channel_id

    @property
    def token(self) -> str:
        """The secret that comes with each notification; for services that verify elsewhere."""
        return self._state.token

    @property
    def expires_at(self) -> dt.datetime:
        """When it ends unless it is renewed, as Zoho said."""
        return dt.datetime.fromtimestamp(self._state.expires_at, dt.UTC)

    @HidingFrames()
    def verify(self, body: bytes | str | Mapping[str, Any], /) -> Notification:
        """Return the notification that a request to your service holds, if Zoho has sent it.

        See :func:`aiozcrm.notifications.verify`.

        Args:
            body: The body of the request, as it came or decoded.

        Returns:
            The notification.

        Raises:
            aiozcrm.errors.NotificationRejected: If it is anything else than a notification of
                this channel.
            aiozcrm.errors.ZohoError: If the channel is not open.
        """
        self._check_open()
        return verify(body, token=self._state.token, channel_id=self._state.channel_id)

    async def catch_up(
        self,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        restart: bool = False,
    ) -> AsyncGenerator[Missed, None]:
        """Yield what has changed in the modules of the channel since this was last called.

        Notifications get lost: while your service is down, while the channel had ended, or on
        their way. This reads the feed of changes of each module
        (:meth:`~aiozcrm.resources.records.Records.changes`), from the moment on at which the
        channel was first opened. What was notified comes again, so put rows into a table by id.

        .. code-block:: python

            async for missed in channel.catch_up(fields={"Deals": ["Stage", "Amount"]}):
                ...  # missed.module, missed.upserted, missed.deleted

        How far it has come is kept in the store, for each module when you have taken all of it.

        Args:
            fields: API names of the fields to read, by module; all fields of those not named.
            restart: Whether to begin from nothing, with all records.

        Returns:
            An async generator.

        Raises:
            aiozcrm.errors.FeedIncompleteError: If Zoho no longer tells of all deletions. Use
                *restart* then.
            aiozcrm.errors.ZohoError: If a call failed, or the channel is not open; the class says
                why.
        """
        from aiozcrm.resources.records import Records  # noqa: PLC0415  # most need it late

        self._check_open()
        for module in dict.fromkeys(event.partition(".")[0] for event in self._state.events):
            if module == "users":
                # They are no records, and have no feed.
                continue
            since = None if restart else _since(self._state.cursors[module])
            names = (fields or {}).get(module)
            records: Records[dict[str, Any]] = Records(self._api, module=module)
            async with records.changes(since, fields=names) as feed:
                async for batch in feed:
                    yield Missed(module=module, upserted=batch.upserted, deleted=batch.deleted)
            await self._keep_cursor(module, feed.cursor)

    def _check_open(self) -> None:
        if not self._state.channel_id:
            raise ZohoError("The channel is not open.", hint="Use it within 'async with'.")

    async def _keep_cursor(self, module: str, cursor: str) -> None:
        """Keep how far a module was caught up with, for all workers."""
        mine = self._state
        self._state = attrs.evolve(mine, cursors={**mine.cursors, module: cursor})
        # Otherwise it comes once more, which does no harm.
        with contextlib.suppress(StoreLockedError):
            async with self._store.lock() as held:
                kept = await self._store.load()
                if held and kept is not None and kept.channel_id:
                    cursors = {**kept.cursors, module: cursor}
                    await self._store.save(attrs.evolve(kept, cursors=cursors))

    async def __aenter__(self) -> Self:
        if self._keeping is not None:
            raise ZohoError("The channel is open already.")
        # The frames know the token.
        with HidingFrames():
            await self._renew(starts=True)
        self._keeping = asyncio.create_task(self._keep(), name="aiozcrm: channel")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            await until_ended(keeping)
        if self._drop:
            with HidingFrames():
                await self._end()

    async def _end(self) -> None:
        """End the channel, here and for all workers.

        Raises:
            aiozcrm.errors.ZohoError: If Zoho did not end it.
        """
        async with self._store.lock() as held:
            report = await self._calls.disable_many([self._state.channel_id])
            error = report.outcomes[0].error
            if error is not None and not isinstance(error, NotFoundError):
                raise error
            self._state = ChannelState()
            if held:
                await self._store.save(self._state)

    async def _keep(self) -> None:
        """Renew the channel again and again."""
        clock = self._api.clock
        failures, pause = 0, self._state.renew_at - clock.wall()
        while True:
            # By whichever clock is the faster: one may stand still, or be set back.
            ends = clock.monotonic() + pause, clock.wall() + pause
            while (left := min(ends[0] - clock.monotonic(), ends[1] - clock.wall())) > 0:
                await clock.sleep(min(left, _LOOK_AGAIN))
            try:
                await self._renew(starts=False)
            except (ClientClosedError, WrongEventLoopError):
                return
            except Exception as error:  # noqa: BLE001  # it must not end in silence
                failures += 1
                hide_frames(error)
                known = error if isinstance(error, ZohoError) else _unexpected(error)
                pause = self._failed(known, failures)
            else:
                failures, pause = 0, self._state.renew_at - clock.wall()

    async def _renew(self, *, starts: bool) -> None:
        """Renew the channel, unless another worker has done so.

        Args:
            starts: Whether to check that it is as this worker wants it, and there at all.

        Raises:
            aiozcrm.errors.ZohoError: If it could not be renewed.
        """
        async with self._store.lock() as held:
            kept = await self._store.load()
            kept = self._state if kept is None or not kept.channel_id else kept
            # What another worker wanted when it started later is what all want.
            state = self._as_wanted(kept) if starts or not kept.channel_id else kept
            due_in = kept.renew_at - self._api.clock.wall()
            is_news = starts or kept.expires_at != self._state.expires_at
            # By a clock that was wrong it may seem to live for longer than any channel does.
            if state == kept and is_news and 0 < due_in <= LONGEST_LIFE:
                if not starts or await self._is_there(kept):
                    is_new, self._state = kept.expires_at != self._state.expires_at, kept
                    if is_new:
                        self._tell(kept, opened=False, from_store=True)
                    return
                state = attrs.evolve(state, expires_at=0.0)
            self._state = await self._ask(state)
            if held:
                await self._store.save(self._state)

    def _as_wanted(self, kept: ChannelState) -> ChannelState:
        """Return the channel as this worker wants it, with what is known of it."""
        wanted = self._wanted
        made_up = str(int(self._digest[:15], 16))
        return attrs.evolve(
            kept,
            channel_id=wanted.channel_id or kept.channel_id or made_up,
            token=wanted.token or kept.token or secrets.token_urlsafe(32),
            url=wanted.url,
            events=wanted.events,
            options=wanted.options,
        )

    async def _is_there(self, state: ChannelState) -> bool:
        """Return whether Zoho knows the channel."""
        try:
            return bool(await self._calls.list(channel_id=state.channel_id))
        except (PermissionDeniedError, ScopeError):
            # Who may open channels need not be allowed to list them.
            return True

    async def _ask(self, state: ChannelState) -> ChannelState:
        """Let Zoho renew the channel, or open it, and return it with its new end."""
        opened = state.expires_at <= self._api.clock.wall()
        end = dt.datetime.fromtimestamp(self._api.zoho_time() + self._lifetime, dt.UTC)
        draft: ChannelDraft = {
            "channel_id": state.channel_id,
            "events": state.events,
            "notify_url": state.url,
            "token": state.token,
            "channel_expiry": end,
        }
        draft.update(cast(ChannelDraft, state.options))
        if not opened:
            [outcome] = (await self._calls.replace_many([draft])).outcomes
            opened = isinstance(outcome.error, NotFoundError)
        if opened:
            [outcome] = (await self._calls.enable_many([draft])).outcomes
        if outcome.error is not None:
            raise outcome.error
        life = _life_in(outcome.details, self._api.zoho_time())
        now = self._api.clock.wall()
        # What happens from now on is told, or caught up with.
        opened_at = dt.datetime.fromtimestamp(self._api.zoho_time() - _MARGIN, dt.UTC).isoformat()
        modules = {event.partition(".")[0]: opened_at for event in state.events}
        renewed = attrs.evolve(
            state,
            expires_at=now + life,
            renew_at=now + max(life / 2, _SHORTEST_PAUSE),
            cursors={**modules, **state.cursors},
        )
        self._tell(renewed, opened=opened, from_store=False)
        return renewed

    def _tell(self, state: ChannelState, *, opened: bool, from_store: bool) -> None:
        left = state.expires_at - self._api.clock.wall()
        self._emit(ChannelRenewed(state.channel_id, left, opened=opened, from_store=from_store))

    def _failed(self, error: ZohoError, failures: int) -> float:
        """Tell of a failure, and return after how many seconds to try again."""
        left = self._state.expires_at - self._api.clock.wall()
        longest = min(_LONGEST_PAUSE, max(left / 8, _FIRST_PAUSE))
        delay = min(_FIRST_PAUSE * 2.0 ** min(failures - 1, 10), longest)
        if isinstance(error, StoreLockedError):
            # Another worker is at it.
            return delay
        logger.warning(
            "channel %s was not renewed and ends in %.0f s; next try in %.0f s: %s: %s",
            self._state.channel_id,
            left,
            delay,
            type(error).__name__,
            error.message,
        )
        self._emit(ChannelRenewalFailed(self._state.channel_id, error, left, delay))
        return delay

    def _store_failed(self, step: Step, error: Exception) -> None:
        words = redact(str(error), [self._state.token])
        logger.warning("the channel store failed (%s): %s: %s", step, type(error).__name__, words)
        self._emit(ChannelStoreFailed(step, error))


def make_channel(
    api: Api,
    events: Iterable[str],
    *,
    url: str,
    store: ChannelStore | None,
    token: str | None,
    channel_id: str | int | None,
    lifetime: float,
    drop: bool,
    options: Mapping[str, Any],
) -> Channel:
    """Return a channel, when all that can be checked without Zoho was checked."""
    check_url(url)
    if token is not None:
        check_token(token)
    if not 0 < lifetime <= LONGEST_LIFE:
        raise InvalidInputError(
            f"A channel cannot live for {lifetime:g} s.",
            hint="Zoho allows a week at most, and makes more than that an hour.",
        )
    wanted = ChannelState(
        channel_id="" if channel_id is None else check_record_id(channel_id),
        token=token or "",
        url=url,
        events=tuple(check_events(events)),
        # As a store will hand them out again.
        options=json.loads(json_bytes({k: v for k, v in options.items() if v is not None})),
    )
    if store is None:
        if not api.channel_stores:
            api.channel_stores.append(MemoryChannelStore())
        [store] = api.channel_stores
    return Channel(api, wanted, store=store, lifetime=lifetime, drop=drop)


def _unexpected(error: Exception) -> ZohoError:
    """Return the error for what nobody foresaw, such as a state that a store has damaged."""
    told = ZohoError(f"The channel was not renewed: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told


def _since(cursor: str) -> str | dt.datetime:
    """Return where a feed begins: the cursor of an earlier one, or the opening of the channel."""
    try:
        return dt.datetime.fromisoformat(cursor)
    except ValueError:
        return cursor


def _life_in(details: Mapping[str, Any], now: float) -> float:
    """Return how many seconds a channel lives, by the answer to its renewal.

    What was asked for does not count: more than a week becomes an hour.
    """
    events = details.get("events")
    ends: list[float] = []
    for event in events if isinstance(events, Sequence) else ():
        told = event.get("channel_expiry") if isinstance(event, Mapping) else None
        try:
            moment = dt.datetime.fromisoformat(str(told))
        except ValueError:
            continue
        if moment.tzinfo is not None:
            ends.append(moment.timestamp())
    return max(min(ends) - now, 0.0) if ends else _UNTOLD_LIFE
