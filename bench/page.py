"""Writes the page of the documentation that shows the figures, with its plots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["write"]

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE: Final = DOCS / "explanation" / "performance.md"
IMAGES: Final = DOCS / "images"

#: What is drawn: the file's name, a scenario, and what the picture is called.
PLOTS: Final = (
    ("rates-bare", "bare, http, 0 ms, 10 at once", "Deletes per second, bare replies"),
    ("rates-zoho", "zoho, https, 0 ms, 10 at once", "Deletes per second, Zoho's headers and TLS"),
    ("rates-slow", "zoho, https, 50 ms, 100 at once", "Deletes per second, 50 ms, 100 at once"),
)
COLUMNS: Final = (
    ("rate", "per second", "{:,.0f}"),
    ("ratio", "ratio", "{:.2f}"),
    ("cpu_us", "CPU us each", "{:,.0f}"),
    ("peak_mib", "peak MiB", "{:.0f}"),
    ("stall_ms", "longest stall, ms", "{:.1f}"),
    ("connections", "connections", "{:,.0f}"),
    ("token_requests", "token requests", "{:.0f}"),
)
#: Clients that have no event loop to stand still, or no token of their own.
WITHOUT: Final = {
    "stall_ms": ("SDK loop", "SDK threads", "SDK reading", "SDK upserting"),
    "token_requests": (
        "aiohttp",
        "aiohttp again",
        "aiohttp, no jar",
        "aiohttp, reading",
        "aiohttp, reading again",
        "aiohttp, querying",
        "aiohttp, querying again",
        "aiohttp, working",
        "aiohttp, upserting",
        "aiohttp, upserting again",
        "httpx",
    ),
}


def write(results: Mapping[str, Any]) -> None:
    """Write page, plots and the raw medians."""
    IMAGES.mkdir(exist_ok=True)
    PAGE.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for name, scenario, title in PLOTS:
        draw(IMAGES / f"{name}.svg", results["scenarios"][scenario], title)
    template = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")
    PAGE.write_text(filled(template, results), encoding="utf-8")


def filled(template: str, results: Mapping[str, Any]) -> str:
    """Return the page with its figures in."""
    return template.format(
        date=results["date"],
        machine=results["machine"],
        versions=results["versions"],
        rounds=results["rounds"],
        count=f"{results['count']:,}",
        goals=table(
            ("verdict", "reached", "goal", "floor", "what", "where"),
            (
                (
                    line["verdict"],
                    f"{line['reached']:.3f}",
                    f"{line['goal']:.2f}",
                    f"{line['floor']:.2f}",
                    line["what"],
                    line["where"],
                )
                for line in results["goals"]
            ),
        ),
        limits=table(
            ("verdict", "reached", "limit", "what"),
            (
                (
                    line["verdict"],
                    f"{line['reached']:.1f} {line['unit']}".rstrip(),
                    f"{line['limit']:.1f} {line['unit']}".rstrip(),
                    line["what"],
                )
                for line in results["limits"]
            ),
        ),
        plots="\n\n".join(f"![{title}](../images/{name}.svg)" for name, _, title in PLOTS),
        imports=table(
            ("", "import, ms CPU", "distributions", "installed MiB"),
            (
                (
                    name,
                    f"{results['imports'][name]:.0f}",
                    f"{size['distributions']:.0f}",
                    f"{size['mib']:.1f}",
                )
                for name, size in results["installed"].items()
            ),
        ),
        scenarios="\n\n".join(
            f"### {name[0].upper()}{name[1:]}\n\n{scenario_table(lines)}"
            for name, lines in results["scenarios"].items()
        ),
    )


def scenario_table(lines: Mapping[str, Mapping[str, float]]) -> str:
    """Return the medians of a scenario."""
    return table(
        ("client", *(head for _, head, _ in COLUMNS)),
        (
            (
                client,
                *(
                    "" if client in WITHOUT.get(key, ()) else form.format(figures[key])
                    for key, _, form in COLUMNS
                ),
            )
            for client, figures in lines.items()
        ),
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown, with columns of figures aligned to the right."""
    heads, cells = list(head), [list(row) for row in rows]
    rules = [
        "---:" if any(column) and all(not cell or cell[0].isdigit() for cell in column) else "---"
        for column in zip(*cells, strict=True)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rules, *cells))


def draw(path: Path, lines: Mapping[str, Mapping[str, float]], title: str) -> None:
    """Draw the rates of a scenario as bars, readable on light and on dark pages."""
    from matplotlib import rcParams  # noqa: PLC0415  # it is slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    rcParams["svg.hashsalt"] = "aiozcrm"  # the same figures draw the same file
    grey = "#808080"
    names = [name for name in lines if name != "aiohttp again"][::-1]
    rates = [lines[name]["rate"] for name in names]
    colours = ["#2a7ae2" if name.startswith("aiozcrm") else grey for name in names]
    figure = Figure(figsize=(8, 0.45 * len(names) + 0.8), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh(names, rates, color=colours)
    axes.bar_label(bars, [f"{rate:,.0f}" for rate in rates], padding=4, color=grey)
    axes.set_title(title, color=grey, loc="left")
    axes.legend(
        handles=[Patch(color="#2a7ae2", label="aiozcrm"), Patch(color=grey, label="others")],
        labelcolor=grey,
        frameon=False,
        loc="lower right",
    )
    axes.tick_params(colors=grey, length=0)
    axes.set_xticks([])
    axes.margins(x=0.12)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.savefig(path, transparent=True, metadata={"Date": None})
