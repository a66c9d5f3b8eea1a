"""``aiozcrm export``."""

import contextlib
import csv
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock
from typer.testing import Result

from aiozcrm import Credentials, ZohoCRM
from aiozcrm.cli.records._export_drafts import Draft, Progress
from aiozcrm.cli.records._export_files import opened_writer
from aiozcrm.cli.records._export_plan import Wanted, plan_export
from aiozcrm.cli.records._export_ways import Source, check_condition
from aiozcrm.cli.runs._results import Target
from aiozcrm.errors import InvalidInputError, InvalidResponseError
from aiozcrm.testing import FakeZoho, Fault, Limits

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

WAYS = ("list", "coql", "bulk-read")

#: Fields of all types that every way can read.
FIELDS = "Last_Name,Account_Name,Owner,Tag,Email_Opt_Out,Score__c,Rate__c,Hobbies__c,Created_Time"


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org with an account and three contacts, whose jobs end at once."""
    fake = add_org(limits=Limits(polls=0, bulk_rows=2))
    fake.fields.add("Contacts", "Score__c", type="integer")
    fake.fields.add("Contacts", "Rate__c", type="double")
    choices = ("Chess", "Golf", "Tea")
    fake.fields.add("Contacts", "Hobbies__c", type="multiselectpicklist", values=choices)
    account = fake.records("Accounts").add(Account_Name="Acme")
    contacts = fake.records("Contacts")
    contacts.add(
        Last_Name='O\'Hara, "Ann"\nsecond line',
        Account_Name={"id": account},
        Email_Opt_Out=True,
        Score__c=7,
        Rate__c=2.5,
        Hobbies__c=["Chess", "Tea"],
        Tag=[fake.tags.add(module="Contacts", name="VIP")],
    )
    contacts.add(Last_Name="=1+1", Email_Opt_Out=False, Rate__c=0.25)
    contacts.add(Last_Name="Ørsted 東京", Hobbies__c=[])
    return fake


def rows_of(path: Path, table: str = "Contacts") -> list[dict[str, Any]]:
    """Return the rows of a file in the order of their ids."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
    elif path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        with sqlite3.connect(path) as db:
            db.row_factory = sqlite3.Row
            rows = [dict(row) for row in db.execute(f"SELECT * FROM {table}")]
        db.close()
    return sorted(rows, key=lambda row: row["id"])


def files_in(folder: Path) -> list[str]:
    """Return the names of what an export has left, beside the settings of the command."""
    return sorted(each.name for each in folder.iterdir() if each.is_file())


def plan_of(
    rows: int, *, via: str | None = None, condition: str | None = None, **types: str
) -> str:
    """Return the way that is chosen for so many rows, with fields of these types."""
    fields = {name: {"data_type": kind} for name, kind in types.items()}
    source = Source(module="Leads", fields=fields, condition=condition, rows=rows)
    return source.chosen(via)[0].via  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["csv", "db"])
