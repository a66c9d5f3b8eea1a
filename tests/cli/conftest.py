"""Ways to run the command: in this process, in one of its own, and in a terminal."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import keyring
import pytest
import typer
from keyring.backends.fail import Keyring as NoKeyring
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from typer.testing import CliRunner, Result

from aiozcrm.batch import BatchReport, Outcome, OutcomeStatus
from aiozcrm.cli._app import app
from aiozcrm.cli.local._verdict import Evidence
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.testing import FakeZoho, Fault, RegisteredClient

#: What tells consoles how to look.
LOOKS = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TERM", "COLUMNS")

#: A browser that shows no window, and speaks to nobody but this machine.
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Warnings of the command are errors there, too.
COMMAND = (
    sys.executable,
    *("-W", "error"),
    *("-c", "from aiozcrm.cli import main; main()"),
)


@attrs.define
class ManualClock:
    """Stands still until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that only tests move."""
    return ManualClock()


@pytest.fixture(autouse=True)
def plain_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of the machine change how output looks."""
    for name in LOOKS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command find a user who has no profile, and no credentials in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in os.environ:
        if name.startswith("ZOHO_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every command find a system without a keyring, as most servers are."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def homeless(folders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command find a user without a home folder, as containers have them."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)


@pytest.fixture
def fake_environ() -> Iterator[dict[str, str]]:
    """Return what the environment holds where credentials of a local Zoho are used."""
    with FakeZoho(links=2) as fake:
        yield fake.environ()


@pytest.fixture
def profiles(folders: None) -> Profiles:
    """Return the profiles that commands find."""
    return Profiles.of_user()


@pytest.fixture
def add_org(profiles: Profiles) -> Iterator[Callable[..., FakeZoho]]:
    """Return what starts a local Zoho, and keeps a profile for it whose secrets are in a file."""
    fakes = contextlib.ExitStack()

    def add_org(name: str = "default", **options: Any) -> FakeZoho:
        # No org knows another's credentials.
        own = {
            "client": RegisteredClient(
                id=f"1000.CLIENT-{name}", secret=f"client-secret-{name}-0123456789abcdef"
            ),
            "refresh_token": f"1000.refresh-{name}-0123456789.refresh-{name}-abcdef",
        }
        fake = fakes.enter_context(FakeZoho(**{**own, **options}))
        profiles.save(Profile(name=name, credentials=fake.credentials()), place="file")
        return fake

    with fakes:
        yield add_org


@pytest.fixture(scope="session", autouse=True)
def commands_built_once() -> Iterator[None]:
    """Build all commands once, not anew for each that a test runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", functools.cache(typer.main.get_command))
        yield


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Return what runs the command in this process."""

    def invoke(*arguments: str, given: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=given)

    return invoke


@pytest.fixture
def start(usual_signals: None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what starts the command in a process of its own, which does not outlive the test.

    Signals mean there what they mean in a terminal, wherever the tests run.
    """
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with process:
            process.kill()


@pytest.fixture
def run(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Return what runs the command in a process of its own: exit code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        process = start(*arguments)
        output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors

    return run


@pytest.fixture
def command() -> tuple[str, ...]:
    """Return what starts the command, as the words of a command line."""
    return COMMAND


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Return a browser without a window."""
    options = Options()
    # Found by these names, and not looked for anywhere else.
    options.binary_location, driver = shutil.which("chromium"), shutil.which("chromedriver")
    for flag in BROWSER_FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('browser')}")
    # Tests see what a page's script complains of.
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as driven:
        yield driven


@pytest.fixture
def run_in_terminal() -> Callable[..., tuple[int, str]]:
    """Return what runs the command in a terminal: exit code, everything that was written."""
    pty = pytest.importorskip("pty")

    def run(*arguments: str, **environ: str) -> tuple[int, str]:
        terminal, its_end = pty.openpty()
        process = subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND, *arguments],
            stdin=its_end,
            stdout=its_end,
            stderr=its_end,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environ},
        )
        os.close(its_end)
        written = b""
        # A terminal whose other end is closed reads as an error on Linux.
        try:
            while piece := os.read(terminal, 65536):
                written += piece
        except OSError:
            pass
        os.close(terminal)
        return process.wait(timeout=30), written.decode()

    return run


