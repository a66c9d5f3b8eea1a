"""What a call may say about itself: headers, base, host, repeatability, weight and time."""

import asyncio
import json

import attrs
import pytest
from multidict import CIMultiDict

from aiozcrm import RetryPolicy, Timeouts, ZohoCRM
from aiozcrm._protocol import ApiCall, Json, Response
from aiozcrm.errors import (
    ConfigurationError,
    ConnectionLostError,
    DeadlineExceededError,
    ForeignHostError,
    InvalidInputError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
)
from aiozcrm.events import CreditsFell, RequestFinished

# Of request(), which hands all of it on.


async def test_a_call_may_add_headers(zoho, script):
    """They stand beside the token's and the body's."""
    await zoho.request("POST", "Leads", json={}, headers={"X-EXTERNAL": "Leads.Ext__c"})
    (request,) = script.requests

    assert {
        "Authorization": "Zoho-oauthtoken 1000.secret1.part",
        "Content-Type": "application/json",
        "X-EXTERNAL": "Leads.Ext__c",
    } == dict(request.headers)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"Authorization": "mine"}, InvalidInputError),
        ({"content-type": "text/csv"}, InvalidInputError),
        ({"X-A": "b\r\nX-C: d"}, InvalidInputError),
        ({"X A": "b"}, InvalidInputError),
        ({"X-A": 1}, TypeError),
    ],
)
async def test_a_header_that_cannot_be_is_an_error_before_anything_is_sent(
    zoho, script, headers, error
):
    """Neither may it replace what the client sets, nor break out of its line."""
    with pytest.raises(error):
        await zoho.request("GET", "org", headers=headers)
    with pytest.raises(error):
        zoho.with_options(headers=headers)

    assert [] == script.token_requests


@pytest.mark.parametrize(
    ("base", "path", "sent"),
    [
        ("crm", "read", "/crm/v7/read"),
        ("bulk", "read", "/crm/bulk/v7/read"),
        (None, "crm/v2/functions/f/actions/execute", "/crm/v2/functions/f/actions/execute"),
        ("", "/crm/v8/org", "/crm/v8/org"),
        ("/crm/v8", "org", "/crm/v8/org"),
        ("crm/bulk/v8/", "read", None),
    ],
)
async def test_a_call_may_have_another_base(zoho, script, base, path, sent):
    """The bulk calls stand behind a path of their own, and some calls behind none."""
    if sent is None:
        with pytest.raises(InvalidInputError):
            await zoho.request("GET", path, base=base)
        return
    await zoho.request("GET", path, base=base)

    assert sent == script.requests[0].path


@pytest.mark.parametrize("base", ["../oauth", "/crm/v7/..", "/crm/v7?x=1", "//evil.example"])
async def test_a_base_that_cannot_be_is_an_error(zoho, script, base):
    """Nothing is sent."""
    with pytest.raises(InvalidInputError):
        await zoho.request("GET", "org", base=base)
    assert [] == script.token_requests


@pytest.mark.parametrize(
    ("method", "repeatable", "sends"),
    [
        ("POST", None, 1),
        ("POST", False, 1),
        ("POST", True, 2),
        ("PUT", None, 2),
        ("PUT", True, 2),
        ("PUT", False, 1),
        ("GET", False, 1),
    ],
)
@pytest.mark.parametrize("trouble", [503, "lost"])
async def test_a_call_may_know_whether_it_may_be_repeated(
    zoho, script, method, repeatable, sends, trouble
):
    """A query by POST may be, an action by PUT may not."""
    script.add(script.response(503) if trouble == 503 else ConnectionLostError("lost"))

    if sends == 1:
        with pytest.raises((ServerError, ConnectionLostError)) as caught:
            await zoho.request(method, "coql", repeatable=repeatable)
        assert caught.value.maybe_done
    else:
        await zoho.request(method, "coql", repeatable=repeatable)

    assert sends == len(script.requests)


async def test_what_surely_did_not_run_is_sent_again_whatever_the_call(zoho, script):
    """A 429 says that nothing happened."""
    script.add(script.error(429, "TOO_MANY_REQUESTS"))

    await zoho.request("POST", "Leads", json={}, repeatable=False)

    assert 2 == len(script.requests)


