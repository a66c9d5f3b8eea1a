"""A process that deletes links, and may be killed at any moment."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

from fast_time import FastTime
from stores import make_store
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
        await zoho.delete_unsubscribe_links(job["ids"], on_outcome=_tell)
    os.write(1, json.dumps(tally.counts).encode() + b"\n")


def _tell(outcome: Outcome) -> None:
    # By one system call, which a kill does not cut in two.
    told = [outcome.id, outcome.status, outcome.attempts]
    os.write(1, json.dumps(told).encode() + b"\n")
