"""Many processes on one store: one token for all, whoever is killed at whatever moment."""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest

from aiozcrm import ZohoCRM, token_stores
from aiozcrm.testing import FakeZoho, TokenLimits
from aiozcrm.token_stores import TokenState

#: How many processes are killed while they get a token and while they save, by store.
KILLS_WHILE_REFRESHING = {"file": 50, "redis": 20}
KILLS_WHILE_SAVING = {"file": 50, "redis": 10}
#: How many of those that get tokens through the same stores are killed.
VICTIMS = 2
#: How many of these experiments run at once: those with Redis wait until the lease of who was
#: killed ends.
AT_ONCE = {"file": 4, "redis": 10}

#: Through how many stores each of the processes that survive gets a token.
STORES = 3
#: More than a process gets tokens through before it is killed.
MANY = 100

#: After how many seconds Redis frees the lock of a process that was killed; on a busy machine
#: one that lives must not take as long.
LEASE = 3.0

SEED = 20_260_101


class Kind(NamedTuple):
    """A kind of store that processes share."""

    name: str
    told: Callable[[str], list]
    everything: Callable[[], bytes]

    def make(self, name):
        """Return the store of that name."""
        kind, arguments = self.told(name)
        return getattr(token_stores, kind)(**arguments)


@pytest.fixture
def files(tmp_path):
    """Return stores in files."""
    folder = tmp_path / "tokens"

    def everything():
        entries = list(folder.iterdir())
        # Nothing was damaged, not even for a moment.
        assert [] == [entry.name for entry in entries if ".damaged-" in entry.name]
        return b"\n".join(entry.read_bytes() for entry in entries)

    def told(name):
        return ["FileTokenStore", {"path": str(folder / f"{name}.json")}]

    return Kind("file", told, everything)


@pytest.fixture
def redises(redis_server):
    """Return stores in Redis."""

    def told(name):
        return ["RedisTokenStore", {"url": redis_server.url, "prefix": name, "lease": LEASE}]

    return Kind("redis", told, redis_server.everything)


@pytest.fixture(params=["files", pytest.param("redises", marks=pytest.mark.redis)])
def kind(request):
    """Return stores of each kind that processes share."""
    return request.getfixturevalue(request.param)


async def experiments(kind, count, run):
    """Run an experiment so many times, each with a number and luck of its own."""
    places = asyncio.Semaphore(AT_ONCE[kind.name])

    async def one(number):
        async with places:
            await run(number, random.Random(SEED + number))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


async def test_eight_processes_with_twenty_callers_each_make_one_token_request(workers, kind):
    """They start cold, and nothing of the secrets ends up in the store."""
    async with FakeZoho() as fake:
        environ = fake.environ()
        arguments = {"store": kind.told("one"), "environ": environ, "callers": 20}
        pids = [await workers.start("call", **arguments) for _ in range(8)]

        assert ["done"] * 8 == [await workers.told(pid) for pid in pids]
        assert 1 == fake.stats.token_requests
        assert 8 * 20 == fake.stats.api_requests
    seen = kind.everything()
    assert b"1000." in seen
    for name in ("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"):
        assert environ[name].encode() not in seen


def logged(caplog):
    """Return what was logged, but for what asyncio tells of a slow machine in development mode."""
    messages = [record.getMessage() for record in caplog.records]
    return [message for message in messages if not message.startswith("Executing ")]


