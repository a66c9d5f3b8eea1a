"""What a fake Zoho has seen and done."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Final

import attrs

__all__ = ["Stats"]

_REQUESTS_KEPT: Final = 10_000


@attrs.define(eq=False, kw_only=True)
class Stats:
    """Counters for tests to look at; only the fake writes them.

    Attributes:
        connections: TCP connections accepted.
        requests: Method and path of the latest requests, oldest first; 10,000 are kept.
        token_requests: Requests to the token endpoint, whatever they were answered.
        tokens_made: Access tokens handed out, or lost on the way by a fault.
        codes_made: Grant codes handed out on the consent page or by the fake itself.
        revoked: Tokens revoked by request, access tokens counted too.
        throttled: Refusals given because too many tokens were asked for.
        secrets_in_query: Requests to the accounts paths with a secret in their URL.
        api_requests: Requests to the API, whatever they were answered.
        attempts: DELETE requests seen, by id; those answered by a fault or a 401 count too.
        effects: How often a thing was really removed, by id.
        created: How often a thing was really created by an API call, by name.
        highest_concurrency: The most API requests that were in progress at once. Answers take no
            time unless the fake has a ``latency``, so without one this says little.
        last_headers: The headers of the latest API request; names in any case find them.
    """

    connections: int = 0
    requests: deque[tuple[str, str]] = attrs.field(factory=lambda: deque(maxlen=_REQUESTS_KEPT))
    token_requests: int = 0
    tokens_made: int = 0
    codes_made: int = 0
    revoked: int = 0
    throttled: int = 0
    secrets_in_query: int = 0
    api_requests: int = 0
    attempts: Counter[str] = attrs.field(factory=Counter)
    effects: Counter[str] = attrs.field(factory=Counter)
    created: Counter[str] = attrs.field(factory=Counter)
    highest_concurrency: int = 0
    last_headers: Mapping[str, str] = attrs.field(factory=dict)
