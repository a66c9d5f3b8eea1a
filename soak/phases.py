"""The phases of a soak: each a kind of trouble, with calls in the middle of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from bulk import bulk_calls
from channels import channel_calls
from fast_time import FastTime
from judge import UNKNOWN, RowClaim
from mixed import mixed_calls
from processes import WorkerProcess
from rates import BRUTAL, BRUTAL_TOKENS, REALISTIC, REALISTIC_TOKENS, STORM
from reads import read_calls
from records import record_calls
from stage import CONCURRENCY, Stage

from aiozcrm import Outcome, ZohoCRM

__all__ = ["ALTERNATING", "PHASES", "Phase"]


@attrs.frozen(kw_only=True)
class Phase:
    """A kind of trouble.

    Attributes:
        about: What goes wrong, in a few words.
        run: Makes the calls.
        weight: How many times the usual number of calls.
        settings: What the local Zoho is made with.
        many_processes: Whether its clients run in processes of their own.
        pauses: Whether its calls wait for processes or for time to pass, so that it says nothing
            of them if no request ends for long.
    """

    about: str
    run: Callable[[Stage], Awaitable[None]]
    weight: float = 1.0
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    many_processes: bool = False
    pauses: bool = False


#: Into how many batches the calls of the phase that comes most often are split.
_BATCHES: Final = 4


async def _realistic(stage: Stage) -> None:
    await stage.mix(REALISTIC, REALISTIC_TOKENS)
    async with stage.client() as zoho:
        for _ in range(_BATCHES):
            await stage.delete_all(zoho, await _inputs(stage, stage.size // _BATCHES))


async def _brutal(stage: Stage) -> None:
    await stage.mix(BRUTAL, BRUTAL_TOKENS)
    async with stage.client() as zoho:
        await stage.delete_all(zoho, await _inputs(stage, stage.size))


async def _inputs(stage: Stage, count: int) -> list[str]:
    """Return new links, ids that never were there, the Default link and duplicates, mixed."""
    links = await stage.add_links(count)
    never = [str(stage.luck.randrange(1, 10**9)) for _ in range(1 + count // 50)]
    inputs = [*links, *never, stage.server.default, *links[: count // 50]]
    stage.luck.shuffle(inputs)
    return inputs


async def _too_many(stage: Stage) -> None:
    await stage.mix(STORM)
    async with stage.client() as zoho:
        await stage.delete_all(zoho, await stage.add_links(stage.size))


async def _credits(stage: Stage) -> None:
    links = await stage.add_links(stage.size)
    await stage.mix(REALISTIC)
    await stage.server.order("set", credits=len(links) // 2)
    async with stage.client() as zoho:
        await stage.delete(zoho, links)


async def _tokens(stage: Stage) -> None:
    await stage.mix(REALISTIC, BRUTAL_TOKENS)
    links = await stage.add_links(stage.size)
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(stage.client()) for _ in range(4)]
        shares = [links[number :: len(clients)] for number in range(len(clients))]
        ending = asyncio.create_task(_end_tokens(stage))
        pairs = zip(clients, shares, strict=True)
        await asyncio.gather(*(stage.delete_all(*pair, tries=3) for pair in pairs))
        await _end(ending)


async def _end_tokens(stage: Stage) -> None:
    while True:
        await asyncio.sleep(stage.luck.uniform(0.02, 0.3))
        await stage.server.order("expire")


async def _clocks(stage: Stage) -> None:
    stage.honest = False
    await stage.mix(REALISTIC, REALISTIC_TOKENS)
    links = await stage.add_links(stage.size)
    others = [FastTime(stage.time.origin) for _ in range(2)]
    jumping = asyncio.create_task(_jump(stage, others))
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(stage.client(clock=time.clock))
            for time in (stage.time, *others)
        ]
        shares = [links[number :: len(clients)] for number in range(len(clients))]
        pairs = zip(clients, shares, strict=True)
        await asyncio.gather(*(stage.delete_all(*pair, tries=3) for pair in pairs))
    await _end(jumping)
    # From here on it is right again, and what it left in the store must not last.
    stage.time.jump = 0.0


async def _jump(stage: Stage, times: Sequence[FastTime]) -> None:
    while True:
        await asyncio.sleep(stage.luck.uniform(0.02, 0.1))
        time = stage.luck.choice(times)
        time.jump = stage.luck.choice((-90_000.0, -4000.0, -700.0, -30.0, 0.0, 30.0, 4000.0, 9e4))
        stage.counts["jumps of a clock"] += 1


async def _restarts(stage: Stage) -> None:
    links = await stage.add_links(stage.size)
    await stage.mix(REALISTIC, REALISTIC_TOKENS)
    restarting = asyncio.create_task(_restart(stage))
    async with stage.client() as zoho:
        await stage.delete_all(zoho, links)
    await restarting


async def _restart(stage: Stage) -> None:
    for _ in range(_times(stage, most=3)):
        await asyncio.sleep(stage.luck.uniform(0.0, 0.3))
        await stage.server.restart(downtime=stage.luck.choice((0.0, 0.02, 0.1)))
        await stage.mix(REALISTIC, REALISTIC_TOKENS)


async def _cancelled(stage: Stage) -> None:
    await stage.mix(REALISTIC, REALISTIC_TOKENS)
    links = await stage.add_links(stage.size)
    share = max(1, stage.size // 10)
    for first in range(0, len(links), share):
        await _cut_off(stage, links[first : first + share])


async def _cut_off(stage: Stage, ids: Sequence[str]) -> None:
    """Start a batch and cancel it, or close its client, at any moment."""
    told: list[Outcome] = []
    cancel = stage.luck.random() < 0.5
    async with stage.client() as zoho:
        batch = asyncio.create_task(_batch(zoho, ids, told, stream=stage.luck.random() < 0.5))
        single = asyncio.create_task(zoho.delete_unsubscribe_link(ids[0]))
        await asyncio.sleep(stage.luck.uniform(0, 0.2))
        if cancel:
            batch.cancel()
            single.cancel()
        else:
            await zoho.close()
        ends = await asyncio.gather(batch, single, return_exceptions=True)
    stage.counts["clients cut off"] += 1
    for error in ends:
        if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
            await stage.single(_raise(error), "calls cut off")
    outcomes = {outcome.id: outcome for outcome in told}
    if len(outcomes) != len(told):
        stage.watch.complain("a batch that was cut off told two outcomes of one link")
    # The single call may have come first, and tells nothing once it is cancelled.
    stage.note(Outcome(ids[0], UNKNOWN, 0))  # type: ignore[arg-type]  # a word of the soak's own
    for link_id in ids:
        # What is not told of has never been sent.
        stage.note(outcomes.get(link_id) or Outcome(link_id, "not_attempted", 0))


async def _batch(zoho: ZohoCRM, ids: Sequence[str], told: list[Outcome], *, stream: bool) -> None:
    if stream:
        async for _ in zoho.iter_delete_unsubscribe_links(iter(ids), on_outcome=told.append):
            pass
    else:
        await zoho.delete_unsubscribe_links(ids, on_outcome=told.append)


async def _raise(error: BaseException) -> None:
    raise error


async def _killed(stage: Stage) -> None:
    await stage.mix(REALISTIC, REALISTIC_TOKENS)
    links = await stage.add_links(stage.size)
    processes = _times(stage, most=4)
    shares = [links[number::processes] for number in range(processes)]
    await asyncio.gather(*(_killed_now_and_then(stage, share) for share in shares))


async def _killed_rows(stage: Stage) -> None:
    await stage.mix(BRUTAL, REALISTIC_TOKENS)
    processes = _times(stage, most=4)
    share = stage.size // processes
    await asyncio.gather(*(_kill_and_repeat(stage, each, share) for each in range(processes)))


async def _kill_and_repeat(stage: Stage, number: int, count: int) -> None:
    """Let a process upsert rows that is killed at any moment, and another one all of them again."""
    rows = [
        {"Last_Name": f"Guest {each}", "Email": f"killed{number}x{each}@x.example"}
        for each in range(count)
    ]
    job = {**stage.worker_job([]), "rows": rows}
    worker, heir = WorkerProcess(), WorkerProcess()
    running = asyncio.create_task(worker.run(stage.errors, job))
    await worker.has_told.wait()
    await asyncio.sleep(stage.luck.uniform(0.0, count / 10_000))
    worker.kill()
    if not await running:
        stage.counts["processes killed"] += 1
        stage.forgotten += 1
    if not await heir.run(stage.errors, job) or len(heir.outcomes) != count:
        stage.watch.complain("a process that came to its end did not tell all outcomes")
    for process in (worker, heir):
        _note_rows(stage, process, rows)


def _note_rows(stage: Stage, process: WorkerProcess, rows: Sequence[Mapping[str, str]]) -> None:
    told = {int(outcome[0]): outcome[1:] for outcome in process.outcomes}
    for place, row in enumerate(rows):
        status, attempts, cause, own = told.get(place, (UNKNOWN, 0, "", ""))
        stage.rows.append(RowClaim("upsert", row["Email"], own, status, attempts, cause))
        stage.counts[f"rows {status}"] += 1
    stage.tally.counts.update(process.counts)


async def _killed_now_and_then(stage: Stage, ids: Sequence[str]) -> None:
    """Let processes delete *ids*, of which the first is killed at any moment."""
    worker = WorkerProcess()
    running = asyncio.create_task(worker.run(stage.errors, stage.worker_job(ids)))
    if stage.luck.random() < 0.8:
        await worker.has_told.wait()
    # In the first part of its work, however long that takes.
    await asyncio.sleep(stage.luck.uniform(0.0, len(ids) / 10_000))
    worker.kill()
    finished = await running
    if not finished:
        stage.counts["processes killed"] += 1
        stage.forgotten += 1
    stage.note_worker(worker, ids, status=UNKNOWN)
    left = [link_id for link_id in ids if stage.claims[link_id][-1].status == UNKNOWN]
    heir = WorkerProcess()
    if not await heir.run(stage.errors, stage.worker_job(left)):
        stage.watch.complain("a process of a client did not come to its end")
    if len(heir.outcomes) != len(left):
        stage.watch.complain("a process that came to its end did not tell all outcomes")
    stage.note_worker(heir, left, status=UNKNOWN)


def _times(stage: Stage, *, most: int) -> int:
    """Return how often something that takes time should happen: once where calls are few."""
    return min(most, 1 + stage.size // 1000)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


_SLOW: Final = {"latency": 0.002}

PHASES: Final[Mapping[str, Phase]] = {
    "calm": Phase(
        about="batches on a bad day: every fault there is, each seldom",
        run=_realistic,
        weight=8.0,
    ),
    "brutal": Phase(
        about="batches with every fault at brutal rates, at the token endpoint as well",
        run=_brutal,
        weight=0.5,
    ),
    "mixed": Phase(
        about="all calls of the family at once: creates, updates, reads, single deletes",
        run=mixed_calls,
        weight=0.75,
        settings=_SLOW,
    ),
    "records": Phase(
        about="records by the hundred: creates, upserts, updates, lists, deletes",
        run=record_calls,
        weight=4.0,
        settings=_SLOW,
    ),
    "reads": Phase(
        about="leads read one by one and all at once: lists, searches, queries in COQL",
        run=read_calls,
        weight=0.4,
        settings=_SLOW,
    ),
    "bulk": Phase(
        about="rows written and read by bulk jobs, taken up again after each failure",
        run=bulk_calls,
        weight=1.0,
        settings={"limits": {"job_seconds": 30, "bulk_rows": 500, "bulk_downloads": 10}, **_SLOW},
    ),
    "channels": Phase(
        about="a notification channel that is forgotten, denied, deaf, and shared with processes "
        "that are killed, while leads come",
        run=channel_calls,
        weight=0.2,
        many_processes=True,
        pauses=True,
        settings=_SLOW,
    ),
    "too many": Phase(
        about="429 again and again, with and without Retry-After, and slow answers",
        run=_too_many,
        weight=0.5,
        settings={"limits": {"concurrency": CONCURRENCY // 4}, **_SLOW},
    ),
    "credits": Phase(
        about="the day's API credits run out in the middle of a batch",
        run=_credits,
        # More than half of these are used up when the phase sets what is left.
        settings={"limits": {"credits": 10**9}},
    ),
    "tokens": Phase(
        about="four clients on one store; tokens that end early, and an endpoint that fails "
        "and refuses",
        run=_tokens,
        settings={"tokens": {"lifetime": 120.0, "made": 6}},
    ),
    "clocks": Phase(
        about="wall clocks that jump by up to a day, forward and back, on one store",
        run=_clocks,
        settings={"tokens": {"lifetime": 120.0, "made": 6}},
    ),
    "restarts": Phase(
        about="the server is killed and comes back",
        run=_restarts,
        weight=2.0,
        pauses=True,
    ),
    "cancelled": Phase(
        about="batches are cancelled and clients closed in the middle",
        run=_cancelled,
    ),
    "killed": Phase(
        about="processes of clients that share a store are killed",
        run=_killed,
        weight=2.0,
        many_processes=True,
        pauses=True,
    ),
    "killed rows": Phase(
        about="processes that upsert records are killed, and others do it all again",
        run=_killed_rows,
        weight=2.0,
        many_processes=True,
        pauses=True,
    ),
}

#: A whole round: most calls of most days are calm, so each trouble has calm before it.
ALTERNATING: Final[Mapping[str, Phase]] = {
    name: phase
    for trouble in list(PHASES)[1:]
    for name, phase in (
        (f"calm before {trouble}", PHASES["calm"]),
        (trouble, PHASES[trouble]),
    )
}
