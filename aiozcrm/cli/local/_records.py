"""``aiozcrm demo --records``: leads are upserted and read back through faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs
from rich.console import Console

from aiozcrm import BatchReport
from aiozcrm.cli._words import in_words
from aiozcrm.cli.local._tables import outcome_table, print_verdict, server_table
from aiozcrm.cli.local._trouble import LATENCY, RATES, Settings, Show, plan_faults
from aiozcrm.cli.local._verdict import examples
from aiozcrm.cli.runs._counts import MEANINGS, UNFINISHED, Counts
from aiozcrm.cli.runs._display import Tally, display_for
from aiozcrm.testing import FakeZoho, Fault, Stats

__all__ = ["Evidence", "account_of", "perform", "problems_of", "show_result"]

#: How many rows are upserted, and every which one is about a lead that came before.
_ROWS: Final = 2_000
_EVERY: Final = 20

#: A call has a hundred rows, so there are few, and more of them go wrong.
_RATES: Final[Mapping[Fault, float]] = MappingProxyType(
    {
        **{fault: 3 * rate for fault, rate in RATES.items()},
        Fault.SHORT_ANSWER: 0.03,
        Fault.HIDDEN_ERROR: 0.03,
    }
)

_FIELDS: Final = ("Last_Name", "Email", "City")


@attrs.frozen(kw_only=True)
class Evidence:
    """What was asked for, what the client reports and reads, and what the server holds.

    Attributes:
        rows: What was upserted, in this order.
        report: What the client says.
        read: The leads that the client reads afterwards.
        held: The leads that the server holds.
        stats: What the server counted.
        faults: How many faults of each kind the server produced.
        retries: How many of its requests were retries.
    """

    rows: Sequence[Mapping[str, Any]]
    report: BatchReport
    read: Sequence[Mapping[str, Any]]
    held: Sequence[Mapping[str, Any]]
    stats: Stats
    faults: Mapping[Fault, int]
    retries: int

    @property
    def wanted(self) -> dict[str, Mapping[str, Any]]:
        """The last row of each lead, by its address."""
        return {row["Email"]: row for row in self.rows}


async def perform(settings: Settings, console: Console) -> Evidence:
    """Upsert leads, some of them twice, and read them back."""
    rows = list(_rows())
    async with FakeZoho(latency=LATENCY) as fake:
        _introduce(settings, console)
        plan_faults(fake, settings, _RATES, spared=2)
        tally = Tally(total=len(rows), limit=settings.concurrency)
        with display_for(console, tally, pace=1.0) as display:
            show = Show(fake, settings, tally, display)
            async with show.client() as zoho:
                leads = zoho.records("Leads")
                report = await leads.upsert_many(
                    rows, duplicate_check_fields=["Email"], on_outcome=show.note
                )
                read = await leads.list(fields=_FIELDS)
        return Evidence(
            rows=rows,
            report=report,
            read=read,
            held=fake.records("Leads").all(),
            stats=fake.stats,
            faults=fake.faults.injected,
            retries=tally.retries,
        )


def show_result(console: Console, evidence: Evidence) -> int:
    """Print what came out and return the exit code that says the same."""
    console.print()
    console.print(outcome_table(evidence.report, "Rows"))
    table = server_table(
        evidence.stats, evidence.faults, retries=evidence.retries, effect="call has done its work"
    )
    console.print(table)
    return print_verdict(console, [*problems_of(evidence)], account_of(evidence))


def account_of(evidence: Evidence) -> str:
    """Return the sum of all outcomes as a sentence; it is true only if there are no problems."""
    counts = Counts(evidence.report.outcomes)
    terms = " + ".join(map(str, counts))
    return (
        f"{len(evidence.rows)} rows: {terms} = {counts.total}; each of the "
        f"{len(evidence.wanted)} leads is there exactly once, as its last row says, and was read "
        "back."
    )


def problems_of(evidence: Evidence) -> Iterator[str]:
    """Yield a clause for each thing that does not add up."""
    outcomes, wanted = evidence.report.outcomes, evidence.wanted
    if len(outcomes) != len(evidence.rows):
        yield f"{len(outcomes)} outcomes for {len(evidence.rows)} rows"
    for kind in MEANINGS:
        if kind in UNFINISHED and (ids := [each.id for each in outcomes if each.kind == kind]):
            yield f"{in_words(kind)}: {examples(ids, 'row')}"
    held = Counter(lead["Email"] for lead in evidence.held)
    if lost := [address for address in wanted if not held[address]]:
        yield f"not there: {examples(lost, 'lead')}"
    if twice := [address for address, times in held.items() if times > 1]:
        yield f"there more than once: {examples(twice, 'lead')}"
    addresses = {lead["id"]: lead["Email"] for lead in evidence.held}
    told = [(each.id, row["Email"]) for each, row in zip(outcomes, evidence.rows, strict=False)]
    if lies := [own for own, address in told if addresses.get(own) != address]:
        yield f"told of another lead: {examples(lies, 'row')}"
    created = Counter(each.id for each in outcomes if each.status == "created")
    if lies := [own for own in addresses if created[own] != 1]:
        yield f"not told to be created exactly once: {examples(lies, 'lead')}"
    read = [lead["Email"] for lead in evidence.read]
    if Counter(read) != held:
        yield f"{len(read)} leads were read, {held.total()} are there"
    if old := [each["Email"] for each in evidence.read if each["City"] != _city(wanted, each)]:
        yield f"not as the last row says: {examples(old, 'lead')}"


def _city(wanted: Mapping[str, Mapping[str, Any]], lead: Mapping[str, Any]) -> object:
    return wanted.get(lead["Email"], {}).get("City")


def _rows() -> Iterator[dict[str, Any]]:
    for number in range(_ROWS):
        person = number - _EVERY // 2 if number % _EVERY == _EVERY - 1 else number
        yield {
            "Last_Name": f"Guest {person}",
            "Email": f"guest{person}@example.org",
            "Company": "Oakfield",
            "City": f"City {number}",
        }


def _introduce(settings: Settings, console: Console) -> None:
    trouble = "nothing goes wrong"
    if not settings.calm:
        share = sum(_RATES.values())
        trouble = f"{share:.0%} of its answers are faults, and access tokens expire on the way"
    console.print(
        f"Upserting {_ROWS} rows of leads in a local Zoho, a hundred a call, {_ROWS // _EVERY} "
        f"of them about leads of earlier rows, and reading them back. There, {trouble}.\n",
    )
