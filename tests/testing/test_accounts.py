"""The accounts server of the fake: grants, throttle, eviction, revocation."""

import base64
from typing import Any
from urllib.parse import quote_plus

import pytest

from aiozcrm.testing import Clock, Dialect, FakeZoho, RegisteredClient, TokenLimits

LIST = "settings/unsubscribe_links"


async def test_hands_out_a_token_as_documented(fake: FakeZoho, caller: Any) -> None:
    """A right request gets every documented key."""
    reply = await caller.ask(fake)

    answer = reply.json
    first, *rest = answer.pop("access_token").split(".")
    scopes = answer.pop("scope").split(" ")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert first == "1000"
    assert all(int(part, 16) for part in rest)
    assert len(rest) == 2
    assert {"ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL"} <= set(scopes)
    assert answer == {
        "api_domain": fake.url,
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    assert (fake.stats.token_requests, fake.stats.tokens_made) == (1, 1)


async def test_says_the_api_domain_it_was_told(caller: Any) -> None:
    """The API domain of token answers can be any."""
    async with FakeZoho(api_domain="https://www.zohoapis.eu") as fake:
        reply = await caller.ask(fake)

    assert reply.json["api_domain"] == "https://www.zohoapis.eu"


async def test_lists_several_scopes_with_spaces(caller: Any) -> None:
    """Scopes given with commas come back with spaces."""
    async with FakeZoho(scope="ZohoCRM.org.READ,ZohoCRM.users.READ") as fake:
        reply = await caller.ask(fake)

    assert reply.json["scope"] == "ZohoCRM.org.READ ZohoCRM.users.READ"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"grant_type": "guess"}, "invalid_client", id="grant-type"),
        pytest.param({"client_id": "1000.OTHER"}, "invalid_client", id="client-id"),
        pytest.param({"client_id": None}, "invalid_client", id="no-client-id"),
        pytest.param({"client_secret": "x"}, "invalid_client_secret", id="client-secret"),
        pytest.param({"refresh_token": "x"}, "invalid_code", id="refresh-token"),
    ],
)
async def test_refuses_wrong_credentials_with_status_200(
    fake: FakeZoho, caller: Any, changes: dict[str, str | None], error: str
) -> None:
    """What is wrong stands in the body, not in the status."""
    reply = await caller.ask(fake, **changes)

    assert (reply.status, reply.json) == (200, {"error": error})
    assert fake.stats.tokens_made == 0


async def test_refuses_a_request_without_grant_type(fake: FakeZoho, caller: Any) -> None:
    """A missing grant type is a plain 400."""
    reply = await caller.ask(fake, grant_type=None)

    assert (reply.status, reply.json) == (400, {"error": "invalid_request"})


async def test_takes_posts_only(fake: FakeZoho, caller: Any) -> None:
    """Another method than POST is a plain 400."""
    reply = await caller.send("GET", f"{fake.url}/oauth/v2/token?grant_type=refresh_token")

    assert (reply.status, reply.json) == (400, {"error": "invalid_request"})
    assert fake.stats.token_requests == 1


async def test_accepts_secrets_in_the_query_but_counts_them(fake: FakeZoho, caller: Any) -> None:
    """Secrets in the URL work, as with Zoho, and show in the stats."""
    environ = fake.environ()
    await caller.ask(fake)
    assert fake.stats.secrets_in_query == 0

    reply = await caller.send(
        "POST",
        f"{fake.url}/oauth/v2/token",
        params={
            "grant_type": "refresh_token",
            "client_id": environ["ZOHO_CLIENT_ID"],
            "client_secret": environ["ZOHO_CLIENT_SECRET"],
            "refresh_token": environ["ZOHO_REFRESH_TOKEN"],
        },
    )

    assert "access_token" in reply.json
    assert fake.stats.secrets_in_query == 1


@pytest.mark.parametrize("status", [200, 400])
async def test_throttles_the_eleventh_token(caller: Any, clock: Any, status: int) -> None:
    """Ten tokens in ten minutes are made; the next request is refused in Zoho's words."""
    async with FakeZoho(
        clock=Clock(monotonic=clock), dialect=Dialect(throttle_status=status)
    ) as fake:
        for _ in range(10):
            await caller.token(fake)
        reply = await caller.ask(fake)

    assert reply.status == status
    assert reply.json == {
        "error_description": (
            "You have made too many requests continuously. Please try again after some time."
        ),
        "error": "Access Denied",
        "status": "failure",
    }
    assert (fake.stats.tokens_made, fake.stats.throttled) == (10, 1)


async def test_counts_only_the_tokens_of_the_last_window(caller: Any, clock: Any) -> None:
    """Tokens made a window ago leave room for new ones."""
    async with FakeZoho(
        clock=Clock(monotonic=clock), tokens=TokenLimits(made=2, window=60.0)
    ) as fake:
        await caller.token(fake)
        clock.advance(30)
        await caller.token(fake)
        clock.advance(30)
        await caller.token(fake)

        assert (await caller.ask(fake)).json["error"] == "Access Denied"


