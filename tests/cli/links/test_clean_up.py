"""``links delete`` and ``links clean``: what they plan, refuse, do and say."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import Result

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.links._links_plan import DELETE
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._plan_view import confirm, show_plans
from aiozcrm.cli.runs._plans import OrgPlan, PlannedItem
from aiozcrm.cli.runs._results import Target
from aiozcrm.testing import Clock, FakeZoho, Fault, Limits

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]


@pytest.fixture
def report_of(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Return what reads the report at ``report.jsonl``."""
    path = tmp_path / "report.jsonl"
    return lambda: [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def report_path(tmp_path: Path) -> str:
    """Return where the report goes."""
    return str(tmp_path / "report.jsonl")


def statuses(report: list[dict[str, Any]]) -> dict[str, str]:
    """Return the status of each id."""
    return {line["id"]: line["status"] for line in report}


def test_deletes_what_was_named(invoke, add_org, report_path, report_of) -> None:
    """The plan tells what goes and what stays; every id is in the report."""
    fake = add_org(links=3)
    default, first, second, third = fake.unsubscribe_links.ids
    fake.unsubscribe_links.add_association(second, "Welcome")

    result = invoke(
        *("links", "delete", default, first, second, "99", first),
        *("--protect-used", "--yes", "--report", report_path),
    )

    assert (result.exit_code, fake.unsubscribe_links.ids) == (0, [default, second, third])
    assert "default (Oldenkamp Bindery, production, data centre us)" in result.stdout
    assert "stays: the Default link, which Zoho keeps" in result.stdout
    assert "stays: used by Welcome (email_templates)" in result.stdout
    assert "unknown: not in this org" in result.stdout
    assert "1 link in 1 org goes." in result.stdout
    assert "4 ids: 1 deleted + 2 protected + 1 not found." in result.stdout
    assert "Resume with" not in result.stdout
    assert result.stderr == f"1 duplicate left out: {first} (argument 5)\n"
    assert statuses(report_of()) == {
        default: "protected",
        first: "deleted",
        second: "protected",
        "99": "not_found",
    }


def test_deletes_what_is_used_unless_told_otherwise(invoke, add_org) -> None:
    """A use is shown, and is no obstacle."""
    fake = add_org(links=1)
    link = fake.unsubscribe_links.ids[1]
    fake.unsubscribe_links.add_association(link, "Welcome")

    result = invoke("links", "delete", link, "--yes")

    assert (result.exit_code, fake.stats.effects) == (0, {link: 1})
    assert "goes: although used by Welcome (email_templates)" in result.stdout


def test_a_dry_run_deletes_nothing(invoke, add_org) -> None:
    """It stops after the plan, and needs nobody to agree."""
    fake = add_org(links=1)

    result = invoke("links", "delete", fake.unsubscribe_links.ids[1], "--dry-run")

    assert (result.exit_code, fake.stats.effects) == (0, {})
    assert result.stdout.endswith("1 link in 1 org goes.\nDry run: nothing was deleted.\n")


def test_a_dry_run_says_that_it_reports_nothing(invoke, add_org, report_path) -> None:
    """A report tells of what was done."""
    add_org(links=1)

    result = invoke("links", "clean", "--dry-run", "--report", report_path)

    assert result.stdout.endswith("Dry run: nothing was deleted, so there is no report.\n")
    assert not Path(report_path).exists()


def test_nothing_to_delete_is_fine(invoke, add_org, report_path, report_of, profiles) -> None:
    """It says so; what was named is in the report all the same."""
    add_org()

    result = invoke("links", "delete", "99", "--report", report_path)

    assert result.exit_code == 0
    assert "There is nothing to delete." in result.stdout
    assert statuses(report_of()) == {"99": "not_found"}
    assert not profiles.journals.exists()


def test_deletes_nothing_where_nobody_can_agree(invoke, add_org) -> None:
    """Without a terminal and without --yes, nothing happens."""
    fake = add_org(links=1)

    result = invoke("links", "delete", fake.unsubscribe_links.ids[1])

    assert (result.exit_code, fake.stats.effects) == (2, {})
    assert "Give --yes to go on without." in result.stderr


def test_takes_ids_for_several_orgs(invoke, add_org, tmp_path, report_path, report_of) -> None:
    """A file says which link belongs to which profile."""
    a, b = add_org("a", links=2), add_org("b", links=2)
    source = tmp_path / "ids.csv"
    source.write_text(
        f"profile,link\na,{a.unsubscribe_links.ids[1]}\nb,{b.unsubscribe_links.ids[2]}\nb,77\n",
        "utf-8",
    )

    result = invoke(
        *("links", "delete", "--from", str(source), "--column", "link"),
        *("--yes", "--report", report_path),
    )

    assert result.exit_code == 0
    assert "2 links in 2 orgs go." in result.stdout
    assert [(line["profile"], line["status"]) for line in report_of()] == [
        ("a", "deleted"),
        ("b", "deleted"),
        ("b", "not_found"),
    ]
    assert (len(a.unsubscribe_links.ids), len(b.unsubscribe_links.ids)) == (2, 2)


def test_an_id_is_one_however_it_is_given(invoke, add_org, tmp_path) -> None:
    """With a profile beside it or without."""
    fake = add_org("a", links=1)
    link = fake.unsubscribe_links.ids[1]
    source = tmp_path / "ids.csv"
    source.write_text(f"profile,id\na,{link}\n", "utf-8")

    result = invoke("links", "delete", link, "--from", str(source), "--profile", "a", "--yes")

    assert "1 link in 1 org goes." in result.stdout
    assert f"1 duplicate left out: {link} ({source}, line 2)" in result.stderr


def test_takes_ids_for_all_profiles_if_they_say_whose_they_are(invoke, add_org, tmp_path) -> None:
    """With --all-profiles an org without ids is left alone."""
    a, b = add_org("a", links=1), add_org("b", links=1)
    source = tmp_path / "ids.jsonl"
    source.write_text(json.dumps({"id": a.unsubscribe_links.ids[1], "profile": "a"}), "utf-8")

    result = invoke("links", "delete", "--from", str(source), "--all-profiles", "--yes")

    assert result.exit_code == 0
    assert (len(a.unsubscribe_links.ids), b.stats.token_requests) == (1, 0)


@pytest.mark.parametrize(
    ("options", "lines", "message"),
    [
        ((), "", "ids is empty."),
        (("--profile", "a", "--profile", "b"), "7", "nothing says which org 7 belongs to"),
        (("--all-profiles",), "7", "nothing says which org 7 belongs to"),
        (("--profile", "a"), '{"id": 7, "profile": "b"}', "profile 'b' is not among those"),
        ((), '{"id": 7, "profile": "c"}', "There is no profile 'c'; known: a, b"),
        (("--profile", "c"), "7", "There is no profile 'c'; known: a, b"),
        (("--profile", "a", "--all-profiles"), "7", "not both"),
        (("--profile", "a"), "7x", "line 1: '7x' is not an id"),
        (("--profile", "a", "--report", "x.pdf"), "7", "cannot be written as x.pdf"),
        (("--profile", "a", "--report", "nowhere/x.html"), "7", "cannot be written"),
        (("--profile", "a", "--journal", "ids"), "7", "ids exists already"),
        (("--profile", "a", "--journal", "x.jsonl", "--report", "x.jsonl"), "7", "is the journal"),
        (("--profile", "a", "--resume", "x"), "7", "--resume takes no ids"),
    ],
)
def test_refuses_before_anything_is_sent(
    options, lines, message, invoke, add_org, tmp_path, monkeypatch
) -> None:
    """What is wrong with the arguments or the file is told, and no request is made."""
    a, b = add_org("a"), add_org("b")
    monkeypatch.chdir(tmp_path)
    Path("ids").write_text(lines, "utf-8")

    result = invoke("links", "delete", "--from", "ids", "--yes", *options)

    assert result.exit_code == 2
    assert message in result.stderr
    assert (a.stats.token_requests, b.stats.token_requests) == (0, 0)


def test_cleans_what_nothing_uses(invoke, add_org) -> None:
    """The Default link and what is used stay."""
    fake = add_org(links=3)
    default, first, *_ = fake.unsubscribe_links.ids
    fake.unsubscribe_links.add_association(first, "Welcome")

    result = invoke("links", "clean", "--yes")

    assert (result.exit_code, fake.unsubscribe_links.ids) == (0, [default, first])
    assert "2 ids: 2 deleted." in result.stdout


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--older-than", "1h"), ["Default", "Test one", "other"]),
        (("--older-than", "0d", "--name", "test*"), ["Default", "other"]),
        (("--created-by", "mira oldenkamp"), ["Default"]),
        (("--created-by", "4150868000000225013"), ["Default"]),
        (("--created-by", "mira@bindery.example"), ["Default", "Test one", "other"]),
    ],
)
def test_cleans_what_is_meant(options, left, invoke, add_org) -> None:
    """Age, name and creator narrow it down."""
    # Links are made in the fake's past.
    fake = add_org(clock=Clock(wall=lambda: 1_000_000_000.0))
    if options[1] == "1h":
        fake = add_org(clock=Clock(wall=lambda: 32_503_680_000.0))
    fake.unsubscribe_links.add("Test one")
    fake.unsubscribe_links.add("other")

    result = invoke("links", "clean", "--yes", *options)

    assert result.exit_code == 0, result.output
    assert left == [fake.unsubscribe_links.get(link)["name"] for link in fake.unsubscribe_links.ids]


