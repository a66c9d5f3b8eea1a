"""``aiozcrm records create``, ``update`` and ``upsert``."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli.records._row_files import RowFile, values_of
from aiozcrm.cli.records._writes_plan import Write, verb_for
from aiozcrm.cli.runs._journal import Journal, Order
from aiozcrm.cli.runs._results import Assignment, Subject, Target
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

#: How often a run is killed, of how many rows.
KILLS = 30
ROWS = 5_000

UPSERT = ("POST", "/crm/v7/Leads/upsert")

#: How many calls a resumed run makes before the first that writes.
CALLS_BEFORE = 4


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org without leads."""
    return add_org()


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., str]:
    """Return what writes a file of rows."""

    def source(text: str | bytes, name: str = "rows.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return source


def names_of(fake: FakeZoho) -> list[str]:
    """Return the names of all leads."""
    leads = fake.records("Leads")
    return sorted(leads.get(own)["Last_Name"] for own in leads.ids)


def lines_of(path: str | Path) -> list[dict[str, Any]]:
    """Return what a file of JSON Lines holds."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def test_creates_what_a_spreadsheet_has_saved(invoke, fake, source, tmp_path) -> None:
    """Its mark, its delimiter, its empty cells; numbers and booleans arrive as such."""
    rows = source(
        "\ufeffLast_Name;Email;No_of_Employees;Annual_Revenue;Email_Opt_Out\r\n"
        "Ames;ames@example.org;12;1.5;yes\r\n;;;;\r\nBurns;;;20;\r\n"
    )
    report = tmp_path / "done.csv"

    result = invoke(
        *("records", "create", "Leads", "--from", rows, "--yes", "--report", str(report))
    )

    assert result.exit_code == 0, result.output
    assert "default (Oldenkamp Bindery, production, data centre us)" in result.stdout
    assert "  Module: Leads\n  Rows: 2\n  Triggers: all that are configured" in result.stdout
    assert "  Credits: about 1 (1 call of up to 100 rows)\n" in result.stdout
    assert "2 rows in 1 org go." in result.stdout
    assert "2 rows: 2 created." in result.stdout
    leads = fake.records("Leads")
    ames, burns = sorted((leads.get(own) for own in leads.ids), key=lambda row: row["Last_Name"])
    assert (ames["No_of_Employees"], ames["Annual_Revenue"], ames["Email_Opt_Out"]) == (
        12,
        1.5,
        True,
    )
    assert (burns["Email"], burns["Annual_Revenue"]) == (None, 20)
    with report.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(row["index"], row["status"], row["error"]) for row in told] == [
        ("0", "created", ""),
        ("1", "created", ""),
    ]
    assert {row["id"] for row in told} == set(leads.ids)


def test_empty_columns_without_a_name_are_none(invoke, fake, source) -> None:
    """Spreadsheets write them for cells that were emptied."""
    rows = source(
        b"\xef\xbb\xbfLast_Name;;Email;;\r\nAmes;;a@example.org;;\r\nBurns;;;;\r\n;;;;\r\n"
    )

    result = invoke("records", "create", "Leads", "--from", rows, "--yes")

    assert result.exit_code == 0
    assert names_of(fake) == ["Ames", "Burns"]


def test_the_plan_counts_a_credit_for_every_ten_rows(invoke, fake, source) -> None:
    """Zoho counts rows here, not calls."""
    rows = source("Last_Name,City\n" + "".join(f"Guest {number},Delft\n" for number in range(215)))

    result = invoke("records", "create", "Leads", "--from", rows, "--dry-run")

    assert "  Credits: about 22 (3 calls of up to 100 rows)\n" in result.stdout


@pytest.mark.parametrize("form", ["lines", "array", "answer"])
def test_changes_records_by_lines_of_json(invoke, fake, source, form, tmp_path) -> None:
    """A row that Zoho rejects is told with its place; the others are changed."""
    leads = fake.records("Leads")
    one, two = leads.add(Last_Name="Ames"), leads.add(Last_Name="Burns")
    rows = [{"id": one, "Last_Name": "Andrews"}, {"id": two, "Email": "none"}]
    text = {
        "lines": "".join(f"{json.dumps(row)}\n" for row in rows),
        "array": json.dumps(rows, indent=1),
        "answer": json.dumps({"data": rows}),
    }[form]
    report = tmp_path / "done.jsonl"

    result = invoke(
        *("records", "update", "Leads", "--from", source(text, "rows.json"), "--yes"),
        *("--report", str(report)),
    )

    assert result.exit_code == 1
    assert names_of(fake) == ["Andrews", "Burns"]
    first, second = lines_of(report)
    assert (first["index"], first["id"], first["status"]) == (0, one, "updated")
    assert (second["index"], second["id"], second["status"]) == (1, two, "failed")
    assert "Email" in second["error"]
    assert "1 failed (row 2): " in result.stdout
    assert "2 rows: 1 updated + 1 failed." in result.stdout


def test_upserts_by_the_named_fields(invoke, fake, source) -> None:
    """The record that is there is changed, another is made; what they set off is chosen."""
    fake.records("Leads").add(Last_Name="Ames", Email="a@example.org")
    rows = source("Last_Name,Email\nAndrews,a@example.org\nBurns,b@example.org\n")

    result = invoke(
        *("records", "upsert", "Leads", "--from", rows, "--yes", "--trigger", "none"),
        *("--duplicate-check-fields", "Email"),
    )

    assert result.exit_code == 0
    assert "  Triggers: none\n" in result.stdout
    assert "  Same record by: Email\n" in result.stdout
    assert "2 rows: 1 created + 1 updated." in result.stdout
    assert names_of(fake) == ["Andrews", "Burns"]


@pytest.mark.parametrize("action", ["create", "update", "upsert"])
async def test_what_was_chosen_goes_along(action) -> None:
    """The triggers, the fields, the number of calls at once."""
    sent: dict[str, Any] = {}

    class Records:
        def __getattr__(self, name: str) -> Any:
            async def write(rows: Any, **options: Any) -> None:
                sent.update(options, name=name, rows=list(rows))

            return write

    zoho: Any = SimpleNamespace(records=lambda module: Records())
    write = Write(
        action=action,
        module="Leads",
        file=RowFile(rows=[{"Last_Name": "Ames"}], from_csv=False),
        check_fields=["Email"],
        trigger=[],
    )

    target = Target(profile="default", data_center="us", environment="production")
    await verb_for(action).act(zoho, target, iter(["row 1"]), write.settings(), 3, print)

    del sent["on_outcome"]
    assert sent == {
        "name": f"{action}_many",
        "rows": [{"Last_Name": "Ames"}],
        "trigger": [],
        "concurrency": 3,
        **({"duplicate_check_fields": ["Email"]} if action == "upsert" else {}),
    }


def test_a_dry_run_writes_nothing(invoke, fake, source) -> None:
    """It shows the plan: here for the field of the module, and one trigger."""
    rows = source("Last_Name\nAmes\n")

    result = invoke(
        *("records", "upsert", "Leads", "--from", rows, "--dry-run", "--trigger", "workflow")
    )

    assert (result.exit_code, fake.records("Leads").ids) == (0, [])
    assert "  Triggers: workflow\n" in result.stdout
    assert "  Same record by: the field of the module\n" in result.stdout
    assert result.stdout.endswith("1 row in 1 org goes.\nDry run: nothing was upserted.\n")


def test_a_program_reads_a_line_per_row(invoke, fake, source) -> None:
    """Of the plan in a dry run, of the results else; a row is known by its place."""
    words = ("records", "create", "Leads", "--from", source("Last_Name\nAmes\nBurns\n"), "--json")

    planned, done = invoke(*words, "--dry-run"), invoke(*words, "--yes")

    assert [json.loads(line) for line in planned.stdout.splitlines()] == [
        {"profile": "default", "index": place, "plan": "goes", "reason": None} for place in (0, 1)
    ]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["index"], line["id"]) for line in told] == list(
        enumerate(fake.records("Leads").ids)
    )
    assert "Module: Leads" in planned.stderr
    assert "2 rows: 2 created." in done.stderr


def test_writes_nothing_where_nobody_can_agree(invoke, fake, source) -> None:
    """Without a terminal and without --yes, nothing happens."""
    result = invoke("records", "create", "Leads", "--from", source("Last_Name\nAmes\n"))

    assert (result.exit_code, fake.records("Leads").ids) == (2, [])
    assert "nothing was created" in result.stderr
    assert "Give --yes to go on without." in result.stderr


@pytest.mark.system
def test_writes_when_the_number_is_typed(terminal, fake, source) -> None:
    """The plan, the question, the count."""
    session = terminal("records", "create", "Leads", "--from", source("Last_Name\nAmes\nBurns\n"))
    session.wait_for("Type that number to create them: ")

    session.type("2\n")

    assert session.end() == 0
    assert "2 rows: 2 created." in session.written
    assert names_of(fake) == ["Ames", "Burns"]


def test_writes_to_several_orgs(invoke, add_org, source, tmp_path) -> None:
    """Each gets every row."""
    one, two = add_org("a"), add_org("b")
    report = tmp_path / "done.jsonl"
    rows = source('[{"Last_Name": "Ames"}]', "rows.json")

    result = invoke(
        *("records", "create", "Leads", "--from", rows, "--all-profiles", "--yes"),
        *("--report", str(report)),
    )

    assert result.exit_code == 0
    assert "2 rows in 2 orgs go." in result.stdout
    assert names_of(one) == names_of(two) == ["Ames"]
    assert [line["profile"] for line in lines_of(report)] == ["a", "b"]


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_field_that_the_module_lacks_is_told_first(
    invoke, fake, source, tmp_path, suffix
) -> None:
    """Nothing is sent; the report says so, too."""
    report = tmp_path / f"done.{suffix}"

    result = invoke(
        *("records", "create", "Leads", "--from", source("Last_Name,Phon\nAmes,a\n")),
        *("--yes", "--report", str(report)),
    )

    assert (result.exit_code, fake.records("Leads").ids) == (2, [])
    assert "Leads has no field 'Phon', which row 1 has." in result.stderr
    assert "not_attempted" in report.read_text("utf-8")


def test_a_field_to_compare_that_the_module_lacks_is_told_first(invoke, fake, source) -> None:
    """Nothing is sent, whether or not rows have it."""
    result = invoke(
        *("records", "upsert", "Leads", "--from", source("Last_Name,Emial\nAmes,a\n"), "--yes"),
        *("--duplicate-check-fields", "Emial"),
    )

    assert (result.exit_code, fake.records("Leads").ids) == (2, [])
    assert "no field 'Emial', which --duplicate-check-fields names." in result.stderr


def test_rows_may_name_a_layout_and_a_wizard(invoke, fake, source) -> None:
    """They are no fields, but Zoho takes them."""
    rows = '[{"Last_Name": "Ames", "Layout": null, "Wizard": null, "$gclid": null}]'

    result = invoke(
        *("records", "create", "Leads", "--from", source(rows, "rows.json"), "--dry-run")
    )

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "rows.csv", "is empty"),
        ("Last_Name\n", "rows.csv", "holds no rows"),
        ("sep=;\n", "rows.csv", "a column has no name|holds no rows"),
        ("Last_Name,,Email\na,b,c\n", "rows.csv", "a column has no name"),
        ("Last_Name,Last_Name\na,b\n", "rows.csv", "several columns Last_Name"),
        ("Last_Name\na,b\n", "rows.csv", "line 2: there are more cells than columns"),
        ('Last_Name\n"a', "rows.csv", "line 2: "),
        ("[]", "rows.json", "holds no rows"),
        ("[1]", "rows.json", "line 1: there is something else than a row"),
        ('{"id": 1}\n{}', "rows.jsonl", "line 2: there is something else"),
        ('{"a": NaN}', "rows.jsonl", "not valid JSON"),
        ("{", "rows", "not valid JSON"),
        ('{"id": 1}\n\n{"id":\n{"id": 2}\n', "rows.jsonl", "rows.jsonl, line 3, is not valid JSON"),
        (b"PK\x03\x04", "rows.csv", "a workbook"),
        (
            "id,Last_Name\n4150868000000730000,a\n4150868000000731000,b\n4150868000000740000,c\n",
            "rows.csv",
            "looks rounded",
        ),
    ],
)
def test_files_without_proper_rows_are_told(invoke, fake, source, text, name, words) -> None:
    """Before anything is sent, with the place."""
    result = invoke("records", "update", "Leads", "--from", source(text, name), "--yes")

    assert result.exit_code == 2
    assert any(each in result.stderr for each in words.split("|")), result.stderr
    assert fake.stats.attempts.total() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a module, and the file"),
        (("Leads",), "name a module, and the file"),
        (("Leads", "--from", "-", "--trigger", "flow"), "flow is no trigger"),
        (("Leads", "--resume", "x"), "--resume takes no"),
        (("Leads", "--from", "-", "-p", "nobody", "--yes"), "nobody"),
    ],
)
def test_wrong_usage_is_told(invoke, fake, arguments, words) -> None:
    """With the exit code for it."""
    result = invoke("records", "create", *arguments, given="Last_Name\nAmes\n")

    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize(
    ("cell", "data_type", "value"),
    [
        ('="4150868000000731010"', "lookup", {"id": "4150868000000731010"}),
        ("4150868000000731010", "multi_module_lookup", {"id": "4150868000000731010"}),
        ("a; b", "multiselectpicklist", ["a", "b"]),
        ("a;b; ;", "multiselectpicklist", ["a", "b"]),
        ("12", "integer", 12),
        ("12.5", "integer", "12.5"),
        ("-3", "currency", -3.0),
        ("4150868000000731010", "double", 4150868000000731010),
        ("1,000", "double", "1,000"),
        ("1_000", "double", "1_000"),
        ("1_000", "integer", "1_000"),
        ("nan", "double", "nan"),
        ("No", "boolean", False),
        ("perhaps", "boolean", "perhaps"),
        (" 12 ", "text", " 12 "),
    ],
)
def test_cells_become_what_their_fields_hold(cell, data_type, value) -> None:
    """What is no value of its type stays text, for Zoho to reject."""
    read = values_of({"Field": cell}, {"Field": {"data_type": data_type}})

    assert read == {"Field": value}
    assert type(read["Field"]) is type(value)


def test_goes_on_with_what_is_left(invoke, fake, source, tmp_path) -> None:
    """The journal has the rows; those that failed are sent again, nothing else is."""
    journal, report = tmp_path / "run.jsonl", tmp_path / "done.jsonl"
    rows = source("Last_Name,Email\nAmes,a@example.org\nBurns,none\n")
    first = invoke(
        *("records", "upsert", "Leads", "--from", rows, "--yes", "--journal", str(journal)),
        *("--duplicate-check-fields", "Email"),
    )
    Path(rows).unlink()

    again = invoke("records", "upsert", "--resume", str(journal), "--yes", "--report", str(report))

    assert (first.exit_code, again.exit_code) == (1, 1)
    for one in (first, again):
        assert "Resume with" not in one.stdout
        assert "1 row was rejected: correct it, and give it in a new file.\n" in one.stdout
    assert [line["status"] for line in lines_of(report)] == ["created", "failed"]
    assert [line["id"] for line in lines_of(report)] == [*fake.records("Leads").ids, None]


def test_tells_to_resume_what_may_go_well_the_next_time(invoke, fake, source, tmp_path) -> None:
    """Beside rows that were rejected there is one for which no credit was left."""
    journal = tmp_path / "run.jsonl"
    rows = source("Last_Name,Email\n" + "Ames,none\n" * 100 + "Burns,b@example.org\n")
    # The plan makes as many calls as the work before it writes.
    fake.credits = 2 * CALLS_BEFORE + 1

    result = invoke(
        *("records", "create", "Leads", "--from", rows, "--yes", "--concurrency", "1"),
        *("--journal", str(journal)),
    )

    assert "Email" in result.stdout
    assert "credits come back" in result.stdout
    assert f"Resume with: aiozcrm records create --resume {journal}\n" in result.stdout
    assert "rejected:" not in result.stdout


def test_rows_that_stay_in_doubt_are_told_as_such(invoke, fake, tmp_path) -> None:
    """No later run sends them again, and those that were rejected are rejected once more."""
    journal = tmp_path / "run.jsonl"
    begun(journal, "create", {"Last_Name": "Ames"}, {"Email": "x"}, {"Email": "y"}, sent=1)

    result = invoke("records", "create", "--resume", str(journal))

    assert "2 rows were rejected: correct them, and give them in a new file." in result.stdout
    assert "In doubt: 1 row. --resume sends none of these again" in result.stdout
    assert "Resume with" not in result.stdout


def test_a_run_that_has_ended_says_so(invoke, fake, source, tmp_path) -> None:
    """In place of a rate."""
    journal = tmp_path / "run.jsonl"
    rows = source("Last_Name\nAmes\n")
    invoke("records", "create", "Leads", "--from", rows, "--yes", "--journal", str(journal))

    again = invoke("records", "create", "--resume", str(journal))

    assert again.exit_code == 0
    assert "1 of 1 done, nothing was left to do: 1 created; " in again.stdout
    assert len(fake.records("Leads").ids) == 1


def begun(path: Path, action: Any, *rows: dict[str, Any], sent: int) -> None:
    """Write the journal of a run that was killed when so many of its rows had been sent."""
    write = Write(
        action=action,
        module="Leads",
        file=RowFile(rows=rows, from_csv=False),
        check_fields=["Email"] if action == "upsert" else None,
    )
    subjects = tuple(Subject(id=f"row {place}") for place in range(1, len(rows) + 1))
    target = Target(profile="default", data_center="us", environment="production")
    order = Order(
        command=f"records {action}",
        options=write.settings(),
        began=datetime(2026, 11, 26, tzinfo=UTC),
        assignments=(Assignment(target=target, subjects=subjects),),
    )
    with Journal.create(path, order) as journal:
        for subject in subjects[:sent]:
            journal.begin("default", subject.id)


def test_a_row_that_is_not_valid_has_no_id(invoke, fake, tmp_path) -> None:
    """Neither the journal nor the report takes its text for the id of a record."""
    journal, report = tmp_path / "run.jsonl", tmp_path / "done.jsonl"
    # Rows of a file with such an id are rejected before there is a journal.
    begun(journal, "update", {"id": "abc", "Last_Name": "Ames"}, sent=0)

    result = invoke("records", "update", "--resume", str(journal), "--report", str(report))

    assert result.exit_code == 2
    (line,) = lines_of(report)
    assert (line["id"], line["status"]) == (None, "failed")
    assert "'abc' is not an id" in line["error"]
    _order, *entries = lines_of(journal)
    assert [entry.get("record") for entry in entries] == [None] * len(entries)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("id,Last_Name\n{own},Ames\n4.15E+18,Burns\n", "rows.csv", "what a spreadsheet makes"),
        ("id,Last_Name\n{own},Ames\n,Burns\n", "rows.csv", "line 3: the row has no id"),
        ('{{"id": {own}}}\n{{"id": 4.15e18}}\n', "rows.jsonl", "line 2: '4.15e+18' is not an id"),
        ('{{"id": "{own}"}}\n{{"id": true}}\n', "rows.jsonl", "line 2: True is not an id"),
        ('{{"id": "{own}"}}\n{{"id": "abc"}}\n', "rows.jsonl", "line 2: 'abc' is not an id"),
        ('{{"id": "{own}"}}\n{{"id": null}}\n', "rows.jsonl", "line 2: the row has no id"),
    ],
)
def test_a_row_with_a_wrong_id_is_told_before_others_are_changed(
    invoke, fake, source, text, name, words
) -> None:
    """The exit code says that nothing was changed."""
    own = fake.records("Leads").add(Last_Name="Before")

    rows = source(text.format(own=own), name)
    result = invoke("records", "update", "Leads", "--from", rows, "--yes")

    assert result.exit_code == 2
    assert words in result.stderr
    assert names_of(fake) == ["Before"]


def test_a_row_that_needs_no_id_may_have_an_empty_one(invoke, fake, source) -> None:
    """As programs write it that know of none."""
    rows = source('{"id": null, "Last_Name": "Ames"}\n', "rows.jsonl")

    result = invoke("records", "create", "Leads", "--from", rows, "--yes")

    assert result.exit_code == 0
    assert names_of(fake) == ["Ames"]


@pytest.mark.parametrize(
    ("command", "row", "status"),
    [
        ("create", {"Last_Name": "Ames"}, "in_doubt"),
        ("upsert", {"Last_Name": "Ames"}, "in_doubt"),
        ("upsert", {"Last_Name": "Ames", "Email": "a@example.org"}, "created"),
        ("upsert", {"Last_Name": "Ames", "Email": "a@example.org", "Parts": [{}]}, "in_doubt"),
        (
            "upsert",
            {"Last_Name": "Ames", "Email": "a@example.org", "Parts": [{"id": 1}]},
            "created",
        ),
        ("upsert", {"Email": "a@example.org", "Recurring_Activity": {"RRULE": "x"}}, "in_doubt"),
        (
            "upsert",
            {"Last_Name": "Ames", "Email": "a@example.org", "Recurring_Activity": None},
            "created",
        ),
    ],
)
def test_what_may_be_done_is_sent_again_only_where_that_is_safe(
    invoke, fake, tmp_path, command, row, status
) -> None:
    """The rows that were not sent are done; one that may be is looked for, or reported."""
    journal, report = tmp_path / "run.jsonl", tmp_path / "done.jsonl"
    begun(journal, command, row, {"Last_Name": "Burns", "Email": "b@example.org"}, sent=1)

    result = invoke("records", command, "--resume", str(journal), "--report", str(report))

    first, second = lines_of(report)
    assert (first["status"], second["status"]) == (status, "created")
    assert result.exit_code == (1 if status == "in_doubt" else 0)
    assert names_of(fake) == (["Ames", "Burns"] if status == "created" else ["Burns"])
    assert ("look in Zoho" in str(first["error"])) == (status == "in_doubt")


def test_takes_the_journal_of_no_other_command(invoke, fake, tmp_path, add_org) -> None:
    """It says which command goes on with it."""
    journal = tmp_path / "run.jsonl"
    invoke("links", "clean", "--yes", "--journal", str(journal))
    link = add_org("other", links=1)
    invoke("links", "clean", "-p", "other", "--yes", "--journal", str(journal))

    result = invoke("records", "create", "--resume", str(journal))

    assert result.exit_code == 2
    assert "Resume it with: aiozcrm links clean --resume" in result.stderr
    assert link.stats.effects.total() == 1


def test_kills_cost_no_row(commands: Any, fake, source, tmp_path) -> None:
    """Killed in any of its calls and resumed each time, every row becomes one record."""
    journal, report = tmp_path / "run.jsonl", tmp_path / "done.csv"
    rows = source(
        "Last_Name,Email\n" + "".join(f"Name {n},n{n}@example.org\n" for n in range(ROWS))
    )
    leads = fake.records("Leads")
    begin = ("records", "upsert", "Leads", "--from", rows, "--yes", "--journal", str(journal))
    begin += ("--duplicate-check-fields", "Email", "--concurrency", "2")
    resume = ("records", "upsert", "--resume", str(journal), "--concurrency", "2")
    while_writing = 0
    for kill in range(KILLS):
        # First before it writes, then in one of the first calls that do.
        answered = kill if kill < CALLS_BEFORE + 2 else CALLS_BEFORE + kill % 3
        fault = Fault.HANG if kill % 2 else Fault.HANG_AFTER
        before = fake.stats.requests.count(UPSERT)
        command = resume if journal.exists() else begin
        commands.kill_in_call(fake, answered, *command, fault=fault)
        while_writing += fake.stats.requests.count(UPSERT) > before

    assert while_writing > KILLS / 2
    assert 0 < len(leads.ids) < ROWS
    resume += ("--report", str(report))
    assert commands.wait(commands.start(*resume)) == 0
    assert Counter(leads.get(own)["Email"] for own in leads.ids) == {
        f"n{n}@example.org": 1 for n in range(ROWS)
    }
    with report.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert [int(row["index"]) for row in told] == list(range(ROWS))
    assert {row["id"] for row in told} == set(leads.ids)
    assert {row["status"] for row in told} <= {"created", "updated"}
