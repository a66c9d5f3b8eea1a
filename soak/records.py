"""A phase of its own: records are written, read and deleted by the hundred, and accounted for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import attrs
from judge import RowClaim
from rates import BRUTAL, REALISTIC_TOKENS
from stage import Stage

from aiozcrm import BatchReport, Outcome, RetryPolicy, ZohoCRM
from aiozcrm.errors import ZohoError

__all__ = ["RETRIES", "UNIQUE", "Books", "record_calls"]

_Row = dict[str, Any]

#: Zoho keeps it unique, so rows with one may be sent again after a lost answer.
UNIQUE: Final = "Badge"

#: A call takes a hundred rows, so there are few: each is tried longer.
RETRIES: Final = RetryPolicy(attempts=8)


async def record_calls(stage: Stage) -> None:
    """Write and read leads in the middle of trouble, and take each row to the account."""
    await stage.server.order("add_field", module="Leads", name=UNIQUE)
    await stage.mix(BRUTAL, REALISTIC_TOKENS)
    share = max(20, stage.size // 4)
    async with stage.client(retries=RETRIES) as zoho:
        books = Books(stage=stage, zoho=zoho)
        await books.write("create", _rows("plain", share))
        await books.write("create", _rows("keyed", share), key=UNIQUE)
        for _ in range(2):
            await books.write("upsert", _rows("upserted", share), duplicate_check_fields=["Email"])
        # What the server holds, since some of it is in doubt.
        there: dict[str, str] = await stage.server.order("leads")
        ours = {own: address for own, address in there.items() if "upserted" not in address}
        await books.write(
            "update", [{"id": own, "City": "x", "Email": a} for own, a in ours.items()]
        )
        await books.look(there)
        await books.delete(ours)
    await stage.mix({})
    async with stage.client() as zoho:
        books = attrs.evolve(books, zoho=zoho)
        left: dict[str, str] = await stage.server.order("leads")
        await books.look(left, must=True)


@attrs.define(eq=False, kw_only=True)
class Books:
    """Makes calls and keeps an account of them.

    Attributes:
        stage: Where.
        zoho: Makes the calls.
    """

    stage: Stage
    zoho: ZohoCRM

    async def write(self, verb: str, rows: Sequence[_Row], **options: Any) -> None:
        """Write rows by one batch of any form, and take all outcomes to the account."""
        leads = self.zoho.records("Leads")
        many = getattr(leads, f"{verb}_many")
        stream = getattr(leads, f"iter_{verb}_many")
        outcomes = await self._run(rows, many, stream, options)
        for row, outcome in zip(rows, outcomes, strict=True):
            self.note(verb, row["Email"], outcome, asked=row.get("id", ""))
        await self.stage.rest(*(outcome.error for outcome in outcomes))

    async def delete(self, there: dict[str, str]) -> None:
        """Delete leads, by their ids."""
        leads = self.zoho.records("Leads")
        outcomes = await self._run(list(there), leads.delete_many, leads.iter_delete_many, {})
        for own, outcome in zip(there, outcomes, strict=True):
            self.note("delete", there[own], outcome, asked=own)

    async def _run(
        self,
        inputs: Sequence[Any],
        many: Callable[..., Awaitable[BatchReport]],
        stream: Callable[..., AsyncIterator[Outcome]],
        options: dict[str, Any],
    ) -> Sequence[Outcome]:
        """Return one outcome for each input, in their order."""
        form = self.stage.luck.choice(("list", "generator", "async generator"))
        if form == "list":
            return (await many(inputs, **options)).outcomes
        given = iter(inputs) if form == "generator" else _slowly(inputs)
        outcomes = [outcome async for outcome in stream(given, **options)]
        outcomes.sort(key=lambda outcome: outcome.index or 0)
        places = [outcome.index for outcome in outcomes]
        if places != list(range(len(inputs))):
            self.stage.watch.complain(f"{len(inputs)} rows, but {len(places)} outcomes, or others")
        return outcomes

    def note(
        self, verb: str, address: str, outcome: Outcome, *, asked: str = "", by_job: bool = False
    ) -> None:
        """Take the outcome of a row to the account."""
        stage = self.stage
        cause = type(outcome.error).__name__ if outcome.error else ""
        own = asked or outcome.id
        stage.rows.append(
            RowClaim(verb, address, own, outcome.status, outcome.attempts, cause, by_job)
        )
        stage.counts[f"rows {outcome.status}"] += 1
        if asked and outcome.id != asked:
            stage.watch.complain(f"{asked} got the outcome of {outcome.id}")
        if outcome.error is not None:
            stage.watch.search_error(outcome.error)
            if not isinstance(outcome.error, ZohoError):
                stage.watch.complain(f"a row failed with a foreign error: {outcome.error!r}")

    async def look(self, there: dict[str, str], *, must: bool = False) -> None:
        """Complain if a list is neither complete nor an error."""
        work = self.zoho.records("Leads").list(fields=["Email"])
        leads, error = await self.stage.single(work, "lists of leads")
        if error is None and [*sorted(lead["id"] for lead in leads)] != sorted(there):
            self.stage.watch.complain(f"a list has {len(leads)} leads, and there are {len(there)}")
        if error is not None and must:
            self.stage.watch.complain(f"the leads could not be read: {error}")


def _rows(kind: str, count: int) -> list[_Row]:
    return [*_each(kind, count)]


def _each(kind: str, count: int) -> Iterator[_Row]:
    for number in range(count):
        row = {"Last_Name": f"Guest {number}", "Email": f"{kind}{number}@x.example"}
        yield {**row, UNIQUE: f"B{number}"} if kind == "keyed" else row


async def _slowly(inputs: Iterable[Any]) -> AsyncIterator[Any]:
    for each in inputs:
        yield each
