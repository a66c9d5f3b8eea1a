"""Makes the pictures of the command line in ``docs/images``.

Run it after a change to how the command line looks: ``python docs/make_screenshots.py``. It
needs what the tests need, and chromium for the picture of the page. Most commands run in a
terminal, against a local Zoho; what differs each time, such as how long it took, is replaced.
"""

import contextlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from _terminal_pictures import BEGAN, IMAGES, Home, new_console, save

from aiozcrm import Clock, Outcome
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.runs._display import LiveDisplay, Tally
from aiozcrm.cli.runs._results import Failure, Report, Result, Target, TargetReport
from aiozcrm.cli.runs.reports import show_report, write_report
from aiozcrm.testing import FakeZoho, RegisteredClient

_LINKS: Final = ("Newsletter", "Spring sale 2024", "Test 1", "Test 2", "Webinar")

_GUESTS: Final = ("Ames", "Burns", "Clark", "Dahl", "Evans")
_CITIES: Final = ("Delft", "Gouda", "Leiden")


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    clean_up_plan()
    clean_up_progress()
    clean_up_report()
    clean_up_page()
    upsert()
    export()
    clean_records()
    sync()
    query()
    watch()


@contextlib.contextmanager
def home(columns: int = 100, **options: Any) -> Iterator[tuple[Home, FakeZoho]]:
    """Yield the home folder of somebody who has one org, and that org."""
    with tempfile.TemporaryDirectory() as folder, FakeZoho(**options) as fake:
        made = Home(folder=Path(folder), columns=columns)
        made.add_profile(fake)
        yield made, fake


