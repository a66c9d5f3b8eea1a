"""The figures of a soak: as text for people, as JSON for machines."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import attrs

__all__ = ["PhaseSummary", "Summary"]

#: What is counted among outcomes, but is no call, or is a call that has its outcome as well.
_NO_CALLS: Final = frozenset(
    {
        "not_attempted",
        "unknown",
        "clients cut off",
        "jumps of a clock",
        "processes killed",
        "single deletes",
        "single deletes that failed",
        "calls cut off that failed",
        "rows not_attempted",
        "rows unknown",
        "leads that were notified",
    }
)


#: How the outcomes of rows of records are called.
_ROWS: Final = "rows "


@attrs.frozen(kw_only=True)
class PhaseSummary:
    """The figures of one phase in one round.

    Attributes:
        name: Which phase.
        about: What went wrong in it, in a few words.
        round: Which round, from 0.
        store: Where the tokens were kept.
        seconds: How long it took.
        memory: What the process held at its end, in MiB.
        stall: For how many seconds at most no request ended; 0 where it pauses.
        outcomes: How many there were of each, and how many answers to other calls.
        events: How many there were of each.
        faults: How many of each were injected.
        asks: How many requests for tokens reached the server.
        refused_asks: How many of them it refused because there were too many.
        restarts: How often the server was killed.
        removed: How many links the server removed.
        created: How many links calls created.
    """

    name: str
    about: str
    round: int
    store: str
    seconds: float
    memory: float
    stall: float
    outcomes: Mapping[str, int]
    events: Mapping[str, int]
    faults: Mapping[str, int]
    asks: int
    refused_asks: int
    restarts: int
    removed: int
    created: int

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(
            n
            for outcome, n in self.outcomes.items()
            if outcome not in _NO_CALLS and not outcome.startswith(_ROWS)
        )

    @property
    def rows(self) -> int:
        """How many rows of records were sent, many to a call, of which something was told."""
        return sum(
            n
            for outcome, n in self.outcomes.items()
            if outcome not in _NO_CALLS and outcome.startswith(_ROWS)
        )

    def line(self) -> str:
        """Return it as one line."""
        return (
            f"{self.round:3} {self.name:22} {self.store:6} {self.calls:9,} calls "
            f"{self.rows:7,} rows {sum(self.faults.values()):7,} faults "
            f"{self.asks:4} asks {self.seconds:6.1f} s {self.memory:6.1f} MiB"
        )


@attrs.define(kw_only=True)
class Summary:
    """The figures of a soak.

    Attributes:
        seed: Repeats what is left to chance.
        minutes: For how long it was to run.
        size: How many calls a phase of weight 1 makes.
        seconds: How long it took.
        redis: Whether there was a Redis.
        records: How many records of the log were searched for secrets.
        complaints: What must not happen and did.
        not_reached: The phases for which there was no time.
        phases: The figures of each phase.
        date: When it ran.
        versions: Of what.
    """

    seed: int
    minutes: float
    size: int
    seconds: float = 0.0
    redis: bool = False
    records: int = 0
    complaints: list[str] = attrs.field(factory=list)
    not_reached: list[str] = attrs.field(factory=list)
    phases: list[PhaseSummary] = attrs.field(factory=list)
    date: str = attrs.field(factory=lambda: datetime.now(UTC).date().isoformat())
    versions: Mapping[str, str] = attrs.field(
        factory=lambda: {
            "Python": platform.python_version(),
            **{name: version(name) for name in ("aiozcrm", "aiohttp", "tenacity")},
        }
    )

    def memory_by_round(self) -> list[float]:
        """Return what the process held at the end of each round, in MiB."""
        return list({phase.round: phase.memory for phase in self.phases}.values())

    def growth(self) -> float:
        """Return by how many MiB the memory grew once two rounds had filled caches."""
        rounds = self.memory_by_round()
        return round(rounds[-1] - rounds[1], 1) if len(rounds) > 2 else 0.0

    def _together(self, about: str) -> dict[str, Any]:
        """Return the sums of all phases of one kind."""
        same = [phase for phase in self.phases if phase.about == about]
        return {
            "about": about,
            "times": len(same),
            "calls": sum(phase.calls for phase in same),
            "rows": sum(phase.rows for phase in same),
            "faults": sum(sum(phase.faults.values()) for phase in same),
            "asks": sum(phase.asks for phase in same),
            "seconds": round(sum(phase.seconds for phase in same), 1),
        }

    def total(self, figure: str) -> Counter[str]:
        """Return the sums of a figure that is counted by kind."""
        counts: Counter[str] = Counter()
        for phase in self.phases:
            counts.update(getattr(phase, figure))
        return counts

    def to_json(self) -> dict[str, Any]:
        """Return everything, phases of one kind together."""
        outcomes = self.total("outcomes")
        return {
            **attrs.asdict(self, filter=attrs.filters.exclude("phases")),
            "rounds": len(self.memory_by_round()),
            "memory": self.memory_by_round(),
            "growth": self.growth(),
            "rows": sum(phase.rows for phase in self.phases),
            "in_doubt": outcomes["in_doubt"] + outcomes["rows in_doubt"],
            "stall": max((phase.stall for phase in self.phases), default=0.0),
            "calls": sum(phase.calls for phase in self.phases),
            "phases": [
                self._together(about) for about in dict.fromkeys(p.about for p in self.phases)
            ],
            "totals": {
                "outcomes": outcomes,
                "events": self.total("events"),
                "faults": self.total("faults"),
                **{
                    name: sum(getattr(phase, name) for phase in self.phases)
                    for name in ("asks", "refused_asks", "restarts", "removed", "created")
                },
            },
        }

    def lines(self) -> Iterator[str]:
        """Yield it as text."""
        told = self.to_json()
        totals = told["totals"]
        yield f"seed {self.seed}, {told['rounds']} rounds, {self.seconds:.0f} s"
        yield f"calls: {told['calls']:,}"
        yield from _counts("outcomes", totals["outcomes"])
        yield from _counts("faults", totals["faults"])
        yield from _counts("events", totals["events"])
        yield (
            f"requests for tokens: {totals['asks']:,}, of which {totals['refused_asks']:,} were "
            f"refused as too many"
        )
        yield f"restarts of the server: {totals['restarts']}"
        yield f"rows of records: {told['rows']:,}"
        yield f"in doubt: {told['in_doubt']:,}"
        yield f"memory after each round, in MiB: {', '.join(map(str, told['memory']))}"
        yield f"growth of the memory from the second round on, in MiB: {told['growth']}"
        yield f"longest time without the end of a request: {told['stall']:.1f} s"
        yield f"records of the log searched: {self.records:,}"
        if self.not_reached:
            yield f"not reached: {', '.join(self.not_reached)}"
        yield f"lost: {'nothing' if not self.complaints else ''}"
        yield from (f"  {complaint}" for complaint in self.complaints)
        if self.complaints:
            yield f"repeat with: --seed {self.seed} --size {self.size} --minutes {self.minutes:g}"


def _counts(title: str, counts: Counter[str]) -> Iterable[str]:
    yield f"{title}: {sum(counts.values()):,}"
    yield from (f"  {name}: {number:,}" for name, number in counts.most_common())
