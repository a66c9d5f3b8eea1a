"""What the local Zoho really did, in a file that outlives its process.

A line is appended in the same step as its effect and before the answer is sent, so a process that
is killed has neither an effect without a line nor an answer without an effect. A kill may cut a
line in two, where a page of the file ends: then its effect is gone with the process, and its answer
was never sent, so such a line counts as not written.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from aiozcrm.testing import FakeZoho, Fault, Stats
from aiozcrm.testing.stats import FaultyCall
from aiozcrm.testing.stats import Tally as StatsTally

__all__ = ["Ask", "Asks", "Ledger", "Truth", "keep_ledger", "replay"]

#: After these an answer says that nothing was done.
_NOT_DONE: Final = frozenset({Fault.TOO_MANY, Fault.TOO_MANY_RETRY_AFTER, Fault.TOKEN_REVOKED})

_TOKEN_PATHS: Final = frozenset({"/oauth/v2/token", "/oauth/v2/auth"})


@attrs.define(kw_only=True)
class Ask:
    """A request for a token, as it reached the server.

    Attributes:
        at: When, in fast seconds since 1970.
        fault: What went wrong with it on purpose; empty if nothing did.
        outcome: ``made``, ``throttled``, or empty if it came to neither.
    """

    at: float
    fault: str = ""
    outcome: str = ""


@attrs.define(kw_only=True)
class Truth:
    """What a ledger says.

    Attributes:
        links: The links that were ever there, beside the Default link.
        removed: How often each link was removed by a call.
        created: How often a link of each name was created by a call.
        created_ids: The ids of those links, by name.
        leads: The ids of the leads that calls have created, by address.
        changed: How often each lead was changed by a call.
        gone: How often each lead was deleted by a call.
        lost: The ids of links and leads, and the addresses of leads, about which an answer did
            not come, or did not say what was done; ``job`` if one about a bulk write did.
        faults: How many of each fault there were with calls, and with requests for tokens.
        asks: The requests for tokens, in their order.
    """

    links: list[str] = attrs.field(factory=list)
    removed: Counter[str] = attrs.field(factory=Counter)
    created: Counter[str] = attrs.field(factory=Counter)
    created_ids: dict[str, str] = attrs.field(factory=dict)
    leads: dict[str, list[str]] = attrs.field(factory=dict)
    changed: Counter[str] = attrs.field(factory=Counter)
    gone: Counter[str] = attrs.field(factory=Counter)
    lost: set[str] = attrs.field(factory=set)
    faults: Counter[str] = attrs.field(factory=Counter)
    asks: list[Ask] = attrs.field(factory=list)

    @property
    def alive(self) -> set[str]:
        """The ids of the links that are there, beside the Default link."""
        return {link_id for link_id in self.links if not self.removed[link_id]}


class Ledger:
    """A ledger file.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def drop_cut_line(self) -> None:
        """Take off what a killed writer has left of a line, before the first write."""
        content = self._path.read_bytes()
        os.truncate(self._file, content.rfind(b"\n") + 1)

    def write(self, *words: object) -> None:
        """Append a line by one system call: it is there even if we are killed afterwards."""
        os.write(self._file, f"{' '.join(map(str, words))}\n".encode())

    def lines(self) -> Iterator[list[str]]:
        """Yield what stands in it, as words."""
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield line.split()

    def truth(self) -> Truth:
        """Return what it says by now."""
        truth = Truth()
        for kind, *words in self.lines():
            _READERS[kind](truth, *words)
        return truth

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _read_link(truth: Truth, link_id: str) -> None:
    truth.links.append(link_id)


def _read_created(truth: Truth, link_id: str, name: str) -> None:
    truth.links.append(link_id)
    truth.created[name] += 1
    truth.created_ids[name] = link_id


def _read_removed(truth: Truth, link_id: str) -> None:
    truth.removed[link_id] += 1


def _read_lead(truth: Truth, verb: str, lead_id: str, address: str = "") -> None:
    if verb == "create":
        truth.leads.setdefault(address, []).append(lead_id)
    else:
        (truth.changed if verb == "update" else truth.gone)[lead_id] += 1


def _read_lost(truth: Truth, *names: str) -> None:
    truth.lost.update(names)


def _read_fault(truth: Truth, name: str) -> None:
    truth.faults[name] += 1


def _read_token_fault(truth: Truth, name: str) -> None:
    truth.faults[f"token: {name}"] += 1
    truth.asks[-1].fault = name


def _read_ask(truth: Truth, at: str) -> None:
    truth.asks.append(Ask(at=float(at)))


