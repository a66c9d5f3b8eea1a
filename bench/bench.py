"""Measures aiozcrm beside a hand-written aiohttp loop, in one run, on one server.

The clients take turns in an order drawn anew for each round; ratios are taken within a round,
since the machine's speed drifts, and the median of all rounds is shown with its range.
Exits with 1 if a ratio is below its floor.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import aiohttp
import clients

Client = Callable[[str, int, int], AsyncIterator[None]]

HERE: Final = Path(__file__).parent

CLIENTS: Final[dict[str, Client]] = {
    "aiohttp": clients.hand_written,
    "aiohttp again": clients.hand_written,
    "list": clients.aiozcrm_list,
    "stream": clients.aiozcrm_stream,
}

#: The lowest median ratio to the hand-written loop, and the goal, by replies and client.
FLOORS: Final = {
    ("bare", "list"): (0.90, 0.95),
    ("bare", "stream"): (0.87, 0.92),
    ("cookies", "list"): (1.35, 1.50),
    ("cookies", "stream"): (1.35, 1.50),
}


@contextlib.contextmanager
def running_server() -> Iterator[dict[str, str]]:
    """Run the server in a process of its own, on a core of its own where there are two."""
    with subprocess.Popen(  # noqa: S603  # our own script
        [sys.executable, str(HERE / "server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101
        assert process.stdin is not None  # noqa: S101
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, {cores[-1]})
            os.sched_setaffinity(0, set(cores[:1]))
        bare, cookies = process.stdout.readline().split()
        yield {"bare": f"http://localhost:{bare}", "cookies": f"http://localhost:{cookies}"}
        process.stdin.close()


async def seconds_of(client: Client, origin: str, count: int, concurrency: int) -> float:
    """Return how long the deletes take; session and token are had before."""
    steps = client(origin, count, concurrency)
    await anext(steps)
    gc.collect()
    started = time.perf_counter()
    await anext(steps)
    seconds = time.perf_counter() - started
    await steps.aclose()  # type: ignore[attr-defined]  # they are generators
    return seconds


def compare(origins: dict[str, str], *, rounds: int, count: int) -> bool:
    """Print a table of rates and ratios; return whether all floors are met."""
    fine = True
    print(f"{'replies':8} {'at once':>7} {'client':14} {'deletes/s':>9}  ratio to aiohttp [range]")
    for replies, origin in origins.items():
        for concurrency in (10, 100):
            times: dict[str, list[float]] = {name: [] for name in CLIENTS}
            for _ in range(rounds):
                for name in random.sample(list(CLIENTS), len(CLIENTS)):
                    took = asyncio.run(seconds_of(CLIENTS[name], origin, count, concurrency))
                    times[name].append(took)
            for name, taken in times.items():
                ratios = [raw / mine for raw, mine in zip(times["aiohttp"], taken, strict=True)]
                ratio = statistics.median(ratios)
                floor, goal = FLOORS.get((replies, name), (0.0, 0.0))
                verdict = ""
                if floor:
                    verdict = "goal met" if ratio >= goal else "floor met"
                    if ratio < floor:
                        verdict, fine = f"BELOW the floor of {floor}", False
                print(
                    f"{replies:8} {concurrency:7} {name:14} "
                    f"{count / statistics.median(taken):9,.0f}  "
                    f"{ratio:.3f} [{min(ratios):.2f}-{max(ratios):.2f}] {verdict}",
                    flush=True,
                )
    return fine


def peak_memory(origin: str, count: int) -> float:
    """Return the peak memory, in MiB, of a process that streams so many deletes."""
    command = [sys.executable, __file__, "--stream-only", str(count), "--origin", origin]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


async def stream_only(origin: str, count: int) -> None:
    """Stream so many deletes and print this process's peak memory in MiB."""
    async for _ in clients.aiozcrm_stream(origin, count, 100):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def import_cost(rounds: int) -> float:
    """Return by how many ms CPU ``import aiozcrm`` costs more than ``import aiohttp``."""
    extra = []
    for _ in range(rounds):
        pair = []
        for module in ("aiohttp", "aiozcrm"):
            script = f"import asyncio, json, time; s = time.process_time(); import {module}; "
            script += "print(time.process_time() - s)"
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", script],
                capture_output=True,
                text=True,
                check=True,
            )
            pair.append(float(done.stdout) * 1000)
        extra.append(pair[1] - pair[0])
    return statistics.median(extra)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--count", type=int, default=3000, help="deletes a round")
    parser.add_argument("--million", type=int, default=1_000_000, help="deletes of the long stream")
    parser.add_argument("--stream-only", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--origin", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.stream_only:
        asyncio.run(stream_only(wanted.origin, wanted.stream_only))
        return
    versions = f"Python {platform.python_version()}, aiohttp {aiohttp.__version__}"
    print(f"{versions}, {os.cpu_count()} cores")
    with running_server() as origins:
        fine = compare(origins, rounds=wanted.rounds, count=wanted.count)
        print(f"import aiozcrm: {import_cost(11):.1f} ms CPU more than import aiohttp (limit 15)")
        few = peak_memory(origins["bare"], 10_000)
        print(f"peak memory, 10,000 ids streamed: {few:.1f} MiB", flush=True)
        if wanted.million:
            many = peak_memory(origins["bare"], wanted.million)
            print(f"peak memory, {wanted.million:,} ids streamed: {many:.1f} MiB (limit +3)")
            fine = fine and many <= few + 3
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
