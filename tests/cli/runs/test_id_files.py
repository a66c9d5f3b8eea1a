"""Ids from arguments and files: every form, exact to the last digit, with places in errors."""

import io
import json
import sys
from pathlib import Path

import pytest

from aiozcrm.cli.runs._id_files import read_arguments, read_file
from aiozcrm.errors import InvalidInputError

ONE, TWO = "4150868000000731002", "4150868000000731003"


def ids_in(source, **options) -> list[str]:
    """Return the ids of a file alone."""
    return [given.id for given in read_file(source, **options)]


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
        ("ids", f"{ONE} # first\r{TWO}\r"),
        ("ids.txt", f"\ufeff{ONE}\r\n{TWO}\r\n"),
        ("ids.txt", f'\'{ONE}\n="{TWO}"\n'),
        ("ids.csv", f"id\n{ONE}\n\n{TWO}\n"),
        ("ids.csv", f"\n\nID,Name\n{ONE},a\n{TWO},b\n"),
        ("ids.csv", f"{ONE}\n{TWO}\n"),
        ("ids.csv", f"\ufeffname,id\r\n\"Old, one\",{ONE}\r\n'x',{TWO}\r\n"),
        ("ids.csv", f'"name";"id"\na;{ONE}\nb;{TWO}\n'),
        ("ids.csv", f"sep=;\nname;id\na;{ONE}\nb;{TWO}\n"),
        ("ids.csv", f'\ufeff"sep=|"\r\n\r\nname|id\r\na|{ONE}\r\nb|{TWO}\r\n'),
        ("ids.csv", f'name,id\na,="{ONE}"\nb,"=""{TWO}"""\n'),
        ("ids.csv", f"name,id\na,'{ONE}\nb,'{TWO}'\n"),
        ("ids.csv", f"name,id,note\na,{ONE}\nb,\u00a0{TWO}\u00a0,,,\n"),
        ("ids.csv", f"name\tid\na\t{ONE}\nb\t{TWO}\n"),
        ("ids.tsv", f"name\tid\na\t{ONE}\nb\t{TWO}\n"),
        ("ids.csv", f"name,id\na,{ONE}\nb,{TWO}\n".encode("utf-16")),
        ("ids.csv", f"name\tid\na\t{ONE}\nb\t{TWO}\n".encode("utf-16-le")),
        ("ids.txt", f"{ONE}\n{TWO}\n".encode("utf-16-be")),
        ("ids.txt", f"{ONE}\n{TWO}\n".encode("utf-32")),
        ("export", f"name,id\na,{ONE}\nb,{TWO}\n"),
        ("export", f'"id","name"\n{ONE},a\n{TWO},b\n'),
        ("ids.jsonl", f'{{"id": "{ONE}"}}\n\n{{"id": {TWO}, "x": 1.5}}\n'),
        ("ids.ndjson", f'"{ONE}"\n{TWO}\n'),
        ("export", f'{{"id": {ONE}}}\n"{TWO}"\n'),
        ("export", f'"{ONE}"\r\n"{TWO}"\r\n'),
        ("ids.json", json.dumps([ONE, {"id": int(TWO)}])),
        ("ids.json", json.dumps([ONE, TWO], indent=2)),
        ("export", json.dumps({"unsubscribe_links": [{"id": ONE}, {"id": TWO}], "info": {}})),
        ("ids.json", json.dumps({"links": [{"id": ONE}, {"id": TWO}], "info": {}}, indent=1)),
        ("ids.json", f'{{\n "id": {ONE}\n}}\n{{\n "id": {TWO}\n}}\n'),
        ("ids.jsonl", f'{{"links": [{{"id": "{ONE}"}}]}}\n{{"links": [{{"id": "{TWO}"}}]}}\n'),
    ],
)
def test_reads_every_form(name, content, write) -> None:
    """Text, CSV and JSON give the same ids, whatever program and system they come from."""
    assert [ONE, TWO] == ids_in(write(name, content))


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines on standard input, of which the second is wrong."""
    piped = io.TextIOWrapper(io.BytesIO(f"{ONE}\nx\n".encode()))
    monkeypatch.setattr(sys, "stdin", piped)


def test_reads_standard_input_and_leaves_it_open(stdin) -> None:
    """A hyphen stands for it; a question may be answered there afterwards."""
    with pytest.raises(InvalidInputError, match="standard input, line 2: 'x' is not an id"):
        ids_in("-")

    assert not sys.stdin.buffer.closed


def test_knows_no_difference_between_leading_zeros() -> None:
    """An id is a number at Zoho, and is compared in one form only."""
    assert ["7", "0"] == [given.id for given in read_arguments(["007", "000"])]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ids.txt", f"{ONE}\n4.15E+18\n", "ids.txt, line 2: '4.15E+18' is not an id"),
        ("ids.csv", "id\n4,15E+18\n", "more cells than columns"),
        ("ids.csv", "name;id\na;4,15E+18\n", "That is what a spreadsheet makes of an id."),
        ("ids.txt", "12345678901234567890\n", "line 1"),
        ("ids.txt", "", "ids.txt is empty."),
        ("ids.txt", "# nothing\n", "ids.txt holds no id."),
        ("ids.csv", "name,id\na,1\nb,x1\n", "ids.csv, line 3: 'x1' is not an id"),
        ("ids.csv", 'sep=;\n\nid;name\n"1";"a\nb"\nx;c\n', "ids.csv, line 6: 'x' is not an id"),
        ("ids.csv", "name,id\na\n", "ids.csv, line 2: '' is not an id"),
        ("ids.csv", "name\na\n", "ids.csv has no column 'id'; its first line names: name."),
        ("ids.csv", " \n", "ids.csv is empty."),
        ("ids.csv", "sep=;\n", "ids.csv is empty."),
        ("ids.csv", "id,name\n", "ids.csv has a header, and no rows below it."),
        ("ids.csv", 'id\n"1\n', "ids.csv, line 2: unexpected end of data"),
        ("ids.csv", "id,name,Id\n1,a,2\n", "ids.csv has several columns 'id'"),
        ("ids.csv", "id,profile,profile\n1,a,b\n", "ids.csv has several columns 'profile'"),
        ("ids.csv", "name,id\nA, 50,1\n", "ids.csv, line 2: there are more cells than columns"),
        ("ids.csv", "id,profile\n1,\n", "ids.csv, line 2: there is no profile"),
        ("ids.jsonl", '{"id": 4.15e18}\n', "ids.jsonl, line 1: '4.15e18' is not an id"),
        ("ids.jsonl", '{"id": NaN}\n', "ids.jsonl, line 1: 'NaN' is not an id"),
        ("ids.jsonl", '{"id": null}\n', "ids.jsonl, line 1: None is not an id"),
        ("ids.jsonl", "true\n", "ids.jsonl, line 1: True is not an id"),
        ("ids.jsonl", '\n{"key": "1"}\n', "ids.jsonl, line 2: there is no key 'id'."),
        ("ids.jsonl", '{"a": [], "b": []}', "no key 'id', and several lists: a, b."),
        ("ids.json", '[{"id": "1"}, {"key": "1"}]', "line 1, item 2: there is no key 'id'."),
        ("ids.json", "[[1]]", "line 1, item 1: ['1'] is not an id"),
        ("ids.json", "[]", "ids.json holds no id."),
        ("ids.jsonl", "{\n", "ids.jsonl, line 1, is not valid JSON."),
        ("ids.jsonl", "1\n\n{", "ids.jsonl, line 3, is not valid JSON."),
        ("ids.json", '{\n"id": "1"\n}\n{\n"id" 2\n}\n', "ids.json, line 5, is not valid JSON."),
        ("ids.jsonl", "[" * 100_000, "ids.jsonl, line 1, is not valid JSON."),
        ("ids.jsonl", '{"id": "1", "profile": null}\n', "ids.jsonl, line 1: there is no profile"),
        ("ids.jsonl", '{"id": "1", "profile": true}\n', "ids.jsonl, line 1: there is no profile"),
        ("ids.csv", "name,id\nJos\xe9,1\n".encode("latin-1"), "ids.csv is not valid UTF-8."),
        ("ids.txt", b"\xff\xfe1", "ids.txt is not valid UTF-8."),
        ("ids.xlsx", b"PK\x03\x04\0\0", "ids.xlsx is a workbook, or another zip file, not text."),
        ("ids.xls", b"\xd0\xcf\x11\xe0\0\0", "save as CSV"),
        ("ids.csv.gz", b"\x1f\x8b\0", "ids.csv.gz is compressed, not text."),
    ],
)
def test_tells_where_the_input_is_wrong(name, content, message, write) -> None:
    """File and line stand in the error."""
    with pytest.raises(InvalidInputError) as told:
        ids_in(write(name, content))

    assert message in str(told.value)


@pytest.mark.parametrize(
    "ids",
    [
        ["4150868000000730000"],
        ["4150868000000730000", "4150868000000730000", "4150868000000740000"],
        ["415086800000073000", "415086800000074000"],
        ["4150868000000730000", "4150868000000740000", ONE],
    ],
)
def test_takes_no_ids_that_a_spreadsheet_has_rounded(ids, write) -> None:
    """All digits are shown, but those behind the fifteenth are zeros."""
    with pytest.raises(InvalidInputError, match=r"line 2: \d+ looks rounded.*format the column"):
        ids_in(write("ids.csv", "\n".join(["id", *ids])))


@pytest.mark.parametrize(
    "ids",
    [
        ["415086800000073000"],
        ["7000000", "8000000"],
        ["4150868000000730000", ONE, TWO],
        [str(4150868000000730000 + number) for number in range(1000)],
    ],
)
def test_takes_ids_that_happen_to_end_in_zeros(ids, write) -> None:
    """Some of many do, and so may a single one."""
    assert ids == ids_in(write("ids.txt", "\n".join(ids)))


def test_tells_that_a_file_is_not_there(write) -> None:
    """The system's reason is told, in one sentence."""
    with pytest.raises(InvalidInputError, match=r"gone\.txt cannot be read: No such file"):
        ids_in("gone.txt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.csv", f"Profile,link\nacme,{ONE}\nbeta,{TWO}\n"),
        ("ids.jsonl", f'{{"link": {ONE}, "profile": "acme"}}\n{{"link":{TWO},"profile":"beta"}}'),
    ],
)
def test_takes_the_profile_from_beside_the_id(name, content, write) -> None:
    """A column or key of that name says whose link it is; that of the id may be chosen."""
    wanted = read_file(write(name, content), column="link")

    assert [("acme", ONE), ("beta", TWO)] == [(one.profile, one.id) for one in wanted]
