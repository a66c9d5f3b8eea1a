"""``aiozcrm attachments``."""

import errno
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli.files._brought import Brought, BroughtFile
from aiozcrm.cli.files._file_lines import FileLines, FileResult
from aiozcrm.cli.runs._lines import Lines
from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

MIB = 1024 * 1024


@pytest.fixture
def fake(add_org: AddOrg) -> FakeZoho:
    """Return an org with two leads, of which one has attachments."""
    fake = add_org()
    first, _ = fake.records("Leads").add_many(2)
    fake.attachments.add(first, "offer.pdf", b"%PDF-one")
    fake.attachments.add(first, "offer.pdf", b"%PDF-other")
    fake.attachments.add(first, "../../up.txt", b"up")
    fake.attachments.add(first, url="https://example.org/elsewhere.pdf")
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for files."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def lines_in(text: str) -> list[dict[str, Any]]:
    """Return objects that were written a line each."""
    return [json.loads(line) for line in text.splitlines()]


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when *condition* holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, without those that are hidden."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def asked(fake: FakeZoho, end: str = "", method: str = "GET") -> int:
    """Return how many calls of an org had such a path."""
    return sum(one == method and path.endswith(end) for one, path in fake.stats.requests)


def test_each_record_gets_a_folder(invoke: Invoke, fake: FakeZoho, tmp_path: Path) -> None:
    """Names are harmless, links are left out, and a record without files gets none."""
    first, second = fake.records("Leads").ids
    folder = tmp_path / "new" / "files"

    result = invoke("attachments", "download", "Leads", first, second, "--to", str(folder))

    assert result.exit_code == 0
    found = files_in(folder)
    assert {b"%PDF-one", b"%PDF-other", b"up"} == set(found.values())
    assert all(Path(name).parent == Path(first) for name in found)
    assert not (folder / second).exists()
    assert result.stdout.count("downloaded: ") == 3
    assert f"downloaded: {folder / first / 'offer (2).pdf'} (8 bytes)\n" in result.stdout
    assert "records: 2 of 2 done, " in result.stderr
    assert "3 downloaded; 0 retries, 1 token" in result.stderr


def test_a_second_run_leaves_out_what_is_there(
    invoke: Invoke, fake: FakeZoho, folder: Path
) -> None:
    """Whether it is there tells the id of each attachment, and the size of its file."""
    first, _ = fake.records("Leads").ids
    command = ("attachments", "download", "Leads", first, "--to", str(folder), "--json")

    invoke(*command)
    before = files_in(folder)
    again = invoke(*command)
    asked_again = asked(fake, first) + asked(fake, "Attachments")
    (folder / first / "offer.pdf").write_bytes(b"changed")
    fake.attachments.add(first, "new.txt", b"new")
    last = invoke(*command)

    told = lines_in(again.stdout)
    assert {"already_there"} == {line["status"] for line in told}
    assert {"kept"} == {line["kind"] for line in told}
    assert set(fake.attachments.of(first)) > {line["id"] for line in told}
    assert {line["file"] for line in told} == {str(folder / name) for name in before}
    assert 2 == asked_again
    assert {"downloaded"} == {line["status"] for line in lines_in(last.stdout)}
    assert {**before, f"{first}/new.txt": b"new"} == files_in(folder)
    assert (again.exit_code, last.exit_code) == (0, 0)