def _read_outcome(truth: Truth, outcome: str) -> None:
    truth.asks[-1].outcome = outcome


_READERS: Final[Mapping[str, Callable[..., None]]] = {
    "link": _read_link,
    "created": _read_created,
    "removed": _read_removed,
    "lead": _read_lead,
    "lost": _read_lost,
    "fault": _read_fault,
    "token_fault": _read_token_fault,
    "ask": _read_ask,
    "outcome": _read_outcome,
}


def replay(ledger: Ledger, fake: FakeZoho) -> None:
    """Bring *fake*, which is new, to where the one before it was killed.

    Raises:
        RuntimeError: If a link gets another id than it had.
    """
    truth = ledger.truth()
    if fake.unsubscribe_links.add_many(len(truth.links)) != truth.links:
        raise RuntimeError("the ids of the fake do not follow one another")
    for link_id in truth.removed:
        fake.unsubscribe_links.remove(link_id)


def keep_ledger(ledger: Ledger, fake: FakeZoho, *, now: Callable[[], float]) -> Asks:
    """Let everything that *fake* does from now on be written into *ledger*."""
    stats, asks = fake.stats, Asks(ledger, fake.stats, now)
    done = stats.done = _Done(fake, ledger)

    def note_removed(link_id: str) -> None:
        if done.of_links:
            ledger.write("removed", link_id)

    def note_created(name: str) -> None:
        if done.of_links:
            # The newest link is the one that was created a moment ago.
            ledger.write("created", fake.unsubscribe_links.ids[-1], name)

    stats.effects, stats.created = _Told(note_removed), _Told(note_created)
    stats.requests = _Latest(lambda request: asks.note(request[1]))
    stats.faulty = _Latest(partial(_note_faulty, ledger))
    fake.faults.injected = _Told(lambda fault: ledger.write("fault", fault))
    fake.token_faults.injected = _Told(lambda fault: ledger.write("token_fault", fault))
    return asks


class Asks:
    """Writes requests for tokens into a ledger, and what became of each.

    Args:
        ledger: Where to.
        stats: What the fake has counted.
        now: Tells the time.
    """

    def __init__(self, ledger: Ledger, stats: Stats, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._stats = stats
        self._now = now
        self._settled: Counter[str] = Counter()

    def note(self, path: str) -> None:
        """Take note of a request, if it is one for a token."""
        if path in _TOKEN_PATHS:
            self.settle()
            self._ledger.write("ask", f"{self._now():.3f}")

    def settle(self) -> None:
        """Write what became of the latest request, unless that is written already."""
        stats = self._stats
        for outcome, count in (("made", stats.tokens_made), ("throttled", stats.throttled)):
            if count > self._settled[outcome]:
                self._settled[outcome] = count
                self._ledger.write("outcome", outcome)


def _note_faulty(ledger: Ledger, call: FaultyCall) -> None:
    """Write what a call was about of which no answer will say what it has done."""
    if call.path.startswith("/write"):
        ledger.write("lost", "job")
    if call.fault in _NOT_DONE or call.method == "GET":
        return
    rows = [row for row in call.rows if not isinstance(row, dict)]
    rows += [
        row[name]
        for row in call.rows
        if isinstance(row, dict)
        for name in ("id", "Email")
        if name in row
    ]
    ledger.write("lost", *rows)


class _Latest(deque[Any]):
    """Keeps nothing of what is appended, and tells it."""

    def __init__(self, tell: Callable[[Any], object]) -> None:
        super().__init__(maxlen=0)
        self._tell = tell

    def append(self, told: Any, /) -> None:
        """Tell it."""
        self._tell(told)


class _Done(StatsTally):
    """Counts what is done, and writes what is done to leads into a ledger.

    Attributes:
        of_links: Whether the last thing was done to a link.
    """

    def __init__(self, fake: FakeZoho, ledger: Ledger) -> None:
        super().__init__()
        self._fake = fake
        self._ledger = ledger
        self.of_links = False

    def __setitem__(self, key: tuple[str, str, str], value: int) -> None:
        super().__setitem__(key, value)
        verb, family, own = key
        self.of_links = family == "unsubscribe_links"
        if family == "Leads":
            address = self._fake.records("Leads").get(own)["Email"] if verb == "create" else ""
            self._ledger.write("lead", verb, own, address)


class _Told(Counter[Any]):
    """A counter that tells each thing that it counts."""

    def __init__(self, tell: Callable[[Any], object]) -> None:
        super().__init__()
        self._tell = tell

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        self._tell(key)
