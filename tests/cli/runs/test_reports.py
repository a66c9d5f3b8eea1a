"""Reports: every outcome in each form, and a page that a browser can work with."""

import errno
import io
import json
import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from rich.console import Console

from aiozcrm import Outcome
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.runs._results import Failure, Report, Result, Target, TargetReport
from aiozcrm.cli.runs.reports import check_report_path, show_report, write_report
from aiozcrm.errors import ConfigurationError

HOSTILE = "</script><script>document.title='owned'</script><b>&\"'\u202e\x1b[31m"


def target(profile: str, org_name: str | None = None) -> Target:
    """Return an org."""
    return Target(
        profile=profile,
        data_center="eu",
        environment="production",
        org_id="20",
        org_name=org_name,
    )


def result(profile: str, link_id: str, name: str, status: Any, **facts: Any) -> Result:
    """Return a result."""
    kind = Outcome(link_id, status, 0).kind
    return Result(profile=profile, id=link_id, name=name, status=status, kind=kind, **facts)


@pytest.fixture
def report() -> Report:
    """Return a report of three orgs, one of which failed."""
    throttled = {"error": "No credits. Come back at 12:00.", "code": ExitCode.THROTTLED}
    return Report(
        command="links clean",
        began=datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
        targets=(
            TargetReport(
                target=target("acme", f"Acme {HOSTILE}"),
                results=(
                    result("acme", "4150868000000731010", "Zebra", "deleted", attempts=1),
                    result("acme", "999", "apple", "already_gone", attempts=12),
                    result("acme", "4150868000000731009", HOSTILE, "protected", error=HOSTILE),
                ),
            ),
            TargetReport(
                target=target("beta"),
                results=tuple(
                    result("beta", str(n), f"Link {n}", "not_attempted", **throttled)
                    for n in range(1, 6)
                ),
            ),
            TargetReport(
                target=target("gone"),
                failure=Failure(message="Rejected.", code=ExitCode.CREDENTIALS),
            ),
        ),
    )


def shown(report: Report) -> str:
    """Return what a terminal without colours shows."""
    file = io.StringIO()
    show_report(report, Console(file=file, width=100))
    return file.getvalue()


def test_shows_a_row_for_each_org(report: Report) -> None:
    """Counts by status, then each reason once with examples, then the sum."""
    lines = [" ".join(line.split()) for line in shown(report).splitlines() if line.strip()]

    assert lines[0] == "Org deleted already gone protected not attempted"
    assert lines[2:5] == ["acme 1 1 1", "beta 5", "gone"]
    assert lines[5:] == [
        "beta: 5 not attempted (1, 2, 3, ...): No credits. Come back at 12:00.",
        "gone: Rejected.",
        "8 ids: 1 deleted + 1 already gone + 1 protected + 5 not attempted.",
    ]


def test_shows_that_nothing_was_done() -> None:
    """Without any id the sum is nothing."""
    empty = Report(command="links clean", began=datetime.now(UTC), targets=())

    assert shown(empty).rstrip().endswith("0 ids: nothing.")


def test_shows_a_name_as_it_is(report: Report) -> None:
    """What a profile is called in its file is no markup, and acts on no terminal."""
    one = attrs.evolve(
        report.targets[0],
        target=attrs.evolve(report.targets[0].target, profile="[/red]\x1b[2J"),
    )

    assert "[/red]\\x1b[2J" in shown(attrs.evolve(report, targets=(one,)))


def test_the_worst_end_counts(report: Report) -> None:
    """The exit code is that of what can least be mended by waiting; Ctrl-C is told above all."""
    assert report.exit_code is ExitCode.CREDENTIALS
    assert report.counts.unfinished == 5
    assert attrs.evolve(report, interrupted=True).exit_code is ExitCode.INTERRUPTED
    assert attrs.evolve(report, targets=report.targets[:1]).exit_code is ExitCode.DONE


