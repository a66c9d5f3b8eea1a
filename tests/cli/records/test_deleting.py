"""``aiozcrm records delete``."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.testing import FakeZoho

Invoke = Callable[..., Result]


@pytest.fixture
def fake(add_org: Callable[..., FakeZoho]) -> FakeZoho:
    """Return an org with some leads."""
    fake = add_org()
    for name in ("Ames", "Burns", "Clark"):
        fake.records("Leads").add(Last_Name=name)
    return fake


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return what a file of JSON Lines holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_deletes_what_was_named_and_keeps_a_copy(invoke: Invoke, fake, tmp_path: Path) -> None:
    """The plan names the records; the copy is whole; every id is in the report."""
    one, two, three = fake.records("Leads").ids
    backup, report = tmp_path / "before.jsonl", tmp_path / "done.jsonl"

    result = invoke(
        *("records", "delete", "Leads", one, two, "99", "--yes", "--trigger", "none"),
        *("--backup", str(backup), "--report", str(report)),
    )

    assert (result.exit_code, fake.records("Leads").ids) == (0, [three])
    assert "Burns" in result.stdout
    assert "2 records in 1 org go." in result.stdout
    assert "Created" not in result.stdout
    assert f"Backup: {backup}\n" in result.stdout
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [(row["profile"], row["id"], row["Last_Name"]) for row in lines_of(backup)] == [
        ("default", one, "Ames"),
        ("default", two, "Burns"),
    ]
    assert {line["id"]: line["status"] for line in lines_of(report)} == {
        one: "deleted",
        two: "deleted",
        "99": "not_found",
    }


def test_deletes_notes(invoke: Invoke, fake, tmp_path: Path) -> None:
    """Their lists take no parameters about states, which they do not have."""
    notes, (lead, *_) = fake.records("Notes"), fake.records("Leads").ids
    one, two = notes.add_many(2, Note_Content="Call", Parent_Id={"id": lead, "module": "Leads"})
    backup = tmp_path / "before.jsonl"

    result = invoke("records", "delete", "Notes", one, "--yes", "--backup", str(backup))

    assert (result.exit_code, notes.ids) == (0, [two]), result.output
    assert ["Call"] == [row["Note_Content"] for row in lines_of(backup)]


def test_deletes_a_lead_that_was_converted(invoke: Invoke, fake, tmp_path: Path) -> None:
    """It is in the org although plain lists leave it out: it is saved and deleted."""
    one, *others = fake.records("Leads").ids
    backup, converting = tmp_path / "before.jsonl", tmp_path / "converting.json"
    converting.write_text('{"data": [{}]}')
    invoke("call", "POST", f"Leads/{one}/actions/convert", "--json", str(converting))

    result = invoke("records", "delete", "Leads", one, "--yes", "--backup", str(backup))

    assert (result.exit_code, fake.records("Leads").ids) == (0, others)
    assert "1 id: 1 deleted." in result.stdout
    assert [(row["id"], row["Converted__s"]) for row in lines_of(backup)] == [(one, True)]


def test_reads_ids_from_a_file(invoke: Invoke, fake, profiles, tmp_path: Path) -> None:
    """The copy is beside the journal, wherever that is; the run can be resumed."""
    source, journal = tmp_path / "ids.csv", tmp_path / "run.jsonl"
    source.write_text("id,name\n" + "".join(f"{own},x\n" for own in fake.records("Leads").ids))

    result = invoke(
        *("records", "delete", "Leads", "--from", str(source), "--yes"),
        *("--journal", str(journal)),
    )
    again = invoke("records", "delete", "--resume", str(journal))

    assert (result.exit_code, again.exit_code, fake.records("Leads").ids) == (0, 0, [])
    assert len(lines_of(tmp_path / "run-backup.jsonl")) == 3
    assert not profiles.journals.exists()
    assert "3 ids: 3 deleted." in again.stdout


def test_a_copy_is_named_as_its_journal(invoke: Invoke, fake, profiles) -> None:
    """In the folder of all journals, too, so that one leads to the other."""
    invoke("records", "delete", "Leads", fake.records("Leads").ids[0], "--yes")

    backup, journal = sorted(profiles.journals.glob("*.jsonl"))
    assert backup.name == f"{journal.stem}-backup.jsonl"
    assert [line["Last_Name"] for line in lines_of(backup)] == ["Ames"]


def test_deletes_nothing_without_a_copy(invoke: Invoke, fake, tmp_path: Path) -> None:
    """A file that is there is not replaced; nothing has begun."""
    backup = tmp_path / "before.jsonl"
    backup.write_text("mine")

    result = invoke(
        *("records", "delete", "Leads", *fake.records("Leads").ids, "--yes"),
        *("--backup", str(backup)),
    )

    assert (result.exit_code, len(fake.records("Leads").ids)) == (2, 3)
    assert backup.read_text() == "mine"


def test_a_dry_run_deletes_and_saves_nothing(invoke: Invoke, fake, profiles) -> None:
    """It shows the plan alone."""
    result = invoke("records", "delete", "Leads", *fake.records("Leads").ids, "--dry-run")

    assert (result.exit_code, len(fake.records("Leads").ids)) == (0, 3)
    assert not profiles.journals.exists()


def test_a_module_has_to_be_named(invoke: Invoke, fake) -> None:
    """Without a journal there is nothing else that tells it."""
    result = invoke("records", "delete")

    assert result.exit_code == 2
    assert "name a module" in result.stderr


def test_a_program_reads_the_plan(invoke: Invoke, fake) -> None:
    """A line for each id, also for those that the org does not have."""
    one, *_ = fake.records("Leads").ids

    result = invoke("records", "delete", "Leads", one, "99", "--dry-run", "--json")

    assert [
        (line["id"], line["plan"], line["reason"])
        for line in map(json.loads, result.stdout.splitlines())
    ] == [
        (one, "goes", None),
        ("99", "unknown", "not in this org"),
    ]
