"""``aiozcrm demo``: a batch against a local Zoho that fails on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

import attrs
import typer
from rich.console import Console

from aiozcrm.cli._words import plural
from aiozcrm.cli.local import _records
from aiozcrm.cli.local._tables import outcome_table, print_verdict, server_table
from aiozcrm.cli.local._trouble import LATENCY, RATES, Settings, Show, expiry_points, plan_faults
from aiozcrm.cli.local._verdict import Evidence, account_of, problems_of
from aiozcrm.cli.runs._display import DemoConsole, Tally, display_for
from aiozcrm.testing import FakeZoho, Fault, Stats

__all__ = ["Performance", "Settings", "demo", "expiry_points", "perform", "show_result"]


@attrs.frozen(kw_only=True)
class Performance:
    """The results of a demonstration.

    Attributes:
        evidence: What the client and the server say.
        stats: What the server counted.
        faults: How many faults of each kind the server produced.
    """

    evidence: Evidence
    stats: Stats
    faults: Mapping[Fault, int]


def demo(
    *,
    links: Annotated[int, typer.Option(min=0, metavar="N", help="How many links to delete.")] = 200,
    records: Annotated[
        bool,
        typer.Option(
            "--records", help="Upsert 2,000 records and read them back, instead of deleting links."
        ),
    ] = False,
    calm: Annotated[bool, typer.Option("--calm", help="Run without faults.")] = False,
    concurrency: Annotated[
        int, typer.Option(min=1, metavar="N", help="Calls that may run at once.")
    ] = 5,
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="Seed: the same one gives the same faults."),
    ] = 7,
) -> None:
    """Delete many links from a local Zoho that fails on purpose, and account for every one.

    With --records, upsert records instead, and read them back. No Zoho account is needed. The
    exit code is 0 only if client and server agree about every id or row.
    """
    settings = Settings(links=links, calm=calm, concurrency=concurrency, seed=seed)
    console = DemoConsole(highlight=False)
    if records:
        played = _records.perform(settings, console)
        raise typer.Exit(_records.show_result(console, asyncio.run(played)))
    raise typer.Exit(show_result(console, asyncio.run(perform(settings, console))))


async def perform(settings: Settings, console: Console) -> Performance:
    """Delete all links and two ids that cannot be deleted."""
    async with FakeZoho(links=settings.links, latency=LATENCY) as fake:
        default, *links = fake.unsubscribe_links.ids
        # One more than the highest id.
        unknown = str(max(map(int, fake.unsubscribe_links.ids)) + 1)
        ids = (default, unknown, *links)
        _introduce(settings, len(ids), console)
        # If the first answer about the unknown id were lost, the id could not be told from that of
        # a deleted link.
        plan_faults(fake, settings, RATES, spared=max(2, settings.concurrency))
        tally = Tally(total=len(ids), limit=settings.concurrency)
        with display_for(console, tally, pace=1.0) as display:
            show = Show(fake, settings, tally, display)
            async with show.client() as zoho:
                report = await zoho.delete_unsubscribe_links(ids, on_outcome=show.note)
        evidence = Evidence(
            ids=ids,
            report=report,
            links=links,
            removed=fake.stats.effects,
            left=[link for link in fake.unsubscribe_links.ids if link != default],
        )
        return Performance(evidence=evidence, stats=fake.stats, faults=fake.faults.injected)


def show_result(console: Console, performance: Performance) -> int:
    """Print what came out and return the exit code that says the same."""
    evidence, stats = performance.evidence, performance.stats
    # Every request for an id beyond its first is a retry.
    retries = stats.attempts.total() - len(stats.attempts)
    console.print()
    console.print(outcome_table(evidence.report, "Ids"))
    console.print(server_table(stats, performance.faults, retries=retries, effect="deletion"))
    return print_verdict(console, problems_of(evidence), account_of(evidence))


def _introduce(settings: Settings, ids: int, console: Console) -> None:
    trouble = "nothing goes wrong"
    if not settings.calm:
        share = sum(RATES.values())
        trouble = f"{share:.0%} of its answers are faults, and access tokens expire on the way"
    console.print(
        f"Deleting {ids} ids from a local Zoho: {plural(settings.links, 'link')}, the Default "
        f"link and an unknown id. There, {trouble}.\n",
    )