def test_writes_a_line_for_each_outcome(report: Report, tmp_path: Path) -> None:
    """JSON Lines hold everything, ids as text; an org that failed has a line, too."""
    path = tmp_path / "report.jsonl"
    write_report(report, path)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert [line["id"] for line in lines][:3] == [
        "4150868000000731010",
        "999",
        "4150868000000731009",
    ]
    assert lines[2] == {
        "profile": "acme",
        "id": "4150868000000731009",
        "name": HOSTILE,
        "status": "protected",
        "kind": "kept",
        "attempts": 0,
        "error": HOSTILE,
    }
    assert lines[-1] == {
        "profile": "gone",
        "id": None,
        "name": None,
        "status": "not_attempted",
        "kind": "not_attempted",
        "attempts": 0,
        "error": "Rejected.",
    }


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html", "nowhere/report.html", "d.html"])
def test_refuses_a_report_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    """Of what form it is, the name says; the folder has to be there."""
    (tmp_path / "d.html").mkdir()

    with pytest.raises(ConfigurationError, match="cannot be written"):
        check_report_path(tmp_path / name)


def test_no_report_destroys_what_a_run_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under whatever name: neither the journal, nor the ids, nor the journal of another run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.jsonl").symlink_to("run.jsonl")
    ids, other = tmp_path / "ids.jsonl", tmp_path / "other.jsonl"
    ids.write_text("7\n", "utf-8")
    (tmp_path / "hard.jsonl").hardlink_to(ids)
    other.write_text('{"aiozcrm_journal": 1, "version": "0.1.0"}\n', "utf-8")

    def check(name: str) -> None:
        check_report_path(Path(name), journal=Path("run.jsonl"), source=ids)

    for name in ("run.jsonl", "link.jsonl", str(tmp_path / "run.jsonl")):
        with pytest.raises(ConfigurationError, match="is the journal"):
            check(name)
    for name in ("ids.jsonl", "../" + tmp_path.name + "/ids.jsonl", "hard.jsonl"):
        with pytest.raises(ConfigurationError, match="is the file of the ids"):
            check(name)
    with pytest.raises(ConfigurationError, match="is the journal of another run"):
        check("other.jsonl")
    check("report.jsonl")


def test_no_report_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    """Where it leads to, nobody may have expected a report."""
    (tmp_path / "report.html").symlink_to(tmp_path / "precious.html")

    with pytest.raises(ConfigurationError, match="is a symbolic link"):
        check_report_path(tmp_path / "report.html")


