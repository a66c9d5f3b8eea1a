"""Work for several orgs at the same time."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.profiles._orgs import ask_org, ask_orgs
from aiozcrm.testing import FakeZoho, TokenLimits

AddOrg = Callable[..., FakeZoho]


def test_orgs_are_asked_at_the_same_time(add_org: AddOrg) -> None:
    """Each waits for the other here."""
    for name in ("acme", "beta"):
        add_org(name)
    both = asyncio.Barrier(2)

    async def meet(_zoho: ZohoCRM) -> str:
        async with asyncio.timeout(10):
            await both.wait()
        return "met"

    answers = ask_orgs(meet, None, every=True)

    assert {"acme": "met", "beta": "met"} == answers.by_profile
    assert (ExitCode.DONE, True) == (answers.exit_code, answers.several)


def test_not_too_many_orgs_are_asked_at_once(add_org: AddOrg) -> None:
    """Ten, whoever has more."""
    add_org()
    names = [add_org(f"org{number:02}") and f"org{number:02}" for number in range(12)]
    now = most = 0

    async def count(_zoho: ZohoCRM) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    answers = ask_orgs(count, names)

    assert names == list(answers.by_profile)
    assert 1 < most <= 10


def test_trouble_with_the_machine_is_told_for_each_org(
    add_org: AddOrg,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Such as a full disk."""
    for name in ("acme", "beta"):
        add_org(name)

    async def fail(_zoho: ZohoCRM) -> None:
        raise OSError(28, "No space left on device")

    answers = ask_orgs(fail, ["beta", "acme"])

    assert ({}, ExitCode.FAILED) == (answers.by_profile, answers.exit_code)
    assert [
        "Error: beta: [Errno 28] No space left on device",
        "Error: acme: [Errno 28] No space left on device",
    ] == capsys.readouterr().err.splitlines()


def test_one_org_ends_the_command_with_its_error(
    add_org: AddOrg,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its name needs no telling."""
    add_org(tokens=TokenLimits(made=0))

    async def read(zoho: ZohoCRM) -> object:
        return await zoho.org.get()

    with pytest.raises(typer.Exit) as caught:
        ask_org(read, None)

    assert ExitCode.THROTTLED == caught.value.exit_code
    assert "default:" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no signals to send.")
def test_an_interrupt_ends_all_at_once(
    add_org: AddOrg,
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    """Exit code 130, one line, no traceback."""
    fakes = [add_org(name, latency=60.0) for name in ("acme", "beta")]

    process = start("links", "list", "--all-profiles")
    deadline = time.monotonic() + 30
    while not all(fake.stats.api_requests for fake in fakes) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)

    assert ("", "Error: interrupted.\n") == process.communicate(timeout=30)
    assert 130 == process.returncode
