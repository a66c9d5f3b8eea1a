"""Says things as people do."""

__all__ = ["in_words", "plural"]


def in_words(name: str) -> str:
    """Return the name of a status or a fault with spaces."""
    return name.replace("_", " ")


def plural(count: int, noun: str) -> str:
    """Return how many of *noun* there are."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
