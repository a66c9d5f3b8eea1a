"""How a batch looks while it runs: live in a terminal, as plain lines anywhere else."""

from __future__ import annotations

import errno
import os
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

import attrs
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from aiozcrm.batch import Outcome
from aiozcrm.cli._verdict import MEANINGS
from aiozcrm.cli._words import in_words, plural
from aiozcrm.events import CallRetried, ConcurrencyChanged, Event, TokenRefreshed

__all__ = [
    "STYLES",
    "DemoConsole",
    "Display",
    "LiveDisplay",
    "PlainDisplay",
    "Tally",
    "display_for",
]

STYLES: Final = {
    "deleted": "green",
    "already_gone": "cyan",
    "protected": "yellow",
    "not_found": "yellow",
    "failed": "red",
    "in_doubt": "red",
    "not_attempted": "red",
}

_BAR_WIDTH: Final = 40


@attrs.define(eq=False, kw_only=True)
class Tally:
    """What has happened so far.

    Attributes:
        total: How many ids there are.
        clock: Tells the time in seconds.
        counts: How many ids ended in each status.
        retries: How many sends were repetitions.
        tokens: How many access tokens were made.
        limit: How many calls there may be at once now.
    """

    total: int
    limit: int
    clock: Callable[[], float] = time.monotonic
    counts: Counter[str] = attrs.field(init=False, factory=Counter)
    retries: int = attrs.field(init=False, default=0)
    tokens: int = attrs.field(init=False, default=0)
    _started: float = attrs.field(init=False)

    @_started.default
    def _now(self) -> float:
        return self.clock()

    @property
    def done(self) -> int:
        """How many ids have an outcome."""
        return self.counts.total()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self.clock() - self._started

    @property
    def rate(self) -> float:
        """Ids done per second."""
        return self.done / self.seconds if self.seconds else 0.0

    def note_outcome(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.counts[outcome.status] += 1

    def note_event(self, event: Event) -> None:
        """Count what the client tells."""
        match event:
            case CallRetried():
                self.retries += 1
            case TokenRefreshed():
                self.tokens += 1
            case ConcurrencyChanged(limit=limit):
                self.limit = limit
            case _:
                pass

    def in_statuses(self) -> list[tuple[str, int]]:
        """Return the statuses that there are, with their counts."""
        return [(status, self.counts[status]) for status in MEANINGS if self.counts[status]]

    def healing(self) -> str:
        """Say what it takes."""
        retries = "1 retry" if self.retries == 1 else f"{self.retries} retries"
        return f"{retries}, {plural(self.tokens, 'token')}, up to {self.limit} at once"


class DemoConsole(Console):
    """A console whose reader may leave, as ``head`` does."""

    def on_broken_pipe(self) -> None:
        """Raise what the command line ends quietly for.

        Ending the process from within a task, as consoles do, leaves a traceback behind.
        """
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class Display(Protocol):
    """Shows a tally for as long as it is entered."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, with the last state shown."""
        ...

    def show(self) -> None:
        """Show the present state, unless one was shown a moment ago."""
        ...


def display_for(console: Console, tally: Tally) -> Display:
    """Return the display that fits where *console* writes to."""
    # A console may be told to use colours in a pipe; it still has no cursor to move there.
    live = console.is_interactive and console.file.isatty()
    return LiveDisplay(console, tally) if live else PlainDisplay(console, tally)


class LiveDisplay:
    """A bar and counts that change in place.

    Args:
        console: Where to show.
        tally: What to show.
        pause: Seconds between two states.
    """

    def __init__(self, console: Console, tally: Tally, *, pause: float = 0.08) -> None:
        self._tally = tally
        self._pause = pause
        self._next = 0.0
        self._live = Live(get_renderable=self._render, console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self) -> None:
        """Show the present state, unless one was shown a moment ago."""
        now = self._tally.seconds
        if now >= self._next:
            self._live.refresh()
            self._next = now + self._pause

    def _render(self) -> RenderableType:
        tally = self._tally
        bar = ProgressBar(total=tally.total, completed=tally.done, width=_BAR_WIDTH)
        head = Table.grid(padding=(0, 2))
        head.add_row(
            bar,
            Text(f"{tally.done}/{tally.total}", style="bold"),
            f"{tally.rate:.0f} per second",
            Text(f"{tally.seconds:.1f} s", style="dim"),
        )
        counts = Text(", ").join(
            Text(f"{count} {in_words(status)}", style=STYLES[status])
            for status, count in tally.in_statuses()
        )
        lines = Group(head, counts, Text(tally.healing(), style="dim"))
        # Lines as wide as the terminal would let the echo of a Ctrl-C scroll it.
        return Padding(lines, (0, 0, 0, 2), expand=False)


class PlainDisplay:
    """A line from time to time, without any control character.

    Args:
        console: Where to show.
        tally: What to show.
        pause: Seconds between two lines.
    """

    def __init__(self, console: Console, tally: Tally, *, pause: float = 1.0) -> None:
        self._console = console
        self._tally = tally
        self._pause = pause
        self._next = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._print()

    def show(self) -> None:
        """Show the present state, unless one was shown a moment ago."""
        now = self._tally.seconds
        if now >= self._next:
            self._print()
            self._next = now + self._pause

    def _print(self) -> None:
        tally = self._tally
        counts = ", ".join(f"{count} {in_words(status)}" for status, count in tally.in_statuses())
        self._console.print(
            f"{tally.done} of {tally.total} done, {tally.rate:.0f} per second: "
            f"{counts or 'nothing yet'}; {tally.healing()}",
            soft_wrap=True,
            highlight=False,
        )
