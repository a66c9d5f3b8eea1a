"""The pictures of the command line."""

import html
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
IMAGES = DOCS / "images"

#: What shows a command in a terminal, by the picture that it makes.
PICTURES = {
    "clean-up-plan.svg": "clean_up_plan",
    "clean-up-progress.svg": "clean_up_progress",
    "clean-up-report.svg": "clean_up_report",
    "export.svg": "export",
    "notifications-watch.svg": "watch",
    "query.svg": "query",
    "records-clean.svg": "clean_records",
    "records-upsert.svg": "upsert",
    "sync.svg": "sync",
}


@pytest.fixture
def make_screenshots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The program that makes the pictures, which puts them into a folder of the test."""
    monkeypatch.syspath_prepend(str(DOCS))
    import _terminal_pictures  # noqa: PLC0415  # docs are no package
    import make_screenshots  # noqa: PLC0415  # likewise

    monkeypatch.setattr(_terminal_pictures, "IMAGES", tmp_path)
    yield make_screenshots
    for name in ("make_screenshots", "_terminal_pictures"):
        del sys.modules[name]


def shown_in(picture: Path) -> str:
    """Return the text of a picture, whichever version of rich has laid it out."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", "", picture.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


@pytest.mark.system
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_what_the_command_shows(
    make_screenshots, name: str, tmp_path: Path
) -> None:
    """It is as ``python docs/make_screenshots.py`` leaves it."""
    getattr(make_screenshots, PICTURES[name])()

    assert shown_in(tmp_path / name) == shown_in(IMAGES / name)


def test_every_picture_has_a_place_and_a_text_that_says_what_it_shows() -> None:
    """And every place a picture."""
    pages = "".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    named = dict(re.findall(r"!\[([^\]]{20,})\]\(\.\./images/([^)]+)\)", pages))
    drawn = set(re.findall(r":file: \.\./images/(\S+)", pages))

    assert {*named.values(), *drawn} == {path.name for path in IMAGES.iterdir()}
