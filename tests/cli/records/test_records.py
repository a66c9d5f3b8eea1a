"""``aiozcrm records``, ``query``, ``schema`` and ``call``."""

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli._app import app
from aiozcrm.testing import FakeZoho

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]


def objects(result: Result) -> list[dict[str, Any]]:
    """Return what a command wrote for programs; nothing else may be there."""
    assert "" == result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org with three leads, of which one has an owner and an email address."""
    fake = add_org()
    leads = fake.records("Leads")
    leads.add(Last_Name="Burns", Email="burns@example.org", Company="Oldenkamp")
    leads.add(Last_Name="Clark")
    leads.add(Last_Name="\x1b[2JJensen")
    return fake


def test_lists_records_in_a_table(invoke: Invoke, fake: FakeZoho) -> None:
    """The id first, then the fields that were asked for; nothing acts on the terminal."""
    result = invoke("records", "list", "Leads", "--fields", "Last_Name,Owner")

    head, *rows = result.stdout.splitlines()
    assert (0, "") == (result.exit_code, result.stderr)
    assert ["id", "Last_Name", "Owner"] == head.split()
    assert sorted(fake.records("Leads").ids) == sorted(row.split()[0] for row in rows)
    assert "\\x1b[2JJensen" in result.stdout
    assert "\x1b" not in result.stdout
    assert "{" not in result.stdout  # an owner is shown by name


def test_lists_records_for_programs(invoke: Invoke, fake: FakeZoho) -> None:
    """One object a line, with the fields that were asked for, or with all."""
    some = objects(invoke("records", "list", "Leads", "--fields", "Last_Name", "--json"))
    whole = objects(invoke("records", "list", "Leads", "--limit", "2", "--json"))

    assert {"Burns", "Clark", "\x1b[2JJensen"} == {row["Last_Name"] for row in some}
    assert 2 == len(whole)
    assert {"Owner", "Email", "Created_Time"} < set(whole[0])


def test_lists_what_has_changed(invoke: Invoke, fake: FakeZoho) -> None:
    """Only what is newer than the moment; the future holds nothing."""
    past = invoke("records", "list", "Leads", "--changed-since", "2001-01-01T00:00:00Z", "--json")
    future = invoke("records", "list", "Leads", "--changed-since", "2099-01-01T00:00:00Z")

    assert 3 == len(objects(past))
    assert (0, "") == (future.exit_code, future.stdout)


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-11-26", "2026-11-26T08:00:00"])
def test_what_is_no_moment_is_not_sent(invoke: Invoke, fake: FakeZoho, moment: str) -> None:
    """Zoho may ignore it, and tell of all records as if they had changed."""
    result = invoke("records", "list", "Leads", "--changed-since", moment)

    assert (2, "") == (result.exit_code, result.stdout)
    assert "no moment with an offset" in result.stderr
    assert 0 == fake.stats.attempts.total()


@pytest.mark.parametrize("read", [["list", "Leads"], ["search", "Leads", "--word", "Burns"]])
def test_rows_of_several_orgs_name_their_profile(
    invoke: Invoke, add_org: AddOrg, read: list[str]
) -> None:
    """In tables and in JSON; an org that fails stops no other."""
    for name in ("acme", "other"):
        add_org(name).records("Leads").add(Last_Name="Burns")
    add_org("broken").credits = 0
    arguments = ["records", *read, "--fields", "Last_Name", "-p", "acme", "-p", "other"]

    table, lines = invoke(*arguments), invoke(*arguments, "--json")
    some = invoke(*arguments, "-p", "broken")

    assert ["Profile", "id", "Last_Name"] == table.stdout.splitlines()[0].split()
    assert ["acme", "other"] == [row.split()[0] for row in table.stdout.splitlines()[1:]]
    assert ["acme", "other"] == [row["profile"] for row in objects(lines)]
    assert (4, table.stdout) == (some.exit_code, some.stdout)
    assert "broken: " in some.stderr


def test_shows_one_record(invoke: Invoke, fake: FakeZoho) -> None:
    """As facts, or as one line of JSON; an unknown id fails."""
    lead_id = fake.records("Leads").ids[0]

    facts = invoke("records", "get", "Leads", lead_id)
    (record,) = objects(invoke("records", "get", "Leads", lead_id, "--fields", "Email", "--json"))
    missing = invoke("records", "get", "Leads", "4150868000009999999")

    assert "burns@example.org" in facts.stdout
    assert "burns@example.org" == record["Email"]
    assert 1 == missing.exit_code
    assert "Error: " in missing.stderr


def test_searches_records(invoke: Invoke, fake: FakeZoho) -> None:
    """By what Zoho's search takes; two ways at once are wrong usage."""
    by_email = invoke("records", "search", "Leads", "--email", "burns@example.org", "--json")
    by_criteria = invoke(
        *("records", "search", "Leads", "--criteria", "(Last_Name:starts_with:Cl)"),
        *("--fields", "Last_Name", "--json"),
    )
    nothing = invoke("records", "search", "Leads")

    assert ["Burns"] == [row["Last_Name"] for row in objects(by_email)]
    assert ["Clark"] == [row["Last_Name"] for row in objects(by_criteria)]
    assert 2 == nothing.exit_code


