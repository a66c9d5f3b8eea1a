"""The fake under the control of another program, over HTTP."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho, Fault

LINKS = "settings/unsubscribe_links"


@pytest.fixture
def control(fake: FakeZoho, caller: Any) -> Any:
    """Return what asks the fake for something and returns status and data."""

    async def ask(line: str, **body: Any) -> tuple[int, Any]:
        method, path = line.split(" ")
        options = {"json": body} if body else {}
        reply = await caller.send(method, f"{fake.url}/__fake__/{path}", **options)
        return reply.status, reply.json

    return ask


async def test_says_what_can_be_done(control: Any, fake: FakeZoho) -> None:
    """The address itself lists actions, settings, faults and families; none of it counts."""
    status, told = await control("GET ")

    assert status == 200
    assert "POST /__fake__/seed" in told["actions"]
    assert {"latency", "credits"} <= set(told["settings"])
    assert told["faults"] == [fault.value for fault in Fault]
    assert "unsubscribe_links" in told["families"]
    assert list(fake.stats.requests) == []


async def test_seeds_data(control: Any, fake: FakeZoho) -> None:
    """What is to be there is named by family: how many, or with what."""
    status, ids = await control("POST seed", unsubscribe_links=[{"name": "Spring"}, {}])
    _, more = await control("POST seed", unsubscribe_links=2)

    assert status == 200
    assert [*ids["unsubscribe_links"], *more["unsubscribe_links"]] == fake.unsubscribe_links.ids[
        -4:
    ]
    assert fake.unsubscribe_links.get(ids["unsubscribe_links"][0])["name"] == "Spring"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"unsubscribe_link": 1}, "unsubscribe_link"),
        ({"unsubscribe_links": [{"colour": "red"}]}, "colour"),
        ({"unsubscribe_links": ["Spring"]}, "must be a mapping"),
        ({"apis": 1}, "nothing can be added here"),
        ({"org": "12", "unsubscribe_links": 1}, "there is no org 12"),
    ],
)
async def test_tells_mistakes_in_a_seed(control: Any, body: dict[str, Any], part: str) -> None:
    """What cannot be added is told."""
    status, told = await control("POST seed", **body)

    assert status == 400
    assert part in told["error"]


async def test_resets_everything(control: Any, fake: FakeZoho, caller: Any, token: str) -> None:
    """Data, limits, plans, counters and tokens are as at first."""
    before = fake.unsubscribe_links.ids
    fake.unsubscribe_links.add_many(2)
    fake.credits = 0
    fake.faults.script(Fault.HANG)
    fake.revoke_refresh_token()
    status, told = await control("POST reset")

    assert status == 200
    assert told["orgs"][0]["environ"] == fake.environ()
    assert fake.unsubscribe_links.ids == before
    assert fake.credits is None
    assert fake.faults.unused == ()
    assert fake.stats.tokens_made == 0
    assert (await caller.call(fake, "GET", LINKS, token=token)).json["code"] == "INVALID_TOKEN"
    assert "access_token" in (await caller.ask(fake)).json


async def test_plans_faults(control: Any, fake: FakeZoho, caller: Any, token: str) -> None:
    """A script and a mix, for the API or the token endpoint, with their particulars."""
    _, told = await control(
        "POST faults", script=["unavailable", None], mix={"bad_gateway": 1.0}, seed=3
    )
    statuses = [(await caller.call(fake, "GET", LINKS, token=token)).status for _ in range(3)]
    await control("POST faults", of="token", script=["too_many_retry_after"], retry_after="7")
    answer = await caller.ask(fake)
    _, counted = await control("GET faults")
    _, cleared = await control("DELETE faults")

    assert told["api"] == {"injected": {}, "unused": ["unavailable"]}
    assert statuses == [503, 200, 502]
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert counted["api"]["injected"] == {"unavailable": 1, "bad_gateway": 1}
    assert cleared["token"] == {"injected": {"too_many_retry_after": 1}, "unused": []}
    assert (await caller.call(fake, "GET", LINKS, token=token)).status == 200


@pytest.mark.parametrize(
    "body", [{"script": ["fire"]}, {"mix": {"hang": 2}}, {"of": "elsewhere", "script": []}]
)
async def test_tells_mistakes_in_a_plan(control: Any, body: dict[str, Any]) -> None:
    """Faults that do not exist, or cannot be, are an error."""
    assert (await control("POST faults", **body))[0] == 400


async def test_ends_tokens(control: Any, fake: FakeZoho, caller: Any, token: str) -> None:
    """Access tokens end, and the refresh token as well if told so."""
    await control("POST expire")
    ended = await caller.call(fake, "GET", LINKS, token=token)
    alive = await caller.ask(fake)
    await control("POST expire", refresh_token=True)

    assert ended.json["code"] == "INVALID_TOKEN"
    assert "access_token" in alive.json
    assert (await caller.ask(fake)).json == {"error": "invalid_code"}


async def test_shows_requests_and_counters(
    control: Any, fake: FakeZoho, caller: Any, token: str
) -> None:
    """What was sent and done can be read, faulty calls included; looking does not count."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.faults.script(Fault.SERVER_ERROR_AFTER)
    await caller.delete(fake, link_id, token=token)
    _, requests = await control("GET requests")
    _, stats = await control("GET stats")

    assert requests["requests"][-1] == {
        "method": "DELETE",
        "path": f"/crm/v7/settings/unsubscribe_links/{link_id}",
    }
    assert stats["api_requests"] == 1
    assert stats["effects"] == {link_id: 1}
    deed = {"verb": "delete", "family": "unsubscribe_links", "id": link_id, "count": 1}
    assert stats["done"] == stats["asked"] == [deed]
    assert stats["faulty"] == [
        {
            "fault": "server_error_after",
            "method": "DELETE",
            "path": f"/settings/unsubscribe_links/{link_id}",
            "rows": [link_id],
        }
    ]
    assert stats["last_headers"]["Authorization"].startswith("Zoho-oauthtoken")