async def test_asking_while_blocked_prolongs_the_block(caller: Any, clock: Any) -> None:
    """Only a whole quiet window ends a block."""
    async with FakeZoho(
        clock=Clock(monotonic=clock), tokens=TokenLimits(made=1, window=60.0)
    ) as fake:
        await caller.token(fake)
        for _ in range(3):
            assert (await caller.ask(fake)).json["error"] == "Access Denied"
            clock.advance(59)
        assert (await caller.ask(fake)).json["error"] == "Access Denied"

        clock.advance(60)
        assert "access_token" in (await caller.ask(fake)).json


async def test_refuses_an_expired_token(
    fake: FakeZoho, caller: Any, token: str, clock: Any
) -> None:
    """A token works until its lifetime is over."""
    clock.advance(3599)
    assert (await caller.call(fake, "GET", LIST, token=token)).status == 200

    clock.advance(1)
    reply = await caller.call(fake, "GET", LIST, token=token)
    assert (reply.status, reply.json["code"]) == (401, "INVALID_TOKEN")


async def test_expires_all_tokens_on_order(fake: FakeZoho, caller: Any, token: str) -> None:
    """Expiring ends old tokens; new ones work."""
    fake.expire_tokens()

    assert (await caller.call(fake, "GET", LIST, token=token)).json["code"] == "INVALID_TOKEN"
    token = await caller.token(fake)
    assert (await caller.call(fake, "GET", LIST, token=token)).status == 200


async def test_evicts_the_oldest_of_too_many_tokens(caller: Any) -> None:
    """One token more than may live ends the oldest only."""
    async with FakeZoho(tokens=TokenLimits(live=2)) as fake:
        tokens = [await caller.token(fake) for _ in range(3)]
        replies = [await caller.call(fake, "GET", LIST, token=token) for token in tokens]

    assert [reply.status for reply in replies] == [401, 200, 200]


async def test_refuses_a_revoked_refresh_token(fake: FakeZoho, caller: Any, token: str) -> None:
    """A revoked refresh token is refused and takes its access tokens along."""
    fake.revoke_refresh_token()

    reply = await caller.ask(fake)
    assert (reply.status, reply.json) == (200, {"error": "invalid_code"})
    assert (await caller.call(fake, "GET", LIST, token=token)).json["code"] == "INVALID_TOKEN"


async def test_revokes_an_access_token_when_asked(fake: FakeZoho, caller: Any) -> None:
    """An access token can be revoked alone."""
    first, second = await caller.token(fake), await caller.token(fake)
    reply = await caller.send("POST", f"{fake.url}/oauth/v2/token/revoke", data={"token": first})

    assert (reply.status, reply.json) == (200, {"status": "success"})
    assert (await caller.call(fake, "GET", LIST, token=first)).status == 401
    assert (await caller.call(fake, "GET", LIST, token=second)).status == 200


async def test_revokes_the_refresh_token_when_asked(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """Revoking the refresh token works once and ends its access tokens."""
    url = f"{fake.url}/oauth/v2/token/revoke"
    form = {"token": fake.environ()["ZOHO_REFRESH_TOKEN"]}

    reply = await caller.send("POST", url, data=form)
    assert (reply.status, reply.json) == (200, {"status": "success"})
    assert (await caller.call(fake, "GET", LIST, token=token)).status == 401

    reply = await caller.send("POST", url, data=form)
    assert (reply.status, reply.json) == (400, {"error": "invalid_token"})


async def test_refuses_to_revoke_nothing(fake: FakeZoho, caller: Any) -> None:
    """Without a token there is nothing to revoke."""
    reply = await caller.send("POST", f"{fake.url}/oauth/v2/token/revoke")

    assert (reply.status, reply.json) == (400, {"error": "invalid_token"})
    assert fake.stats.token_requests == 0


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header with which a client names itself by HTTP Basic."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@pytest.mark.parametrize(
    ("named", "secret", "answer"),
    [
        pytest.param(None, None, "access_token", id="right"),
        pytest.param({}, None, "access_token", id="named-twice"),
        pytest.param({"client_id": "1000.OTHER"}, None, "invalid_client", id="contradicted"),
        pytest.param(None, "x", "invalid_client_secret", id="wrong-secret"),
    ],
)
async def test_takes_the_client_by_http_basic(
    fake: FakeZoho, caller: Any, named: dict[str, str] | None, secret: str | None, answer: str
) -> None:
    """Id and secret may stand in the header, which the form must not contradict."""
    credentials = fake.credentials()
    form = {"client_id": credentials.client_id, **(named or {})} if named is not None else {}
    header = basic(credentials.client_id, secret or fake.environ()["ZOHO_CLIENT_SECRET"])
    reply = await caller.send(
        "POST",
        f"{fake.url}/oauth/v2/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": fake.environ()["ZOHO_REFRESH_TOKEN"],
            **form,
        },
        headers=header,
    )

    assert reply.status == 200
    assert answer in {reply.json.get("error"), *reply.json}


