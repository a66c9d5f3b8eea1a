"""The display: counts what happens, and shows it as fits where it is shown."""

import errno
import io
import os
import re
from typing import Any, get_args

import pytest
from rich.console import Console

from aiozcrm.batch import Outcome, OutcomeKind
from aiozcrm.cli.runs._counts import MEANINGS, STYLES, UNFINISHED, Counts, meaning_of
from aiozcrm.cli.runs._display import (
    DemoConsole,
    LiveDisplay,
    PlainDisplay,
    SteadyConsole,
    Tally,
    display_for,
)
from aiozcrm.errors import ConnectError
from aiozcrm.events import CallRetried, ConcurrencyChanged, RequestFinished, TokenRefreshed

DELETED = Outcome("2", "deleted", 1)


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class ClosedPipe(io.StringIO):
    """A file whose reader has left."""

    def write(self, _: str) -> int:
        """Fail as a pipe without a reader does."""
        raise BrokenPipeError


class FullDisk(io.StringIO):
    """A file that has no room."""

    def write(self, _: str) -> int:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def tally(clock: Any) -> Tally:
    """Return a tally of four ids that has just begun."""
    return Tally(total=4, limit=5, clock=clock)


def test_counts_outcomes(tally: Tally, clock: Any) -> None:
    """Outcomes are counted by status; time passes as the clock says."""
    for status in ("deleted", "already_gone", "deleted"):
        tally.counts.note(Outcome("2", status, 1))
    clock.now = 1.5

    assert str(tally.counts) == "2 deleted, 1 already gone"
    assert (tally.done, tally.seconds, tally.rate) == (3, 1.5, 2.0)


def test_the_rate_is_that_of_this_run(tally: Tally, clock: Any) -> None:
    """What an earlier run has done does not count, nor make the rest seem near."""
    for _ in range(2):
        tally.note_earlier(DELETED)
    tally.counts.note(DELETED)
    clock.now = 2.0

    assert (tally.done, tally.rate, tally.seconds_left) == (3, 0.5, 2.0)


def test_counts_events(tally: Tally) -> None:
    """Retries and tokens are counted, and the limit is kept; requests are not."""
    error = ConnectError("no")
    retried = CallRetried(method="DELETE", path="/", attempt=1, delay=0.1, error=error)
    finished = RequestFinished("DELETE", "/", attempt=1, seconds=0.1, status=200, error=None)
    for event in (
        finished,
        retried,
        TokenRefreshed(seconds=0.1, lifetime=60, from_store=False),
        ConcurrencyChanged(limit=2, delay=1),
        ConcurrencyChanged(limit=3, delay=1),
    ):
        tally.note_event(event)

    assert tally.healing() == "1 retry, 1 token, up to 3 at once"


def test_says_little_where_little_happened(tally: Tally) -> None:
    """Before anything happens there is no rate and no retry."""
    assert tally.rate == 0
    assert list(tally.counts) == []
    assert tally.healing() == "0 retries, 0 tokens, up to 5 at once"


def test_is_live_in_a_terminal(tally: Tally) -> None:
    """A terminal gets the display that changes in place."""
    console = Console(file=Terminal(), force_terminal=True)

    assert isinstance(display_for(console, tally), LiveDisplay)


@pytest.mark.parametrize(
    "console",
    [
        Console(file=io.StringIO()),
        Console(file=io.StringIO(), force_terminal=True),
        Console(file=Terminal(), force_terminal=True, force_interactive=False),
    ],
    ids=["pipe", "pipe with forced colours", "terminal without a cursor"],
)
def test_is_plain_anywhere_else(console: Console, tally: Tally) -> None:
    """Where no cursor can move, lines are printed."""
    assert isinstance(display_for(console, tally), PlainDisplay)


def test_prints_a_line_from_time_to_time(tally: Tally, clock: Any) -> None:
    """However much happens, lines come at their pace; the last state is always shown."""
    file = io.StringIO()
    with PlainDisplay(Console(file=file), tally) as display:
        display.show()
        clock.now = 1.0
        display.show()
        clock.now = 1.9
        tally.counts.note(DELETED)
        display.show()
        clock.now = 2.0

    assert file.getvalue().splitlines() == [
        "0 of 4 done, 0 per second: nothing yet; 0 retries, 0 tokens, up to 5 at once",
        "1 of 4 done, 0.5 per second, 6 s left: 1 deleted; 0 retries, 0 tokens, up to 5 at once",
    ]