async def test_not_modified_is_a_success_without_body_if_it_was_asked_for(zoho, script):
    """304 answers If-Modified-Since; by itself it makes no sense."""
    script.add(Response(304, {}, b""), Response(304, {}, b""))
    since = {"If-Modified-Since": "2026-01-01T00:00:00+00:00"}

    assert await zoho.request("GET", "Leads", headers=since) is None
    with pytest.raises(Exception, match="304"):
        await zoho.request("GET", "Leads")


# Of ApiCall, by the transport.


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("api", "https://www.zohoapis.eu"),
        ("upload", "https://content.zohoapis.eu"),
        ("download", "https://download-accl.zoho.eu"),
        ("https://download.zoho.eu", "https://download.zoho.eu"),
        ("https://www.zohoapis.eu", "https://www.zohoapis.eu"),
    ],
)
async def test_files_go_to_hosts_of_their_own(zoho, script, host, origin):
    """They are those of the token's data centre."""
    reply = await zoho._transport.call(ApiCall("GET", "upload", host=host))
    (request,) = script.requests

    assert origin == request.origin
    assert f"{origin}/crm/v7/upload" == reply.url


@pytest.mark.parametrize(
    ("urls", "upload", "download"),
    [
        ({}, "https://crm.example", "https://crm.example"),
        ({"upload_url": "https://up.example"}, "https://up.example", "https://crm.example"),
        ({"download_url": "https://down.example"}, "https://crm.example", "https://down.example"),
    ],
)
async def test_with_a_host_of_your_own_files_go_there_too(
    make_zoho, script, credentials, urls, upload, download
):
    """Unless you name others."""
    mine = attrs.evolve(credentials, api_url="https://crm.example", **urls)
    async with make_zoho(credentials=mine) as zoho:
        for host in ("upload", "download", download):
            await zoho._transport.call(ApiCall("GET", "file", host=host))

    assert [upload, download, download] == [request.origin for request in script.requests]


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "https://download.zoho.eu.evil.example",
        "https://download.evil.example",
        "https://www.zohoapis.com",
        "https://download-accl.zoho.com",
        "http://download.zoho.eu",
        "https://user@download.zoho.eu",
        "nonsense",
    ],
)
async def test_no_token_goes_to_a_foreign_host_of_a_file(zoho, script, host):
    """An answer that names one is not believed; nothing is sent, and the slot is free again."""
    with pytest.raises(ForeignHostError, match="download_url") as caught:
        await zoho._transport.call(ApiCall("GET", "file", host=host))

    assert ([], 0, False) == (script.requests, caught.value.attempts, caught.value.maybe_done)
    assert 0 == zoho._transport.in_flight.in_flight


@pytest.mark.parametrize("setting", ["upload_url", "download_url"])
def test_a_host_that_shows_secrets_to_the_network_is_refused(credentials, setting):
    """The same rule as for the other hosts."""
    with pytest.raises(ConfigurationError, match=setting):
        attrs.evolve(credentials, **{setting: "http://files.example"})