def test_a_record_that_was_interrupted_is_not_taken_for_whole(
    invoke: Invoke, fake: FakeZoho, folder: Path
) -> None:
    """Nor one whose note was cut off, or is not ours."""
    first, _ = fake.records("Leads").ids
    command = ("attachments", "download", "Leads", first, "--to", str(folder))
    invoke(*command)
    note = folder / ".aiozcrm-attachments.jsonl"
    whole = note.read_bytes()
    note.write_bytes(b"[1]\nnull\n" + b"[" * 100_000 + b"\n" + whole[: len(whole) // 2])

    cut = invoke(*command)
    Brought(folder).forget(first)
    begun = invoke(*command)
    last = invoke(*command)

    assert 3 == cut.stdout.count("downloaded: ")
    assert 3 == begun.stdout.count("downloaded: ")
    assert 3 == last.stdout.count("already there: ")


@pytest.mark.parametrize("name", [5, "a\0b", "other.pdf"])
def test_a_note_that_somebody_has_changed_proves_nothing(folder: Path, name: Any) -> None:
    """A file that cannot be looked for is not there."""
    brought = Brought(folder)
    brought.keep("1", {"7": BroughtFile(name, 3)})

    assert "1" in Brought(folder)
    assert Brought(folder).all_of("1", ["7"]) is None


def test_what_fails_is_told_and_stops_nothing_else(
    invoke: Invoke, fake: FakeZoho, folder: Path
) -> None:
    """A record that is not there, and a file whose place is taken."""
    first, _ = fake.records("Leads").ids
    (folder / first / "up.txt").mkdir(parents=True)
    other = "4150868999999999999"

    result = invoke(
        *("attachments", "download", "Leads", other, first),
        *("--to", str(folder), "--json"),
    )
    text = invoke("attachments", "download", "Leads", other, first, "--to", str(folder))

    assert (result.exit_code, text.exit_code) == (2, 2)
    told = {line["id"]: line for line in lines_in(result.stdout)}
    assert told[None]["record_id"] == other
    assert told[None]["status"] == "failed"
    assert [None] == [line["file"] for line in told.values() if line["status"] == "failed"][1:]
    assert 4 == len(told)
    assert f"failed: record {other}: " in text.stdout
    assert f" of record {first}: " in text.stdout
    assert f"{first}/offer.pdf" in files_in(folder)


def test_a_record_that_is_gone_since_is_told(invoke: Invoke, fake: FakeZoho, folder: Path) -> None:
    """Its files stay where they are."""
    first, _ = fake.records("Leads").ids
    command = ("attachments", "download", "Leads", first, "--to", str(folder))
    invoke(*command)
    fake.records("Leads").remove(first)

    result = invoke(*command)

    assert (result.exit_code, len(files_in(folder))) == (1, 3)
    assert f"failed: record {first}: " in result.stdout


def test_an_error_that_no_record_avoids_ends_an_org(
    invoke: Invoke, add_org: AddOrg, tmp_path: Path
) -> None:
    """The others go on; files of several orgs are in folders of their own."""
    fakes = {
        "acme": add_org("acme", scope="ZohoCRM.modules.leads.READ,ZohoCRM.org.READ"),
        "beta": add_org("beta"),
    }
    source = tmp_path / "ids.csv"
    rows = ["id,profile"]
    for name, fake in fakes.items():
        for own in fake.records("Leads").add_many(3):
            fake.attachments.add(own, "a.txt", name.encode())
            rows.append(f"{own},{name}")
    source.write_text("\n".join(rows))

    result = invoke(
        *("attachments", "download", "Leads", "--from", str(source), "--all-profiles"),
        *("--to", str(tmp_path / "files"), "--concurrency", "1", "--json"),
    )

    assert result.exit_code == 3
    found = files_in(tmp_path / "files")
    assert {b"beta"} == set(found.values())
    assert {"beta"} == {Path(name).parts[0] for name in found}
    told = lines_in(result.stdout)
    assert ["acme", "beta", "beta", "beta"] == sorted(line["profile"] for line in told)
    assert "profile" == next(iter(told[0]))
    assert "Error: acme: " in result.stderr
    assert "2 records not attempted." in result.stderr
    assert "beta, records: 3 of 3 done" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Leads", "--to", "files"), "There is no id"),
        (("Leads", "x", "--to", "files"), "argument 1"),
        (("Leads", "1", "--to", "taken"), "taken cannot be made a folder: File exists."),
        (("Leads", "1", "--to", "taken/below"), "taken/below cannot be made a folder: Not a"),
        (("../x", "1", "--to", "files"), "x"),
    ],
)
def test_what_cannot_be_downloaded_is_wrong_usage(
    invoke: Invoke,
    fake: FakeZoho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    """Nothing is sent."""
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("mine")

    result = invoke("attachments", "download", *arguments)

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)
    assert told in result.stderr


