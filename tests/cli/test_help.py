"""What commands say of themselves, which the documentation is made from as well."""

from collections.abc import Callable

import pytest
from tree import COMMANDS
from typer.testing import Result

from aiozcrm.cli._exits import MEANINGS

Invoke = Callable[..., Result]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_explains_itself(path: str, invoke: Invoke) -> None:
    """In short lines, with examples of itself."""
    result = invoke(*path.split()[1:], "--help")

    text, _, examples = result.stdout.partition("Examples:")
    assert 0 == result.exit_code
    assert f"  {path}" in examples
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert COMMANDS[path].command.help.splitlines()[0].endswith(".")
    assert "Options:" in text


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_says_what_it_does(path: str) -> None:
    """A sentence each."""
    context = COMMANDS[path]
    records = [param.get_help_record(context) for param in context.command.get_params(context)]

    assert all(meaning.strip() for _, meaning in filter(None, records))


def test_help_tells_the_exit_codes(invoke: Invoke) -> None:
    """All of them, a line each."""
    shown = invoke("--help").stdout

    assert all(f"{code:d}  {meaning}\n" in shown for code, meaning in MEANINGS.items())
