"""A process that deletes links, upserts rows or keeps a channel, and may be killed any time."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from typing import Any

from fast_time import FastTime
from stores import make_channel_store, make_store
from tally import Tally

from aiozcrm import Credentials, Outcome, Timeouts, ZohoCRM

__all__ = ["work"]


async def work() -> None:
    """Read a job from standard input, do it, and tell each outcome on standard output."""
    # Whoever started us looks for secrets in what we log.
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    time = FastTime(job["origin"])
    tally = Tally()
    async with ZohoCRM(
        Credentials.from_env(job["environ"]),
        token_store=make_store(job["store"], time),
        max_in_flight=job["concurrency"],
        timeout=Timeouts(request=job["request_timeout"], call=job["call_timeout"]),
        on_event=tally.receive,
        clock=time.clock,
    ) as zoho:
        if "channel" in job:
            await _keep_channel(zoho, job, time)
        elif "rows" in job:
            leads = zoho.records("Leads")
            async for outcome in leads.iter_upsert_many(
                job["rows"], duplicate_check_fields=["Email"]
            ):
                # A row is known by its place.
                _write(str(outcome.index), outcome)
        else:
            await zoho.delete_unsubscribe_links(job["ids"], on_outcome=_tell)
    os.write(1, json.dumps(tally.counts).encode() + b"\n")


async def _keep_channel(zoho: ZohoCRM, job: dict[str, Any], time: FastTime) -> None:
    """Keep a channel until somebody kills us."""
    store = make_channel_store(job["store"], time)
    channel = zoho.channel(["Leads.all"], url=job["channel"], store=store, lifetime=job["lifetime"])
    async with channel:
        _write(channel.id, Outcome(channel.id, "updated", 1))
        await asyncio.Event().wait()


def _tell(outcome: Outcome) -> None:
    _write(outcome.id, outcome)


def _write(name: str, outcome: Outcome) -> None:
    # By one system call, which a kill does not cut in two.
    cause = type(outcome.error).__name__ if outcome.error else ""
    told = [name, outcome.status, outcome.attempts, cause, outcome.id]
    os.write(1, json.dumps(told).encode() + b"\n")
