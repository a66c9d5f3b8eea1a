"""Ids by the million: a plan in little memory, and few lines."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from aiozcrm.testing import FakeZoho

MILLION = 1_000_000
FIRST = 4150868000900000001

#: Says in its last line how much memory it has used. What the system counts for a process begins
#: with the memory of the one that starts it.
PROGRAM = """
import atexit, re
from aiozcrm.cli import main

def tell():
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

atexit.register(tell)
main()
"""


@pytest.mark.system
@pytest.mark.parametrize(
    ("ending", "ids", "mebibytes"),
    # Some 50 MiB are taken without any id, so a file of fewer ids has as little to spare.
    [("txt", MILLION, 300), ("csv", MILLION // 5, 110), ("jsonl", MILLION // 5, 110)],
)
def test_a_dry_run_of_a_million_ids_takes_little_memory_and_time(
    ending: str,
    ids: int,
    mebibytes: int,
    add_org: Callable[..., FakeZoho],
    command: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """At most 300 MiB and 30 seconds, of which reading the file takes most.

    Files of other forms hold a fifth of them, and have accordingly less to take.
    """
    fake = add_org(links=2)
    path = tmp_path / f"ids.{ending}"
    line = {"txt": "{}\n", "csv": "Link,{}\n", "jsonl": '{{"id": "{}"}}\n'}[ending]
    with path.open("w", encoding="utf-8") as file:
        file.write("name,id\n" if ending == "csv" else "")
        file.write(line.format(fake.unsubscribe_links.ids[1]))
        file.writelines(line.format(FIRST + number) for number in range(ids - 1))

    process = subprocess.Popen(  # noqa: S603  # our own command
        [*command[:-1], PROGRAM, "links", "delete", "--from", str(path), "--dry-run"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        *lines, peak = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    output = "\n".join(lines)

    assert process.returncode == 0
    assert "1 link in 1 org goes." in output
    assert f"and {ids - 11} more ids unknown: not in this org." in output
    assert len(output.splitlines()) < 24
    assert int(peak) < mebibytes * 1024
    assert usage.ru_utime + usage.ru_stime < 30


def test_duplicates_are_counted_and_three_of_them_named(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result], tmp_path: Path
) -> None:
    """However many there are, they take one line."""
    fake = add_org(links=1)
    path = tmp_path / "ids.txt"
    path.write_text(f"{fake.unsubscribe_links.ids[1]}\n" * 10_001, "utf-8")

    result = invoke("links", "delete", "--from", str(path), "--dry-run")

    place = f"{fake.unsubscribe_links.ids[1]} ({path}, line "
    assert result.exit_code == 0
    assert result.stderr == (f"10000 duplicates left out: {place}2), {place}3), {place}4), ...\n")


def test_rows_that_became_one_id_are_not_taken_for_duplicates(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result], tmp_path: Path
) -> None:
    """A spreadsheet has rounded them; nothing is deleted before that is clear."""
    fake = add_org(links=1)
    path = tmp_path / "ids.csv"
    rows = ["id", fake.unsubscribe_links.ids[1], "4150868000731002", *["4150868000000730000"] * 2]
    rows += ["4150868000000731111", "4150868000000731112"]
    path.write_text("\n".join(rows), "utf-8")

    result = invoke("links", "delete", "--from", str(path), "--yes")

    assert (result.exit_code, fake.stats.effects) == (2, {})
    assert "line 5: 4150868000000730000 looks rounded" in result.stderr
    assert "1 row became the same id as an earlier one" in result.stderr


def test_the_same_id_given_twice_as_an_argument_is_a_duplicate(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result]
) -> None:
    """No spreadsheet has seen it, whatever its digits."""
    add_org()

    result = invoke("links", "delete", *["4150868000000730000"] * 2, "--dry-run")

    assert result.exit_code == 0
    assert result.stderr.startswith("1 duplicate left out: 4150868000000730000 (argument 2)")


def test_without_any_id_it_says_how_to_give_some(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result]
) -> None:
    """As arguments, or in a file."""
    add_org()

    result = invoke("links", "delete", "--yes")

    assert result.exit_code == 2
    assert "There is no id. Give ids, or a file with --from." in result.stderr


def test_ids_without_a_profile_belong_to_the_only_one_that_is_named(
    add_org: Callable[..., FakeZoho], invoke: Callable[..., Result], tmp_path: Path
) -> None:
    """By a file here; one that is in both is a duplicate."""
    fake = add_org("a", links=2)
    first, second = fake.unsubscribe_links.ids[1:]
    path = tmp_path / "ids.csv"
    path.write_text(f"profile,id\na,{first}\n", "utf-8")

    result = invoke("links", "delete", first, second, "--from", str(path), "--dry-run")

    assert result.exit_code == 0
    assert "2 links in 1 org go." in result.stdout
    assert result.stderr.startswith(f"1 duplicate left out: {first} (argument 1)")
