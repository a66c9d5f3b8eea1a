"""Ids from arguments and files: every form, exact to the last digit, with places in errors."""

import io
import sys
from pathlib import Path

import pytest

from aiozcrm.cli.runs._id_files import Wanted, from_arguments, read_file
from aiozcrm.errors import InvalidInputError

ONE, TWO = "4150868000000731002", "4150868000000731003"


def ids_in(wanted: list[Wanted]) -> list[str]:
    """Return the ids alone."""
    return [one.id for one in wanted]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what writes a file and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, content: str | bytes) -> str:
        raw = content if isinstance(content, bytes) else content.encode()
        Path(name).write_bytes(raw)
        return name

    return write


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.txt", f"{ONE}\n\n# old ones\n  {TWO}  # why\n"),
        ("ids", f"# a list\n{ONE}\n{TWO}"),
        ("ids.txt", f"\ufeff{ONE}\r\n{TWO}\r\n"),
        ("ids.csv", f"id\n{ONE}\n\n{TWO}\n"),
        ("ids.csv", f"\ufeffname,id\r\n\"Old, one\",{ONE}\r\n'x',{TWO}\r\n"),
        ("ids.csv", f'"name";"id"\na;{ONE}\nb;{TWO}\n'),
        ("ids.csv", f"name\tid\na\t{ONE}\nb\t{TWO}\n"),
        ("export", f"name,id\na,{ONE}\nb,{TWO}\n"),
        ("export", f'"id","name"\n{ONE},a\n{TWO},b\n'),
        ("ids.jsonl", f'{{"id": "{ONE}"}}\n\n{{"id": {TWO}, "x": 1.5}}\n'),
        ("ids.ndjson", f'"{ONE}"\n{TWO}\n'),
        ("export", f'{{"id": {ONE}}}\n"{TWO}"\n'),
        ("export", f'"{ONE}"\r\n"{TWO}"\r\n'),
    ],
)
def test_reads_every_form(name, content, write) -> None:
    """Text, CSV and JSON Lines give the same ids, from whatever system they come."""
    assert [ONE, TWO] == ids_in(read_file(write(name, content)))


def test_reads_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen stands for it."""
    stdin = io.TextIOWrapper(io.BytesIO(f"{ONE}\nx\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)

    with pytest.raises(InvalidInputError, match="standard input, line 2: 'x' is not an id"):
        read_file("-")


def test_knows_no_difference_between_leading_zeros() -> None:
    """An id is a number at Zoho, and is compared in one form only."""
    assert ["7", "0"] == ids_in(from_arguments(["007", "000"]))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ids.txt", f"{ONE}\n4.15E+18\n", "ids.txt, line 2: '4.15E+18' is not an id"),
        ("ids.txt", "12345678901234567890\n", "line 1"),
        ("ids.csv", "name,id\na,1\nb,x1\n", "ids.csv, line 3: 'x1' is not an id"),
        ("ids.csv", "name,id\na\n", "ids.csv, line 2: '' is not an id"),
        ("ids.csv", "name\na\n", "ids.csv has no column 'id'; it has: name"),
        ("ids.csv", "", "ids.csv has no column 'id'; it has: none"),
        ("ids.csv", 'id\n"1\n', "ids.csv, line 2: unexpected end of data"),
        ("ids.csv", "id,name,id\n1,a,2\n", "ids.csv has several columns 'id'"),
        ("ids.csv", "id,profile,profile\n1,a,b\n", "ids.csv has several columns 'profile'"),
        ("ids.csv", "name,id\nA, 50,1\n", "ids.csv, line 2: there are more cells than columns"),
        ("ids.csv", "id,profile\n1,\n", "ids.csv, line 2: there is no profile"),
        ("ids.jsonl", '{"id": 4.15e18}\n', "ids.jsonl, line 1: '4.15e18' is not an id"),
        ("ids.jsonl", '{"id": NaN}\n', "ids.jsonl, line 1: 'NaN' is not an id"),
        ("ids.jsonl", '{"id": null}\n', "ids.jsonl, line 1: None is not an id"),
        ("ids.jsonl", "true\n", "ids.jsonl, line 1: True is not an id"),
        ("ids.jsonl", '\n{"key": "1"}\n', "ids.jsonl, line 2 has no key 'id'"),
        ("ids.jsonl", "{\n", "ids.jsonl, line 1 is no JSON"),
        ("ids.jsonl", "[" * 100_000, "ids.jsonl, line 1 is no JSON"),
        ("ids.jsonl", '{"id": "1", "profile": null}\n', "ids.jsonl, line 1: there is no profile"),
        ("ids.jsonl", '{"id": "1", "profile": true}\n', "ids.jsonl, line 1: there is no profile"),
        ("ids.txt", "1\n".encode("utf-16"), "ids.txt is no text in UTF-8"),
    ],
)
def test_tells_where_the_input_is_wrong(name, content, message, write) -> None:
    """File and line stand in the error."""
    with pytest.raises(InvalidInputError) as told:
        read_file(write(name, content))

    assert message in str(told.value)


def test_tells_that_a_file_is_not_there(write) -> None:
    """The system's reason is told, in one sentence."""
    with pytest.raises(InvalidInputError, match=r"gone\.txt cannot be read: No such file"):
        read_file("gone.txt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.csv", f"profile,link\nacme,{ONE}\nbeta,{TWO}\n"),
        ("ids.jsonl", f'{{"link": {ONE}, "profile": "acme"}}\n{{"link":{TWO},"profile":"beta"}}'),
    ],
)
def test_takes_the_profile_from_beside_the_id(name, content, write) -> None:
    """A column or key of that name says whose link it is; that of the id may be chosen."""
    wanted = read_file(write(name, content), column="link")

    assert [("acme", ONE), ("beta", TWO)] == [(one.profile, one.id) for one in wanted]
