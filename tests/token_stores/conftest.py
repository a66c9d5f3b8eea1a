"""What the tests of the stores share: real processes, started quickly, and a real Redis."""

import asyncio
import collections
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis


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


class RedisServer:
    """A Redis of our own, on a free port of this machine, that keeps nothing on a disk."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail("These tests need a Redis: apt-get install redis-server", pytrace=False)
        self.port = self._free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", "--appendonly", "no", *options]
        self._process: subprocess.Popen | None = None
        self.client = redis.Redis(port=self.port)

    @staticmethod
    def _free_port() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            return listening.getsockname()[1]

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603  # ours
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + 10
        while True:
            with contextlib.suppress(redis.ConnectionError):
                self.client.ping()
                return
            assert self._process.poll() is None, "redis-server has ended at once"
            assert time.monotonic() < give_up_at, "redis-server does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it at once; what it held is lost."""
        self.client.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def everything(self) -> bytes:
        """Return the names and values of all keys."""
        names = self.client.keys()
        return b"\n".join(names + [self.client.get(name) or b"" for name in names])


@pytest.fixture(scope="session")
def redis_for_all(tmp_path_factory):
    """Yield a Redis that all tests use; none stops it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_for_all):
    """Return that Redis, empty."""
    redis_for_all.client.flushall()
    return redis_for_all


@pytest.fixture
def redis_url(redis_server):
    """Return where an empty Redis is."""
    return redis_server.url


@pytest.fixture
def make_redis(tmp_path):
    """Start a Redis with options of its own, which may be stopped."""
    with contextlib.ExitStack() as stack:

        def make(*options):
            server = RedisServer(tmp_path, *options)
            stack.callback(server.stop)
            server.start()
            return server

        yield make
