"""What aiozcrm may not exceed, and how near it comes."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from scenarios import RAW, SCENARIOS, Scenario

__all__ = ["Limit", "limits_on_memory", "limits_on_runs"]

Run = Mapping[str, float]

LIST: Final = "aiozcrm list"
STREAM: Final = "aiozcrm stream"

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


def limits_on_runs(runs: Mapping[str, Mapping[str, Sequence[Run]]]) -> Iterable[Limit]:
    """Yield the limits that the runs of the scenarios tell of."""
    ours = [
        (scenario, run)
        for scenario in SCENARIOS
        if scenario.name in runs
        for client in (LIST, STREAM)
        for run in runs[scenario.name][client]
    ]
    yield Limit(
        "connections beyond the requests at once, in any run",
        max(run["connections"] - scenario.concurrency for scenario, run in ours),
        0,
    )
    yield Limit("token requests, in any run", max(run["token_requests"] for _, run in ours), 1)
    for scenario in SCENARIOS:
        if scenario.name in runs and scenario.face == SCENARIOS[0].face:
            yield from _limits_on_cost(scenario, runs[scenario.name])


def _limits_on_cost(scenario: Scenario, taken: Mapping[str, Sequence[Run]]) -> Iterable[Limit]:
    # A hundred answers that lie ready are read in one turn of the loop, whoever reads them.
    if scenario.concurrency < 100:
        yield Limit(
            f"longest stall of the event loop, {scenario.name}",
            _median(taken[LIST], "stall_ms"),
            10.0,
            "ms",
        )
    yield Limit(
        f"peak memory beside {RAW}, {scenario.name}",
        _median(taken[LIST], "peak_mib") - _median(taken[RAW], "peak_mib"),
        4.0,
        "MiB",
    )


def _median(runs: Sequence[Run], key: str) -> float:
    return statistics.median(run[key] for run in runs)


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
    growth = (peak_of(LIST, _MANY_KEPT) - peak_of(LIST, _FEW)) * 2**20 / (_MANY_KEPT - _FEW)
    yield Limit("memory for each id of a list, beside the id", growth - _ID_BYTES, 200.0, "bytes")
