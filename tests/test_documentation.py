"""The examples of README, quick start and how-tos, run as they stand there."""

import ast
import asyncio
import os
import re
import socket
import sys
import textwrap
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from aiozcrm import ZohoCRM
from aiozcrm.testing import FakeZoho

PROJECT = Path(__file__).parents[1]
HOW_TO = "docs/howto/authorize.md"
PAGES = ("README.md", "docs/quickstart.md", "docs/howto/telemetry.md", HOW_TO)
BLOCKS = [
    pytest.param(textwrap.dedent(block), id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", (PROJECT / page).read_text(encoding="utf-8"), re.DOTALL),
    )
]


@pytest.fixture
def unused_port():
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_blocks(page, *, only=""):
    """Run the examples of a page that have *only* in them, and return what they define."""
    names = {}
    for block in BLOCKS:
        if block.id.startswith(page) and only in block.values[0]:
            exec(compile(block.values[0], page, "exec"), names)  # noqa: S102  # our own words
    return names


@pytest.mark.parametrize("block", [b for b in BLOCKS if "asyncio.run(" in b.values[0]])
async def test_a_program_of_the_documentation_runs_as_it_stands(block):
    """Pasted into a file, with the variables of a local Zoho, it ends well."""
    async with FakeZoho(links=5) as fake:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            block,
            env={**os.environ, **fake.environ()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()

    assert (0, b"") == (process.returncode, errors)
    assert output
    assert 1 == fake.stats.token_requests


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_python(block):
    """What is not a whole program is at least well formed."""
    assert ast.parse(block).body


async def test_the_test_of_the_readme_passes():
    """The example of a user's own test does what it says."""
    names = run_blocks("README.md", only="async def test_")
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    await test()


async def test_the_how_to_gets_credentials_for_a_job_of_your_own(fake, capsys):
    """A self client's code becomes credentials, which a call is made with, and which then end."""
    names = run_blocks(HOW_TO)
    names["client"] = fake.oauth_client()

    credentials = await names["exchange"](fake.make_code("ZohoCRM.org.READ"))
    async with ZohoCRM(credentials) as zoho:
        assert await zoho.org.get()
    for _ in range(2):
        await names["disconnect"](credentials)

    assert "may do: ZohoCRM.org.READ\nrevoked\nwas gone already\n" == capsys.readouterr().out


async def test_the_how_to_connects_the_orgs_of_a_web_app():
    """Login, consent and callback bring credentials; a no, a stranger and an old code do not."""
    names, kept = run_blocks(HOW_TO), []

    async def keep(credentials):
        kept.append(credentials)

    names["keep"] = keep
    async with (
        FakeZoho(redirect_uri=names["REDIRECT_URI"]) as fake,
        TestClient(TestServer(names["app"]), cookie_jar=DummyCookieJar()) as browser,
    ):
        names["client"] = fake.oauth_client()
        login = await browser.get("/zoho/login", allow_redirects=False)
        cookie = login.cookies[names["COOKIE"]]
        page = login.headers["Location"]

        async def come_back(url, **headers):
            path = url.removeprefix("https://app.example")
            answer = await browser.get(path, headers=headers)
            return answer.status, await answer.text()

        mine = {"Cookie": f"{cookie.key}={cookie.value}"}
        no = await come_back(fake.consent(page, accept=False), **mine)
        stranger = await come_back(fake.consent(page))
        yes = fake.consent(page)
        answers = [no, stranger, await come_back(yes, **mine), await come_back(yes, **mine)]

    assert [200, 400, 200, 400] == [status for status, _ in answers]
    assert ["Nothing was connected.", "Connected."] == [text for _, text in answers[::2]]
    assert 1 == len(kept)
    assert ("/zoho", True, True, "Lax") == (
        cookie["path"],
        cookie["secure"],
        cookie["httponly"],
        cookie["samesite"],
    )


async def test_the_how_to_authorizes_on_the_users_machine(fake, monkeypatch, unused_port):
    """The program listens, opens a browser, and gets its grant."""
    names, tasks = run_blocks(HOW_TO), set()
    names |= {"client": fake.oauth_client(), "PORT": unused_port}

    async def browse(page):
        async with ClientSession() as browser:
            async with browser.get(f"http://localhost:{unused_port}/") as answer:
                assert 400 == answer.status
            async with browser.get(fake.consent(page)) as answer:
                assert "You can close this window." == await answer.text()

    monkeypatch.setattr(
        names["webbrowser"], "open", lambda url: tasks.add(asyncio.create_task(browse(url)))
    )

    grant = await names["authorize"](["ZohoCRM.org.READ"])

    await asyncio.gather(*tasks)
    assert ("ZohoCRM.org.READ",) == grant.scopes
    assert 1 == len(tasks)


async def test_the_how_to_asks_without_a_refresh_token(fake):
    """Client credentials are credentials, too."""
    names = run_blocks(HOW_TO)
    names["credentials"] = fake.client_credentials()

    assert 1 == await names["count"]()


async def test_the_test_of_the_how_to_passes():
    """A user's own test of the way to credentials does what it says."""
    await run_blocks(HOW_TO)["test_a_user_connects_an_org"]()


def test_every_promise_names_a_test_that_exists():
    """The table of promises is not older than the tests."""
    promised = set(re.findall(r"`(test_\w+)`", (PROJECT / "README.md").read_text(encoding="utf-8")))
    files = (PROJECT / "tests").rglob("test_*.py")
    written = set(re.findall(r"def (test_\w+)", "".join(f.read_text("utf-8") for f in files)))

    assert len(promised) > 10
    assert set() == promised - written
