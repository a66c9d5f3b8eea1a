"""Questions to people at a terminal; what a pipe says is shown with ``aiozcrm login``."""

import getpass
import io
import sys

import pytest
import typer

from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.profiles._prompts import ask, ask_secret
from aiozcrm.errors import ConfigurationError


class Terminal(io.StringIO):
    """Where somebody types."""

    def isatty(self):
        """Somebody is there."""
        return True


def test_people_are_asked(monkeypatch, capsys):
    """On the side of the errors, since the output is for results."""
    monkeypatch.setattr(sys, "stdin", Terminal(" 1000.ID \n"))

    assert "1000.ID" == ask("Client id", instead="x")
    output, errors = capsys.readouterr()
    assert ("", "Client id:") == (output.strip(), errors)


def test_secrets_are_asked_for_without_an_echo(monkeypatch):
    """As passwords are."""
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda *_: " secret ")

    assert "secret" == ask_secret("Client secret", instead="x")


def test_blanks_are_no_secret(monkeypatch):
    """An empty line would fail later, and less clearly."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))

    with pytest.raises(ConfigurationError, match=r"Client secret is missing. Set it."):
        ask_secret("Client secret", instead="Set it.")


def test_ctrl_c_at_a_question_ends_the_command_as_any_other(monkeypatch, capsys):
    """With the exit code that shells expect."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", interrupted)

    with pytest.raises(typer.Exit) as ended:
        ask_secret("Client secret", instead="x")
    assert ExitCode.INTERRUPTED == ended.value.exit_code
    assert "Error: interrupted." in capsys.readouterr().err
