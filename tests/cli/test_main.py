"""The command itself: version, help, and what a plain install says."""

import ast
import importlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import typer
from typer.testing import Result

from aiozcrm import __version__, cli
from aiozcrm.cli import main

Invoke = Callable[..., Result]


def hide(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make *name* look as if it were not installed."""
    for module in [module for module in sys.modules if module.startswith("aiozcrm.cli.")]:
        # Packages know their modules, too, and are to know the same ones again afterwards.
        parent, _, child = module.rpartition(".")
        monkeypatch.delattr(sys.modules[parent], child, raising=False)
    for module in [module for module in sys.modules if module.startswith("aiozcrm.cli.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("missing", ["typer", "rich.console", "tomlkit"])
def test_says_how_to_get_the_extra(
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the extra, one sentence tells what to install, and the exit code is 2."""
    hide(monkeypatch, missing)
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "links", "list"])

    with pytest.raises(SystemExit) as exit_info:
        main()

    output, errors = capsys.readouterr()
    assert (exit_info.value.code, output) == (2, "")
    assert errors == "The command line needs an extra: pip install 'aiozcrm[cli]'\n"


def test_blames_the_extra_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another missing module is not hidden behind the advice."""
    hide(monkeypatch, "aiozcrm.testing")
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "demo"])

    with pytest.raises(ModuleNotFoundError, match=r"aiozcrm\.testing"):
        main()


@pytest.mark.parametrize("words", [["--version"], ["links", "list", "--help"]])
def test_loads_only_the_command_that_is_run(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for what the others need, such as the local Zoho."""
    hide(monkeypatch, "aiozcrm.testing")
    monkeypatch.setattr(sys, "argv", ["aiozcrm", *words])

    with pytest.raises(SystemExit) as exit_info:
        main()

    assert exit_info.value.code == 0
    assert len(typer.main.get_command(sys.modules["aiozcrm.cli._app"].app).commands) == 14


@pytest.mark.parametrize("words", [["--help"], ["links", "list"]])
def test_ctrl_c_while_a_command_is_loaded_ends_it_as_any_other(
    words: list[str], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For help, all are."""

    def interrupt(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("typer.testing._get_command", typer.main.get_command)
    monkeypatch.setattr("aiozcrm.cli._app._load", interrupt)

    result = invoke(*words)

    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "Error: interrupted.\n"


def test_ctrl_c_while_it_loads_ends_it_quietly(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No traceback, and the exit code that shells expect."""

    class Finger:
        def find_spec(self, *_: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "aiozcrm.cli._app")
    monkeypatch.setattr(sys, "meta_path", [Finger()])

    with pytest.raises(SystemExit) as exit_info:
        main()

    assert exit_info.value.code == 130
    assert capsys.readouterr() == ("", "")


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def stop_signal(request: pytest.FixtureRequest) -> Iterator[int]:
    """Return a signal to stop, and let it mean the same as before afterwards."""
    number = getattr(signal, request.param, None)
    if number is None:
        pytest.skip("This system does not have it.")
    before = signal.getsignal(number)
    yield number
    signal.signal(number, before)


def test_any_signal_to_stop_is_ctrl_c(
    stop_signal: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The exit code says so, and the process does not keep what its command did with it."""
    signal.signal(stop_signal, signal.SIG_DFL)
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "query", "select id from Leads"])

    def stop(*_: object) -> None:
        signal.raise_signal(stop_signal)

    monkeypatch.setattr("aiozcrm.cli.records.query.values_in", stop)
    with pytest.raises(SystemExit) as exit_info:
        main()

    assert exit_info.value.code == 130
    assert capsys.readouterr() == ("", "Error: interrupted.\n")
    assert signal.getsignal(stop_signal) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_ignored(
    stop_signal: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """That is what nohup is for."""
    signal.signal(stop_signal, signal.SIG_IGN)
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "query", "select id from Leads"])
    seen = []

    def look(*_: object) -> None:
        seen.append(signal.getsignal(stop_signal))
        raise KeyboardInterrupt

    monkeypatch.setattr("aiozcrm.cli.records.query.values_in", look)
    with pytest.raises(SystemExit):
        main()

    assert seen == [signal.SIG_IGN]
    assert capsys.readouterr().err == "Error: interrupted.\n"


def test_a_stream_that_is_closed_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a shell closes is empty, and its number is taken by no other file."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "links", "delete", "--from", "-"])

    with pytest.raises(SystemExit) as exit_info:
        main()
    streams = [sys.stdin, sys.stdout, sys.stderr]

    assert exit_info.value.code == 2
    assert [stream.name for stream in streams] == [os.devnull] * 3
    for stream in streams:
        stream.close()


def test_main_runs_the_command(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The entry point reads the arguments of the process."""
    monkeypatch.setattr(sys, "argv", ["aiozcrm", "--version"])

    with pytest.raises(SystemExit) as exit_info:
        main()

    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"aiozcrm {__version__}\n"


def test_the_package_is_the_command_for_those_who_run_it_as_a_module() -> None:
    """As ``python -m aiozcrm``; to import it does nothing."""
    command = [sys.executable, "-m", "aiozcrm", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    importlib.import_module("aiozcrm.__main__")

    assert done.stdout == f"aiozcrm {__version__}\n"


def test_tells_versions_where_a_packager_left_metadata_out(
    monkeypatch: pytest.MonkeyPatch, invoke: Invoke
) -> None:
    """Bundlers may drop the metadata of packages."""

    def find(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("aiozcrm.cli._help.version", find)

    assert invoke("--version").stdout == f"aiozcrm {__version__}\n"
    assert f"aiozcrm {__version__}, aiohttp unknown, Python" in invoke("doctor").output


def test_shows_help_without_arguments(invoke: Invoke) -> None:
    """Without a command, the commands are shown."""
    result = invoke()

    assert "demo" in result.output
    assert "fake" in result.output
    assert "Traceback" not in result.output


def test_shows_no_local_variables_when_it_crashes(invoke: Invoke) -> None:
    """Tracebacks are Python's own: those of typer would show secrets."""
    from aiozcrm.cli._app import app  # noqa: PLC0415  # the plain install's tests reload it

    assert invoke("--version").exit_code == 0
    assert app.pretty_exceptions_enable is False


def test_is_built_on_the_public_api_alone() -> None:
    """What the commands need of the package, every program can use."""
    root = Path(cli.__file__).parent
    private = {
        f"{path.relative_to(root)}: {module}"
        for path in root.rglob("*.py")
        for module in imported_by(path)
        if not module.startswith("aiozcrm.cli") and "._" in module.removesuffix(".__version__")
    }

    assert private == set()


def imported_by(path: Path) -> Iterator[str]:
    """Yield the names of this package that a file imports, with their modules."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aiozcrm"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("aiozcrm"))


def test_no_two_files_have_one_name() -> None:
    """A traceback, or a search for a name, leads to one file."""
    names = Counter(path.name for path in Path(cli.__file__).parent.rglob("*.py"))
    del names["__init__.py"]

    assert set(names.values()) == {1}
