"""Words for people."""

import pytest

from aiozcrm.cli._words import duration, in_words, listed, plural, printable


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (90_000, "25 h"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    """Nobody wants the seconds of hours."""
    assert said == duration(seconds)


def test_words_read_well() -> None:
    """One, many, none."""
    assert "1 link" == plural(1, "link")
    assert "0 links" == plural(0, "link")
    assert "a, b" == listed(["a", "b"])
    assert "none" == listed([])
    assert "already gone" == in_words("already_gone")


def test_what_comes_from_elsewhere_cannot_act_on_a_terminal() -> None:
    """Neither by control characters nor by those that turn the direction of writing."""
    assert "\\x1b[2J \\x9b \\n \\u202e Ärger" == printable("\x1b[2J \x9b \n \u202e Ärger")