async def test_only_ten_heavy_calls_are_under_way_at_once(make_zoho, script):
    """Zoho allows no more in any edition; other calls go on beside them."""
    gate, under_way = asyncio.Event(), [0, 0]

    async def slowly(request):
        heavy = request.path.endswith("coql")
        under_way[heavy] += 1
        await gate.wait()
        return script._success(request)

    async with make_zoho(max_in_flight=25) as zoho:
        await zoho.request("GET", "org")
        script.add(*[slowly] * 40)
        call = zoho._transport.call
        heavy = ApiCall("POST", "coql", repeatable=True, heavy=True)
        calls = [asyncio.create_task(call(heavy)) for _ in range(15)]
        calls += [asyncio.create_task(call(ApiCall("GET", "org"))) for _ in range(15)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert [15, 10] == under_way
        calls[-1].cancel()
        gate.set()
        await asyncio.gather(*calls, return_exceptions=True)

    assert 15 == under_way[True]


@pytest.mark.parametrize("keeps_time", [True, False])
async def test_a_heavy_call_that_waits_for_other_calls_keeps_no_heavy_one_waiting(
    make_zoho, script, monkeypatch, keeps_time
):
    """It has a slot of both kinds, or of none; whoever keeps the time."""
    monkeypatch.setattr(script, "keeps_time", keeps_time, raising=False)
    gate, order = asyncio.Event(), []

    async def slowly(request):
        order.append(request.path.rpartition("/")[2])
        await gate.wait()
        return script._success(request)

    async with make_zoho(max_in_flight=1) as zoho:
        await zoho.request("GET", "org")
        script.add(*[slowly] * 12)
        call = zoho._transport.call
        first = asyncio.create_task(call(ApiCall("GET", "org")))
        await asyncio.sleep(0)
        heavy = ApiCall("POST", "coql", repeatable=True, heavy=True)
        calls = [asyncio.create_task(call(heavy)) for _ in range(11)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert ["org"] == order
        gate.set()
        await asyncio.gather(first, *calls)

    assert ["org", *["coql"] * 11] == order
    assert 0 == zoho._transport._heavy.in_flight


async def test_a_call_may_have_a_time_of_its_own(make_zoho, script):
    """It bounds the whole call."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add(never)
    async with make_zoho() as zoho:
        with pytest.raises(DeadlineExceededError, match=r"0\.02 s"):
            await zoho._transport.call(ApiCall("GET", "org", timeout=0.02))

    assert Timeouts(request=0.02, call=0.02) == script.requests[0].timeouts


async def test_a_reply_tells_what_came_of_the_call(zoho, script):
    """Status, headers, data, sends, URL, and whether an earlier send is in doubt."""
    script.add(ConnectionLostError("lost"), script.response(202, {"x": 1}, X_Thing="y"))

    reply = await zoho._transport.call(ApiCall("PUT", "things/1", body=Json({"a": 1})))

    assert (202, "y", {"x": 1}, 2, True) == (
        reply.status,
        reply.headers["X-Thing"],
        reply.data,
        reply.attempts,
        reply.maybe_done,
    )
    assert "https://www.zohoapis.eu/crm/v7/things/1" == reply.url
    assert {"a": 1} == json.loads(script.requests[1].body)


async def test_zohos_clock_is_read_off_its_answers(zoho, script, clock):
    """The time of any moment is reckoned from the last answer that tells it."""
    transport = zoho._transport
    assert transport.server_time() is None
    script.add(script.response(200, {}, Date="Wed, 21 Oct 2026 07:28:00 GMT"))
    before = transport.now()
    clock.advance(10)
    await zoho.request("GET", "org")
    clock.advance(100)

    assert 1792567680 == transport.server_time(before) + 10
    assert 1792567680 == transport.server_time() - 100


@pytest.mark.parametrize(
    "date",
    [
        "nonsense",
        "Wed, 99999999999999999999 Oct 2026 07:28:00 GMT",
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2026 07:28:00 +9999999999",
    ],
)
async def test_a_date_that_is_none_tells_no_time(zoho, script, date):
    """No form of it ends a call."""
    script.add(script.response(200, {}, Date=date))
    await zoho.request("GET", "org")

    assert zoho._transport.server_time() is None


async def test_a_date_without_an_offset_is_in_utc(zoho, script, local_zone):
    """As HTTP has it, wherever this machine stands."""
    local_zone("Pacific/Kiritimati")
    script.add(script.response(200, {}, Date="Wed, 21 Oct 2026 07:28:00"))
    await zoho.request("GET", "org")
    assert 1792567680 == zoho._transport.server_time()


@pytest.mark.parametrize(
    ("header", "left"), [("0", 0), ("4711", 4711), ("-1", None), ("many", None), ("9" * 30, None)]
)
async def test_credits_are_told_as_the_last_answer_told_them(zoho, script, header, left):
    """Also by an answer that is an error; None where it does not tell."""
    assert zoho.credits_left is None
    script.add(script.error(400, "INVALID_DATA", X_API_CREDITS_REMAINING=header))
    with pytest.raises(Exception, match="INVALID_DATA"):
        await zoho.request("GET", "org")
    assert left == zoho.credits_left

    await zoho.request("GET", "org")
    assert zoho.credits_left is None


async def test_fallen_credits_are_an_event(make_zoho, script):
    """Behind that of the request that told it; not where they rise, or stay as they are."""
    told = [None, "5000", "4999", "4999", None, "4800", "9000", "8999"]
    script.add(
        *[
            script.response(200, {}, **({} if left is None else {"X_API_CREDITS_REMAINING": left}))
            for left in told
        ]
    )
    events = []
    async with make_zoho(on_event=events.append) as zoho:
        for _ in told:
            await zoho.with_options().request("GET", "org")

    fallen = [event for event in events if isinstance(event, CreditsFell)]
    assert [CreditsFell(left) for left in (5000, 4999, 4800, 8999)] == fallen
    assert isinstance(events[events.index(fallen[0]) - 1], RequestFinished)


# Of with_options().


async def test_another_client_with_options_shares_token_limits_and_end(make_zoho, script):
    """It is the same client, but for what was given."""
    zoho = make_zoho()
    other = zoho.with_options(retries=RetryPolicy(attempts=1), headers={"X-A": "b"})
    async with other:
        await other.request("GET", "org")
    await zoho.request("GET", "org")  # leaving the block has closed nothing
    script.add(script.response(503), script.response(503))
    with pytest.raises(ServerError):
        await other.request("GET", "org")
    assert {} != await zoho.request("GET", "org")

    assert 1 == len(script.token_requests)
    assert ["b", None, "b", None, None] == [r.headers.get("X-A") for r in script.requests]
    assert zoho._transport.in_flight is other._transport.in_flight
    assert zoho.org is not other.org
    await zoho.close()
    with pytest.raises(Exception, match="closed"):
        await other.request("GET", "org")


async def test_options_add_up(zoho, script):
    """A client made from another one keeps its options, and headers of a call win."""
    one = zoho.with_options(headers={"X-A": "1", "X-B": "1"})
    two = one.with_options(headers={"X-B": "2", "X-C": "2"}, timeout=7)
    await two.request("GET", "org", headers={"X-C": "3"})
    (request,) = script.requests

    assert ["1", "2", "3"] == [request.headers[name] for name in ("X-A", "X-B", "X-C")]
    assert Timeouts(call=7) == two._transport.timeouts == request.timeouts
    assert Timeouts() == one._transport.timeouts


async def test_an_option_of_time_bounds_the_call(zoho, script):
    """Whoever sends."""

    async def never(_request):
        await asyncio.Event().wait()

    script.add(never, never)
    for timeout in (0.02, Timeouts(call=0.02)):
        with pytest.raises(DeadlineExceededError, match=r"0\.02 s"):
            await zoho.with_options(timeout=timeout).org.get()


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "5"])
async def test_an_option_that_cannot_be_is_an_error(zoho, timeout):  # noqa: ASYNC109
    """At once, not with the first call."""
    with pytest.raises(ConfigurationError):
        zoho.with_options(timeout=timeout)


async def test_a_pause_that_zoho_asks_for_holds_for_all_options(zoho, script):
    """What was told to one client is known to the other."""
    script.add(script.error(429, "TOO_MANY_REQUESTS", Retry_After="3600"))
    with pytest.raises(RateLimitError):
        await zoho.with_options(headers={"X-A": "b"}).org.get()
    with pytest.raises(RateLimitError):
        await zoho.org.get()

    assert 1 == len(script.requests)


async def test_the_real_sender_keeps_the_time_of_an_option(fake):
    """The time of one request, too, not only of the call."""
    fake.latency = 0.2
    async with ZohoCRM(fake.credentials(), retries=RetryPolicy(attempts=1)) as zoho:
        await zoho.org.get()
        with pytest.raises(TimeoutError):
            await zoho.with_options(timeout=Timeouts(request=0.05)).org.get()
        await zoho.org.get()


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "image/png"}, {"Content-Disposition": "attachment; filename=a.pdf"}],
    ids=["photo", "named"],
)
async def test_a_file_where_json_was_asked_for_is_not_asked_for_again(zoho, script, headers):
    """It would be a file the next time, too; the error says what to use instead."""
    script.add(Response(200, CIMultiDict(headers), b"\x89PNG"))
    with pytest.raises(InvalidResponseError, match=r"with a file\. Use the method") as caught:
        await zoho.request("GET", "org/photo")

    assert (1, 1, True) == (len(script.requests), caught.value.attempts, caught.value.is_file)


async def test_a_list_that_leads_on_goes_on(zoho, script):
    """Also where it leaves out that it does."""
    script.add(
        script.response(200, {"user_groups": [{"id": "1"}], "info": {"next_page_token": "t"}}),
        script.response(200, {"user_groups": [{"id": "2"}], "info": {"next_page_token": None}}),
    )
    rows = [row async for row in zoho.user_groups.iter()]

    assert ["1", "2"] == [row["id"] for row in rows]
