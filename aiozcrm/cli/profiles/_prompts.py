"""Asks people, and reads from a pipe where there are none."""

from __future__ import annotations

import sys

import typer

from aiozcrm.cli._exits import ExitCode, exit_with
from aiozcrm.errors import ConfigurationError

__all__ = ["ask", "ask_secret"]


def ask(question: str, *, instead: str) -> str:
    """Ask for something that everybody may see.

    Args:
        question: What is asked for.
        instead: How to say it where nobody can be asked.

    Raises:
        aiozcrm.errors.ConfigurationError: If nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{question} is missing.", hint=instead)
    return _answer_to(question)


def ask_secret(question: str, *, instead: str) -> str:
    """Ask for something that nobody may see; without a terminal, take a line of the input.

    Args:
        question: What is asked for.
        instead: How to say it where there is neither.

    Raises:
        aiozcrm.errors.ConfigurationError: If nothing was said.
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
        # Ends with another exit code than any other Ctrl-C.
        raise exit_with("interrupted.", ExitCode.INTERRUPTED) from None
    return answer.strip()
