"""``aiozcrm records clean``, and what it shares with ``records delete``."""

import json
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli.runs._journal import Journal, Order
from aiozcrm.cli.runs._results import Assignment, Subject, Target
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]

#: How many records are deleted by a run that is killed.
RECORDS = 450

#: Behind how many calls it is killed: planning takes 4, and 100 records 102 more at most.
MOMENTS = (0, 1, 2, 3, 50, 100, 101, 102, 103)

AMES = ("--where", "Last_Name = 'Ames'")


@pytest.fixture
def fake(add_org: Callable[..., FakeZoho]) -> FakeZoho:
    """Return an org with some leads."""
    fake = add_org()
    for name in ("Ames", "Burns", "Ames", "O'Brien"):
        fake.records("Leads").add(Last_Name=name)
    return fake


def lines_of(source: Path | str) -> list[dict[str, Any]]:
    """Return what JSON Lines hold."""
    text = source if isinstance(source, str) else source.read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def last_names(fake: FakeZoho) -> list[str]:
    """Return whom the org still has."""
    leads = fake.records("Leads")
    return [leads.get(own)["Last_Name"] for own in leads.ids]


def test_deletes_what_fits_and_keeps_a_copy(invoke: Invoke, fake, tmp_path: Path) -> None:
    """The copies are whole, only their owner can read them; every record is in the report."""
    one, _, three, _ = fake.records("Leads").ids
    journal, report = tmp_path / "run.jsonl", tmp_path / "done.csv"

    result = invoke(
        *("records", "clean", "Leads", *AMES, "--yes"),
        *("--journal", str(journal), "--report", str(report)),
    )

    assert (result.exit_code, last_names(fake)) == (0, ["Burns", "O'Brien"])
    assert "2 ids: 2 deleted." in result.stdout
    backup = tmp_path / "run-backup.jsonl"
    assert f"Backup: {backup}\n" in result.stdout
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    saved = lines_of(backup)
    assert [(row["profile"], row["id"], row["Last_Name"]) for row in saved] == [
        ("default", one, "Ames"),
        ("default", three, "Ames"),
    ]
    assert all("Email" in row and "Modified_Time" in row for row in saved)
    assert report.read_text("utf-8").splitlines() == [
        "profile,id,name,status,kind,attempts,error",
        f"default,{one},Ames,deleted,done,1,",
        f"default,{three},Ames,deleted,done,1,",
    ]


def test_the_plan_tells_what_it_sets_off_and_costs(invoke: Invoke, fake, profiles) -> None:
    """Org, environment, rows, triggers, credits and the records; a dry run does no more."""
    result = invoke("records", "clean", "Leads", *AMES, "--trigger", "none", "--dry-run")

    assert (result.exit_code, len(fake.records("Leads").ids)) == (0, 4)
    assert not profiles.journals.exists()
    for line in (
        "default (Oldenkamp Bindery, production, data centre us)",
        "  Module: Leads",
        "  Condition: Last_Name = 'Ames'",
        "  Rows: 2",
        "  Triggers: none",
        "  Credits: about 4 (one to read each record, to save it)",
        "2 records in 1 org go.",
    ):
        assert line in result.stdout.splitlines()


def test_a_value_may_hold_anything(invoke: Invoke, fake, tmp_path: Path) -> None:
    """It is put into the condition as it is everywhere else, also when a run is resumed."""
    journal = tmp_path / "run.jsonl"
    where = ("--where", "Last_Name in {names}", "--param", """names=["O'Brien", "Clark"]""")

    result = invoke("records", "clean", "Leads", *where, "--yes", "--journal", str(journal))

    assert (result.exit_code, last_names(fake)) == (0, ["Ames", "Burns", "Ames"])
    assert '  {names}: ["O\'Brien", "Clark"]\n' in result.stdout
    order = lines_of(journal)[0]
    assert order["options"]["values"] == {"names": ["O'Brien", "Clark"]}