def test_counts_records(invoke: Invoke, fake: FakeZoho, add_org: AddOrg) -> None:
    """A number for one org, a table or lines of JSON for several."""
    add_org("other").records("Leads").add(Last_Name="Burns")

    one = invoke("records", "count", "Leads", "-p", "default")
    lines = objects(invoke("records", "count", "Leads", "--all-profiles", "--json"))
    single = objects(invoke("records", "count", "Leads", "-p", "default", "--json"))
    table = invoke("records", "count", "Leads", "--all-profiles")

    assert "3\n" == one.stdout
    assert [{"count": 3}] == single
    assert [("default", 3), ("other", 1)] == [(line["profile"], line["count"]) for line in lines]
    assert [["default", "3"], ["other", "1"]] == [
        row.split() for row in table.stdout.splitlines()[1:]
    ]


def test_queries_with_values(invoke: Invoke, fake: FakeZoho) -> None:
    """Values stay values; columns are those of the query."""
    text = "select Last_Name from Leads where Last_Name = {name}"

    found = invoke("query", text, "--param", "name=Burns")
    odd = invoke("query", text, "--param", "name=' or id is not null")

    assert ["Last_Name", "id"] == sorted(found.stdout.splitlines()[0].split())
    assert "Burns" in found.stdout
    assert (0, "") == (odd.exit_code, odd.stdout)


@pytest.mark.parametrize(
    ("text", "rows"),
    [('["Burns", "Clark"]', 2), ("Burns", None), ("4150868000000731002123", None)],
)
def test_lists_are_values_of_queries(
    invoke: Invoke, fake: FakeZoho, text: str, rows: int | None
) -> None:
    """What is JSON is taken so; a text or a long id is text."""
    operator = "in" if rows else "="
    result = invoke(
        "query",
        f"select Last_Name from Leads where Last_Name {operator} {{names}}",
        *("--param", f"names={text}", "--json"),
    )

    assert 0 == result.exit_code
    if rows is not None:
        assert rows == len(objects(result))


def test_a_value_that_is_nested_too_deeply_is_text(invoke: Invoke, fake: FakeZoho) -> None:
    """As is whatever else is no number, truth or list."""
    query = "select id from Leads where Last_Name = {name}"

    result = invoke("query", query, "--param", f"name={'[' * 200_000}")

    assert (0, "") == (result.exit_code, result.stdout)


@pytest.mark.parametrize("param", ["name", "=value", "a-b=1"])
def test_a_value_needs_a_name(invoke: Invoke, fake: FakeZoho, param: str) -> None:
    """Anything else is wrong usage, and nothing is sent."""
    query = invoke("query", "select Last_Name from Leads", "--param", param)
    call = invoke("call", "GET", "org", "--param", param.replace("a-b", ""))

    assert (2, 2) == (query.exit_code, call.exit_code)
    assert "--param" in query.stderr


def test_shows_the_fields_of_a_module(invoke: Invoke, fake: FakeZoho) -> None:
    """In a table, for programs, and as source code."""
    fake.fields.add("Leads", "Badge", unique=True)

    table = invoke("schema", "Leads")
    lines = objects(invoke("schema", "Leads", "--json"))
    source = invoke("schema", "Leads", "--to", "sql")

    assert "Last_Name" in table.stdout
    rules = {row.split()[0]: row for row in table.stdout.splitlines()}
    assert "mandatory" in rules["Last_Name"]
    assert "read only" in rules["Created_Time"]
    assert "unique" in rules["Badge"]
    assert {"api_name", "data_type"} < set(lines[0])
    assert "CREATE TABLE" in source.stdout