def clean_up_plan() -> None:
    """Show the plan for two orgs."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as fakes:
        made = Home(folder=Path(folder))
        for name, environment in (("acme", "production"), ("acme-sandbox", "sandbox")):
            long_ago = Clock(wall=lambda: BEGAN.timestamp() - 86400 * 400)
            client = RegisteredClient(id=f"1000.CLIENT-{name}")
            fake = FakeZoho(clock=long_ago, environment=environment, client=client)
            fakes.enter_context(fake)
            links = [fake.unsubscribe_links.add(link) for link in _LINKS]
            fake.unsubscribe_links.add_association(links[0], "Monthly news")
            made.add_profile(fake, name)
        line = "aiozcrm links clean --name '*t*' --all-profiles --dry-run"
        made.picture("clean-up-plan.svg", line, made.run(line))


def upsert() -> None:
    """Show the plan of an upsert, and its report with a row that Zoho rejects."""
    with home() as (made, fake):
        fake.records("Contacts").add(Last_Name="Ames", Email="ames1@example.org")
        rows = [f"{name},{name.lower()}{n}@example.org" for n in range(1, 51) for name in _GUESTS]
        made.add_file("contacts.csv", ["Last_Name,Email", *rows, "Nobody,no address"])
        line = (
            "aiozcrm records upsert Contacts --from contacts.csv "
            "--duplicate-check-fields Email --report done.csv"
        )
        shown = made.run(line, ("Type that number to upsert them: ", "251\n"))
        made.picture("records-upsert.svg", line, shown)


def export() -> None:
    """Show the plan of an export, and how it ends."""
    with home() as (made, fake):
        fake.records("Leads").add_many(12_000)
        line = "aiozcrm export Leads --to leads.csv --fields Last_Name,Email,City"
        shown = made.run(line, ("Type that number to export them: ", "12000\n"))
        made.picture("export.svg", line, shown)


def clean_records() -> None:
    """Show which records a condition selects."""
    with home() as (made, fake):
        for name in _GUESTS:
            fake.records("Leads").add(Last_Name=name, Lead_Status="Junk Lead")
        line = "aiozcrm records clean Leads --where \"Lead_Status = 'Junk Lead'\" --dry-run"
        made.picture("records-clean.svg", line, made.run(line))


def sync() -> None:
    """Show that the first run reads everything, and the second what has changed."""
    moments = [BEGAN - timedelta(days=1)]

    def now() -> float:
        return moments[-1].timestamp()

    with home(columns=72, clock=Clock(wall=now)) as (made, fake):
        leads, contacts = fake.records("Leads"), fake.records("Contacts")
        leads.add_many(1_200)
        contacts.add_many(450)
        line = "aiozcrm sync Leads Contacts --to crm.db"
        moments.append(BEGAN)
        first = made.run(line)
        moments.append(BEGAN + timedelta(hours=1))
        leads.change(leads.ids[0], City="Delft")
        leads.remove(leads.ids[1])
        contacts.add(Last_Name="Evans")
        shown = (f"$ {line}", first, f"$ {line}", made.run(line))
        made.picture("sync.svg", "aiozcrm sync", *shown)


def query() -> None:
    """Show a table of rows."""
    with home() as (made, fake):
        for number, name in enumerate(_GUESTS):
            email, city = f"{name.lower()}@example.org", _CITIES[number % len(_CITIES)]
            fake.records("Leads").add(Last_Name=name, Email=email, City=city)
        line = "aiozcrm query \"select Last_Name, Email, City from Leads where City != 'Gouda'\""
        made.picture("query.svg", line, made.run(line))


def watch() -> None:
    """Show notifications as they come."""
    with home() as (made, fake), socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        leads = fake.records("Leads")
        shown = made.run(
            "aiozcrm notifications watch Leads.create Leads.edit "
            f"--url http://127.0.0.1:{port}/ --port {port}",
            ("Ctrl-C ends it.", lambda: leads.add(Last_Name="Evans", City="Delft")),
            ("Leads insert: ", lambda: leads.change(leads.ids[0], City="Gouda")),
            ("Leads update: ", "\x03"),
        )
        # There is no tunnel here, so Zoho sends to this machine.
        line = (
            "aiozcrm notifications watch Leads.create Leads.edit "
            "--url https://tunnel.example.com/ --port 8080"
        )
        made.picture("notifications-watch.svg", line, shown)


def clean_up_progress() -> None:
    """Show three orgs on their way."""
    console = new_console(130)
    tallies = []
    for name, total, counts in (
        ("acme", 9, {"deleted": 6, "protected": 1}),
        ("acme-sandbox", 8, {"deleted": 4, "already_gone": 1}),
        ("bindery", 10, {"deleted": 10}),
    ):
        now = iter((0.0, *[3.2] * 20))
        tally = Tally(name=name, total=total, limit=5, clock=lambda now=now: next(now))
        for status, count in counts.items():
            for _ in range(count):
                tally.counts.note(Outcome("1", status, 1))
        tallies.append(tally)
    tallies[1].retries = 2
    tallies[0].tokens = 1
    tallies[1].limit = 2
    console.print(LiveDisplay(console, *tallies).render())
    save(console, "clean-up-progress.svg", "aiozcrm links clean --all-profiles")


def clean_up_report() -> None:
    """Show the table at the end of a run."""
    console = new_console(120)
    show_report(example_report(), console)
    save(console, "clean-up-report.svg", "aiozcrm links clean --all-profiles")


def clean_up_page() -> None:
    """Show the page of the same run."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no browser: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        write_report(example_report(), page)
        subprocess.run(  # noqa: S603  # the system's browser, with a page of our own
            [
                chromium,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--disable-quic", "--no-first-run", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync"),
                f"--user-data-dir={folder}/profile",
                "--window-size=1100,1060",
                f"--screenshot={IMAGES / 'clean-up-page.png'}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


def example_report() -> Report:
    """Return what became of three orgs."""
    throttled = Failure(
        message="No API credits left for today. Come back at 09:12:00, in 23 h 42 min.",
        code=ExitCode.THROTTLED,
    )

    def results(profile: str, *found: tuple[str, str, int, Failure | None]) -> TargetReport:
        return TargetReport(
            target=Target(
                profile=profile,
                data_center="eu",
                environment="sandbox" if "sandbox" in profile else "production",
                org_name="Oldenkamp Bindery" if profile == "bindery" else "Acme Ltd.",
            ),
            results=tuple(
                Result(
                    profile=profile,
                    id=str(4150868000000731002 + number),
                    name=name,
                    status=status,
                    kind=Outcome("", status, 0).kind,  # type: ignore[arg-type]  # written out below
                    attempts=attempts,
                    error=why.message if why else None,
                    code=why.code if why else ExitCode.DONE,
                )
                for number, (name, status, attempts, why) in enumerate(found)
            ),
        )

    used = Failure(message="Link is used by Monthly news (email_templates).", code=ExitCode.DONE)
    return Report(
        command="links clean",
        began=BEGAN,
        targets=(
            results(
                "acme",
                ("Spring sale 2024", "deleted", 1, None),
                ("Test 1", "deleted", 1, None),
                ("Test 2", "already_gone", 2, None),
                ("Webinar", "protected", 0, used),
            ),
            results(
                "acme-sandbox",
                ("Test 1", "deleted", 1, None),
                ("Test 2", "deleted", 3, None),
            ),
            results(
                "bindery",
                ("Autumn fair", "deleted", 1, None),
                ("Old footer", "failed", 1, throttled),
                ("Test", "not_attempted", 0, throttled),
            ),
        ),
    )


if __name__ == "__main__":
    main()
