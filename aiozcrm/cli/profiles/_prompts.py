"""Questions at a terminal, or a line from a pipe."""

from __future__ import annotations

import sys

import typer

from aiozcrm.cli._exits import ExitCode, exit_with
from aiozcrm.errors import ConfigurationError

__all__ = ["ask", "ask_secret"]


def ask(question: str, *, instead: str) -> str:
    """Ask for something that is no secret.

    Args:
        question: What is asked for.
        instead: How to give it where there is no terminal.

    Raises:
        aiozcrm.errors.ConfigurationError: If there is no terminal.
    """
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{question} is missing.", hint=instead)
    return _answer_to(question)


def ask_secret(question: str, *, instead: str) -> str:
    """Ask for a secret without showing it; without a terminal, read a line of the input.

    Args:
        question: What is asked for.
        instead: How to give it otherwise.

    Raises:
        aiozcrm.errors.ConfigurationError: If nothing was given.
    """
    people = sys.stdin.isatty()
    answer = _answer_to(question, hide_input=True) if people else sys.stdin.readline()
    if not answer.strip():
        raise ConfigurationError(f"{question} is missing.", hint=instead)
    return answer.strip()


def _answer_to(question: str, *, hide_input: bool = False) -> str:
    try:
        answer: str = typer.prompt(question, hide_input=hide_input, err=True)
    except typer.Abort:
        # On its own it would end with another exit code than Ctrl-C elsewhere.
        raise exit_with("interrupted.", ExitCode.INTERRUPTED) from None
    return answer.strip()
