"""``aiozcrm sync``."""

import json
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli.records._copies import JsonLinesCopy, TableColumns
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org with some leads."""
    fake = add_org()
    for name in ("Ames", "Burns", "Clark"):
        fake.records("Leads").add(Last_Name=name, Email=f"{name.lower()}@example.org")
    return fake


def table(path: Path, columns: str = "id, Last_Name", name: str = "Leads") -> list[Any]:
    """Return what a database holds."""
    with sqlite3.connect(path) as db:
        rows = db.execute(f"SELECT {columns} FROM {name} ORDER BY id").fetchall()
    db.close()
    return rows


def lines(path: Path) -> list[tuple[str, str]]:
    """Return what a file of JSON lines holds."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return sorted((row["id"], row["Last_Name"]) for row in rows)


def on_server(fake: FakeZoho) -> list[tuple[str, str]]:
    """Return what a copy should hold."""
    leads = fake.records("Leads")
    return sorted((own, leads.get(own)["Last_Name"]) for own in leads.ids)


@pytest.mark.parametrize("form", ["db", "lines"])
def test_follows_changes_and_deletions(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """The first run reads everything, the next one what has changed."""
    place = tmp_path / ("crm.db" if form == "db" else "copies")
    look = table if form == "db" else lines
    target = place if form == "db" else place / "Leads.jsonl"
    leads = fake.records("Leads")

    first = invoke("sync", "Leads", "--to", str(place))
    before = look(target)
    one, two, _ = leads.ids
    leads.change(one, Last_Name="Andrews")
    leads.remove(two)
    leads.add(Last_Name="Diaz")
    second = invoke("sync", "Leads", "--to", str(place), "--json")

    assert (0, "Leads: 3 changed, 0 deleted, 3 rows now.\n") == (first.exit_code, first.stdout)
    assert ["Ames", "Burns", "Clark"] == [row[1] for row in before]
    assert on_server(fake) == look(target)
    assert {"module": "Leads", "changed": 2, "deleted": 1, "rows": 3} == json.loads(second.stdout)


@pytest.mark.parametrize("place", ["crm.db", "copies"])
def test_what_is_read_once_more_has_not_changed(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, place: str
) -> None:
    """A feed begins two minutes before it ended; deletions come again, too."""
    fake.records("Leads").remove(fake.records("Leads").ids[0])
    command = ("sync", "Leads", "--to", str(tmp_path / place))

    told = [invoke(*command).stdout for _ in range(2)]

    assert told[1:] == ["Leads: 0 changed, 0 deleted, 2 rows now.\n"]


@pytest.mark.parametrize("name", ["crm.sqlite", "leads.txt"])
def test_a_name_that_may_be_meant_as_a_file_makes_no_folder(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, name: str
) -> None:
    """Unless it ends in a slash, or is a folder already."""
    place = tmp_path / name

    wrong = invoke("sync", "Leads", "--to", str(place))
    there = place.exists()
    right = [invoke("sync", "Leads", "--to", given) for given in (f"{place}/", str(place))]

    assert (wrong.exit_code, wrong.stdout, there) == (2, "", False)
    assert "Name a SQLite database with .db at the end, or a folder with a slash" in wrong.stderr
    assert [one.exit_code for one in right] == [0, 0]
    assert (place / "Leads.jsonl").exists()


def test_follows_notes(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Notes are neither converted nor approved, which Zoho must not be asked about."""
    lead = fake.records("Leads").ids[0]
    fake.records("Notes").add(Note_Content="Call", Parent_Id={"id": lead, "module": "Leads"})

    result = invoke("sync", "Notes", "--to", str(tmp_path / "crm.db"))

    assert (0, "Notes: 1 changed, 0 deleted, 1 row now.\n") == (result.exit_code, result.stdout)


def test_looked_up_records_are_ids_in_a_table(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """The owner is a column Owner_id; what is no single value is JSON."""
    place = tmp_path / "crm.db"

    invoke("sync", "Leads", "--to", str(place))

    ((owner, tags),) = set(table(place, "Owner_id, Tag"))
    assert owner.isdigit()
    assert isinstance(tags, (str, type(None)))


def test_records_of_several_modules_are_ids_in_a_table() -> None:
    """As are those that can be of one module only."""
    columns = TableColumns({"Appointment_For": {"data_type": "multi_module_lookup"}})
    row = {"id": "1", "Appointment_For": {"id": "2", "module": {"api_name": "Leads"}}}

    assert ["id", "Appointment_For_id"] == columns.names
    assert ["1", "2"] == columns.values_of(row)


def test_several_modules_share_a_database(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """A table for each."""
    fake.records("Contacts").add(Last_Name="Evans")
    place = tmp_path / "crm.db"

    result = invoke("sync", "Leads", "Contacts", "--to", str(place))

    assert 0 == result.exit_code
    assert 3 == len(table(place))
    assert 1 == len(table(place, name="Contacts"))


def test_a_table_with_other_columns_is_read_anew(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path
) -> None:
    """After a new field, old rows have its values, too."""
    place = tmp_path / "crm.db"
    invoke("sync", "Leads", "--to", str(place))
    with sqlite3.connect(place) as db:
        db.execute("ALTER TABLE Leads DROP COLUMN Email")
    db.close()

    result = invoke("sync", "Leads", "--to", str(place))

    assert result.stdout.startswith("Leads: 3 changed")
    assert 3 == len([mail for (mail,) in table(place, "Email") if mail])


def test_a_table_that_is_no_copy_stays(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """It belongs to somebody else, whatever its name is; a copy of another module is kept."""
    place = tmp_path / "crm.db"
    fake.records("Contacts").add(Last_Name="Evans")
    with sqlite3.connect(place) as db:
        db.execute("CREATE TABLE Leads (id, Last_Name)")
        db.execute("INSERT INTO Leads VALUES ('1', 'Mine')")
    db.close()

    result = invoke("sync", "Contacts", "Leads", "--to", str(place))

    assert 2 == result.exit_code
    assert "The database has a table 'Leads' that is no copy. Name another file." in result.stderr
    assert [("1", "Mine")] == table(place)
    assert 1 == len(table(place, name="Contacts"))


@pytest.mark.parametrize("form", ["crm.db", pytest.param("copies", marks=pytest.mark.system)])
def test_too_many_deletions_are_read_anew(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """What Zoho no longer tells is found by reading everything."""
    place = tmp_path / form
    leads = fake.records("Leads")
    invoke("sync", "Leads", "--to", str(place))
    for own in leads.add_many(2_001):
        leads.remove(own)
    leads.remove(leads.ids[0])

    result = invoke("sync", "Leads", "--to", str(place))

    assert 0 == result.exit_code
    assert "read again" in result.stderr
    found = table(place) if form == "crm.db" else lines(place / "Leads.jsonl")
    assert on_server(fake) == found


@pytest.mark.parametrize("form", ["crm.db", "copies"])
def test_a_run_that_fails_changes_nothing(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """The copy stays as it was, and the next run goes on."""
    place = tmp_path / form
    invoke("sync", "Leads", "--to", str(place))
    fake.records("Leads").add(Last_Name="Diaz")
    fake.credits = 0
    failed = invoke("sync", "Leads", "--to", str(place))
    fake.credits = None
    found = table(place) if form == "crm.db" else lines(place / "Leads.jsonl")

    assert 4 == failed.exit_code
    assert 3 == len(found)
    assert 0 == invoke("sync", "Leads", "--to", str(place)).exit_code
    found = table(place) if form == "crm.db" else lines(place / "Leads.jsonl")
    assert on_server(fake) == found


@pytest.mark.parametrize("to", ["missing/crm.db", "text.db", "file.txt", "file.txt/copies"])
def test_a_place_that_cannot_be_used_is_wrong_usage(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, to: str
) -> None:
    """One sentence that names it, and no traceback."""
    for name in ("text.db", "file.txt"):
        (tmp_path / name).write_text("This is no database. " * 100, "utf-8")

    result = invoke("sync", "Leads", "--to", str(tmp_path / to))

    assert 2 == result.exit_code
    assert to.partition("/")[0] in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("module", ["../Leads", "a b", ""])
def test_a_module_that_can_be_none_writes_nothing(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, module: str
) -> None:
    """No file outside of the folder, and nothing is sent."""
    result = invoke("sync", module, "--to", str(tmp_path / "copies"))

    assert 2 == result.exit_code
    assert [] == list((tmp_path / "copies").iterdir())


def test_fields_that_differ_in_capitals_have_columns_of_their_own() -> None:
    """SQL takes Owner_id and owner_ID for the same name; values keep all their digits."""
    columns = TableColumns(
        {
            "id": {"data_type": "bigint"},
            "Owner": {"data_type": "ownerlookup"},
            "owner_ID": {"data_type": "text"},
            "OWNER_id": {"data_type": "text"},
            "Large": {"data_type": "bigint"},
        }
    )
    row = {"id": "1", "Owner": {"id": "2", "name": "Ann"}, "OWNER_id": ["a"], "Large": 2**70}

    assert ["id", "Owner_id", "owner_ID_2", "OWNER_id_3", "Large"] == columns.names
    assert ["1", "2", None, '["a"]', str(2**70)] == columns.values_of(row)


@pytest.mark.parametrize(("form", "read"), [("crm.db", table), ("copies", lines)])
def test_a_copy_survives_kills_at_any_moment(
    commands: Any, fake: FakeZoho, tmp_path: Path, invoke: Invoke, form: str, read: Any
) -> None:
    """Twenty kills, with changes in between; in the end it equals what the server has."""
    leads = fake.records("Leads")
    leads.add_many(1_500)
    place = tmp_path / form
    sync = ("sync", "Leads", "--to", str(place))
    for kill in range(20):
        leads.change(leads.ids[kill], Last_Name=f"Changed {kill}")
        leads.remove(leads.ids[-1])
        leads.add(Last_Name=f"New {kill}")
        # In a later call each time while all is read, then in those that each run makes.
        commands.kill_in_call(fake, kill if kill < 12 else kill % 4, *sync)
        if kill == 11:
            assert 0 == invoke(*sync).exit_code
            kept = on_server(fake)

    where = place if form == "crm.db" else place / "Leads.jsonl"
    assert kept == sorted(read(where))
    assert kept != on_server(fake)
    result = invoke(*sync)

    assert 0 == result.exit_code, result.stderr
    assert on_server(fake) == sorted(read(where))


def test_large_numbers_are_all_told_alike(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """What has changed, and what is there now; one row is one."""
    fake.records("Leads").add_many(1_197)
    fake.records("Contacts").add(Last_Name="Dunn")

    result = invoke("sync", "Leads", "Contacts", "--to", str(tmp_path / "crm.db"))

    assert "Leads: 1,200 changed, 0 deleted, 1,200 rows now.\n" in result.stdout
    assert "Contacts: 1 changed, 0 deleted, 1 row now.\n" in result.stdout


def test_a_cursor_that_is_older_than_its_rows_does_no_harm(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run may end between the two files of a copy: changes then come once more."""
    leads = fake.records("Leads")
    place = tmp_path / "copies"
    invoke("sync", "Leads", "--to", str(place))
    cursor = (place / "Leads.cursor").read_text()
    replace = Path.replace

    def fail(draft: Path, path: Path) -> Path:
        if path.suffix == ".cursor":
            raise OSError(28, "No space left on device")
        return replace(draft, path)

    with monkeypatch.context() as full:
        full.setattr(Path, "replace", fail)
        leads.change(leads.ids[0], Last_Name="Adams")
        leads.remove(leads.ids[1])
        assert 1 == invoke("sync", "Leads", "--to", str(place)).exit_code
    assert on_server(fake) == lines(place / "Leads.jsonl")
    assert cursor == (place / "Leads.cursor").read_text()
    leads.remove(leads.ids[0])

    assert 0 == invoke("sync", "Leads", "--to", str(place)).exit_code
    assert on_server(fake) == lines(place / "Leads.jsonl")
    assert 2 == len(list(place.iterdir()))


@pytest.mark.system
def test_faults_on_the_way_change_nothing(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Server errors and lost answers are healed by the client."""
    fake.faults.script(Fault.SERVER_ERROR_BEFORE, None, Fault.RESET_AFTER)

    result = invoke("sync", "Leads", "--to", str(tmp_path / "crm.db"))

    assert 0 == result.exit_code, result.stderr
    assert on_server(fake) == table(tmp_path / "crm.db")


@pytest.mark.parametrize("form", ["crm.db", "copies"])
def test_half_a_character_is_kept_as_far_as_files_can(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """Texts that were cut off have one; no table can hold it, and JSON writes it as an escape."""
    fake.records("Leads").add(Last_Name="Diaz \ud83d")
    place = tmp_path / form

    result = invoke("sync", "Leads", "--to", str(place))

    assert 0 == result.exit_code, result.output
    found = table(place) if form == "crm.db" else lines(place / "Leads.jsonl")
    assert ("Diaz ?" if form == "crm.db" else "Diaz \ud83d") == found[-1][1]
    assert invoke("sync", "Leads", "--to", str(place)).stdout.endswith("4 rows now.\n")


def test_no_value_ends_a_line_of_a_copy(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Python splits lines at more characters than JSON escapes."""
    fake.records("Leads").add(Last_Name="Diaz\x85\u2028\u2029\nEnd")

    result = invoke("sync", "Leads", "--to", str(tmp_path))

    assert 0 == result.exit_code
    assert on_server(fake) == lines(tmp_path / "Leads.jsonl")


def test_two_runs_do_not_share_a_copy(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """The rows of one and the cursor of the other would lose changes."""
    other = JsonLinesCopy(tmp_path, "Leads")
    other.begin(anew=False)

    result = invoke("sync", "Leads", "--to", str(tmp_path))

    assert 2 == result.exit_code
    assert "Another run is writing to" in result.stderr
    other.close()
    assert 0 == invoke("sync", "Leads", "--to", str(tmp_path)).exit_code


@pytest.mark.parametrize("damage", [b"text\n", b'{"name": "Ames"}\n', b"[1]\n", b"\xff\n"])
def test_a_damaged_copy_stays(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, damage: bytes
) -> None:
    """It is named, and read anew once it is gone."""
    copy = tmp_path / "copies" / "Leads.jsonl"
    sync = ("sync", "Leads", "--to", str(copy.parent))
    invoke(*sync)
    copy.write_bytes(damage)

    result = invoke(*sync)

    assert (2, damage) == (result.exit_code, copy.read_bytes())
    assert f"{copy} is no copy, or a damaged one. Remove it" in result.stderr
    copy.unlink()
    assert 0 == invoke(*sync).exit_code
    assert on_server(fake) == lines(copy)


def test_a_copy_of_another_org_stays(
    invoke: Invoke, add_org: AddOrg, fake: FakeZoho, tmp_path: Path
) -> None:
    """The sentence names the module, and what to do in words of the command."""
    add_org("other")
    place = tmp_path / "crm.db"
    assert 0 == invoke("sync", "Leads", "--to", str(place)).exit_code

    result = invoke("sync", "Leads", "--to", str(place), "--profile", "other")

    assert (2, 3) == (result.exit_code, len(table(place)))
    assert "The copy of Leads cannot be brought up to date. The cursor is of" in result.stderr
    assert "Remove it to have all of it read again, or name another place." in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), 1),
        (sqlite3.DatabaseError("file is not a database"), 2),
    ],
)
def test_a_full_disk_is_no_wrong_usage(
    invoke: Invoke,
    fake: FakeZoho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: sqlite3.Error,
    code: int,
) -> None:
    """What may pass by itself has another exit code than a file that is no database."""

    def fail(*_: object, **__: object) -> None:
        if code == 1:
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr("aiozcrm.cli.records._copies.SqliteCopy.put", fail)

    result = invoke("sync", "Leads", "--to", str(tmp_path / "crm.db"))

    assert code == result.exit_code
    assert f"crm.db cannot be used: {error}." in result.stderr


@pytest.mark.parametrize("form", ["crm.db", "copies/Leads.jsonl"])
def test_others_cannot_read_a_copy(
    invoke: Invoke, fake: FakeZoho, tmp_path: Path, form: str
) -> None:
    """Unless the owner of a database lets them: then that stays."""
    copy = tmp_path / form
    place = copy if copy.suffix == ".db" else copy.parent

    invoke("sync", "Leads", "--to", str(place))
    assert 0o600 == stat.S_IMODE(copy.stat().st_mode)

    if copy.suffix == ".db":
        copy.chmod(0o640)
        assert 0 == invoke("sync", "Leads", "--to", str(place)).exit_code
        assert 0o640 == stat.S_IMODE(copy.stat().st_mode)