def test_a_program_reads_a_line_per_record(invoke: Invoke, fake) -> None:
    """Of the plan in a dry run, of the results else; what people read goes to stderr."""
    one, _, three, _ = fake.records("Leads").ids
    words = ("records", "clean", "Leads", *AMES, "--json")

    planned, done, nothing = invoke(*words, "--dry-run"), invoke(*words, "-y"), invoke(*words)

    assert lines_of(planned.stdout) == [
        {"profile": "default", "id": own, "name": "Ames", "plan": "goes", "reason": None}
        for own in (one, three)
    ]
    assert [(line["id"], line["status"]) for line in lines_of(done.stdout)] == [
        (one, "deleted"),
        (three, "deleted"),
    ]
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "2 records in 1 org go." in planned.stderr
    assert "2 ids: 2 deleted." in done.stderr
    assert "There is nothing to delete." in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a module, and the records to delete with --where."),
        (("Leads",), "name a module, and the records to delete with --where."),
        (("Leads", "--where", " "), "name a module, and the records to delete with --where."),
        (("Leads", "--where", "a = 'b"), "A quote of the query is never closed."),
        (("Leads", "--where", "(a = 1"), "A bracket of the query is never closed."),
        (("Leads", "--where", "a = 1) or (b = 2"), "A bracket of the query was never opened."),
        (("Leads", "--where", "a = 1 limit 5"), "The query has 'limit' where it can begin no"),
        (("Leads", "--where", "a = 1 order by b"), "The query has 'order' where it can begin no"),
        (("Leads", "--where", "a = 1; a = 2"), "one SELECT, without anything behind it."),
        (("Leads", "--where", "a = {b}"), "The query cannot be sent: 'b' has no value."),
        (("Leads", "--where", "a = 1", "--param", "b=2"), "'b' has no place in the query"),
        (("Leads where a = 1 or", "--where", "a = 1"), "is not the API name of a module"),
    ],
)
def test_a_broken_condition_is_told_before_anything_is_sent(
    invoke: Invoke, fake, arguments, words
) -> None:
    """It is wrong usage, and nothing begins."""
    result = invoke("records", "clean", *arguments, "--yes")

    assert result.exit_code == 2
    assert words in result.stderr
    assert fake.stats.api_requests == 0


def test_all_that_fits_is_planned_however_much_it_is(invoke: Invoke, add_org) -> None:
    """The terminal shows some of it, and programs everything."""
    fake = add_org()
    fake.records("Leads").add_many(2_100)
    fake.records("Leads").add(Last_Name="Ames")
    words = ("records", "clean", "Leads", "--where", "Last_Name != 'Ames'", "--dry-run")

    shown, told = invoke(*words), invoke(*words, "--json")

    assert "  Rows: 2,100\n" in shown.stdout
    assert "  and 2080 more records.\n" in shown.stdout
    assert [line["id"] for line in lines_of(told.stdout)] == fake.records("Leads").ids[:-1]


def test_works_without_the_name_of_a_record(invoke: Invoke, add_org) -> None:
    """Fields may be out of reach of the token, and not every module has such a field."""
    fake = add_org(scope="ZohoCRM.modules.ALL,ZohoCRM.coql.READ,ZohoCRM.org.READ")
    own = fake.records("Leads").add(Last_Name="Ames")

    result = invoke("records", "clean", "Leads", *AMES, "--yes", "--json")

    assert (result.exit_code, fake.records("Leads").ids) == (0, [])
    assert [(line["id"], line["name"]) for line in lines_of(result.stdout)] == [(own, "")]


