"""The journal: nothing that is known is ever lost, and nothing that is damaged is believed."""

import contextlib
import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aiozcrm import Outcome
from aiozcrm.cli.runs._journal import Journal, Order, check_journal_path
from aiozcrm.cli.runs._results import Assignment, Result, Subject, Target
from aiozcrm.errors import ConfigurationError

ORDER = Order(
    command="links delete",
    options={"protect_used": True},
    began=datetime(2026, 11, 20, 12, tzinfo=UTC),
    assignments=(
        Assignment(
            target=Target(
                profile="acme",
                data_center="eu",
                environment="production",
                org_id="20",
                org_name="Acme",
            ),
            subjects=(Subject(id="1", name="One"), Subject(id="2"), Subject(id="3")),
        ),
    ),
)


def result(link_id: str, status: str, **facts) -> Result:
    """Return a result of the one profile."""
    kind = Outcome(link_id, status, 0).kind
    return Result(profile="acme", id=link_id, status=status, kind=kind, **{"name": None, **facts})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the journal is going to be."""
    return tmp_path / "journal.jsonl"


def lines_of(path: Path) -> list[dict]:
    """Return what the file holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_begins_with_the_order(path: Path) -> None:
    """Before anything is done, what is to be done is in the file, for its owner only."""
    with Journal.create(path, ORDER):
        (order,) = lines_of(path)

    assert order["aiozcrm_journal"] == 1
    assert order["command"] == "links delete"
    assert [subject["id"] for subject in order["assignments"][0]["subjects"]] == ["1", "2", "3"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_remembers_what_is_settled_and_what_is_in_doubt(path: Path) -> None:
    """What has an outcome is done; what was begun may be done; the rest was not sent."""
    with Journal.create(path, ORDER, [result("3", "protected", error="kept")]) as journal:
        assert journal.settled == {("acme", "3"): result("3", "protected", error="kept")}
        journal.begin("acme", "1")
        journal.begin("acme", "2")
        await journal.keep(result("1", "deleted", attempts=2))

    with Journal.reopen(path) as journal:
        assert journal.order == ORDER
        assert journal.doubtful == {("acme", "2")}
        assert journal.settled == {
            ("acme", "1"): result("1", "deleted", name="One", attempts=2),
            ("acme", "3"): result("3", "protected", error="kept"),
        }


@pytest.mark.parametrize(
    ("statuses", "doubtful"),
    [
        (["in_doubt"], True),
        (["in_doubt", "in_doubt"], True),
        (["in_doubt", "already_gone"], False),
        (["failed"], False),
        (["not_attempted"], False),
    ],
)
async def test_doubts_last_until_they_are_settled(path, statuses, doubtful) -> None:
    """An outcome in doubt stays so over any number of runs."""
    with Journal.create(path, ORDER) as journal:
        journal.begin("acme", "1")
    for status in statuses:
        with Journal.reopen(path) as journal:
            journal.begin("acme", "1")
            await journal.keep(result("1", status))

    with Journal.reopen(path) as journal:
        assert doubtful == (("acme", "1") in journal.doubtful)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_of_something_else_is_no_journal(path: Path, mode) -> None:
    """That is said before anything about who can read it, and nothing is left beside it."""
    path.write_text('{"row": 1, "status": "created"}\n', "utf-8")
    path.chmod(mode)

    with (
        pytest.raises(ConfigurationError, match=r"journal\.jsonl is not a journal of aiozcrm\."),
        Journal.reopen(path),
    ):
        pass

    assert ['{"row": 1, "status": "created"}'] == path.read_text("utf-8").splitlines()
    assert [path] == list(path.parent.glob("*.jsonl*"))


def test_takes_a_torn_last_line_as_not_written(path: Path) -> None:
    """A run that was killed in the middle of a line is resumed, and the line is cut off."""
    with Journal.create(path, ORDER) as journal:
        journal.begin("acme", "1")
    with path.open("ab") as file:
        file.write(b'{"profile": "acme", "id": "1", "sta')

    for _ in range(2):
        with Journal.reopen(path) as journal:
            assert journal.doubtful == {("acme", "1")}
            assert journal.settled == {}

    assert [next(iter(line)) for line in lines_of(path)] == [
        "aiozcrm_journal",
        "begin",
        "resumed",
        "resumed",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        '"text"',
        "\xff",
        '{"profile": "acme", "id": "1", "sta{"profile": "acme"}',
        "{}",
        '{"begin": "1", "profile": "other"}',
        '{"begin": ["1"], "profile": "acme"}',
        '{"id": "9", "profile": "acme", "status": "deleted", "attempts": 1, "error": null}',
        '{"id": "1", "profile": "acme", "status": "eaten", "attempts": 1, "error": null}',
        '{"id": "1", "profile": "acme", "status": "deleted", "attempts": "x", "error": null}',
    ],
)
def test_refuses_a_damaged_line(path: Path, line: str) -> None:
    """A line in the middle that makes no sense is an error that says where, and changes nothing."""
    with Journal.create(path, ORDER):
        pass
    with path.open("ab") as file:
        file.write(line.encode("latin-1") + b'\n{"resumed": "x"}\n')
    before = path.read_bytes()

    with (
        pytest.raises(ConfigurationError, match=r"line 2, cannot be understood"),
        Journal.reopen(path),
    ):
        pass
    assert before == path.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"aiozcrm_journal": 2},
        {"aiozcrm_journal": None},
        {"command": 5},
        {"options": 5},
        {"began": "yesterday"},
        {"assignments": [{"target": {"profile": "acme"}, "subjects": []}]},
        {"assignments": [{"subjects": []}]},
    ],
)
def test_refuses_another_format(path: Path, changes: dict) -> None:
    """A file of another version, or of something else, is not guessed at."""
    with Journal.create(path, ORDER):
        (order,) = lines_of(path)
    path.write_text(json.dumps({**order, **changes}) + "\n", "utf-8")

    with (
        pytest.raises(ConfigurationError, match=r"line 1, cannot be understood"),
        Journal.reopen(path),
    ):
        pass


