"""What aiozcrm may not exceed, and how near it comes."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from scenarios import RAW, SCENARIOS

__all__ = ["OF_RECORDS", "Limit", "all_kept", "judged", "limits_on_memory", "limits_on_runs"]

Run = Mapping[str, float]

LIST: Final = "aiozcrm list"
STREAM: Final = "aiozcrm stream"
READ: Final = "aiozcrm iter"
QUERY: Final = "aiozcrm query"
UPSERT: Final = "aiozcrm upsert stream"
REPORT: Final = "aiozcrm upsert report"
OF_RECORDS: Final = (READ, QUERY, UPSERT, REPORT)

#: The face that answers at once, and with nothing but what is needed.
_FACE: Final = SCENARIOS[0].face

_USUAL: Final = 5_000
_FEW: Final = 10_000
_MANY_KEPT: Final = 100_000
#: What an id takes in the caller's own list.
_ID_BYTES: Final = sys.getsizeof("4150868000000000000") + 8


class Limit(NamedTuple):
    """Something that is not to be exceeded.

    Attributes:
        what: What it is.
        reached: What was measured.
        limit: What is allowed.
        unit: Of both.
    """

    what: str
    reached: float
    limit: float
    unit: str = ""

    @property
    def verdict(self) -> str:
        """Whether it was kept."""
        return "kept" if self.reached <= self.limit else "not kept"


def judged(what: str, where: str, floor: float, goal: float, reached: float) -> dict[str, Any]:
    """Return how a goal was met.

    Args:
        what: The two whose ratio it is.
        where: The scenario.
        floor: Below it the benchmark fails.
        goal: What is aimed at.
        reached: What was measured.
    """
    verdict = "goal met" if reached >= goal else "floor met"
    if reached < floor:
        verdict = "below the floor"
    return {
        "what": what,
        "where": where,
        "floor": floor,
        "goal": goal,
        "reached": reached,
        "verdict": verdict,
    }


def all_kept(goals: Iterable[Mapping[str, Any]], limits: Iterable[Limit]) -> bool:
    """Return whether no ratio is below its floor, and every limit is kept."""
    verdicts = {goal["verdict"] for goal in goals} | {limit.verdict for limit in limits}
    return not verdicts & {"below the floor", "not kept"}


def limits_on_runs(runs: Mapping[str, Mapping[str, Sequence[Run]]]) -> Iterable[Limit]:
    """Yield the limits that the runs of the scenarios tell of."""
    ours = [
        (scenario, run)
        for scenario in SCENARIOS
        if scenario.name in runs
        for client in (LIST, STREAM, *OF_RECORDS)
        if client in runs[scenario.name]
        for run in runs[scenario.name][client]
    ]
    yield Limit(
        "connections beyond the requests at once, in any run",
        max(run["connections"] - scenario.concurrency for scenario, run in ours),
        0,
    )
    yield Limit("token requests, in any run", max(run["token_requests"] for _, run in ours), 1)
    for scenario in SCENARIOS:
        # A hundred answers that lie ready are read in one turn of the loop, whoever reads them.
        if scenario.name in runs and scenario.face == _FACE and scenario.concurrency < 100:
            client = next(each for each in scenario.clients if each in {LIST, READ, QUERY, UPSERT})
            stalls = [run["stall_ms"] for run in runs[scenario.name][client]]
            longest = statistics.median(stalls)
            yield Limit(f"longest stall of the loop, {scenario.name}", longest, 10.0, "ms")


def limits_on_memory(many: int, peak_of: Callable[[str, int], float]) -> Iterable[Limit]:
    """Yield the limits on how memory grows with the number of ids.

    Args:
        many: How many ids the long stream has.
        peak_of: Returns the peak of a client in MiB that deletes so many.
    """
    yield Limit(
        f"peak memory, {many:,} ids streamed against {_FEW:,}",
        peak_of(STREAM, many) - peak_of(STREAM, _FEW),
        3.0,
        "MiB",
    )
    for client, what in ((READ, "read"), (QUERY, "queried"), (UPSERT, "upserted")):
        yield Limit(
            f"peak memory, {many:,} records {what} against {_FEW:,}",
            peak_of(client, many) - peak_of(client, _FEW),
            8.0,
            "MiB",
        )
    growth = (peak_of(REPORT, many) - peak_of(REPORT, _FEW)) * 2**20 / (many - _FEW)
    yield Limit("memory for each row of a report of upserts", growth, 400.0, "bytes")
    beside = peak_of(LIST, _USUAL) - peak_of(RAW, _USUAL)
    yield Limit(f"peak memory beside {RAW}, {_USUAL:,} ids of a list", beside, 4.0, "MiB")
    growth = (peak_of(LIST, _MANY_KEPT) - peak_of(LIST, _FEW)) * 2**20 / (_MANY_KEPT - _FEW)
    yield Limit("memory for each id of a list, beside the id", growth - _ID_BYTES, 200.0, "bytes")
