"""``aiozcrm --debug``: all there is to know, and no secret."""

import logging
import re
from collections.abc import Callable

import pytest
from typer.testing import Result

from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.testing import FakeZoho

AddOrg = Callable[..., FakeZoho]
Run = Callable[..., tuple[int, str, str]]

TRACEBACK = "Traceback (most recent call last)"


@pytest.fixture
def secrets(profiles: Profiles) -> Callable[[FakeZoho], list[str]]:
    """Return what tells the secrets of an org, with the access tokens that were made."""

    def secrets(fake: FakeZoho) -> list[str]:
        environ = fake.environ()
        tokens = re.findall(r'"access_token": *"([^"]+)"', profiles.tokens_path.read_text())

        assert tokens
        return [environ["ZOHO_CLIENT_SECRET"], environ["ZOHO_REFRESH_TOKEN"], *tokens]

    return secrets


def test_an_error_has_its_log_and_traceback_but_no_secret(
    add_org: AddOrg,
    run: Run,
    secrets: Callable[[FakeZoho], list[str]],
) -> None:
    """Without it, there is one line."""
    fake = add_org()

    plain = run("links", "get", "123")
    fake.expire_tokens()
    code, output, errors = run("--debug", "links", "get", "123")

    assert (1, "", 1, False) == (*plain[:2], plain[2].count("\n"), TRACEBACK in plain[2])
    assert (1, "") == (code, output)
    assert TRACEBACK in errors
    assert "NotFoundError" in errors
    assert "WARNING retry of GET" in errors
    assert not [secret for secret in secrets(fake) if secret in plain[2] + errors]


def test_each_org_that_fails_has_its_traceback(
    add_org: AddOrg,
    run: Run,
    secrets: Callable[[FakeZoho], list[str]],
) -> None:
    """The others go on all the same."""
    good, bad = add_org("good"), add_org("bad")
    bad.permission_denied = True

    code, output, errors = run("--debug", "links", "list", "--all-profiles")

    assert 3 == code
    assert good.unsubscribe_links.default_id in output
    assert "Traceback of profile bad:" in errors
    assert TRACEBACK in errors
    assert not [secret for secret in secrets(good) + secrets(bad) if secret in output + errors]


def test_the_log_is_as_it_was_when_the_command_has_ended(
    add_org: AddOrg,
    invoke: Callable[..., Result],
) -> None:
    """Who runs commands within a program keeps a log of their own."""
    add_org()
    logger = logging.getLogger("aiozcrm")
    invoke("links", "get", "123")
    before = (logger.level, list(logger.handlers))

    result = invoke("--debug", "links", "get", "123")

    assert 1 == result.exit_code
    assert before == (logger.level, logger.handlers)
    assert 1 == invoke("links", "get", "123").exit_code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("links", "get", "123"), 1),
        (("links", "get", "x"), 2),
        (("links", "list", "--profile", "unknown"), 2),
        (("links", "list", "--profile", "revoked"), 3),
        (("links", "list"), 0),
    ],
)
def test_the_exit_code_is_the_same_wherever_it_stands(
    arguments: tuple[str, ...],
    code: int,
    add_org: AddOrg,
    invoke: Callable[..., Result],
) -> None:
    """Before the command, behind it, or not at all."""
    add_org()
    add_org("revoked").revoke_refresh_token()

    results = [
        invoke(*arguments),
        invoke("--debug", *arguments),
        invoke(*arguments, "--debug"),
        invoke(arguments[0], "--debug", *arguments[1:]),
    ]

    assert [code] * 4 == [result.exit_code for result in results]
    assert ["Traceback" in result.stderr for result in results] == [False, *[code != 0] * 3]


def test_what_stands_behind_two_hyphens_is_no_option(
    add_org: AddOrg, invoke: Callable[..., Result]
) -> None:
    """It is taken for an id."""
    add_org()
    result = invoke("links", "get", "--", "--debug")

    assert "'--debug' is not an id" in result.stderr
    assert "Traceback" not in result.stderr
