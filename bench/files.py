"""Moves a large file up and down, and measures seconds, memory and the longest stall of the loop.

``python bench/files.py`` moves a gigabyte from and to the folder for temporary files, with aiozcrm
and with a hand-written loop of aiohttp, each in a process of its own, beside a server in another.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import aiohttp
from watching import client_of, peak_mib

from aiozcrm.resources.files import Files

MIB: Final = 1024 * 1024
TOKEN: Final = b'{"access_token": "1000.a.b", "expires_in": 3600}'
#: No two files have the same id, or their uploads would be taken for one another.
UPLOADED: Final = b'{"data": [{"code": "SUCCESS", "status": "success", "details": {"id": "f%d"}}]}'


class AnySize(Files):
    """Files beyond what Zoho takes, to see what a larger one would cost."""

    most_bytes = 1 << 50


async def serve(size: int) -> None:
    """Answer token requests, take uploads and hand out a file, until standard input is closed."""
    numbers = itertools.count(1)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (
                        int(line[15:])
                        for line in head.split("\r\n")
                        if line[:15] == "Content-Length:"
                    ),
                    0,
                )
                while length:
                    length -= len(await reader.readexactly(min(length, MIB)))
                if head.startswith("GET /crm/v7/files"):
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=big\r\n"
                        b"Content-Length: %d\r\n\r\n" % size
                    )
                    for at in range(0, size, MIB):
                        writer.write(bytes(min(MIB, size - at)))
                        await writer.drain()
                    continue
                body = TOKEN if "/oauth/" in head else UPLOADED % next(numbers)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=4 * MIB)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def with_aiozcrm(origin: str, source: Path, target: Path) -> AsyncIterator[None]:
    """Move the file with aiozcrm: up, then down."""
    async with client_of(origin) as zoho:
        files = AnySize(zoho._api)  # noqa: SLF001  # there is no client without limits
        # A client that has made its first call: connecting and importing are not what is measured.
        await files.upload(b"x", name="x")
        yield
        await files.upload(source)
        yield
        await files.download("f1", target)
        yield


async def with_aiohttp(origin: str, source: Path, target: Path) -> AsyncIterator[None]:
    """Move the file with a loop of aiohttp: up, then down."""
    headers = {"Authorization": "Zoho-oauthtoken 1000.a.b"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{origin}/crm/v7/files", data=b"x") as answer:
            await answer.json()
        yield
        with source.open("rb") as file:
            form = aiohttp.FormData()
            form.add_field("file", file, filename="big")
            async with session.post(f"{origin}/crm/v7/files", data=form) as answer:
                await answer.json()
        yield
        async with session.get(f"{origin}/crm/v7/files?id=f1") as answer:
            with target.open("wb") as file:
                async for piece in answer.content.iter_chunked(MIB):
                    file.write(piece)
        yield


CLIENTS: Final[dict[str, Callable[[str, Path, Path], AsyncIterator[None]]]] = {
    "aiozcrm": with_aiozcrm,
    "aiohttp": with_aiohttp,
}


async def watch(stalls: list[float], busy: list[float]) -> None:
    """Note how long the loop lets a task wait that only wants its turn, beyond a millisecond.

    On a machine that has other things to do, the loop waits for a core as well. So what its thread
    has computed meanwhile is noted, too.
    """
    while True:
        began, cpu = time.perf_counter(), time.thread_time()
        await asyncio.sleep(0.001)
        stalls.append(time.perf_counter() - began - 0.001)
        busy.append(time.thread_time() - cpu)


async def run(client: str, origin: str, folder: Path) -> dict[str, float]:
    """Move the file and return what it took."""
    stalls: list[float] = []
    busy: list[float] = []
    watching = asyncio.create_task(watch(stalls, busy))
    steps = CLIENTS[client](origin, folder / "source", folder / "target")
    await anext(steps)
    taken: dict[str, float] = {}
    for way in ("up", "down"):
        stalls.clear()
        busy.clear()
        before, began, cpu = peak_mib(), time.perf_counter(), time.process_time()
        await anext(steps)
        taken |= {
            f"{way} s": time.perf_counter() - began,
            f"{way} CPU s": time.process_time() - cpu,
            f"{way} MiB more": peak_mib() - before,
            f"{way} stall ms": max(stalls) * 1000,
            f"{way} busy ms": max(busy) * 1000,
        }
    await anext(steps, None)
    watching.cancel()
    return taken


def compare(size: int, rounds: int) -> None:
    """Run each client and show what it took."""
    me = [sys.executable, __file__]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(  # noqa: S603  # ourselves
            [*me, "--serve", str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        assert server.stdout is not None  # noqa: S101
        assert server.stdin is not None  # noqa: S101
        origin = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        folder = Path(name)
        with (folder / "source").open("wb") as file:
            for _ in range(size // MIB):
                file.write(bytes(MIB))
        taken: dict[str, list[Mapping[str, float]]] = {client: [] for client in CLIENTS}
        for _ in range(rounds):
            for client in random.sample(list(CLIENTS), len(CLIENTS)):
                command = [*me, "--run", client, origin, name]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
                taken[client].append(json.loads(done.stdout))
                if (folder / "target").stat().st_size != size:
                    raise RuntimeError(f"{client} has lost bytes")
                (folder / "target").unlink()
        server.stdin.close()
    for client, runs in taken.items():
        show(client, runs)


def show(client: str, runs: Sequence[Mapping[str, float]]) -> None:
    """Print the median of each figure, with the lowest and the highest."""
    print(client)
    for name in runs[0]:
        values = sorted(run[name] for run in runs)
        middle = statistics.median(values)
        print(f"  {name:14} {middle:8.2f}  [{values[0]:.2f}-{values[-1]:.2f}]")


def main() -> None:
    """Compare, or be one of those that are compared, or the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1024, help="in MiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
    elif given.run:
        client, origin, folder = given.run
        print(json.dumps(asyncio.run(run(client, origin, Path(folder)))))
    else:
        compare(given.size * MIB, given.rounds)


if __name__ == "__main__":
    main()