@pytest.mark.parametrize("age", ["90", "d", "-1d", "1.5d", "90m", "99999d"])
def test_refuses_an_age_without_sense(age, invoke) -> None:
    """A number and a unit, or an explanation."""
    result = invoke("links", "clean", "--older-than", age)

    assert result.exit_code == 2
    assert "36h, 90d or 12w" in result.stderr


def test_keeps_what_is_put_to_use_meanwhile(invoke, add_org, monkeypatch) -> None:
    """Between plan and deletion the world may change."""
    fake = add_org(links=2)
    first, second = fake.unsubscribe_links.ids[1:]
    # Asking is what happens in between.
    monkeypatch.setattr(
        "aiozcrm.cli.runs._run.confirm",
        lambda *_: fake.unsubscribe_links.add_association(first, "Welcome"),
    )

    result = invoke("links", "clean")

    assert (result.exit_code, fake.stats.effects) == (0, {second: 1})
    assert "2 ids: 1 deleted + 1 protected." in result.stdout


def test_cleans_many_orgs(invoke, add_org, report_path, report_of) -> None:
    """Orgs that fail are told, stop no other, and decide on the exit code."""
    good, revoked, empty = (add_org(name, links=n) for name, n in (("a", 2), ("b", 2), ("c", 0)))
    revoked.revoke_refresh_token()

    result = invoke("links", "clean", "--all-profiles", "--yes", "--report", report_path)

    assert result.exit_code == 3
    assert "Error: b: " in result.stderr
    assert "2 links in 1 org go." in result.stdout
    assert "a: 2 of 2 done" in result.stdout
    assert len(good.unsubscribe_links.ids) == len(empty.unsubscribe_links.ids) == 1
    assert len(revoked.unsubscribe_links.ids) == 3
    assert [(line["profile"], line["status"]) for line in report_of()] == [
        ("a", "deleted"),
        ("a", "deleted"),
        ("b", "not_attempted"),
    ]