def test_prints_only_what_has_changed(clock: Any) -> None:
    """Of several orgs, those that stand still are not repeated; each line says whose it is."""
    file = io.StringIO()
    moving, still = (Tally(name=name, total=4, limit=5, clock=clock) for name in ("a", "b"))
    with display_for(Console(file=file), moving, still, pace=5.0) as display:
        clock.now = 5.0
        display.show()
        moving.counts.note(DELETED)
        clock.now = 9.0
        display.show()
        clock.now = 10.0
        display.show()

    healing = "0 retries, 0 tokens, up to 5 at once"
    assert file.getvalue().splitlines() == [
        f"a: 0 of 4 done, 0 per second: nothing yet; {healing}",
        f"b: 0 of 4 done, 0 per second: nothing yet; {healing}",
        f"a: 1 of 4 done, 0.1 per second, 30 s left: 1 deleted; {healing}",
    ]


def test_shows_several_in_a_line_each(clock: Any) -> None:
    """Each org has a line of its own that changes in place."""
    file = Terminal()
    console = Console(file=file, force_terminal=True, width=140, color_system=None)
    tallies = [Tally(name=name, total=4, limit=5, clock=clock) for name in ("acme", "beta")]
    with LiveDisplay(console, *tallies):
        clock.now = 0.1
        for _ in range(2):
            tallies[1].counts.note(DELETED)

    rows = "0 retries, 0 tokens, up to 5 at once"
    assert re.search(f"acme .* 0/4  0 per second .* {rows}", file.getvalue())
    assert re.search(f"beta .* 2/4  20 per second  2 deleted  {rows}", file.getvalue())


def test_work_goes_on_when_its_reader_has_left() -> None:
    """A broken pipe silences this console, and disturbs nobody."""
    console = SteadyConsole(file=ClosedPipe())
    console.print("anybody there?")
    console.print("still nobody?")

    assert console.quiet


def test_work_goes_on_where_nothing_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk, or a terminal that is gone, is told once and disturbs nobody."""
    console = SteadyConsole(file=FullDisk())
    console.print("anybody there?")
    console.print("still nobody?")

    assert capsys.readouterr().err.count("No space left on device; the command goes on") == 1


def test_tables_are_as_wide_as_a_terminal_or_as_they_like() -> None:
    """In a pipe nothing is wrapped."""
    assert SteadyConsole(file=io.StringIO()).width > 10_000
    assert SteadyConsole(file=Terminal(), force_terminal=True).width == 200


def test_changes_in_place(tally: Tally, clock: Any) -> None:
    """The live display is drawn again at its pace, and for the last time at the end."""
    file = Terminal()
    console = Console(file=file, force_terminal=True, width=100, color_system=None)
    with LiveDisplay(console, tally) as display:
        display.show()
        tally.counts.note(DELETED)
        display.show()
        before = file.getvalue()
        clock.now = 0.5
        display.show()
        after = file.getvalue()
        for _ in range(3):
            tally.counts.note(DELETED)

    assert "0/4" in before
    assert "1/4" not in before
    assert "1/4" in after
    assert "4/4" in file.getvalue()
    assert "4 deleted" in file.getvalue()
    assert "\x1b[?25h" in file.getvalue()  # the cursor is back


def test_has_no_colours_where_they_are_not_wanted(
    tally: Tally,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without colours the bar moves all the same."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    file = Terminal()
    tally.counts.note(DELETED)
    with display_for(Console(file=file, force_terminal=True, width=100), tally) as display:
        display.show()

    assert "\x1b[1A" in file.getvalue()  # the cursor goes up
    assert not re.search(r"\x1b\[[\d;]*3\d", file.getvalue())


def test_says_so_when_its_reader_has_left() -> None:
    """A broken pipe is an error that callers know, not the end of the process."""
    console = DemoConsole(file=ClosedPipe())

    with pytest.raises(BrokenPipeError):
        console.print("anybody there?")


def test_every_kind_has_a_meaning_and_a_colour() -> None:
    """No outcome is shown without saying what it means."""
    assert set(get_args(OutcomeKind)) == set(MEANINGS) == set(STYLES)
    assert set(MEANINGS) >= UNFINISHED


def test_counts_whatever_a_verb_calls_its_outcomes() -> None:
    """By kind, then in the order of the verbs, then by name; a new word needs nothing new."""

    class Merged:
        status = "merged"
        kind = "done"

    statuses = ("failed", "not_found", "protected", "updated", "created", "in_doubt", "created")
    outcomes = [Outcome("1", status, 1) for status in statuses]
    counts = Counts([*outcomes, Merged()])

    assert str(counts) == (
        "2 created, 1 updated, 1 merged, 1 protected, 1 not found, 1 failed, 1 in doubt"
    )
    assert (counts["created"], counts["linked"], counts.total, counts.unfinished) == (2, 0, 8, 2)
    assert meaning_of("merged", "done") == MEANINGS["done"]
    assert meaning_of("already_gone", "done") != MEANINGS["done"]
