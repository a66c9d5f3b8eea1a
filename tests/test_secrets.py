"""R13: no token, client secret or refresh token is ever seen where it does not belong."""

import asyncio
import functools
import logging
import pickle
import re
import traceback

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aiozcrm import AuthorizationRequest, ClientCredentials, Credentials, OAuthClient, ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm.errors import ConfigurationError, ZohoError
from aiozcrm.telemetry import OpenTelemetryEvents
from aiozcrm.testing import FakeZoho, Fault, TokenLimits


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


def told_by_telemetry(events):
    """Return all spans and metrics that OpenTelemetry would export."""
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    tracer_provider = TracerProvider()
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    receive = OpenTelemetryEvents(
        tracer_provider=tracer_provider,
        meter_provider=MeterProvider([metrics]),
    )
    for event in events:
        receive(event)
    exported = [span.to_json() for span in spans.get_finished_spans()]
    assert len(exported) > 40
    return [*exported, metrics.get_metrics_data().to_json()]


async def test_nothing_that_is_raised_told_or_logged_shows_a_secret(quick, caplog):
    """R13: messages, reprs, pickles, tracebacks with locals, events, spans, metrics, the log."""
    events, seen, errors = [], [], []
    with caplog.at_level(logging.DEBUG):
        async with FakeZoho(tokens=TokenLimits(made=1000)) as fake:
            async for error in everything_that_goes_wrong(fake, quick, events):
                errors.append(error)
                seen += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
                told = traceback.TracebackException.from_exception(error, capture_locals=True)
                seen += list(told.format())
            secrets = [fake.environ()["ZOHO_CLIENT_SECRET"], fake.environ()["ZOHO_REFRESH_TOKEN"]]
            tokens_made = fake.stats.tokens_made
    seen += [repr(event) for event in events]
    seen += told_by_telemetry(events)
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
    shown = repr(
        [*parts, *script.requests, zoho._oauth._shared._store._states, zoho._oauth._shared]
    )
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


SLIPS = [
    pytest.param({"data_center": "usa"}, id="data centre"),
    pytest.param({"environment": "live"}, id="environment"),
    pytest.param({"client_id": "two words"}, id="blank"),
    pytest.param({"data_centre": "eu"}, id="misspelt"),
]


