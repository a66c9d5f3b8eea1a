"""Processes that share a channel: one renews for all, and whichever is killed, another goes on."""

import asyncio
import contextlib
import importlib.util
import json
import signal
import sys
import time
from pathlib import Path

import pytest

from aiozcrm.testing import FakeZoho, TokenLimits

WORKER = Path(__file__).with_name("worker.py")
#: Half the life of a channel takes about three seconds.
SPEED = 100_000.0
HALF = 604_500 / 2 / SPEED


def fast_clock(began):
    """Return the clock of the workers."""
    spec = importlib.util.spec_from_file_location("channel_worker", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fast_clock(began, SPEED)


async def end(worker):
    """Kill a worker and wait for its end."""
    with contextlib.suppress(ProcessLookupError):
        worker.kill()
    await worker.communicate()


@pytest.fixture(params=["file", "redis"])
def store(request, tmp_path):
    """What a worker is told of its store."""
    if request.param == "file":
        return ["FileChannelStore", {"path": str(tmp_path / "channels.json")}]
    url = request.getfixturevalue("redis_url")
    # A worker may be killed while it holds the lock, and the channel must not end meanwhile.
    return ["RedisChannelStore", {"url": url, "lease": 1.0}]


@pytest.mark.system
async def test_one_of_three_workers_renews_and_one_is_killed(store):
    """Over several renewals there is one for each half of the life, and the channel never ends."""
    began = time.time()
    async with (
        FakeZoho(clock=fast_clock(began), tokens=TokenLimits(lifetime=1e9, made=99)) as fake,
        contextlib.AsyncExitStack() as stack,
    ):
        told = {"store": store, "environ": fake.environ(), "began": began, "speed": SPEED}
        workers = []
        for _ in range(3):
            worker = await asyncio.create_subprocess_exec(
                sys.executable, str(WORKER), json.dumps(told), stdout=asyncio.subprocess.PIPE
            )
            stack.push_async_callback(end, worker)
            workers.append(worker)
        ids = {(await worker.stdout.readline()).strip().decode() for worker in workers}
        assert len(ids) == 1
        updates = fake.stats.done.of("update", "notifications")
        started = time.time()
        for number in range(1, 4):
            async with asyncio.timeout(20):
                while fake.stats.done.of("update", "notifications") < updates + number:
                    assert fake.notifications.ids == [*ids]
                    await asyncio.sleep(0.05)
            if number == 2:
                workers[0].send_signal(signal.SIGKILL)
        halves = (time.time() - started) / HALF
        assert fake.stats.done.of("update", "notifications") - updates <= halves + 1
        assert fake.stats.done.of("create", "notifications") == 1
        assert fake.notifications.ids == [*ids]
        assert [worker.returncode for worker in workers[1:]] == [None, None]