def test_a_folder_that_cannot_be_written_ends_the_command(
    invoke: Invoke, fake: FakeZoho, folder: Path
) -> None:
    """A file stands where the folder of a record goes."""
    first, second = fake.records("Leads").ids
    (folder / first).write_text("mine")

    result = invoke(
        *("attachments", "download", "Leads", first, second),
        *("--to", str(folder), "--concurrency", "1"),
    )

    assert result.exit_code == 1
    assert f"File exists: '{folder / first}'. 1 record not attempted." in result.stderr


def test_a_reader_that_goes_away_ends_the_command_quietly(
    invoke: Invoke, fake: FakeZoho, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``head`` does."""

    def broken(_lines: Any, _result: FileResult) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("aiozcrm.cli.files._file_lines.FileLines.write", broken)

    result = invoke(
        *("attachments", "download", "Leads", *fake.records("Leads").ids),
        *("--to", str(folder)),
    )

    assert result.exit_code == 1
    assert "Error" not in result.stderr


def test_ctrl_c_leaves_no_half_file_behind(
    terminal, invoke: Invoke, add_org: AddOrg, tmp_path: Path
) -> None:
    """What had come stays, and the next run brings the rest."""
    fake = add_org()
    (own,) = fake.records("Leads").add_many(1)
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(8 * MIB)
    fake.attachments.add(own, "big.bin", big)
    fake.attachments.add(own, "small.txt", b"small")
    fake.faults.slow = 3600.0
    # The list, the small file, and one that never ends.
    fake.faults.script(None, None, Fault.SLOW_BODY)
    folder = tmp_path / "files"
    command = ("attachments", "download", "Leads", own, "--to", str(folder), "--concurrency", "1")

    session = terminal(*command, columns=200)
    session.wait_for("small.txt")
    session.wait_for("1 downloaded")
    session.press_ctrl_c()
    code = session.end()
    fake.faults.clear()
    after = set(files_in(folder))
    rest = invoke(*command)

    assert 130 == code
    assert "records" in session.written
    assert "downloaded: " in session.written
    assert {f"{own}/small.txt"} == {name for name in after if ".part" not in name}
    assert 0 == rest.exit_code
    assert {f"{own}/small.txt", f"{own}/big.bin"} == set(files_in(folder))


@pytest.fixture
def offers(tmp_path: Path) -> list[str]:
    """Return the paths of some files."""
    paths = [tmp_path / "one.pdf", tmp_path / "two.pdf", tmp_path / "three.txt"]
    for path in paths:
        path.write_bytes(path.name.encode())
    return list(map(str, paths))


def names_of(fake: FakeZoho, record_id: str) -> list[str]:
    """Return what is attached to a record."""
    return sorted(fake.attachments.get(own).name for own in fake.attachments.of(record_id))


def test_files_are_attached_after_a_plan(
    invoke: Invoke, fake: FakeZoho, offers: list[str], tmp_path: Path
) -> None:
    """It tells the org, the record and the files; a line tells what became of each."""
    _, own = fake.records("Leads").ids
    fake.records("Leads").change(own, Last_Name="Burns")
    link = tmp_path / "link.pdf"
    link.symlink_to(offers[0])
    again = str(tmp_path / ".." / tmp_path.name / "one.pdf")
    paths = [*offers, str(link)]

    result = invoke("attachments", "upload", "Leads", own, *paths, again, "--yes")

    assert result.exit_code == 0
    assert sorted(Path(path).name for path in paths) == names_of(fake, own)
    assert "production" in result.stderr
    assert f"Record: Leads {own}, Burns\n" in result.stderr
    assert f"{offers[0]} (7 bytes)\n" in result.stderr
    assert "4 files in 1 org go." in result.stderr
    assert f"Duplicate left out: {again}\n" in result.stderr
    assert "4 files: 4 created." in result.stderr
    assert result.stdout == "".join(f"created: {path}\n" for path in paths)


def test_lines_for_programs_name_what_was_attached(
    invoke: Invoke, fake: FakeZoho, offers: list[str]
) -> None:
    """One object per line, and nothing else on stdout."""
    _, own = fake.records("Leads").ids

    result = invoke("attachments", "upload", "Leads", own, *offers, "--yes", "--json")

    told = lines_in(result.stdout)
    assert list(offers) == [line["file"] for line in told]
    assert set(fake.attachments.of(own)) == {line["id"] for line in told}
    assert ["id", "file", "status", "kind", "attempts", "error"] == list(told[0])


def test_a_dry_run_attaches_nothing(invoke: Invoke, fake: FakeZoho, offers: list[str]) -> None:
    """It shows the plan alone."""
    _, own = fake.records("Leads").ids

    result = invoke("attachments", "upload", "Leads", own, *offers, "--dry-run")

    assert (result.exit_code, result.stdout, names_of(fake, own)) == (0, "", [])
    assert "Dry run: nothing was attached." in result.stderr


def test_every_org_is_asked_for_the_record(
    invoke: Invoke, add_org: AddOrg, offers: list[str]
) -> None:
    """One that does not have it is told; each line names its org."""
    acme = add_org("acme")
    add_org("beta")
    (own,) = acme.records("Leads").add_many(1)

    result = invoke(
        *("attachments", "upload", "Leads", own, offers[0], "--yes", "--json"),
        "--all-profiles",
    )

    assert (result.exit_code, names_of(acme, own)) == (1, ["one.pdf"])
    done, failed = lines_in(result.stdout)
    assert ("acme", "created") == (done["profile"], done["status"])
    assert ("beta", "not_attempted", None) == (failed["profile"], failed["status"], failed["file"])
    assert failed["error"] in result.stderr


def test_a_record_that_is_not_there_is_told(
    invoke: Invoke, fake: FakeZoho, offers: list[str]
) -> None:
    """No file is sent."""
    result = invoke("attachments", "upload", "Leads", "4150868999999999999", *offers, "--yes")

    assert (result.exit_code, asked(fake, "Attachments", "POST")) == (1, 0)
    assert "not attempted: all files: " in result.stdout


def test_a_file_whose_answer_was_lost_is_attached_once(
    invoke: Invoke, fake: FakeZoho, offers: list[str]
) -> None:
    """The attachments of the record tell that it has arrived."""
    _, own = fake.records("Leads").ids
    # The record and the org for the plan, the org again, then the file.
    fake.faults.script(None, None, None, Fault.RESET_AFTER)

    result = invoke("attachments", "upload", "Leads", own, offers[0], "--yes", "--json")

    assert (result.exit_code, names_of(fake, own)) == (0, ["one.pdf"])
    assert fake.attachments.of(own) == [line["id"] for line in lines_in(result.stdout)]
    assert 1 == asked(fake, "Attachments", "POST")


def test_a_file_that_may_have_arrived_is_not_sent_again(
    invoke: Invoke, fake: FakeZoho, offers: list[str], tmp_path: Path
) -> None:
    """Not by a run that goes on with the journal either, which sends the rest."""
    _, own = fake.records("Leads").ids
    journal = tmp_path / "run.jsonl"
    command = ("attachments", "upload", "--json")
    fake.faults.script(None, None, None, Fault.RESET_BEFORE)

    result = invoke(
        *(*command, "Leads", own, *offers, "--yes", "--concurrency", "1"),
        *("--journal", str(journal)),
    )
    again = invoke(*command, "--resume", str(journal))

    assert (result.exit_code, again.exit_code) == (1, 1)
    assert ["three.txt", "two.pdf"] == names_of(fake, own)
    for one in (result, again):
        told = {Path(line["file"]).name: line for line in lines_in(one.stdout)}
        assert {"one.pdf": "in_doubt", "two.pdf": "created", "three.txt": "created"} == {
            name: line["status"] for name, line in told.items()
        }
        assert told["one.pdf"]["error"]
    for one in (result, again):
        assert "Resume with" not in one.stderr
        assert "In doubt: 1 file. --resume sends none of these again, since a" in one.stderr


def test_an_error_that_no_file_avoids_ends_the_upload(
    invoke: Invoke, add_org: AddOrg, offers: list[str]
) -> None:
    """The rest is not attempted."""
    fake = add_org(scope="ZohoCRM.modules.leads.READ,ZohoCRM.org.READ")
    (own,) = fake.records("Leads").add_many(1)

    result = invoke(
        *("attachments", "upload", "Leads", own, *offers, "--yes", "--json"),
        *("--concurrency", "1"),
    )

    assert result.exit_code == 3
    assert ["failed", "not_attempted", "not_attempted"] == [
        line["status"] for line in lines_in(result.stdout)
    ]
    assert 1 == asked(fake, "Attachments", "POST")


def test_a_journal_that_cannot_be_written_ends_the_upload(
    invoke: Invoke, add_org: AddOrg, offers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent by then is told, and the rest is not attempted."""
    fake = add_org()
    (own,) = fake.records("Leads").add_many(1)
    append = Lines.append

    def fail_at_outcomes(self: Lines, line: Mapping[str, Any]) -> None:
        if "status" in line:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, line)

    monkeypatch.setattr(Lines, "append", fail_at_outcomes)
    result = invoke(
        *("attachments", "upload", "Leads", own, *offers, "--yes", "--json"),
        *("--concurrency", "1"),
    )

    assert result.exit_code == 1
    first, *others = lines_in(result.stdout)
    assert "created" == first["status"]
    assert {("not_attempted", "[Errno 28] No space left on device")} == {
        (line["status"], line["error"]) for line in others
    }
    assert 1 == asked(fake, "Attachments", "POST")


