"""The fake as a server: lifetime, checks that all API calls share, limits, counters."""

import asyncio
import gc
import logging
import time
import warnings
from typing import Any

import aiohttp
import pytest

import aiozcrm.testing
from aiozcrm.testing import FakeZoho, Fault, Limits, Stats

LINKS = "settings/unsubscribe_links"


def test_shows_its_names_sorted() -> None:
    """The package shows exactly what it promises."""
    names = aiozcrm.testing.__all__

    assert names == sorted(names)
    assert {"FakeZoho", "Fault", "FaultPlan", "Stats"} <= set(names)
    assert all(hasattr(aiozcrm.testing, name) for name in names)


async def test_gives_out_credentials(fake: FakeZoho) -> None:
    """Credentials and environment lead a client to the fake."""
    credentials = fake.credentials()
    environ = fake.environ()

    assert fake.url.startswith("http://127.0.0.1:")
    assert environ == {
        "ZOHO_CLIENT_ID": credentials.client_id,
        "ZOHO_CLIENT_SECRET": credentials.client_secret,
        "ZOHO_REFRESH_TOKEN": credentials.refresh_token,
        "ZOHO_DATA_CENTER": "us",
        "ZOHO_ENVIRONMENT": "production",
        "ZOHO_ACCOUNTS_URL": fake.url,
        "ZOHO_API_URL": fake.url,
    }
    assert (credentials.accounts_url, credentials.api_url) == (fake.url, fake.url)
    assert (credentials.data_center, credentials.environment) == ("us", "production")


async def test_has_no_url_before_it_starts() -> None:
    """Where it will listen is unknown until it does."""
    with pytest.raises(RuntimeError, match="Start the FakeZoho first"):
        _ = FakeZoho().url


async def test_starts_once_and_closes_any_number_of_times(caller: Any) -> None:
    """Starting again is an error, closing again is nothing; a closed fake answers nobody."""
    fake = FakeZoho()
    await fake.close()
    await fake.start()
    with pytest.raises(RuntimeError, match="only once"):
        await fake.start()
    await fake.close()
    await fake.close()

    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.ask(fake)


async def test_listens_where_it_is_told(caller: Any) -> None:
    """Host and port can be chosen; a port that is taken is an error."""
    async with FakeZoho(host="localhost") as first:
        assert first.url.startswith("http://localhost:")
        assert (await caller.ask(first)).status == 200

        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            await FakeZoho(host="localhost", port=port).start()


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer 1000.a.b"}])
async def test_wants_a_token_in_zohos_form(
    fake: FakeZoho, caller: Any, header: dict[str, str]
) -> None:
    """Without a token in Zoho's form a call is not authenticated."""
    reply = await caller.send("GET", f"{fake.url}/crm/v7/{LINKS}", headers=header)

    assert reply.status == 401
    assert reply.json == {
        "code": "AUTHENTICATION_FAILURE",
        "details": {},
        "message": "Authentication failed",
        "status": "error",
    }


async def test_refuses_an_unknown_token(fake: FakeZoho, caller: Any) -> None:
    """A token that was never made is invalid, and the attempt is counted."""
    reply = await caller.delete(fake, "7", token="1000.a.b")

    assert reply.status == 401
    assert reply.json == {
        "code": "INVALID_TOKEN",
        "details": {},
        "message": "invalid oauth token",
        "status": "error",
    }
    assert fake.stats.attempts == {"7": 1}


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        ("GET settings/nothing", 404, "INVALID_URL_PATTERN"),
        (f"DELETE {LINKS}", 400, "INVALID_REQUEST_METHOD"),
        (f"PATCH {LINKS}/7", 400, "INVALID_REQUEST_METHOD"),
        (f"POST {LINKS}/7", 400, "INVALID_REQUEST_METHOD"),
        (f"GET {LINKS}/actions/associations", 404, "INVALID_URL_PATTERN"),
        ("PUT org", 400, "INVALID_REQUEST_METHOD"),
    ],
)
async def test_refuses_what_it_does_not_know(
    fake: FakeZoho, caller: Any, request_line: str, status: int, code: str
) -> None:
    """Unknown paths and methods are told apart."""
    reply = await caller.call(fake, *request_line.split(), token=await caller.token(fake))

    assert (reply.status, reply.json["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/", "/crm/v7", "/crm/v1/settings/unsubscribe_links"])
