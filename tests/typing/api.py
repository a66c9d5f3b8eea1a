"""The public API as a user types it; checked by the type checker, never run."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, assert_type

import aiohttp

from aiozcrm import (
    BatchReport,
    Credentials,
    FileTokenStore,
    MemoryTokenStore,
    Outcome,
    RetryPolicy,
    Timeouts,
    ZohoCRM,
)
from aiozcrm.errors import NotFoundError, RateLimitError, ZohoError
from aiozcrm.events import Event
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
        assert_type(stream, AsyncIterator[Outcome])
        assert_type(await zoho.unsubscribe_links.delete(5), Outcome)
        assert_type(await zoho.request("GET", "org", params={"page": 1}), Any)
    try:
        await zoho.close()
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except NotFoundError as error:
        assert_type(error.details, Mapping[str, Any])
    except ZohoError as error:
        assert_type((error.attempts, error.hint), tuple[int, str])


async def play() -> None:
    """Use the local Zoho."""
    async with FakeZoho(links=3) as fake:
        assert_type(fake.credentials(), Credentials)
        assert_type(fake.add_link(), str)
        fake.faults.script(Fault.HANG, None)
        fake.faults.mix({Fault.RESET_AFTER: 0.1}, seed=1)


def share(credentials: Credentials) -> tuple[ZohoCRM, ZohoCRM]:
    """Let two clients share a store."""
    store = MemoryTokenStore()
    return ZohoCRM(credentials, token_store=store), ZohoCRM(credentials, token_store=store)
