"""``aiozcrm demo``: a batch against a local Zoho that fails on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final

import attrs
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiozcrm import BatchReport, Outcome, RetryPolicy, ZohoCRM
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.local._verdict import Evidence, account_of, problems_of
from aiozcrm.cli.runs._counts import STYLES, Counts, meaning_of
from aiozcrm.cli.runs._display import DemoConsole, Display, Tally, display_for
from aiozcrm.events import Event
from aiozcrm.testing import FakeZoho, Fault, Stats

__all__ = ["Performance", "Settings", "demo", "expiry_points", "perform", "show_result"]

_RATES: Final[Mapping[Fault, float]] = MappingProxyType(
    {
        Fault.SERVER_ERROR_BEFORE: 0.02,
        Fault.SERVER_ERROR_AFTER: 0.02,
        Fault.BAD_GATEWAY: 0.01,
        Fault.UNAVAILABLE: 0.01,
        Fault.TOO_MANY_RETRY_AFTER: 0.02,
        Fault.RESET_BEFORE: 0.01,
        Fault.RESET_AFTER: 0.01,
        Fault.TRUNCATED_BODY: 0.01,
        Fault.NOT_JSON: 0.01,
    },
)

#: Slow enough to watch, in seconds.
_LATENCY: Final = 0.04

#: Many attempts, but short pauses, since somebody is watching.
_RETRIES: Final = RetryPolicy(attempts=10, first_delay=0.05, max_delay=1.0)
_RETRY_AFTER: Final = "0.05"


@attrs.frozen(kw_only=True)
class Settings:
    """The options of a demonstration.

    Attributes:
        links: How many links to delete.
        calm: Whether to run without faults.
        concurrency: How many calls may run at once.
        seed: The seed of the faults; the same seed gives the same faults.
    """

    links: int
    calm: bool
    concurrency: int
    seed: int


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

    No Zoho account is needed. The exit code is 0 only if client and server agree about every id.
    """
    settings = Settings(links=links, calm=calm, concurrency=concurrency, seed=seed)
    console = DemoConsole(highlight=False)
    try:
        raise typer.Exit(show_result(console, asyncio.run(perform(settings, console))))
    except KeyboardInterrupt:  # pragma: no cover  # 3.11 traces nothing after a cancelled task
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(130) from None


def expiry_points(links: int) -> frozenset[int]:
    """Return after how many deletions access tokens expire: a quarter, a half, three quarters."""
    return frozenset(links * quarters // 4 for quarters in (1, 2, 3)) - {0}


async def perform(settings: Settings, console: Console) -> Performance:
    """Delete all links and two ids that cannot be deleted."""
    async with FakeZoho(links=settings.links, latency=_LATENCY) as fake:
        default, *links = fake.unsubscribe_links.ids
        # One more than the highest id.
        unknown = str(max(map(int, fake.unsubscribe_links.ids)) + 1)
        ids = (default, unknown, *links)
        _introduce(settings, len(ids), console)
        if not settings.calm:
            _plan_faults(fake, settings)
        tally = Tally(total=len(ids), limit=settings.concurrency)
        with display_for(console, tally) as display:
            report = await _delete(fake, ids, settings, tally, display)
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
    evidence = performance.evidence
    console.print()
    console.print(_outcome_table(evidence.report))
    console.print(_server_table(performance))
    # A pipe gets a sentence on one line; a terminal wraps it between words.
    one_line = not console.is_terminal
    if problems := problems_of(evidence):
        sentence = f"This does not add up: {'; '.join(problems)}."
        console.print(sentence, style="bold red", soft_wrap=one_line)
        return 1
    console.print(account_of(evidence), style="bold green", soft_wrap=one_line)
    return 0


def _introduce(settings: Settings, ids: int, console: Console) -> None:
    trouble = "nothing goes wrong"
    if not settings.calm:
        share = sum(_RATES.values())
        trouble = f"{share:.0%} of its answers are faults, and access tokens expire on the way"
    console.print(
        f"Deleting {ids} ids from a local Zoho: {plural(settings.links, 'link')}, the Default "
        f"link and an unknown id. There, {trouble}.\n",
    )


def _plan_faults(fake: FakeZoho, settings: Settings) -> None:
    # The first calls succeed. If the first answer about the unknown id were lost, the id could not
    # be told from that of a deleted link.
    fake.faults.script(*[None] * max(2, settings.concurrency))
    fake.faults.mix(_RATES, seed=settings.seed)
    fake.faults.retry_after = _RETRY_AFTER


async def _delete(
    fake: FakeZoho,
    ids: Sequence[str],
    settings: Settings,
    tally: Tally,
    display: Display,
) -> BatchReport:
    expire = _expiry(fake, frozenset() if settings.calm else expiry_points(settings.links))

    def note_outcome(outcome: Outcome) -> None:
        tally.counts.note(outcome)
        display.show()
        expire(outcome)

    def note_event(event: Event) -> None:
        tally.note_event(event)
        display.show()

    async with ZohoCRM(
        fake.credentials(),
        max_in_flight=settings.concurrency,
        retries=_RETRIES,
        on_event=note_event,
    ) as zoho:
        return await zoho.delete_unsubscribe_links(
            ids,
            concurrency=settings.concurrency,
            on_outcome=note_outcome,
        )


def _expiry(fake: FakeZoho, points: frozenset[int]) -> Callable[[Outcome], None]:
    """Return a function that expires the access tokens after so many deletions."""
    gone = 0

    def note(outcome: Outcome) -> None:
        nonlocal gone
        if outcome.kind == "done":
            gone += 1
            if gone in points:
                fake.expire_tokens()

    return note


def _outcome_table(report: BatchReport) -> Table:
    table = _table("What the client says", show_footer=True)
    table.add_column("Outcome", "together")
    table.add_column("Ids", str(len(report.outcomes)), justify="right")
    table.add_column("Meaning")
    for status, kind, count in Counts(report.outcomes):
        name = Text(in_words(status), STYLES[kind])
        table.add_row(name, str(count), meaning_of(status, kind))
    return table


def _server_table(performance: Performance) -> Table:
    stats, faults = performance.stats, performance.faults
    # Every request for an id beyond its first is a retry.
    retries = stats.attempts.total() - len(stats.attempts)
    table = _table("What the local Zoho counted", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row("access tokens made", str(stats.tokens_made))
    table.add_row("API requests", str(stats.api_requests))
    table.add_row("  retries among them", str(retries))
    table.add_row("  most at once", str(stats.highest_concurrency))
    table.add_row("faults produced", str(sum(faults.values())))
    for fault in sorted(faults, key=lambda fault: -faults[fault]):
        effect = "after the deletion" if fault.has_effect else ""
        table.add_row(f"  {in_words(fault)}", str(faults[fault]), effect, style="dim")
    return table


def _table(title: str, *, show_header: bool = True, show_footer: bool = False) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_header=show_header,
        show_footer=show_footer,
    )