async def test_has_nothing_beside_accounts_and_api(fake: FakeZoho, caller: Any, path: str) -> None:
    """Paths of neither accounts nor API are unknown URLs."""
    reply = await caller.send("GET", f"{fake.url}{path}")

    assert (reply.status, reply.json["code"]) == (404, "INVALID_URL_PATTERN")
    assert fake.stats.api_requests == 0


FAMILY = "ZohoCRM.settings.unsubscribe"
CALLS = {
    "list": f"GET {LINKS}",
    "get": f"GET {LINKS}/7",
    "create": f"POST {LINKS}",
    "update": f"PUT {LINKS}/7",
    "update-by-body-id": f"PUT {LINKS}",
    "delete": f"DELETE {LINKS}/7",
    "associations": "GET settings/unsubscribe_link/actions/associations",
    "org": "GET org",
    "apis": "GET __apis",
}


@pytest.mark.parametrize(
    ("scope", "calls"),
    [
        (f"{FAMILY}.ALL", set(CALLS) - {"org", "apis"}),
        (f"{FAMILY}.READ", {"list", "get", "associations"}),
        ("ZohoCRM.settings.unsubscribe_links.READ", {"list", "get"}),
        (f"{FAMILY}.CREATE", {"create"}),
        (f"{FAMILY}.UPDATE", {"update", "update-by-body-id"}),
        (f"{FAMILY}.DELETE", {"delete"}),
        ("ZohoCRM.org.READ", {"org"}),
        ("ZohoCRM.org.ALL", {"org"}),
        ("ZohoCRM.apis.READ", {"apis"}),
        (f"{FAMILY}.DELETE,ZohoCRM.org.READ", {"delete", "org"}),
        ("ZohoCRM.modules.ALL", set()),
        (None, set(CALLS)),
    ],
)
async def test_checks_the_scope(caller: Any, scope: str | None, calls: set[str]) -> None:
    """Each call needs a scope that covers it; a fake that was told none covers all."""
    async with FakeZoho(**({} if scope is None else {"scope": scope})) as fake:
        token = await caller.token(fake)
        replies = {
            name: await caller.call(fake, *line.split(), token=token)
            for name, line in CALLS.items()
        }

    refused = [reply.json for reply in replies.values() if reply.status == 401]
    assert {name for name, reply in replies.items() if reply.status != 401} == calls
    assert all(
        body
        == {
            "code": "OAUTH_SCOPE_MISMATCH",
            "details": {},
            "message": "invalid oauth scope to access this URL",
            "status": "error",
        }
        for body in refused
    )


async def test_checks_the_permission(fake: FakeZoho, caller: Any, token: str) -> None:
    """A user without permission is told which one is missing, and nothing happens."""
    fake.permission_denied = True
    reply = await caller.delete(fake, fake.unsubscribe_links.ids[-1], token=token)

    assert reply.status == 403
    assert reply.json == {
        "code": "NO_PERMISSION",
        "details": {"permissions": ["Crm_Implied_Manage_Unsubscribe_Form"]},
        "message": "permission denied",
        "status": "error",
    }
    assert not fake.stats.effects


