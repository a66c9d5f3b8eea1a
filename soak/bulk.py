"""A phase of its own: rows are written and read by bulk jobs."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from rates import BRUTAL, REALISTIC_TOKENS
from records import RETRIES, UNIQUE, Books
from stage import Stage

from aiozcrm import ZohoCRM
from aiozcrm.errors import ZohoError

__all__ = ["bulk_calls"]

#: How many rows a job writes.
_ROWS: Final = 100
#: Of so many rows one is wrong, and is to fail.
_WRONG: Final = 7
#: How often a job is begun that could not be.
_STARTS: Final = 5
#: How often a reading may be taken up again.
_TRIES: Final = 200


async def bulk_calls(stage: Stage) -> None:
    """Write leads by jobs and read them by jobs, and take each row to the account."""
    await stage.server.order("add_field", module="Leads", name=UNIQUE)
    await stage.mix(BRUTAL, REALISTIC_TOKENS)
    async with stage.client(retries=RETRIES) as zoho:
        books = Books(stage=stage, zoho=zoho)
        jobs = max(2, stage.size // _ROWS)
        turns = asyncio.Semaphore(8)
        await asyncio.gather(*(_write(books, number, turns) for number in range(jobs)))
        there: dict[str, str] = await stage.server.order("leads")
        for _ in range(2):
            await _read(stage, zoho, there)


async def _write(books: Books, number: int, turns: asyncio.Semaphore) -> None:
    """Let a job insert rows, or another one upsert them twice."""
    rows = [_row(f"bulk{number}", each) for each in range(_ROWS)]
    async with turns:
        if number % 2:
            await _run(books, "create", rows, operation="insert")
            return
        for _ in range(2):
            await _run(books, "upsert", rows, operation="upsert", find_by=UNIQUE)


def _row(kind: str, number: int) -> dict[str, Any]:
    """Return a row, of which some have no name, without which Zoho takes none."""
    name = f"Guest {number}" if number % _WRONG else ""
    return {"Last_Name": name, "Email": f"{kind}x{number}@x.example", UNIQUE: f"{kind}x{number}"}


async def _run(books: Books, verb: str, rows: list[dict[str, Any]], **options: Any) -> None:
    stage, told = books.stage, None
    for _ in range(_STARTS):
        work = books.zoho.bulk_write.run("Leads", rows, **options)
        told, error = await stage.single(work, "bulk writes")
        if error is None:
            break
        # Nothing was sent: what the columns are could not be read.
        if error.maybe_done:
            stage.watch.complain(f"a bulk write raised instead of telling of rows: {error!r}")
        await stage.rest(error)
    if told is not None:
        for row, outcome in zip(rows, told.outcomes, strict=True):
            books.note(verb, row["Email"], outcome, by_job=True)
        await stage.rest(*(outcome.error for outcome in told.outcomes))


async def _read(stage: Stage, zoho: ZohoCRM, there: dict[str, str]) -> None:
    """Read all leads, taken up again after each failure, and complain unless each comes once."""
    cursor, found = None, []
    for _ in range(_TRIES):
        rows = zoho.bulk_read.rows("Leads", fields=["Email"], cursor=cursor)
        try:
            async for row in rows:
                found.append((row["id"], row["Email"]))
                if stage.luck.random() < 0.5 / _ROWS:
                    break
            else:
                stage.counts["bulk reads"] += 1
                break
        except ZohoError as error:
            stage.watch.search_error(error)
            stage.counts["bulk reads that were taken up again"] += 1
            await stage.rest(error)
        finally:
            await rows.aclose()
        cursor = rows.cursor
    if sorted(found) != sorted(there.items()):
        stage.watch.complain(f"bulk reads gave {len(found)} leads, and there are {len(there)}")
