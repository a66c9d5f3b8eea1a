"""How data looks in terminals, pipes and files."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aiozcrm.cli._output import in_cell, print_facts, print_table

ID = "2309216000000582097"


class Terminal(io.StringIO):
    """What is written to a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    """Return what makes a terminal the output."""

    def terminal(**environ: str) -> Terminal:
        for name, value in {"TERM": "xterm-256color", **environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdout", Terminal())
        return sys.stdout

    return terminal


@pytest.mark.parametrize("columns", ["10", "79", "80", "200"])
def test_no_terminal_is_too_narrow(columns: str, terminal: Callable[..., Terminal]) -> None:
    """Names take more lines, and nothing is cut off."""
    screen = terminal(COLUMNS=columns, NO_COLOR="1")
    words = [f"word{number}" for number in range(20)]

    print_table(["Id", "Name", "Its id"], [(ID, " ".join(words), ID)])

    written = screen.getvalue()
    assert 2 == written.count(ID)
    assert all(word in written for word in words)
    assert max(80, int(columns)) >= max(map(len, written.splitlines()))


def test_ids_and_names_of_fields_are_never_broken(terminal: Callable[..., Terminal]) -> None:
    """Lines end between words, and where there is room, within none but those of free text."""
    screen = terminal(COLUMNS="80", NO_COLOR="1")
    long = "https://example.org/" + "path/" * 10
    row = (ID, "Last_Activity_Time", "2026-11-23 18:59:47+00:00", long)

    print_table(["Channel id", "Field", "Ends", "Address"], [row])

    written = screen.getvalue()
    assert all(word in written for word in (ID, "Last_Activity_Time", "18:59:47+00:00"))
    assert long not in written
    assert 80 >= max(map(len, written.splitlines()))


def test_a_table_without_room_becomes_blocks(terminal: Callable[..., Terminal]) -> None:
    """One for each row, where the name of each column stands before what it holds."""
    screen = terminal(COLUMNS="80", NO_COLOR="1")
    columns = [f"A_long_name_of_field_{number}" for number in range(9)]

    print_table(columns, [[1, *[None] * 7, "two words"], [3, 4, *[""] * 7]])

    assert [
        ["A_long_name_of_field_0", "1"],
        ["A_long_name_of_field_8", "two", "words"],
        [],
        ["A_long_name_of_field_0", "3"],
        ["A_long_name_of_field_1", "4"],
    ] == [line.split() for line in screen.getvalue().splitlines()]


def test_a_terminal_gets_colours_unless_they_are_not_wanted(
    terminal: Callable[..., Terminal],
) -> None:
    """An empty NO_COLOR counts as none."""
    looks = []
    for wish in ("", "1"):
        screen = terminal(NO_COLOR=wish)
        print_facts({"id": ID, "name": "Shop", "custom_location_url": None})
        looks.append(screen.getvalue())

    assert "\x1b[1m" in looks[0]
    assert "\x1b" not in looks[1]
    assert [["id", ID], ["name", "Shop"]] == [line.split() for line in looks[1].splitlines()]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (datetime(2026, 11, 23, 18, 59, 47, 5, tzinfo=UTC), "2026-11-23 18:59:47+00:00"),
        ("two\nlines\x1b[0m", "two\\nlines\\x1b[0m"),
        ("right to left: \u202e", "right to left: \\u202e"),
        ("日本 Ärger", "日本 Ärger"),
    ],
)
def test_a_cell_is_one_line_that_does_nothing(
    value: object,
    shown: str,
    terminal: Callable[..., Terminal],
) -> None:
    """Whatever an org calls its things."""
    terminal()

    assert shown == in_cell(value)


def test_a_name_of_a_server_is_no_markup(terminal: Callable[..., Terminal]) -> None:
    """In the head of a table, and beside a fact."""
    screen = terminal(NO_COLOR="1")
    name = "[/b] \x1b[2Jid"

    print_table([name], [["value"]])
    print_facts({name: "value"})

    assert 2 == screen.getvalue().count("[/b] \\x1b[2Jid")
    assert "\x1b" not in screen.getvalue()


def test_what_the_output_cannot_write_is_escaped(
    terminal: Callable[..., Terminal],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name in another script is no reason to fail."""
    terminal()
    monkeypatch.setattr(Terminal, "encoding", "cp1252")

    assert "\\u65e5\\u672c Ärger" == in_cell("日本 Ärger")
