"""The processes of a soak: the local Zoho's, those of clients, and Redis."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

__all__ = ["ServerProcess", "WorkerProcess", "running_redis"]

_SOAK: Final = str(Path(__file__).parent)

#: A line may name some ten thousand links.
_LONGEST_LINE: Final = 2**24


async def _spawn(errors: IO[bytes], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        _SOAK,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors,
        limit=_LONGEST_LINE,
    )


async def _write(process: asyncio.subprocess.Process, told: Any) -> None:
    assert process.stdin is not None  # noqa: S101  # it is a pipe
    process.stdin.write(json.dumps(told).encode() + b"\n")
    await process.stdin.drain()


async def _read(process: asyncio.subprocess.Process) -> Any:
    """Return the next line; None at the end."""
    assert process.stdout is not None  # noqa: S101  # it is a pipe
    line = await process.stdout.readline()
    # What was cut off by a kill counts as not told.
    return json.loads(line) if line.endswith(b"\n") else None


class ServerProcess:
    """The local Zoho, in a process of its own.

    Args:
        ledger: Where it keeps its ledger.
        errors: Where its standard error goes.
        origin: When the soak began.
        settings: What the fake is made with.

    Attributes:
        environ: The credentials of its clients, as environment variables.
        default: The id of the Default link.
        restarts: How often it was killed and started again.
    """

    def __init__(
        self, ledger: Path, errors: IO[bytes], origin: float, settings: Mapping[str, Any]
    ) -> None:
        self.environ: dict[str, str] = {}
        self.default = ""
        self.restarts = 0
        self._ledger = ledger
        self._errors = errors
        self._origin = origin
        self._settings = dict(settings)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start it and wait until it listens."""
        await self._go(await _spawn(self._errors, "serve", str(self._ledger)))

    async def order(self, order: str, **arguments: Any) -> Any:
        """Give an order and return what is answered."""
        # Whoever is cancelled meanwhile must not leave an answer behind for the next order.
        return await asyncio.shield(asyncio.create_task(self._exchange(order, arguments)))

    async def _exchange(self, order: str, arguments: dict[str, Any]) -> Any:
        async with self._turn:
            process = self._running()
            await _write(process, [order, arguments])
            return await _read(process)

    async def restart(self, *, downtime: float) -> None:
        """Kill it, and start it again on the same port after *downtime* seconds."""
        async with self._turn:
            standby = await _spawn(self._errors, "serve", str(self._ledger))
            # Ready by then, it starts within milliseconds.
            await asyncio.sleep(0.5)
            await self._kill()
            await asyncio.sleep(downtime)
            self._settings["port"] = int(self.environ["ZOHO_API_URL"].rpartition(":")[2])
            self.restarts += 1
            await self._go(standby)

    async def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            await self._kill()

    async def _go(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        await _write(process, {"settings": self._settings, "origin": self._origin})
        told = await _read(process)
        self.environ, self.default = told["environ"], told["default"]

    async def _kill(self) -> None:
        await _end(self._running())

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the server is not started")
        return self._process


class WorkerProcess:
    """A process that does a job and tells each outcome as soon as it has one.

    Attributes:
        outcomes: What it told so far: the name of the input, status, number of sends, class of the
            error, and id.
        counts: What it counted; empty if it was killed.
        has_told: Whether it has told an outcome, or has ended.
    """

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str, int, str, str]] = []
        self.counts: dict[str, int] = {}
        self.has_told = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, errors: IO[bytes], job: Mapping[str, Any]) -> bool:
        """Start it, read all that it tells, and return whether it came to its own end."""
        # Its counts are the last that it tells, also if it had nothing to count.
        has_ended = False
        self._process = process = await _spawn(errors, "work")
        with contextlib.suppress(ConnectionError):  # killed before it could read
            await _write(process, job)
        try:
            while (told := await _read(process)) is not None:
                self.has_told.set()
                if isinstance(told, dict):
                    self.counts, has_ended = told, True
                else:
                    self.outcomes.append(tuple(told))
        finally:
            self.has_told.set()
            await _end(process)
        return has_ended

    def kill(self) -> None:
        """Send SIGKILL, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process at once and leave no pipe of it open."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    # Reads what is left as well, without which the pipes would stay open.
    await process.communicate()


@contextlib.asynccontextmanager
async def running_redis(folder: Path) -> AsyncIterator[str | None]:
    """Run a Redis that keeps nothing on a disk and yield its URL; None where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    options: Sequence[str] = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    process = await asyncio.create_subprocess_exec(
        program,
        "--port",
        str(port),
        *options,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _until_it_listens(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        await process.wait()


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.02)