async def test_changes_settings(control: Any, fake: FakeZoho) -> None:
    """Settings of the server, and those of an org."""
    other = fake.add_org()
    _, told = await control("PATCH settings", latency=0.5, credits=7)
    _, theirs = await control("PATCH settings", org=other.id, permission_denied=True)
    status, mistake = await control("PATCH settings", colour="red")

    assert (fake.latency, fake.credits, other.permission_denied) == (0.5, 7, True)
    assert (told["credits"], theirs["permission_denied"]) == (7, True)
    assert (await control("GET settings"))[1]["latency"] == 0.5
    assert (status, mistake) == (400, {"error": "LookupError: there is no setting colour"})


async def test_adds_an_org(control: Any, fake: FakeZoho) -> None:
    """Its credentials come back, and it is among the orgs."""
    _, told = await control("POST orgs", name="Globex", links=2, environment="sandbox")
    _, orgs = await control("GET orgs")

    org = fake.orgs[1]
    assert told == {
        "id": org.id,
        "name": "Globex",
        "environment": "sandbox",
        "environ": org.environ(),
    }
    assert [each["name"] for each in orgs["orgs"]] == ["Oldenkamp Bindery", "Globex"]
    assert len(org.unsubscribe_links.ids) == 3


async def test_tells_what_it_cannot_do(control: Any, fake: FakeZoho, caller: Any) -> None:
    """Unknown actions and bodies that are no objects are an error."""
    status, told = await control("GET nothing")
    reply = await caller.send("POST", f"{fake.url}/__fake__/reset", data=b"[1]")
    expects = await caller.send("POST", f"{fake.url}/__fake__/reset", headers={"Expect": "tea"})

    assert (status, told) == (
        404,
        {"error": "There is no GET nothing; /__fake__/ says what there is."},
    )
    assert (reply.status, reply.json) == (400, {"error": "The body has to be a JSON object."})
    assert expects.status == 417