def test_an_org_that_fails_is_told_even_if_nothing_else_is_to_be_done(invoke, add_org) -> None:
    """The exit code of a dry run, and of a run without work, says so, too."""
    add_org("a").revoke_refresh_token()
    add_org("b")

    assert invoke("links", "clean", "--all-profiles", "--dry-run").exit_code == 3
    assert invoke("links", "clean", "--all-profiles").exit_code == 3


def test_a_profile_that_is_broken_stops_no_other(invoke, add_org, profiles: Profiles) -> None:
    """With --all-profiles, one without its secrets is only one that fails."""
    add_org("a")
    fake = add_org("b", links=1)
    secrets = profiles.path.with_name("secrets.json")
    secrets.write_text(json.dumps({"b": json.loads(secrets.read_text())["b"]}))

    result = invoke("links", "clean", "--all-profiles", "--yes")

    assert result.exit_code == 2
    assert "Error: a: The secrets of profile 'a' are gone." in result.stderr
    assert len(fake.unsubscribe_links.ids) == 1


def test_needs_no_right_to_read_the_org(invoke, add_org) -> None:
    """Without it the plan lacks a name, and that is all."""
    fake = add_org(links=1, scope="ZohoCRM.settings.unsubscribe.ALL")

    result = invoke("links", "clean", "--yes")

    assert (result.exit_code, len(fake.unsubscribe_links.ids)) == (0, 1)
    assert "default (production, data centre us)" in result.stdout


