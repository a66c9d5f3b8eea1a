"""The progress of a batch: live in a terminal, as plain lines anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

import attrs
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from aiozcrm.cli._exits import say_error
from aiozcrm.cli._words import duration, plural
from aiozcrm.cli.runs._counts import STYLES, Counts, HasKind
from aiozcrm.events import CallRetried, ConcurrencyChanged, Event, TokenRefreshed

__all__ = [
    "DemoConsole",
    "Display",
    "LiveDisplay",
    "PlainDisplay",
    "SteadyConsole",
    "Tally",
    "display_for",
    "shown_steadily",
]

_BAR_WIDTH: Final = 40
_SHORT_BAR_WIDTH: Final = 12

#: The width where the output is no terminal.
_UNLIMITED: Final = 100_000

#: Seconds between two updates of the display while nothing happens.
_TICK: Final = 0.25

#: Seconds between two lines of a plain display.
_PACE: Final = 5.0

#: Rates from here on are shown without a decimal.
_FAST: Final = 10


@attrs.define(eq=False, kw_only=True)
class Tally:
    """What has happened so far.

    Attributes:
        total: How many ids there are.
        name: The profile that they belong to; empty if there is only one.
        clock: Tells the time in seconds.
        counts: How many ids ended in each status.
        earlier: How many of them needed nothing in this run.
        retries: How many sends were repetitions.
        tokens: How many access tokens were made.
        limit: How many calls there may be at once now.
    """

    total: int
    limit: int
    name: str = ""
    clock: Callable[[], float] = time.monotonic
    counts: Counts = attrs.field(init=False, factory=Counts)
    earlier: int = attrs.field(init=False, default=0)
    retries: int = attrs.field(init=False, default=0)
    tokens: int = attrs.field(init=False, default=0)
    _started: float = attrs.field(init=False)

    @_started.default
    def _now(self) -> float:
        return self.clock()

    @property
    def done(self) -> int:
        """How many ids have an outcome."""
        return self.counts.total

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self.clock() - self._started

    @property
    def rate(self) -> float:
        """Ids done per second, in this run."""
        return (self.done - self.earlier) / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at this rate; None if nothing is done yet."""
        return (self.total - self.done) / self.rate if self.rate else None

    def note_earlier(self, outcome: HasKind) -> None:
        """Count one that needs nothing in this run."""
        self.counts.note(outcome)
        self.earlier += 1

    def note_event(self, event: Event) -> None:
        """Count an event of the client."""
        match event:
            case CallRetried():
                self.retries += 1
            case TokenRefreshed(from_store=False):
                self.tokens += 1
            case ConcurrencyChanged(limit=limit):
                self.limit = limit
            case _:
                pass

    def healing(self) -> str:
        """Return retries, tokens and limit as text."""
        retries = "1 retry" if self.retries == 1 else f"{self.retries} retries"
        return f"{retries}, {plural(self.tokens, 'token')}, up to {self.limit} at once"


class DemoConsole(Console):
    """A console for which a broken pipe ends the command quietly."""

    def on_broken_pipe(self) -> None:
        """Raise the error that ends the command quietly.

        Ending the process from within a task, as consoles do, would leave a traceback behind.
        """
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class SteadyConsole(Console):
    """A console whose errors do not end the work that it shows.

    Its pipe may break, its terminal may be closed, or the disk that it is redirected to be full.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.is_terminal:
            # Wrapped cells would be of no use to grep.
            self.width = _UNLIMITED

    def __exit__(self, *exc_info: object) -> None:
        """Write what was printed; if that fails, be quiet from now on."""
        try:
            super().__exit__(*exc_info)
        except OSError as error:
            self.quiet = True
            # If the terminal is closed, this cannot be shown either.
            with contextlib.suppress(OSError):
                say_error(f"{error}; the command goes on without showing its progress.")

    def on_broken_pipe(self) -> None:
        """Be quiet from now on."""
        self.quiet = True


class Display(Protocol):
    """A context manager that shows tallies."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Show the last state, and end."""
        ...

    def show(self) -> None:
        """Show the current state, unless one was shown a moment ago."""
        ...