def test_refuses_ids_that_are_numbers(path: Path) -> None:
    """An id in a journal is text, so that nothing ever rounds it."""
    with Journal.create(path, ORDER):
        (order,) = lines_of(path)
    order["assignments"][0]["subjects"][0]["id"] = 1
    path.write_text(json.dumps(order) + "\n", "utf-8")

    with (
        pytest.raises(ConfigurationError, match=r"line 1, cannot be understood"),
        Journal.reopen(path),
    ):
        pass


@pytest.mark.parametrize("content", ["", '{"aiozcrm_jour'])
def test_says_that_nothing_was_sent(path: Path, content: str) -> None:
    """Without a whole order, the run ended before it began."""
    path.write_text(content)
    path.chmod(0o600)

    with (
        pytest.raises(ConfigurationError, match="ended before anything was sent"),
        Journal.reopen(path),
    ):
        pass


def test_refuses_what_is_not_there(path: Path) -> None:
    """A path that was mistyped makes no file."""
    with pytest.raises(ConfigurationError, match="There is no journal"), Journal.reopen(path):
        pass

    assert list(path.parent.iterdir()) == []


def test_a_home_that_nobody_has_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a shell, it is left as it is."""
    monkeypatch.chdir(tmp_path)

    with (
        pytest.raises(ConfigurationError, match="There is no journal"),
        Journal.reopen(Path("~nobody-of-that-name/journal")),
    ):
        pass


def test_refuses_what_others_can_write(path: Path) -> None:
    """What a journal orders is deleted, so nobody else may change it."""
    with Journal.create(path, ORDER):
        pass
    path.chmod(0o666)

    with pytest.raises(ConfigurationError, match="Others can use"), Journal.reopen(path):
        pass


def test_never_overwrites_a_file(path: Path) -> None:
    """A file that exists is somebody's, perhaps a journal."""
    path.write_text("mine")

    with pytest.raises(ConfigurationError, match="exists already"), Journal.create(path, ORDER):
        pass
    assert path.read_text() == "mine"


@pytest.mark.system
def test_serves_one_run_at_a_time(path: Path) -> None:
    """Another process that wants to go on with the same run is refused, and later is not."""
    program = (
        "import sys; from pathlib import Path\n"
        "from aiozcrm.cli.runs._journal import Journal\n"
        "with Journal.reopen(Path(sys.argv[1])): pass"
    )
    command = [sys.executable, "-c", program, str(path)]

    def reopen_elsewhere() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603

    with Journal.create(path, ORDER):
        refused = reopen_elsewhere()

    assert "Another run is writing to" in refused.stderr
    assert reopen_elsewhere().returncode == 0


def test_serves_one_run_of_this_process_at_a_time(path: Path) -> None:
    """It makes no difference where the other run is."""
    with (
        Journal.create(path, ORDER),
        pytest.raises(ConfigurationError, match="Another run"),
        Journal.reopen(path),
    ):
        pass


async def test_writes_nothing_after_half_a_line(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk tears the last line, and no other."""
    write: Callable[..., int] = os.write

    def write_little(descriptor: int, data: bytes) -> int:
        if len(data) <= 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:10])

    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(Journal.create(path, ORDER))
        monkeypatch.setattr(os, "write", write_little)
        with pytest.raises(OSError, match="No space"):
            journal.begin("acme", "1")
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            await journal.keep(result("1", "deleted"))

    with Journal.reopen(path) as journal:
        assert journal.settled == {}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Only Linux has this file system.")
def test_a_place_that_is_for_no_files_is_not_taken_for_a_journal_in_use() -> None:
    """No lock can be made there, which looks like one that is held."""
    with (
        pytest.raises(ConfigurationError, match="no lock can be made beside it"),
        Journal.create(Path("/proc/journal"), ORDER),
    ):
        pass


@pytest.mark.parametrize("new_folder", [True, False])
def test_a_place_where_nothing_can_be_written_is_known_beforehand(
    new_folder, tmp_path: Path
) -> None:
    """Whether its folder would be made or has to be there."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="cannot be written: Not a directory"):
        check_journal_path(tmp_path / "file" / "journal", new_folder=new_folder)
    with pytest.raises(ConfigurationError, match="exists already"):
        check_journal_path(tmp_path / "file", new_folder=new_folder)
    assert ["file"] == [entry.name for entry in tmp_path.iterdir()]


def test_a_folder_is_made_only_where_that_is_meant(tmp_path: Path) -> None:
    """A mistyped folder is an error."""
    path = tmp_path / "new" / "folder" / "journal"

    check_journal_path(path, new_folder=True)
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        check_journal_path(path, new_folder=False)

    assert [] == list(tmp_path.iterdir())