def test_several_orgs_share_a_copy(invoke: Invoke, add_org, tmp_path: Path) -> None:
    """Each of its lines has the profile; an org that fails stops no other."""
    backup = tmp_path / "before.jsonl"
    for name in ("acme", "beta"):
        add_org(name).records("Leads").add(Last_Name="Ames")
    # The query is rejected there.
    add_org("gone", scope="ZohoCRM.org.READ")

    result = invoke(
        "records", "clean", "Leads", *AMES, "--all-profiles", "-y", "--backup", str(backup)
    )

    assert result.exit_code == 3
    assert "2 records in 2 orgs go." in result.stdout
    assert sorted(line["profile"] for line in lines_of(backup)) == ["acme", "beta"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--backup", "run.jsonl"), "run.jsonl is the journal. Name another file"),
        (("--backup", "taken"), "taken exists already. Name another file with --backup."),
        (("--backup", "taken/before.jsonl"), "before.jsonl cannot be written: Not a directory."),
        (("--report", "run-backup.jsonl"), "is the backup, which the report would destroy."),
    ],
)
def test_nothing_is_deleted_without_a_copy(
    invoke: Invoke, fake, tmp_path: Path, monkeypatch, options, words
) -> None:
    """Its place is checked before the plan."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("mine")

    result = invoke("records", "clean", "Leads", *AMES, "--yes", "--journal", "run.jsonl", *options)

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)
    assert words in result.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_no_report_of_a_resumed_run_destroys_the_copy(invoke: Invoke, fake, tmp_path: Path) -> None:
    """The journal knows where it is."""
    journal, backup = tmp_path / "run.jsonl", tmp_path / "before.jsonl"
    begun = ("--yes", "--journal", str(journal), "--backup", str(backup))
    invoke("records", "clean", "Leads", *AMES, *begun)

    result = invoke("records", "clean", "--resume", str(journal), "--report", str(backup))

    assert result.exit_code == 2
    assert "is the backup, which the report would destroy" in result.stderr
    assert len(lines_of(backup)) == 2


def begun(journal: Path, ids: Sequence[str], **others: Any) -> Path:
    """Write the journal of a run that was killed before it deleted; return where its copy is."""
    backup = journal.with_name("before.jsonl")
    backup.touch()
    settings = {"module": "Leads", "wf_trigger": None, "backup": str(backup)}
    order = Order(
        command="records clean",
        options={**settings, "where": "Last_Name = 'Ames'", "values": {}, **others},
        began=datetime(2026, 11, 26, tzinfo=UTC),
        assignments=(
            Assignment(
                target=Target(profile="default", data_center="us", environment="production"),
                subjects=tuple(Subject(id=own) for own in ids),
            ),
        ),
    )
    with Journal.create(journal, order):
        return backup


def test_what_has_changed_since_the_plan_stays(invoke: Invoke, fake, tmp_path: Path) -> None:
    """It is protected, and what is gone was not found; neither is saved."""
    one, burns, three, _ = fake.records("Leads").ids
    backup = begun(tmp_path / "run.jsonl", [one, burns, three, "99"])

    result = invoke("records", "clean", "--resume", str(tmp_path / "run.jsonl"), "--json")

    assert (result.exit_code, last_names(fake)) == (0, ["Burns", "O'Brien"])
    assert {line["id"]: (line["status"], line["error"]) for line in lines_of(result.stdout)} == {
        one: ("deleted", None),
        burns: (
            "protected",
            "It has changed since the plan was made, and the condition no longer selects it.",
        ),
        three: ("deleted", None),
        "99": ("not_found", "It is not in this org any more."),
    }
    assert [line["id"] for line in lines_of(backup)] == [one, three]


def test_deletes_nothing_where_nothing_is_left(invoke: Invoke, fake, tmp_path: Path) -> None:
    """No call is made for it."""
    begun(tmp_path / "run.jsonl", ["98", "99"])

    result = invoke("records", "clean", "--resume", str(tmp_path / "run.jsonl"))

    assert "2 ids: 2 not found." in result.stdout
    assert [path for _, path in fake.stats.requests if not path.startswith("/oauth")] == [
        "/crm/v7/Leads/98",
        "/crm/v7/Leads/99",
    ]


def test_what_cannot_be_read_is_not_deleted(invoke: Invoke, fake, tmp_path: Path) -> None:
    """Nothing was sent for it, and a resumed run does the rest, whichever command resumes it."""
    journal = tmp_path / "run.jsonl"
    one, _, three, _ = fake.records("Leads").ids
    begun(journal, [one, three], where="Nowhere = 1")

    result = invoke("records", "clean", "--resume", str(journal))

    assert (result.exit_code, len(fake.records("Leads").ids)) == (1, 4)
    assert "2 ids: 2 not attempted." in result.stdout

    journal.write_text(journal.read_text().replace("Nowhere = 1", "Last_Name = 'Ames'"))
    rest = invoke("records", "delete", "--resume", str(journal))

    assert (rest.exit_code, last_names(fake)) == (0, ["Burns", "O'Brien"])
    assert "2 ids: 2 deleted." in rest.stdout


def test_an_error_while_reading_is_that_of_the_org(invoke: Invoke, fake, tmp_path: Path) -> None:
    """An id that can be none, for one, is in no journal that was not changed."""
    one, *_ = fake.records("Leads").ids
    begun(tmp_path / "run.jsonl", [one, "ninety"])

    result = invoke("records", "clean", "--resume", str(tmp_path / "run.jsonl"))

    assert (result.exit_code, len(fake.records("Leads").ids)) == (2, 4)
    assert "2 ids: 2 not attempted." in result.stdout
    assert "'ninety' is not an id" in result.stdout


def test_a_record_is_saved_anew_where_it_has_changed(invoke: Invoke, fake, tmp_path: Path) -> None:
    """The last of its lines is what was deleted; half a line of a killed run is replaced."""
    one, _, three, _ = fake.records("Leads").ids
    journal = tmp_path / "run.jsonl"
    read = [invoke("records", "get", "Leads", own, "--json").stdout for own in (one, three)]
    saved = "".join(f'{{"profile": "default", {line[1:]}' for line in read)
    begun(journal, [one, three]).write_text(saved + '{"profile": "def')
    fake.records("Leads").change(three, Company="Oldenkamp")

    result = invoke("records", "clean", "--resume", str(journal))

    assert (result.exit_code, last_names(fake)) == (0, ["Burns", "O'Brien"])
    saved_anew = lines_of(tmp_path / "before.jsonl")
    assert [(line["id"], line["Company"]) for line in saved_anew] == [
        (one, None),
        (three, None),
        (three, "Oldenkamp"),
    ]


def test_deletes_what_still_fits_when_the_number_is_typed(
    terminal, fake: FakeZoho, tmp_path: Path
) -> None:
    """What has changed since the plan stays, and so does what is new."""
    leads = fake.records("Leads")
    leads.add_many(3, Last_Name="Ames")
    one, burns, three, _, four, five, _ = leads.ids
    report = tmp_path / "done.jsonl"
    session = terminal("records", "clean", "Leads", *AMES, "--report", str(report))
    session.wait_for("Type that number to delete them: ")

    leads.change(one, Last_Name="Adams")
    leads.change(burns, Last_Name="Ames")
    leads.remove(four)
    new = leads.add(Last_Name="Ames")
    session.type("5\n")

    assert session.end() == 0
    assert "5 records in 1 org go." in session.written
    assert "5 ids: 3 deleted + 1 protected + 1 not found." in session.written
    assert {one, burns, new} <= set(leads.ids)
    told = {line["id"]: (line["status"], line["error"]) for line in lines_of(report)}
    assert (told[three], told[five]) == (("deleted", None), ("deleted", None))
    assert told[one][0] == "protected"
    assert "the condition no longer selects it" in told[one][1]
    assert told[four] == ("not_found", "It is not in this org any more.")


def test_deletes_nothing_when_another_number_is_typed(terminal, fake: FakeZoho) -> None:
    """There is no copy either."""
    session = terminal("records", "clean", "Leads", *AMES)
    session.wait_for("Type that number to delete them: ")
    session.type("4\n")

    assert session.end() == 2
    assert "that is not 2, so nothing was deleted" in session.written
    assert len(fake.records("Leads").ids) == 4


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HANG_AFTER])
def test_kills_cost_no_record(commands: Any, add_org, tmp_path: Path, fault: Fault) -> None:
    """Killed in any of its calls and resumed each time, a run deletes each record once."""
    fake = add_org()
    leads = fake.records("Leads")
    leads.add_many(RECORDS, Last_Name="Ames")
    ids = leads.ids
    leads.add(Last_Name="Burns")
    journal, backup = tmp_path / "run.jsonl", tmp_path / "run-backup.jsonl"
    begin = ("records", "clean", "Leads", *AMES, "--yes", "--journal", str(journal))
    resume = ("records", "clean", "--resume", str(journal))
    for moment in MOMENTS:
        command = resume if journal.exists() else begin
        commands.kill_in_call(fake, moment, *command, fault=fault)

    assert 0 < len(leads.ids) <= RECORDS
    assert commands.wait(commands.start(*resume)) == 0
    assert last_names(fake) == ["Burns"]
    assert Counter(fake.stats.effects) == dict.fromkeys(ids, 1)
    assert sorted(line["id"] for line in lines_of(backup)) == ids
    with Journal.reopen(journal) as complete:
        statuses = {result.status for result in complete.settled.values()}
        assert {own for _, own in complete.settled} == set(ids)
        assert statuses <= {"deleted", "already_gone"}
