"""Many processes on one file: one token for all, whoever is killed at whatever moment."""

import asyncio
import random

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.testing import FakeZoho
from aiozcrm.token_stores import FileTokenStore, TokenState

#: How many processes are killed while they get a token, and while they write the file.
KILLS_WHILE_REFRESHING = 30
KILLS_WHILE_SAVING = 20

#: How many files each of the processes that survive gets a token through.
FILES = 3

SEED = 20_260_101


@pytest.fixture
async def fake():
    """A local Zoho that makes tokens without end, so that none is missed by a limit."""
    async with FakeZoho(token_limit=10_000, live_tokens=10_000) as running:
        yield running


@pytest.fixture
def path(tmp_path):
    """Where the file is going to be."""
    return tmp_path / "tokens" / "tokens.json"


def rests(folder):
    """Return the names of the damaged files in a folder."""
    return [entry.name for entry in folder.iterdir() if ".damaged-" in entry.name]


async def test_eight_processes_with_twenty_callers_each_make_one_token_request(
    workers,
    fake,
    path,
):
    """R7: they start cold, and nothing of the secrets ends up in the folder."""
    environ = fake.environ()
    arguments = {"path": str(path), "environ": environ, "callers": 20}
    pids = [await workers.start("call", **arguments) for _ in range(8)]

    assert ["done"] * 8 == [await workers.told(pid) for pid in pids]
    assert 1 == fake.stats.token_requests
    assert 8 * 20 == fake.stats.api_requests
    written = b"".join(entry.read_bytes() for entry in path.parent.iterdir())
    assert b"1000." in written
    assert environ["ZOHO_CLIENT_SECRET"].encode() not in written
    assert environ["ZOHO_REFRESH_TOKEN"].encode() not in written


async def test_a_killed_process_costs_one_token_request_at_most(workers, fake, tmp_path, caplog):
    """R7: three processes get tokens through the same files while one of them is killed."""
    seeded = random.Random(SEED)
    for kill in range(KILLS_WHILE_REFRESHING):
        folder, asked_before = tmp_path / str(kill), fake.stats.token_requests
        arguments = {"folder": str(folder), "environ": fake.environ()}
        victim = await workers.start("get_tokens", files=1_000_000, **arguments)
        others = [await workers.start("get_tokens", files=FILES, **arguments) for _ in range(2)]
        await asyncio.sleep(seeded.uniform(0.02, 0.08))
        *told, end = await workers.kill(victim)
        assert "killed" == end

        # The others go on, and what the files hold serves a newcomer.
        for pid in others:
            assert [*range(1, FILES + 1), "done"] == [
                await workers.told(pid) for _ in range(FILES + 1)
            ]
        files = max(FILES, len(told) + 1)
        for number in range(files):
            store = FileTokenStore(folder / f"{number}.json")
            async with ZohoCRM(fake.credentials(), token_store=store) as zoho:
                await zoho._oauth.token()
        assert files <= fake.stats.token_requests - asked_before <= files + 1
        assert [] == rests(folder)

    assert "" == caplog.text


async def test_a_process_killed_while_saving_never_breaks_the_file(workers, path, caplog):
    """R7: what was saved is there, what is there is whole, and other keys are not touched."""
    seeded = random.Random(SEED)
    store, key = FileTokenStore(path), "eu.production.victim"
    bystander = TokenState(blocked_until=32_503_680_000.0, refusals=7)
    await store.save("eu.production.bystander", bystander)
    for _ in range(KILLS_WHILE_SAVING):
        victim = await workers.start("save", path=str(path), key=key)
        told = [await workers.told(victim)]
        await asyncio.sleep(seeded.uniform(0, 0.02))
        told += await workers.kill(victim)

        assert "killed" == told.pop()
        # Killed after saving and before telling, it has kept one more than it told.
        assert (await store.load(key)).refusals in (told[-1], told[-1] + 1)
        assert bystander == await store.load("eu.production.bystander")
        async with asyncio.timeout(5), store.lock(key):
            pass

    assert [] == rests(path.parent)
    assert "" == caplog.text


async def test_twenty_processes_that_save_under_keys_of_their_own_lose_nothing(workers, path):
    """Orgs that share a file do not overwrite each other."""
    keys = [f"eu.production.{number}" for number in range(20)]
    pids = [await workers.start("save_once", path=str(path), key=key) for key in keys]
    assert ["done"] * 20 == [await workers.told(pid) for pid in pids]

    store = FileTokenStore(path)
    states = [await store.load(key) for key in keys]
    assert [32_503_680_000.0] * 20 == [state.blocked_until for state in states]


async def test_processes_that_count_in_one_file_skip_no_number(workers, path):
    """The lock of a key holds between processes: each sees what the one before has saved."""
    arguments = {"path": str(path), "key": "eu.production.count", "times": 10}
    pids = [await workers.start("save", **arguments) for _ in range(3)]
    told = [[await workers.told(pid) for _ in range(11)] for pid in pids]

    assert ["done"] * 3 == [numbers.pop() for numbers in told]
    assert list(range(1, 31)) == sorted(number for numbers in told for number in numbers)


async def test_an_org_waits_for_no_other_orgs_token(workers, path):
    """While the lock of one key is held, another process saves under another key."""
    store = FileTokenStore(path)
    async with store.lock("eu.production.slow"):
        pid = await workers.start("save_once", path=str(path), key="eu.production.quick")
        async with asyncio.timeout(5):
            assert "done" == await workers.told(pid)


async def test_a_block_that_one_process_met_silences_the_others(workers, path):
    """R7: after one refusal no process asks until the time has passed."""
    async with FakeZoho(token_limit=0) as fake:
        arguments = {"path": str(path), "environ": fake.environ(), "callers": 5}
        for _ in range(3):
            pid = await workers.start("call", **arguments)
            assert "TokenThrottledError" == await workers.told(pid)

        assert 1 == fake.stats.token_requests
