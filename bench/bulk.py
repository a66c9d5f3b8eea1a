"""Measures a bulk read beside ``zipfile`` and ``csv.DictReader``, which have the file in memory.

A local server has jobs that ended at once. The same rows are read by each reader in turn, each in
a process of its own. bench.py shows what came of it; ``python bench/bulk.py`` measures this alone.

The reader by hand needs no network, and does not wait for its file: that is in our time alone.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from limits import Limit, all_kept, judged
from watching import TOKEN, Stopwatch, client_of, peak_mib

BY_HAND: Final = "by hand"
RAW: Final = "raw"
TYPED: Final = "typed"

#: How many rows the file of a job has.
ROWS_OF_A_JOB: Final = 200_000
FEW: Final = 10_000

#: The columns, with the type and the value of each. An id comes first.
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "Last_Name": ("text", "Halden"),
    "Company": ("text", "Oakfield & Sons"),
    "Email": ("email", "ines.halden@oakfield.example"),
    "Owner": ("ownerlookup", "4150868000000225013"),
    "Account_Name": ("lookup", "4150868000000311001"),
    "Annual_Revenue": ("currency", "1250000.5"),
    "No_of_Employees": ("integer", "84"),
    "Email_Opt_Out": ("boolean", "false"),
    "Mobile": ("phone", ""),
    "Description": ("textarea", "Met at the fair, wants an offer"),
    "Created_Time": ("datetime", "2026-04-18T09:30:00+02:00"),
}
FIRST_ID: Final = 4150868000000000000

#: The ratios that are owed: floor and goal.
GOALS: Final[Mapping[str, tuple[float, float]]] = {RAW: (0.90, 1.05), TYPED: (0.75, 0.85)}
#: In MiB, and in milliseconds.
MOST_GROWTH: Final = 8.0
LONGEST_STALL: Final = 10.0


def make_zip(path: Path, count: int) -> None:
    """Write the file of a job."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Id", *COLUMNS])
    values = [value for _, value in COLUMNS.values()]
    writer.writerows([str(FIRST_ID + row), *values] for row in range(count))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("7.csv", text.getvalue())


def serve(path: Path, count: int) -> None:
    """Answer as Zoho does, with jobs that have ended at once, until standard input is closed."""

    async def answer(request: web.Request) -> web.StreamResponse:
        job = int(request.path.split("/")[-1]) if request.path[-1].isdigit() else 1
        if request.path.endswith("/token"):
            origin = f"http://{request.host}"
            token = {"access_token": TOKEN, "expires_in": 3600, "api_domain": origin}
            return web.json_response(token)
        if request.path.endswith("/fields"):
            fields = [{"api_name": name, "data_type": kind} for name, (kind, _) in COLUMNS.items()]
            return web.json_response({"fields": fields})
        if request.method == "POST":
            token = (await request.json())["query"].get("page_token", "1")
            done = {"status": "success", "code": "ADDED_SUCCESSFULLY", "details": {"id": token}}
            return web.json_response({"data": [done]}, status=201)
        if request.path.endswith("/result"):
            kind = {"Content-Type": "application/x-download"}
            return web.FileResponse(path, headers=kind)
        rows = min(ROWS_OF_A_JOB, count)
        result = {
            "count": rows,
            "more_records": job * rows < count,
            "next_page_token": f"{job + 1}",
        }
        state = {"id": str(job), "state": "COMPLETED", "result": result}
        return web.json_response({"data": [state]})

    async def main() -> None:
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(site._server.sockets[0].getsockname()[1], flush=True)  # noqa: SLF001
        await asyncio.to_thread(sys.stdin.read)

    asyncio.run(main())


