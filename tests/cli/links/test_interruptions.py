"""Ctrl-C, signals and sudden death: nothing is lost, and the rest is done later, once."""

import json
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.cli.runs._journal import Journal
from aiozcrm.testing import FakeZoho, Fault

AddOrg = Callable[..., FakeZoho]

#: How often a run is killed, of how many links.
KILLS = 50
LINKS = 500
SEED = 20_261_120


def lines_of(journal: Path) -> list[dict[str, Any]]:
    """Return what the journal holds."""
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when *condition* holds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return where the journal is going to be."""
    return tmp_path / "journal.jsonl"


def test_deletes_when_the_number_is_typed(terminal, add_org) -> None:
    """The plan, the question, a bar that moves, the table."""
    fake = add_org("acme", links=12)
    session = terminal("links", "clean", "--profile", "acme")
    session.wait_for("Type that number to delete them: ")

    assert fake.stats.attempts.total() == 0
    session.type("12\n")

    assert session.end() == 0
    assert len(fake.unsubscribe_links.ids) == 1
    assert "━" in session.written
    assert "12/12" in session.written
    assert "12 ids: 12 deleted." in session.written


def test_deletes_nothing_when_another_number_is_typed(terminal, add_org) -> None:
    """The exit code is 2 and no link is gone."""
    fake = add_org("acme", links=12)
    session = terminal("links", "clean", "--profile", "acme")
    session.wait_for("Type that number to delete them: ")
    session.type("11\n")

    assert session.end() == 2
    assert "that is not 12, so nothing was deleted" in session.written
    assert fake.stats.attempts.total() == 0


def test_ctrl_c_is_an_answer(terminal, add_org) -> None:
    """At the question it ends the command, and nothing was deleted."""
    fake = add_org("acme", links=1)
    session = terminal("links", "clean", "--profile", "acme")
    session.wait_for("Type that number to delete them: ")

    assert session.answer_with_ctrl_c() == 130
    assert "interrupted; nothing was deleted" in session.written
    assert fake.stats.attempts.total() == 0


def test_shows_a_line_for_each_org(terminal, add_org) -> None:
    """Several orgs move at the same time, each with its counts."""
    add_org("acme", links=6, latency=0.05)
    add_org("beta", links=3, latency=0.05)
    session = terminal("links", "clean", "--all-profiles", "--yes", columns=140)

    assert session.end() == 0
    assert re.search(r"acme\b.*6/6.*per second.*6 deleted.*retries", session.written)
    assert re.search(r"beta\b.*3/3.*per second.*3 deleted.*retries", session.written)
    assert "9 ids: 9 deleted." in session.written


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_calls_on_their_way_end(
    number, terminal, invoke, add_org, journal
) -> None:
    """Nothing new starts, every call that was sent has its outcome, and --resume does the rest."""
    fake = add_org("acme", links=30, latency=0.1)
    session = terminal("links", "clean", "-p", "acme", "--yes", "--journal", str(journal))
    wait_until(lambda: fake.stats.effects.total() >= 5)
    if number is signal.SIGINT:
        session.press_ctrl_c()
    else:
        session.send_signal(number)

    assert session.end() == 130
    assert "Stopping: calls under way are finished." in session.written
    assert "Traceback" not in session.written
    assert f"--resume {journal}" in session.written.replace("\r\n", "")
    done = {line["id"] for line in lines_of(journal) if line.get("status") == "deleted"}
    assert done == set(fake.stats.effects)
    assert 5 <= len(done) < 30

    fake.latency = 0.0
    rest = invoke("links", "clean", "--resume", str(journal))

    assert rest.exit_code == 0
    assert Counter(fake.stats.effects.values()) == {1: 30}
    assert "30 ids: 30 deleted." in rest.stdout


def test_a_lost_connection_stops_as_signals_do(terminal, add_org, journal, tmp_path) -> None:
    """Although nobody sees it: calls on their way end, and the report is written."""
    fake = add_org("acme", links=30, latency=0.1)
    report = tmp_path / "report.jsonl"
    session = terminal(
        *("links", "clean", "-p", "acme", "--yes", "--journal", str(journal)),
        *("--report", str(report)),
    )
    session.wait_for("Journal: ")
    wait_until(lambda: fake.stats.effects.total() >= 5)

    assert session.hang_up() == 130
    done = {line["id"] for line in lines_of(journal) if line.get("status") == "deleted"}
    reported = {line["id"] for line in lines_of(report) if line["status"] == "deleted"}
    assert done == reported == set(fake.stats.effects)
    assert 5 <= len(done) < 30


def test_the_second_ctrl_c_stops_at_once(terminal, invoke, add_org, journal) -> None:
    """Calls whose answers never come are in doubt, until --resume finds the links gone."""
    fake = add_org("acme", links=30)
    # Plan and check take five calls, and then a few links are deleted.
    fake.faults.script(*[None] * 10)
    fake.faults.mix({Fault.HANG_AFTER: 1.0}, seed=1)
    session = terminal("links", "clean", "-p", "acme", "--yes", "--journal", str(journal))
    wait_until(lambda: fake.stats.effects.total() == 10)
    session.press_ctrl_c()
    session.wait_for("Ctrl-C again stops at once")
    session.press_ctrl_c()

    assert session.end() == 130
    assert "5 deleted + 5 in doubt + 20 not attempted." in session.written

    fake.faults.clear()
    rest = invoke("links", "clean", "--resume", str(journal))

    assert rest.exit_code == 0
    assert "25 deleted + 5 already gone." in rest.stdout
    assert Counter(fake.stats.effects.values()) == {1: 30}


def test_deletes_on_when_its_reader_leaves(start, add_org) -> None:
    """What ``head`` does to the output is no reason to stop half way."""
    fake = add_org("acme", links=30, latency=0.05)
    process = start("links", "clean", "-p", "acme", "--yes")
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == ""
    assert Counter(fake.stats.effects.values()) == {1: 30}


def test_fifty_kills_cost_nothing(commands: Any, add_org: AddOrg, journal: Path) -> None:
    """Killed at any moment and resumed each time, the run deletes every link exactly once."""
    seeded = random.Random(SEED)
    fake = add_org("acme", links=LINKS, latency=0.002)
    effects = fake.stats.effects
    begin = ("links", "clean", "-p", "acme", "--yes", "--journal", str(journal))
    resume = ("links", "clean", "--resume", str(journal))
    kills, while_deleting = 0, 0
    while kills < KILLS:
        # Before there is an order, nothing was sent and nothing can be resumed.
        if not journal.exists() or b"\n" not in journal.read_bytes():
            journal.unlink(missing_ok=True)
            pid = commands.start(*begin)
        else:
            pid = commands.start(*resume)
        if seeded.random() < 0.3:
            time.sleep(seeded.uniform(0, 0.08))
        else:
            goal = min(effects.total() + seeded.randrange(8), LINKS - 1)
            wait_until(lambda goal=goal: effects.total() >= goal)
            time.sleep(seeded.uniform(0, 0.003))
        before = effects.total()
        assert commands.kill(pid) == -signal.SIGKILL
        kills += 1
        while_deleting += before > 0

    assert while_deleting > KILLS / 2
    assert 0 < effects.total() < LINKS
    assert commands.wait(commands.start(*resume)) == 0
    assert Counter(effects.values()) == {1: LINKS}
    with Journal.reopen(journal) as complete:
        assert {result.status for result in complete.settled.values()} <= {
            "deleted",
            "already_gone",
        }
        assert {link for _, link in complete.settled} == set(effects)
        assert complete.doubtful == set()
