"""What the tests of the stores share: real processes, started quickly."""

import asyncio
import collections
import json
import sys
from pathlib import Path

import pytest


class Workers:
    """Processes that work on a token store, and can be killed at any moment."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._told: collections.defaultdict[int, asyncio.Queue] = collections.defaultdict(
            asyncio.Queue,
        )
        self._started: asyncio.Queue[int] = asyncio.Queue()
        self._starting = asyncio.Lock()

    async def listen(self) -> None:
        """Hand out what the processes tell."""
        async for line in self._process.stdout:
            pid, what = json.loads(line)
            if what == "started":
                self._started.put_nowait(pid)
            else:
                self._told[pid].put_nowait(what)

    def _command(self, *command) -> None:
        self._process.stdin.write(json.dumps(command).encode() + b"\n")

    async def start(self, job: str, **arguments) -> int:
        """Start a process and return its id."""
        async with self._starting:
            self._command("start", job, arguments)
            return await self._started.get()

    async def told(self, pid: int):
        """Return the next thing that a process told."""
        async with asyncio.timeout(30):
            return await self._told[pid].get()

    async def kill(self, pid: int) -> list:
        """Kill a process and return all that it still told, what became of it last."""
        self._command("kill", pid)
        told = []
        while not {"killed", "ended"}.intersection(told):
            told.append(await self.told(pid))
        return told


@pytest.fixture
async def workers():
    """Yield a starter of processes; none of them survives the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("worker.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    made = Workers(process)
    listening = asyncio.create_task(made.listen())
    yield made
    process.stdin.close()
    await process.wait()
    await listening
