"""A report as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from aiozcrm import __version__
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.runs._counts import meaning_of
from aiozcrm.cli.runs._results import Report, Result, TargetReport

__all__ = ["report_page"]

#: The size of the picture, in units of its own.
_WIDTH: Final = 800
_HEIGHT: Final = 28

_COLUMNS: Final = ("Profile", "Id", "Name", "Outcome", "Sends", "Why")


def report_page(report: Report) -> Iterator[str]:
    """Yield *report* as parts of a page of HTML, with whatever came from elsewhere escaped."""
    style, script = _part("page.css"), _part("page.js")
    title = escape(f"aiozcrm {report.command}, {report.began:%Y-%m-%d %H:%M %Z}")
    # Even if something slipped through, a browser would run nothing but our own script.
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    heads = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{column}</button></th>'
        for column in _COLUMNS
    )
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{escape(_summary(report))}</p>
</header>
<main>
{_picture(report)}
{_orgs(report)}
<section>
<h2 id="outcomes">Outcomes</h2>
<p class="search"><label for="search">Search</label>
<input id="search" type="search" autocomplete="off">
<span id="shown" role="status"></span></p>
<div class="scroll"><table id="table" aria-labelledby="outcomes">
<thead><tr>{heads}</tr></thead>
<tbody>
"""
    yield from map(_row, report.results)
    yield f"""</tbody></table></div>
</section>
</main>
<footer>Written by aiozcrm {__version__}.</footer>
<script>{script}</script>
</body>
</html>
"""


@cache
def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _summary(report: Report) -> str:
    done = "All of them are finished."
    if unfinished := report.counts.unfinished:
        done = f"{unfinished} of them are not finished."
    stopped = " The run was interrupted." if report.interrupted else ""
    ids = plural(report.counts.total, report.counted)
    return f"{ids} in {plural(len(report.targets), 'org')}. {done}{stopped}"


def _picture(report: Report) -> str:
    """Return a bar, of which each status has a part as wide as its share of the ids."""
    if not report.counts.total:
        return ""
    parts, begin = [], 0.0
    for found in report.counts:
        width = _WIDTH * found.number / report.counts.total
        parts.append(
            f'<rect class="{found.kind}" x="{begin:.2f}" y="0" width="{width:.2f}" '
            f'height="{_HEIGHT}"><title>{escape(str(found))}</title></rect>'
        )
        begin += width
    legend = "".join(
        f'<li><svg class="key" viewBox="0 0 1 1" aria-hidden="true">'
        f'<rect class="{found.kind}" width="1" height="1"/></svg> '
        f"<strong>{found.number}</strong> {escape(in_words(found.status))}: "
        f"{escape(meaning_of(found.status, found.kind))}</li>"
        for found in report.counts
    )
    return f"""<figure>
<svg class="sum" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img"
 aria-label="{escape(str(report.counts))}">{"".join(parts)}</svg>
<figcaption><ul class="legend">{legend}</ul></figcaption>
</figure>"""


def _orgs(report: Report) -> str:
    rows = "\n".join(map(_org_row, report.targets))
    return f"""<section>
<h2 id="orgs">Orgs</h2>
<div class="scroll"><table aria-labelledby="orgs">
<thead><tr><th scope="col">Profile</th><th scope="col">Org</th><th scope="col">Environment</th>
<th scope="col">Data centre</th><th scope="col">Outcomes</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>
</section>"""


def _org_row(report: TargetReport) -> str:
    target, outcomes = report.target, str(report.counts)
    if report.failure:
        outcomes = f"{outcomes}{'; ' if outcomes else ''}{report.failure.message}"
    cells = (target.org_name or "", target.environment, target.data_center, outcomes)
    data = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(target.profile)}</th>{data}</tr>'


def _row(result: Result) -> str:
    own = f"{result.id}: {result.record_id}" if result.record_id else result.id
    cells = (result.profile, own, result.name or "")
    first = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    status = escape(in_words(result.status))
    return (
        f'<tr>{first}<td><span class="status {result.kind}">{status}</span></td>'
        f"<td>{result.attempts}</td><td>{escape(result.error or '')}</td></tr>\n"
    )