def test_a_file_that_is_gone_by_then_fails_alone(
    invoke: Invoke, fake: FakeZoho, offers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are attached."""
    _, own = fake.records("Leads").ids
    monkeypatch.setattr(
        "aiozcrm.cli.runs._run.show_plans", lambda *_: Path(offers[0]).unlink(missing_ok=True)
    )

    result = invoke("attachments", "upload", "Leads", own, *offers, "--yes")

    assert (result.exit_code, names_of(fake, own)) == (1, ["three.txt", "two.pdf"])
    assert f"failed: {offers[0]}: " in result.stdout


def unreadable(folder: Path) -> dict[str, str]:
    """Make files that cannot be sent, and return why not."""
    large, empty, surrogate = folder / "large", folder / "empty", folder / "\udcff"
    with large.open("wb") as file:
        file.truncate(100 * MIB)
    empty.touch()
    surrogate.write_bytes(b"x")
    os.mkfifo(folder / "pipe")
    return {
        "large": "has 104,857,600 bytes; Zoho takes 104,856,576 at most",
        "empty": "is empty",
        "\udcff": "has a name that cannot be sent",
        "pipe": "is not a file",
        "gone": "cannot be read: No such file",
        ".": "is not a file",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files.")
def test_a_file_that_cannot_be_sent_is_an_error_before_anything_is(
    invoke: Invoke, fake: FakeZoho, offers: list[str], tmp_path: Path
) -> None:
    """Too large, empty, gone, or none at all."""
    _, own = fake.records("Leads").ids

    for name, why in unreadable(tmp_path).items():
        result = invoke("attachments", "upload", "Leads", own, *offers, str(tmp_path / name))

        assert (result.exit_code, fake.stats.api_requests) == (2, 0)
        assert why in result.stderr


@pytest.mark.parametrize("given", [(), ("Leads",), ("Leads", "1"), ("Leads", "x", "one.pdf")])
def test_module_record_and_files_have_to_be_named(
    invoke: Invoke, fake: FakeZoho, given: tuple[str, ...]
) -> None:
    """Without a journal there is nothing else that tells them."""
    result = invoke("attachments", "upload", *given)

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)


def test_a_profile_that_is_not_there_is_an_error_before_anything_is_sent(
    invoke: Invoke, fake: FakeZoho, offers: list[str]
) -> None:
    """It is one wrong name among several."""
    result = invoke(
        *("attachments", "upload", "Leads", "1", offers[0], "--yes"),
        *("-p", "default", "-p", "gone"),
    )

    assert (result.exit_code, fake.stats.api_requests) == (2, 0)


def test_a_terminal_shows_plan_question_and_lines(
    terminal, fake: FakeZoho, offers: list[str]
) -> None:
    """The number of files has to be typed."""
    _, own = fake.records("Leads").ids
    session = terminal("attachments", "upload", "Leads", own, *offers, columns=200)
    session.wait_for("Type that number to attach them: ")
    before = names_of(fake, own)
    session.type("3\n")

    assert session.end() == 0
    assert ([], ["one.pdf", "three.txt", "two.pdf"]) == (before, names_of(fake, own))
    assert "3/3" in session.written
    for path in offers:
        assert f"created: {path}" in session.written


def test_ctrl_c_leaves_every_file_accounted_for(
    terminal, invoke: Invoke, fake: FakeZoho, offers: list[str], tmp_path: Path
) -> None:
    """One that was cut off may have arrived; a resumed run sends only what was not attempted."""
    _, own = fake.records("Leads").ids
    journal = tmp_path / "run.jsonl"
    # The record and the org for the plan, the org again, a file, and one that never ends.
    fake.faults.script(None, None, None, None, Fault.HANG)
    session = terminal(
        *("attachments", "upload", "Leads", own, *offers, "--yes", "--concurrency", "1"),
        *("--journal", str(journal)),
        columns=200,
    )
    wait_until(lambda: fake.faults.injected[Fault.HANG] == 1)
    assert asked(fake, "Attachments", "POST") == 2
    session.press_ctrl_c()
    session.wait_for("Ctrl-C again stops at once.")
    session.press_ctrl_c()
    code = session.end()
    rest = invoke("attachments", "upload", "--resume", str(journal))

    assert 130 == code
    assert f"created: {offers[0]}" in session.written
    assert f"in doubt: {offers[1]}" in session.written
    assert f"not attempted: {offers[2]}" in session.written
    assert "Traceback" not in session.written
    assert (rest.exit_code, names_of(fake, own)) == (1, ["one.pdf", "three.txt"])


def test_a_terminal_shows_objects_as_they_are(terminal, fake: FakeZoho, tmp_path: Path) -> None:
    """They are not coloured or wrapped."""
    first, _ = fake.records("Leads").ids
    session = terminal(
        *("attachments", "download", "Leads", first, "--to", str(tmp_path / "files"), "--json"),
        columns=60,
    )

    assert session.end() == 0
    told = [line for line in session.written.splitlines() if '{"record_id"' in line]
    assert 3 == len(told)
    assert json.loads(told[0][told[0].index("{") :])["status"] == "downloaded"


@pytest.mark.parametrize("as_json", [True, False])
def test_lines_share_a_terminal_with_what_moves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """They go through the same console; what a terminal would act on is escaped."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = FileLines(as_json=as_json)
    lines.write(FileResult(id="7", file="\x1b[2J.txt", status="downloaded", kind="done"))

    assert not lines.console.stderr
    written = capsys.readouterr().out
    assert "\x1b[2J" not in written
    assert ("\\u001b[2J" if as_json else "downloaded: \\x1b[2J.txt") in written
