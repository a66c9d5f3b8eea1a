"""Runs the phases of a soak, judges each, and sums up."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from fast_time import FastTime
from judge import judge_asks, judge_creations, judge_deletions, judge_doubt, judge_rows
from ledger import Ledger, Truth
from phases import Phase
from processes import ServerProcess, running_redis
from stage import Stage
from summary import PhaseSummary, Summary
from tally import Tally
from watch import Watch, memory

from aiozcrm.testing import Fault

__all__ = ["soak"]

#: How many seconds a phase may take before it counts as hanging.
_LONGEST_PHASE: Final = 300.0

#: What Zoho allows; https://www.zoho.com/crm/developer/docs/api/v7/token-validity.html
_TOKENS: Final = 10
_WINDOW: Final = 600.0
#: A fifth of a second that lasts: what a busy machine may take between a look at the clock and
#: the arrival of a request.
_SLACK: Final = 120.0

#: The faults after which a client gives up waiting.
_LATE: Final = (Fault.HANG, Fault.HANG_AFTER)

#: The size of the phases of the first round, in which each trouble comes up once, so that it does
#: within the first minute on a slow machine as well.
_FIRST: Final = 0.25

#: By how many MiB the memory may differ between the end of the second round and of the last.
_FLAT: Final = 24.0


async def soak(
    *,
    minutes: float,
    seed: int,
    size: int,
    first: Mapping[str, Phase],
    phases: Mapping[str, Phase],
) -> Summary:
    """Run rounds of phases for so many minutes; with 0, the first round.

    Args:
        minutes: For how long new phases are begun.
        seed: Decides what is left to chance.
        size: How many calls a phase of weight 1 makes, more or less.
        first: What the first round consists of. It is a short one if others can follow.
        phases: What each other round consists of.
    """
    began = time.monotonic()
    watch = Watch()
    summary = Summary(seed=seed, minutes=minutes, size=size)
    with tempfile.TemporaryDirectory() as folder:
        async with running_redis(Path(folder)) as redis_url:
            watch.begin()
            summary.redis = redis_url is not None
            end = began + 60 * minutes if minutes else None
            for number, name, phase in _rounds_until(end, first, phases):
                run = _Run(summary, watch, Path(folder), redis_url, began)
                share = _FIRST if minutes and number == 0 else 1.0
                await run.phase(name, phase, number=number, seed=seed, size=int(size * share))
                if watch.complaints:
                    break
    watch.end()
    summary.seconds = time.monotonic() - began
    summary.not_reached = [
        name for name in first if name not in {phase.name for phase in summary.phases}
    ]
    summary.records = watch.records
    summary.complaints = [*watch.complaints, *_grown(summary)]
    return summary


def _rounds_until(
    end: float | None, first: Mapping[str, Phase], phases: Mapping[str, Phase]
) -> Iterator[tuple[int, str, Phase]]:
    """Yield phases and the number of their round until *end*; without one, the first round."""
    for number in itertools.count() if end else range(1):
        for name, phase in (phases if number else first).items():
            if end and time.monotonic() >= end:
                return
            yield number, name, phase


def _grown(summary: Summary) -> Iterator[str]:
    """Complain if the memory did not stay flat."""
    if (growth := summary.growth()) > _FLAT:
        yield f"the memory grew by {growth:.0f} MiB"


def _are_all_on_purpose(stage: Stage, truth: Truth) -> bool:
    """Return whether no answer was late but those that were to be.

    On a busy machine others are, too.
    """
    late = sum(truth.faults[fault] for fault in _LATE)
    return stage.tally.counts["requests that timed out"] <= late


class _Run:
    """One phase, on a local Zoho of its own.

    Args:
        summary: Where its figures go.
        watch: Takes complaints.
        folder: For files.
        redis_url: Where a Redis is; None if nowhere.
        origin: When the soak began.
    """

    def __init__(
        self, summary: Summary, watch: Watch, folder: Path, redis_url: str | None, origin: float
    ) -> None:
        self._summary = summary
        self._watch = watch
        self._folder = folder
        self._redis_url = redis_url
        self._origin = origin

    async def phase(self, name: str, phase: Phase, *, number: int, seed: int, size: int) -> None:
        """Run the phase and judge it."""
        began = time.monotonic()
        title = f"{name}-{number}".replace(" ", "-")
        luck = random.Random(f"{seed}-{title}")
        ledger_path, errors_path = self._folder / f"{title}.ledger", self._folder / f"{title}.log"
        with errors_path.open("wb") as errors:
            server = ServerProcess(ledger_path, errors, self._origin, phase.settings)
            stage = Stage(
                server=server,
                time=FastTime(self._origin),
                luck=luck,
                size=max(20, int(size * phase.weight)),
                place=self._place(phase, title, luck),
                folder=self._folder,
                errors=errors,
                watch=self._watch,
                tally=Tally(),
            )
            try:
                there = await self._play(stage, phase, title)
            finally:
                await server.stop()
        with contextlib.closing(Ledger(ledger_path)) as ledger:
            truth = ledger.truth()
        if there is not None and there != {server.default, *truth.alive}:
            self._watch.complain(f"{title}: the server holds other links than its ledger says")
        self._judge(stage, truth, title)
        self._search_log(errors_path, title)
        await self._watch.expect_nothing_left(title)
        ledger_path.unlink()
        errors_path.unlink()
        self._summary.phases.append(
            PhaseSummary(
                name=name,
                about=phase.about,
                round=number,
                store=stage.place.partition(":")[0],
                seconds=round(time.monotonic() - began, 1),
                memory=round(memory(), 1),
                stall=0.0 if phase.pauses else round(stage.tally.stall, 2),
                outcomes=dict(stage.counts),
                events=dict(stage.tally.counts),
                faults=dict(truth.faults),
                asks=len(truth.asks),
                refused_asks=sum(ask.outcome == "throttled" for ask in truth.asks),
                restarts=server.restarts,
                removed=sum(truth.removed.values()),
                created=sum(truth.created.values()),
            ),
        )
        print(self._summary.phases[-1].line(), flush=True)

    def _place(self, phase: Phase, title: str, luck: random.Random) -> str:
        """Return a place for tokens, which processes can share if there are many."""
        places = [f"file:{self._folder}/{title}.tokens"]
        if self._redis_url is not None:
            number = luck.randrange(16)
            places.append(self._redis_url.replace("/0", f"/{number}"))
        if not phase.many_processes:
            places.append("memory:")
        return luck.choice(places)

    async def _play(self, stage: Stage, phase: Phase, title: str) -> set[str] | None:
        """Run the phase and return the links that are there at its end; None if it broke off."""
        await stage.server.start()
        environ = stage.server.environ
        self._watch.secrets |= {environ["ZOHO_CLIENT_SECRET"], environ["ZOHO_REFRESH_TOKEN"]}
        try:
            async with asyncio.timeout(_LONGEST_PHASE):
                await phase.run(stage)
                await stage.finish()
        except TimeoutError:
            self._watch.complain(f"{title} did not end within {_LONGEST_PHASE:.0f} s")
            return None
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            self._watch.search_error(error)
            self._watch.complain(f"{title} raised {error!r}")
            return None
        await stage.server.order("settle")
        if await stage.server.order("secrets_in_query"):
            self._watch.complain(f"{title}: a secret stood in a query")
        return set(await stage.server.order("link_ids"))

    def _judge(self, stage: Stage, truth: Truth, title: str) -> None:
        complaints = [
            *judge_deletions(stage.claims, truth, default=stage.server.default),
            *judge_creations(stage.creations, truth),
            *judge_rows(stage.rows, truth),
        ]
        if stage.server.restarts == 0 and _are_all_on_purpose(stage, truth):
            complaints += judge_doubt(stage.claims, stage.rows, truth)
        if stage.honest:
            complaints += judge_asks(
                truth.asks,
                limit=_TOKENS,
                window=_WINDOW,
                slack=_SLACK,
                forgotten=stage.forgotten,
            )
        for complaint in complaints:
            self._watch.complain(f"{title}: {complaint}")

    def _search_log(self, path: Path, title: str) -> None:
        """Complain about secrets and tracebacks in what processes have logged."""
        told = path.read_text(encoding="utf-8", errors="replace")
        self._watch.search(told, f"what processes of {title} logged")
        self._watch.records += told.count("\n")
        if "Traceback" in told or "ERROR" in told:
            first = max(0, told.find("Traceback") - 500)
            self._watch.complain(f"{title}: a process logged: {told[first : first + 3000]}")
