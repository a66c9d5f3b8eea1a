"""Measures aiozcrm beside other clients, in one run, on one server.

The clients take turns, each in a process of its own, in an order drawn anew for each round;
ratios are taken within a round, since a machine's speed drifts, and the median of all rounds is
shown with its range. Exits with 1 if a ratio is below its floor.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import bulk
import page
import trustme
from limits import OF_RECORDS, Limit, all_kept, judged, limits_on_memory, limits_on_runs
from scenarios import GOALS, SCENARIOS, Goal, Scenario

HERE: Final = Path(__file__).parent

#: In seconds, for one run of one client.
PATIENCE: Final = 600

#: Importing may cost so many ms CPU more than importing aiohttp.
IMPORT_MARGIN: Final = 15.0
#: So many distributions may come along with a plain install.
MOST_BROUGHT: Final = 11
#: How often each import is measured.
IMPORTS_MEASURED: Final = 25
#: How often the file of a bulk read is read by each reader.
BULK_ROUNDS: Final = 5

IMPORTS: Final = {
    "aiohttp": "import aiohttp",
    "aiozcrm": "import aiozcrm",
    "httpx": "import httpx",
    "SDK": "import warnings; warnings.simplefilter('ignore'); from zohocrmsdk.src.com.zoho.crm.api "
    "import initializer; from zohocrmsdk.src.com.zoho.crm.api.unsubscribe_links import "
    "UnsubscribeLinksOperations",
}
DISTRIBUTIONS: Final = {
    "aiohttp": "aiohttp",
    "aiozcrm": "aiozcrm",
    "httpx": "httpx",
    "SDK": "zohocrmsdk7_0",
}

Run = dict[str, float]
Runs = dict[str, dict[str, list[Run]]]


def make_certificates(folder: Path) -> dict[str, str]:
    """Write a certificate for this machine; return what lets every client trust it."""
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    authority.cert_pem.write_to_path(folder / "authority.pem")
    trusted = str(folder / "authority.pem")
    return {"SSL_CERT_FILE": trusted, "REQUESTS_CA_BUNDLE": trusted}


@contextlib.contextmanager
def running_server(folder: Path) -> Iterator[dict[str, str]]:
    """Run the server in a process of its own, on a core of its own where there are two."""
    faces = {scenario.face: scenario._asdict() for scenario in SCENARIOS}
    command = [sys.executable, str(HERE / "server.py"), json.dumps(faces)]
    with subprocess.Popen(  # noqa: S603  # our own script
        [*command, str(folder / "server.pem")],
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
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def seen_by(origin: str) -> dict[str, float]:
    """Return what the server has seen on a face since the last time."""
    with urllib.request.urlopen(f"{origin}/stats") as answer:  # noqa: S310  # our own server
        seen: dict[str, float] = json.load(answer)
        return seen


def run_client(
    name: str, origin: str, count: int, concurrency: int, environ: Mapping[str, str]
) -> Run:
    """Run a client once and return what it took, for each delete where that makes sense."""
    command = [sys.executable, str(HERE / "clients.py"), name, origin, str(count)]
    done = subprocess.run(  # noqa: S603  # our own script
        [*command, str(concurrency)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, **environ},
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    taken: Run = json.loads(done.stdout)
    return {
        "rate": count / taken["seconds"],
        "cpu_us": taken["cpu"] / count * 1e6,
        "stall_ms": taken["stall"] * 1000,
        "peak_mib": taken["peak"],
        **seen_by(origin),
    }


def measure(
    scenarios: Sequence[Scenario],
    origins: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    rounds: int,
    count: int,
) -> Runs:
    """Run all clients of all scenarios, and show each scenario as soon as it is complete."""
    results: Runs = {}
    for scenario in scenarios:
        origin = origins[scenario.face]
        taken: dict[str, list[Run]] = {name: [] for name in scenario.clients}
        for _ in range(rounds):
            for name in random.sample(scenario.clients, len(scenario.clients)):
                deletes = scenario.count_for(name, count)
                run = run_client(name, origin, deletes, scenario.concurrency, environ)
                taken[name].append(run)
        results[scenario.name] = taken
        show(scenario, taken)
    return results


def median_of(runs: Sequence[Run], key: str) -> float:
    """Return the median of one figure."""
    return statistics.median(run[key] for run in runs)


def ratios(runs: Mapping[str, Sequence[Run]], client: str, rival: str) -> list[float]:
    """Return how many times faster a client was than another, round by round."""
    pairs = zip(runs[client], runs[rival], strict=True)
    return [mine["rate"] / theirs["rate"] for mine, theirs in pairs]


def summary(runs: Mapping[str, Sequence[Run]], client: str) -> dict[str, float]:
    """Return the medians of a client, and its ratio to the first, the hand-written loop."""
    figures = {key: median_of(runs[client], key) for key in runs[client][0]}
    compared = ratios(runs, client, next(iter(runs)))
    return figures | {
        "ratio": statistics.median(compared),
        "lowest": min(compared),
        "highest": max(compared),
    }


def show(scenario: Scenario, runs: Mapping[str, Sequence[Run]]) -> None:
    """Print the medians of a scenario."""
    print(f"\n{scenario.name}")
    for client in scenario.clients:
        line = summary(runs, client)
        print(
            f"  {client:24} {line['rate']:9,.0f} {scenario.unit}/s, {line['ratio']:6.3f} "
            f"[{line['lowest']:.2f}-{line['highest']:.2f}], {line['cpu_us']:6,.0f} us CPU, "
            f"{line['peak_mib']:5.1f} MiB, stall {line['stall_ms']:5.1f} ms, "
            f"{line['connections']:5,.0f} connections, {line['token_requests']:.0f} tokens",
            flush=True,
        )


def import_costs(rounds: int) -> dict[str, float]:
    """Return the ms CPU that each import costs, after what every program has."""
    taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(rounds):
        for name in random.sample(list(IMPORTS), len(IMPORTS)):
            # orjson is there for the clients that use it; a plain install has none.
            script = "import sys; sys.modules['orjson'] = None; "
            script += f"import asyncio, json, time; s = time.process_time(); {IMPORTS[name]}; "
            script += "print(time.process_time() - s)"
            # What is installed, not the checkout around us, which is compiled anew each time.
            command = [sys.executable, "-P", "-c", script]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            taken[name].append(float(done.stdout) * 1000)
    return {name: statistics.median(each) for name, each in taken.items()}


def installed() -> dict[str, dict[str, float]]:
    """Return how many distributions each client brings, itself included, and their MiB."""
    sizes = {}
    for name, distribution in DISTRIBUTIONS.items():
        needed = closure_of(distribution)
        total = sum(size_of(each) for each in needed)
        sizes[name] = {"distributions": len(needed), "mib": total / 2**20}
    return sizes


def closure_of(distribution: str) -> set[str]:
    """Return a distribution and all that it needs, without extras."""
    # It comes with every environment of tox.
    from packaging.requirements import Requirement  # noqa: PLC0415
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    found: set[str] = set()
    todo = [distribution]
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or ())
            todo += [
                need.name
                for need in needs
                if need.marker is None or need.marker.evaluate({"extra": ""})
            ]
    return found


def size_of(distribution: str) -> int:
    """Return how many bytes the files of an installed distribution have."""
    files = metadata.files(distribution) or []
    paths = (Path(str(file.locate())) for file in files)
    return sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.exists())


def machine() -> dict[str, str]:
    """Say where and when this was measured."""
    names = ("aiozcrm", "aiohttp", "attrs", "tenacity", "httpx", "zohocrmsdk7_0")
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    kernel = platform.release().partition("-")[0]
    versions = [f"{name} {metadata.version(name)}" for name in names]
    return {
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "machine": f"{cpu}, {os.cpu_count()} cores, {platform.system()} {kernel}",
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
    }


def verdict_on(goal: Goal, runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """Return how a goal was met."""
    reached = statistics.median(ratios(runs, goal.client, goal.rival))
    what = f"{goal.client} / {goal.rival}"
    return judged(what, goal.scenario.name, goal.floor, goal.goal, reached)


def everything(wanted: argparse.Namespace) -> dict[str, Any]:
    """Measure and return all figures."""
    scenarios = [scenario for scenario in SCENARIOS if wanted.only in scenario.name]
    results: dict[str, Any] = machine()
    print(f"{results['date']}: {results['machine']}; {results['versions']}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = make_certificates(folder)
        os.environ.update(environ)  # for our own look at the statistics
        with running_server(folder) as origins:
            runs = measure(scenarios, origins, environ, rounds=wanted.rounds, count=wanted.count)

            def peak_of(client: str, count: int) -> float:
                origin = origins[SCENARIOS[0].face]
                concurrency = 10 if client in OF_RECORDS else 100
                return run_client(client, origin, count, concurrency, environ)["peak_mib"]

            limits = [*limits_on_runs(runs), *limits_on_memory(wanted.million, peak_of)]
    imports, sizes = import_costs(IMPORTS_MEASURED), installed()
    extra = imports["aiozcrm"] - imports["aiohttp"]
    limits.append(Limit("import aiozcrm beside import aiohttp", extra, IMPORT_MARGIN, "ms CPU"))
    brought = sizes["aiozcrm"]["distributions"] - 1
    limits.append(Limit("distributions that a plain install brings along", brought, MOST_BROUGHT))
    goals = [
        verdict_on(goal, runs[goal.scenario.name]) for goal in GOALS if goal.scenario in scenarios
    ]
    if not wanted.only:
        goals_of_bulk, limits_of_bulk = bulk.results(wanted.million, BULK_ROUNDS)
        goals += goals_of_bulk
        limits += limits_of_bulk
    return results | {
        "rounds": wanted.rounds,
        "count": wanted.count,
        "imports": imports,
        "installed": sizes,
        "goals": goals,
        "limits": limits,
        "scenarios": {
            scenario.name: {
                client: summary(runs[scenario.name], client) for client in scenario.clients
            }
            for scenario in scenarios
        },
    }


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument(
        "--count",
        type=int,
        default=8000,
        help="deletes a round, fewer for the slow; records are more",
    )
    parser.add_argument(
        "--million", type=int, default=1_000_000, help="deletes and rows of the long streams"
    )
    parser.add_argument("--only", default="", help="scenarios whose names hold this")
    parser.add_argument("--write", action="store_true", help="write the page of the documentation")
    wanted = parser.parse_args()
    if wanted.write and wanted.only:
        parser.error("the page shows all scenarios: --write goes without --only")
    results = everything(wanted)
    print()
    for line in results["goals"]:
        print(f"{line['verdict']:15} {line['reached']:.3f}  {line['what']}, {line['where']}")
    for limit in results["limits"]:
        print(f"{limit.verdict:15} {limit.reached:.1f} {limit.unit}  {limit.what}")
    if wanted.write:
        shown = [{**limit._asdict(), "verdict": limit.verdict} for limit in results["limits"]]
        page.write({**results, "limits": shown})
    sys.exit(not all_kept(results["goals"], results["limits"]))


if __name__ == "__main__":
    main()
