"""R13: no token, client secret or refresh token is ever seen where it does not belong."""

import asyncio
import logging
import pickle
import re
import traceback

import pytest

from aiozcrm import ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm.errors import ZohoError
from aiozcrm.testing import FakeZoho, Fault


async def everything_that_goes_wrong(fake, quick, events):
    """Run calls into every fault of both endpoints and yield what is raised."""
    hasty = Clock(sleep=lambda _: asyncio.sleep(0))
    for plan in (fake.faults, fake.token_faults):
        for fault in Fault:
            if plan is fake.token_faults and fault is Fault.TOKEN_REVOKED:
                continue
            plan.clear()
            plan.script(*[fault] * 5)
            options = {"retries": quick, "on_event": events.append, "timeout": 0.1, "clock": hasty}
            async with ZohoCRM(fake.credentials(), **options) as zoho:
                try:
                    await zoho.delete_unsubscribe_link(fake.default_link_id)
                except ZohoError as error:
                    yield error
            plan.clear()


async def test_nothing_that_is_raised_told_or_logged_shows_a_secret(quick, caplog):
    """R13: searched are messages, reprs, pickles, tracebacks with locals, events and the log."""
    events, seen, errors = [], [], []
    with caplog.at_level(logging.DEBUG):
        async with FakeZoho(token_limit=1000) as fake:
            async for error in everything_that_goes_wrong(fake, quick, events):
                errors.append(error)
                seen += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
                told = traceback.TracebackException.from_exception(error, capture_locals=True)
                seen += list(told.format())
            secrets = [fake.environ()["ZOHO_CLIENT_SECRET"], fake.environ()["ZOHO_REFRESH_TOKEN"]]
            tokens_made = fake.stats.tokens_made
    seen += [repr(event) for event in events]
    seen += [record.getMessage() for record in caplog.records if record.name == "aiozcrm"]

    assert 15 < len(errors)
    assert 5 < tokens_made
    assert 40 < len(events)
    assert "retry of DELETE" in caplog.text
    text = "\n".join(seen)
    assert [] == [secret for secret in secrets if secret in text]
    # The form of the access tokens that the local Zoho makes.
    assert [] == re.findall(r"1000\.[0-9a-f]{32}", text)


def test_credentials_show_no_secret(credentials, secrets):
    """Neither in a repr nor in the key of a token store."""
    shown = repr(credentials) + credentials.store_key
    assert [] == [secret for secret in secrets if secret in shown]


async def test_a_client_and_its_parts_show_no_secret(zoho, script, secrets):
    """Nor does a repr of anything that a debugger would print first."""
    await zoho.delete_unsubscribe_link(1)
    parts = [zoho, zoho._oauth, zoho._transport, zoho._oauth._live, *script.token_requests]
    shown = repr([*parts, *script.requests, zoho._oauth._store._states])
    assert [] == [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("name", ["client_secret", "refresh_token", "client_id"])
def test_a_secret_that_is_refused_is_not_shown(credentials, name):
    """A value with a line end is a common slip, and often the secret itself."""
    given = {
        "client_id": "1000.A",
        "client_secret": "s3cret",
        "refresh_token": "1000.b.c",
    } | {name: "hush-hush\n"}
    with pytest.raises(ValueError, match=name) as caught:
        type(credentials)(**given)
    assert "hush" not in str(caught.value)