@pytest.mark.parametrize("changes", SLIPS)
def test_a_constructor_that_refuses_its_values_shows_none(credentials, secrets, changes):
    """Tracebacks with locals go to services that collect errors."""
    given = attrs.asdict(credentials) | changes
    of_client = {name: given[name] for name in ("client_id", "client_secret", *changes)}
    makers = [
        functools.partial(Credentials, **given),
        functools.partial(OAuthClient, **of_client),
        functools.partial(ClientCredentials, **of_client, org_id="1", scopes=["ZohoCRM.org.READ"]),
    ]
    for make in makers:
        with pytest.raises((ConfigurationError, TypeError)) as caught:
            make()
        text = "\n".join([str(caught.value), *shown_by_tracebacks(caught.value)])
        assert [] == [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("name", ["ZOHO_DATA_CENTER", "ZOHO_CLIENT_ID"])
def test_an_environment_that_is_refused_is_not_shown(fake, name):
    """It holds more secrets than ours."""
    environ = {**fake.environ(), name: "", "OTHER": "0ther-s3cret"} | (
        {name: "usa"} if name == "ZOHO_DATA_CENTER" else {}
    )

    with pytest.raises(ConfigurationError) as caught:
        Credentials.from_env(environ)

    text = "\n".join([str(caught.value), *shown_by_tracebacks(caught.value)])
    secrets = [environ["ZOHO_CLIENT_SECRET"], environ["ZOHO_REFRESH_TOKEN"], "0ther-s3cret"]
    assert [] == [secret for secret in secrets if secret in text]


async def test_a_token_for_a_foreign_host_is_not_shown(make_zoho, script):
    """The event carries the error as it was raised, traceback and all."""
    events = []
    script.add_token(
        script.token(access_token="1000.s3cret.t0ken", api_domain="https://evil.example")
    )
    async with make_zoho(on_event=events.append) as zoho:
        with pytest.raises(ZohoError):
            await zoho.delete_unsubscribe_link(1)

    (event,) = events
    text = "\n".join([repr(event), *shown_by_tracebacks(event.error)])
    assert "1000.s3cret.t0ken" not in text


SAID = {"code": "1000.c0de.c0de", "verifier": "v3rifier-v3rifier", "state": "st4te-st4te"}


async def every_way_to_fail(fake):
    """Yield what is raised on the way from a consent to credentials, and beyond."""
    client = attrs.evolve(fake.oauth_client(), data_center_secrets={"eu": "cs-eu-5ecret"})
    request = AuthorizationRequest(
        redirect_uri="http://localhost/", state=SAID["state"], code_verifier=SAID["verifier"]
    )
    said = f"code={SAID['code']}&state={SAID['state']}"
    urls = [
        f"http://[?{said}",
        f"?{said}x",
        f"?{said}&error=access_denied",
        f"?{said}&{said}",
        f"?{said}&accounts-server=https://{SAID['code']}@evil.example",
        f"?{said}&accounts-server=https://evil.example",
        f"?{said}",
    ]
    attempts = [
        functools.partial(client.exchange_redirect, url, request, timeout=0.05) for url in urls
    ]
    attempts += [
        functools.partial(verb, f"{SAID['code']}{end}", timeout=0.05)
        for verb in (client.exchange_code, client.revoke)
        for end in ("\n", "")
    ]
    for fault in (None, Fault.HANG, Fault.NOT_JSON, Fault.RESET_AFTER, Fault.TRUNCATED_BODY):
        fake.token_faults.script(*[fault] * 5)
        for attempt in attempts:
            try:
                await attempt()
            except ZohoError as error:
                yield error
        fake.token_faults.clear()


async def test_no_code_verifier_or_secret_of_a_grant_is_shown(caplog):
    """Searched are messages, reprs, pickles, tracebacks with locals, and the log."""
    seen, errors = [], []
    with caplog.at_level(logging.DEBUG):
        async with FakeZoho() as fake:
            async for error in every_way_to_fail(fake):
                errors.append(error)
                seen += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
                seen += shown_by_tracebacks(error)
            assert 0 == fake.stats.secrets_in_query
            told = [fake.credentials().client_secret, fake.credentials().refresh_token]
    seen += [record.getMessage() for record in caplog.records if record.name == "aiozcrm"]

    assert 45 < len(errors)
    assert 5 < len(set(map(type, errors)))
    text = "\n".join(seen)
    secrets = [*SAID.values(), "cs-eu-5ecret", *told]
    assert [] == [secret for secret in secrets if secret in text]


def shown_by_tracebacks(error):
    """Return what a traceback with locals shows of *error* and all that hangs on to it.

    The frames of this file are left out: they are the user's own, who knows the secrets.
    """
    while error is not None:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        for frame in told.stack:
            if frame.filename != __file__:
                yield f"{frame.name} {frame.locals}"
        error = error.__cause__ or error.__context__


async def test_what_a_grant_brings_shows_no_secret(fake):
    """Nor does a request for one, or the client that asked."""
    client = fake.oauth_client()
    request = client.authorization_request(
        redirect_uri="http://localhost/", scopes=["ZohoCRM.org.READ"], pkce=True
    )
    grant = await client.exchange_redirect(fake.consent(request.url), request)
    secrets = [
        request.state,
        request.code_verifier,
        client.client_secret,
        grant.credentials.refresh_token,
    ]

    shown = repr([client, request, grant, fake.client_credentials()])
    assert [] == [secret for secret in secrets if secret in shown]
    stored = grant.credentials.store_key + fake.client_credentials().store_key
    assert [] == [secret for secret in secrets if secret in stored]
