"""What the how-tos do beyond running: each way to credentials, with its failures."""

import asyncio
import re
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from aiozcrm import ZohoCRM
from aiozcrm.testing import FakeZoho, RegisteredClient

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "authorize.md"


@pytest.fixture
def unused_port():
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def names():
    """What the examples of the page define."""
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, PAGE, "exec"), names)  # noqa: S102  # our own words
    return names


async def test_the_how_to_gets_credentials_for_a_job_of_your_own(names, fake, capsys):
    """A self client's code becomes credentials, which a call is made with, and which then end."""
    names["client"] = fake.oauth_client()

    credentials = await names["exchange"](fake.make_code("ZohoCRM.org.READ"))
    async with ZohoCRM(credentials) as zoho:
        assert await zoho.org.get()
    for _ in range(2):
        await names["disconnect"](credentials)

    assert "may do: ZohoCRM.org.READ\nrevoked\nwas gone already\n" == capsys.readouterr().out


async def test_the_how_to_connects_the_orgs_of_a_web_app(names):
    """Login, consent and callback bring credentials; a no, a stranger and an old code do not."""
    kept = []

    async def keep(credentials):
        kept.append(credentials)

    names["keep"] = keep
    async with (
        FakeZoho(client=RegisteredClient(redirect_uri=names["REDIRECT_URI"])) as fake,
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


async def test_the_how_to_authorizes_on_the_users_machine(names, fake, monkeypatch, unused_port):
    """The program listens, opens a browser, and gets its grant."""
    loop = asyncio.get_running_loop()
    browsing, opened = [], asyncio.Event()
    names |= {"client": fake.oauth_client(), "PORT": unused_port}

    async def browse(page):
        async with ClientSession() as browser:
            async with browser.get(f"http://localhost:{unused_port}/") as answer:
                assert 400 == answer.status
            async with browser.get(fake.consent(page)) as answer:
                assert "You can close this window." == await answer.text()

    def browser(url):
        # In a thread of its own.
        browsing.append(asyncio.run_coroutine_threadsafe(browse(url), loop))
        loop.call_soon_threadsafe(opened.set)

    monkeypatch.setattr(names["webbrowser"], "open", browser)

    grant = await names["authorize"](["ZohoCRM.org.READ"])

    await opened.wait()  # The thread may be slower than what it has begun.
    await asyncio.gather(*map(asyncio.wrap_future, browsing))
    assert ("ZohoCRM.org.READ",) == grant.scopes
    assert 1 == len(browsing)


async def test_the_how_to_asks_without_a_refresh_token(names, fake):
    """Client credentials are credentials, too."""
    names["credentials"] = fake.client_credentials()

    assert 1 == await names["count"]()