def test_every_way_gives_the_same_rows(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """Lists, queries and bulk reads differ in cost alone."""
    files = [tmp_path / f"{via}.{form}" for via in WAYS]

    for via, file in zip(WAYS, files, strict=True):
        words = ("--via", via, "--fields", FIELDS, "--yes")
        result = invoke("export", "Contacts", "--to", str(file), *words)
        assert 0 == result.exit_code, result.output

    first, second, third = map(rows_of, files)
    assert first == second == third
    assert 3 == len(first)
    assert ["bulk-read." + form, "coql." + form, "list." + form] == files_in(tmp_path)


def test_csv_has_a_cell_for_each_value(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Lookups are ids, several values are JSON, and nothing else is changed."""
    file = tmp_path / "contacts.csv"

    invoke("export", "Contacts", "--to", str(file), "--fields", FIELDS, "--yes")

    ann, injected, orsted = rows_of(file)
    (account,) = fake.records("Accounts").ids
    created = fake.records("Contacts").get(ann["id"])["Created_Time"]
    assert {
        "id": fake.records("Contacts").ids[0],
        "Last_Name": 'O\'Hara, "Ann"\nsecond line',
        "Account_Name_id": account,
        "Owner_id": fake.users.current_id,
        "Tag": '["VIP"]',
        "Email_Opt_Out": "true",
        "Score__c": "7",
        "Rate__c": "2.5",
        "Hobbies__c": '["Chess", "Tea"]',
        "Created_Time": created,
    } == ann
    assert ("=1+1", "false", "") == tuple(
        injected[name] for name in ("Last_Name", "Email_Opt_Out", "Score__c")
    )
    assert ("Ørsted 東京", "", "") == tuple(
        orsted[name] for name in ("Last_Name", "Email_Opt_Out", "Hobbies__c")
    )


def test_json_lines_keep_values_as_zoho_sends_them(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """A lookup has its name, where the way tells it."""
    file = tmp_path / "contacts.jsonl"

    invoke("export", "Contacts", "--to", str(file), "--fields", "id,Account_Name,Tag", "--yes")

    ann, *_ = rows_of(file)
    assert ["id", "Account_Name", "Tag"] == list(ann)
    assert "Acme" == ann["Account_Name"]["name"]
    assert "VIP" == ann["Tag"][0]["name"]


def test_without_names_all_fields_that_lists_can_show_are_read(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """Subforms are left out."""
    fake.fields.add("Contacts", "Lines__c", type="subform")
    file = tmp_path / "contacts.csv"

    result = invoke("export", "Contacts", "--to", str(file), "--yes")

    assert 0 == result.exit_code, result.output
    columns = rows_of(file)[0]
    assert {"id", "Owner_id", "Last_Name", "Hobbies__c"} <= columns.keys()
    assert "Lines__c" not in columns


def test_a_subform_that_is_named_is_read_with_each_record(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """As JSON, by the list, for a credit a record more."""
    fake.fields.add("Leads", "Lines__c", type="subform")
    fake.records("Leads").add(Last_Name="Ames", Lines__c=[{"Name": "a"}])
    file = tmp_path / "leads.csv"

    result = invoke("export", "Leads", "--to", str(file), "--fields", "Lines__c", "--yes")

    assert "Way: list" in result.stdout
    assert "Credits: about 2 " in result.stdout
    ((lead),) = rows_of(file)
    assert "a" == json.loads(lead["Lines__c"])[0]["Name"]


@pytest.mark.parametrize("via", WAYS)
def test_ids_alone_can_be_exported(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, via: str
) -> None:
    """The id needs no name."""
    file = tmp_path / "ids.csv"

    result = invoke("export", "Contacts", "--to", str(file), "--fields", "id", "--via", via, "-y")

    assert 0 == result.exit_code, result.output
    assert [{"id": own} for own in fake.records("Contacts").ids] == rows_of(file)


@pytest.mark.parametrize("via", WAYS)
def test_converted_leads_are_exported_too(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, via: str
) -> None:
    """A plain list would leave them out."""
    leads = fake.records("Leads")
    leads.add(Last_Name="Ames")
    leads.add(Last_Name="Burns", Converted__s=True)
    file = tmp_path / "leads.csv"

    invoke("export", "Leads", "--to", str(file), "--fields", "Last_Name", "--via", via, "--yes")

    assert ["Ames", "Burns"] == [row["Last_Name"] for row in rows_of(file)]


def test_notes_can_be_exported(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """They are neither converted nor approved, and no bulk read has them."""
    (lead,) = fake.records("Leads").add_many(1)
    fake.records("Notes").add(Note_Content="Call back", Parent_Id={"id": lead})
    file = tmp_path / "notes.jsonl"

    result = invoke("export", "Notes", "--to", str(file), "--yes")

    assert 0 == result.exit_code, result.output
    assert ["Call back"] == [row["Note_Content"] for row in rows_of(file)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (0, "list"),
        (400, "list"),
        (401, "coql"),
        (38_000, "coql"),
        (38_001, "bulk-read"),
        (5_000_000, "bulk-read"),
    ],
)
def test_the_way_with_the_fewest_credits_is_chosen(rows: int, expected: str) -> None:
    """On a tie, as from 401 rows on and at 38,001, the fastest."""
    assert expected == plan_of(rows, Last_Name="text")


def test_fields_decide_which_ways_there_are() -> None:
    """Many fields make a list dear, files and subforms leave nothing else."""
    many = {f"F{number}": "text" for number in range(60)}

    assert "coql" == plan_of(200, **many)
    assert "coql" == plan_of(100_000, **{f"F{number}": "text" for number in range(201)})
    assert "list" == plan_of(9_000, Resume="fileupload")
    assert "list" == plan_of(9_000, Skills="subform")
    assert "bulk-read" == plan_of(150_000, Layout="layout")
    assert "coql" == plan_of(5, condition="id > 1", Last_Name="text")
    with pytest.raises(InvalidInputError, match=r"list: --where.*coql: it cannot read Skills"):
        plan_of(5, condition="id > 1", Skills="subform")
    with pytest.raises(InvalidInputError, match="a list ends at 100,000 records"):
        plan_of(150_000, via="list", Last_Name="text")
    with pytest.raises(InvalidInputError, match="500 fields at most"):
        plan_of(5, via="coql", **{f"F{number}": "text" for number in range(501)})


def test_modules_that_bulk_reads_do_not_know_are_read_otherwise() -> None:
    """However many rows there are."""
    source = Source(module="Notes", fields={}, condition=None, rows=90_000)

    assert ["list", "coql"] == sorted((way.via for way in source.ways()), reverse=True)


def test_the_plan_tells_way_credits_and_time(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """Without a terminal and --yes, that is all that happens."""
    file = tmp_path / "contacts.csv"

    result = invoke("export", "Contacts", "--to", str(file), "--fields", "Last_Name")
    dry = invoke("export", "Contacts", "--to", str(file), "--fields", "Last_Name", "--dry-run")

    assert 2 == result.exit_code
    assert "nothing was exported" in result.stderr
    assert [
        "  Module: Contacts, 2 columns",
        "  Rows: about 3",
        "  Way: list (the fewest credits)",
        "  Credits: about 1 (1 call, 1 page of up to 200 rows)",
        "  Other ways: coql 3 credits, bulk-read 58 credits",
        "  Time: about 1 s",
        f"  File: {file}",
        "3 rows in 1 org for about 1 credit.",
    ] == result.stdout.splitlines()[1:]
    assert [*result.stdout.splitlines()[:-1], "Dry run: nothing was exported."] == (
        dry.stdout.splitlines()
    )
    assert 0 == dry.exit_code
    assert [] == files_in(tmp_path)


def test_the_plan_tells_if_too_few_credits_are_left(
    invoke: Invoke, add_org: AddOrg, tmp_path: Path
) -> None:
    """Before it begins; Zoho tells it once half of them are used."""
    add_org(limits=Limits(credits=12))
    words = ("export", "Leads", "--to", str(tmp_path / "leads.csv"), "--via", "bulk-read")

    # Each costs three: fields, count and org.
    first, _, third = (invoke(*words, "--dry-run") for _ in range(3))

    assert "left for today" not in first.stdout
    assert "Only 4 credits left for today: it will not be complete" in third.stdout


def test_a_condition_chooses_rows(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """They are counted and read by queries."""
    file = tmp_path / "contacts.csv"
    where = "Last_Name = '=1+1' or Last_Name like 'Ørsted%'"

    result = invoke("export", "Contacts", "--to", str(file), "--where", where, "--yes", "--json")

    assert {"module": "Contacts", "file": str(file), "via": "coql", "rows": 2} == json.loads(
        result.stdout
    )
    assert "Rows: about 2" in result.stderr
    assert ["=1+1", "Ørsted 東京"] == [row["Last_Name"] for row in rows_of(file)]


@pytest.mark.parametrize(
    "text",
    ["", "id > 1) limit (5", "(id > 1", "Name = 'a", "City = {city}", "id > 1; select"],
)
def test_what_is_no_condition_is_wrong_usage(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, text: str
) -> None:
    """It could end the query, and rows would be missing."""
    before = len(fake.stats.requests)

    result = invoke("export", "Contacts", "--to", str(tmp_path / "a.csv"), "--where", text, "-y")

    assert 2 == result.exit_code
    assert "is no condition of COQL" in result.stderr
    assert before == len(fake.stats.requests)


def test_quotes_may_hold_anything() -> None:
    """Brackets and braces within text are text."""
    check_condition("""Last_Name = 'a){;' or (City = "it's" and Age > 3)""")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Contacts", "--to", "a.xlsx"], ".csv, .jsonl, .db, .parquet"),
        (["Contacts", "--to", "no/a.csv"], "cannot be written"),
        (["Contacts", "--to", "folder.csv"], "it is not a file"),
        (["Contacts", "--to", "link.csv"], "symbolic link"),
        (["Contacts", "--to", "text.db"], "not a database"),
        (["Contacts", "--to", "others.db"], "other tables (Deals)"),
        (["Contacts", "--to", "a.csv", "--where", "id > 1", "--via", "list"], "nothing to --via"),
        (["Contacts", "--to", "a.csv", "--fields", "Nope"], "no field 'Nope'"),
        (["../Leads", "--to", "a.csv"], "Leads"),
        (["Nowhere", "--to", "a.csv"], "There is no module 'Nowhere' here."),
    ],
)
def test_wrong_usage_writes_nothing(  # what it is given
    invoke: Invoke,
    fake: FakeZoho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    """One sentence says what is wrong, and what is there stays."""
    monkeypatch.chdir(tmp_path)
    Path("folder.csv").mkdir()
    Path("link.csv").symlink_to("elsewhere.csv")
    Path("text.db").write_text("This is no database. " * 100, "utf-8")
    with sqlite3.connect("others.db") as db:
        db.execute("CREATE TABLE Deals (id)")
    db.close()
    before = files_in(tmp_path)

    result = invoke("export", *words, "--yes")

    assert 0 != result.exit_code
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert before == files_in(tmp_path)


def test_an_earlier_export_is_replaced(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Also a database, if it holds nothing but this table."""
    file = tmp_path / "contacts.db"
    words = ("export", "Contacts", "--to", str(file), "--fields", "Last_Name", "--yes")

    invoke(*words)
    fake.records("Contacts").remove(fake.records("Contacts").ids[0])
    result = invoke(*words)

    assert 0 == result.exit_code, result.output
    assert 2 == len(rows_of(file))
    assert 0o600 == file.stat().st_mode & 0o777
    assert ["contacts.db"] == files_in(tmp_path)


@pytest.mark.system
@pytest.mark.parametrize("form", ["csv", "jsonl", "db"])
@pytest.mark.parametrize("via", ["list", "coql"])
def test_a_failure_in_the_middle_leaves_no_file(
    invoke: Invoke, add_org: AddOrg, tmp_path: Path, form: str, via: str
) -> None:
    """What was there stays as it was."""
    fake = add_org()
    fake.records("Leads").add_many(4_100)
    file = tmp_path / f"leads.{form}"
    words = ("export", "Leads", "--to", str(file), "--fields", "Last_Name", "--via", via, "--yes")

    # Fields, count and org; the org again; then one page, while the next one fails.
    fake.credits = 5
    failed = invoke(*words)
    left = files_in(tmp_path)
    fake.credits = None
    assert 0 == invoke(*words).exit_code
    before = file.read_bytes()
    fake.credits = 5
    failed_again = invoke(*words)

    assert (4, 4) == (failed.exit_code, failed_again.exit_code)
    assert [] == left
    assert before == file.read_bytes()
    assert [file.name] == files_in(tmp_path)
    assert 4_100 == len(rows_of(file, "Leads"))


@pytest.mark.system
def test_faults_on_the_way_change_nothing(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Server errors and lost answers are healed by the client."""
    fake.faults.script(Fault.SERVER_ERROR_BEFORE, None, None, None, Fault.RESET_AFTER)
    file = tmp_path / "contacts.jsonl"

    result = invoke("export", "Contacts", "--to", str(file), "--yes")

    assert 0 == result.exit_code, result.output
    assert fake.records("Contacts").ids == [row["id"] for row in rows_of(file)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "db"])
def test_a_bulk_read_goes_on_where_it_was(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """The next run starts no job that was started before, and says so."""
    fake.records("Contacts").add_many(6)
    file = tmp_path / f"contacts.{form}"
    words = (
        "export",
        "Contacts",
        "--to",
        str(file),
        "--fields",
        FIELDS,
        "--via",
        "bulk-read",
        "-y",
    )

    # Fields, count, org; org, fields; then start, state and file of each job of two rows.
    fake.credits = 5 + 3 + 2
    failed = invoke(*words)
    jobs = fake.bulk_read.ids
    left = files_in(tmp_path)
    fake.credits = None
    resumed = invoke(*words)

    assert 4 == failed.exit_code
    assert "Run the same command again" in failed.stderr
    assert [f".contacts.{form}.part", f".contacts.{form}.part.json"] == left
    assert 2 == len(jobs)
    assert 0 == resumed.exit_code, resumed.output
    assert "Goes on: 2 rows are there" in resumed.stdout
    assert "Credits: about 8 (the rest of what was started)" in resumed.stdout
    assert "9 rows, by bulk-read" in resumed.stdout
    assert 5 == len(fake.bulk_read.ids)
    assert fake.records("Contacts").ids == [row["id"] for row in rows_of(file)]
    assert [file.name] == files_in(tmp_path)


def test_rows_behind_the_last_note_are_not_written_twice(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill may leave more in the file than was noted."""
    monkeypatch.setattr("aiozcrm.cli.records._export_run._ROWS_A_NOTE", 1)
    file = tmp_path / "contacts.csv"
    words = ("export", "Contacts", "--to", str(file), "--fields", "Last_Name")
    fake.credits = 5 + 3 + 2
    invoke(*words, "--via", "bulk-read", "--yes")
    with (tmp_path / ".contacts.csv.part").open("a") as draft:
        draft.write("half a row")

    fake.credits = None
    result = invoke(*words, "--yes")

    assert "Way: bulk-read" in result.stdout
    assert fake.records("Contacts").ids == [row["id"] for row in rows_of(file)]


def test_columns_in_another_order_are_another_export(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """Otherwise the rows of one file would have their values in different places."""
    file = tmp_path / "contacts.csv"
    words = ("export", "Contacts", "--to", str(file), "--via", "bulk-read", "-y", "--fields")
    fake.credits = 5 + 3 + 2

    invoke(*words, "Last_Name,Score__c")
    fake.credits = None
    result = invoke(*words, "Score__c,Last_Name")

    assert "Goes on" not in result.stdout
    assert ["7", "", ""] == [row["Score__c"] for row in rows_of(file)]


def test_a_job_that_is_gone_is_forgotten(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """The run after the one that finds out begins anew."""
    file = tmp_path / "contacts.csv"
    words = ("export", "Contacts", "--to", str(file), "--fields", "Last_Name", "-y")
    fake.bulk_read.fail_next()

    failed = invoke(*words, "--via", "bulk-read")
    left = files_in(tmp_path)
    again = invoke(*words, "--via", "bulk-read")

    assert (1, []) == (failed.exit_code, left)
    assert "Run the same" not in failed.stderr
    assert 0 == again.exit_code
    assert "Goes on" not in again.stdout


def test_only_the_same_export_goes_on(tmp_path: Path) -> None:
    """Not one of other fields, nor one that is old or damaged."""
    now = time.time()
    draft = Draft(place=tmp_path / "a.csv", key={"module": "Leads"}, wall=lambda: now)
    other = Draft(place=tmp_path / "a.csv", key={"module": "Deals"}, wall=lambda: now)
    late = Draft(place=tmp_path / "a.csv", key={"module": "Leads"}, wall=lambda: now + 86_400)
    progress = Progress(cursor="1:2", size=4, rows=2)

    assert draft.progress() is None
    with draft.begun(anew=True) as path:
        path.write_bytes(b"abcd")
        draft.note(progress)
        assert progress == draft.progress()
        assert None is other.progress() is late.progress()
        path.write_bytes(b"abc")
        assert draft.progress() is None
        Path(f"{path}.json").write_text("[]")
        assert draft.progress() is None
        draft.discard()
    assert [] == files_in(tmp_path)


def test_two_runs_do_not_write_to_the_same_file(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """The second one is told so."""
    file = tmp_path / "contacts.csv"

    with FileLock(tmp_path / ".contacts.csv.part.lock"):
        result = invoke("export", "Contacts", "--to", str(file), "--yes")

    assert 2 == result.exit_code
    assert "Another run is writing" in result.stderr
    assert not file.exists()


def test_a_way_that_zoho_does_not_take_is_replaced_by_the_next(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """COQL may not know a field; only the way that somebody names is not replaced."""
    fake.fields.add("Leads", "Odd__c", type="any")
    fake.records("Leads").add_many(401)
    file = tmp_path / "leads.csv"
    words = ("export", "Leads", "--to", str(file), "--fields", "Last_Name,Odd__c", "--yes")

    result = invoke(*words)
    named = invoke(*words, "--via", "coql")

    assert "Way: coql" in result.stdout
    assert "coql cannot be used" in result.stdout
    assert "read by list for about 3 credits" in result.stdout
    assert 0 == result.exit_code, result.output
    assert 401 == len(rows_of(file))
    assert 1 == named.exit_code
    assert "Odd__c" in named.stderr


def test_every_org_has_a_file_of_its_own(invoke: Invoke, add_org: AddOrg, tmp_path: Path) -> None:
    """One that fails stops no other."""
    for name in ("acme", "beta", "gone"):
        add_org(name).records("Leads").add(Last_Name=name)
    add_org("poor", limits=Limits(credits=4))
    broken = add_org("lost")
    broken.revoke_refresh_token()
    to = ("--to", str(tmp_path / "leads.csv"))

    result = invoke("export", "Leads", *to, "--all-profiles", "--yes", "--json")
    plain = invoke("export", "Leads", *to, "-p", "acme", "-p", "beta", "--yes")

    assert 3 == result.exit_code
    done = [json.loads(line) for line in result.stdout.splitlines()]
    assert ["acme", "beta", "gone"] == [line["profile"] for line in done]
    assert "poor: " in result.stderr
    assert "lost: " in result.stderr
    assert "3 rows in 4 orgs for about 4 credits." in result.stderr
    assert 0 == plain.exit_code
    assert f"beta: 1 row, by list, in {tmp_path / 'leads-beta.csv'}" in plain.stdout
    assert ["leads-acme.csv", "leads-beta.csv", "leads-gone.csv"] == files_in(tmp_path)
    assert "beta" == rows_of(tmp_path / "leads-beta.csv")[0]["Last_Name"]


def test_if_no_org_can_be_read_nothing_is_asked(
    invoke: Invoke, add_org: AddOrg, tmp_path: Path
) -> None:
    """The exit code is that of the failure."""
    add_org().revoke_refresh_token()

    result = invoke("export", "Leads", "--to", str(tmp_path / "leads.csv"))

    assert 3 == result.exit_code
    assert [] == files_in(tmp_path)


def test_a_wrong_profile_stops_it(invoke: Invoke, add_org: AddOrg, tmp_path: Path) -> None:
    """Before any org is asked."""
    fake = add_org("acme")

    result = invoke("export", "Leads", "--to", str(tmp_path / "a.csv"), "-p", "acme", "-p", "nope")

    assert 2 == result.exit_code
    assert [] == list(fake.stats.requests)


class StandIn:
    """What stands in for pyarrow: keeps what it is given, as far as its types allow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.closed = 0
        self.groups: list[int] = []
        arrow, parquet = ModuleType("pyarrow"), ModuleType("pyarrow.parquet")
        kinds = {name: self._kind(name) for name in ("string", "int64", "float64", "bool_")}
        table = SimpleNamespace(from_arrays=lambda arrays, schema: (schema, arrays))
        vars(arrow).update(
            __spec__=ModuleSpec("pyarrow", None),
            Table=table,
            array=self._array,
            field=lambda name, kind: SimpleNamespace(name=name, type=kind),
            schema=list,
            **kinds,
        )
        vars(parquet).update(ParquetWriter=self._writer)
        monkeypatch.setitem(sys.modules, "pyarrow", arrow)
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)

    @staticmethod
    def _array(values: list[Any], **options: str) -> tuple[str, list[Any]]:
        for value in values:
            str(value).encode()
        return options["type"], values

    @staticmethod
    def _kind(name: str) -> Callable[[], str]:
        return lambda: name

    def _writer(self, path: str, schema: Any) -> Any:
        names = [(field.name, field.type) for field in schema]
        Path(path).write_text(json.dumps(names) + "\n")

        def write_table(table: Any) -> None:
            _, arrays = table
            self.groups.append(len(arrays[0][1]))
            with Path(path).open("a") as file:
                file.write(json.dumps([values for _, values in arrays]) + "\n")

        def close() -> None:
            self.closed += 1

        return SimpleNamespace(write_table=write_table, close=close)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Return a pyarrow that is always there."""
    return StandIn(monkeypatch)


@pytest.mark.parametrize("via", WAYS)
def test_columns_of_parquet_have_the_types_of_their_fields(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, stand_in: StandIn, via: str
) -> None:
    """Numbers and booleans are such, everything else is text."""
    file = tmp_path / "contacts.parquet"
    names = "Last_Name,Account_Name,Email_Opt_Out,Score__c,Rate__c,Hobbies__c"

    result = invoke("export", "Contacts", "--to", str(file), "--fields", names, "--via", via, "-y")

    assert 0 == result.exit_code, result.output
    columns, group = map(json.loads, file.read_text().splitlines())
    (account,) = fake.records("Accounts").ids
    assert [
        ["id", "string"],
        ["Last_Name", "string"],
        ["Account_Name_id", "string"],
        ["Email_Opt_Out", "bool_"],
        ["Score__c", "int64"],
        ["Rate__c", "float64"],
        ["Hobbies__c", "string"],
    ] == columns
    assert [
        [account, None, None],
        [True, False, None],
        [7, None, None],
        [2.5, 0.25, None],
        ['["Chess", "Tea"]', None, None],
    ] == group[2:]
    assert ["contacts.parquet"] == files_in(tmp_path)


def test_parquet_is_written_group_by_group(
    invoke: Invoke, add_org: AddOrg, tmp_path: Path, stand_in: StandIn
) -> None:
    """Memory does not grow with the number of rows; of no rows there is an empty group."""
    fake = add_org()
    file = tmp_path / "leads.parquet"
    words = ("export", "Leads", "--to", str(file), "--fields", "Last_Name", "--yes")

    invoke(*words)
    fake.records("Leads").add_many(12_000)
    result = invoke(*words)

    assert 0 == result.exit_code, result.output
    assert [0, 10_000, 2_000] == stand_in.groups


def test_a_bulk_read_into_parquet_uses_its_job_again(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, stand_in: StandIn
) -> None:
    """Its file begins anew, but not the first job."""
    file = tmp_path / "contacts.parquet"
    words = ("export", "Contacts", "--to", str(file), "--fields", "Last_Name", "-y")
    fake.credits = 5 + 3 + 2

    failed = invoke(*words, "--via", "bulk-read")
    fake.credits = None
    result = invoke(*words)

    assert 4 == failed.exit_code
    assert "Goes on: 0 rows are there" in result.stdout
    assert "3 rows, by bulk-read" in result.stdout
    assert 3 == len(fake.bulk_read.ids)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ({"data_type": "integer"}, 1.5, "1.5 is no whole number"),
        ({"data_type": "boolean"}, "yes", "'yes' is neither true nor false"),
        ({"data_type": "formula", "json_type": "double"}, "n/a", "could not convert"),
    ],
)
def test_what_does_not_fit_its_column_is_an_error(
    tmp_path: Path, stand_in: StandIn, field: dict[str, str], value: object, told: str
) -> None:
    """Nothing is cut off or guessed."""
    with opened_writer(tmp_path / "a.parquet", ".parquet", "Leads", {"F": field}) as writer:
        writer.put([{"id": "1", "F": value}])
        with pytest.raises(ValueError, match=told):
            writer.finish()


def test_a_value_that_fits_no_column_ends_the_export(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, stand_in: StandIn
) -> None:
    """With one sentence, and without a file."""
    fake.records("Contacts").add(Last_Name="Odd", Score__c=1.5)
    file = tmp_path / "contacts.parquet"

    result = invoke("export", "Contacts", "--to", str(file), "--yes")

    assert 1 == result.exit_code
    assert "Error: 1.5 is no whole number" in result.stderr
    assert [] == files_in(tmp_path)


def test_text_of_other_types_is_json(tmp_path: Path, stand_in: StandIn) -> None:
    """A formula that returns text may hold a number."""
    field = {"data_type": "formula", "json_type": "string"}
    with opened_writer(tmp_path / "a.parquet", ".parquet", "Leads", {"F": field}) as writer:
        writer.put([{"id": "1", "F": 3}])
        writer.finish()

    assert '[["1"], ["3"]]' in (tmp_path / "a.parquet").read_text()


def test_without_pyarrow_parquet_is_rejected_at_once(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how to install it."""
    monkeypatch.setattr("aiozcrm.cli.records._export_files.find_spec", lambda _: None)
    before = len(fake.stats.requests)

    result = invoke("export", "Contacts", "--to", str(tmp_path / "a.parquet"), "--yes")

    assert 2 == result.exit_code
    assert "pip install pyarrow" in result.stderr
    assert before == len(fake.stats.requests)


@pytest.mark.libraries
def test_parquet_can_be_read_by_pyarrow(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """With all types and rows, where it is installed."""
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "contacts.parquet"

    result = invoke("export", "Contacts", "--to", str(file), "--fields", FIELDS, "--yes")

    assert 0 == result.exit_code, result.output
    rows = parquet.read_table(file).to_pylist()
    assert [7, None, None] == [row["Score__c"] for row in rows]
    assert [True, False, None] == [row["Email_Opt_Out"] for row in rows]
    assert '["VIP"]' == rows[0]["Tag"]


@pytest.mark.parametrize(
    ("form", "written"),
    [(".csv", rb"a\ud800"), (".jsonl", rb"a\ud800"), (".db", b"a?"), (".parquet", b"a?")],
)
def test_half_a_character_ends_no_export(
    tmp_path: Path, stand_in: StandIn, form: str, written: bytes
) -> None:
    """UTF-8 cannot hold it: text has it as JSON writes it, other files have a mark."""
    path = tmp_path / f"a{form}"
    path.touch()
    with opened_writer(path, form, "Leads", {"Name": {"data_type": "text"}}) as writer:
        writer.put([{"id": "1", "Name": "a\ud800"}, {"id": "2", "Name": "b"}])
        writer.finish()

    assert written in path.read_bytes()


def test_no_value_ends_a_line_of_json(tmp_path: Path, stand_in: StandIn) -> None:
    """Python and others split lines at more characters than JSON escapes."""
    path = tmp_path / "a.jsonl"
    path.touch()
    value = "a\x0b\x0c\x1c\x1d\x1e\x85\\\u2028\u2029\r\nÄ"
    with opened_writer(path, ".jsonl", "Leads", {"Name": {"data_type": "text"}}) as writer:
        writer.put([{"id": "1", "Name": value}])
        writer.finish()

    (line,) = path.read_text("utf-8").splitlines()
    assert value == json.loads(line)["Name"]
    assert "Ä" in line


@pytest.mark.parametrize("form", [".csv", ".jsonl", ".db", ".parquet"])
@pytest.mark.parametrize("row", [{"Name": "a"}, {"id": None, "Name": "a"}])
def test_a_row_without_an_id_is_an_error(
    tmp_path: Path, stand_in: StandIn, form: str, row: dict[str, Any]
) -> None:
    """Zoho always sends one."""
    path = tmp_path / f"a{form}"
    path.touch()

    with (
        opened_writer(path, form, "Leads", {"Name": {"data_type": "text"}}) as writer,
        pytest.raises(InvalidResponseError, match="has no id"),
    ):
        writer.put([row])


@pytest.mark.parametrize(("answer", "rows"), [({"n": 7}, 7), ({"n": None}, None), ({}, None)])
async def test_a_number_of_rows_that_is_none_is_an_error(
    credentials: Credentials, script: Any, tmp_path: Path, answer: dict[str, Any], rows: int | None
) -> None:
    """A plan without it would be a guess."""
    fields = {"fields": [{"api_name": "Name", "data_type": "text"}, {"api_name": None}]}
    counted = {"data": [answer], "info": {"count": 1, "more_records": False}}
    script.add(script.response(200, fields), script.response(200, counted))
    target = Target(profile="acme", data_center="eu", environment="production")
    wanted = Wanted(module="Leads", names=[], condition="id > 1", via=None)
    expected = (
        contextlib.nullcontext()
        if rows is not None
        else pytest.raises(InvalidResponseError, match="holds no number")
    )

    async with ZohoCRM(credentials, sender=script) as zoho:
        with expected:
            assert rows == (await plan_export(zoho, target, wanted, tmp_path / "a")).source.rows


def test_a_person_confirms_the_number_of_rows(
    terminal: Callable[..., Any], fake: FakeZoho, tmp_path: Path
) -> None:
    """In a terminal, with a bar that moves."""
    file = tmp_path / "contacts.csv"
    session = terminal("export", "Contacts", "--to", str(file), "--fields", "Last_Name")
    session.wait_for("Type that number to export them: ")
    session.type("3\n")

    assert 0 == session.end()
    assert "Credits: about 1" in session.written
    assert "3/3" in session.written
    assert 3 == len(rows_of(file))


def test_a_module_without_rows_has_a_file_without_rows(
    run_in_terminal: Callable[..., tuple[int, str]], fake: FakeZoho, tmp_path: Path
) -> None:
    """With the names of its columns."""
    file = tmp_path / "deals.csv"

    code, _ = run_in_terminal("export", "Deals", "--to", str(file), "--fields", "Stage", "--yes")

    assert 0 == code
    assert b"id,Stage\r\n" == file.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_half_file(
    terminal: Callable[..., Any], add_org: AddOrg, tmp_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C and kill end it with 130."""
    fake = add_org()
    fake.records("Leads").add_many(1_001)
    # Fields, count and org; the org again; then some of six pages.
    fake.faults.script(*[None] * 7)
    fake.faults.mix({Fault.HANG: 1.0}, seed=1)
    file = tmp_path / "leads.csv"
    session = terminal("export", "Leads", "--to", str(file), "--via", "list", "--yes")
    session.wait_for(" exported")
    if number is signal.SIGINT:
        session.press_ctrl_c()
    else:
        session.send_signal(number)

    assert 130 == session.end()
    assert "interrupted." in session.written
    assert [] == files_in(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to itself.")
@pytest.mark.parametrize(("via", "left"), [("coql", []), ("bulk-read", ["", ".json"])])
def test_a_signal_to_stop_leaves_what_can_be_gone_on_with(  # a job that was started
    usual_signals: None,
    invoke: Invoke,
    add_org: AddOrg,
    tmp_path: Path,
    via: str,
    left: list[str],
) -> None:
    """A query leaves nothing; of a bulk read, the next run uses the job."""
    fake = add_org(limits=Limits(polls=0))
    fake.records("Leads").add(Last_Name="Ames")
    # Fields, count and org; the org again; for a bulk read its fields and its start.
    fake.faults.script(*[None] * (6 if left else 4))
    fake.faults.mix({Fault.HANG: 1.0}, seed=1)
    file, draft = tmp_path / "leads.csv", tmp_path / ".leads.csv.part"
    words = ("export", "Leads", "--to", str(file), "--fields", "Last_Name", "--via", via, "--yes")
    main = threading.main_thread().ident
    assert main is not None

    def stop() -> None:
        begun = tmp_path / f"{draft.name}{left[-1] if left else ''}"
        deadline = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        if begun.exists():
            signal.pthread_kill(main, signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    stopped = invoke(*words)
    thread.join()

    assert 130 == stopped.exit_code
    assert ("Run the same command again" in stopped.stderr) == bool(left)
    assert [f"{draft.name}{end}" for end in left] == files_in(tmp_path)
    fake.faults.clear()
    again = invoke(*words)
    assert ("Goes on" in again.stdout) == bool(left)
    assert 1 == len(rows_of(file))
    assert len(fake.bulk_read.ids) <= 1


@pytest.mark.system
def test_a_bulk_read_survives_a_kill(add_org: AddOrg, invoke: Invoke, tmp_path: Path) -> None:
    """The next run reads the rest, and no job twice."""
    fake = add_org(limits=Limits(polls=0, bulk_rows=50), latency=0.05)
    fake.records("Leads").add_many(400)
    file, notes = tmp_path / "leads.csv", tmp_path / ".leads.csv.part.json"
    words = ("export", "Leads", "--to", str(file), "--fields", "Last_Name", "--via", "bulk-read")
    command = [sys.executable, "-c", "from aiozcrm.cli import main; main()", *words, "--yes"]
    process = subprocess.Popen(  # noqa: S603  # our own command
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (notes.exists() and json.loads(notes.read_bytes())["rows"] >= 100):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not file.exists()

    result = invoke(*words, "--yes")

    assert 0 == result.exit_code, result.output
    assert "Goes on: " in result.stdout
    assert fake.records("Leads").ids == [row["id"] for row in rows_of(file)]
    # One may have been started right before the kill.
    assert len(fake.bulk_read.ids) <= 9
    assert [file.name] == files_in(tmp_path)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "cannot be written: No space left on device.\n"),
        (sqlite3.OperationalError("disk is full"), "cannot be written: disk is full.\n"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(
    invoke: Invoke,
    fake: FakeZoho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    told: str,
) -> None:
    """What the system says of a full disk names none."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("aiozcrm.cli.records._copies.SqliteCopy.put", fail)
    file = tmp_path / "contacts.db"

    result = invoke("export", "Contacts", "--to", str(file), "--yes")

    assert (1, f"Error: {file} {told}") == (result.exit_code, result.stderr)
    assert [] == [path for path in tmp_path.iterdir() if path.is_file()]


@pytest.mark.parametrize("fields", ["", " , "])
def test_no_names_of_fields_are_not_all_fields(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, fields: str
) -> None:
    """As from a variable of the shell that is empty; nothing is sent."""
    file = tmp_path / "contacts.csv"

    result = invoke("export", "Contacts", "--to", str(file), "--fields", fields, "--yes")

    assert (2, False, 0) == (result.exit_code, file.exists(), fake.stats.api_requests)
    assert "Error: --fields names no field. Leave it out for all fields.\n" == result.stderr
