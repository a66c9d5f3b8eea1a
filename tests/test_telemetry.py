"""Events as spans and metrics of OpenTelemetry."""

import asyncio
import sys
import typing

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from aiozcrm import MemoryTokenStore
from aiozcrm.errors import (
    ConfigurationError,
    ConnectionLostError,
    RefreshTokenRejectedError,
    ZohoError,
)
from aiozcrm.events import (
    ChannelRenewalFailed,
    ChannelRenewed,
    ChannelStoreFailed,
    Event,
    RequestFinished,
)
from aiozcrm.telemetry import OpenTelemetryEvents

LINK = "2309216000000582097"
NAME = "DELETE /crm/v7/settings/unsubscribe_links/{id}"


class Telemetry:
    """What OpenTelemetry is told, kept in memory."""

    def __init__(self, clock):
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracer_provider = TracerProvider()
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.tracer_provider.get_tracer("test")
        self.receive = OpenTelemetryEvents(
            tracer_provider=self.tracer_provider,
            meter_provider=MeterProvider([self.reader]),
            clock=clock,
        )

    def spans(self, kind=SpanKind.CLIENT):
        """Return the spans of one kind that have ended, in that order."""
        return [span for span in self.exporter.get_finished_spans() if span.kind is kind]

    def metrics(self):
        """Return all metrics by name, once: some end with being read."""
        (resource,) = self.reader.get_metrics_data().resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}


def values_of(metric):
    """Return the values of a metric by the values of their attributes."""
    points = metric.data.data_points
    return {tuple(point.attributes.values()): point.value for point in points}


@pytest.fixture
def telemetry(clock):
    """Return a receiver and what it told."""
    return Telemetry(clock.clock)


@pytest.fixture
async def zoho(make_zoho, telemetry):
    """Yield a client whose events become spans and metrics."""
    async with make_zoho(on_event=telemetry.receive) as client:
        yield client


async def test_a_request_is_a_span_beneath_that_of_its_caller(zoho, script, telemetry, clock):
    """It has the kind, name, attributes and times that the conventions ask for."""

    async def slowly(request):
        clock.advance(0.25)
        return script._success(request)

    script.add(slowly)
    with telemetry.tracer.start_as_current_span("clean-up") as mine:
        await zoho.delete_unsubscribe_link(LINK)

    (span,) = telemetry.spans()
    assert NAME == span.name
    assert mine.get_span_context() == span.parent
    assert {
        "http.request.method": "DELETE",
        "http.response.status_code": 200,
        "server.address": "www.zohoapis.eu",
        "server.port": 443,
        "url.full": f"https://www.zohoapis.eu/crm/v7/settings/unsubscribe_links/{LINK}",
        "url.template": "/crm/v7/settings/unsubscribe_links/{id}",
    } == dict(span.attributes)
    assert StatusCode.UNSET is span.status.status_code
    assert round(clock.clock.wall() * 1e9) == span.end_time
    assert 250_000_000 == span.end_time - span.start_time
    assert "aiozcrm" == span.instrumentation_scope.name


async def test_each_send_is_a_span(zoho, script, telemetry):
    """A 429 and the success after it are two, and the second says that it is a resend."""
    script.add(script.error(429, "TOO_MANY_REQUESTS"))
    await zoho.delete_unsubscribe_link(LINK)

    first, second = telemetry.spans()
    assert {
        "error.type": "aiozcrm.errors.RateLimitError",
        "aiozcrm.error.code": "TOO_MANY_REQUESTS",
        "http.response.status_code": 429,
    }.items() <= dict(first.attributes).items()
    assert "http.request.resend_count" not in first.attributes
    # The status code tells the reason already.
    assert (StatusCode.ERROR, None) == (first.status.status_code, first.status.description)
    assert 1 == second.attributes["http.request.resend_count"]
    assert 200 == second.attributes["http.response.status_code"]
    assert "error.type" not in second.attributes
    assert StatusCode.UNSET is second.status.status_code


async def test_a_request_without_an_answer_has_no_status_code(zoho, script, telemetry):
    """What happened is told in words instead."""
    script.add(ConnectionLostError("The line was cut."))
    await zoho.delete_unsubscribe_link(LINK)

    span = telemetry.spans()[0]
    assert "http.response.status_code" not in span.attributes
    assert "aiozcrm.errors.ConnectionLostError" == span.attributes["error.type"]
    assert "aiozcrm.error.code" not in span.attributes
    assert StatusCode.ERROR is span.status.status_code
    assert "The line was cut." == span.status.description


async def test_an_error_inside_of_a_success_is_none_of_its_request(zoho, script, telemetry):
    """The request was answered 200; what its items came to is told by outcomes and errors."""
    item = {"code": "NOT_ALLOWED", "details": {}, "message": "not this one", "status": "error"}
    script.add(script.response(200, {"unsubscribe_links": [item]}))
    with pytest.raises(ZohoError):
        await zoho.delete_unsubscribe_link(LINK)

    (span,) = telemetry.spans()
    assert 200 == span.attributes["http.response.status_code"]
    assert "error.type" not in span.attributes
    assert StatusCode.UNSET is span.status.status_code


