"""Fills the page about reliability with the figures of the latest soak."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_PAGE = "explanation/reliability"
_FIGURES = Path(__file__).with_name("explanation") / "reliability.json"


def setup(sphinx: Sphinx) -> dict[str, bool]:
    """Fill the page when Sphinx reads it."""
    sphinx.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(sphinx: Sphinx, page: str, source: list[str]) -> None:
    if page == _PAGE:
        sphinx.env.note_dependency(str(_FIGURES))
        source[0] = filled(source[0], json.loads(_FIGURES.read_text(encoding="utf-8")))


def filled(text: str, figures: Mapping[str, Any]) -> str:
    """Return the page with its comments replaced by what they name."""
    totals = figures["totals"]
    places = {
        "run": _run(figures),
        "phases": _phases(figures["phases"]),
        "matrix": _matrix(figures["matrix"]),
        "outcomes": _counts("outcome", totals["outcomes"]),
        "faults": _counts("fault", totals["faults"]),
        "events": _counts("event", totals["events"]),
    }
    for place, lines in places.items():
        mark = f"<!-- {place} -->"
        if mark not in text:
            raise ValueError(f"{_PAGE} has no {mark}")
        text = text.replace(mark, "\n".join(lines))
    return text


def _run(figures: Mapping[str, Any]) -> Iterator[str]:
    totals = figures["totals"]
    versions = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    memory = ", ".join(f"{mebibytes:.0f}" for mebibytes in figures["memory"])
    yield "| | |"
    yield "| --- | --- |"
    yield f"| date | {figures['date']} |"
    yield f"| versions | {versions} |"
    yield f"| seed | {figures['seed']}, with `--size {figures['size']}` |"
    yield f"| time | {figures['seconds'] / 60:.1f} minutes, {figures['rounds']} rounds |"
    yield f"| calls | {figures['calls']:,} |"
    yield f"| requests | {totals['events']['requests']:,} |"
    yield f"| rows of records, many to a call | {figures['rows']:,} |"
    yield f"| faults injected | {sum(totals['faults'].values()):,} |"
    yield f"| links removed by the server | {totals['removed']:,} |"
    yield f"| links created by calls | {totals['created']:,} |"
    yield f"| in doubt | {figures['in_doubt']:,} |"
    yield f"| tokens made | {totals['events'].get('tokens made', 0):,} |"
    yield f"| requests for tokens | {totals['asks']:,} |"
    yield f"| of which were refused as too many | {totals['refused_asks']:,} |"
    yield f"| restarts of the server | {totals['restarts']} |"
    yield f"| processes of clients killed | {totals['outcomes'].get('processes killed', 0)} |"
    yield f"| records of the log searched for secrets | {figures['records']:,} |"
    yield f"| memory after each round, in MiB | {memory} |"
    yield f"| its growth from the second round on, in MiB | {figures['growth']} |"
    yield f"| longest time without the end of a request | {figures['stall']:.1f} seconds |"
    yield f"| **lost** | **{len(figures['complaints']) or 'nothing'}** |"


def _phases(phases: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "| what goes wrong | times | calls | rows | faults | requests for tokens |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for phase in phases:
        numbers = (phase[name] for name in ("times", "calls", "rows", "faults", "asks"))
        yield f"| {phase['about']} | {' | '.join(f'{number:,}' for number in numbers)} |"


def _matrix(rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    kinds = list(next(iter(rows.values())))
    yield f"| fault | {' | '.join(kinds)} |"
    yield f"| --- |{' --- |' * len(kinds)}"
    for fault, words in rows.items():
        yield f"| `{fault}` | {' | '.join(words[kind] for kind in kinds)} |"


def _counts(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield f"| {title} | times |"
    yield "| --- | ---: |"
    for name, number in sorted(counts.items(), key=lambda item: -item[1]):
        yield f"| {name} | {number:,} |"
