"""Notifications: what Zoho tells your service when records change."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, NotRequired, TypedDict

from aiozcrm._protocol import ApiCall, Json, Reply, error_of, results_of
from aiozcrm.batch import (
    BatchReport,
    Chunk,
    Inputs,
    OnOutcome,
    Outcome,
    OutcomeStatus,
    Rows,
)
from aiozcrm.errors import (
    ApiError,
    InvalidDataError,
    RateLimitError,
    Result,
    ServerError,
    ZohoError,
)
from aiozcrm.resources._behaviours import Pages, Paging, Removing, check_record_id
from aiozcrm.resources._channel_drafts import channel_draft, check_events
from aiozcrm.resources._results import channel_in

__all__ = ["ChannelDetails", "ChannelDraft", "Notifications"]

#: How many channels go into one call. Zoho names no limit.
_PER_CALL: Final = 10


class ChannelDraft(TypedDict, total=False):
    """What can be set on a channel.

    ``channel_id`` is a number that you choose; it comes back with each notification. ``events``
    are such as ``Leads.create``, ``Leads.edit``, ``Leads.delete`` or ``Leads.all``.
    ``notify_url`` is where Zoho sends them, and ``token`` comes back with each of them: up to 50
    characters that prove where it comes from. ``channel_expiry`` is an aware datetime, or its
    text in ISO form, at most a week from now; without it a channel lives for an hour.
    ``notify_on_related_action`` is true unless you say otherwise.
    """

    channel_id: str | int
    events: Sequence[str]
    notify_url: str
    token: str
    channel_expiry: str | dt.datetime
    return_affected_field_values: bool
    notify_on_related_action: bool
    notification_condition: Sequence[Mapping[str, Any]]


class ChannelDetails(TypedDict):
    """A channel, as far as it is about one module.

    ``events`` names each operation, even if you have asked for ``all``. The ``token`` is shown in
    clear.
    """

    channel_id: str
    resource_name: str
    events: list[str]
    channel_expiry: str
    notify_url: str
    token: NotRequired[str | None]
    resource_id: NotRequired[str]
    resource_uri: NotRequired[str]
    return_affected_field_values: NotRequired[bool]
    notify_on_related_action: NotRequired[bool]
    notification_condition: NotRequired[list[dict[str, Any]] | None]
    fields: NotRequired[dict[str, Any] | None]


class Notifications(Paging[ChannelDetails], Removing):
    """The channels by which Zoho tells your service when records change.

    :meth:`ZohoCRM.channel() <aiozcrm.ZohoCRM.channel>` keeps one alive; these are the calls
    behind it.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/notifications/get-details.html
    - enable_many: https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html
    - replace_many: https://www.zoho.com/crm/developer/docs/api/v7/notifications/update-details.html
    - update_many: https://www.zoho.com/crm/developer/docs/api/v7/notifications/update-info.html
    - disable_many: https://www.zoho.com/crm/developer/docs/api/v7/notifications/disable.html
    - disable_events:
      https://www.zoho.com/crm/developer/docs/api/v7/notifications/specific-disable.html

    A channel belongs to the user behind the token and lives for a week at most. One that is to
    live longer, or does not say how long, lives for an hour: believe the ``channel_expiry`` in
    the details of the outcome. A channel that has expired is not found.
    Calls need the scope ``ZohoCRM.notifications.ALL``, or the one of the operation.
    """

    path = "actions/watch"
    key = "watch"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.notifications.{operation}",)
    per_delete: ClassVar[int | None] = _PER_CALL
    ids_as: ClassVar[str] = "channel_ids"

    async def list(
        self, *, channel_id: str | int | None = None, module: str | None = None
    ) -> Sequence[ChannelDetails]:
        """Return the channels of the user behind the token, one item for each of their modules.

        Args:
            channel_id: Only this channel.
            module: Only what is about this module, by its API name.

        Returns:
            The channels, as Zoho sent them.

        Raises:
            aiozcrm.errors.InvalidInputError: If *channel_id* is none; nothing is sent.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [item async for item in self.iter(channel_id=channel_id, module=module)]

    def iter(
        self, *, channel_id: str | int | None = None, module: str | None = None
    ) -> Pages[ChannelDetails]:
        """Yield the same one after the other. See :meth:`list`.

        Args:
            channel_id: As for :meth:`list`.
            module: As for :meth:`list`.
        """
        own = None if channel_id is None else check_record_id(channel_id)
        return self._iter(query={"channel_id": own, "module": module})

    async def enable_many(
        self,
        channels: Iterable[ChannelDraft] | AsyncIterable[ChannelDraft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Open channels, and account for every one.

        The id of a channel is yours, so a call whose answer was lost is sent again: it opens the
        same channel.

        Args:
            channels: What to open, each with ``channel_id``, ``events`` and ``notify_url``.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in their order. One that is ``created`` has an entry for each
            module under ``details["events"]``.

        Raises:
            aiozcrm.errors.InvalidInputError: If a channel of a list cannot be: its id, an event,
                its address, a token of more than 50 characters, an expiry more than a week away;
                nothing is sent.
            TypeError: If one is of a wrong type; nothing is sent.
        """
        return await self._write("POST", channels, "created", concurrency, on_outcome)

    async def replace_many(
        self,
        channels: Iterable[ChannelDraft] | AsyncIterable[ChannelDraft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Set all of channels anew, and account for every one. What is left out is removed.

        Args:
            channels: As for :meth:`enable_many`.
            concurrency: As for :meth:`enable_many`.
            on_outcome: As for :meth:`enable_many`.

        Returns:
            What became of each, in their order. It is ``updated``, or ``failed`` with
            :class:`~aiozcrm.errors.NotFoundError` if there is no such channel any more.

        Raises:
            aiozcrm.errors.InvalidInputError: As for :meth:`enable_many`.
            TypeError: If one is of a wrong type; nothing is sent.
        """
        return await self._write("PUT", channels, "updated", concurrency, on_outcome)

    async def update_many(
        self,
        channels: Iterable[ChannelDraft] | AsyncIterable[ChannelDraft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Change some of channels, and account for every one. What is left out stays.

        Args:
            channels: What to change, each with its ``channel_id``.
            concurrency: As for :meth:`enable_many`.
            on_outcome: As for :meth:`enable_many`.

        Returns:
            As for :meth:`replace_many`.

        Raises:
            aiozcrm.errors.InvalidInputError: As for :meth:`enable_many`.
            TypeError: If one is of a wrong type; nothing is sent.
        """
        return await self._write("PATCH", channels, "updated", concurrency, on_outcome)

    async def disable_events(self, id: str | int, events: Iterable[str], /) -> Outcome:
        """Take events away from a channel, which keeps all others.

        Args:
            id: The channel.
            events: Such as ``Leads.edit``.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id, or an event cannot be; nothing is
                sent.
            aiozcrm.errors.NotFoundError: If there is no such channel, or it has expired.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If one is of a wrong type; nothing is sent.
        """
        own = check_record_id(id)
        item = {"channel_id": own, "events": check_events(events), "_delete_events": True}
        return await self._act("PATCH", items=[item], status="updated", own=own, repeatable=True)

    async def disable_many(
        self,
        ids: Inputs,
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """End channels, and account for every one.

        Args:
            ids: The channels. One that is given twice is ended once.
            concurrency: As for :meth:`enable_many`.
            on_outcome: As for :meth:`enable_many`.

        Returns:
            What became of each, in their order. It is ``deleted``, or ``not_found`` if there is
            no such channel, or it has expired.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id of a list is none; nothing is sent.
            TypeError: If an id of a list is of a wrong type; nothing is sent.
        """
        return await self._deletion(concurrency, on_outcome).report(ids)

    async def _write(
        self,
        method: str,
        channels: Iterable[ChannelDraft] | AsyncIterable[ChannelDraft],
        status: OutcomeStatus,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
    ) -> BatchReport:
        async def send(chunk: Chunk[Mapping[str, Any]]) -> Sequence[Outcome]:
            outcomes = await self._send_chunk(
                method,
                list(map(_name, chunk.rows)),
                status=status,
                body=Json({self.key: chunk.rows}),
                repeatable=True,
            )
            for outcome in outcomes:
                error = outcome.error
                if (
                    isinstance(error, InvalidDataError)
                    and error.details.get("api_name") == "events"
                ):
                    error.hint = "Check the API names of the modules: see zoho.modules.list()."
            return outcomes

        def read(raw: object) -> Mapping[str, Any]:
            return channel_draft(raw, now=self._api.zoho_time(), whole=method != "PATCH")

        batch = self._batch(
            send,
            Rows(read=read, name=_name, keys=_keys, per_call=_PER_CALL),
            about=f"{method} {self.path}",
            concurrency=concurrency,
            on_outcome=on_outcome,
        )
        return await batch.report(channels)

    def _splits(self, error: ZohoError) -> bool:
        # It may be the fault of one of the channels.
        return isinstance(error, ApiError) and not isinstance(error, (RateLimitError, ServerError))

    def _account(self, call: ApiCall, reply: Reply, names: Sequence[str]) -> Sequence[Result]:
        """Return one result for each channel, of which there may be one for each module.

        An error names no channel: it belongs to the next one that nothing else is said of. The
        only one of several is that of the whole call.
        """
        results = results_of(reply.data, self.key)
        if len(names) > 1 and len(results) == 1 and results[0].failed:
            raise error_of(results[0], call, reply, results=results)
        told: dict[str, Result] = {}
        nameless: list[Result] = []
        for result in results:
            own = channel_in(result) or (names[0] if len(names) == 1 else None)
            if own is None:
                nameless.append(result)
            elif own not in told or result.failed:
                told[own] = result
        left = [name for name in names if name not in told]
        if len(left) != len(nameless) or not told.keys() <= set(names):
            return results
        told.update(zip(left, nameless, strict=True))
        return [told[name] for name in names]


def _name(channel: Mapping[str, Any]) -> str:
    name: str = channel["channel_id"]
    return name


def _keys(channel: Mapping[str, Any]) -> tuple[Hashable]:
    return (channel["channel_id"],)
