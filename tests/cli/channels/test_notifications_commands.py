"""``aiozcrm notifications``."""

import json
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm import Outcome
from aiozcrm.cli.channels import watching
from aiozcrm.cli.channels.notifications import opened_in
from aiozcrm.errors import ZohoError
from aiozcrm.events import ChannelRenewalFailed, ChannelRenewed
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

TOKEN = "a-token-that-nobody-guesses"
URL = "https://hooks.example.com/zoho"


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org."""
    return add_org()


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a token where commands look for it."""
    monkeypatch.setenv("ZOHO_CHANNEL_TOKEN", TOKEN)


def lines_in(text: str) -> list[dict[str, Any]]:
    """Return objects that were written a line each."""
    return [json.loads(line) for line in text.splitlines()]


def wait_until(condition: Callable[[], object]) -> None:
    """Return when *condition* holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def test_channels_are_listed_without_secrets(invoke: Invoke, add_org: AddOrg) -> None:
    """Neither their token nor what somebody has put into an address; a row for each module."""
    secret = {"token": TOKEN, "notify_url": f"https://me:{TOKEN}@a.example/x?token={TOKEN}"}
    first = add_org("acme").notifications.add(events=["Leads.all", "Deals.edit"], **secret)
    second = add_org("beta").notifications.add(notify_url="https://[b.example/")

    table = invoke("notifications", "list", "--all-profiles")
    lines = invoke("notifications", "list", "--all-profiles", "--json")
    one = invoke("notifications", "list", "-p", "beta", "--json")

    assert (table.exit_code, lines.exit_code, one.exit_code) == (0, 0, 0)
    assert TOKEN not in table.output + lines.output
    told = [(line["profile"], line["channel_id"]) for line in lines_in(lines.stdout)]
    assert [("acme", first), ("acme", first), ("beta", second)] == told
    assert ["***"] == [line["notify_url"] for line in lines_in(one.stdout)]
    assert "profile" not in lines_in(one.stdout)[0]
    assert "https://a.example/x?***" in table.stdout
    assert "Deals.edit" in table.stdout
    assert table.stdout.startswith("Profile")


def test_nothing_is_shown_where_no_channel_is(invoke: Invoke, fake: FakeZoho) -> None:
    """An empty table would be of no use."""
    result = invoke("notifications", "list")

    assert (result.exit_code, result.output) == (0, "")


def test_a_channel_is_opened(invoke: Invoke, fake: FakeZoho, token: None) -> None:
    """The same command opens the same channel; what is shown tells when it ends."""
    command = ("notifications", "enable", "Leads.all", "Deals.edit", "--url", f"{URL}?own=1")

    text = invoke(*command)
    lines = invoke(*command, "--json")

    (own,) = fake.notifications.ids
    assert (text.exit_code, lines.exit_code) == (0, 0)
    assert {"Leads", "Deals"} == {item["resource_name"] for item in fake.notifications.get(own)}
    assert {TOKEN} == {item["token"] for item in fake.notifications.get(own)}
    assert {False} == {item["notify_on_related_action"] for item in fake.notifications.get(own)}
    assert ["Channel", "id", "Module", "Ends"] == text.stdout.splitlines()[0].split()
    assert [own, own] == [line["channel_id"] for line in lines_in(lines.stdout)]
    assert TOKEN not in text.output + lines.output


def test_a_channel_may_have_a_number_and_an_end(
    invoke: Invoke, add_org: AddOrg, token: None
) -> None:
    """In several orgs at once, too."""
    fakes = [add_org("acme"), add_org("beta")]
    until = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 3 * 86_400))

    result = invoke(
        *("notifications", "enable", "Leads.create", "--url", URL, "--channel-id", "77"),
        *("--until", until, "--all-profiles", "--json"),
    )

    assert result.exit_code == 0
    assert ["acme", "beta"] == [line["profile"] for line in lines_in(result.stdout)]
    for fake in fakes:
        (item,) = fake.notifications.get("77")
        # Zoho tells it with the offset of the org, where it may be the next day.
        ends = datetime.fromisoformat(item["channel_expiry"])
        assert datetime.fromisoformat(until) == ends


def test_the_token_may_come_through_a_pipe(invoke: Invoke, fake: FakeZoho) -> None:
    """Never as an argument, which others on the machine can see."""
    command = ("notifications", "enable", "Leads.all", "--url", URL)

    missing = invoke(*command)
    piped = invoke(*command, given=f"{TOKEN}\n")

    assert (missing.exit_code, piped.exit_code) == (2, 0)
    assert "Set ZOHO_CHANNEL_TOKEN, or pipe it in." in missing.stderr
    (own,) = fake.notifications.ids
    assert fake.notifications.get(own)[0]["token"] == TOKEN
    assert TOKEN not in piped.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Leads.renamed", "--url", URL), "'Leads.renamed' is not an event"),
        (("Leads.all", "--url", "hooks"), "The address for notifications is none"),
        (("Leads.all", "--url", URL, "--channel-id", "x"), "x"),
        (("Leads.all", "--url", URL, "--until", "soon"), "'soon' is no moment"),
        (("Leads.all", "--url", URL, "--until", "2099-01-01T00:00:00Z"), "--until is more than"),
        (("Leads.all", "--url", URL, "--token", "x"), "No such option"),
    ],
)
def test_what_cannot_be_asked_for_is_wrong_usage(
    invoke: Invoke, fake: FakeZoho, token: None, arguments: tuple[str, ...], told: str
) -> None:
    """Nothing is sent."""
    result = invoke("notifications", "enable", *arguments)

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)
    assert told in result.stderr
    assert "inputs[0]" not in result.stderr


def test_a_channel_that_zoho_rejects_is_an_error(
    invoke: Invoke, fake: FakeZoho, token: None
) -> None:
    """There is no such module."""
    result = invoke("notifications", "enable", "Nothing.all", "--url", URL)

    assert (result.exit_code, fake.notifications.ids) == (1, [])
    assert "Check the API names of the modules" in result.stderr


@pytest.mark.parametrize("details", [{}, {"events": None}, {"events": [1]}])
def test_a_channel_of_which_nothing_is_told_has_its_number(details: dict[str, Any]) -> None:
    """It was opened all the same."""
    assert [{"channel_id": "77"}] == opened_in(Outcome("77", "created", 1, details=details))


def test_channels_are_ended(invoke: Invoke, fake: FakeZoho) -> None:
    """One that is not there needs no more."""
    first, second = fake.notifications.add(), fake.notifications.add()

    text = invoke("notifications", "disable", first, "77")
    lines = invoke("notifications", "disable", second, "77", "--json")

    assert (text.exit_code, lines.exit_code, fake.notifications.ids) == (0, 0, [])
    assert [[first, "ended"], ["77", "not", "found"]] == [
        line.split() for line in text.stdout.splitlines()[1:]
    ]
    assert [(second, "done"), ("77", "kept")] == [
        (line["channel_id"], line["kind"]) for line in lines_in(lines.stdout)
    ]


def test_a_channel_that_cannot_be_ended_is_told(invoke: Invoke, add_org: AddOrg) -> None:
    """The exit code says why; the other orgs go on."""
    own = add_org("acme").notifications.add(channel_id="77")
    add_org("beta", scope="ZohoCRM.modules.ALL").notifications.add(channel_id="77")
    command = ("notifications", "disable", own, "--all-profiles")

    text = invoke(*command)
    lines = invoke(*command, "--json")

    assert (text.exit_code, lines.exit_code) == (3, 3)
    assert [["acme", "77", "ended"], ["beta", "77", "failed:"]] == [
        line.split()[:3] for line in text.stdout.splitlines()[1:]
    ]
    assert ["acme", "beta"] == [line["profile"] for line in lines_in(lines.stdout)]
    assert lines_in(lines.stdout)[1]["error"]


def test_ids_of_channels_are_numbers(invoke: Invoke, fake: FakeZoho) -> None:
    """Nothing is sent."""
    result = invoke("notifications", "disable", "77", "all")

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)


class Meanwhile:
    """Does something while a command runs in this process."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []

    def do(self, work: Callable[[], object]) -> None:
        """Do it in a thread; whatever happens, the command gets the signal to stop."""

        def carry_out() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # it is raised at the end
                self.errors.append(error)
                self.interrupt()

        self._threads.append(threading.Thread(target=carry_out))
        self._threads[-1].start()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)

    def join(self) -> None:
        """Return when all is done, or raise what kept it from that."""
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


