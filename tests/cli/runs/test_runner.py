"""The runner: many orgs at once, none in the way of another, and an end that loses nothing."""

import asyncio
import contextlib
import io
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from aiozcrm import Outcome
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.runs._display import PlainDisplay, Tally
from aiozcrm.cli.runs._journal import Journal, Order
from aiozcrm.cli.runs._results import Assignment, Subject, Target
from aiozcrm.cli.runs._runner import Runner
from aiozcrm.errors import ConnectionLostError, NotFoundError, RefreshTokenRejectedError
from aiozcrm.events import CallRetried, ConcurrencyChanged


def order_for(*profiles: str, ids: int = 3) -> Order:
    """Return an order for the same ids in each org."""
    return Order(
        command="links delete",
        options={},
        began=datetime(2026, 11, 20, 12, tzinfo=UTC),
        assignments=tuple(
            Assignment(
                target=Target(profile=profile, data_center="eu", environment="production"),
                subjects=tuple(Subject(id=str(n)) for n in range(1, ids + 1)),
            )
            for profile in profiles
        ),
    )


def outcome_of(link_id: str) -> Outcome:
    """Return a success."""
    return Outcome(link_id, "deleted", 1)


async def delete_all(assignment, ids, on_outcome, on_event) -> None:
    """Delete everything."""
    for link_id in ids:
        await on_outcome(outcome_of(link_id))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the journal is."""
    return tmp_path / "journal.jsonl"


@pytest.fixture
def told() -> list[str]:
    """Return what people were told."""
    return []


@pytest.fixture
def make(path: Path, told: list[str]) -> Iterator[Callable[..., Runner]]:
    """Return what makes a runner, with a new journal or that of the run before."""
    stack = contextlib.ExitStack()

    def make(work: Any, order: Order | None = None) -> Runner:
        stack.close()
        opened = Journal.create(path, order) if order else Journal.reopen(path)
        journal = stack.enter_context(opened)
        tallies = {
            one.target.profile: Tally(name=one.target.profile, total=len(one.subjects), limit=5)
            for one in journal.order.assignments
        }
        return Runner(
            journal=journal,
            work=work,
            tallies=tallies,
            display=PlainDisplay(Console(file=io.StringIO()), *tallies.values()),
            say=told.append,
        )

    with stack:
        yield make


def statuses(runner: Runner) -> dict[str, list[str]]:
    """Return the statuses in each org."""
    return {
        one.target.profile: [result.status for result in one.results]
        for one in runner.report().targets
    }


async def test_does_everything(make) -> None:
    """Every org is done, every id has its result, and the exit code is 0."""
    runner = make(delete_all, order_for("a", "b"))
    await runner.run()

    assert statuses(runner) == {"a": ["deleted"] * 3, "b": ["deleted"] * 3}
    assert runner.report().exit_code is ExitCode.DONE
    assert runner.report().counts.unfinished == 0


async def test_an_org_that_fails_stops_no_other(make) -> None:
    """Its ids are not attempted, with the reason, and the exit code says what it was."""

    async def work(assignment, ids, on_outcome, on_event) -> None:
        if assignment.target.profile == "a":
            raise RefreshTokenRejectedError("Rejected.")
        await delete_all(assignment, ids, on_outcome, on_event)

    runner = make(work, order_for("a", "b"))
    await runner.run()
    report = runner.report()

    assert statuses(runner) == {"a": ["not_attempted"] * 3, "b": ["deleted"] * 3}
    assert report.exit_code is ExitCode.CREDENTIALS
    assert "Rejected." in report.targets[0].results[0].error


async def test_an_id_without_an_outcome_is_told(make) -> None:
    """Whatever the work does, what it left out is not forgotten; what it took may be done."""

    async def work(assignment, ids, on_outcome, on_event) -> None:
        next(ids)

    runner = make(work, order_for("a"))
    await runner.run()

    assert statuses(runner) == {"a": ["in_doubt", "not_attempted", "not_attempted"]}
    assert runner.report().exit_code is ExitCode.FAILED


async def test_stops_when_told_and_goes_on_later(make, told) -> None:
    """What is on its way is finished, nothing new is begun; the next run does the rest."""

    async def work(assignment, ids, on_outcome, on_event) -> None:
        first = next(ids)
        signal.raise_signal(signal.SIGTERM)
        # The loop hands the signal on.
        await asyncio.sleep(0.01)
        await on_outcome(outcome_of(first))
        await delete_all(assignment, ids, on_outcome, on_event)

    runner = make(work, order_for("a"))
    await runner.run()

    assert statuses(runner) == {"a": ["deleted", "not_attempted", "not_attempted"]}
    assert runner.report().exit_code is ExitCode.INTERRUPTED
    assert told == ["Stopping: calls under way are finished. Ctrl-C again stops at once."]

    seen: list[str] = []

    async def rest(assignment, ids, on_outcome, on_event) -> None:
        for link_id in ids:
            seen.append(link_id)
            await on_outcome(outcome_of(link_id))

    runner = make(rest)
    await runner.run()

    assert seen == ["2", "3"]
    assert statuses(runner) == {"a": ["deleted"] * 3}
    assert runner.report().exit_code is ExitCode.DONE


async def test_the_second_signal_cuts_off(make) -> None:
    """What was on its way is in doubt, and the journal knows; a later run settles it."""
    cut = asyncio.Event()

    async def work(assignment, ids, on_outcome, on_event) -> None:
        first = next(ids)
        cut.set()
        try:
            await asyncio.sleep(60)
        finally:
            await on_outcome(Outcome(first, "in_doubt", 1, ConnectionLostError("cut off")))

    runner = make(work, order_for("a"))
    running = asyncio.create_task(runner.run())
    await cut.wait()
    runner.stop()
    runner.stop()
    await running

    assert statuses(runner) == {"a": ["in_doubt", "not_attempted", "not_attempted"]}
    assert runner.report().exit_code is ExitCode.INTERRUPTED

    async def gone(assignment, ids, on_outcome, on_event) -> None:
        for link_id in ids:
            await on_outcome(Outcome(link_id, "not_found", 1, NotFoundError("no", status=400)))

    runner = make(gone)
    await runner.run()

    assert statuses(runner) == {"a": ["already_gone", "not_found", "not_found"]}
    assert runner.report().exit_code is ExitCode.DONE


async def test_a_doubt_outlives_a_failure(make) -> None:
    """An id that may be deleted is not called failed because a later try was refused."""

    async def lost(assignment, ids, on_outcome, on_event) -> None:
        next(ids)
        raise OSError("gone")

    await make(lost, order_for("a", ids=2)).run()

    async def refused(assignment, ids, on_outcome, on_event) -> None:
        error = RefreshTokenRejectedError("Rejected.")
        await on_outcome(Outcome(next(ids), "not_attempted", 0, error))

    runner = make(refused)
    await runner.run()

    assert statuses(runner) == {"a": ["in_doubt", "not_attempted"]}

    runner = make(lost)
    await runner.run()

    assert statuses(runner) == {"a": ["in_doubt", "not_attempted"]}


async def test_is_cancelled_as_anything_else(make) -> None:
    """A cancellation that is no signal goes through."""

    async def forever(assignment, ids, on_outcome, on_event) -> None:
        await asyncio.sleep(60)

    running = asyncio.create_task(make(forever, order_for("a")).run())
    await asyncio.sleep(0.01)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_stop_that_comes_too_early_is_fine(make) -> None:
    """Told to stop twice before it began, it does nothing."""
    runner = make(delete_all, order_for("a"))
    runner.stop()
    runner.stop()
    await runner.run()

    assert statuses(runner) == {"a": ["not_attempted"] * 3}


async def test_counts_what_the_client_tells(make) -> None:
    """Events go to the tally of their org."""

    async def work(assignment, ids, on_outcome, on_event) -> None:
        on_event(ConcurrencyChanged(limit=2, delay=0))
        error = ConnectionLostError("no")
        on_event(CallRetried(method="DELETE", path="/", attempt=1, delay=0, error=error))

    runner = make(work, order_for("a"))
    await runner.run()

    assert runner.tallies["a"].healing() == "1 retry, 0 tokens, up to 2 at once"


async def test_shows_that_time_passes(make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even while nothing happens the display is looked after."""
    shown = asyncio.Event()
    monkeypatch.setattr("aiozcrm.cli.runs._display._TICK", 0.001)

    async def work(assignment, ids, on_outcome, on_event) -> None:
        await shown.wait()

    runner = make(work, order_for("a"))
    monkeypatch.setattr(runner.display, "show", shown.set)
    await asyncio.wait_for(runner.run(), 10)


async def test_an_outcome_is_kept_before_it_is_shown(make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to the display, the next run knows of it."""

    def fail() -> None:
        raise OSError(5, "Input/output error")

    runner = make(delete_all, order_for("a", ids=1))
    monkeypatch.setattr(runner.display, "show", fail)
    await runner.run()

    assert set(make(delete_all).journal.settled) == {("a", "1")}


async def test_what_is_ignored_stays_ignored(make) -> None:
    """Under nohup, the end of a terminal is no reason to stop."""

    async def work(assignment, ids, on_outcome, on_event) -> None:
        signal.raise_signal(signal.SIGHUP)
        await asyncio.sleep(0.01)
        await delete_all(assignment, ids, on_outcome, on_event)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    runner = make(work, order_for("a"))
    await runner.run()

    assert signal.signal(signal.SIGHUP, before) is signal.SIG_IGN
    assert statuses(runner) == {"a": ["deleted"] * 3}