async def test_a_success_that_cannot_be_read_is_an_error_in_words(zoho, script, telemetry):
    """A status code of 200 does not tell the reason, so words do."""
    script.add(script.response(200, b"<html>hello</html>"))
    with pytest.raises(ZohoError):
        await zoho.request("POST", "Leads")

    (span,) = telemetry.spans()
    assert 200 == span.attributes["http.response.status_code"]
    assert StatusCode.ERROR is span.status.status_code
    assert "not a JSON object" in span.status.description


async def test_spans_of_a_batch_are_beneath_that_of_its_caller(zoho, script, telemetry):
    """So are those of retries, and of batches that are read as a stream."""
    script.add(script.error(500, "INTERNAL_ERROR"))
    with telemetry.tracer.start_as_current_span("clean-up") as mine:
        await zoho.delete_unsubscribe_links([1, 2, 3], concurrency=2)
        async for _ in zoho.iter_delete_unsubscribe_links([4, 5]):
            pass

    assert [mine.get_span_context()] * 6 == [span.parent for span in telemetry.spans()]


async def test_calls_side_by_side_have_parents_of_their_own(zoho, telemetry):
    """A client that tasks share mixes nothing up."""

    async def call(name):
        with telemetry.tracer.start_as_current_span(name) as mine:
            await zoho.delete_unsubscribe_link(LINK)
            return mine.get_span_context().span_id

    mine = await asyncio.gather(*[call(f"task {number}") for number in range(3)])

    assert set(mine) == {span.parent.span_id for span in telemetry.spans()}


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("settings/unsubscribe_links", "settings/unsubscribe_links"),
        ("Leads/3652397000001234567/actions/convert", "Leads/{id}/actions/convert"),
        ("CustomModule12/search", "CustomModule12/search"),
        ("Leads/7/Emails/c6085fae06cbd7b75001fe80b9a4a1d3", "Leads/{id}/Emails/{id}"),
        ("Contacts/jane@example.com", "Contacts/{id}"),
        ("Contacts/J%C3%BCrgen", "Contacts/{id}"),
    ],
)
async def test_names_hold_nothing_that_differs_by_record(zoho, script, telemetry, path, template):
    """There are few different names, however many records are called for."""
    script.add(script.response(204))
    await zoho.request("GET", path)

    (span,) = telemetry.spans()
    assert f"GET /crm/v7/{template}" == span.name


def test_a_port_of_its_own_is_told(telemetry):
    """As that of a proxy or a local Zoho; otherwise it is that of the scheme."""
    for host in ("127.0.0.1:8080", "localhost"):
        event = RequestFinished("GET", f"http://{host}/crm/v7/org", 1, 0.1, 200, None)
        telemetry.receive(event)

    assert [8080, 80] == [span.attributes["server.port"] for span in telemetry.spans()]


async def test_a_refresh_is_a_span_beneath_that_of_the_call_that_needs_it(make_zoho, telemetry):
    """Whether Zoho made the token or another client had left it in the store."""
    store = MemoryTokenStore()
    with telemetry.tracer.start_as_current_span("clean-up") as mine:
        for _ in range(2):
            async with make_zoho(on_event=telemetry.receive, token_store=store) as zoho:
                await zoho.delete_unsubscribe_link(LINK)

    refreshes = [s for s in telemetry.spans(SpanKind.INTERNAL) if s.name != "clean-up"]
    metric = telemetry.metrics()["aiozcrm.token.refreshes"]
    assert ["aiozcrm.token.refresh"] * 2 == [span.name for span in refreshes]
    assert [mine.get_span_context()] * 2 == [span.parent for span in refreshes]
    assert {("zoho",): 1, ("store",): 1} == values_of(metric)


async def test_a_refresh_that_fails_is_told(zoho, script, telemetry):
    """As an error, in its caller's trace."""
    script.add_token(script.response(200, {"error": "invalid_code"}))
    with (
        telemetry.tracer.start_as_current_span("clean-up") as mine,
        pytest.raises(RefreshTokenRejectedError),
    ):
        await zoho.delete_unsubscribe_link(LINK)

    span = telemetry.spans(SpanKind.INTERNAL)[0]
    kind = "aiozcrm.errors.RefreshTokenRejectedError"
    assert "aiozcrm.token.refresh" == span.name
    assert mine.get_span_context() == span.parent
    assert StatusCode.ERROR is span.status.status_code
    assert {(kind,): 1} == values_of(telemetry.metrics()["aiozcrm.token.refreshes"])


async def test_a_token_store_that_fails_is_counted(make_zoho, telemetry):
    """By the step and the class of what it raised, whose words may be anything."""

    class Store(MemoryTokenStore):
        """Cannot keep anything."""

        async def save(self, key, state):
            """Fail."""
            raise OSError("the words")

    async with make_zoho(on_event=telemetry.receive, token_store=Store()) as zoho:
        await zoho.delete_unsubscribe_link(LINK)

    metric = telemetry.metrics()["aiozcrm.token_store.failures"]
    assert {("save", "builtins.OSError"): 1} == values_of(metric)