async def test_refuses_calls_beyond_the_concurrency_limit(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """Of ten calls at once with three allowed, seven are refused, and none is lost."""
    fake.max_concurrency = 3
    fake.latency = 0.1
    calls = [caller.call(fake, "GET", LINKS, token=token) for _ in range(10)]
    replies = await asyncio.gather(*calls)

    assert sorted(reply.status for reply in replies) == [200] * 3 + [429] * 7
    assert {reply.json["code"] for reply in replies if reply.status == 429} == {"TOO_MANY_REQUESTS"}
    assert fake.stats.highest_concurrency > 3
    assert (await caller.call(fake, "GET", LINKS, token=token)).status == 200


async def test_counts_the_highest_concurrency(fake: FakeZoho, caller: Any, token: str) -> None:
    """Calls in progress at once are counted while they take time."""
    fake.latency = 0.1
    await asyncio.gather(*(caller.call(fake, "GET", LINKS, token=token) for _ in range(4)))

    assert fake.stats.highest_concurrency == 4


@pytest.mark.parametrize(
    ("line", "rows", "heavy"),
    [
        ("POST Leads", 11, True),
        ("POST Leads", 10, False),
        ("PUT Leads", 11, True),
        ("POST Leads/upsert", 11, True),
        ("GET Leads?fields=id&sort_by=id", 0, True),
        ("GET Leads?fields=id", 0, False),
        ("POST coql", 0, True),
        ("GET org", 0, False),
    ],
)
async def test_allows_fewer_heavy_calls(caller: Any, line: str, rows: int, heavy: bool) -> None:
    """Of four calls at once two are too many, if they are heavy."""
    async with FakeZoho(limits=Limits(heavy=2), latency=0.1) as fake:
        token = await caller.token(fake)
        method, path = line.split()
        query = "select id from Leads where id is not null"
        body = {"data": [{"Last_Name": "x"}] * rows, "select_query": query}
        options = {} if method == "GET" else {"json": body}
        calls = [caller.call(fake, method, path, token=token, **options) for _ in range(4)]
        statuses = [reply.status for reply in await asyncio.gather(*calls)]

    assert statuses.count(429) == (2 if heavy else 0)
    assert (fake.stats.highest_heavy > 2) == heavy


async def test_acts_before_it_lets_time_pass(fake: FakeZoho, caller: Any, token: str) -> None:
    """A client that does not wait for the answer has still had its effect."""
    fake.latency = 3600
    link_id = fake.unsubscribe_links.ids[-1]
    with pytest.raises(TimeoutError):
        await caller.delete(fake, link_id, token=token, timeout=aiohttp.ClientTimeout(0.2))

    assert fake.stats.effects == {link_id: 1}


async def test_tells_what_is_left_of_the_credits(caller: Any) -> None:
    """The credits show once half are used, and at zero every call is refused."""
    async with FakeZoho(limits=Limits(credits=4)) as fake:
        token = await caller.token(fake)
        replies = [await caller.call(fake, "GET", LINKS, token=token) for _ in range(6)]

    assert [reply.status for reply in replies] == [200] * 4 + [429] * 2
    assert [reply.headers.get("X-API-CREDITS-REMAINING") for reply in replies] == [
        None,
        "2",
        "1",
        "0",
        "0",
        "0",
    ]
    assert replies[-1].json["code"] == "TOO_MANY_REQUESTS"


async def test_runs_out_of_credits_on_order(fake: FakeZoho, caller: Any, token: str) -> None:
    """Credits may be set at any time."""
    fake.credits = 0
    reply = await caller.call(fake, "GET", LINKS, token=token)

    assert (reply.status, reply.headers["X-API-CREDITS-REMAINING"]) == (429, "0")


async def test_sets_cookies_on_order(fake: FakeZoho, caller: Any, token: str) -> None:
    """Four cookies come with API answers when ordered, none otherwise."""
    plain = await caller.call(fake, "GET", LINKS, token=token)
    fake.cookies = True
    reply = await caller.call(fake, "GET", LINKS, token=token)

    assert "Set-Cookie" not in plain.headers
    assert [cookie.partition("=")[0] for cookie in reply.headers.getall("Set-Cookie")] == [
        "_zcsr_tmp",
        "crmcsr",
        "JSESSIONID",
        "3e285c6f31",
    ]
    assert "Set-Cookie" not in (await caller.ask(fake)).headers


async def test_shows_whether_a_client_sends_cookies_back() -> None:
    """The cookies are such that a client with a jar sends them back."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with FakeZoho() as fake, aiohttp.ClientSession(cookie_jar=jar) as session:
        fake.cookies = True
        await session.get(f"{fake.url}/crm/v7/{LINKS}")
        assert "Cookie" not in fake.stats.last_headers
        await session.get(f"{fake.url}/crm/v7/{LINKS}")

    assert fake.stats.last_headers["Cookie"].count("=") == 4


async def test_reads_a_body_nobody_asked_for(fake: FakeZoho, caller: Any, token: str) -> None:
    """A DELETE with a body works and leaves the connection in order."""
    reply = await caller.delete(
        fake, fake.unsubscribe_links.ids[-1], token=token, data=b"x" * 10_000
    )

    assert reply.status == 200


async def test_counts_requests_and_connections(fake: FakeZoho) -> None:
    """Requests are remembered in order; one kept connection is one connection."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        await session.post(f"{fake.url}/oauth/v2/token")
        await session.get(f"{fake.url}/crm/v7/{LINKS}", headers={"X-Test": "yes"})
        await session.delete(f"{fake.url}/crm/v7/{LINKS}/7")

    stats = fake.stats
    assert list(stats.requests) == [
        ("POST", "/oauth/v2/token"),
        ("GET", "/crm/v7/settings/unsubscribe_links"),
        ("DELETE", "/crm/v7/settings/unsubscribe_links/7"),
    ]
    assert (stats.connections, stats.token_requests, stats.api_requests) == (1, 1, 2)
    assert "X-Test" not in stats.last_headers
    assert stats.last_headers["User-Agent"].startswith("Python")


def test_remembers_a_bounded_number_of_requests() -> None:
    """However many requests come, memory stays flat."""
    stats = Stats()
    stats.requests.extend([("GET", "/")] * 10_001)

    assert len(stats.requests) == 10_000


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HANG_AFTER, None])
async def test_closes_fast_while_requests_wait(
    caller: Any, caplog: pytest.LogCaptureFixture, fault: Fault | None
) -> None:
    """Closing ends requests in progress at once and leaves no task, warning or log line."""
    fake = FakeZoho(links=1, latency=0 if fault else 3600)
    await fake.start()
    token = await caller.token(fake)
    others = asyncio.all_tasks()
    fake.faults.script(fault)
    call = asyncio.create_task(caller.delete(fake, fake.unsubscribe_links.ids[-1], token=token))
    await asyncio.wait([call], timeout=0.1)

    began = time.monotonic()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await fake.close()
    took = time.monotonic() - began

    await asyncio.wait([call])
    await asyncio.sleep(0)
    assert took < 0.5
    assert fake.stats.api_requests == 1
    assert isinstance(call.exception(), aiohttp.ClientError) == bool(fault)
    assert asyncio.all_tasks() - others == set()
    assert caught == []
    assert caplog.records == []


