"""The accounts server of the fake: grants, throttle, eviction, revocation."""

from typing import Any

import pytest

from aiozcrm.testing import Clock, Dialect, FakeZoho, TokenLimits

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

    assert (reply.status, reply.text) == (400, "")


async def test_takes_posts_only(fake: FakeZoho, caller: Any) -> None:
    """Another method than POST is a plain 400."""
    reply = await caller.send("GET", f"{fake.url}/oauth/v2/token?grant_type=refresh_token")

    assert (reply.status, reply.text) == (400, "")
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
