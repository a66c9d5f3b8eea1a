"""Makes the pictures of the command line in ``docs/images``.

Run it after a change to how the command line looks: ``python docs/make_screenshots.py``. It
needs chromium for the picture of the page, and a local Zoho for the rest.
"""

import asyncio
import contextlib
import io
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import typer
from rich._export_format import CONSOLE_SVG_FORMAT

from aiozcrm import Clock, Outcome, ZohoCRM
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.links._links_plan import DELETE, Criteria, Inventory, plan_unused
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.cli.runs._display import LiveDisplay, SteadyConsole, Tally
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Failure, Report, Result, Target, TargetReport
from aiozcrm.cli.runs._run import Run
from aiozcrm.cli.runs._run_options import RunOptions
from aiozcrm.cli.runs.reports import show_report, write_report
from aiozcrm.testing import FakeZoho, RegisteredClient

IMAGES: Final = Path(__file__).parent / "images"
BEGAN: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

# Rich would let the browser fetch a font from elsewhere.
_SVG: Final = re.sub(r"@font-face \{\{.*?\n    \}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

_NAMES: Final = ("Newsletter", "Spring sale 2024", "Test 1", "Test 2", "Webinar")


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    plan()
    progress()
    report()


def plan() -> None:
    """Show the plan for two orgs."""
    console = new_console(96)
    with tempfile.TemporaryDirectory() as folder, fakes() as start:
        profiles = Profiles(config_folder=Path(folder, "c"), state_folder=Path(folder, "s"))
        for name in ("acme", "acme-sandbox"):
            environment = "sandbox" if "sandbox" in name else "production"
            clock = Clock(wall=lambda: BEGAN.timestamp() - 86400 * 400)
            fake = start(clock=clock, environment=environment)
            links = [fake.unsubscribe_links.add(link) for link in _NAMES]
            fake.unsubscribe_links.add_association(links[0], "Monthly news")
            credentials = attrs.evolve(fake.credentials(), data_center="eu")
            profiles.save(Profile(name=name, credentials=credentials), place="file")
        run = Run(
            command="links clean",
            verb=DELETE,
            settings={},
            options=RunOptions(dry_run=True),
            profiles=profiles,
            console=console,
        )
        criteria = Criteria(created_before=BEGAN, name="*t*")

        async def plan(zoho: ZohoCRM, target: Target, _: Sequence[str]) -> OrgPlan:
            return plan_unused(await Inventory.read(zoho, target), criteria)

        with contextlib.suppress(typer.Exit):
            run.carry_out({"acme": (), "acme-sandbox": ()}, plan)
    save(console, "clean-up-plan.svg", "aiozcrm links clean --name '*t*' --all-profiles --dry-run")


def progress() -> None:
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


def report() -> None:
    """Show the page, and the table of the same run."""
    made = example_report()
    console = new_console(110)
    show_report(made, console)
    save(console, "clean-up-report.svg", "aiozcrm links clean --all-profiles")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no browser: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        write_report(made, page)
        subprocess.run(  # noqa: S603  # the system's browser, with a page of our own
            [
                chromium,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--disable-quic", "--no-first-run", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync"),
                f"--user-data-dir={folder}/profile",
                "--window-size=1100,1010",
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


def new_console(width: int) -> SteadyConsole:
    """Return a console that remembers what it shows."""
    return SteadyConsole(
        record=True,
        width=width,
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        file=io.StringIO(),
    )


def save(console: SteadyConsole, name: str, title: str) -> None:
    """Write what a console has shown."""
    svg = console.export_svg(title=title, code_format=_SVG, unique_id="terminal")
    (IMAGES / name).write_text(svg + "\n", "utf-8")


@contextlib.contextmanager
def fakes() -> Iterator[Callable[..., FakeZoho]]:
    """Yield what starts a local Zoho, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started: list[FakeZoho] = []

    def wait_for(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)

    def start(**options: Any) -> FakeZoho:
        fake = FakeZoho(client=RegisteredClient(id=f"1000.CLIENT{len(started)}"), **options)
        wait_for(fake.start())
        started.append(fake)
        return fake

    yield start
    for fake in started:
        wait_for(fake.close())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


if __name__ == "__main__":
    main()