def test_starts_no_more_workers_than_there_are_links(invoke, add_org, monkeypatch) -> None:
    """A number that somebody took for infinite costs nothing."""
    add_org(links=2)
    used = []
    usual = ZohoCRM.delete_unsubscribe_links

    async def delete(zoho, ids, **options: Any) -> Any:
        used.append(options["concurrency"])
        return await usual(zoho, ids, **options)

    monkeypatch.setattr(ZohoCRM, "delete_unsubscribe_links", delete)

    assert invoke("links", "clean", "--yes", "--concurrency", "1000000").exit_code == 0
    assert used == [2]


def test_plans_nothing_where_the_org_cannot_be_told(invoke, add_org) -> None:
    """Only a right that is missing excuses that: otherwise no later check would be possible."""
    fake = add_org(links=1)
    # Longer than any call waits.
    fake.faults.retry_after = "86400"
    fake.faults.script(None, None, Fault.TOO_MANY_RETRY_AFTER)

    result = invoke("links", "clean", "--yes")

    assert result.exit_code == ExitCode.THROTTLED
    assert fake.stats.effects == {}
    fake.faults.clear()


def test_a_report_that_cannot_be_written_is_told(invoke, add_org, tmp_path, monkeypatch) -> None:
    """Also where nothing had to be done."""
    add_org()
    disk = tmp_path / "disk"
    disk.mkdir()

    def plan(plans, *_) -> None:
        disk.rmdir()

    monkeypatch.setattr("aiozcrm.cli.runs._run.show_plans", plan)
    result = invoke("links", "delete", "99", "--report", str(disk / "report.jsonl"))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: [Errno 2] No such file or directory")


def test_ctrl_c_ends_a_command_at_any_moment(invoke, add_org, monkeypatch) -> None:
    """While a plan is printed, for example: a word, and the exit code that shells expect."""
    fake = add_org(links=1)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aiozcrm.cli.runs._run.show_plans", interrupt)
    result = invoke("links", "clean", "--yes")

    assert (result.exit_code, result.stderr) == (130, "Error: interrupted.\n")
    assert fake.stats.effects == {}


def test_tells_how_to_resume_only_what_the_journal_holds(invoke, add_org, tmp_path) -> None:
    """An org that could not be planned for is not in it: resumed, it would be left out."""
    a, b = add_org("a", links=1), add_org("b", links=1)
    b.revoke_refresh_token()
    source = tmp_path / "ids.csv"
    source.write_text(
        f"profile,id\na,{a.unsubscribe_links.ids[1]}\nb,{b.unsubscribe_links.ids[1]}\n", "utf-8"
    )

    result = invoke("links", "delete", "--from", str(source), "--yes")

    assert result.exit_code == 3
    assert "2 ids: 1 deleted + 1 not attempted." in result.stdout
    assert "Resume with" not in result.stdout


@pytest.mark.parametrize("options", [("--dry-run",), ("--yes",)])
def test_behind_an_error_nothing_sounds_as_if_all_were_well(invoke, add_org, options) -> None:
    """Neither that there is nothing to do, nor that it was a dry run."""
    add_org().revoke_refresh_token()

    result = invoke("links", "clean", *options)

    assert result.exit_code == 3
    assert result.stderr.startswith("Error: default: ")
    assert "othing" not in result.stdout


def test_what_it_says_can_be_pasted(invoke, add_org, tmp_path) -> None:
    """A path with a space is quoted."""
    add_org(links=3, limits=Limits(credits=6))
    journal = tmp_path / "my journal"

    result = invoke("links", "clean", "--yes", "--concurrency", "1", "--journal", str(journal))

    assert f"Resume with: aiozcrm links clean --resume '{journal}'\n" in result.stdout


@pytest.mark.parametrize("columns", ["20", "79", "80"])
def test_a_plan_is_shown_whole(columns, invoke, add_org, monkeypatch) -> None:
    """However narrow a terminal is, nobody agrees to what was cut off."""
    fake = add_org(links=1)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")

    result = invoke("links", "clean", "--dry-run")

    assert all(link in result.stdout for link in fake.unsubscribe_links.ids)
    assert "goes" in result.stdout


