"""``aiozcrm fake serve``: runs until told to stop, and says how to reach it."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import Result

from aiozcrm import Credentials, ZohoCRM
from aiozcrm.cli.local.fake import even_mix, export_lines, link_lines
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]
SendSignal = Callable[[signal.Signals], None]


def parse(lines: list[str]) -> dict[str, str]:
    """Return the variables that a shell would get from export lines."""
    words = [shlex.split(line) for line in lines]

    assert all(command == "export" for command, _ in words)
    return dict(setting.split("=", 1) for _, setting in words)


def wait_until_serving(process: subprocess.Popen[str]) -> tuple[dict[str, str], list[str]]:
    """Return the variables and the ids that a started command prints."""
    assert process.stdout
    assert process.stderr
    lines = [process.stdout.readline().rstrip() for _ in range(7)]
    explanation = [process.stderr.readline().rstrip() for _ in range(3)]

    assert "Ctrl-C ends it." in explanation[0]
    ids = [part for line in explanation[1:] for part in line.partition(": ")[2].split(", ")]
    return parse(lines), ids


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal; return the exit code and what else was written."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    return process.returncode, output, errors


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no signals to send.")
async def test_a_client_with_the_printed_variables_deletes_a_link(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is printed leads a client to the links; Ctrl-C then ends the server cleanly."""
    process = start("fake", "serve", "--links", "2")
    environ, (default, first, _) = wait_until_serving(process)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async with ZohoCRM(Credentials.from_env()) as zoho:
        report = await zoho.delete_unsubscribe_links([default, first])

    assert report.counts == {"protected": 1, "deleted": 1}
    assert end(process, signal.SIGINT) == (0, "", "Ended: 2 API calls, 1 token made.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_puts_signal_handlers_back(
    number: signal.Signals,
    invoke: Invoke,
    signal_when_serving: SendSignal,
) -> None:
    """The signal ends the server, not the process, and means afterwards what it meant before."""
    before = signal.getsignal(number)
    signal_when_serving(number)

    result = invoke("fake", "serve", "--faults", "0.1", "--seed", "3")

    assert result.exit_code == 0
    assert len(parse(result.stdout.splitlines())) == 7
    assert "127.0.0.1" in result.stderr
    assert "Warning" not in result.stderr
    assert signal.getsignal(number) is before


def test_warns_of_a_host_that_others_can_reach(
    invoke: Invoke,
    signal_when_serving: SendSignal,
) -> None:
    """It serves on any host, but says what that means."""
    signal_when_serving(signal.SIGTERM)

    result = invoke("fake", "serve", "--host", "0.0.0.0")  # noqa: S104  # for a moment

    assert result.exit_code == 0
    assert "Warning: 0.0.0.0 is not a loopback address" in result.stderr
    assert "Warning" not in result.stdout


def test_serves_as_it_is_told(
    invoke: Invoke, signal_when_serving: SendSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits, scopes, other orgs and where others reach it are options."""
    made = []
    monkeypatch.setattr(
        "aiozcrm.cli.local.fake.FakeZoho", lambda **told: made.append(FakeZoho(**told)) or made[0]
    )
    signal_when_serving(signal.SIGTERM)

    result = invoke(
        *("fake", "serve", "--public-url", "http://zoho:8000", "--org", "Globex", "--loose"),
        *("--scope", "ZohoCRM.org.ALL", "--concurrency", "5", "--credits", "9", "--latency", "0.1"),
        *("--links", "3", "--link-limit", "0"),
    )

    [fake] = made
    globex = fake.orgs[1]
    assert result.exit_code == 0
    assert parse(result.stdout.splitlines())["ZOHO_API_URL"] == "http://zoho:8000"
    assert "Org Globex: its variables are at http://zoho:8000/__fake__/orgs." in result.stderr
    assert (fake.strict, fake.loose, fake.latency) == (False, True, 0.1)
    assert (fake.credits, globex.credits) == (9, 9)
    assert (fake.max_concurrency, globex.max_concurrency) == (5, 5)
    assert len(globex.unsubscribe_links.ids) == 4


def test_knows_no_scope_that_zoho_does_not_have(invoke: Invoke) -> None:
    """A typo in a scope is told before anything starts."""
    result = invoke("fake", "serve", "--scope", "ZohoCRM.setting.ALL")

    assert result.exit_code == 2
    assert "ZohoCRM.setting.ALL" in result.stderr


def test_says_that_a_port_is_taken(invoke: Invoke) -> None:
    """A port that cannot be had is one sentence, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = invoke("fake", "serve", "--port", str(taken.getsockname()[1]))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: Cannot listen there: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "::1"),
        ("--port", "65536"),
        ("--links", "-1"),
        ("--token-lifetime", "0"),
        ("--faults", "1.1"),
        ("--link-limit", "-1"),
        ("--latency", "-1"),
        ("--concurrency", "0"),
        ("--credits", "-1"),
    ],
)
def test_refuses_what_cannot_be(arguments: tuple[str, str], invoke: Invoke) -> None:
    """Options out of range are refused before anything starts."""
    result = invoke("fake", "serve", *arguments)

    assert result.exit_code == 2
    assert arguments[0] in result.stderr


def test_mixes_every_fault_alike() -> None:
    """All faults together take the share that was asked for, each as much as any other."""
    rates = even_mix(0.26)

    assert set(rates) == set(Fault)
    assert len(set(rates.values())) == 1
    assert sum(rates.values()) == pytest.approx(0.26)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_mixes_any_share(share: float) -> None:
    """Neither none nor all of the calls is too much to ask."""
    FakeZoho().faults.mix(even_mix(share), seed=1)


def test_quotes_for_a_shell() -> None:
    """A value that a shell would take apart arrives whole."""
    environ = {"A": "plain", "B": "it's $HOME; & more"}

    assert parse(export_lines(environ).splitlines()) == environ


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "none"),
        (2, "0, 1"),
        (10, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (12, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"),
    ],
)
def test_shows_as_many_ids_as_people_read(count: int, expected: str) -> None:
    """A long list of links ends with how many more there are."""
    lines = link_lines("77", [str(number) for number in range(count)])

    assert lines == f"Default link: 77\nOther links: {expected}"