@pytest.mark.parametrize("credentials", ["", "!!!", base64.b64encode(b"\xff:\xff").decode()])
async def test_knows_no_client_in_a_broken_header(
    fake: FakeZoho, caller: Any, credentials: str
) -> None:
    """What is no base64, or no text, names nobody."""
    reply = await caller.send(
        "POST",
        f"{fake.url}/oauth/v2/token",
        data={"grant_type": "refresh_token"},
        headers={"Authorization": f"Basic {credentials}"},
    )

    assert (reply.status, reply.json) == (200, {"error": "invalid_client"})


async def test_revokes_at_the_newer_address(fake: FakeZoho, caller: Any, token: str) -> None:
    """There the client names itself, and only POST is taken."""
    url = f"{fake.url}/oauth/v2/revoke/token"
    environ = fake.environ()
    header = basic(environ["ZOHO_CLIENT_ID"], environ["ZOHO_CLIENT_SECRET"])
    data = {"token": environ["ZOHO_REFRESH_TOKEN"], "token_type": "refresh_token"}
    unnamed = await caller.send("POST", url, data=data)
    got = await caller.send("GET", url, headers=header)
    revoked = await caller.send("POST", url, data=data, headers=header)
    again = await caller.send("POST", url, data=data, headers=header)

    assert (unnamed.status, unnamed.json) == (401, {"error": "invalid_client"})
    assert got.status == 405
    assert (revoked.status, revoked.json) == (200, {"status": "success"})
    assert (again.status, again.json) == (400, {"error": "invalid_token"})
    assert (await caller.call(fake, "GET", LIST, token=token)).json["code"] == "INVALID_TOKEN"


async def test_tells_what_a_token_is_worth(
    fake: FakeZoho, caller: Any, clock: Any, token: str
) -> None:
    """Living tokens of the client are active, with scopes and time left; no others are."""
    url = f"{fake.url}/oauth/v2/introspect"
    environ = fake.environ()
    header = basic(environ["ZOHO_CLIENT_ID"], environ["ZOHO_CLIENT_SECRET"])
    other = fake.add_org(client=RegisteredClient(id="1000.OTHER", secret="s"))

    async def ask(token: str, **options: Any) -> Any:
        return (await caller.send("POST", url, data={"token": token}, **options)).json

    clock.advance(600)
    access = await ask(token, headers=header)
    refresh = await ask(environ["ZOHO_REFRESH_TOKEN"], headers=header)
    foreign = await ask(other.environ()["ZOHO_REFRESH_TOKEN"], headers=header)
    clock.advance(3000)

    assert (access["active"], access["token_type"], access["expires_in"]) == (
        True,
        "access_token",
        3000,
    )
    assert access["client_id"] == environ["ZOHO_CLIENT_ID"]
    assert "ZohoCRM.modules.ALL" in access["scope"].split(" ")
    assert (refresh["active"], refresh["token_type"]) == (True, "refresh_token")
    assert foreign == {"active": False}
    assert await ask(token, headers=header) == {"active": False}
    assert await ask(token) == {"error": "invalid_client"}


@pytest.mark.parametrize("scheme", ["Bearer", "Zoho-oauthtoken"])
async def test_tells_who_the_user_is(fake: FakeZoho, caller: Any, token: str, scheme: str) -> None:
    """Of a token with that scope, by either scheme."""
    url = f"{fake.url}/oauth/user/info"
    reply = await caller.send("GET", url, headers={"Authorization": f"{scheme} {token}"})

    assert reply.status == 200
    assert reply.json["Email"] == "mira@bindery.example"
    assert set(reply.json) == {"First_Name", "Last_Name", "Display_Name", "Email", "ZUID"}


async def test_tells_nobody_else_who_the_user_is(caller: Any) -> None:
    """A token without the scope, none, or a dead one is not enough."""
    async with FakeZoho(scope="ZohoCRM.org.ALL") as fake:
        url = f"{fake.url}/oauth/user/info"
        replies = [
            await caller.send("GET", url, headers={"Authorization": header})
            for header in (f"Bearer {await caller.token(fake)}", "Bearer x", "")
        ]

    assert [reply.json["error"] for reply in replies] == [
        "invalid_scope",
        "invalid_token",
        "invalid_token",
    ]


async def test_tells_where_the_data_centres_are(fake: FakeZoho, caller: Any) -> None:
    """Without any token."""
    reply = await caller.send("GET", f"{fake.url}/oauth/serverinfo")

    assert reply.json["result"] == "success"
    assert reply.json["locations"]["ca"] == "https://accounts.zohocloud.ca"
    assert "cn" not in reply.json["locations"]


async def test_rejects_with_the_status_it_is_told(caller: Any) -> None:
    """Errors of the token endpoint can come with 400."""
    async with FakeZoho(dialect=Dialect(token_error_status=400)) as fake:
        reply = await caller.ask(fake, refresh_token="x")

    assert (reply.status, reply.json) == (400, {"error": "invalid_code"})