@pytest.fixture
def port() -> int:
    """Return a free port, of those that no system gives to connections meanwhile."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port is free")


@pytest.fixture
def usual_signals() -> Iterator[None]:
    """Let signals mean what they mean in a terminal: elsewhere Ctrl-C may be ignored."""
    usual: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def signal_when_serving(usual_signals: None) -> Iterator[Callable[[signal.Signals], None]]:
    """Return what sends this process a signal as soon as ``fake serve`` waits for it."""
    if sys.platform == "win32":
        pytest.skip("Windows knows no signals that a process could send to itself.")
    threads: list[threading.Thread] = []

    def is_handled(number: signal.Signals) -> bool:
        # What the loop puts in place of a handler that it looks after itself.
        return getattr(signal.getsignal(number), "__module__", "") == "asyncio.unix_events"

    def send(number: signal.Signals) -> None:
        deadline = time.monotonic() + 10
        while not is_handled(number) and time.monotonic() < deadline:
            time.sleep(0.01)
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, number)

    def send_soon(number: signal.Signals) -> None:
        threads.append(threading.Thread(target=send, args=(number,)))
        threads[-1].start()

    yield send_soon
    for thread in threads:
        thread.join()


@pytest.fixture
def evidence() -> Evidence:
    """Return evidence that adds up: two deleted links, one protected, one unknown."""
    statuses: dict[str, OutcomeStatus] = {
        "1": "protected",
        "9": "not_found",
        "2": "deleted",
        "3": "already_gone",
    }
    outcomes = tuple(Outcome(link_id, status, 1) for link_id, status in statuses.items())
    return Evidence(
        ids=tuple(statuses),
        report=BatchReport(outcomes),
        links=("2", "3"),
        removed={"2": 1, "3": 1},
        left=(),
    )


class Commands:
    """Commands in processes of their own, which start at once and can be killed at any moment."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def _obey(self, verb: str, subject: Any) -> tuple[int, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([verb, subject]) + "\n")
        self._process.stdin.flush()
        pid, what = json.loads(self._process.stdout.readline())
        return pid, what

    def start(self, *arguments: str, terminal: str | None = None, **environ: str) -> int:
        """Start a command, perhaps in a terminal, and return its process id."""
        subject = {
            "arguments": arguments,
            "environ": {**os.environ, **environ},
            "terminal": terminal,
        }
        return self._obey("start", subject)[0]

    def kill(self, pid: int) -> int:
        """Kill a command; return -9, or its exit code if it had ended."""
        return self._obey("kill", pid)[1]

    def kill_in_call(
        self, fake: FakeZoho, answered: int, *arguments: str, fault: Fault = Fault.HANG
    ) -> None:
        """Kill a command while it waits for an answer, which no machine is too fast or slow for.

        Args:
            fake: Answers so many calls, and lets all that follow hang until the command is killed.
            answered: How many.
            arguments: The command.
            fault: How they hang: before their effect, or after it.
        """
        fake.faults.script(*[None] * answered)
        fake.faults.mix({fault: 1.0}, seed=1)
        before = fake.faults.injected[fault]
        pid = self.start(*arguments)
        deadline = time.monotonic() + 120
        while fake.faults.injected[fault] == before:
            assert time.monotonic() < deadline, f"{arguments} made fewer calls"
            time.sleep(0.001)
        assert self.kill(pid) == -signal.SIGKILL
        fake.faults.clear()

    def wait(self, pid: int) -> int:
        """Return the exit code of a command."""
        return self._obey("wait", pid)[1]


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Return what starts commands quickly."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot fork.")
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-W", "error", str(Path(__file__).with_name("worker.py"))],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "helpers")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Commands(process)
        process.stdin.close()


class Terminal:
    """A command in a terminal of its own, to be watched, typed into and interrupted."""

    def __init__(self, commands: Commands, *arguments: str, columns: int = 120) -> None:
        termios = pytest.importorskip("termios")
        self._end, its_end = os.openpty()
        # Otherwise a Ctrl-C throws away what is written in the same moment.
        modes = termios.tcgetattr(its_end)
        modes[3] |= termios.NOFLSH
        termios.tcsetattr(its_end, termios.TCSANOW, modes)
        termios.tcsetwinsize(its_end, (24, columns))
        self._commands = commands
        self._pid: int | None = commands.start(
            *arguments,
            terminal=os.ttyname(its_end),
            TERM="xterm-256color",
            # The terminal tells its width itself.
            COLUMNS="",
        )
        self._its_end: int | None = its_end
        self.written = ""

    def wait_for(self, text: str) -> None:
        """Return when *text* has been written."""
        while text not in self.written:
            piece = self._read()
            assert piece, f"{text!r} never came: {self.written}"

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._end, text.encode())

    def press_ctrl_c(self) -> None:
        """Press what interrupts."""
        self.type("\x03")

    def answer_with_ctrl_c(self) -> int:
        """Interrupt a question, and return the exit code.

        Python learns of a signal that comes in the instant before it reads only from the next one,
        which a person would send, too.
        """
        self.press_ctrl_c()
        piece = "^C"
        while piece:
            if not select.select([self._end], [], [], 5)[0]:
                self.press_ctrl_c()
            piece = self._read()
        return self._wait()

    def hang_up(self) -> int:
        """Take the terminal away, as a dropped connection does, and return the exit code."""
        os.close(self._end)
        self._end = None
        return self._wait()

    def end(self) -> int:
        """Return the exit code, with everything written."""
        while self._read():
            pass
        return self._wait()

    def send_signal(self, number: signal.Signals) -> None:
        """Send the command a signal."""
        os.kill(self._pid, number)

    def _wait(self) -> int:
        pid, self._pid = self._pid, None
        return self._commands.wait(pid)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._pid is not None:
            self._commands.kill(self._pid)
        for end in (self._end, self._its_end):
            if end is not None:
                os.close(end)

    def _read(self) -> str:
        # A terminal whose other end is closed reads as an error on Linux; ours is closed as soon
        # as the command has opened its own, which it has when it writes.
        readable, _, _ = select.select([self._end], [], [], 30)
        assert readable, f"nothing was written for long: {self.written}"
        try:
            piece = os.read(self._end, 65536).decode(errors="replace")
        except OSError:
            return ""
        if self._its_end is not None:
            os.close(self._its_end)
            self._its_end = None
        self.written += piece
        return piece


@pytest.fixture
def terminal(commands: Commands) -> Iterator[Callable[..., Terminal]]:
    """Return what starts the command in a terminal."""
    terminals: list[Terminal] = []

    def start(*arguments: str, **options: Any) -> Terminal:
        terminals.append(Terminal(commands, *arguments, **options))
        return terminals[-1]

    yield start
    for one in terminals:
        one.close()
