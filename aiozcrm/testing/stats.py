"""What a fake Zoho has seen and done."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing.faults import Fault

__all__ = ["FaultyCall", "SentCallback", "Stats", "Tally"]

_KEPT: Final = 10_000


class Tally(Counter[tuple[str, str, str]]):
    """Counts by verb, family and id: ``tally["delete", "holidays", "4150868000000612001"]``.

    Verbs are ``list``, ``get``, ``create``, ``update``, ``delete`` and the names of actions;
    families are the names on the client, and modules for their records.
    """

    def of(
        self,
        verb: str | None = None,
        family: str | None = None,
        id: str | None = None,
    ) -> int:
        """Return how often it happened in all; None takes any."""
        wanted = (verb, family, id)
        return sum(
            count
            for key, count in self.items()
            if all(want in {None, part} for want, part in zip(wanted, key, strict=True))
        )


@attrs.frozen(kw_only=True)
class FaultyCall:
    """A call with which something went wrong on order.

    Attributes:
        fault: What went wrong.
        method: The HTTP method.
        path: The path.
        rows: What it was about: the items of its body, or the ids that it named.
    """

    fault: Fault
    method: str
    path: str
    rows: Sequence[Any]


@attrs.frozen(kw_only=True)
class SentCallback:
    """A notification that was sent to where its channel says.

    Attributes:
        url: Where.
        body: What.
        status: The HTTP status of the answer; None if there was none.
    """

    url: str
    body: dict[str, Any]
    status: int | None


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
        throttled: Rejections because too many tokens were asked for.
        secrets_in_query: Requests to the accounts paths with a secret in their URL.
        api_requests: Requests to the API, whatever they were answered.
        asked: Requests to the API by verb, family and id, whatever they were answered; one that
            names no id counts under an empty one.
        done: What was really done, by verb, family and id.
        unsupported: Requests for what Zoho has and this fake has not, by method and path.
        faulty: The latest calls of the API with which something went wrong on order, 10,000 of
            them.
        attempts: DELETE requests seen, by id; those answered by a fault or a 401 count too.
        effects: How often a thing was really removed, by id.
        created: How often a thing was really created by an API call, by name.
        highest_concurrency: The most API requests that were in progress at once. Answers take no
            time unless the fake has a ``latency``, so without one this says little.
        highest_heavy: The most heavy ones, see `Limits.heavy`, that were in progress at once.
        callbacks: The latest notifications and ends of bulk jobs that were sent, 10,000 of them.
        last_headers: The headers of the latest API request; names in any case find them.
    """

    connections: int = 0
    requests: deque[tuple[str, str]] = attrs.field(factory=lambda: deque(maxlen=_KEPT))
    token_requests: int = 0
    tokens_made: int = 0
    codes_made: int = 0
    revoked: int = 0
    throttled: int = 0
    secrets_in_query: int = 0
    api_requests: int = 0
    asked: Tally = attrs.field(factory=Tally)
    done: Tally = attrs.field(factory=Tally)
    unsupported: Counter[str] = attrs.field(factory=Counter)
    faulty: deque[FaultyCall] = attrs.field(factory=lambda: deque(maxlen=_KEPT))
    attempts: Counter[str] = attrs.field(factory=Counter)
    effects: Counter[str] = attrs.field(factory=Counter)
    created: Counter[str] = attrs.field(factory=Counter)
    highest_concurrency: int = 0
    highest_heavy: int = 0
    callbacks: deque[SentCallback] = attrs.field(factory=lambda: deque(maxlen=_KEPT))
    last_headers: Mapping[str, str] = attrs.field(factory=dict)

    def clear(self) -> None:
        """Count from zero again."""
        for name, value in attrs.asdict(Stats(), recurse=False).items():
            setattr(self, name, value)

    def note_done(self, verb: str, family: str, thing_id: str, name: str = "") -> None:
        """Count what was done to a thing.

        Args:
            verb: What was done.
            family: To one of which.
            thing_id: Which one.
            name: What it is called, if it is new.
        """
        self.done[verb, family, thing_id] += 1
        if verb == "delete":
            self.effects[thing_id] += 1
        elif verb == "create":
            self.created[name] += 1