async def read_by_hand(path: Path, _origin: str, count: int, watch: Stopwatch) -> int:
    """Read by the standard library, with the file in memory."""
    content, read = await asyncio.to_thread(path.read_bytes), 0
    with watch.running():
        for _ in range(max(1, count // ROWS_OF_A_JOB)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                file = archive.open(archive.namelist()[0])
                for _row in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
                    read += 1
    return read


async def read_in_bulk(origin: str, watch: Stopwatch, *, raw: bool) -> int:
    """Read by ``zoho.bulk_read.rows()``."""
    read = 0
    async with client_of(origin) as zoho:
        await zoho.fields("Leads").list()
        async with watch.watching_the_loop():
            async for _row in zoho.bulk_read.rows("Leads", raw=raw):
                read += 1
    return read


READERS: Final[Mapping[str, Callable[..., Any]]] = {
    BY_HAND: read_by_hand,
    RAW: lambda _path, origin, _count, watch: read_in_bulk(origin, watch, raw=True),
    TYPED: lambda _path, origin, _count, watch: read_in_bulk(origin, watch, raw=False),
}


def run(name: str, path: Path, origin: str, count: int) -> None:
    """Run one reader and print what it took."""
    watch = Stopwatch()
    read = asyncio.run(READERS[name](path, origin, count, watch))
    assert read == count, f"{name} read {read} of {count}"  # noqa: S101
    taken = {"seconds": watch.seconds, "cpu": watch.cpu, "stall": watch.stall, "peak": peak_mib()}
    print(json.dumps(taken))


def measure(count: int, rounds: int) -> Mapping[str, Sequence[Mapping[str, float]]]:
    """Return what each reader took, round by round."""
    taken: dict[str, list[Mapping[str, float]]] = {name: [] for name in READERS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "7.zip"
        make_zip(path, min(ROWS_OF_A_JOB, count))
        itself = [sys.executable, __file__]
        server = subprocess.Popen(  # noqa: S603  # ours
            [*itself, "serve", str(path), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with server:
            assert server.stdout is not None  # noqa: S101
            origin = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            for _ in range(rounds):
                for name, runs in taken.items():
                    command = [*itself, "run", name, str(path), origin, str(count)]
                    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
                    runs.append(json.loads(done.stdout))
    return taken


def median(runs: Sequence[Mapping[str, float]], what: str) -> float:
    """Return the median of what was measured."""
    return statistics.median(each[what] for each in runs)


def results(count: int, rounds: int) -> tuple[list[dict[str, Any]], list[Limit]]:
    """Measure, print, and return how the goals were met and which limits were kept."""
    few, many = measure(FEW, 3), measure(count, rounds)
    print(f"\nbulk read: {count:,} rows of {len(COLUMNS) + 1} columns")
    goals, limits = [], []
    for name, runs in many.items():
        seconds, peak = median(runs, "seconds"), median(runs, "peak")
        told = f"  {name:8} {seconds:6.2f} s, peak {peak:6.1f} MiB"
        if name in GOALS:
            ratio, of_cpu = (
                statistics.median(
                    hand[what] / own[what] for hand, own in zip(many[BY_HAND], runs, strict=True)
                )
                for what in ("seconds", "cpu")
            )
            told += f", ratio {ratio:.2f}, of CPU {of_cpu:.2f}"
            where = f"bulk read of {count:,} rows"
            goals.append(judged(f"aiozcrm {name} / {BY_HAND}", where, *GOALS[name], ratio))
            growth = peak - median(few[name], "peak")
            limits.append(Limit(f"memory, {name} {where} over {FEW:,}", growth, MOST_GROWTH, "MiB"))
            stall = 1000 * median(runs, "stall")
            limits.append(Limit(f"longest stall, {name} {where}", stall, LONGEST_STALL, "ms"))
        print(told)
    return goals, limits


def main() -> None:
    """Measure, or take part in it."""
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["run"]:
        name, path, origin, count = sys.argv[2:]
        run(name, Path(path), origin, int(count))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--rows", type=int, default=1_000_000, help="a multiple of 200,000")
        parser.add_argument("--rounds", type=int, default=5)
        asked = parser.parse_args()
        goals, limits = results(asked.rows, asked.rounds)
        sys.exit(not all_kept(goals, limits))


if __name__ == "__main__":
    main()
