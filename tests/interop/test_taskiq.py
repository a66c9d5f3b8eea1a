"""The how-to page about many machines: its files, run as they stand there."""

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from aiozcrm.testing import FakeZoho, RegisteredClient

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "howto" / "many-machines.md"
ORGS = ("acme", "globex", "initech")

#: Enough for both worker processes to have work for each org.
ROUNDS = 4


@pytest.fixture
def folder(tmp_path):
    """A folder with the files of the page."""
    for name in ("tasks.py", "clean_all.py"):
        block = re.search(rf"`{name}` .*?```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        (tmp_path / name).write_text(block[1])
    return tmp_path


@pytest.fixture
async def orgs(folder):
    """A local Zoho for each org, with its secrets where the page says."""
    async with AsyncExitStack() as stack:
        fakes = {}
        for name in ORGS:
            fakes[name] = fake = await stack.enter_async_context(
                FakeZoho(
                    links=8,
                    client=RegisteredClient(secret=f"client-secret-of-{name}"),
                    refresh_token=f"1000.refresh-of-{name}.{name}",
                )
            )
            _, used, *_ = fake.unsubscribe_links.ids
            fake.unsubscribe_links.add_association(used, "Newsletter")
            (folder / f"{name}.json").write_text(json.dumps(fake.environ()))
        yield fakes


@pytest.fixture
def tokens_url(redis_server):
    """Where the tokens are, for a user who may do no more than the page about stores lists."""
    stores = (DOCS / "reference" / "stores.md").read_text()
    [command] = re.findall(r"^ACL SETUSER zoho on >password .*", stores, re.MULTILINE)
    redis_server.client.execute_command(*command.split())
    yield redis_server.url.replace("//", "//zoho:password@")
    redis_server.client.execute_command("ACL", "DELUSER", "zoho")


@pytest.fixture
def environ(folder, redis_url, tokens_url):
    """The variables that the page sets."""
    # Programs find the modules beside them, as they do by default.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return usual | {
        "REDIS_URL": redis_url,
        "TOKENS_URL": tokens_url,
        "ZOHO_SECRETS": str(folder),
    }


@pytest.fixture
async def workers(folder, environ):
    """Two worker processes, started with the command of the page; yields what they log."""
    log = folder / "workers.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "taskiq", "worker", "tasks:broker", "--workers", "2"),
            cwd=folder,
            env=environ,
            stderr=errors,
            start_new_session=True,
        )
    async with asyncio.timeout(30):
        # Otherwise the first that listens might do all the work.
        while log.read_text().count("Listening started") < 2:  # noqa: ASYNC110  # a file
            await asyncio.sleep(0.05)
    yield log
    # All of them at once, since nothing is left to do.
    os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def clean_all(folder, environ, *orgs):
    """Run the other command of the page, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("clean_all.py", *orgs),
        cwd=folder,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode().splitlines()


async def test_two_workers_clean_three_orgs_with_one_token_each(
    folder, orgs, environ, workers, redis_server
):
    """Every unused link is gone exactly once, and Redis holds no lasting secret."""
    exit_code, printed = await clean_all(folder, environ, *ORGS * ROUNDS)

    assert 0 == exit_code
    assert list(ORGS * ROUNDS) == [line.split()[0] for line in printed]
    assert not any("failed" in line for line in printed)
    log = workers.read_text()
    assert 2 == len(set(re.findall(r"\[(worker-\d+)\].* Executing task tasks:clean_up", log)))
    for fake in orgs.values():
        default, used = fake.unsubscribe_links.ids
        assert 7 == fake.stats.effects.total() == len(fake.stats.effects)
        assert fake.unsubscribe_links.default_id == default
        assert used not in fake.stats.attempts
        assert 1 == fake.stats.token_requests
        secrets = fake.environ()
        everything = redis_server.everything() + log.encode() + "".join(printed).encode()
        assert secrets["ZOHO_CLIENT_SECRET"].encode() not in everything
        assert secrets["ZOHO_REFRESH_TOKEN"].encode() not in everything
