"""What a phase works with: a local Zoho, clients of it, and the account of all calls."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Final

import attrs
from fast_time import SPEED, FastTime
from judge import Claim, Creation, RowClaim, judge_account, missing
from processes import ServerProcess, WorkerProcess
from rates import NOTHING, Rates
from stores import make_store
from tally import Tally
from watch import Watch

from aiozcrm import Credentials, Outcome, Timeouts, TokenStore, ZohoCRM
from aiozcrm.errors import TokenThrottledError, ZohoError

__all__ = ["CONCURRENCY", "Stage"]

#: How many calls of a client are in flight at once.
CONCURRENCY: Final = 20

#: How long a request may take, in seconds that last, and a call, in fast ones.
_TIMEOUTS: Final = Timeouts(request=0.3, call=24 * 3600.0)

#: The forms in which a batch can be had.
_FORMS: Final = ("list", "generator", "async generator")

#: How often what is left over is tried again, and how many seconds lie between.
_TRIES: Final = 60
_PAUSE: Final = 0.05

#: How many fast seconds it may take until calls go through once all trouble is over: a little
#: more than the half hour of the longest silence.
_LONGEST_RECOVERY: Final = 1800.0 + 1800.0


@attrs.define(eq=False, kw_only=True)
class Stage:
    """What one phase works with.

    Attributes:
        server: The local Zoho.
        time: What tells the time.
        luck: Decides what is left to chance.
        size: How many calls the phase should make, more or less.
        place: Where the clients keep their tokens.
        folder: A folder for its files.
        errors: Where the standard error of processes goes.
        watch: Takes complaints.
        tally: Counts events.
        store: The token store of the clients of this process.
        claims: What calls said of each link that they were to delete.
        creations: What creates said, by name.
        rows: What calls said of each row of records.
        counts: How many outcomes and answers there were of each kind.
        forgotten: How many requests for tokens nobody may know of.
        honest: Whether all clocks are right.
    """

    server: ServerProcess
    time: FastTime
    luck: random.Random
    size: int
    place: str
    folder: Path
    errors: IO[bytes]
    watch: Watch
    tally: Tally
    store: TokenStore = attrs.field(init=False)
    claims: dict[str, list[Claim]] = attrs.field(factory=lambda: defaultdict(list))
    creations: dict[str, Creation] = attrs.field(factory=dict)
    rows: list[RowClaim] = attrs.field(factory=list)
    counts: defaultdict[str, int] = attrs.field(factory=lambda: defaultdict(int))
    forgotten: int = 0
    honest: bool = True

    def __attrs_post_init__(self) -> None:
        self.store = make_store(self.place, self.time)

    async def mix(self, rates: Rates, token_rates: Rates = NOTHING) -> None:
        """Let calls and requests for tokens go wrong from now on."""
        seed = self.luck.getrandbits(32)
        await self.server.order("mix", rates=rates, token_rates=token_rates, seed=seed)

    async def add_links(self, count: int, *, used: int = 0) -> list[str]:
        """Add links, of which the first few are in use, and return their ids."""
        links: list[str] = await self.server.order("add_links", count=count, used=used)
        return links

    def client(self, **options: Any) -> ZohoCRM:
        """Return a client; it shares its tokens with all others of this stage."""
        settings: dict[str, Any] = {
            "token_store": self.store,
            "max_in_flight": CONCURRENCY,
            "timeout": _TIMEOUTS,
            "on_event": self.tally.receive,
            "clock": self.time.clock,
        }
        credentials = Credentials.from_env(self.server.environ)
        return ZohoCRM(credentials, **settings | options)

    def note(self, outcome: Outcome) -> None:
        """Take an outcome to the account."""
        cause = type(outcome.error).__name__ if outcome.error else ""
        self.claims[outcome.id].append(Claim(outcome.status, outcome.attempts, cause))
        self.counts[outcome.status] += 1
        if outcome.error is None:
            return
        self.watch.search_error(outcome.error)
        if not isinstance(outcome.error, ZohoError):
            self.watch.complain(f"{outcome.id} failed with a foreign error: {outcome.error!r}")

    async def delete(self, zoho: ZohoCRM, ids: Sequence[str]) -> list[Outcome]:
        """Delete *ids* by one batch of any form, and take all outcomes to the account."""
        form = self.luck.choice(_FORMS)
        told: dict[str, Outcome] = {}

        def tell(outcome: Outcome) -> None:
            if outcome.id not in told:
                told[outcome.id] = outcome
                self.note(outcome)
            elif told[outcome.id] != outcome:
                self.watch.complain(f"{outcome.id}: two outcomes, {told[outcome.id]}, {outcome}")

        if form == "list":
            report = await zoho.delete_unsubscribe_links(ids, on_outcome=tell)
            outcomes = list(report.outcomes)
        else:
            inputs = iter(ids) if form == "generator" else _slowly(ids)
            stream = zoho.iter_delete_unsubscribe_links(inputs, on_outcome=tell)
            outcomes = [outcome async for outcome in stream]
        named = [outcome.id for outcome in outcomes]
        for complaint in judge_account(ids, named, ordered=form == "list"):
            self.watch.complain(complaint)
        return outcomes

    async def delete_all(self, zoho: ZohoCRM, ids: Sequence[str], *, tries: int = 10) -> None:
        """Delete *ids*, and what is not finished again and again, though not for ever."""
        left = list(ids)
        for _ in range(tries):
            outcomes = await self.delete(zoho, left)
            left = missing(self.claims, list(dict.fromkeys(left)))
            if not left:
                return
            await asyncio.sleep(_silence(outcomes))

    async def single(self, work: Awaitable[Any], what: str) -> tuple[Any, ZohoError | None]:
        """Await one call and return its answer or its error."""
        try:
            answer = await work
        except ZohoError as error:
            self.watch.search_error(error)
            self.counts[f"{what} that failed"] += 1
            return None, error
        self.counts[what] += 1
        return answer, None

    async def rest(self, *errors: BaseException | None) -> None:
        """Wait until tokens can be asked for again, if an error says that they cannot."""
        throttles = [e.retry_after for e in errors if isinstance(e, TokenThrottledError)]
        if throttles:
            await asyncio.sleep(max(throttles) / SPEED)

    def worker_job(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return what a process of a client has to know to delete *ids*."""
        return {
            "ids": ids,
            "environ": self.server.environ,
            "store": self.place,
            "origin": self.time.origin,
            "concurrency": CONCURRENCY,
            "request_timeout": _TIMEOUTS.request,
            "call_timeout": _TIMEOUTS.call,
        }

    def note_worker(self, worker: WorkerProcess, ids: Iterable[str], *, status: str) -> None:
        """Take what a process told to the account, and *status* for what it did not tell."""
        told = {outcome[0]: Claim(*outcome[1:4]) for outcome in worker.outcomes}
        if len(told) != len(worker.outcomes):
            self.watch.complain("a process told two outcomes of one link")
        for link_id in ids:
            claim = told.get(link_id, Claim(status, 0))
            self.claims[link_id].append(claim)
            self.counts[claim.status] += 1
        self.tally.counts.update(worker.counts)

    async def finish(self) -> None:
        """With all trouble over, delete what is left over."""
        await self.mix(NOTHING)
        await self.server.order("set", credits=None, max_concurrency=None, latency=0.0)
        left = missing(self.claims, list(self.claims))
        if not left:
            return
        began = self.time.now()
        async with self.client() as zoho:
            await self.delete_all(zoho, left, tries=_TRIES)
        if left := missing(self.claims, left):
            self.watch.complain(f"{len(left)} links could not be deleted when trouble was over")
        if (seconds := self.time.now() - began) > _LONGEST_RECOVERY:
            self.watch.complain(f"it took {seconds:.0f} s until calls went through again")


async def _slowly(ids: Iterable[str]) -> AsyncIterator[str]:
    for link_id in ids:
        yield link_id


def _silence(outcomes: Iterable[Outcome]) -> float:
    """Return how many seconds to wait before what is not finished is tried again."""
    throttles = (o.error.retry_after for o in outcomes if isinstance(o.error, TokenThrottledError))
    return max(throttles, default=0.0) / SPEED + _PAUSE