def test_an_earlier_report_is_replaced_in_one_step(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the new one cannot be completed, the earlier one stays, and nothing else is left."""
    path = tmp_path / "report.html"
    path.write_text("earlier", "utf-8")
    path.chmod(0o644)
    check_report_path(path)

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space left"):
            write_report(report, path)
    assert path.read_text("utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [path]

    write_report(report, path)
    assert "Zebra" in path.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_thousand_failures_with_one_reason_are_one_line(report: Report) -> None:
    """Ids, moments and numbers of attempts make no difference; other reasons are told."""
    message = "DELETE /links/{0} took {0} ms, was sent {1} times. Come back at 12:00:{2}."
    errors = [message.format(n, n % 7, 10 + n % 50) for n in range(100, 1100)]
    results = [
        result("acme", str(n), "", "failed", error=error)
        for n, error in enumerate(errors, start=100)
    ]
    results.append(result("acme", "7", "", "failed", error="DELETE /links/7 was answered 500"))
    one = TargetReport(target=target("acme"), results=tuple(results))

    lines = shown(attrs.evolve(report, targets=(one,))).splitlines()

    reasons = [line for line in lines if line.startswith("acme: ")]
    assert reasons == [
        "acme: 1000 failed (100, 101, 102, ...): " + message.format("ID", 2, 10),
        "acme: 1 failed (7): DELETE /links/7 was answered 500",
    ]


def test_not_all_of_many_reasons_are_listed(report: Report) -> None:
    """The most frequent ones are; the report has them all."""
    words = [chr(ord("a") + n // 26) + chr(ord("a") + n % 26) for n in range(300)]
    results = [result("acme", str(n), "", "failed", error=word) for n, word in enumerate(words)]
    results.append(result("acme", "999", "", "failed", error="zz"))
    results.append(result("acme", "998", "", "failed", error="zz"))
    one = TargetReport(target=target("acme"), results=tuple(results))

    told = shown(attrs.evolve(report, targets=(one,)))

    assert "acme: 2 failed (999, 998): zz" in told
    assert "289 more reasons for 289 ids: --report lists them." in told
    assert len(told.splitlines()) < 24


def test_a_page_needs_nothing_from_elsewhere(report: Report, tmp_path: Path) -> None:
    """No address, no other file; whatever came from outside is escaped."""
    path = tmp_path / "report.html"
    write_report(report, path)
    page = path.read_text("utf-8")

    assert not re.search(r"(src|href|url)\s*[=(]", page.replace("script-src", ""))
    assert "http:" not in page
    assert "https:" not in page
    assert "document.title='owned'</script>" not in page


def test_a_page_says_how_it_ended(report: Report, tmp_path: Path) -> None:
    """What is left, and whether it was interrupted, stands at the top; nothing has no picture."""
    path = tmp_path / "report.html"
    write_report(attrs.evolve(report, interrupted=True), path)

    assert (
        "8 ids in 3 orgs. 5 of them are not finished. The run was interrupted." in path.read_text()
    )

    write_report(attrs.evolve(report, targets=report.targets[2:]), path)

    assert "0 ids in 1 org. All of them are finished." in path.read_text()
    assert "<figure>" not in path.read_text()


@pytest.fixture
def page(report: Report, tmp_path: Path, browser: Any) -> Any:
    """Return a browser that shows the page."""
    path = tmp_path / "report.html"
    write_report(report, path)
    browser.get_log("browser")  # what other pages complained of is read away
    browser.get(path.as_uri())
    return browser


def column(page: Any, number: int) -> list[str]:
    """Return a column of the rows that are shown."""
    rows = page.find_elements("css selector", "#table tbody tr")
    return [
        row.find_elements("css selector", "td")[number].text for row in rows if row.is_displayed()
    ]


def click(page: Any, name: str) -> str:
    """Click a head, and return how the column is sorted then."""
    heads = page.find_elements("css selector", "#table th")
    (head,) = (head for head in heads if head.text == name)
    head.find_element("css selector", "button").click()
    return str(head.get_attribute("aria-sort"))


def test_a_page_shows_everything(page: Any) -> None:
    """The picture says its numbers; nothing hostile runs, and nothing goes wrong."""
    picture = page.find_element("css selector", "svg.sum")

    assert page.title == "aiozcrm links clean, 2026-11-20 12:30 UTC"
    assert picture.get_attribute("aria-label") == (
        "1 deleted, 1 already gone, 1 protected, 5 not attempted"
    )
    assert len(column(page, 0)) == 8
    assert "8 of 8 shown" in page.page_source
    assert "Rejected." in page.find_element("css selector", "main").text
    assert page.get_log("browser") == []


def test_a_click_on_a_head_sorts(page: Any) -> None:
    """Up, then down; ids and numbers by their value, names without case."""
    assert click(page, "Id") == "ascending"
    assert column(page, 1) == [
        *("1", "2", "3", "4", "5", "999"),
        *("4150868000000731009", "4150868000000731010"),
    ]
    assert click(page, "Id") == "descending"
    assert column(page, 1)[0] == "4150868000000731010"
    assert click(page, "Sends") == "ascending"
    assert column(page, 4)[-2:] == ["1", "12"]
    assert click(page, "Name") == "ascending"
    assert column(page, 2)[1:3] == ["apple", "Link 1"]


def test_typing_searches(page: Any) -> None:
    """What does not hold the words is hidden, and how many are left is said."""
    box = page.find_element("css selector", "#search")
    box.send_keys("ALREADY")

    assert column(page, 1) == ["999"]
    assert page.find_element("css selector", "#shown").text == "1 of 8 shown"

    box.clear()
    box.send_keys("nothing like this")

    assert column(page, 1) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_by_day_and_by_night(page: Any, scheme: str) -> None:
    """Every status keeps a contrast of 4.5 to its ground, as WCAG asks of text."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    inks = page.execute_script(
        "return ['body', '.deleted', '.already_gone', '.protected', '.failed', '.in_doubt',"
        "'.not_attempted', 'footer'].map((one) => { const e = document.createElement('span');"
        "e.className = one.slice(1); if (one[0] !== '.') return "
        "getComputedStyle(document.querySelector(one)).color;"
        "document.body.append(e); return getComputedStyle(e).color; })"
    )

    assert (luminance(ground) > 0.5) == (scheme == "light")
    assert [ink for ink in inks if contrast(ink, ground) < 4.5] == []


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
