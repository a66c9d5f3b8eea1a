"""Calls by the hundred thousand, with every fault there is, and an account of each.

Exits with 1 if anything was lost, and says with which seed to repeat it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from phases import ALTERNATING, PHASES
from rounds import soak
from server import serve
from worker import work

# Processes that the soak starts itself.
if sys.argv[1:2] == ["serve"]:
    asyncio.run(serve(Path(sys.argv[2])))
    sys.exit()
if sys.argv[1:2] == ["work"]:
    asyncio.run(work())
    sys.exit()


def main() -> None:
    """Run a soak and print what it came to."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="0 runs one round of phases")
    parser.add_argument("--seed", type=int, default=20, help="decides what is left to chance")
    parser.add_argument("--size", type=int, default=3000, help="calls of a usual phase")
    parser.add_argument("--phases", nargs="+", choices=PHASES, help="only these, and nothing else")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    wanted = parser.parse_args()
    summary = asyncio.run(
        soak(
            minutes=wanted.minutes,
            seed=wanted.seed,
            size=wanted.size,
            phases={name: PHASES[name] for name in wanted.phases} if wanted.phases else ALTERNATING,
        ),
    )
    print(*summary.lines(), sep="\n")
    if wanted.json:
        wanted.json.write_text(json.dumps(summary.to_json(), indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if summary.complaints else 0)


main()
