"""``aiozcrm demo``: everything goes wrong, and every id is accounted for."""

import io
import logging
import re
import signal
import subprocess
from collections.abc import Callable, Iterator

import attrs
import pytest
from rich.console import Console
from typer.testing import Result

from aiozcrm.cli.local._verdict import Evidence
from aiozcrm.cli.local.demo import Performance, Settings, expiry_points, perform, show_result
from aiozcrm.events import logger
from aiozcrm.testing import Fault, Stats

Invoke = Callable[..., Result]
Run = Callable[..., tuple[int, str, str]]
Start = Callable[..., subprocess.Popen[str]]
RunInTerminal = Callable[..., tuple[int, str]]

SENTENCE = re.compile(
    r"^22 ids: (\d+) deleted (?:\+ (\d+) already gone )?\+ 1 protected \+ 1 not found = 22; "
    r"each of the 20 links was removed exactly once\.$",
    re.MULTILINE,
)


def gone_in(output: str) -> int:
    """Return how many links are gone, as the sentence at the end says."""
    found = SENTENCE.search(output)
    assert found, output
    return sum(int(count or 0) for count in found.groups())


@pytest.fixture
def performance(evidence: Evidence) -> Performance:
    """Return a performance that went well."""
    stats = Stats(api_requests=5, tokens_made=2, highest_concurrency=3)
    stats.attempts.update({"1": 1, "9": 1, "2": 1, "3": 2})
    return Performance(
        evidence=evidence,
        stats=stats,
        faults={Fault.UNAVAILABLE: 1, Fault.RESET_AFTER: 2},
    )


@pytest.fixture
def ctrl_c_at_first_retry(usual_signals: None) -> Iterator[None]:
    """Press Ctrl-C when the library logs its first retry."""

    class Finger(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            logger.removeHandler(self)
            signal.raise_signal(signal.SIGINT)

    finger = Finger()
    logger.addHandler(finger)
    yield
    logger.removeHandler(finger)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), marks=pytest.mark.system),
        ("--calm",),
        pytest.param(("--concurrency", "20"), marks=pytest.mark.system),
    ],
)
def test_accounts_for_every_id(options: tuple[str, ...], invoke: Invoke) -> None:
    """Whatever goes wrong on the way, the sum is right and the exit code says so."""
    result = invoke("demo", "--links", "20", *options)

    assert result.exit_code == 0
    assert gone_in(result.stdout) == 20
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("links", "sentence"),
    [
        ("0", "2 ids: 1 protected + 1 not found = 2; there was no link to remove."),
        ("1", "; the only link was removed exactly once."),
    ],
)
def test_few_links_are_fine(links: str, sentence: str, invoke: Invoke) -> None:
    """There is nothing special about no link or one."""
    result = invoke("demo", "--links", links)

    assert result.exit_code == 0
    assert sentence in result.stdout


def test_shows_what_happened(run: Run) -> None:
    """In a pipe there are lines, two tables and the sentence, and not a control character."""
    code, output, errors = run("demo", "--links", "20")

    assert (code, errors) == (0, "")
    assert "22 of 22 done" in output
    assert "What the client says" in output
    assert "What the local Zoho counted" in output
    assert gone_in(output) == 20
    assert "\x1b" not in output
    assert "\r" not in output


def test_stays_calm_when_asked(run: Run) -> None:
    """Without faults nothing is sent twice and one token does."""
    code, output, errors = run("demo", "--links", "20", "--calm")

    assert (code, errors) == (0, "")
    assert "nothing goes wrong" in output
    assert "0 retries, 1 token, up to 5 at once\n" in output
    assert "22 ids: 20 deleted + 1 protected + 1 not found = 22;" in output


def test_is_live_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    """In a terminal a coloured bar moves."""
    code, written = run_in_terminal("demo", "--links", "20")

    assert code == 0
    assert "━" in written
    assert "\x1b[1A" in written  # the cursor goes up
    assert "\x1b[32m" in written  # green
    assert "22/22" in written
    assert "exactly" in written
    assert "retry of" not in written


def test_ends_quietly_when_its_reader_leaves(start: Start) -> None:
    """What ``head`` does is no reason for a traceback."""
    process = start("demo", "--links", "150")
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=30) == 1
    assert process.stderr.read() == ""


def test_can_be_interrupted(invoke: Invoke, ctrl_c_at_first_retry: None) -> None:
    """Ctrl-C ends it with a word and the exit code that shells expect."""
    result = invoke("demo", "--links", "2000")

    assert result.exit_code == 130
    assert result.stderr == "Error: interrupted.\n"


@pytest.mark.parametrize(("option", "value"), [("--links", "-1"), ("--concurrency", "0")])
def test_refuses_what_cannot_be(option: str, value: str, invoke: Invoke) -> None:
    """Options out of range are refused before anything starts."""
    result = invoke("demo", option, value)

    assert result.exit_code == 2
    assert option in result.stderr


def test_says_what_the_names_of_faults_mean(performance: Performance) -> None:
    """Of those that happened, and whose names do not say it."""
    file = io.StringIO()
    faults = {Fault.HIDDEN_ERROR: 1, Fault.UNAVAILABLE: 1}

    show_result(Console(file=file, width=200), attrs.evolve(performance, faults=faults))

    said = " ".join(file.getvalue().split())
    assert "hidden error = 200, with an error in the place of each row" in said
    assert "short answer" not in said


def test_shows_the_figures_of_the_server(performance: Performance) -> None:
    """Tokens, requests, retries and faults are the server's own."""
    file = io.StringIO()

    code = show_result(Console(file=file, width=100), performance)

    rows = [line.split() for line in file.getvalue().splitlines()]
    assert code == 0
    assert [row for row in rows if row and row[-1].isdigit()] == [
        ["together", "4"],
        ["access", "tokens", "made", "2"],
        ["API", "requests", "5"],
        ["retries", "among", "them", "1"],
        ["most", "at", "once", "3"],
        ["faults", "produced", "3"],
        ["unavailable", "1"],
    ]
    assert ["reset", "after", "2", "after", "the", "deletion"] in rows


def test_a_lie_costs_the_exit_code(performance: Performance) -> None:
    """If the server removed a link twice, no sentence says that all is well."""
    file = io.StringIO()
    evidence = attrs.evolve(performance.evidence, removed={"2": 2, "3": 1}, left=["3"])

    code = show_result(Console(file=file), attrs.evolve(performance, evidence=evidence))

    assert code == 1
    assert file.getvalue().endswith(
        "This does not add up: removed more than once: 1 id (2); still there: 1 id (3).\n",
    )
    assert "exactly once" not in file.getvalue()


async def test_tokens_expire_on_the_way() -> None:
    """A quarter of the way apart, so one token more for each, and all within Zoho's ten."""
    settings = Settings(links=40, calm=False, concurrency=5, seed=7)

    performance = await perform(settings, Console(file=io.StringIO()))

    assert performance.stats.tokens_made == 4
    assert performance.stats.throttled == 0
    assert sum(performance.faults.values()) > 0
    assert Fault.HANG not in performance.faults


@pytest.mark.parametrize(
    ("links", "points"),
    [(200, {50, 100, 150}), (4, {1, 2, 3}), (2, {1}), (1, set()), (0, set())],
)
def test_tokens_expire_after_each_quarter(links: int, points: set[int]) -> None:
    """Tokens end three times, or as often as there are links for."""
    assert expiry_points(links) == points