def test_a_long_plan_ends_with_the_orgs_that_it_is_about(invoke, add_org) -> None:
    """In a terminal of 24 lines the heads of its tables have scrolled away."""
    for name, links in (("a", 30), ("b", 40)):
        add_org(name, links=links)

    result = invoke("links", "clean", "--all-profiles", "--dry-run")

    assert result.stdout.splitlines()[-4:] == [
        "a (Oldenkamp Bindery, production, data centre us): 30 links",
        "b (Oldenkamp Bindery, production, data centre us): 40 links",
        "70 links in 2 orgs go.",
        "Dry run: nothing was deleted.",
    ]


def test_only_some_of_many_orgs_are_named_again() -> None:
    """So that the last lines fit into a terminal."""
    console = Console(file=io.StringIO(), width=80)
    item = PlannedItem(id="1", name="", fate="goes")
    plans = [
        OrgPlan(
            target=Target(profile=f"p{n}", data_center="us", environment="sandbox"), items=(item,)
        )
        for n in range(20)
    ]

    show_plans(plans, DELETE, console)
    lines = console.file.getvalue().splitlines()

    assert lines[-2:] == ["and 8 more orgs", "20 links in 20 orgs go."]
    assert lines[-3].startswith("p11 (sandbox")


def test_many_ids_that_an_org_does_not_have_are_counted() -> None:
    """A few are shown as examples."""
    console = Console(file=io.StringIO(), width=80)
    target = Target(profile="p", data_center="us", environment="sandbox")

    show_plans([OrgPlan(target=target, named=tuple(map(str, range(30))))], DELETE, console)
    lines = console.file.getvalue().splitlines()

    assert lines[-1] == "  and 20 more ids unknown: not in this org."
    assert sum("unknown: not in this org" in line for line in lines[:-1]) == 10


@pytest.mark.system
def test_a_long_plan_loses_nothing() -> None:
    """It takes several tables, since one of thousands of rows takes much memory."""
    console = Console(file=io.StringIO(), width=80)
    items = tuple(PlannedItem(id=str(n), name="", fate="goes") for n in range(1001))
    target = Target(profile="p", data_center="us", environment="sandbox")

    show_plans([OrgPlan(target=target, items=items)], DELETE, console)
    rows = [line for line in console.file.getvalue().splitlines() if line.rstrip().endswith("goes")]

    assert [row.split()[0] for row in rows] == [item.id for item in items]


@pytest.mark.parametrize("name", ["[/x] [bold]y[/bold]", "\x1b[2J\x1b]0;owned\x07", "\u202e\ud800"])
def test_names_from_the_server_act_on_no_terminal(name, invoke, add_org, tmp_path) -> None:
    """Neither as markup nor as an escape: in the plan, in the report, and in what went wrong."""
    fake = add_org(links=0)
    fake.unsubscribe_links.add(name)
    report = tmp_path / "report.html"

    plan = invoke("links", "clean", "--dry-run")
    listed = invoke("links", "list")
    result = invoke("links", "clean", "--yes", "--report", str(report))

    shown = name.encode("unicode_escape").decode() if "[/x]" not in name else name
    assert (0, 0, 0) == (plan.exit_code, listed.exit_code, result.exit_code)
    assert shown in plan.stdout
    assert shown in listed.stdout
    assert not any(char in plan.stdout + listed.stdout + result.stdout for char in "\x1b\x07\u202e")


def test_tells_when_to_come_back(invoke, add_org, report_path, report_of) -> None:
    """Without credits the rest is not attempted, and the run can be resumed."""
    # Links, associations and org for the plan; org and associations before the deletion.
    fake = add_org(links=3, limits=Limits(credits=6))

    result = invoke("links", "clean", "--yes", "--concurrency", "1", "--report", report_path)
    journal = result.stdout.partition("Journal: ")[2].splitlines()[0]

    assert result.exit_code == 4
    assert "1 failed" in result.stdout
    assert "credits" in result.stdout
    assert f"Resume with: aiozcrm links clean --resume {journal}\n" in result.stdout
    assert sorted(statuses(report_of()).values()) == ["deleted", "failed", "not_attempted"]

    fake.credits = None
    result = invoke("links", "clean", "--resume", journal, "--report", report_path)

    assert result.exit_code == 0
    assert "3 ids: 3 deleted." in result.stdout
    assert set(statuses(report_of()).values()) == {"deleted"}
    assert set(fake.stats.effects.values()) == {1}


