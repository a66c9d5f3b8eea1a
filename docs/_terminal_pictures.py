"""Pictures of commands, run in a terminal against a local Zoho."""

import io
import itertools
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import pexpect
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.text import Text

from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.cli.runs._display import SteadyConsole
from aiozcrm.testing import FakeZoho

#: When the pictures are taken.
BEGAN: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

IMAGES: Final = Path(__file__).parent / "images"

#: A text to wait for, and what is typed or done then.
Reaction = tuple[str, str | Callable[[], object]]

#: Where a reader has home.
_HOME: Final = "/home/mira"

#: How long a command runs in a picture.
_SECONDS: Final = 4.8

#: What differs each time a command is run, with what stands for it in a picture.
_VARIES: Final = {
    r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}": "2026-11-20T09-30-00.000000",
    r"http://127\.0\.0\.1:\d+": "https://www.zohoapis.eu",
    r", \d+ s left": "",
    r"(?<![\d.])\d+\.\d s\b": f"{_SECONDS} s",
    r"Channel \d{18}\b": "Channel 577394376794332045",
}

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_RATE: Final = re.compile(r"((\d+)/\2\D.*?)(?<=[m ])\d+(?:\.\d)? per second")

# Rich would let the browser fetch a font from elsewhere.
_SVG: Final = re.sub(r"@font-face \{\{.*?\n    \}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

#: What moves the cursor or erases a line, as displays that are updated in place do.
_MOVES: Final = re.compile(r"(\r?\n|\r|\x1b\[1A|\x1b\[2K|\x1b\[\?25[lh])")


@attrs.frozen(kw_only=True)
class Home:
    """The home folder of somebody who works with some orgs.

    Attributes:
        folder: Where it is.
        columns: How wide the terminal is.
    """

    folder: Path
    columns: int = 100

    def add_profile(self, fake: FakeZoho, name: str = "default") -> None:
        """Keep the credentials for an org."""
        profiles = Profiles(
            config_folder=self.folder / ".config/aiozcrm",
            state_folder=self.folder / ".local/state/aiozcrm",
        )
        credentials = attrs.evolve(fake.credentials(), data_center="eu")
        profiles.save(Profile(name=name, credentials=credentials), place="file")

    def add_file(self, name: str, lines: Iterable[str]) -> None:
        """Write a file."""
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def run(self, line: str, *reactions: Reaction) -> str:
        """Run a command in the home folder, and return what a terminal shows in the end."""
        # Where this was started in the background, Ctrl-C is ignored by all that it starts.
        code = (
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
            "from aiozcrm.cli import main; main()"
        )
        with pexpect.spawn(
            sys.executable,
            ["-c", code, *shlex.split(line)[1:]],
            cwd=self.folder,
            env=self._environ(),
            dimensions=(24, self.columns),
            encoding="utf-8",
            timeout=60,
        ) as terminal:
            written = ""
            for text, reaction in reactions:
                terminal.expect_exact(text)
                written += terminal.before + terminal.after
                if isinstance(reaction, str):
                    terminal.send(reaction)
                else:
                    reaction()
            written += terminal.read()
        return self._as_ever(settled(written))

    def picture(self, name: str, title: str, *shown: str) -> None:
        """Write a picture of what a terminal has shown."""
        console = new_console(self.columns)
        for line in "\n".join(shown).split("\n"):
            text = Text.from_ansi(line)
            text.rstrip()
            for piece in text.divide(range(self.columns, len(text), self.columns)) or [text]:
                console.print(piece, soft_wrap=True)
        save(console, name, title)

    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TZ": "UTC",
        }

    def _as_ever(self, text: str) -> str:
        """Return what was shown with that in place which differs each time."""
        for pattern, stand_in in {re.escape(str(self.folder)): _HOME, **_VARIES}.items():
            text = re.sub(pattern, stand_in, text)
        moments = (BEGAN + timedelta(seconds=7) * number for number in itertools.count())
        text = _MOMENT.sub(lambda _: f"{next(moments):%Y-%m-%d %H:%M:%S}", text)
        return _RATE.sub(lambda found: f"{found[1]}{int(found[2]) / _SECONDS:.0f} per second", text)


def settled(written: str) -> str:
    """Return what a terminal shows in the end, with its colours."""
    lines, place = [""], 0
    for piece in _MOVES.split(written):
        match piece:
            case "\r\n" | "\n":
                place += 1
                if place == len(lines):
                    lines.append("")
            case "\x1b[1A":
                place -= 1
            case "\x1b[2K":
                lines[place] = ""
            case "\r" | "\x1b[?25l" | "\x1b[?25h":
                pass
            case text:
                lines[place] += text
    return "\n".join(lines).rstrip("\n")


def new_console(columns: int) -> SteadyConsole:
    """Return a console that remembers what it shows."""
    return SteadyConsole(
        record=True,
        width=columns,
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        file=io.StringIO(),
    )


def save(console: SteadyConsole, name: str, title: str) -> None:
    """Write what a console has shown."""
    # Without an empty line at the end, what hangs below the last one is cut off.
    console.print()
    svg = console.export_svg(title=title, code_format=_SVG, unique_id="terminal")
    (IMAGES / name).write_text(svg + "\n", "utf-8")
