"""What all measured clients share: a stopwatch, a token, and how a client of aiozcrm is made."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

__all__ = ["HEADERS", "TOKEN", "Stopwatch", "client_of", "peak_mib"]

#: As long as Zoho's, since answers are searched for it.
TOKEN: Final = f"1000.{'0123456789abcdef' * 2}.{'fedcba9876543210' * 2}"
HEADERS: Final = {"Authorization": f"Zoho-oauthtoken {TOKEN}"}

#: How many seconds between two looks at how late the event loop is.
TICK: Final = 0.005


class Stopwatch:
    """Measures what happens within it: seconds, CPU, and how long the event loop stood still."""

    def __init__(self) -> None:
        self.seconds = self.cpu = self.stall = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Measure."""
        gc.collect()
        cpu, started = time.process_time(), time.perf_counter()
        yield
        self.seconds = time.perf_counter() - started
        self.cpu = time.process_time() - cpu

    @contextlib.asynccontextmanager
    async def watching_the_loop(self) -> AsyncIterator[None]:
        """Measure, and notice the longest moment in which nothing else could run."""
        with self.running():
            # Only now: the collection of garbage would count as the longest moment.
            watching = asyncio.create_task(self._watch())
            await asyncio.sleep(0)
            yield
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            asleep_at = time.perf_counter()
            await asyncio.sleep(TICK)
            self.stall = max(self.stall, time.perf_counter() - asleep_at - TICK)


def client_of(origin: str, concurrency: int = 5, **options: Any) -> Any:
    """Return a client of aiozcrm."""
    from aiozcrm import Credentials, ZohoCRM  # noqa: PLC0415  # each loads what it measures

    credentials = Credentials(
        client_id="1000.BENCH",
        client_secret="bench",  # noqa: S106  # the server looks at none of them
        refresh_token="1000.bench.bench",  # noqa: S106
        accounts_url=origin,
        api_url=origin,
    )
    return ZohoCRM(credentials, max_in_flight=concurrency, **options)


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # What getrusage tells begins on Linux with what the process had that started this one.
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