async def test_says_nothing_when_clients_hang_up(
    fake: FakeZoho, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients that leave at any moment cause no log line and keep no place in the queue."""
    caplog.set_level(logging.DEBUG)
    fake.latency = 3600
    fake.max_concurrency = 1
    host, _, port = fake.url.removeprefix("http://").partition(":")
    head = f"DELETE /crm/v7/{LINKS}/7 HTTP/1.1\r\nHost: {host}\r\n"
    head += f"Authorization: Zoho-oauthtoken {token}\r\n"
    for sent in ("", "DELETE /crm", f"{head}Content-Length: 9\r\n\r\nabc", f"{head}\r\n"):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent.encode())
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()
        await asyncio.sleep(0.02)

    assert fake.stats.api_requests == 2
    assert fake.stats.highest_concurrency == 1
    assert [record for record in caplog.records if record.name != "asyncio"] == []


async def test_leaves_no_socket_open_when_its_start_is_cancelled() -> None:
    """Cancelling is a normal event at every await of the start, and at none."""
    for steps in range(8):
        fake = FakeZoho()
        task = asyncio.create_task(fake.start())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await fake.close()
    gc.collect()


async def test_counts_by_verb_family_and_id(fake: FakeZoho, caller: Any, token: str) -> None:
    """What was asked for and what was done can be counted, one by one or together."""
    one, two = fake.unsubscribe_links.ids[-2:]
    for link_id in (one, two, two):
        await caller.delete(fake, link_id, token=token)
    await caller.call(fake, "GET", LINKS, token=token)
    asked, done = fake.stats.asked, fake.stats.done

    assert asked["delete", "unsubscribe_links", two] == 2
    assert done["delete", "unsubscribe_links", two] == 1
    assert asked["list", "unsubscribe_links", ""] == 1
    assert (asked.of(), asked.of("delete"), asked.of(id=two)) == (4, 3, 2)
    assert (done.of(family="unsubscribe_links"), done.of("create")) == (2, 0)
