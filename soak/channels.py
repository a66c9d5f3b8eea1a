"""A phase of its own: a notification channel that several workers keep alive, with gaps."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import attrs
from aiohttp import web
from fast_time import SPEED
from processes import WorkerProcess
from rates import BRUTAL, NOTHING, REALISTIC_TOKENS
from records import RETRIES
from stage import Stage
from stores import make_channel_store

from aiozcrm import ZohoCRM
from aiozcrm.channel_stores import ChannelStore
from aiozcrm.errors import NotificationRejected, ZohoError
from aiozcrm.resources.channel import Channel

__all__ = ["channel_calls"]

#: How many fast seconds the channel lives: two that last.
LIFE: Final = 1200.0

#: How many leads come at a time.
_LEADS: Final = 20

_TRIES: Final = 60

#: What may happen beside what faults do.
_TROUBLE: Final = ("none", "forgotten", "denied", "deaf", "killed", "clean")


async def channel_calls(stage: Stage) -> None:
    """Let leads come while the channel is in trouble, and complain if one goes unnoticed."""
    store = make_channel_store(stage.place, stage.time)
    async with _listening() as service, stage.client(retries=RETRIES) as zoho:
        listener = _Listener(stage=stage, zoho=zoho, store=store, service=service)
        async with listener.open() as channel:
            await stage.mix(BRUTAL, REALISTIC_TOKENS)
            for number in range(max(len(_TROUBLE), stage.size // 100)):
                await listener.trouble(channel, _TROUBLE[number % len(_TROUBLE)], number)
            await stage.mix(NOTHING)
            await stage.server.order("set", permission_denied=False)
            # Half its life, a failed renewal's longest pause, and some.
            await asyncio.sleep(2 * LIFE / SPEED)
            await listener.catch_up(channel)
            await listener.look(channel)


class _Service:
    """A service that takes notifications, unless it is deaf.

    Attributes:
        url: Where it is.
        deaf: Whether it answers 503 and forgets what came.
        bodies: What came.
    """

    def __init__(self) -> None:
        self.url = ""
        self.deaf = False
        self.bodies: list[Any] = []

    async def take(self, request: web.BaseRequest) -> web.Response:
        """Take one notification."""
        body = await request.read()
        if self.deaf:
            return web.Response(status=503)
        self.bodies.append(json.loads(body))
        return web.Response()


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[_Service]:
    service = _Service()
    runner = web.ServerRunner(web.Server(service.take))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield service
    finally:
        await runner.cleanup()


@attrs.define(eq=False, kw_only=True)
class _Listener:
    """Somebody who wants to know of all leads.

    Attributes:
        stage: Where.
        zoho: Makes the calls.
        store: Keeps the channel.
        service: Takes the notifications.
        there: The ids of the leads that have come.
        caught: The ids of those that were caught up with.
    """

    stage: Stage
    zoho: ZohoCRM
    store: ChannelStore
    service: _Service
    there: set[str] = attrs.field(factory=set)
    caught: set[str] = attrs.field(factory=set)

    def open(self) -> Channel:
        """Return the channel."""
        return self.zoho.channel(
            ["Leads.all"], url=self.service.url, store=self.store, lifetime=LIFE
        )

    async def trouble(self, channel: Channel, kind: str, number: int) -> None:
        """Let leads come in the middle of trouble."""
        stage = self.stage
        self.service.deaf = kind == "deaf"
        await stage.server.order("set", permission_denied=kind == "denied")
        if kind == "forgotten":
            await stage.server.order("end_channels")
        if kind == "killed":
            await self._kill_a_worker()
        self.there |= set(
            await stage.server.order("add_leads", count=_LEADS, kind=f"told{number}x")
        )
        # Sometimes it ends meanwhile.
        await asyncio.sleep(stage.luck.uniform(0.0, LIFE / SPEED / 2))
        await stage.server.order("set", permission_denied=False)
        if kind != "denied":
            await self.catch_up(channel)

    async def _kill_a_worker(self) -> None:
        """Let another process share the channel, and kill it at any moment."""
        worker = WorkerProcess()
        job = {**self.stage.worker_job([]), "channel": self.service.url, "lifetime": LIFE}
        running = asyncio.create_task(worker.run(self.stage.errors, job))
        await worker.has_told.wait()
        await asyncio.sleep(self.stage.luck.uniform(0.0, LIFE / SPEED))
        worker.kill()
        if not await running:
            self.stage.counts["processes killed"] += 1
            self.stage.forgotten += 1

    async def catch_up(self, channel: Channel) -> None:
        """Catch up, again after a failure."""
        for _ in range(_TRIES):
            try:
                async for missed in channel.catch_up(fields={"Leads": ["Email"]}):
                    self.caught |= {row["id"] for row in missed.upserted}
            except ZohoError as error:
                self.stage.watch.search_error(error)
                self.stage.counts["catching up that failed"] += 1
                await asyncio.sleep((getattr(error, "retry_after", None) or 60.0) / SPEED)
            else:
                self.stage.counts["catching up"] += 1
                return
        self.stage.watch.complain("a channel could not be caught up with")

    async def look(self, channel: Channel) -> None:
        """Complain if a lead went unnoticed, or the channel is not there."""
        stage = self.stage
        if self.caught != self.there:
            lost = len(self.there - self.caught)
            stage.watch.complain(f"of {len(self.there)} leads, {lost} were not caught up with")
        if await stage.server.order("channels") != [channel.id]:
            stage.watch.complain("the channel is not there when trouble is over")
        told = set()
        for body in self.service.bodies:
            try:
                told |= set(channel.verify(body).ids)
            except NotificationRejected as error:
                stage.watch.complain(f"a notification of Zoho was rejected: {error}")
        stage.counts["leads that were notified"] += len(told)
        if not told <= self.there:
            stage.watch.complain("a lead was notified that never came")