async def test_a_killed_process_costs_one_token_request_at_most(workers, kind, caplog):
    """Four processes get tokens through the same stores while two of them are killed."""

    async def run(number, luck):
        told = [kind.told(f"{number}-{store}") for store in range(MANY)]
        # It makes tokens without end, so that none is missed by a limit.
        async with FakeZoho(tokens=TokenLimits(made=10_000, live=10_000)) as fake:
            environ = fake.environ()
            arguments = {"stores": told, "environ": environ}
            victims = [await workers.start("get_tokens", **arguments) for _ in range(VICTIMS)]
            arguments = {"stores": told[:STORES], "environ": environ}
            others = [await workers.start("get_tokens", **arguments) for _ in range(2)]
            used = STORES
            for victim in victims:
                await asyncio.sleep(luck.uniform(0.01, 0.06))
                *numbers, end = await workers.kill(victim)
                assert "killed" == end
                used = max(used, len(numbers) + 1)

            # The others go on, and what the stores hold serves a newcomer.
            for pid in others:
                assert [*range(1, STORES + 1), "done"] == [
                    await workers.told(pid) for _ in range(STORES + 1)
                ]
            for store in range(used):
                token_store = kind.make(f"{number}-{store}")
                async with ZohoCRM(fake.credentials(), token_store=token_store) as zoho:
                    await zoho._oauth.token()
            assert used <= fake.stats.token_requests <= used + VICTIMS

    await experiments(kind, KILLS_WHILE_REFRESHING[kind.name] // VICTIMS, run)

    assert kind.everything()
    assert not logged(caplog)


async def test_a_process_killed_while_saving_never_breaks_the_store(workers, kind, caplog):
    """What was saved is there, what is there is whole, and other keys are not touched."""
    bystander = TokenState(blocked_until=32_503_680_000.0, refusals=7)
    await kind.make("one").save("eu.production.bystander", bystander)

    async def run(number, luck):
        store, key = kind.make("one"), f"eu.production.{number}"
        victim = await workers.start("save", store=kind.told("one"), key=key)
        numbers = [await workers.told(victim)]
        await asyncio.sleep(luck.uniform(0, 0.02))
        numbers += await workers.kill(victim)

        assert "killed" == numbers.pop()
        # Killed after saving and before telling, it has kept one more than it told.
        assert (await store.load(key)).refusals in (numbers[-1], numbers[-1] + 1)
        assert bystander == await store.load("eu.production.bystander")
        async with asyncio.timeout(5), store.lock(key):
            pass

    await experiments(kind, KILLS_WHILE_SAVING[kind.name], run)

    assert kind.everything()
    assert not logged(caplog)


async def test_twenty_processes_that_save_under_keys_of_their_own_lose_nothing(workers, kind):
    """Orgs that share a store do not overwrite each other."""
    keys = [f"eu.production.{number}" for number in range(20)]
    told = kind.told("one")
    pids = [await workers.start("save_once", store=told, key=key) for key in keys]
    assert ["done"] * 20 == [await workers.told(pid) for pid in pids]

    store = kind.make("one")
    states = [await store.load(key) for key in keys]
    assert [32_503_680_000.0] * 20 == [state.blocked_until for state in states]


async def test_processes_that_count_in_one_store_skip_no_number(workers, kind):
    """The lock of a key holds between processes: each sees what the one before has saved."""
    arguments = {"store": kind.told("one"), "key": "eu.production.count", "times": 10}
    pids = [await workers.start("save", **arguments) for _ in range(3)]
    told = [[await workers.told(pid) for _ in range(11)] for pid in pids]

    assert ["done"] * 3 == [numbers.pop() for numbers in told]
    assert list(range(1, 31)) == sorted(number for numbers in told for number in numbers)


async def test_an_org_waits_for_no_other_orgs_token(workers, kind):
    """While the lock of one key is held, another process saves under another key."""
    async with kind.make("one").lock("eu.production.slow"):
        arguments = {"store": kind.told("one"), "key": "eu.production.quick"}
        pid = await workers.start("save_once", **arguments)
        async with asyncio.timeout(5):
            assert "done" == await workers.told(pid)


async def test_the_lock_of_a_killed_holder_comes_free(workers, kind):
    """With a file at once, with Redis after the lease."""
    store, key = kind.make("one"), "eu.production.held"
    victim = await workers.start("hold", store=kind.told("one"), key=key)
    assert "holding" == await workers.told(victim)
    assert ["killed"] == await workers.kill(victim)

    async with asyncio.timeout(5 * LEASE), store.lock(key):
        pass


async def test_a_block_that_one_process_met_silences_the_others(workers, kind):
    """After one refusal no process asks until the time has passed."""
    async with FakeZoho(tokens=TokenLimits(made=0)) as fake:
        arguments = {"store": kind.told("one"), "environ": fake.environ(), "callers": 5}
        for _ in range(3):
            pid = await workers.start("call", **arguments)
            assert "TokenThrottledError" == await workers.told(pid)

        assert 1 == fake.stats.token_requests
