"""The public API as a user types it; checked by the type checker, never run."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, assert_type

import aiohttp
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from aiozcrm import (
    AuthorizationRequest,
    BatchReport,
    ClientCredentials,
    Credentials,
    FileTokenStore,
    Grant,
    MemoryTokenStore,
    OAuthClient,
    Outcome,
    RedisTokenStore,
    RetryPolicy,
    Timeouts,
    ZohoCRM,
)
from aiozcrm.errors import NotFoundError, RateLimitError, ZohoError
from aiozcrm.events import Event, RequestFinished
from aiozcrm.telemetry import OpenTelemetryEvents
from aiozcrm.testing import FakeZoho, Fault


def listen(event: Event) -> None:
    """Receive events."""


async def note(outcome: Outcome) -> None:
    """Receive outcomes."""


async def use(session: aiohttp.ClientSession, ids: AsyncIterator[str]) -> None:
    """Use every public name."""
    credentials = Credentials(
        client_id="1000.A",
        client_secret="secret",
        refresh_token="1000.b.c",
        data_center="eu",
        environment="sandbox",
    )
    assert_type(Credentials.from_env(), Credentials)
    async with ZohoCRM(
        credentials,
        session=session,
        token_store=FileTokenStore("tokens.json"),
        retries=RetryPolicy(attempts=3),
        max_in_flight=10,
        timeout=Timeouts(call=60),
        on_event=listen,
    ) as zoho:
        assert_type(zoho, ZohoCRM)
        outcome = await zoho.delete_unsubscribe_link("6240019000000731004")
        assert_type(outcome, Outcome)
        assert_type(outcome.id, str)
        assert_type(outcome.error, Exception | None)
        report = await zoho.delete_unsubscribe_links(ids, concurrency=3, on_outcome=note)
        assert_type(report, BatchReport)
        assert_type(report.counts, Mapping[str, int])
        assert_type(report.ok, bool)
        stream = zoho.iter_delete_unsubscribe_links([1, 2], on_outcome=print)
        assert_type(stream, AsyncGenerator[Outcome, None])
        assert_type(await zoho.unsubscribe_links.delete(5), Outcome)
        assert_type(await zoho.request("GET", "org", params={"page": 1}), Any)
    try:
        async with zoho.records("Leads").changes(None, fields=["City"]) as feed:
            async for batch in feed:
                assert_type(batch.upserted, list[dict[str, Any]])
                assert_type(batch.deleted[0]["id"], str)
        assert_type(feed.cursor, str)

        await zoho.close()
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except NotFoundError as error:
        assert_type(error.details, Mapping[str, Any])
    except ZohoError as error:
        assert_type((error.attempts, error.hint), tuple[int, str])


async def authorize(redirected_url: str) -> None:
    """Get credentials."""
    client = OAuthClient(
        client_id="1000.A",
        client_secret="secret",
        data_center="eu",
        environment=None,
        data_center_secrets={"in": "other"},
    )
    request = client.authorization_request(
        redirect_uri="http://localhost:8765/",
        scopes=["ZohoCRM.org.READ"],
        pkce=True,
    )
    assert_type(request, AuthorizationRequest)
    assert_type((request.url, request.state, request.redirect_uri), tuple[str, str, str])
    assert_type(request.code_verifier, str | None)
    again = AuthorizationRequest(redirect_uri=request.redirect_uri, state=request.state)
    grant = await client.exchange_redirect(redirected_url, again, timeout=10)
    assert_type(grant, Grant)
    assert_type(grant.credentials, Credentials)
    assert_type(grant.scopes, tuple[str, ...])
    assert_type(await client.exchange_code("1000.c.d"), Grant)
    assert_type(await client.revoke(grant.credentials.refresh_token), bool)
    own = ClientCredentials(
        client_id="1000.A",
        client_secret="secret",
        org_id=20087312,
        scopes=["ZohoCRM.org.READ"],
        environment="sandbox",
        endpoint="token",
    )
    assert_type((own.org_id, own.scopes), tuple[str, tuple[str, ...]])
    assert_type(ZohoCRM(own), ZohoCRM)


async def play() -> None:
    """Use the local Zoho."""
    async with FakeZoho(links=3) as fake:
        assert_type(fake.credentials(), Credentials)
        assert_type(fake.unsubscribe_links.add(), str)
        fake.unsubscribe_links.remove("4150868000000731001")
        assert_type(fake.oauth_client(), OAuthClient)
        assert_type(fake.client_credentials(), ClientCredentials)
        assert_type(fake.consent("http://127.0.0.1/oauth/v2/auth", accept=False), str)
        assert_type(fake.make_code("ZohoCRM.org.READ"), str)
        fake.faults.script(Fault.HANG, None)
        fake.faults.mix({Fault.RESET_AFTER: 0.1}, seed=1)
    with FakeZoho() as fake:
        assert_type(fake, FakeZoho)


def measure(
    credentials: Credentials,
    tracer_provider: TracerProvider,
    meter_provider: MeterProvider,
) -> ZohoCRM:
    """Let OpenTelemetry and somebody else receive events."""
    telemetry = OpenTelemetryEvents(
        tracer_provider=tracer_provider,
        meter_provider=meter_provider,
    )
    ZohoCRM(credentials, on_event=OpenTelemetryEvents())

    def tell(event: Event) -> None:
        telemetry(event)
        listen(event)
        if isinstance(event, RequestFinished):
            assert_type(event.status, int | None)

    return ZohoCRM(credentials, on_event=tell)


def share(credentials: Credentials) -> tuple[ZohoCRM, ZohoCRM]:
    """Let clients share a store, in a process or beyond it."""
    assert_type(
        ZohoCRM(credentials, token_store=RedisTokenStore("redis://host", lease=60, timeout=1)),
        ZohoCRM,
    )
    store = MemoryTokenStore()
    return ZohoCRM(credentials, token_store=store), ZohoCRM(credentials, token_store=store)