def test_compares_a_schema_with_a_saved_one(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """No change is 0, a change 1, and a file of something else wrong usage."""
    saved, other = tmp_path / "leads.json", tmp_path / "other.json"
    other.write_text("[]", "utf-8")

    kept = invoke("schema", "Leads", "--save", str(saved))
    same = invoke("schema", "Leads", "--diff", str(saved))
    text = json.loads(saved.read_text("utf-8"))
    del text["fields"]["Email"]
    saved.write_text(json.dumps(text), "utf-8")
    changed = invoke("schema", "Leads", "--diff", str(saved))
    lines = invoke("schema", "Leads", "--diff", str(saved), "--json")
    odd = invoke("schema", "Leads", "--diff", str(other))

    assert (0, "") == (kept.exit_code, kept.stdout)
    assert (0, "", "0 changes.\n") == (same.exit_code, same.stdout, same.stderr)
    assert 1 == changed.exit_code
    assert "Email" in changed.stdout
    assert [("added",)] == [(line["kind"],) for line in objects(lines)]
    assert 2 == odd.exit_code


def test_changes_of_a_schema_do_nothing_to_a_terminal(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """Whatever the file says that a field was called."""
    saved = tmp_path / "leads.json"
    invoke("schema", "Leads", "--save", str(saved))
    text = json.loads(saved.read_text("utf-8"))
    text["fields"]["\x1b]0;title\x07"] = text["fields"]["Email"]
    saved.write_text(json.dumps(text), "utf-8")

    result = invoke("schema", "Leads", "--diff", str(saved))

    assert "\\x1b]0;title\\x07" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("name", ["missing/leads.json", "."])
def test_a_schema_that_cannot_be_saved_is_not_read(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, name: str
) -> None:
    """What is wrong with the place is told before anything is sent."""
    result = invoke("schema", "Leads", "--save", str(tmp_path / name))

    assert 2 == result.exit_code
    assert "cannot be written" in result.stderr
    assert 0 == fake.stats.attempts.total()


def test_a_schema_that_is_not_written_whole_leaves_the_one_before(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything of it left beside that one."""
    saved = tmp_path / "leads.json"
    saved.write_text("before", "utf-8")

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = invoke("schema", "Leads", "--save", str(saved))

    assert 1 == result.exit_code
    assert "No space left on device" in result.stderr
    assert "before" == saved.read_text("utf-8")
    assert [saved] == list(tmp_path.glob("*leads*"))


def test_a_file_that_is_nested_too_deeply_is_no_schema(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """It is wrong usage, as any other file of something else is."""
    saved = tmp_path / "leads.json"
    saved.write_text("[" * 100_000, "utf-8")

    result = invoke("schema", "Leads", "--diff", str(saved))

    assert 2 == result.exit_code
    assert "no schema that was saved" in result.stderr


def test_makes_any_call(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """The answer comes as JSON; what is sent comes from a file or from standard input."""
    body = tmp_path / "lead.json"
    body.write_text('{"data": [{"Last_Name": "Ames"}]}', "utf-8")

    read = invoke("call", "get", "Leads", "--param", "fields=Last_Name", "--param", "per_page=2")
    made = invoke("call", "POST", "Leads", "--json", str(body))
    piped = invoke("call", "POST", "Leads", "--json", "-", given=body.read_text("utf-8"))
    empty = invoke("call", "GET", "Leads", "--param", "fields=id", "--param", "page=9")

    assert 2 == len(json.loads(read.stdout)["data"])
    assert "SUCCESS" == json.loads(made.stdout)["data"][0]["code"]
    assert 0 == piped.exit_code
    assert 5 == len(fake.records("Leads").ids)
    assert (0, "") == (empty.exit_code, empty.stdout)


def test_a_call_of_several_orgs_is_a_line_each(invoke: Invoke, add_org: AddOrg) -> None:
    """With the profile, so that a program knows whose answer it is."""
    add_org("acme")
    add_org("other")

    lines = objects(invoke("call", "GET", "org", "--all-profiles"))

    assert ["acme", "other"] == [line["profile"] for line in lines]
    assert all("org" in line["answer"] for line in lines)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_call_takes_json_as_editors_save_it(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, encoding: str
) -> None:
    """With a mark of its encoding, in a file and from standard input."""
    text = '{"data": [{"Last_Name": "Ärmel"}]}'
    path = tmp_path / "lead.json"
    path.write_text(text, encoding)

    made = invoke("call", "POST", "Leads", "--json", str(path))
    piped = invoke("call", "POST", "Leads", "--json", "-", given=text.encode(encoding))

    assert (0, 0) == (made.exit_code, piped.exit_code)
    leads = fake.records("Leads")
    assert 2 == [leads.get(own)["Last_Name"] for own in leads.ids].count("Ärmel")


@pytest.mark.parametrize("text", [None, "{", '{"n": NaN}', '{"n": 1e999}', "[" * 100_000])
def test_what_is_no_json_is_not_sent(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, text: str | None
) -> None:
    """The message names the file."""
    path = tmp_path / "body.json"
    if text is not None:
        path.write_text(text, "utf-8")

    result = invoke("call", "POST", "Leads", "--json", str(path))

    assert 2 == result.exit_code
    assert "body.json" in result.stderr
    assert 0 == fake.stats.attempts.total()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("records", "list", "Leads"), "No records.\n"),
        (("query", "select id from Leads where id is not null"), "No rows.\n"),
    ],
)
def test_a_terminal_is_told_that_there_is_nothing(
    add_org, words, told, monkeypatch, capsys
) -> None:
    """Programs get nothing."""
    leads = add_org().records("Leads")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    shown = []
    for more in ((), ("--json",)):
        assert app((*words, *more), standalone_mode=False) == 0
        shown.append(capsys.readouterr())
    leads.add()
    app(words, standalone_mode=False)

    assert shown == [("", told), ("", "")]
    assert capsys.readouterr().err == ""