def display_for(console: Console, *tallies: Tally, pace: float = _PACE) -> Display:
    """Return the display that suits *console*.

    Args:
        console: Where to show.
        tallies: What to show.
        pace: Seconds between two lines of a plain display.
    """
    # A console may be forced to use colours in a pipe, which still has no cursor to move.
    live = console.is_interactive and console.file.isatty()
    return LiveDisplay(console, *tallies) if live else PlainDisplay(console, *tallies, pause=pace)


@contextlib.asynccontextmanager
async def shown_steadily(display: Display) -> AsyncIterator[None]:
    """Show a display, and update it while nothing happens."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(_TICK)
            display.show()

    with display:
        ticks = asyncio.create_task(tick(), name="aiozcrm: display")
        try:
            yield
        finally:
            ticks.cancel()


class LiveDisplay:
    """Bars and counts that are updated in place.

    Args:
        console: Where to show.
        tallies: What to show: a single one at length, several in a line each.
        pause: Seconds between two states.
    """

    def __init__(self, console: Console, *tallies: Tally, pause: float = 0.08) -> None:
        self._tallies = tallies
        self._pause = pause
        self._next = 0.0
        self._live = Live(get_renderable=self.render, console=console, auto_refresh=False)

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
        """Show the current state, unless one was shown a moment ago."""
        now = self._tallies[0].seconds
        if now >= self._next:
            self._live.refresh()
            self._next = now + self._pause

    def render(self) -> RenderableType:
        """Return the current state."""
        lines = _at_length(*self._tallies) if len(self._tallies) == 1 else _in_rows(self._tallies)
        # If lines were as wide as the terminal, the echo of Ctrl-C would scroll it.
        return Padding(lines, (0, 0, 0, 2), expand=False)


class PlainDisplay:
    """A line from time to time for each tally that has changed, without control characters.

    Args:
        console: Where to show.
        tallies: What to show.
        pause: Seconds between two lines.
    """

    def __init__(self, console: Console, *tallies: Tally, pause: float = 1.0) -> None:
        self._console = console
        self._tallies = tallies
        self._pause = pause
        self._next = pause
        self._printed: dict[int, str] = {}

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
        """Show the current state, unless one was shown a moment ago."""
        now = self._tallies[0].seconds
        if now >= self._next:
            self._print()
            self._next = now + self._pause

    def _print(self) -> None:
        for number, tally in enumerate(self._tallies):
            counts = str(tally.counts) or "nothing yet"
            news = f"{counts}; {tally.healing()}"
            if self._printed.get(number) != news:
                self._printed[number] = news
                whose = f"{tally.name}: " if tally.name else ""
                self._console.print(
                    f"{whose}{tally.done} of {tally.total} done, {_pace(tally)}: {news}",
                    soft_wrap=True,
                    highlight=False,
                    markup=False,
                )


def _pace(tally: Tally) -> str:
    if tally.earlier == tally.total:
        return "nothing was left to do"
    left = tally.seconds_left
    rate = f"{tally.rate:.{0 if tally.rate >= _FAST or not tally.rate else 1}f} per second"
    return f"{rate}, {duration(left)} left" if left and round(left) else rate


def _at_length(tally: Tally) -> RenderableType:
    head = Table.grid(padding=(0, 2))
    head.add_row(
        *([Text(tally.name, style="bold")] if tally.name else []),
        ProgressBar(total=tally.total, completed=tally.done, width=_BAR_WIDTH),
        Text(f"{tally.done}/{tally.total}", style="bold"),
        _pace(tally),
        Text(f"{tally.seconds:.1f} s", style="dim"),
    )
    return Group(head, _coloured_counts(tally), Text(tally.healing(), style="dim"))


def _in_rows(tallies: Sequence[Tally]) -> RenderableType:
    rows = Table.grid(padding=(0, 2))
    # If the terminal is too low for all, those that still run are shown.
    for tally in sorted(tallies, key=lambda tally: tally.done >= tally.total):
        rows.add_row(
            Text(tally.name, style="bold"),
            ProgressBar(total=tally.total, completed=tally.done, width=_SHORT_BAR_WIDTH),
            Text(f"{tally.done}/{tally.total}", style="bold"),
            _pace(tally),
            _coloured_counts(tally),
            Text(tally.healing(), style="dim"),
        )
    return rows


def _coloured_counts(tally: Tally) -> Text:
    return Text(", ").join(Text(str(found), STYLES[found.kind]) for found in tally.counts)