@pytest.fixture
def meanwhile(usual_signals: None) -> Iterator[Meanwhile]:
    """Return what does something while a command runs."""
    if sys.platform == "win32":
        pytest.skip("Windows knows no signals that a process could send to itself.")
    meanwhile = Meanwhile()
    yield meanwhile
    meanwhile.join()


def watch_at(port: int, *more: str, events: tuple[str, ...] = ("Leads.all",)) -> tuple[str, ...]:
    """Return a command that watches; there is no proxy in front of it."""
    url = f"http://127.0.0.1:{port}/zoho?own=1"
    return ("notifications", "watch", *events, "--url", url, "--port", str(port), *more)


def post(port: int, body: bytes, method: str = "POST") -> int:
    """Send something to where notifications arrive, and return the status of the answer."""
    request = urllib.request.Request(  # this machine
        f"http://127.0.0.1:{port}/", data=body or None, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # likewise
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_what_zoho_tells_is_printed_until_ctrl_c(
    invoke: Invoke, fake: FakeZoho, meanwhile: Meanwhile, port: int
) -> None:
    """Then the channel is ended, with exit code 0."""
    leads, ids = fake.records("Leads"), []

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        ids.extend(leads.add_many(1))
        leads.change(ids[0], Last_Name="Ames")
        wait_until(lambda: len(fake.stats.callbacks) == 2)
        meanwhile.interrupt()

    before = signal.getsignal(signal.SIGINT)
    meanwhile.do(work)
    result = invoke(*watch_at(port))
    meanwhile.join()

    assert (result.exit_code, fake.notifications.ids) == (0, [])
    created, changed = result.stdout.splitlines()
    assert created.endswith(f"  Leads insert: {ids[0]}")
    assert changed.endswith(f"  Leads update: {ids[0]} (Last_Name)")
    assert [200, 200] == [sent.status for sent in fake.stats.callbacks]
    assert "is open; Ctrl-C ends it." in result.stderr
    assert "has ended." in result.stderr
    assert fake.stats.callbacks[0].body["token"] not in result.output
    assert signal.getsignal(signal.SIGINT) is before


def test_what_comes_without_the_token_is_rejected(
    invoke: Invoke, fake: FakeZoho, meanwhile: Meanwhile, port: int
) -> None:
    """So is whatever else finds the address; lines are for programs."""
    answers: list[int] = []

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        fake.records("Leads").add_many(1)
        wait_until(lambda: fake.stats.callbacks)
        forged = json.dumps({**fake.stats.callbacks[0].body, "token": "guess"}).encode()
        answers.extend([post(port, forged), post(port, b"\xff"), post(port, b"", "GET")])
        answers.append(post(port, b"x" * (2**20 + 1)))
        meanwhile.interrupt()

    meanwhile.do(work)
    result = invoke(*watch_at(port, "--json"))
    meanwhile.join()

    assert [403, 403, 405, 413] == answers
    (line,) = lines_in(result.stdout)
    assert ("Leads", "insert", []) == (
        line["module"],
        line["operation"],
        list(line["affected_fields"]),
    )
    assert fake.records("Leads").ids == line["ids"]
    assert "token" not in line
    assert result.stderr.count("Rejected: ") == 2
    assert "guess" not in result.output


def test_a_port_that_is_taken_is_wrong_usage(invoke: Invoke, fake: FakeZoho) -> None:
    """No channel is opened."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = invoke(*watch_at(port))

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)
    assert f"Cannot listen on port {port} of 127.0.0.1: " in result.stderr


def test_a_channel_that_cannot_be_opened_ends_the_watch(
    invoke: Invoke, fake: FakeZoho, port: int
) -> None:
    """There is none that would have to be ended."""
    result = invoke(*watch_at(port, events=("Nothing.all",)))

    assert result.exit_code == 1
    assert "DELETE" not in {method for method, _ in fake.stats.requests}


def test_events_that_cannot_be_are_wrong_usage(invoke: Invoke, fake: FakeZoho, port: int) -> None:
    """Nothing is sent."""
    result = invoke(*watch_at(port, events=("Leads",)))

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)


def test_ctrl_c_while_the_channel_opens_ends_it(
    invoke: Invoke, fake: FakeZoho, meanwhile: Meanwhile, port: int
) -> None:
    """Whether it has been opened is not known then."""
    # The opening has its effect and no answer.
    fake.faults.script(Fault.HANG_AFTER)

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        meanwhile.interrupt()

    meanwhile.do(work)
    result = invoke(*watch_at(port))
    meanwhile.join()

    assert (result.exit_code, fake.notifications.ids) == (0, [])
    assert "has ended." in result.stderr


def test_a_second_ctrl_c_does_not_wait_for_the_end(
    invoke: Invoke, fake: FakeZoho, meanwhile: Meanwhile, port: int
) -> None:
    """What is left is told."""

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        fake.records("Leads").add_many(1)
        # It is open when this was taken.
        wait_until(lambda: fake.stats.callbacks)
        fake.faults.script(Fault.HANG)
        meanwhile.interrupt()
        wait_until(lambda: fake.faults.injected[Fault.HANG] == 1)
        meanwhile.interrupt()

    meanwhile.do(work)
    result = invoke(*watch_at(port))
    meanwhile.join()

    (own,) = fake.notifications.ids
    assert result.exit_code == 130
    assert fake.stats.requests[-1][0] == "DELETE"
    assert f"End it now with: aiozcrm notifications disable {own}\n" in result.stderr
    assert "ends by itself within 1 h." in result.stderr


def test_an_end_that_fails_is_told(
    invoke: Invoke, add_org: AddOrg, meanwhile: Meanwhile, port: int
) -> None:
    """The channel goes on for an hour at most."""
    fake = add_org(scope="ZohoCRM.notifications.CREATE,ZohoCRM.notifications.READ")

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        fake.records("Leads").add_many(1)
        wait_until(lambda: fake.stats.callbacks)
        meanwhile.interrupt()

    meanwhile.do(work)
    result = invoke(*watch_at(port))
    meanwhile.join()

    (own,) = fake.notifications.ids
    assert result.exit_code == 3
    assert f"End it now with: aiozcrm notifications disable {own}\n" in result.stderr
    assert "ZohoCRM.notifications" in result.stderr


def test_a_reader_that_goes_away_ends_the_channel(
    invoke: Invoke,
    fake: FakeZoho,
    meanwhile: Meanwhile,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As ``head`` does."""

    def broken(_lines: Any) -> None:
        raise BrokenPipeError

    def work() -> None:
        wait_until(lambda: fake.notifications.ids)
        fake.records("Leads").add_many(1)

    monkeypatch.setattr(watching, "print_lines", broken)
    meanwhile.do(work)
    result = invoke(*watch_at(port, "--json"))
    meanwhile.join()

    assert (result.exit_code, fake.notifications.ids) == (1, [])
    assert "Error" not in result.stderr


@pytest.mark.parametrize(("left", "told"), [(1800.0, "ends in 30 min"), (-5.0, "has ended")])
def test_a_renewal_that_fails_is_told(
    capsys: pytest.CaptureFixture[str], left: float, told: str
) -> None:
    """The watch goes on, since the renewal is tried again."""
    watching.tell_of(ChannelRenewed("77", 3600.0, opened=True, from_store=False))
    watching.tell_of(ChannelRenewalFailed("77", ZohoError("Zoho is down."), left, 60.0))

    expected = f"The channel was not renewed, and {told}: Zoho is down.\n"
    assert expected == capsys.readouterr().err


def test_a_terminal_shows_what_comes_until_ctrl_c(terminal, fake: FakeZoho, port: int) -> None:
    """A line for each notification."""
    session = terminal(*watch_at(port, events=("Leads.create", "Deals.delete")))
    session.wait_for("is open; Ctrl-C ends it.")
    (own,) = fake.notifications.ids
    (lead,) = fake.records("Leads").add_many(1)
    session.wait_for(f"Leads insert: {lead}")
    session.press_ctrl_c()

    assert session.end() == 0
    assert f"Channel {own} has ended." in session.written
    assert fake.notifications.ids == []


def test_a_terminal_asks_for_the_token_without_an_echo(terminal, fake: FakeZoho) -> None:
    """As for other secrets."""
    session = terminal("notifications", "enable", "Leads.all", "--url", URL)
    # The blank is written when the terminal has stopped to echo.
    session.wait_for("Token of the channel: ")
    session.type(f"{TOKEN}\n")

    assert session.end() == 0
    (own,) = fake.notifications.ids
    assert fake.notifications.get(own)[0]["token"] == TOKEN
    assert TOKEN not in session.written
