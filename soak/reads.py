"""A phase of its own: leads are read in every way, by many tasks at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import attrs
from rates import BRUTAL, REALISTIC_TOKENS
from stage import CONCURRENCY, Stage

from aiozcrm import ZohoCRM

__all__ = ["read_calls"]

#: More than a query yields in one call.
_LEADS: Final = 2_300
#: How many tasks read all of them; the others read one.
_THOROUGH: Final = 2

_Row = Mapping[str, Any]


async def read_calls(stage: Stage) -> None:
    """Let tasks read, and hold what they got against what is there."""
    there: dict[str, str] = await stage.server.order("add_leads", count=_LEADS, kind="read")
    await stage.mix(BRUTAL, REALISTIC_TOKENS)
    async with stage.client() as zoho:
        readers = [_Reader(stage=stage, zoho=zoho, there=there) for _ in range(CONCURRENCY)]
        times = max(4, stage.size // CONCURRENCY)
        await asyncio.gather(
            *(reader.read_all(max(1, times // 20)) for reader in readers[:_THOROUGH]),
            *(reader.read_one(times) for reader in readers[_THOROUGH:]),
        )


@attrs.define(eq=False, kw_only=True)
class _Reader:
    """Somebody who reads leads.

    Attributes:
        stage: Where.
        zoho: Makes the calls.
        there: The addresses of all leads, by id.
    """

    stage: Stage
    zoho: ZohoCRM
    there: Mapping[str, str]

    async def read_one(self, times: int) -> None:
        """Read some lead, in any way, so many times."""
        leads = self.zoho.records("Leads")
        kinds: Mapping[str, Callable[[str, str], Awaitable[Any]]] = {
            "gets of leads": lambda own, _: leads.get(own),
            "searches": lambda _, address: leads.search(email=address),
            "finds": lambda _, address: leads.find(Email=address),
            "queries": lambda _, address: self.zoho.query(
                "select Email from Leads where Email = {address}", address=address
            ),
        }
        for _ in range(times):
            kind = self.stage.luck.choice(list(kinds))
            own = self.stage.luck.choice(list(self.there))
            found, error = await self.stage.single(kinds[kind](own, self.there[own]), kind)
            await self.stage.rest(error)
            if error is None:
                self._compare(kind, [found] if isinstance(found, dict) else found, [own])

    async def read_all(self, times: int) -> None:
        """Read all leads, in each way that takes many calls, so many times."""
        leads = self.zoho.records("Leads")
        kinds: Mapping[str, Callable[[], Awaitable[Any]]] = {
            "lists of leads": lambda: leads.list(fields=["Email"]),
            "queries of all": lambda: self.zoho.query("select Email from Leads"),
            "queries in order": lambda: self.zoho.query(
                "select Email from Leads where Email is not null order by Email desc"
            ),
        }
        for _ in range(times):
            for kind, call in kinds.items():
                found, error = await self.stage.single(call(), kind)
                await self.stage.rest(error)
                if error is None:
                    self._compare(kind, found, list(self.there))

    def _compare(self, kind: str, found: list[_Row], wanted: list[str]) -> None:
        """Complain unless exactly what was wanted was found."""
        told = {row["id"]: row["Email"] for row in found}
        if len(found) != len(wanted) or told != {own: self.there[own] for own in wanted}:
            self.stage.watch.complain(f"{kind}: {len(found)} leads instead of {len(wanted)}")