async def test_channels_are_counted(telemetry):
    """Renewals by who made them, failures by their class, and failures of the store."""
    telemetry.receive(ChannelRenewed("7", 60.0, opened=True, from_store=False))
    telemetry.receive(ChannelRenewed("7", 60.0, opened=False, from_store=True))
    telemetry.receive(ChannelRenewalFailed("7", ConnectionLostError("gone"), 60.0, 5.0))
    telemetry.receive(ChannelStoreFailed("load", OSError("the words")))

    metrics = telemetry.metrics()
    kind = "aiozcrm.errors.ConnectionLostError"
    renewals = values_of(metrics["aiozcrm.channel.renewals"])
    assert {("zoho",): 1, ("store",): 1, (kind,): 1} == renewals
    failures = values_of(metrics["aiozcrm.channel_store.failures"])
    assert {("load", "builtins.OSError"): 1} == failures


async def test_durations_are_a_histogram_with_the_advised_buckets(zoho, script, telemetry):
    """Its attributes have few values, so neither the URL nor the count of resends is one."""
    script.add(script.error(500, "INTERNAL_ERROR"))
    await zoho.delete_unsubscribe_links([1, 2])

    metric = telemetry.metrics()["http.client.request.duration"]
    failed, fine = sorted(metric.data.data_points, key=lambda point: point.count)
    assert "s" == metric.unit
    assert (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10) == tuple(
        fine.explicit_bounds
    )
    assert (1, 2) == (failed.count, fine.count)
    assert {
        "http.request.method": "DELETE",
        "http.response.status_code": 200,
        "server.address": "www.zohoapis.eu",
        "server.port": 443,
        "url.template": "/crm/v7/settings/unsubscribe_links/{id}",
    } == dict(fine.attributes)
    assert "aiozcrm.errors.ServerError" == failed.attributes["error.type"]


async def test_what_is_our_own_is_counted(zoho, script, telemetry):
    """Retries, the limit of calls in flight, credits, and what became of the inputs of batches."""
    too_many = script.error(429, "TOO_MANY_REQUESTS", X_API_CREDITS_REMAINING="7")
    script.add(too_many, script.error(400, "NOT_ALLOWED"))
    await zoho.delete_unsubscribe_links([1, 2, 3], concurrency=1)

    kind = "aiozcrm.errors.RateLimitError"
    template = "/crm/v7/settings/unsubscribe_links/{id}"
    retried = ("DELETE", template, kind, "TOO_MANY_REQUESTS")
    metrics = telemetry.metrics()
    assert {
        "aiozcrm.batch.outcomes": "{outcome}",
        "aiozcrm.call.retries": "{retry}",
        "aiozcrm.concurrency.limit": "{call}",
        "aiozcrm.credits.left": "{credit}",
        "aiozcrm.token.refreshes": "{refresh}",
        "http.client.request.duration": "s",
    } == {name: metric.unit for name, metric in metrics.items()}
    assert {retried: 1} == values_of(metrics["aiozcrm.call.retries"])
    assert {("protected",): 1, ("deleted",): 2} == values_of(metrics["aiozcrm.batch.outcomes"])
    assert {(): 3} == values_of(metrics["aiozcrm.concurrency.limit"])
    assert {(): 7} == values_of(metrics["aiozcrm.credits.left"])


def test_knows_every_event(telemetry):
    """One that comes to the others later has to find its place here, too."""
    for kind in typing.get_args(Event):
        # No values are set here, so one that is looked at lacks them.
        with pytest.raises(AttributeError):
            telemetry.receive(kind.__new__(kind))


def test_passes_over_events_of_a_later_version(telemetry):
    """A receiver ends no call because of an event that it does not know."""
    telemetry.receive(object())


def test_speaks_to_the_global_providers_by_default():
    """Without an SDK they keep nothing, and nothing fails."""
    receive = OpenTelemetryEvents()

    receive(RequestFinished("GET", "https://www.zohoapis.eu/crm/v7/org", 1, 0.1, 200, None))


def test_names_the_extra_where_it_is_missing(monkeypatch):
    """A plain install is told how to get it."""
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'aiozcrm\[otel\]'"):
        OpenTelemetryEvents()


def test_a_damaged_installation_is_told_as_it_is(monkeypatch):
    """What opentelemetry itself fails to import is not taken for the missing extra."""

    class Damage:
        """Stands where opentelemetry finds modules of its own needs."""

        def find_spec(self, name, path=None, target=None):
            """Find nothing, and say so of something else."""
            if name == "opentelemetry.metrics":
                raise ModuleNotFoundError("No module named 'wheels'", name="wheels")

    monkeypatch.delitem(sys.modules, "opentelemetry.metrics")
    monkeypatch.delattr("opentelemetry.metrics")
    monkeypatch.setattr(sys, "meta_path", [Damage(), *sys.meta_path])

    with pytest.raises(ModuleNotFoundError, match="wheels"):
        OpenTelemetryEvents()
