"""The examples of README and quick start, run as they stand there."""

import ast
import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from aiozcrm.testing import FakeZoho

PROJECT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/quickstart.md")
BLOCKS = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", (PROJECT / page).read_text(encoding="utf-8"), re.DOTALL),
    )
]


@pytest.mark.parametrize("block", [b for b in BLOCKS if "asyncio.run(" in b.values[0]])
async def test_a_program_of_the_documentation_runs_as_it_stands(block):
    """Pasted into a file, with the variables of a local Zoho, it ends well."""
    async with FakeZoho(links=5) as fake:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            block,
            env={**os.environ, **fake.environ()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()

    assert (0, b"") == (process.returncode, errors)
    assert output
    assert 1 == fake.stats.token_requests


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_python(block):
    """What is not a whole program is at least well formed."""
    assert ast.parse(block).body


async def test_the_test_of_the_readme_passes():
    """The example of a user's own test does what it says."""
    (example,) = [b.values[0] for b in BLOCKS if "async def test_" in b.values[0]]
    names = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102  # our own words
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    await test()


def test_every_promise_names_a_test_that_exists():
    """The table of promises is not older than the tests."""
    promised = set(re.findall(r"`(test_\w+)`", (PROJECT / "README.md").read_text(encoding="utf-8")))
    files = (PROJECT / "tests").rglob("test_*.py")
    written = set(re.findall(r"def (test_\w+)", "".join(f.read_text("utf-8") for f in files)))

    assert len(promised) > 10
    assert set() == promised - written
