"""Traces and metrics by OpenTelemetry; needs the extra ``otel``.

Requests follow the semantic conventions for HTTP clients:
https://opentelemetry.io/docs/specs/semconv/http/http-spans/ and
https://opentelemetry.io/docs/specs/semconv/http/http-metrics/. What is this package's own begins
with ``aiozcrm``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._version import __version__
from aiozcrm.errors import ApiError, ConfigurationError, ZohoError
from aiozcrm.events import (
    BatchProgress,
    CallRetried,
    ChannelRenewalFailed,
    ChannelRenewed,
    ChannelStoreFailed,
    ConcurrencyChanged,
    CreditsFell,
    Event,
    RequestFinished,
    TokenRefreshed,
    TokenRefreshFailed,
    TokenStoreFailed,
)

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import SpanKind, TracerProvider

__all__ = ["OpenTelemetryEvents"]

#: The boundaries in seconds that the conventions advise.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_PORTS: Final = {"http": 80, "https": 443}

#: A part of a path that is a name, such as ``v7`` or ``unsubscribe_links``. All else stands for
#: one record of many.
_NAME: Final = re.compile(r"v\d+(\.\d+)?|[A-Za-z_-]+\d{0,2}")

_Attributes = Mapping[str, str | int]


class OpenTelemetryEvents:
    """Turns events into spans and metrics. Pass one as *on_event* to the client.

    .. code-block:: python

        async with ZohoCRM(credentials, on_event=OpenTelemetryEvents()) as zoho:
            await zoho.delete_unsubscribe_link("2309216000000582097")

    Each send of a request is a span of its own beneath the span that is current where the call
    is made, also inside a batch. Events tell what is over, so a span is made when its request
    has ended, with the time at which that began. A request that is cancelled has none.

    Only the API of OpenTelemetry is used: without an SDK nothing is kept.

    Args:
        tracer_provider: Where spans go; None for the global one.
        meter_provider: Where metrics go; None for the global one.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If OpenTelemetry is not installed.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        try:
            from opentelemetry import metrics, trace  # noqa: PLC0415  # it is an extra
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "opentelemetry":
                raise
            raise ConfigurationError(
                "OpenTelemetryEvents needs opentelemetry-api.",
                hint="pip install 'aiozcrm[otel]'",
            ) from None
        scope = ("aiozcrm", __version__)
        self._clock = clock
        self._tracer = trace.get_tracer(*scope, tracer_provider)
        self._kinds = trace.SpanKind
        self._failed = trace.StatusCode.ERROR
        meter = metrics.get_meter(*scope, meter_provider)
        self._request_duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._retries = meter.create_counter(
            "aiozcrm.call.retries",
            unit="{retry}",
            description="Calls that failed in a way that can heal, and are sent again.",
        )
        self._concurrency_limit = meter.create_gauge(
            "aiozcrm.concurrency.limit",
            unit="{call}",
            description="How many calls may be in flight; known from its first change on.",
        )
        self._credits_left = meter.create_gauge(
            "aiozcrm.credits.left",
            unit="{credit}",
            description="API credits that are left; known once half of the day's are used.",
        )
        self._token_refreshes = meter.create_counter(
            "aiozcrm.token.refreshes",
            unit="{refresh}",
            description="Refreshes of the access token.",
        )
        self._token_store_failures = meter.create_counter(
            "aiozcrm.token_store.failures",
            unit="{failure}",
            description="Steps that the token store failed at.",
        )
        self._channel_renewals = meter.create_counter(
            "aiozcrm.channel.renewals",
            unit="{renewal}",
            description="Renewals of notification channels, and tries that failed.",
        )
        self._channel_store_failures = meter.create_counter(
            "aiozcrm.channel_store.failures",
            unit="{failure}",
            description="Steps that the channel store failed at.",
        )
        self._batch_outcomes = meter.create_counter(
            "aiozcrm.batch.outcomes",
            unit="{outcome}",
            description="Inputs of batches, by what became of them.",
        )

    def __call__(self, event: Event) -> None:  # noqa: C901  # a case for each event
        """Tell *event*."""
        match event:
            case RequestFinished():
                self._record_request(event)
            case CallRetried():
                call = {
                    "http.request.method": event.method,
                    "url.template": _template_of(event.path),
                }
                self._retries.add(1, {**call, **_facts_of(event.error)})
            case ConcurrencyChanged():
                self._concurrency_limit.set(event.limit)
            case CreditsFell():
                self._credits_left.set(event.left)
            case TokenRefreshed():
                source = {"aiozcrm.token.source": "store" if event.from_store else "zoho"}
                self._record_refresh(event.seconds, source)
            case TokenRefreshFailed():
                # When it began is not told.
                self._record_refresh(0.0, _facts_of(event.error), event.error)
            case TokenStoreFailed():
                # Only its class: the words of a foreign error are not ours to vouch for.
                failure = {"aiozcrm.token_store.step": event.step, **_facts_of(event.error)}
                self._token_store_failures.add(1, failure)
            case ChannelRenewed():
                source = {"aiozcrm.channel.source": "store" if event.from_store else "zoho"}
                self._channel_renewals.add(1, source)
            case ChannelRenewalFailed():
                self._channel_renewals.add(1, _facts_of(event.error))
            case ChannelStoreFailed():
                failure = {"aiozcrm.channel_store.step": event.step, **_facts_of(event.error)}
                self._channel_store_failures.add(1, failure)
            case BatchProgress():
                self._batch_outcomes.add(1, {"aiozcrm.outcome.status": event.status})

    def _record_request(self, event: RequestFinished) -> None:
        url = urlsplit(event.url)
        template = _template_of(url.path)
        shared: dict[str, str | int] = {
            "http.request.method": event.method,
            "server.address": url.hostname or "",
            "server.port": url.port or _PORTS[url.scheme],
            "url.template": template,
            **_facts_of(event.error),
        }
        if event.status is not None:
            shared["http.response.status_code"] = event.status
        self._request_duration.record(event.seconds, shared)
        resends = {"http.request.resend_count": event.attempt - 1} if event.attempt > 1 else {}
        self._span(
            f"{event.method} {template}",
            self._kinds.CLIENT,
            seconds=event.seconds,
            attributes={**shared, **resends, "url.full": event.url},
            error=event.error,
            # Where the status tells the reason, words would only repeat it.
            in_words=event.status is None or event.status < 400,
        )

    def _record_refresh(
        self,
        seconds: float,
        attributes: _Attributes,
        error: ZohoError | None = None,
    ) -> None:
        self._token_refreshes.add(1, attributes)
        self._span(
            "aiozcrm.token.refresh",
            self._kinds.INTERNAL,
            seconds=seconds,
            attributes=attributes,
            error=error,
        )

    def _span(
        self,
        name: str,
        kind: SpanKind,
        *,
        seconds: float,
        attributes: _Attributes,
        error: ZohoError | None,
        in_words: bool = True,
    ) -> None:
        """Make a span that ends now."""
        end = round(self._clock.wall() * 1e9)
        start = end - round(seconds * 1e9)
        span = self._tracer.start_span(name, kind=kind, attributes=attributes, start_time=start)
        if error is not None:
            span.set_status(self._failed, error.message if in_words else None)
        span.end(end)


def _template_of(path: str) -> str:
    """Return *path* with everything that tells one record from another taken out."""
    parts = path.split("/")
    return "/".join(part if not part or _NAME.fullmatch(part) else "{id}" for part in parts)


def _facts_of(error: Exception | None) -> dict[str, str | int]:
    """Return the attributes that tell an error, of which there are few different ones."""
    if error is None:
        return {}
    facts: dict[str, str | int] = {
        "error.type": f"{type(error).__module__}.{type(error).__qualname__}",
    }
    if isinstance(error, ApiError) and error.code:
        facts["aiozcrm.error.code"] = error.code
    return facts
