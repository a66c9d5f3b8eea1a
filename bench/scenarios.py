"""What is measured, with which clients, and what aiozcrm has to reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["GOALS", "RAW", "SCENARIOS", "Goal", "Scenario"]

#: What everything is compared with.
RAW: Final = "aiohttp"

_AIOHTTP: Final = (RAW, "aiohttp again", "aiohttp, no jar")
_AIOZCRM: Final = ("aiozcrm list", "aiozcrm stream")
_WITH_RECEIVERS: Final = ("aiozcrm, events", "aiozcrm, telemetry")
_OTHERS: Final = ("httpx", "SDK loop", "SDK threads")
_EVERYBODY: Final = (*_AIOHTTP, *_AIOZCRM, *_OTHERS)

#: So many times fewer deletes are enough for clients that are so many times slower.
_SLOWER: Final = {
    "httpx": 8,
    "SDK loop": 8,
    "SDK threads": 8,
    "SDK reading": 16,
    "SDK upserting": 16,
}

#: So many times more rows of records than deletes: they go by the hundred.
_ROWS: Final = 8

#: Pages that are read where each takes its time.
_PAGES: Final = 20
_ROWS_ON_A_PAGE: Final = 200

_READING: Final = (
    "aiohttp, reading",
    "aiohttp, reading again",
    "aiozcrm iter",
    "aiozcrm pages",
    "aiozcrm iter, fast",
    "aiozcrm pages, fast",
    "SDK reading",
)
_WORKING: Final = ("aiohttp, working", "aiozcrm, working")
_QUERYING: Final = ("aiohttp, querying", "aiohttp, querying again", "aiozcrm query")
_UPSERTING: Final = (
    "aiohttp, upserting",
    "aiohttp, upserting again",
    "aiozcrm upsert stream",
    "aiozcrm upsert stream, fast",
    "aiozcrm upsert async",
    "aiozcrm upsert report",
    "SDK upserting",
)

_MIXED: Final = ("aiohttp, upserting", "aiozcrm upsert stream", "aiozcrm upsert report")

#: With latency, the time of a run is what the rounds of a worker take.
_ROUNDS_OF_A_WORKER: Final = 20


class Scenario(NamedTuple):
    """One way in which the server answers, and how many requests there are at once.

    Attributes:
        replies: ``bare``; ``zoho`` for the headers and cookies that Zoho's replies carry; or
            ``mixed`` where the rows of a write are not answered alike.
        latency: How many seconds an answer takes.
        tls: Whether it is https.
        concurrency: How many requests there are at once.
        clients: Who takes part; the first is what all others are compared with.
        unit: What is done: ``deletes``, or ``rows`` of records.
    """

    replies: str
    latency: float
    tls: bool
    concurrency: int
    clients: tuple[str, ...] = _EVERYBODY
    unit: str = "deletes"

    @property
    def face(self) -> str:
        """The name of the server's face."""
        scheme = "https" if self.tls else "http"
        return f"{self.replies}, {scheme}, {self.latency * 1000:.0f} ms"

    @property
    def name(self) -> str:
        """What it is called."""
        work = "" if self.unit == "deletes" else f"{self.clients[0].partition(', ')[2]} records: "
        return f"{work}{self.face}, {self.concurrency} at once"

    def count_for(self, client: str, count: int) -> int:
        """Return how many deletes or rows a client does in a round."""
        if self.unit == "rows":
            share = _ROWS * count // _SLOWER.get(client, 1)
            return _PAGES * _ROWS_ON_A_PAGE if self.latency else share
        if not self.latency:
            return count // _SLOWER.get(client, 1)
        workers = 1 if client == "SDK loop" else self.concurrency
        return _ROUNDS_OF_A_WORKER * workers


class Goal(NamedTuple):
    """A ratio of rates that is owed.

    Attributes:
        scenario: Where.
        client: Whose rate.
        rival: Divided by whose.
        floor: Below it the benchmark fails.
        goal: What is aimed at.
    """

    scenario: Scenario
    client: str
    rival: str
    floor: float
    goal: float


_BARE: Final[Mapping[int, Scenario]] = {
    5: Scenario("bare", 0.0, False, 5),
    10: Scenario("bare", 0.0, False, 10, (*_AIOHTTP, *_AIOZCRM, *_WITH_RECEIVERS, *_OTHERS)),
    100: Scenario("bare", 0.0, False, 100),
}
_ZOHO: Final = {number: Scenario("zoho", 0.0, False, number) for number in (10, 100)}
_SLOW: Final = {number: Scenario("bare", 0.05, False, number) for number in (10, 100)}

_READ: Final = Scenario("bare", 0.0, False, 1, _READING, "rows")
_WORKED: Final = Scenario("bare", 0.05, False, 1, _WORKING, "rows")
_QUERIED: Final = Scenario("bare", 0.0, False, 1, _QUERYING, "rows")
_UPSERTED: Final = Scenario("bare", 0.0, False, 10, _UPSERTING, "rows")

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *_BARE.values(),
    *_ZOHO.values(),
    Scenario("bare", 0.0, True, 10),
    *(Scenario("zoho", 0.0, True, number) for number in (10, 100)),
    *_SLOW.values(),
    *(Scenario("zoho", 0.05, True, number) for number in (5, 10, 100)),
    _READ,
    _WORKED,
    _QUERIED,
    _UPSERTED,
    Scenario("mixed", 0.0, False, 10, _MIXED, "rows"),
)

GOALS: Final[tuple[Goal, ...]] = (
    *(Goal(_BARE[number], "aiozcrm list", RAW, 0.90, 0.95) for number in (10, 100)),
    *(Goal(_BARE[number], "aiozcrm stream", RAW, 0.87, 0.92) for number in (10, 100)),
    *(
        Goal(_ZOHO[number], client, RAW, 1.35, 1.50)
        for number in (10, 100)
        for client in ("aiozcrm list", "aiozcrm stream")
    ),
    *(Goal(_ZOHO[number], "aiozcrm list", "aiohttp, no jar", 0.87, 0.92) for number in (10, 100)),
    Goal(_SLOW[10], "aiozcrm list", RAW, 0.95, 0.98),
    Goal(_SLOW[100], "aiozcrm list", RAW, 0.93, 0.97),
    Goal(_BARE[10], "aiozcrm list", "SDK loop", 6.0, 7.0),
    Goal(_SLOW[10], "aiozcrm list", "SDK loop", 9.0, 9.5),
    Goal(_READ, "aiozcrm iter", "aiohttp, reading", 0.92, 1.0),
    Goal(_READ, "aiozcrm pages", "aiohttp, reading", 0.95, 1.0),
    Goal(_READ, "aiozcrm iter, fast", "aiohttp, reading", 1.3, 1.5),
    Goal(_READ, "aiozcrm pages, fast", "aiohttp, reading", 1.3, 1.5),
    Goal(_READ, "aiozcrm iter", "SDK reading", 12.0, 18.0),
    Goal(_WORKED, "aiozcrm, working", "aiohttp, working", 1.6, 1.9),
    Goal(_QUERIED, "aiozcrm query", "aiohttp, querying", 0.88, 0.95),
    Goal(_UPSERTED, "aiozcrm upsert stream", "aiohttp, upserting", 0.75, 0.85),
    Goal(_UPSERTED, "aiozcrm upsert stream, fast", "aiohttp, upserting", 0.95, 1.05),
    Goal(_UPSERTED, "aiozcrm upsert report", "aiohttp, upserting", 0.60, 0.68),
)
