"""The local Zoho of a soak, as a process that can be killed and started again.

Reads one order a line from its standard input, as JSON, and answers each with a line of JSON. The
first is the order to start; until then a process stands by, so that a restart takes no time.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fast_time import FastTime
from ledger import Ledger, keep_ledger, replay

from aiozcrm.testing import Clock, FakeZoho, Fault, Limits, TokenLimits

__all__ = ["serve"]


class _Server:
    """Carries out orders.

    Args:
        ledger: Where the truth is kept.
        settings: What the fake is made with.
        origin: When the soak began.
    """

    def __init__(self, ledger: Ledger, settings: Mapping[str, Any], origin: float) -> None:
        now = FastTime(origin).now
        self._ledger = ledger
        self._fake = FakeZoho(
            clock=Clock(monotonic=now, wall=now),
            limits=Limits(unsubscribe_links=math.inf, **settings.get("limits", {})),
            tokens=TokenLimits(**settings.get("tokens", {})),
            latency=settings.get("latency", 0.0),
            port=settings.get("port", 0),
        )
        replay(ledger, self._fake)
        asks = keep_ledger(ledger, self._fake, now=now)
        self._orders: dict[str, Callable[..., Any]] = {
            "add_links": self._add_links,
            "mix": self._mix,
            "set": self._set,
            "expire": self._fake.expire_tokens,
            "settle": asks.settle,
            "add_field": self._add_field,
            "add_leads": self._add_leads,
            "channels": lambda: self._fake.notifications.ids,
            "end_channels": self._end_channels,
            "leads": self._leads,
            "link_ids": lambda: self._fake.unsubscribe_links.ids,
            "secrets_in_query": lambda: self._fake.stats.secrets_in_query,
        }

    async def start(self) -> dict[str, Any]:
        """Listen, and return what clients have to know."""
        await self._fake.start()
        return {"environ": self._fake.environ(), "default": self._fake.unsubscribe_links.default_id}

    def obey(self, order: str, arguments: Mapping[str, Any]) -> Any:
        """Do what is asked for and return what is to be answered."""
        return self._orders[order](**arguments)

    async def close(self) -> None:
        """Stop listening."""
        await self._fake.close()

    def _add_links(self, *, count: int, used: int = 0) -> list[str]:
        made = self._fake.unsubscribe_links.add_many(count)
        for link_id in made:
            self._ledger.write("link", link_id)
        for link_id in made[:used]:
            self._fake.unsubscribe_links.add_association(link_id, "Newsletter")
        return made

    def _add_leads(self, *, count: int, kind: str) -> dict[str, str]:
        """Add leads as somebody in Zoho's own pages would, and return their addresses by id."""
        leads, there = self._fake.records("Leads"), {}
        for number in range(count):
            address = f"{kind}{number}@x.example"
            there[leads.add(Last_Name=f"Guest {number}", Email=address)] = address
        return there

    def _end_channels(self) -> None:
        """Forget all channels, as Zoho might at any time."""
        for channel_id in self._fake.notifications.ids:
            self._fake.notifications.remove(channel_id)

    def _add_field(self, *, module: str, name: str) -> None:
        self._fake.fields.add(module, name, unique=True)

    def _leads(self) -> dict[str, str]:
        return {lead["id"]: lead["Email"] for lead in self._fake.records("Leads").all()}

    def _mix(
        self, *, rates: Mapping[str, float], token_rates: Mapping[str, float], seed: int
    ) -> None:
        for plan, given in ((self._fake.faults, rates), (self._fake.token_faults, token_rates)):
            plan.retry_after, plan.hang, plan.slow = "20", 60.0, 0.05
            plan.mix({Fault(name): rate for name, rate in given.items()}, seed=seed)

    def _set(self, **values: float | bool | None) -> None:
        for name, value in values.items():
            setattr(self._fake, name, value)


async def serve(ledger_path: Path) -> None:
    """Obey orders until standard input ends."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    first = await orders.readline()
    if not first:
        return
    ledger = Ledger(ledger_path)
    ledger.drop_cut_line()
    server = _Server(ledger, **json.loads(first))
    _answer(await server.start())
    async for line in orders:
        order, arguments = json.loads(line)
        _answer(server.obey(order, arguments))
    await server.close()
    ledger.close()


def _answer(told: Any) -> None:
    print(json.dumps(told), flush=True)
