"""Examples below the help of a command."""

from __future__ import annotations

__all__ = ["examples"]


def examples(*commands: str) -> str:
    """Return *commands*, without the program's name, as an epilog that keeps their lines."""
    # The first character keeps what follows from being wrapped.
    return "\b\nExamples:\n" + "\n".join(f"  aiozcrm {command}" for command in commands)
