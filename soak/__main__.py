"""Calls by the hundred thousand, with every fault there is, and an account of each.

Exits with 1 if anything was lost, and says with which seed to repeat it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Processes that the soak starts itself, by the dozen, load no more than they need.
if sys.argv[1:2] == ["serve"]:
    from server import serve

    asyncio.run(serve(Path(sys.argv[2])))
    sys.exit()
if sys.argv[1:2] == ["work"]:
    from worker import work

    asyncio.run(work())
    sys.exit()

from matrix import matrix
from phases import ALTERNATING, PHASES
from rounds import soak

#: What the page about reliability shows.
_FIGURES = Path(__file__).parents[1] / "docs" / "explanation" / "reliability.json"


def main() -> None:
    """Run a soak and print what it came to."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="0 runs one round, and all of it"
    )
    parser.add_argument("--seed", type=int, default=20, help="decides what is left to chance")
    parser.add_argument("--size", type=int, default=3000, help="calls of a usual phase")
    parser.add_argument("--phases", nargs="+", choices=PHASES, help="only these, and nothing else")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument(
        "--write",
        action="store_true",
        help="put all figures, and what each fault does to each kind of call, into the "
        "documentation",
    )
    wanted = parser.parse_args()
    chosen = {name: PHASES[name] for name in wanted.phases or ()}
    summary = asyncio.run(
        soak(
            minutes=wanted.minutes,
            seed=wanted.seed,
            size=wanted.size,
            first=chosen or PHASES,
            phases=chosen or ALTERNATING,
        ),
    )
    print(*summary.lines(), sep="\n")
    if wanted.json:
        _write(wanted.json, summary.to_json())
    if wanted.write:
        _write(_FIGURES, {**summary.to_json(), "matrix": asyncio.run(matrix())})
    sys.exit(1 if summary.complaints else 0)


def _write(path: Path, figures: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


main()
