"""Examples below the help of a command, and the versions of what is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["examples", "version_of"]


def examples(*commands: str) -> str:
    """Return *commands*, without the program's name, as an epilog that keeps their lines."""
    # The first character keeps what follows from being wrapped.
    return "\b\nExamples:\n" + "\n".join(f"  aiozcrm {command}" for command in commands)


def version_of(package: str) -> str:
    """Return the installed version of *package*; ``unknown`` where a packager left it out."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