@pytest.fixture
def stopped(invoke, add_org, tmp_path) -> tuple[FakeZoho, Path]:
    """Return the journal of a run that was killed before the last outcome was known."""
    fake = add_org(links=2)
    journal = tmp_path / "journal.jsonl"
    assert invoke("links", "clean", "--yes", "--journal", str(journal)).exit_code == 0
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]), "utf-8")
    return fake, journal


def test_settles_what_was_in_doubt(invoke, stopped) -> None:
    """A link that was on its way when the run was killed is found gone, which is a success."""
    fake, journal = stopped

    result = invoke("links", "delete", "--resume", str(journal))

    assert result.exit_code == 0
    assert "2 ids: 1 deleted + 1 already gone." in result.stdout
    assert list(fake.stats.effects.values()) == [1, 1]


@pytest.mark.parametrize("change", [('"20087312"', '"999"'), ('"production"', '"sandbox"')])
def test_resumes_in_no_other_org(change, invoke, stopped) -> None:
    """A profile that leads elsewhere now is refused, and nothing is sent there."""
    fake, journal = stopped
    journal.write_text(journal.read_text("utf-8").replace(*change), "utf-8")
    attempts = fake.stats.attempts.total()

    result = invoke("links", "clean", "--resume", str(journal))

    assert result.exit_code == 2
    assert "leads to another org" in result.stdout
    assert "1 in doubt" in result.stdout
    assert fake.stats.attempts.total() == attempts


def test_resumes_no_run_of_another_group_of_commands(invoke, stopped) -> None:
    """Its ids are those of other things."""
    _, journal = stopped
    journal.write_text(journal.read_text("utf-8").replace("links clean", "tags delete"), "utf-8")

    result = invoke("links", "clean", "--resume", str(journal))

    assert result.exit_code == 2
    assert f"Resume it with: aiozcrm tags delete --resume {journal}" in result.stderr


def test_says_what_no_journal_is(invoke, tmp_path) -> None:
    """A file that is something else is refused in a sentence."""
    path = tmp_path / "ids.txt"
    path.write_text("7\n")
    path.chmod(0o600)

    result = invoke("links", "clean", "--resume", str(path))

    assert result.exit_code == 2
    assert f"{path} is not a journal of aiozcrm." in result.stderr


def test_an_age_is_no_part_of_a_resumed_run(invoke) -> None:
    """What the journal says is not said again."""
    result = invoke("links", "clean", "--resume", "x", "--older-than", "1d")

    assert result.exit_code == 2
    assert "--resume takes no" in result.stderr


class Keyboard(io.StringIO):
    """A terminal somebody types into."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Undecodable(Keyboard):
    """A terminal with other letters than the system's."""

    def readline(self, *_: Any) -> str:
        """Fail as text does that is none."""
        return b"\xff".decode()


class CtrlC(Keyboard):
    """A terminal somebody interrupts."""

    def readline(self, *_: Any) -> str:
        """Do so."""
        raise KeyboardInterrupt


def test_takes_the_number_for_a_yes(capsys) -> None:
    """The right number is enough; into a file, nothing is asked."""
    file = io.StringIO()
    confirm(12, DELETE, Console(file=file), answers=Keyboard(" 12\n"))

    assert file.getvalue() == ""
    assert capsys.readouterr().err == "Type that number to delete them: "

    screen = Keyboard()
    confirm(12, DELETE, Console(file=screen), answers=Keyboard("12\n"))

    assert "Type that number to delete them: " in screen.getvalue()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("keyboard", "code"),
    [
        (Keyboard("11\n"), ExitCode.USAGE),
        (Keyboard("y\n"), ExitCode.USAGE),
        (Keyboard(""), ExitCode.USAGE),
        (Undecodable(), ExitCode.USAGE),
        (CtrlC(), ExitCode.INTERRUPTED),
        (io.StringIO("12\n"), ExitCode.USAGE),
    ],
)
def test_takes_anything_else_for_a_no(keyboard, code, capsys) -> None:
    """Another number, a word, nothing, Ctrl-C or a file: nothing was deleted."""
    with pytest.raises(typer.Exit) as end:
        confirm(12, DELETE, Console(file=io.StringIO()), answers=keyboard)

    assert end.value.exit_code == code
    assert "nothing was deleted" in capsys.readouterr().err
