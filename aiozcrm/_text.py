"""Somebody else's text, such that it can be shown anywhere."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str, longest: int) -> str:
    """Return *text* on one line, bounded, and with nothing that a terminal would obey.

    Line ends, control characters, escapes and marks that turn the direction of writing become
    blanks, and several blanks become one.

    Args:
        text: Any text.
        longest: How many characters it may have at most.
    """
    if len(text) <= longest and text.isascii() and text.isprintable() and text.strip() == text:
        return text
    # Blanks may go, so more is looked at than is kept.
    encodable = text[: 4 * longest].encode("utf-8", errors="replace").decode()
    shown = "".join(c if c.isprintable() else " " for c in encodable)
    return " ".join(shown.split())[:longest]
